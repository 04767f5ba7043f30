"""What a cell of a table can be: text as it was typed, a value that a spreadsheet keeps with its type, or a fault."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from app.domain.keys import without_marks


class CellKind(StrEnum):
    """What a spreadsheet takes the content of a cell for."""

    NUMBER = "number"
    #: a number that is shown in percent; its text is what is seen, without the sign
    PERCENT = "percentage"
    DAY = "date"
    #: a day of which the month or the year alone is seen; whether the first day is meant nobody knows
    MONTH = "month"
    #: a day with a time, or a time alone
    MOMENT = "time"
    TRUTH = "truth value"


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetCell:
    """A typed cell of a spreadsheet. Cells of text are plain ``str`` instead."""

    kind: CellKind
    #: the value, exact and plain: ``1000.1``, ``60``, ``2026-03-31``, ``true``
    text: str
    #: what the number format makes of it, where that is a text of its own: ``0007``, ``EV-012``
    seen: str
    #: of a whole number that is shown with decimals, what is seen: ``7.00``; the noughts are no part of a code
    pointed: str = ""
    #: of a percentage: how often its format multiplies by a hundred; one that only has the sign in quotes does not
    percents: int = 0
    #: the day that the workbook counts its days from
    first_day: dt.date
    #: the sign or code of a currency that is seen beside the number
    currency: str = ""
    #: the side of the booking that is seen beside the number, such as ``Cr``
    side: str = ""
    #: the word for a multiple that is seen beside the number, such as ``k`` or ``Mio``
    multiple: str = ""
    #: what is seen in place of the value, such as 2 for 2000 in thousands; None: the value is seen
    instead: str | None = None
    #: the format by which that is seen, or the word for a multiple, or the power or fraction
    shown_by: str = ""
    #: what is seen of a number that is shown in powers of ten or as a fraction: 1.00E+03, 1/2; no text has it so
    rewritten: str = ""
    #: what is seen of a day of which no more than the month or the year is shown: ``2026-03``, ``2026``
    coarse: str = ""

    @property
    def shown(self) -> str:
        """The cell as a message shows it."""
        return f"{self.text}%" if self.kind is CellKind.PERCENT else self.seen


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenCell:
    """A cell without a value that could be taken, and why."""

    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedCells:
    """A block of cells that is shown as one; only its first cell holds a value. Rows and columns count from 1."""

    sheet: str
    #: as a spreadsheet names it: ``A2:A5``
    reference: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True)
class HiddenRow:
    """A row that the workbook does not show, or shows as deleted, with its number and cells."""

    number: int
    cells: "list[CellValue]"
    #: whether it is shown, but struck through
    struck: bool = False


@dataclass(frozen=True, slots=True)
class StruckRow:
    """A row with cells that are struck through: people mark so what they deleted."""

    number: int
    cells: "list[CellValue]"
    #: numbers of the columns of these cells, from 1
    columns: frozenset[int]
    #: of those the ones of which a part is struck through, and another one stays
    in_part: frozenset[int]

    @property
    def is_whole(self) -> bool:
        """Whether all that the row holds is struck through."""
        struck = self.columns - self.in_part
        return all(cell == "" or place in struck for place, cell in enumerate(self.cells, 1))


CellValue = str | SheetCell | BrokenCell

#: number of the row in the file, and its cells; the last one is not empty
RawRow = tuple[int, list[CellValue]]

#: what spreadsheets write where a formula came to nothing; in text they are the same, left behind by “save as CSV”
ERROR_VALUES = frozenset(
    (
        "#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
        "#CONNECT!", "#GETTING_DATA", "#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#NOMBRE!", "#VALEUR!", "#¡REF!",
        "#¡VALOR!", "#¡DIV/0!", "#¿NOMBRE?",
    )
)  # fmt: skip


def code_in(cell: CellValue | None) -> str:
    """The code that stands in a cell, as it is seen; empty where none does."""
    return cell.shown if isinstance(cell, SheetCell) else without_marks(cell) if isinstance(cell, str) else ""


def unseen(cell: CellValue) -> BrokenCell | None:
    """The fault of a cell that shows something else than it holds; None: what it holds is seen."""
    if not isinstance(cell, SheetCell) or cell.instead is None:
        return None
    if cell.instead:
        message = (
            f"The cell holds {cell.shown} and shows {cell.instead}: give it a format that shows what it holds, or "
            "write what is meant."
        )
        return BrokenCell(message=message)
    message = (
        f"The cell holds {cell.shown} and shows nothing of it: give it a format that shows what it holds, or write "
        "what is meant."
    )
    return BrokenCell(message=message)


def error_cell(value: str, place: str = "The cell") -> BrokenCell:
    """The fault of a cell that shows an error; ``place`` names it."""
    return BrokenCell(message=f"{place} shows the error {value}: mend its formula, or write the value itself.")
