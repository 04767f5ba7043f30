"""Changes of many rows, each to values of its own, in one statement where the database has a way for it."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import Enum
from itertools import chain
from typing import TypeAlias, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    bindparam,
    column,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlmodel import Session

from app.db.base import ROWS_AT_ONCE, ResultRow, Row, table
from app.db.by_keys import by_keys

#: rows that SQLite is given in one statement, many and fewer: since each change of a row is noted
#: (``migrations/stamped.py``), it keeps what it would take a statement back with, and a statement for each row would
#: cost it half as much again
AT_ONCE = (ROWS_AT_ONCE, 8, 1)

#: a value as a column takes it
Bound: TypeAlias = str | int | Decimal | dt.date | Enum | Mapping[str, object] | None


def change_rows(session: Session, row_class: type[Row], rows: Sequence[Mapping[str, object]]) -> None:
    """Sets columns of rows; each names its key in ``row_id``, and all have the same columns.

    For texts, whole numbers, dates, truth values and JSON: PostgreSQL is handed all of them as one JSON document, since
    a statement for each row costs it more to read than to do.
    """
    if not rows:
        return
    target = table(row_class)
    names = [name for name in rows[0] if name != "row_id"]
    if session.get_bind().dialect.name == "postgresql":
        listed = [{name: _plain(value) for name, value in row.items()} for row in rows]
        document: BindParameter[object] = bindparam("rows", listed, type_=JSON)
        typed = [column("row_id", BigInteger), *(column(name, target.c[name].type) for name in names)]
        given = func.json_to_recordset(document).table_valued(*typed, name="given").render_derived(with_types=True)
        session.connection().execute(
            update(target).where(target.c.id == given.c.row_id).values({name: given.c[name] for name in names})
        )
        return
    session.connection().execute(
        update(target)
        .where(target.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in names}),
        [{name if name == "row_id" else f"new_{name}": value for name, value in row.items()} for row in rows],
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def insert_missing(
    session: Session, row_class: type[Row], rows: Sequence[Mapping[str, object]], *returned: ColumnElement[object]
) -> Sequence[ResultRow]:
    """Inserts the rows that no unique key forbids; gives the ``returned`` columns of those that are new."""
    if not rows:
        return []
    build = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = build(table(row_class)).on_conflict_do_nothing().returning(*returned)
    return session.connection().execute(statement, [dict(row) for row in rows]).all()


def put_rows(session: Session, row_class: type[Row], owner: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Stores rows in the place of older ones of the same owners, whose keys are in the unique column ``owner``.

    All rows have the same columns. They are stored by owner, so that two who do so at once wait in turn.
    """
    if not rows:
        return
    target = table(row_class)
    build = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = build(target)
    changed = {name: statement.excluded[name] for name in rows[0] if name != owner}
    ordered = sorted((dict(row) for row in rows), key=lambda row: cast("int", row[owner]))
    session.execute(statement.on_conflict_do_update(index_elements=[target.c[owner]], set_=changed), ordered)


def next_keys(session: Session, row_class: type[Row], count: int, *, after: int = 0) -> list[int]:
    """Keys for so many rows that are about to be added, rising; ``after``: the last one that was given out already."""
    place = table(row_class).c.id
    if session.get_bind().dialect.name == "postgresql":
        # the sequence is looked up once, and not for each key
        named = select(func.to_regclass(func.pg_get_serial_sequence(place.table.name, "id"))).scalar_subquery()
        sequence = func.nextval(named)
        return sorted(session.scalars(select(sequence).select_from(func.generate_series(1, count))).all())
    last = max(session.scalar(select(func.max(place))) or 0, after)
    return list(range(last + 1, last + 1 + count))


def take_turns(session: Session, what: str) -> None:
    """Holds others with the same words back until this transaction ends (writers on SQLite take turns anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": f"earmark:{what}"})


def add_rows(session: Session, row_class: type[Row], names: Sequence[str], rows: Sequence[Sequence[Bound]]) -> None:
    """Adds rows, each with its values in the order of ``names``; see :func:`add_columns`."""
    if rows:
        add_columns(session, row_class, dict(zip(names, zip(*rows, strict=True), strict=True)))


def add_columns(session: Session, row_class: type[Row], columns: Mapping[str, Sequence[object]]) -> None:
    """Adds rows by their columns, each with one value for every row, by the shortest way that the driver knows.

    PostgreSQL copies them, which takes it a fifth of the time of inserting. Defaults do not apply: a column that is not
    named holds nothing. One that holds nothing in any row is left out, since a driver takes as long for it.

    :raises IntegrityError: for rows that a key or a check of the table refuses, as an insert does.
    """
    target = table(row_class)
    connection = session.connection()
    taken = {name: values for name, values in _taken(target, columns, connection.dialect) if values is not None}
    rows = zip(*taken.values(), strict=True)
    listed = ", ".join(f'"{target.c[name].name}"' for name in taken)
    if connection.dialect.name == "postgresql":
        with _keys_looked_up(connection):
            _copy(connection, f'COPY "{target.name}" ({listed}) FROM STDIN', rows)
        return
    marks = f"({', '.join('?' * len(taken))})"
    left = list(rows)
    for size in AT_ONCE:
        if whole := len(left) - len(left) % size:
            values = ", ".join([marks] * size)
            statement = f'INSERT INTO "{target.name}" ({listed}) VALUES {values}'  # noqa: S608 - names of our own tables
            grouped = [tuple(chain.from_iterable(left[first : first + size])) for first in range(0, whole, size)]
            connection.exec_driver_sql(statement, grouped)
            left = left[whole:]


def _taken(
    target: Table, columns: Mapping[str, Sequence[object]], dialect: Dialect
) -> Iterator[tuple[str, Sequence[object] | None]]:
    """The columns with the driver's values; None for one that holds nothing."""
    for name, values in columns.items():
        kind = target.c[name].type
        if isinstance(kind, JSON) and dialect.name == "postgresql":
            yield name, _in_json(values, nothing=None if kind.none_as_null else "null")
            continue
        process = target.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        nothing = next((value for value in values if value is not None), None) is None
        if nothing and (process is None or process(None) is None):
            yield name, None
        else:
            yield name, values if process is None else _processed(values, process)


def _in_json(values: Sequence[object], *, nothing: str | None) -> Sequence[object]:
    """Objects as they are copied: the driver would take twice as long to write each."""
    encode = _ENCODER.encode
    return [nothing if value is None else encode(value) for value in values]


_ENCODER = json.JSONEncoder()


def _processed(values: Sequence[object], process: Callable[[object], object]) -> Sequence[object]:
    """A column as the driver takes it; what comes again and again is turned once: days, moments, terms, empty lists."""
    first = next((value for value in values if value is not None), None)
    if isinstance(first, dt.date | Enum | bool):
        made = {value: process(value) for value in set(values)}
        return [made[value] for value in values]
    if isinstance(first, list):
        nothing, empty = process(None), process([])
        return [process(value) if value else nothing if value is None else empty for value in values]
    return [process(value) for value in values]


@contextmanager
def _keys_looked_up(connection: Connection) -> Iterator[None]:
    """Inside the block PostgreSQL does not plan anew for each row that is added how the keys it names are looked up.

    Each key that refers to another table is a small statement. To plan it takes longer than to run it, and took two
    fifths of the server's time for rows of the ledger. The one plan is by the index of what they refer to, however
    small that was when the plan was made.
    """
    with by_keys(connection):
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        yield
        # as :mod:`app.db.engine` has it; what failed is taken back by whoever asked for it, and this with it
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


def _copy(connection: Connection, statement: str, rows: Iterable[Sequence[object]]) -> None:
    # the driver is loaded already where this is called, and is never needed for a file
    import psycopg

    raw = connection.connection.cursor()
    try:
        with raw.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.IntegrityError as error:
        raise IntegrityError(statement, None, error) from error
    except psycopg.DataError as error:
        raise DataError(statement, None, error) from error
    except psycopg.OperationalError as error:
        raise OperationalError(statement, None, error) from error
    finally:
        raw.close()
