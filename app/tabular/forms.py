"""From cells to what the input models take: each column has a form, and a cell is read by it or asked back.

The input models decide what is right; here only the notation of a file is undone (decimal commas, orders of days,
percent signs, numbers with leading zeros), so that a table and a JSON body meet the same rules.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeGuard

from app.domain.advice import amount_advice, day_advice, share_advice, with_sign_before
from app.domain.keys import without_marks
from app.domain.money import plain
from app.domain.notation import (
    DateOrder,
    Doubt,
    Notation,
    Reading,
    is_as_printed,
    read_day,
    read_number,
    read_typed,
    unmistakable,
)
from app.inputs import PERCENT_SIGNS
from app.tabular.cells import BrokenCell, CellKind, CellValue, SheetCell, unseen
from app.tabular.columns import Column, Form, list_advice
from app.tabular.formats import DIGITS

#: what an input model is given for a column: text, or the items of a list
Content = str | list[str] | list[dict[str, str]]


#: what a cell holds that takes the value away; an empty cell leaves it
CLEARS = "-"
#: how the sign itself is written where a value could be taken away
_THE_SIGN = f'"{CLEARS}"'
_SIGNS = frozenset((CLEARS, _THE_SIGN))
_DAYS = frozenset((CellKind.DAY, CellKind.MONTH, CellKind.MOMENT))


class CellFault(ValueError):
    """A cell that is not read; the message says what to write, or which option would read it."""


def is_plain_text(cell: CellValue, column: Column) -> TypeGuard[str]:
    """Whether the cell is text of a column of text and is taken as it stands: most cells of most tables are."""
    return column.takes_text and is_text(cell)


def is_text(cell: CellValue) -> TypeGuard[str]:
    """Whether the cell is text that stands for itself."""
    return isinstance(cell, str) and cell not in _SIGNS


def clears(cell: CellValue, column: Column) -> bool:
    """Whether the cell takes away what stands in its column."""
    return column.is_clearable and cell == CLEARS


def kept_sign(text: str, column: Column) -> str:
    """Text that goes out: what would take the value away is put into quotation marks."""
    return _THE_SIGN if column.is_clearable and text == CLEARS else text


def read_cell(cell: CellValue, column: Column, notation: Notation) -> Content:
    """What the model takes for the cell.

    :raises CellFault: for a cell that cannot be read, or that can be read in several ways.
    """
    if isinstance(cell, BrokenCell):
        raise CellFault(cell.message)
    if (hidden := unseen(cell)) is not None:
        raise CellFault(hidden.message)
    if column.is_list:
        return _list(cell, column, notation)
    if column.is_clearable and cell == _THE_SIGN:
        return CLEARS
    if column.is_start and isinstance(cell, SheetCell) and cell.kind is CellKind.MONTH:
        return cell.text
    return _single(cell, column.form, notation)


# --- lists


def _list(cell: str | SheetCell, column: Column, notation: Notation) -> Content:
    text = cell if isinstance(cell, str) else _as_text(cell)
    items = [item.strip() for item in _split(text, "|")]
    if not any(items):
        advice = list_advice(column)
        raise CellFault(f"The list names nothing. {advice}; write {CLEARS} to take a list away.")
    if not column.parts:
        return [_read(_unquoted(item), column.form, notation) for item in items if item]
    found = []
    for item in items:
        if item:
            pieces = [_unquoted(piece) for piece in _split(item, ":")]
            if len(pieces) > len(column.parts):
                advice = list_advice(column)
                raise CellFault(f"“{item}” has more parts than {len(column.parts)}. {advice}.")
            found.append(
                {
                    name: _read(piece, form, notation)
                    for piece, (name, form) in zip(pieces, column.parts, strict=False)
                    if piece
                }
            )
    return found


def _split(text: str, sign: str) -> list[str]:
    """The parts of a text, quotation marks left on; a part that begins with one goes on behind the closing one."""
    if '"' not in text:
        return text.split(sign)
    part = re.compile(rf'(\s*"(?:[^"]|"")*"[^{sign}]*|[^{sign}]*)({sign}|$)')
    found, place = [], 0
    while (match := part.match(text, place)) is not None:
        found.append(match[1])
        if not match[2]:
            return found
        place = match.end()
    return found


def _unquoted(part: str) -> str:
    part = part.strip()
    if not part.startswith('"'):
        return part
    if not re.fullmatch(r'"(?:[^"]|"")*"', part):
        raise CellFault(f"The quotation marks of {part} do not match: close them, and double each one inside.")
    return part[1:-1].replace('""', '"')


# --- single cells


def _single(cell: str | SheetCell, form: Form, notation: Notation) -> str:
    if isinstance(cell, str):
        return _read(cell, form, notation)
    match form:
        case Form.NUMBER | Form.WHOLE | Form.PERCENT:
            if cell.kind is CellKind.NUMBER or (cell.kind is CellKind.PERCENT and form is Form.PERCENT):
                return _number_of(cell, notation) if form is Form.NUMBER else cell.text
            raise CellFault(f"The cell is a {cell.kind} ({cell.shown}): this column takes a {form}.")
        case Form.DAY:
            return _day_of(cell, notation)
        case Form.TRUTH:
            if cell.kind in (CellKind.TRUTH, CellKind.NUMBER):
                return cell.text
            raise CellFault(f"The cell is a {cell.kind} ({cell.shown}): write true or false.")
        case Form.ANY if cell.kind is CellKind.MONTH:
            return _day_of(cell, notation)
        case Form.ANY if cell.kind is CellKind.NUMBER:
            return _number_of(cell, notation)
        case Form.ANY if cell.kind in (CellKind.DAY, CellKind.PERCENT):
            return cell.text
    return _as_text(cell)


def _number_of(cell: SheetCell, notation: Notation) -> str:
    """The number of a cell, of which three decimals may be thousands that the spreadsheet took for decimals.

    Who says that the point parts decimals has answered that; who says that the comma does speaks of texts, and how
    people of a language write is no answer.
    """
    said = notation.decimal == "." and not notation.presumed
    return unmistakable(Decimal(cell.text)) if said else cell.text


def code_fault(cell: CellValue, *, upto: int | None = None) -> BrokenCell | None:
    """The fault of a number or truth value that is to be part of a code, of which nobody knows what was typed.

    ``upto``: so many of its characters are looked at; None: all are.
    """
    if not isinstance(cell, SheetCell) or cell.kind in _DAYS:
        # a day is written in one way, however it is shown
        return None
    try:
        _as_text(cell, upto=upto)
    except CellFault as fault:
        return BrokenCell(message=str(fault))
    return None


def _as_text(cell: SheetCell, *, upto: int | None = None) -> str:
    """A number as it is seen; days and truth values are what a spreadsheet made of something else.

    :raises CellFault: for those, and for numbers of which nobody knows what was typed.
    """
    if cell.kind not in (CellKind.NUMBER, CellKind.PERCENT):
        raise CellFault(
            f"The spreadsheet made a {cell.kind} ({cell.shown}) of this cell: format its column as text, and type it "
            "again."
        )
    if len(cell.text.lstrip("-").partition(".")[0]) > DIGITS and (upto is None or upto > DIGITS):
        raise CellFault(
            f"A spreadsheet keeps only {DIGITS} digits of a number, so that {cell.text} may have lost some: format "
            "the column as text, and type it again."
        )
    if cell.rewritten:
        # a spreadsheet makes 1000 of a typed 1E3, and a half of 1/2: what was typed nobody knows any more
        raise CellFault(
            f"The cell shows {cell.rewritten} and holds the number {cell.text}: format its column as text, and type "
            "what is meant."
        )
    return cell.shown


def _day_of(cell: SheetCell, notation: Notation) -> str:
    match cell.kind:
        case CellKind.DAY:
            return cell.text
        case CellKind.MONTH:
            raise CellFault(
                f"The cell shows {cell.coarse} and no day: give it a format that shows the day, such as yyyy-mm-dd, "
                "and write the day that is meant."
            )
        case CellKind.MOMENT:
            raise CellFault(f"The cell holds a time ({cell.shown}): write the day alone.")
        case CellKind.NUMBER:
            return _read_day(cell.text, notation, cell.first_day)
    raise CellFault(f"The cell is a {cell.kind} ({cell.shown}): this column takes a date.")


def _read(text: str, form: Form, notation: Notation) -> str:
    match form:
        case Form.NUMBER:
            return _read_number(text, notation, form)
        case Form.PERCENT:
            return _read_number(without_marks(text).rstrip(PERCENT_SIGNS), notation, form)
        case Form.DAY:
            return _read_day(text, notation)
        case Form.WORD | Form.TRUTH | Form.WHOLE:
            return without_marks(text)
        case Form.ANY:
            return _read_any(text, notation)
    return text


def _read_any(text: str, notation: Notation) -> str:
    """A value whose kind another column says: it is read by what the options say, else left to the rules."""
    day = read_day(text, notation.dates)
    if isinstance(day, dt.date) and notation.dates is not DateOrder.SERIAL:
        return day.isoformat()
    if notation.decimal is None:
        return text
    figure, _, unit = text.strip().rpartition(" ")
    whole = _number(text, notation)
    if isinstance(whole, Decimal):
        return unmistakable(whole)
    number = _number(figure, notation) if unit.isalpha() else whole
    if isinstance(number, Decimal):
        return f"{unmistakable(number)} {unit}"
    if notation.presumed and len({each.value for each in number.readings}) > 1:
        raise CellFault(_asked(number, {_sign_options(each.notation): each.value for each in number.readings}))
    return text


def _number(text: str, notation: Notation, form: Form = Form.NUMBER) -> Decimal | Doubt:
    """A number; what may mean two is asked back unless the notation was said. Shares of a hundred have no thousands."""
    return read_typed(text, notation) if notation.presumed and form is not Form.PERCENT else read_number(text, notation)


def _read_number(text: str, notation: Notation, form: Form) -> str:
    if notation.decimal is None and not notation.grouping and is_as_printed(text):
        return text
    number = _number(with_sign_before(without_marks(text)), notation, form)
    if isinstance(number, Decimal):
        return plain(number) if notation.decimal is None else unmistakable(number)
    number = replace(number, text=text.strip())
    if not number.readings:
        advise = share_advice if form is Form.PERCENT else amount_advice
        if advice := advise(text, notation.decimal_sign):
            raise CellFault(advice)
        return text
    options = {_sign_options(each.notation): each.value for each in number.readings}
    raise CellFault(_asked(_as_the_file_writes(number, notation), options))


def _as_the_file_writes(doubt: Doubt, notation: Notation) -> Doubt:
    """A doubt of one meaning, which is advised as the file writes its numbers: elsewhere it would be no way out."""
    if (notation.decimal is None and not notation.grouping) or len({each.value for each in doubt.readings}) != 1:
        return doubt
    shown = unmistakable(Decimal(doubt.readings[0].value)).replace(".", notation.decimal_sign)
    return replace(doubt, readings=tuple(replace(each, value=shown) for each in doubt.readings))


def _sign_options(notation: Notation) -> str:
    names = {" ": "space", "'": '"\'"'}
    grouping = f" --grouping {names.get(notation.grouping, notation.grouping)}" if notation.grouping else ""
    return f"--decimal {notation.decimal_sign}{grouping}"


def _asked(doubt: Doubt, options: Mapping[str, str]) -> str:
    """The question of a doubt with the options that would answer it for the whole file."""
    told = " or ".join(f"{option} ({value})" for option, value in options.items())
    return f"{doubt.question()}; or say how the file is written: {told}."


def _read_day(text: str, notation: Notation, first_day: dt.date | None = None) -> str:
    text = without_marks(text)
    day = read_day(text, notation.dates) if first_day is None else read_day(text, notation.dates, first_day=first_day)
    if isinstance(day, dt.date):
        return day.isoformat()
    if day.readings:
        raise CellFault(_asked(day, {_date_option(each): each.value for each in day.readings}))
    if advice := day_advice(text):
        raise CellFault(advice)
    return text


def _date_option(reading: Reading) -> str:
    return f"--dates {reading.notation.dates}"
