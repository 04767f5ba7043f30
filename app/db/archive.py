"""Backups: everything in one compressed file of JSON lines, the same for both databases.

A backup of a SQLite file can be restored into PostgreSQL and the other way round, which is also how an office moves.
First line: what it is. Then for each table a line that names it and its columns, and a line a row. Last line: the
number of rows and the SHA-256 of everything before it, so that a truncated or altered file is refused.
Holds a batch of rows at a time.
"""

import datetime as dt
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from sqlalchemy import Column, Connection, Date, Enum, Table, func, insert, select, text

from app.atomic import whole_file
from app.db import schema
from app.db.audit import plain
from app.db.engine import WRITE, Database, storage_faults
from app.db.tables import metadata
from app.db.types import Money, UTCDateTime
from app.errors import Conflict, Fault, InvalidInput, UsageError

FORMAT = "earmark-backup-1"
_BATCH = 1000


def backup(database: Database, path: Path) -> int:
    """Writes everything, as of one moment, to ``path``; returns the number of rows.

    The file appears whole or not at all. Raises ``StorageFailed`` when the disk is full.
    """
    schema.require_current(database, exactly=True)
    with (
        whole_file(path) as stream,
        gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=6) as out,
        database.read() as session,
    ):
        return _write(session.connection(), out)


class _Out(Protocol):
    """Where a backup goes."""

    def write(self, line: bytes, /) -> object: ...


def _write(connection: Connection, out: _Out) -> int:
    digest = hashlib.sha256()

    def line(content: object) -> None:
        encoded = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        digest.update(encoded)
        out.write(encoded)

    line({"format": FORMAT, "revision": schema.head()})
    rows = 0
    for table in metadata.sorted_tables:
        line({"table": table.name, "columns": [column.name for column in table.columns]})
        ordered = select(table).order_by(*table.primary_key.columns)
        for row in connection.execution_options(yield_per=_BATCH).execute(ordered):
            line([plain(value) for value in row])
            rows += 1
    out.write(json.dumps({"rows": rows, "sha256": digest.hexdigest()}).encode() + b"\n")
    return rows


def restore(database: Database, path: Path) -> int:
    """Loads a backup into an empty database (tables are made when there are none); returns the number of rows.

    All or nothing, and the same again changes nothing: whoever does not know whether an interrupted restore went
    through repeats it. Raises ``Conflict`` when the database holds anything else than the backup, ``InvalidInput`` when
    the file is damaged or was made by another version of the tables.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    try:
        with gzip.open(path, "rb") as source:
            first = _parse(source.readline())
            if not isinstance(first, dict) or first.get("format") != FORMAT:
                raise _damaged("it is not a backup of Earmark")
            if first.get("revision") != schema.head():
                raise _damaged(
                    f"it was made with tables at revision {first.get('revision')}, this program has {schema.head()}: "
                    "restore it with the version of Earmark that made it, then run `earmark db upgrade`"
                )
            if schema.current(database) is None:
                schema.migrate(database)
            schema.require_current(database, exactly=True)
            with (
                storage_faults(),
                database.engine.connect().execution_options(**{WRITE: True}) as connection,
                connection.begin(),
            ):
                source.seek(0)
                return _load(connection, source)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged("it is cut off or not compressed as a backup is") from error


def _load(connection: Connection, source: gzip.GzipFile) -> int:
    is_sqlite = connection.dialect.name == "sqlite"
    if (rows := _held_already(connection, source)) is not None:
        return rows
    connection.execute(text("PRAGMA defer_foreign_keys=ON" if is_sqlite else "SET CONSTRAINTS ALL DEFERRED"))
    digest, rows = hashlib.sha256(), 0
    reader: Callable[[Sequence[object]], dict[str, object]] | None = None
    table: Table | None = None
    batch: list[dict[str, object]] = []

    def flush() -> None:
        if batch and table is not None:
            connection.execute(insert(table), batch)
            batch.clear()

    for number, (content, raw) in enumerate(_lines(source), start=1):
        if isinstance(content, dict) and "sha256" in content:
            flush()
            if content != {"rows": rows, "sha256": digest.hexdigest()}:
                raise _damaged("its content does not match its checksum")
            if not is_sqlite:
                _set_sequences(connection)
            return rows
        digest.update(raw)
        if number == 1:
            continue
        if isinstance(content, dict):
            flush()
            table, reader = _reader(content)
        elif reader is None or not isinstance(content, list):
            raise _damaged(f"line {number} is not a row")
        else:
            batch.append(reader(content))
            rows += 1
            if len(batch) >= _BATCH:
                flush()
    raise _damaged("it is cut off: its last line is missing")


def _held_already(connection: Connection, source: gzip.GzipFile) -> int | None:
    """The number of rows when the database holds this very backup, None when it is empty; else it is refused."""
    if connection.dialect.name == "postgresql":
        # a restore whose process was killed may still be ending on the server: what came of it is seen only then
        connection.execute(text(f"LOCK TABLE {', '.join(metadata.tables)} IN SHARE ROW EXCLUSIVE MODE"))
    for table in metadata.sorted_tables:
        if connection.scalar(select(func.count()).select_from(table)):
            held = _Discarded()
            rows = _write(connection, held)
            if held.last == _last_line(source):
                return rows
            raise Conflict(f"The database is not empty (there are rows in {table.name}): restore into an empty one.")
    return None


class _Discarded:
    """Takes a backup to nowhere and remembers its last line, which sums up the others."""

    last = b""

    def write(self, line: bytes) -> None:
        self.last = line


def _last_line(source: gzip.GzipFile) -> bytes:
    """The last line, when it sums up those before it rightly: else nothing."""
    digest, last = hashlib.sha256(), b""
    for raw in source:
        digest.update(last)
        last = raw
    content = _parse(last) if last else None
    return last if isinstance(content, dict) and content.get("sha256") == digest.hexdigest() else b""


def _lines(source: gzip.GzipFile) -> Iterator[tuple[object, bytes]]:
    for raw in source:
        yield _parse(raw), raw


def _parse(raw: bytes) -> object:
    try:
        content: object = json.loads(raw)
    except ValueError as error:
        raise _damaged("a line of it is no JSON") from error
    return content


def _reader(heading: Mapping[str, object]) -> tuple[Table, Callable[[Sequence[object]], dict[str, object]]]:
    """A function from a row of JSON values to a row of the named table."""
    table = metadata.tables.get(str(heading.get("table")))
    if table is None or heading.get("columns") != [column.name for column in table.columns]:
        raise _damaged(f"it names a table or columns that this program does not have ({heading.get('table')})")
    names = [column.name for column in table.columns]
    decoders = [_decoder(column) for column in table.columns]

    def read(values: Sequence[object]) -> dict[str, object]:
        try:
            return {
                name: None if value is None else decode(value)
                for name, decode, value in zip(names, decoders, values, strict=True)
            }
        except (ValueError, TypeError, ArithmeticError) as error:
            raise _damaged(f"a row of {table.name} holds a value that does not fit") from error

    return table, read


def _decoder(column: Column[object]) -> Callable[[object], object]:
    match column.type:
        case Money():
            return lambda value: Decimal(_text(value))
        case UTCDateTime():
            return lambda value: dt.datetime.fromisoformat(_text(value))
        case Date():
            return lambda value: dt.date.fromisoformat(_text(value))
        case Enum() if column.type.enum_class is not None:
            return column.type.enum_class
    return lambda value: value


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError("a text was expected")


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL's sequences go on after the highest key."""
    for table in metadata.sorted_tables:
        # names of the program's own tables, never input
        newest = f"coalesce(max(id), 1), max(id) IS NOT NULL) FROM {table.name}"
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {newest}"))


def _damaged(why: str) -> InvalidInput:
    return InvalidInput(
        [Fault(pointer="", rule="backup.unreadable", message=f"The backup cannot be restored: {why}.")],
        f"The backup cannot be restored: {why}.",
    )
