"""``among(column, keys)``: that a key is one of many.

On PostgreSQL the keys are one parameter, an array: a list of hundreds is written, parsed and planned anew for each
length, which takes longer than finding the rows. On SQLite it takes no longer, and its planner knows lists best.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, Self, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    Text,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator
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


#: the parameter of a statement with :class:`among_given`
KEYS: Final = "keys"


class KeyList(TypeDecorator[Sequence[int]]):
    """Keys as one text: an array's on PostgreSQL, a JSON list on SQLite."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> str:
        listed = ",".join(map(str, value or ()))
        return f"{{{listed}}}" if dialect.name == "postgresql" else f"[{listed}]"


class among_given(ColumnElement[bool]):  # noqa: N801 - it reads as an operator
    """Whether ``column`` is one of the keys that the statement is run with, as its parameter :data:`KEYS`.

    So a statement is made once for all the batches it reads, and takes no longer for a batch than its rows need: a
    parameter for each key costs up to three milliseconds for five hundred of them, found or not.
    """

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [(name, InternalTraversal.dp_clauseelement) for name in ("array", "listed")]  # noqa: RUF012

    def __init__(self, column: ColumnElement[int]) -> None:
        given = bindparam(KEYS, type_=KeyList)
        self.array = column == any_(cast(given, ARRAY(BigInteger)))
        self.listed = column.in_(select(func.json_each(given).table_valued("value").c.value))

    def self_group(self, against: object = None) -> Self:  # noqa: ARG002
        """As that of :class:`among`."""
        return self


@compiles(among_given, "sqlite")
def _as_given_list(element: among_given, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(element.listed, **options)


@compiles(among_given, "postgresql")
def _as_given_array(element: among_given, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(element.array, **options)


Looked = TypeVar("Looked", int, str)

#: how many values one statement may look up; SQLite takes no more than 32,766
LOOKED_UP = 1000


def chunks(values: Collection[Looked]) -> list[list[Looked]]:
    """The values in order, in lists that one statement can look up."""
    ordered = sorted(values)
    return [ordered[start : start + LOOKED_UP] for start in range(0, len(ordered), LOOKED_UP)]


class _TextList(TypeDecorator[Sequence[str]]):
    """Texts as one, as PostgreSQL writes an array of them; its driver takes ten times as long to write one down."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:  # noqa: ARG002
        if not value:
            return "{}"
        written = '","'.join(value)
        if "\\" in written or written.count('"') > 2 * (len(value) - 1):
            written = '","'.join([each.replace("\\", "\\\\").replace('"', '\\"') for each in value])
        return f'{{"{written}"}}'


def array_of(texts: Sequence[str]) -> ColumnElement[Sequence[str]]:
    """An array of PostgreSQL with these texts, as one parameter."""
    given: BindParameter[Sequence[str]] = bindparam(None, texts, type_=_TextList, unique=True)
    return cast(given, ARRAY(Text))


def among_texts(session: Session, column: ColumnElement[str], texts: Collection[str]) -> ColumnElement[bool]:
    """That a text is one of many, as :func:`among` says it of keys."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(array_of(sorted(texts)))
    return column.in_(sorted(texts))
