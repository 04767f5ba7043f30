"""The ground that every table stands on: names of constraints, common columns, one way to declare a column."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Table, Text
from sqlmodel import Field, SQLModel

from app.db.types import Key, UTCDateTime

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata


def utc_now() -> dt.datetime:
    """The moment a row is recorded. The only clock of the store; due dates and figures never use it."""
    return dt.datetime.now(dt.UTC)


def column(type_: Any = Text, *, default: Any = ..., **options: Any) -> Any:
    """A column with an explicit type. ``options`` are those of ``sqlmodel.Field``; mypy sees the annotation."""
    return Field(default=default, sa_type=type_, **options) if default is not ... else Field(sa_type=type_, **options)


def json_column(type_: Any, factory: Any = None, **options: Any) -> Any:
    """A JSON column; ``factory`` makes its default, else it is NULL when absent."""
    if factory is None:
        return Field(default=None, sa_type=type_, nullable=True, **options)
    return Field(default_factory=factory, sa_type=type_, nullable=False, **options)


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
    found: Table = row_class.__table__  # type: ignore[attr-defined]
    return found


class Row(SQLModel):
    """A row with an opaque integer key."""

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)


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
