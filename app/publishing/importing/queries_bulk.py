"""Rows into tables by the shortest way that each driver knows."""

from collections.abc import Callable, Mapping, Sequence

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
    names = list(rows[0])
    processes = _processes(target, names, connection.dialect)
    columns = [
        [row[name] for row in rows] if process is None else [process(row[name]) for row in rows]
        for name, process in zip(names, processes, strict=True)
    ]
    values = list(zip(*columns, strict=True))
    quoted = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in names)
    if connection.dialect.name == "postgresql":
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - a connection in use has its driver's
        with driver.cursor().copy(f"COPY {target.name} ({quoted}) FROM STDIN") as copy:
            for each in values:
                copy.write_row(each)
    else:
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(
            f"INSERT INTO {target.name} ({quoted}) VALUES ({marks})",  # noqa: S608 - names of our own tables
            values,
        )


def _processes(target: Table, names: list[str], dialect: Dialect) -> list[_Process | None]:
    """What turns a value into the driver's, for each column; None: nothing."""
    return [target.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
