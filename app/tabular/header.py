"""What a table is made of, and its header: the names of the columns, where they stand, and what is wrong with them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Final

from openpyxl.utils.cell import get_column_letter

from app.domain.keys import without_marks
from app.errors import Fault, InvalidInput, step
from app.tabular.cells import BrokenCell, CellValue, HiddenRow, MergedCells, RawRow
from app.tabular.elements import refused
from app.tabular.settings import FileSettings

#: so many rows are looked at for a header that stands further down
LOOKED_AT: Final = 30

#: what a file holds, in order
Found = RawRow | HiddenRow | MergedCells | Fault


@dataclass(frozen=True, slots=True)
class TableRow:
    """One data row: its number in the file (the first row is 1) and its cells by column; empty cells are absent."""

    number: int
    cells: dict[str, CellValue]
    #: what is wrong with the row as a whole
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """Which columns a file should have."""

    #: names of columns; empty when any name may stand in the header
    known: frozenset[str]
    required: frozenset[str]
    #: whether columns beyond the required ones are passed over: those of another system's file
    others_ignored: bool = False

    def name(self, text: str) -> str:
        """The name of a column as it is compared: other systems break long names into lines, and people begin a
        column with a capital letter or write “Value date” for value_date.
        """
        if self.others_ignored:
            return " ".join(text.split())
        if text in self.known or not self.known:
            return text
        # forms mark what has to be filled in with a star
        plain = "_".join(text.casefold().strip("*: ").replace("-", " ").replace("_", " ").split())
        return plain if plain in self.known else text

    def concerns(self, name: str) -> bool:
        return bool(name) and (not self.others_ignored or name in self.required)


@dataclass(kw_only=True, slots=True)
class Table:
    """A table whose header was read."""

    #: what the options and the file itself say about its notation
    settings: FileSettings
    #: rows, and faults that belong to no single row; holds one at a time
    rows: Iterator[TableRow | Fault]
    #: numbers of the hidden rows that were passed over so far, because that was said
    passed_over: list[int] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Header:
    row: int
    expected: Expected
    #: name of each column; empty where the header has none
    names: list[str] = field(default_factory=list)
    #: as it stands in the file
    cells: list[CellValue] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def find_header(
    rows: Iterator[Found],
    expected: Expected,
    settings: FileSettings,
) -> tuple[Header, list[Found]]:
    """The header, and rows that were read already while looking whether it stands further down."""
    wanted = settings.header_row
    for found in rows:
        if isinstance(found, Fault):
            raise InvalidInput([found])
        row = (found.number, found.cells) if isinstance(found, HiddenRow) else found
        if isinstance(row, MergedCells) or not any(cell != "" for cell in row[1]):
            continue
        number, cells = row
        if wanted is not None and number < wanted:
            continue
        if wanted is not None and number > wanted:
            raise refused("empty", f"Row {wanted}, which should hold the header, is empty.", wanted)
        header = read_header(number, cells, expected)
        if not header.faults or (wanted is not None and not expected.others_ignored):
            return header, []
        ahead = list(islice(rows, LOOKED_AT if wanted is None else 1))
        if expected.others_ignored:
            return _mapped(header, ahead)
        place = next((each[0] for each in ahead if isinstance(each, tuple) and _names(each, header)), None)
        if place is not None:
            advice = f"say --header-row {place}, or delete the rows above it"
            raise refused("header-below", f"The names of the columns stand in row {place}: {advice}.", place)
        return header, ahead
    first = wanted or 1
    raise refused("empty", f"The file is empty: its row {first} names the columns.", first)


def _names(row: RawRow, first: Header) -> bool:
    """Whether a row below the first one is the header: with every name, or, where the first has none, with most."""
    expected = first.expected
    found = read_header(*row, expected)
    there = expected.required.intersection(found.names)
    return not found.faults or (len(there) * 2 > len(expected.required) > 1 and not _has(first))


def _has(header: Header) -> int:
    """How many of the names that are needed stand there."""
    return len(header.expected.required.intersection(header.names))


def _mapped(first: Header, ahead: list[Found]) -> tuple[Header, list[Found]]:
    """The header of another system's file: the row or the two rows with every name that the mapping gives, and what is
    above are titles. Where there is none, the row that has most of them, so that what it lacks is told.
    """
    found = [(first, 0)]
    above = first
    for position, row in enumerate(ahead, 1):
        if isinstance(row, tuple):
            header = read_header(*row, first.expected)
            both = _of_two_rows(above, header)
            found += [(header, position), (both, position)]
            above = header
    best, rows = min(found, key=lambda each: (bool(each[0].faults), -_has(each[0]), each[1]))
    return best, ahead[rows:]


def _of_two_rows(upper: Header, lower: Header) -> Header:
    """A header whose names are broken into two rows: a column is called by the lower one, by both (a name above several
    columns stands with the first of them), or by the upper one, whichever the mapping gives. What stands above several
    columns names none of them alone.
    """
    names: list[CellValue] = []
    above = ""
    width = max(len(upper.names), len(lower.names)) + 1
    overs, unders = ([*row.names, *[""] * (width - len(row.names))] for row in (upper, lower))
    for place, (over, under) in enumerate(zip(overs[:-1], unders[:-1], strict=True)):
        above = over or (above if under else "")
        alone = over if not under or overs[place + 1] or not unders[place + 1] else ""
        wanted = [name for name in (f"{above} {under}", under, alone) if lower.expected.concerns(name)]
        names.append(wanted[0] if wanted else under or over)
    return read_header(lower.row, names, lower.expected)


def read_header(number: int, cells: list[CellValue], expected: Expected) -> Header:
    names, faults = [], []
    known, required = expected.known, expected.required
    for position, cell in enumerate(cells):
        match cell:
            case str():
                names.append(expected.name(without_marks(cell)))
            case BrokenCell():
                names.append("")
                if expected.others_ignored:
                    continue
                letter = step(get_column_letter(position + 1))
                faults.append(Fault(row=number, pointer=letter, rule="table.cell", message=cell.message))
            case _:
                names.append(cell.shown)
    while names and not names[-1]:
        names.pop()
    if len(required) > 1 and not expected.others_ignored and required.isdisjoint(names):
        return Header(row=number, names=names, faults=[_of_others(number, names, expected)], expected=expected)
    faults += [
        Fault(
            row=number,
            pointer=step(name),
            rule="table.unknown-column",
            message=f"There is no column “{' '.join(name.split())}” here. Columns: {', '.join(sorted(known))}.",
        )
        for name in names
        if name and known and name not in known
    ]
    repeated = sorted({name for name in names if expected.concerns(name) and names.count(name) > 1})
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
        Fault(row=number, rule="table.missing-column", message=_missing(name, names, expected))
        for name in sorted(required - set(names))
    ]
    return Header(row=number, names=names, cells=cells, faults=faults, expected=expected)


def _of_others(number: int, names: list[str], expected: Expected) -> Fault:
    """The one fault of a header that names nothing of what is needed: the table is of another sort, or not ours."""
    needed, found = ", ".join(sorted(expected.required)), ", ".join(name for name in names if name)
    message = (
        f"None of the columns that are needed stands here ({needed}), but {found}: name them so, or, for the file of "
        "another system, say in a mapping what its columns hold."
    )
    return Fault(row=number, rule="table.missing-column", message=message)


def _missing(name: str, names: list[str], expected: Expected) -> str:
    if not expected.others_ignored:
        return f"The column {name} is needed."
    close = get_close_matches(name, [each for each in names if each], 1)
    advice = f"is {close[0]} meant? " if close else ""
    return f"The mapping names a column {name} that the file does not have: {advice}Columns: {', '.join(names)}."
