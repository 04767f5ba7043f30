"""What many tests put into their databases in the same way is put there once, and the rows are copied for the others.

To set an organisation up with its policies takes longer than most of what tests ask of it.
"""

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from app.db.base import utc_now
from app.db.engine import Database
from tests.parked import LENT

#: what tests may have of it: keys and texts, which no test can change for another one
Plain = TypeVar("Plain", bound=int | str | tuple[int, ...] | None)

#: files of SQLite as they were when they were copied with no more than the tables: size, and when they changed
_fresh: dict[str, tuple[int, int]] = {}


@dataclass(frozen=True, kw_only=True)
class _Saved:
    """What a database was filled with, and what came of it."""

    #: a file of SQLite
    file: bytes
    #: tables that hold rows without being filled; tables as PostgreSQL writes them out; where sequences are
    own: tuple[str, ...]
    rows: dict[str, bytes]
    sequences: list[tuple[str, int]]
    came_of_it: Any


_saved: dict[tuple[object, ...], _Saved] = {}


def copy_tables(migrated: Path, path: Path) -> None:
    """A file of SQLite with all tables and nothing in them."""
    shutil.copy(migrated, path)
    _fresh[str(path)] = _state(path)


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def filled(database: Database, fill: Callable[[Database], Plain], *variant: object) -> Plain:
    """What ``fill`` gives after it filled a database of which nothing was used yet; of others it fills each.

    ``fill`` does the same whenever it is called with the same ``variant``, and leaves nothing outside the database.
    """
    if abs(utc_now() - dt.datetime.now(dt.UTC)) > dt.timedelta(minutes=1):
        # the clock was put to another day: what is stamped then is no other test's
        return fill(database)
    key = (database.is_sqlite, fill.__module__, fill.__qualname__, *variant)
    return _in_file(database, fill, key) if database.is_sqlite else _in_tables(database, fill, key)


def _in_file(database: Database, fill: Callable[[Database], Plain], key: tuple[object, ...]) -> Plain:
    path = Path(database.engine.url.database or "")
    untouched = _fresh.pop(str(path), None)
    if untouched is None or untouched != _state(path) or path.with_name(f"{path.name}-wal").exists():
        return fill(database)
    if (saved := _saved.get(key)) is None:
        came_of_it = fill(database)
        # the last one that closes writes everything into the file
        database.engine.dispose()
        if not path.with_name(f"{path.name}-wal").exists():
            _saved[key] = _Saved(file=path.read_bytes(), own=(), rows={}, sequences=[], came_of_it=came_of_it)
        return came_of_it
    path.write_bytes(saved.file)
    return saved.came_of_it  # type: ignore[no-any-return]


_WITH_ROWS = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL
"""


def _in_tables(database: Database, fill: Callable[[Database], Plain], key: tuple[object, ...]) -> Plain:
    if not (database.engine.url.database or "").startswith(LENT):
        # others may be reached through a pooler, by a role that may not do this, or be filled already
        return fill(database)
    with database.engine.connect() as connection:
        raw: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        if raw.execute(_SEQUENCES).fetchone():
            raw.rollback()
            untouched, own = False, ()
        elif saved := _saved.get(key):
            _put(raw, saved)
            return saved.came_of_it  # type: ignore[no-any-return]
        else:
            untouched, own = True, tuple(table for (table,) in raw.execute(_WITH_ROWS))
            raw.rollback()
    came_of_it = fill(database)
    if untouched:
        with database.engine.connect() as connection:
            raw = connection.connection.driver_connection  # type: ignore[assignment]
            rows = {}
            for (table,) in raw.execute(_WITH_ROWS).fetchall():
                with raw.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
                    rows[table] = b"".join(copy)
            sequences = raw.execute(_SEQUENCES).fetchall()
            raw.rollback()
        _saved[key] = _Saved(file=b"", own=own, rows=rows, sequences=sequences, came_of_it=came_of_it)
    return came_of_it


def _put(raw: psycopg.Connection, saved: _Saved) -> None:
    # without triggers: what they would note was noted when it was filled
    emptying = "; ".join(f"DELETE FROM {table}" for table in saved.own)
    raw.execute(f"SET LOCAL session_replication_role = replica; {emptying}")
    with raw.cursor() as cursor:
        for table, rows in saved.rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)
    reached = ", ".join(f"setval('{name}', {value})" for name, value in saved.sequences)
    raw.execute(f"SELECT {reached}; SET LOCAL session_replication_role = origin")
    raw.commit()
