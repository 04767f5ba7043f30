"""Rows into tables by the shortest way that each driver knows."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import Dialect, Table, insert
from sqlmodel import Session

from app.db.base import Row, table

#: fewer rows than this are not worth another way
_FEW = 20


_Process = Callable[[object], object]


def insert_rows(session: Session, row_class: type[Row], rows: Sequence[Mapping[str, object]]) -> None:
    """Inserts rows that all have the same keys. Defaults do not apply: every column that needs a value has a key."""
    if not rows:
        return
    target = table(row_class)
    if len(rows) < _FEW:
        session.execute(insert(target), list(rows))
        return
    connection = session.connection()
    columns = dict(_columns(target, rows, connection.dialect))
    values = zip(*columns.values(), strict=True)
    quoted = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in columns)
    if connection.dialect.name == "postgresql":
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - a connection in use has its driver's
        with driver.cursor().copy(f"COPY {target.name} ({quoted}) FROM STDIN") as copy:
            for each in values:
                copy.write_row(each)
    else:
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(
            f"INSERT INTO {target.name} ({quoted}) VALUES ({marks})",  # noqa: S608 - names of our own tables
            list(values),
        )


def _columns(
    target: Table, rows: Sequence[Mapping[str, object]], dialect: Dialect
) -> Iterator[tuple[str, Sequence[object]]]:
    """The columns with the driver's values.

    Those that hold nothing in any row are left out, which many do: a driver takes as long for NULL as for a value.
    """
    for name in rows[0]:
        values = [row[name] for row in rows]
        column = target.c[name]
        if column.server_default is None and all(value is None for value in values):
            continue
        process = column.type.dialect_impl(dialect).bind_processor(dialect)
        yield name, values if process is None else _bound(values, process)


def _bound(values: Sequence[object], process: _Process) -> Sequence[object]:
    """A column as the driver takes it; of days and moments, which come again and again, each is turned once."""
    if not isinstance(next((value for value in values if value is not None), None), dt.date):
        return [process(value) for value in values]
    made = {value: process(value) for value in set(values)}
    return [made[value] for value in values]
