"""Reads CSV files and workbooks into rows of cells under their columns, without guessing what the cells mean."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from openpyxl.utils.cell import get_column_letter

from app.errors import Fault, InvalidInput, UsageError, step
from app.tabular.cells import ERROR_VALUES, BrokenCell, CellValue, HiddenRow, MergedCells, RawRow, StruckRow, error_cell
from app.tabular.elements import refused
from app.tabular.header import Expected, Found, Header, Table, TableRow, find_header, read_header
from app.tabular.settings import UNSAID, FileSettings
from app.tabular.text import CELL_LIMIT, read_text
from app.tabular.workbook import OLE_MAGIC, ZIP_MAGIC, Sheet, Workbook, check_kind, open_workbook

_WORKBOOKS = frozenset((".xlsx", ".xlsm", ".xltx", ".xltm"))


@dataclass(frozen=True, kw_only=True, slots=True)
class RawRows:
    """A table as its file has it; ``rows`` can be read once."""

    #: of a workbook
    sheet: str | None
    #: where the header was said to stand; None: it is the first row that holds anything
    header_row: int | None
    rows: Iterator[RawRow]


def is_workbook(path: Path) -> bool:
    """Whether the file is one, or is called one."""
    with path.open("rb") as stream:
        start = stream.read(4)
    return start in (ZIP_MAGIC, OLE_MAGIC) or path.suffix.lower() in _WORKBOOKS


def read_table(
    path: Path,
    known: frozenset[str],
    required: frozenset[str],
    settings: FileSettings = UNSAID,
    *,
    others_ignored: bool = False,
) -> Table:
    """The table of a file: a header, columns in any order, and rows; ``others_ignored``: of ``required`` ones alone.

    Raises ``InvalidInput`` for a file that is no table; its rows do so, before the first, for a header with unknown,
    repeated or missing columns. What is wrong in a row comes with the row.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    expected = Expected(known=known, required=required, others_ignored=others_ignored)
    if is_workbook(path):
        return _workbook_table(path, expected, settings)
    settings, rows = read_text(path, settings, expected)
    return Table(settings=settings, rows=_checked(rows, expected, settings))


@contextmanager
def raw_rows(path: Path, known: frozenset[str], required: frozenset[str], settings: FileSettings) -> Iterator[RawRows]:
    """The table of a file as it stands there, header and hidden rows too, for whoever writes it anew.

    :raises InvalidInput: for a file that is no table.
    """
    expected = Expected(known=known, required=required)
    if not is_workbook(path):
        settings, rows = read_text(path, settings, expected)
        yield RawRows(sheet=None, header_row=settings.header_row, rows=(row for row in rows if isinstance(row, tuple)))
        return
    check_kind(path)
    with open_workbook(path) as workbook:
        sheet = _sheet(workbook, expected, settings)
        unlike = (HiddenRow, StruckRow)
        found = ((row.number, row.cells) if isinstance(row, unlike) else row for row in workbook.rows(sheet))
        raw = (row for row in found if isinstance(row, tuple))
        yield RawRows(sheet=sheet.name, header_row=settings.header_row, rows=raw)


def _checked(
    rows: Iterator[Found],
    expected: Expected,
    settings: FileSettings,
    hidden: Callable[[Header], list[Fault]] = lambda _header: [],
) -> Iterator[TableRow | Fault]:
    """The rows below the header, which is checked at once; ``hidden`` tells what nobody sees below it."""
    header, ahead = find_header(rows, expected, settings)
    if faults := header.faults or hidden(header):
        raise InvalidInput(faults)
    return _below(header, chain(ahead, rows))


def _below(header: Header, rows: Iterable[Found]) -> Iterator[TableRow | Fault]:
    last = header.row
    hidden: list[int] = []
    struck: list[int] = []
    for row in rows:
        match row:
            case Fault():
                yield row
            case HiddenRow():
                last = row.number
                (struck if row.struck else hidden).append(row.number)
            case MergedCells() if row.first_row > last:
                continue  # below the table, where nothing stands
            case MergedCells():
                if (fault := _merged(row, header)) is not None:
                    yield fault
            case (number, cells) if cells == header.cells and not header.expected.others_ignored:
                # pages that were put below each other
                last = number
                message = "The row repeats the names of the columns: take it out."
                yield Fault(row=number, rule="table.repeated-header", message=message)
            case (number, cells):
                last = number
                yield _table_row(header, number, cells)
    for first, last in _runs(hidden):
        if first == last:
            told = f"Row {first} is hidden in the workbook, perhaps by a filter: show what is meant, or say {_OPTIONS}."
        else:
            told = (
                f"Rows {first} to {last} are hidden in the workbook, perhaps by a filter: show what is meant, or say "
                f"{_OPTIONS}."
            )
        yield Fault(row=first, rule="table.hidden", message=told)
    for first, last in _runs(struck):
        if first == last:
            told = f"Row {first} is struck through in the workbook, as if deleted: take out what is, or say {_OPTIONS}."
        else:
            told = (
                f"Rows {first} to {last} are struck through in the workbook, as if deleted: take out what is, or say "
                f"{_OPTIONS}."
            )
        yield Fault(row=first, rule="table.hidden", message=told)


_OPTIONS = "--hidden-rows read (they count) or --hidden-rows skip (they do not)"


def _runs(rows: list[int]) -> Iterator[tuple[int, int]]:
    """Each run of rows: the first and the last of it."""
    start = 0
    for place, number in enumerate(rows):
        if place + 1 < len(rows) and rows[place + 1] == number + 1:
            continue
        first = rows[start]
        start = place + 1
        yield first, number


def _merged(block: MergedCells, header: Header) -> Fault | None:
    if block.last_row <= header.row or block.first_column > len(header.names):
        return None
    names = header.names[block.first_column - 1 : block.last_column]
    if not any(header.expected.concerns(name) for name in names) and header.expected.others_ignored:
        return None
    name = names[0]
    return Fault(
        row=max(block.first_row, header.row + 1),
        pointer=step(name),
        rule="table.merged",
        message=f"The cells {block.reference} of the sheet {block.sheet} are merged, and only the first holds a value: "
        "unmerge them, and write the value into each row that it is meant for.",
    )


def _table_row(header: Header, number: int, cells: list[CellValue]) -> TableRow:
    names = header.names
    found: dict[str, CellValue] = {}
    faults: list[Fault] = []
    for position, cell in enumerate(cells):
        if cell == "":
            continue
        if position < len(names) and (name := names[position]):
            found[name] = error_cell(cell) if isinstance(cell, str) and _is_error(cell) else cell
        elif not faults and not (header.expected.others_ignored and position < len(names)):
            faults.append(_without_column(number, position, cells, names))
    return TableRow(number, found, tuple(faults))


def _is_error(cell: str) -> bool:
    return cell[0] == "#" and cell in ERROR_VALUES


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


# --- workbooks


def _workbook_table(path: Path, expected: Expected, settings: FileSettings) -> Table:
    """The table of the sheet that was named, else of the one visible sheet whose header fits."""
    check_kind(path)

    def rows() -> Iterator[TableRow | Fault]:
        with open_workbook(path) as workbook:
            sheet = _sheet(workbook, expected, settings)
            with closing(workbook.rows(sheet)) as found:
                limited = _limited(found, settings, passed_over)
                yield from _checked(limited, expected, settings, partial(_hidden_columns, workbook, sheet, settings))

    passed_over: list[int] = []
    return Table(settings=settings, rows=rows(), passed_over=passed_over)


def _hidden_columns(workbook: Workbook, sheet: Sheet, settings: FileSettings, header: Header) -> list[Fault]:
    """One question for each column that would be read, holds anything, and is not seen."""
    hidden = {
        number: header.names[number - 1]
        for number in workbook.hidden_columns(sheet)
        if number <= len(header.names) and header.expected.concerns(header.names[number - 1])
    }
    first: dict[int, int] = {}
    for row in _limited(workbook.rows(sheet), settings, []) if hidden else ():
        if isinstance(row, tuple) and row[0] > header.row:
            filled = {number for number in hidden if number <= len(row[1]) and row[1][number - 1] != ""}
            first.update(dict.fromkeys(filled - first.keys(), row[0]))
        if len(first) == len(hidden):
            break
    return [
        Fault(
            row=row,
            pointer=step(hidden[number]),
            rule="table.hidden-column",
            message=f"Column {get_column_letter(number)} ({hidden[number]}) is hidden in the workbook and holds "
            "values: show it if they are meant, or delete it.",
        )
        for number, row in sorted(first.items())
    ]


def _limited(
    rows: Iterator[RawRow | HiddenRow | StruckRow | MergedCells], settings: FileSettings, passed_over: list[int]
) -> Iterator[Found]:
    for found in rows:
        row = _as_asked(found) if isinstance(found, StruckRow) else found
        if isinstance(row, HiddenRow):
            if settings.hidden_rows == "skip":
                passed_over.append(row.number)
            else:
                yield (row.number, row.cells) if settings.hidden_rows == "read" else row
            continue
        if isinstance(row, tuple):
            for position, cell in enumerate(row[1]):
                if isinstance(cell, str) and len(cell) > CELL_LIMIT:
                    row[1][position] = BrokenCell(message=f"The cell holds more than {CELL_LIMIT:,} characters.")
        yield row


def _as_asked(row: StruckRow) -> RawRow | HiddenRow:
    """A row that is struck through is as one that is hidden; of another one its struck cells are asked back.

    Whoever says what hidden rows are says nothing of such a cell: of one struck in part old and new would be one text.
    """
    if row.is_whole:
        return HiddenRow(row.number, row.cells, struck=True)
    for column in row.columns:
        message = "The cell is struck through, as if deleted: empty it, or write what is meant without the line."
        if column in row.in_part:
            message = "A part of the cell is struck through, as if deleted: write what is meant without that part."
        row.cells[column - 1] = BrokenCell(message=message)
    return row.number, row.cells


def _sheet(workbook: Workbook, expected: Expected, settings: FileSettings) -> Sheet:
    if settings.sheet is not None:
        named = [sheet for sheet in workbook.sheets if sheet.name.casefold() == settings.sheet.casefold()]
        if not named:
            names = ", ".join(sheet.name for sheet in workbook.sheets)
            raise refused("sheet", f"The workbook has no sheet {settings.sheet!r}. Sheets: {names}.")
        return named[0]
    if not workbook.sheets:
        raise refused("sheet", "The workbook has no sheet with cells.")
    fitting = [sheet for sheet in workbook.sheets if _fits(workbook, sheet, expected, settings)]
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


def _fits(workbook: Workbook, sheet: Sheet, expected: Expected, settings: FileSettings) -> bool:
    for found in workbook.rows(sheet):
        row = (found.number, found.cells) if isinstance(found, StruckRow) else found
        if isinstance(row, tuple) and row[0] >= (settings.header_row or 1):
            return expected.required <= set(read_header(*row, expected).names)
    return False
