"""The ground that every table stands on: names of constraints, common columns, one way to declare a column."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import ForeignKey, Select, Table, Text
from sqlalchemy import Row as _Row
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

from app.db.types import Key, UTCDateTime

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata

#: a select of any columns, which are told apart by their labels
Statement: TypeAlias = Select[*tuple[object, ...]]
#: a row that a statement gives
ResultRow: TypeAlias = _Row[*tuple[object, ...]]


#: the type of a column, as it is or as its class
SqlType: TypeAlias = TypeEngine[Any] | type[TypeEngine[Any]]


#: rows that SQLite is given in one statement. A connection keeps the last hundred statements that it ran: each number
#: of rows is another one, and one of a thousand rows takes a megabyte
ROWS_AT_ONCE = 64

#: where a session keeps the time zone by which days are counted
ZONE: Final = "time zone"


def utc_now() -> dt.datetime:
    """The moment a row is recorded. The only clock of the store; due dates and figures never use it."""
    return dt.datetime.now(dt.UTC)


def column(type_: SqlType = Text, *, default: object = ..., **options: bool) -> Any:
    """A column with an explicit type. ``options`` are those of ``sqlmodel.Field``; mypy sees the annotation."""
    given: dict[str, Any] = {"sa_type": type_, **options}
    return Field(**given) if default is ... else Field(default=default, **given)


def json_column(type_: SqlType, factory: Callable[[], object]) -> Any:
    """A JSON column that is never NULL; ``factory`` makes its default."""
    given: dict[str, Any] = {"sa_type": type_, "nullable": False}
    return Field(default_factory=factory, **given)


def foreign(
    target: str, *, optional: bool = False, ondelete: str = "RESTRICT", index: bool = True, unique: bool = False
) -> Any:
    """A foreign key to ``target`` ("table.column"); deferrable, so that a restore may load rows in any order."""
    options: dict[str, Any] = {
        "sa_type": Key,
        "index": index and not unique,
        "unique": unique,
        "sa_column_args": [ForeignKey(target, ondelete=ondelete, deferrable=True, initially="IMMEDIATE")],
        "nullable": optional,
    }
    return Field(default=None, **options) if optional else Field(**options)


def table(row_class: type[SQLModel]) -> Table:
    """The Core table of a row class: for typed statements, ``table(Project).c.code``."""
    return metadata.tables[str(row_class.__tablename__)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Columns:
    """How a new row of a class begins."""

    names: frozenset[str]
    usual: Mapping[str, object]
    made: tuple[tuple[str, Callable[[], object]], ...]


@cache
def _columns(row_class: type[SQLModel]) -> _Columns:
    usual: dict[str, object] = {}
    made: list[tuple[str, Callable[[], object]]] = []
    for name, field in row_class.model_fields.items():
        if field.default_factory is not None:
            # pydantic would look at each call whether it takes arguments, which takes a sixth of a millisecond
            made.append((name, cast("Callable[[], object]", field.default_factory)))
        elif not field.is_required():
            usual[name] = field.default
    return _Columns(names=frozenset(row_class.model_fields), usual=usual, made=tuple(made))


class Row(SQLModel):
    """A row with an opaque integer key."""

    # nothing is validated by a row: bodies of the API and columns of tables are, before they come here
    model_config = SQLModelConfig(defer_build=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)

    def __init__(self, **values: object) -> None:
        """Takes columns by name; those that are not given begin as the class says.

        The columns are set together, since nobody watches a row that is new: SQLModel would tell three libraries of
        each one, which takes a row of fifty columns almost a millisecond.
        """
        columns = _columns(type(self))
        begun = dict(columns.usual)
        for name, make in columns.made:
            if name not in values:
                begun[name] = make()
        if not values.keys() <= columns.names:
            values = {name: value for name, value in values.items() if name in columns.names}
        begun.update(values)
        self.__dict__.update(begun)


def give_key(row: Row, key_: int) -> None:
    """Gives a new row its key, before any session knows it."""
    row.__dict__["id"] = key_


def key(row: Row) -> int:
    """The key of a stored row. Raises ``ValueError`` for one that is new and not flushed."""
    if row.id is None:
        raise ValueError(f"this row of {row.__tablename__} has no key yet: flush first")
    return row.id


class Kept(Row):
    """A row that people change: versioned for If-Match, never deleted but archived."""

    #: rises with every change; the strong part of the ETag
    version: int = Field(default=1, nullable=False)
    created_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)
    updated_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)
    archived_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)


class Recorded(Row):
    """A row that is appended and stays: who recorded it, and when."""

    recorded_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)
    recorded_by: str = Field(default="", sa_type=Text, nullable=False)
