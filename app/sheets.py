"""Tables that go out: the one way in which this program writes CSV and workbooks.

Both are written as rows come. CSV is UTF-8 with a mark, so that spreadsheets read it rightly, and no text in it is
taken for a formula; reading a table takes the apostrophe that does this off again (:func:`plain_text`). A workbook has
typed cells, a header that stays in view, and columns as wide as what stands in them.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from app.domain.money import one_zero, plain

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as WorkbookCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

# every command knows cells, and few write a workbook: the library for those, a tenth of a start, comes when it is asked

#: what may stand in a cell; numbers are exact
Cell = str | int | Decimal | dt.date | bool | None

#: characters that a cell of a workbook holds; what is longer says that it was cut
_LONGEST = 32_767
_CUT = " … (cut off here, since a workbook's cell holds no more: the CSV has all of it)"
#: digits that a spreadsheet's number holds exactly
_EXACT_DIGITS = 15
#: before it spreadsheets count days in two ways, since some have a 29 February 1900, and before 1900 not at all
_FIRST_DAY = dt.date(1900, 3, 1)
#: rows whose cells decide how wide a column is
_LOOKED_AT = 200
_NARROWEST, _WIDEST = 8, 60
#: rows written in one piece
_BATCH = 500
# what a spreadsheet would take for a formula, and the same with apostrophes before it
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")
# a comma that groups the digits of a number
_GROUPING = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# no workbook holds these
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def safe_text(text: str) -> str:
    """Text as it goes into CSV: with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain_text(text: str) -> str:
    """The text that :func:`safe_text` made safe."""
    return text[1:] if text[:1] == "'" and _DEFUSED.match(text) else text


def written(cell: Cell) -> str:
    """A cell as CSV has it."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return plain(cell)
        case dt.date():
            return cell.isoformat()
        case str():
            return safe_text(cell)
    return str(cell)


def csv_pieces(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, comments: Iterable[str] = (), marked: bool = True
) -> Iterator[bytes]:
    """A table as CSV, in pieces: header, rows, and comments as lines that begin with ``#``.

    The comments stand last, so that the first line is the header for whoever reads the file without knowing them.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_text(name) for name in columns])
    if marked:
        yield "\ufeff".encode()
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        writer.writerows([written(cell) for cell in row] for row in batch)
        yield _taken(text)
    writer.writerows([_comment(each)] for each in comments)
    yield _taken(text)


def _comment(text: str) -> str:
    """A line that begins with ``#``. With a comma or a quotation mark it would stand in quotation marks, begin with
    these, and be a row for programs that leave out what begins with ``#``: numbers go without the commas that group
    their digits, other commas become semicolons, and quotation marks single ones."""
    line = _GROUPING.sub("", f"# {' '.join(text.split())}")
    return line.replace(",", ";").replace('"', "'")


def _taken(text: io.StringIO) -> bytes:
    content = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return content


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet of a workbook."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    #: column → number format, where numbers are to be shown otherwise than they are
    formats: dict[str, str] = field(default_factory=dict)


def write_workbook(stream: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """A workbook of sheets; holds the rows that decide on widths, and no others."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    for sheet in sheets:
        _write_sheet(workbook.create_sheet(sheet_name(sheet.name)), sheet)
    workbook.save(stream)


def workbook_bytes(sheets: Iterable[Sheet]) -> bytes:
    """The workbook in memory."""
    content = io.BytesIO()
    write_workbook(content, sheets)
    return content.getvalue()


def sheet_name(name: str) -> str:
    """No sheet has these characters in its name, nor a longer one."""
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31]


def _write_sheet(target: "WriteOnlyWorksheet", sheet: Sheet) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    rows = iter(sheet.rows)
    first = list(islice(rows, _LOOKED_AT))
    for place, name in enumerate(sheet.columns):
        longest = max([len(name), *(_width(row[place]) for row in first)])
        width = min(max(longest, _NARROWEST), _WIDEST) + 2
        # the types of the library leave this out; it has it
        target.column_dimensions[get_column_letter(place + 1)].width = width  # type: ignore[attr-defined]
    target.freeze_panes = "A2"
    bold = Font(bold=True)
    header = [_text_cell(target, name) for name in sheet.columns]
    for cell in header:
        cell.font = bold
    target.append(header)
    formats = [sheet.formats.get(name) for name in sheet.columns]
    for row in chain(first, rows):
        target.append([workbook_cell(target, value, shown) for value, shown in zip(row, formats, strict=True)])


def _width(value: Cell) -> int:
    """Characters of the longest line."""
    return max((len(line) for line in written(value).splitlines()), default=0)


def workbook_cell(target: "WriteOnlyWorksheet", value: Cell, shown: str | None = None) -> "WorkbookCell | None":
    """Numbers where a spreadsheet holds them exactly, dates as dates, all else as text that is never computed."""
    from openpyxl.cell import WriteOnlyCell

    match value:
        case None:
            return None
        case str():
            return _text_cell(target, value)
        case Decimal() if len(value.as_tuple().digits) > _EXACT_DIGITS:
            return _text_cell(target, written(value))
        case dt.date() if value < _FIRST_DAY:
            return _text_cell(target, written(value))
        case Decimal():
            value = one_zero(value)
    cell = WriteOnlyCell(target, value=value)  # type: ignore[arg-type] # it takes these too
    if isinstance(value, dt.date):
        cell.number_format = "yyyy-mm-dd"
    elif shown is not None and isinstance(value, int | Decimal):
        cell.number_format = shown
    return cell


def _text_cell(target: "WriteOnlyWorksheet", text: str) -> "WorkbookCell":
    from openpyxl.cell import WriteOnlyCell

    if len(text) > _LONGEST:
        text = text[: _LONGEST - len(_CUT)] + _CUT
    cell = WriteOnlyCell(target, value=_CONTROL.sub("\ufffd", text))
    cell.data_type = "s"
    return cell
