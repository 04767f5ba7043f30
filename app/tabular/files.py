"""Reads CSV files and workbooks into rows of cells under their columns, without guessing what the cells mean."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from openpyxl.utils.cell import get_column_letter

from app.domain.keys import without_marks
from app.errors import Fault, InvalidInput, UsageError, step
from app.sheets import plain_text
from app.tabular.cells import ERROR_VALUES, BrokenCell, CellValue, MergedCells, RawRow, error_cell
from app.tabular.settings import UNSAID, FileSettings, settings_line
from app.tabular.workbook import OLE_MAGIC, ZIP_MAGIC, Sheet, Workbook, check_kind, open_workbook, refused

#: a cell longer than this is no table's cell
CELL_LIMIT = 100_000
#: so many rows are looked at for a header that stands further down
_LOOKED_AT = 30

_WORKBOOKS = frozenset((".xlsx", ".xlsm", ".xltx", ".xltm"))
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_QUOTED = re.compile(r'"[^"]*"')
_WORD = re.compile(r"[^\s,;|\"]+")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One data row: its number in the file (the first row is 1) and its cells by column; empty cells are absent."""

    number: int
    cells: dict[str, CellValue]
    #: what is wrong with the row as a whole
    faults: tuple[Fault, ...] = ()


@dataclass(kw_only=True, slots=True)
class Table:
    """A table whose header was read."""

    #: what the options and the file itself say about its notation
    settings: FileSettings
    #: rows, and faults that belong to no single row; holds one at a time
    rows: Iterator[TableRow | Fault]


@dataclass(kw_only=True, slots=True)
class _Header:
    row: int
    #: name of each column; empty where the header has none
    names: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_table(path: Path, known: frozenset[str], required: frozenset[str], settings: FileSettings = UNSAID) -> Table:
    """The table of a file: a header, columns in any order, and rows.

    Raises ``InvalidInput`` for a file that is no table; its rows do so, before the first, for a header with unknown,
    repeated or missing columns. What is wrong in a row comes with the row.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    with path.open("rb") as stream:
        start = stream.read(4)
    if start in (ZIP_MAGIC, OLE_MAGIC) or path.suffix.lower() in _WORKBOOKS:
        return _workbook_table(path, known, required, settings)
    settings, rows = _csv(path, settings)
    return Table(settings=settings, rows=_checked(rows, known, required, settings))


def _checked(
    rows: Iterator[RawRow | MergedCells | Fault],
    known: frozenset[str],
    required: frozenset[str],
    settings: FileSettings,
) -> Iterator[TableRow | Fault]:
    """The rows below the header, which is checked at once."""
    header, ahead = _find_header(rows, known, required, settings)
    if header.faults:
        raise InvalidInput(header.faults)
    return _below(header, chain(ahead, rows))


def _below(header: _Header, rows: Iterable[RawRow | MergedCells | Fault]) -> Iterator[TableRow | Fault]:
    last = header.row
    for row in rows:
        match row:
            case Fault():
                yield row
            case MergedCells() if row.first_row > last:
                continue  # below the table, where nothing stands
            case MergedCells():
                if (fault := _merged(row, header)) is not None:
                    yield fault
            case (number, cells):
                last = number
                yield _table_row(header, number, cells)


def _merged(block: MergedCells, header: _Header) -> Fault | None:
    if block.last_row <= header.row or block.first_column > len(header.names):
        return None
    name = header.names[block.first_column - 1]
    return Fault(
        row=max(block.first_row, header.row + 1),
        pointer=step(name),
        rule="table.merged",
        message=f"The cells {block.reference} of the sheet {block.sheet} are merged, and only the first holds a value: "
        "unmerge them, and write the value into each row that it is meant for.",
    )


def _table_row(header: _Header, number: int, cells: list[CellValue]) -> TableRow:
    names = header.names
    found: dict[str, CellValue] = {}
    faults: list[Fault] = []
    for position, cell in enumerate(cells):
        if cell == "":
            continue
        if position < len(names) and (name := names[position]):
            found[name] = error_cell(cell) if isinstance(cell, str) and cell in ERROR_VALUES else cell
        elif not faults:
            faults.append(_without_column(number, position, cells, names))
    return TableRow(number, found, tuple(faults))


def _without_column(number: int, position: int, cells: list[CellValue], names: list[str]) -> Fault:
    """A cell that stands under no name: in a text file often one that holds the separator itself."""
    letter = get_column_letter(position + 1)
    if position < len(names):
        message = f"Column {letter} has no name in the header, but a value here: name it, or empty it."
    else:
        message = (
            f"The row has {len(cells)} cells, the header {len(names)}: quote cells that contain the separator, and "
            f"empty what stands right of the table (column {letter})."
        )
    return Fault(row=number, rule="table.cells", message=message)


def _find_header(
    rows: Iterator[RawRow | MergedCells | Fault],
    known: frozenset[str],
    required: frozenset[str],
    settings: FileSettings,
) -> tuple[_Header, list[RawRow | MergedCells | Fault]]:
    """The header, and rows that were read already while looking whether it stands further down."""
    wanted = settings.header_row
    for row in rows:
        if isinstance(row, Fault):
            raise InvalidInput([row])
        if isinstance(row, MergedCells) or not any(cell != "" for cell in row[1]):
            continue
        number, cells = row
        if wanted is not None and number < wanted:
            continue
        if wanted is not None and number > wanted:
            raise refused("empty", f"Row {wanted}, which should hold the header, is empty.", wanted)
        header = _header(number, cells, known, required)
        if not header.faults or wanted is not None:
            return header, []
        ahead = list(islice(rows, _LOOKED_AT))
        for later in ahead:
            if isinstance(later, tuple) and not _header(*later, known, required).faults:
                place = later[0]
                advice = f"say --header-row {place}, or delete the rows above it"
                raise refused("header-below", f"The names of the columns stand in row {place}: {advice}.", place)
        return header, ahead
    first = wanted or 1
    raise refused("empty", f"The file is empty: its row {first} names the columns.", first)


def _header(number: int, cells: list[CellValue], known: frozenset[str], required: frozenset[str]) -> _Header:
    names, faults = [], []
    for position, cell in enumerate(cells):
        match cell:
            case str():
                names.append(without_marks(cell))
            case BrokenCell():
                names.append("")
                letter = step(get_column_letter(position + 1))
                faults.append(Fault(row=number, pointer=letter, rule="table.cell", message=cell.message))
            case _:
                names.append(cell.shown)
    while names and not names[-1]:
        names.pop()
    faults += [
        Fault(
            row=number,
            pointer=step(name),
            rule="table.unknown-column",
            message=f"There is no column {name!r} here. Columns: {', '.join(sorted(known))}.",
        )
        for name in names
        if name and known and name not in known
    ]
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    faults += [
        Fault(
            row=number,
            pointer=step(name),
            rule="table.repeated-column",
            message=f"The column {name} stands twice.",
        )
        for name in repeated
    ]
    faults += [
        Fault(row=number, rule="table.missing-column", message=f"The column {name} is needed.")
        for name in sorted(required - set(names))
    ]
    return _Header(row=number, names=names, faults=faults)


# --- text files


def _csv(path: Path, settings: FileSettings) -> tuple[FileSettings, Iterator[RawRow | MergedCells | Fault]]:
    raw = path.read_bytes()
    if raw[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        told = "The file is a web page or XML under another name: open it in a spreadsheet and save it as a workbook."
        raise refused("format", told)
    text = _decoded(raw, settings.encoding)
    if "\0" in text:
        told = _without_mark(raw) or "The file is not a table of text: save it as “CSV UTF-8”."
        raise refused("binary", told)
    skipped = 0
    while (said := _settings_above(text)) is not None:
        settings = settings.filled_from(said)
        text = text.partition("\n")[2]
        skipped += 1
    return settings, _csv_rows(text, skipped, settings.separator or _separator(text, skipped, settings.header_row))


def _settings_above(text: str) -> FileSettings | None:
    try:
        return settings_line(text.partition("\n")[0])
    except UsageError as error:
        raise refused("setting", f"{error.message}.") from error


def _separator(text: str, skipped: int, header_row: int | None) -> str:
    """What parts the cells, told from the header: the first line that holds anything."""
    lines = iter(io.StringIO(text))
    for line in islice(lines, max((header_row or 1) - skipped - 1, 0), None):
        if line.strip():
            bare = _QUOTED.sub("", line)
            return max(",;\t", key=bare.count)
    return ","


def _decoded(raw: bytes, encoding: str | None) -> str:
    """The text of a file in the encoding that its mark tells or that was said, else UTF-8."""
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    encoding = marked or encoding or "utf-8"
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, UnicodeError) as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = raw[:start].count(b"\n") + 1
        raise refused("encoding", _encoding_question(raw, start, encoding), line) from error


def _encoding_question(raw: bytes, start: int, encoding: str) -> str:
    advice = "save it as “CSV UTF-8”"
    if encoding not in ("utf-8", "utf-8-sig"):
        return f"The file is not {encoding}: say another --encoding, or {advice}."
    if (told := _without_mark(raw)) is not None:
        return told
    line = raw[raw.rfind(b"\n", 0, start) + 1 : start + 80].partition(b"\n")[0]
    before = len(raw[raw.rfind(b"\n", 0, start) + 1 : start])
    readings = []
    for name in ("windows-1252", "mac-roman", "cp850"):
        text = line.decode(name, errors="replace")
        word = next((match[0] for match in _WORD.finditer(text) if match.start() <= before < match.end()), "")
        if word and "\ufffd" not in word and word.isprintable():
            readings.append(f"--encoding {name} reads “{word}”")
    known = f" ({', '.join(readings)})" if readings else ""
    return f"The file is not UTF-8: {advice}, or say how it is written{known}."


def _without_mark(raw: bytes) -> str | None:
    """What to say of a file in UTF-16 whose mark is missing: every other byte is empty."""
    start = raw[:1000]
    if start.count(0) <= len(start) // 3:
        return None
    order = "le" if start[1:2] == b"\0" else "be"
    return f"The file is not UTF-8: say --encoding utf-16-{order}, or save it as “CSV UTF-8”."


def _csv_rows(text: str, skipped: int, separator: str) -> Iterator[RawRow | Fault]:
    csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        start = reader.line_num + skipped + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(row=start, rule="table.format", message=_unreadable(str(error)))
            return
        if any(cells):
            yield start, [_text_cell(cell) for cell in cells]


def _text_cell(cell: str) -> CellValue:
    if "\ufffd" in cell:
        return BrokenCell(message="A letter was lost here (�) when the file was saved: write it again.")
    return plain_text(cell.strip())


def _unreadable(reason: str) -> str:
    """The CSV reader's reason in words."""
    if "field larger" in reason:
        return f"A cell holds more than {CELL_LIMIT:,} characters: a quotation mark may be missing above."
    if "unexpected end" in reason:
        return "A quotation mark opens a cell here and is never closed: close it, or take it out."
    return "A quotation mark stands inside a cell: double it, and put the whole cell into quotation marks."


# --- workbooks


def _workbook_table(path: Path, known: frozenset[str], required: frozenset[str], settings: FileSettings) -> Table:
    """The table of the sheet that was named, else of the one visible sheet whose header fits."""
    check_kind(path)

    def rows() -> Iterator[TableRow | Fault]:
        with open_workbook(path) as workbook:
            sheet = _sheet(workbook, known, required, settings)
            yield from _checked(_limited(workbook.rows(sheet)), known, required, settings)

    return Table(settings=settings, rows=rows())


def _limited(rows: Iterator[RawRow | MergedCells]) -> Iterator[RawRow | MergedCells]:
    for row in rows:
        if isinstance(row, tuple):
            for position, cell in enumerate(row[1]):
                if isinstance(cell, str) and len(cell) > CELL_LIMIT:
                    row[1][position] = BrokenCell(message=f"The cell holds more than {CELL_LIMIT:,} characters.")
        yield row


def _sheet(workbook: Workbook, known: frozenset[str], required: frozenset[str], settings: FileSettings) -> Sheet:
    if settings.sheet is not None:
        named = [sheet for sheet in workbook.sheets if sheet.name.casefold() == settings.sheet.casefold()]
        if not named:
            names = ", ".join(sheet.name for sheet in workbook.sheets)
            raise refused("sheet", f"The workbook has no sheet {settings.sheet!r}. Sheets: {names}.")
        return named[0]
    if not workbook.sheets:
        raise refused("sheet", "The workbook has no sheet with cells.")
    fitting = [sheet for sheet in workbook.sheets if _fits(workbook, sheet, known, required, settings)]
    visible = [sheet for sheet in fitting if not sheet.hidden]
    if len(visible) == 1:
        return visible[0]
    if visible:
        names = ", ".join(sheet.name for sheet in visible)
        raise refused("sheets", f"The sheets {names} each hold such a table: name the one to read with --sheet.")
    if fitting:
        raise refused(
            "hidden-sheet",
            f"The table stands on the hidden sheet {fitting[0].name}: show it, or name it with --sheet.",
        )
    # none fits: the faults of the first sheet that people see say why
    return next((sheet for sheet in workbook.sheets if not sheet.hidden), workbook.sheets[0])


def _fits(
    workbook: Workbook, sheet: Sheet, known: frozenset[str], required: frozenset[str], settings: FileSettings
) -> bool:
    for row in workbook.rows(sheet):
        if isinstance(row, tuple) and row[0] >= (settings.header_row or 1):
            return required <= set(_header(*row, known, required).names)
    return False
