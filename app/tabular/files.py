"""Reads CSV and XLSX files into rows of text, without guessing what the text means."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.errors import Fault, InvalidInput, UsageError, step
from app.sheets import plain_text

#: a cell longer than this is no table's cell
CELL_LIMIT = 100_000
#: an XLSX file that unpacks to more than this is refused before it is opened
UNPACKED_LIMIT = 1024**3


@dataclass(frozen=True, slots=True)
class TableRow:
    """One data row: its number in the file (the header is row 1) and its cells by column; empty cells are absent."""

    number: int
    cells: dict[str, str]


def read_table(path: Path, known: frozenset[str], required: frozenset[str]) -> Iterator[TableRow]:
    """Rows of a file whose first row is the header; columns in any order. Holds one row at a time.

    Raises ``InvalidInput`` for a header with unknown, repeated or missing columns, and for rows that do not fit it.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    rows = _xlsx_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    header: list[str] | None = None
    for number, cells in rows:
        if not any(cells):
            continue
        if header is None:
            header = _header(cells, known, required)
            continue
        if any(cells[len(header) :]):
            advice = "quote cells that contain the separator"
            raise _refused(number, "cells", f"The row has {len(cells)} cells, the header {len(header)}: {advice}.")
        yield TableRow(number, {name: cell for name, cell in zip(header, cells, strict=False) if cell})
    if header is None:
        raise _refused(1, "empty", "The file is empty: its first row names the columns.")


def _refused(row: int, rule: str, message: str) -> InvalidInput:
    return InvalidInput([Fault(row=row, rule=f"table.{rule}", message=message)])


def _header(cells: list[str], known: frozenset[str], required: frozenset[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    faults = [
        Fault(
            row=1,
            pointer=step(name or "(empty)"),
            rule="table.unknown-column",
            message=f"There is no column {name!r} here. Columns: {', '.join(sorted(known))}.",
        )
        for name in header
        if known and name not in known
    ]
    faults += [
        Fault(row=1, pointer=step(name), rule="table.repeated-column", message=f"The column {name} stands twice.")
        for name in sorted({name for name in header if header.count(name) > 1})
    ]
    faults += [
        Fault(row=1, rule="table.missing-column", message=f"The column {name} is needed.")
        for name in sorted(required - set(header))
    ]
    if faults:
        raise InvalidInput(faults)
    return header


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _refused(line, "encoding", "The file is not UTF-8: save it as “CSV UTF-8”.") from error
    if "\0" in text:
        raise _refused(1, "binary", "The file is not a table of text.")
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refused(start, "format", f"The row cannot be read ({error}).") from error
        yield start, [plain_text(cell.strip()) for cell in cells]


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_LIMIT:
                raise _refused(1, "size", "The workbook unpacks to more than 1 GB.")
        workbook = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise _refused(1, "format", "The file is not an XLSX workbook that can be read.") from error
    try:
        for number, row in enumerate(workbook.worksheets[0].iter_rows(values_only=True), start=1):
            yield number, [_cell_text(value) for value in row]
    finally:
        workbook.close()


def _cell_text(value: Any) -> str:
    """A cell as the person typed it: numbers in their shortest exact form, dates in ISO form."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date():
            return value.isoformat()
        case float():
            # a spreadsheet keeps 0.1 as the nearest double; its shortest form is what was typed
            return format(Decimal(repr(value)).normalize(), "f")
    return str(value).strip()
