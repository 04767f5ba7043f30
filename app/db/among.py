"""``among(column, keys)``: that a key is one of many.

On PostgreSQL the keys are one parameter, an array: a list of hundreds is written, parsed and planned anew for each
length, which takes longer than finding the rows. On SQLite it takes no longer, and its planner knows lists best.
"""

from collections.abc import Collection, Iterable
from typing import Self, TypeVar

from sqlalchemy import BigInteger, Boolean, ColumnElement, Text, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import Session


class among(ColumnElement[bool]):  # noqa: N801 - it reads as an operator
    """Whether ``column`` is one of ``keys``."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012
        (name, InternalTraversal.dp_clauseelement) for name in ("column", "array", "listed")
    ]

    def __init__(self, column: ColumnElement[int], keys: Iterable[int]) -> None:
        listed = list(keys)
        self.column = column
        self.array = bindparam(None, listed, type_=ARRAY(BigInteger), unique=True)
        self.listed = column.in_(listed)

    def self_group(self, against: object = None) -> Self:  # noqa: ARG002
        """It is a condition by itself; SQLAlchemy would add "= 1" where a database has no truth values."""
        return self


@compiles(among, "sqlite")
def _as_list(element: among, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(element.listed, **options)


@compiles(among, "postgresql")
def _as_array(element: among, compiler: SQLCompiler, **options: object) -> str:
    column, array = compiler.process(element.column, **options), compiler.process(element.array, **options)
    return f"{column} = ANY ({array})"


Looked = TypeVar("Looked", int, str)

#: how many values one statement may look up; SQLite takes no more than 32,766
_LOOKED_UP = 1000


def chunks(values: Collection[Looked]) -> list[list[Looked]]:
    """The values in order, in lists that one statement can look up."""
    ordered = sorted(values)
    return [ordered[start : start + _LOOKED_UP] for start in range(0, len(ordered), _LOOKED_UP)]


def among_texts(session: Session, column: ColumnElement[str], texts: Collection[str]) -> ColumnElement[bool]:
    """That a text is one of many, as :func:`among` says it of keys."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(bindparam(None, sorted(texts), type_=ARRAY(Text), unique=True))
    return column.in_(sorted(texts))
