"""Flat tables as files: a folder of CSV or Parquet with its description, or one SQLite file. Rows stream."""

import datetime as dt
import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from app.atomic import in_words, whole_file
from app.domain.money import plain
from app.errors import StorageFailed, UsageError
from app.sheets import Cell, csv_pieces
from app.tabular.flat.package import Written, package
from app.tabular.flat.shape import ColumnKind, FlatTable, Outlook

#: rows written in one piece
_BATCH = 5000
#: digits and decimals of amounts in Parquet: what may be entered fits, and every reader holds 38 digits
DIGITS, DECIMALS = 38, 12

#: told what was written, table by table
Told = Callable[[str], None]


def write_csv(
    session: Session, tables: Sequence[FlatTable], outlook: Outlook, folder: Path, told: Told, *, marked: bool = False
) -> None:
    """A folder with a CSV for each table and ``datapackage.json``. ``marked``: with a byte-order mark, for Excel.

    The description comes last, so that whoever finds it finds all that it speaks of.
    """
    files = {}
    for table in tables:
        path = _folder(folder) / f"{table.name}.csv"
        digest, size = hashlib.sha256(), 0
        with whole_file(path) as stream:
            for piece in csv_pieces(table.names, table.rows(session, outlook), marked=marked):
                digest.update(piece)
                size += len(piece)
                stream.write(piece)
        files[table.name] = Written(path=path.name, size=size, sha256=digest.hexdigest())
        told(path.name)
    described = package(
        tables,
        as_of=outlook.as_of,
        currency=outlook.currency,
        addresses={name: file.path for name, file in files.items()},
        files=files,
    )
    with whole_file(folder / "datapackage.json") as stream:
        stream.write(json.dumps(described, ensure_ascii=False, indent=2).encode() + b"\n")


def _folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(in_words(error, folder)) from error
    return folder


# amounts as text keep every digit; sums of SQLite take text for numbers
_SQLITE = {ColumnKind.INTEGER: "INTEGER", ColumnKind.FLAG: "INTEGER"}


def write_sqlite(session: Session, tables: Sequence[FlatTable], outlook: Outlook, path: Path, told: Told) -> None:
    """One SQLite file with all tables, their keys and references, and the meaning of every column in ``columns``."""
    with tempfile.TemporaryDirectory(prefix="earmark-tables-") as folder:
        made = Path(folder) / "tables.sqlite"
        # the inner one stores what was put when it ends
        with closing(sqlite3.connect(made)) as file, file:
            # nobody else reads it yet, and it is thrown away when something fails
            file.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            _dictionary(file, tables)
            names = {table.name for table in tables}
            for table in tables:
                file.execute(_create(table, names))
                places = ", ".join("?" * len(table.columns))
                rows = table.rows(session, outlook)
                while batch := list(islice(rows, _BATCH)):
                    values = [[_stored(cell) for cell in row] for row in batch]
                    file.executemany(f"INSERT INTO {_quoted(table.name)} VALUES ({places})", values)  # noqa: S608 - names are ours
                told(table.name)
        with made.open("rb") as source, whole_file(path) as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _create(table: FlatTable, names: set[str]) -> str:
    parts = [
        f"{_quoted(column.name)} {_SQLITE.get(column.kind, 'TEXT')}{' NOT NULL' if column.required else ''}"
        for column in table.columns
    ]
    parts.append(f"PRIMARY KEY ({', '.join(map(_quoted, table.key))})")
    parts += [
        f"FOREIGN KEY ({', '.join(map(_quoted, each.columns))}) REFERENCES {_quoted(each.table)} "
        f"({', '.join(map(_quoted, each.keys))})"
        for each in table.references
        if each.table in names
    ]
    return f"CREATE TABLE {_quoted(table.name)} ({', '.join(parts)})"


def _dictionary(file: sqlite3.Connection, tables: Sequence[FlatTable]) -> None:
    file.execute('CREATE TABLE "columns" ("table" TEXT, "column" TEXT, "type" TEXT, "meaning" TEXT)')
    rows = [(table.name, each.name, each.kind.value, each.meaning) for table in tables for each in table.columns]
    file.executemany('INSERT INTO "columns" VALUES (?, ?, ?, ?)', rows)


def _stored(cell: Cell) -> str | int | None:
    match cell:
        case Decimal():
            return plain(cell)
        case dt.date():
            return cell.isoformat()
        case bool():
            return int(cell)
    return cell


def write_parquet(session: Session, tables: Sequence[FlatTable], outlook: Outlook, folder: Path, told: Told) -> None:
    """A folder with a Parquet file for each table; amounts are decimals.

    :raises UsageError: when the library for it is not installed, or an amount has more digits than Parquet holds.
    """
    for table in tables:
        path = _folder(folder) / f"{table.name}.parquet"
        with whole_file(path) as stream:
            _write_parquet(stream, table, table.rows(session, outlook))
        told(path.name)


def _write_parquet(stream: BinaryIO, table: FlatTable, rows: Iterator[list[Cell]]) -> None:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError("Parquet needs a library that comes with: pip install 'earmark[parquet]'") from error
    kinds = {
        ColumnKind.AMOUNT: pyarrow.decimal128(DIGITS, DECIMALS),
        ColumnKind.INTEGER: pyarrow.int64(),
        ColumnKind.DAY: pyarrow.date32(),
        ColumnKind.FLAG: pyarrow.bool_(),
    }
    fields = [
        pyarrow.field(
            column.name,
            kinds.get(column.kind, pyarrow.string()),
            nullable=not column.required,
            metadata={"meaning": column.meaning},
        )
        for column in table.columns
    ]
    shape = pyarrow.schema(fields, metadata={"meaning": table.meaning})
    with pyarrow.parquet.ParquetWriter(stream, shape) as writer:
        while batch := list(islice(rows, _BATCH)):
            try:
                columns = [
                    pyarrow.array([row[place] for row in batch], type=field.type) for place, field in enumerate(fields)
                ]
            except pyarrow.ArrowInvalid as error:
                raise UsageError(f"A number of the table {table.name} is too long for Parquet: write CSV.") from error
            writer.write_table(pyarrow.table(columns, schema=shape))
