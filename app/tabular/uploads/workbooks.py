"""Workbooks of tables for people: filled with what is stored, or marked where what was handed in has faults."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from sqlmodel import Session

from app.sheets import Cell, Sheet, sheet_name, workbook_cell, write_workbook
from app.tabular.cells import BrokenCell, CellKind, CellValue, SheetCell
from app.tabular.files import raw_rows
from app.tabular.header import Expected, read_header
from app.tabular.kinds import Kind
from app.tabular.outgoing import table_out
from app.tabular.settings import FileSettings
from app.tabular.uploads.schemas import FaultTold

#: rows without anything that are written to keep the others at their numbers
_MOST_EMPTY: Final = 100_000
_FAULTY = PatternFill(start_color="FFFFC7CE", end_color="FFFFC7CE", fill_type="solid")
_BOLD = Font(bold=True)
_WIDTH: Final = 18


def filled(session: Session, kind: Kind, stream: IO[bytes], meanings: str, head: Sequence[str]) -> None:
    """All rows of a kind with the columns of its import, and a sheet that says what each column means.

    ``meanings`` is the name of that sheet and ``head`` its two heads, in the language of the reader.
    """
    table = table_out(session, kind)
    explained: Iterator[Sequence[Cell]] = iter(kind.template()[2])
    write_workbook(
        stream,
        [
            Sheet(name=kind.name, columns=table.columns, rows=table.rows),
            Sheet(name=meanings, columns=head, rows=explained),
        ],
    )


def empty(kind: Kind, stream: IO[bytes], meanings: str, head: Sequence[str]) -> None:
    """The columns of a kind without rows, and a sheet with an example and what each column means."""
    columns, example, explained = kind.template()
    shown = dict(zip(columns, example, strict=True))
    rows: Iterator[Sequence[Cell]] = ((name, meaning, shown.get(name, "")) for name, meaning in explained)
    write_workbook(
        stream,
        [Sheet(name=kind.name, columns=columns, rows=[]), Sheet(name=meanings, columns=head, rows=rows)],
    )


def marked(
    path: Path,
    kind: Kind,
    settings: FileSettings,
    faults: Sequence[FaultTold],
    stream: IO[bytes],
    *,
    listed: str,
    head: Sequence[str],
) -> None:
    """The table as it was handed in, with each faulty cell coloured and what to do in a comment.

    Every cell keeps its place and what was typed, so that the mended workbook can be handed in as it is. A sheet
    ``listed`` names the faults one by one, below ``head``.
    """
    told = _by_row(faults)
    workbook = Workbook(write_only=True)
    with raw_rows(path, kind.columns, kind.required, settings) as raw:
        target = workbook.create_sheet(sheet_name(raw.sheet or kind.name))
        _copy(target, raw.rows, raw.header_row, kind, told)
    rows: Iterator[Sequence[Cell]] = ((each.row, each.column, each.value, each.message) for each in faults)
    notes = workbook.create_sheet(sheet_name(listed))
    for place, width in enumerate((8, 20, 30, 90), start=1):
        # the types of the library leave this out; it has it
        notes.column_dimensions[get_column_letter(place)].width = width
    notes.append([_bold(notes, name) for name in head])
    for row in rows:
        notes.append([workbook_cell(notes, cell) for cell in row])
    workbook.save(stream)


def _copy(
    target: WriteOnlyWorksheet,
    rows: Iterator[tuple[int, list[CellValue]]],
    header_row: int | None,
    kind: Kind,
    told: Mapping[int, Mapping[str, str]],
) -> None:
    expected = Expected(known=kind.columns, required=kind.required)
    names: list[str] | None = None
    written = 0
    for number, cells in rows:
        for _ in range(min(number - written - 1, _MOST_EMPTY)):
            target.append([])
        written = number
        if names is None and (header_row is None or number >= header_row):
            names = read_header(number, cells, expected).names
            target.append(_row(target, names, cells, told.get(number, {}), bold=True))
            continue
        target.append(_row(target, names or [], cells, told.get(number, {})))
    for place in range(len(names or [])):
        # the types of the library leave this out; it has it
        target.column_dimensions[get_column_letter(place + 1)].width = _WIDTH  # type: ignore[attr-defined]


def _row(
    target: WriteOnlyWorksheet,
    names: Sequence[str],
    cells: Sequence[CellValue],
    told: Mapping[str, str],
    *,
    bold: bool = False,
) -> list[object]:
    found: list[object] = []
    # what belongs to no column that is there is told at the first cell
    lost = [message for name, message in told.items() if name not in names]
    for place in range(max(len(cells), len(names))):
        cell = cells[place] if place < len(cells) else ""
        name = names[place] if place < len(names) else ""
        messages = [told[name]] if name and name in told else []
        if place == 0:
            messages += lost
        kept = workbook_cell(target, _content(cell))
        if isinstance(cell, SheetCell) and cell.kind is CellKind.PERCENT and kept is not None:
            kept.number_format = "0.##%"
        if isinstance(cell, SheetCell) and _noughts(cell) and kept is not None:
            kept.number_format = "0." + "0" * len((cell.pointed or cell.seen).partition(".")[2])
        if isinstance(cell, SheetCell) and cell.coarse and kept is not None:
            kept.number_format = "yyyy-mm"[: len(cell.coarse)]
        if isinstance(cell, SheetCell) and (cell.currency or cell.side) and kept is not None:
            # what stood beside the number is part of what has to be looked at
            kept.number_format = f'0.00## "{cell.currency or cell.side}"'
        unlike = isinstance(cell, SheetCell) and (cell.instead is not None or cell.multiple or cell.rewritten)
        if isinstance(cell, SheetCell) and unlike and kept is not None:
            kept.number_format = cell.shown_by
        if messages:
            kept = kept if kept is not None else WriteOnlyCell(target, value=None)
            kept.fill = _FAULTY
            kept.comment = Comment("\n".join(messages), "Earmark", width=320, height=140)
        if bold and kept is not None:
            kept.font = _BOLD
        found.append(kept)
    return found


def _noughts(cell: SheetCell) -> bool:
    """Whether a number is seen with noughts behind its last digit: 7.50, 7.00."""
    longer = "." in cell.text and cell.seen.rstrip("0") == cell.text != cell.seen
    return cell.kind is CellKind.NUMBER and bool(cell.pointed or longer)


def _content(cell: CellValue) -> Cell:
    """A cell as a workbook holds it, so that it is read again as it was."""
    match cell:
        case BrokenCell():
            return None
        case SheetCell(kind=CellKind.DAY | CellKind.MONTH):
            return dt.date.fromisoformat(cell.text)
        case SheetCell(kind=CellKind.PERCENT):
            # in its own format, or in one in percent
            return Decimal(cell.text).scaleb(-2 * (1 if cell.instead is None else cell.percents))
        case SheetCell(kind=CellKind.NUMBER):
            return Decimal(cell.text) if cell.seen == cell.text or _noughts(cell) else cell.seen
        case SheetCell(kind=CellKind.TRUTH):
            return cell.text == "true"
        case SheetCell():
            return cell.seen
    return cell or None


def _bold(target: WriteOnlyWorksheet, text: str) -> object:
    cell = workbook_cell(target, text)
    if cell is not None:
        cell.font = _BOLD
    return cell


def _by_row(faults: Sequence[FaultTold]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for fault in faults:
        if fault.row is None:
            continue
        row = found.setdefault(fault.row, {})
        row[fault.column] = f"{row[fault.column]}\n{fault.message}" if fault.column in row else fault.message
    return found
