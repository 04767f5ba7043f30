"""What a spreadsheet's number formats make of a number: a percentage, a day, a code with leading zeros.

The formats' meaning for days is openpyxl's; the rest is here, because no library tells what a person sees.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel

from app.domain.currency_signs import currencies_meant
from app.domain.money import plain
from app.tabular.cells import BrokenCell, CellKind, SheetCell

# formats of East Asian calendars, which the standard leaves to each language; all of them are days
_MORE_DAYS = frozenset((*range(27, 37), *range(50, 59)))
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
# digits and fixed characters only: a format that makes a code out of a number
_CODE = re.compile(r'(?:[0#]|"[^"]*"|\\.|[-/ ()+:])+')
_PIECE = re.compile(r'[0#]|"([^"]*)"|\\(.)|([-/ ()+:])')
#: texts beside the digits: of a currency and its language, in quotation marks, one by one
#: a width that is left free and a filled character are seen as blanks, whatever their sign; a colour is not seen
_BESIDE = re.compile(r'_.|\*.|\[(?!\$)[^\]]*\]|\[\$([^\]-]*)[^\]]*\]|"([^"]*)"|\\(.)|([^\s\w#?.,;*@()/+-])')
#: the sides of a booking in English and German, as accounting programs write them into formats
_SIDES = frozenset({"CR", "DR", "S", "H", "SOLL", "HABEN"})
#: a spreadsheet keeps this many digits of a number
DIGITS = 15
_FIRST_SURE = 61


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberFormat:
    """What one number format shows."""

    is_day: bool = False
    #: of a day no more than the month is seen, or the year: as ``strftime`` writes it
    coarse: str = ""
    #: how often it multiplies by a hundred
    percents: int = 0
    #: the format of a code, such as ``0000``; empty: the number is shown as a number
    code: str = ""
    #: the sign or code of a currency beside the number
    currency: str = ""
    #: the side of the booking beside a number of nought and more, and beside one below
    sides: tuple[str, str] = ("", "")


GENERAL = NumberFormat()


def builtin_format(number: int) -> NumberFormat:
    """The format of a number below 164, which files only name; what currency it shows is left to each language."""
    if number in _MORE_DAYS:
        return NumberFormat(is_day=True)
    return replace(number_format(BUILTIN_FORMATS.get(number, "General")), currency="")


@lru_cache(maxsize=1000)
def number_format(code: str) -> NumberFormat:
    """What a written format such as ``0.00%`` or ``dd/mm/yyyy`` shows."""
    positive, *others = code.split(";")
    if positive.strip().lower() in ("", "general", "@"):
        return GENERAL
    bare = _LITERAL.sub("", positive)
    if "%" in bare:
        return NumberFormat(percents=bare.count("%"))
    if is_date_format(positive):
        return NumberFormat(is_day=True, coarse=_coarse(bare.lower()))
    digits = sum(1 for character in bare if character in "0#")
    makes_code = digits and _CODE.fullmatch(positive) and (bare.count("0") > 1 or len(positive) > digits)
    return NumberFormat(
        code=positive if makes_code else "",
        currency=_seen(positive, _is_currency),
        sides=(_seen(positive, _is_side), _seen(others[0] if others else positive, _is_side)),
    )


def _coarse(bare: str) -> str:
    if any(part in bare for part in "dhs"):
        return ""
    return "%Y-%m" if "m" in bare else "%Y"


def _seen(section: str, wanted: Callable[[str], object]) -> str:
    """The first of the texts beside the digits that is wanted; empty where none is."""
    return next((text for text in _beside(section) if wanted(text)), "")


def _beside(section: str) -> list[str]:
    """The texts beside the digits; one that is written sign by sign, as ``\\U\\S\\D``, is one text."""
    texts: list[str] = []
    end = -1
    for beside in _BESIDE.finditer(section):
        named, *literal = beside.groups()
        text = next((part for part in literal if part is not None), None)
        if text is None:  # a currency and its language, or what is seen as blanks
            texts.append(named or "")
            continue
        if beside.start() == end:
            texts[-1] += text
        else:
            texts.append(text)
        end = beside.end()
    return [text.strip().strip("()+-").strip() for text in texts]


def _is_currency(text: str) -> bool:
    """A code counts in capital letters alone: ``Std.`` are hours, and STD was a currency."""
    plain = text.rstrip(".")
    return bool(currencies_meant(text)) and (plain.isupper() or currencies_meant(text) != (plain.upper(),))


def _is_side(text: str) -> bool:
    """Small letters alone are units: hours, seconds."""
    text = text.rstrip(".")
    return text.upper() in _SIDES and text not in ("h", "s")


def number_cell(
    raw: str, shown_as: NumberFormat, epoch: dt.datetime, first_day: dt.date, place: str
) -> SheetCell | BrokenCell:
    """The cell of a stored number; ``place`` names it in a fault."""
    try:
        if shown_as.is_day:
            return _day_cell(raw, epoch, first_day, shown_as.coarse)
        # a double holds fifteen digits; the rest of a stored number is the noise of its arithmetic
        figure = Decimal(format(float(raw), f".{DIGITS}g"))
        if not figure.is_finite():
            raise ValueError(raw)
    except (ValueError, OverflowError):
        return BrokenCell(message=f"{place} holds {raw!r}, which is no number or day: write its value again.")
    if shown_as.percents:
        text = _plain(figure.scaleb(2 * shown_as.percents))
        return SheetCell(kind=CellKind.PERCENT, text=text, seen=f"{text}%", first_day=first_day)
    text = _plain(figure)
    seen = _as_code(shown_as.code, figure) if shown_as.code and figure == int(figure) else text
    side = shown_as.sides[figure < 0]
    return SheetCell(
        kind=CellKind.NUMBER, text=text, seen=seen, first_day=first_day, currency=shown_as.currency, side=side
    )


def _plain(figure: Decimal) -> str:
    text = plain(figure)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day_cell(raw: str, epoch: dt.datetime, first_day: dt.date, coarse: str) -> SheetCell:
    if 1 <= float(raw) < _FIRST_SURE and epoch == WINDOWS_EPOCH:
        # spreadsheets differ there by a day, since one of them has a 29 February 1900
        raise ValueError(raw)
    value = from_excel(float(raw), epoch)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        text = value.date().isoformat()
        if coarse and value.day == 1:
            # a spreadsheet makes the first day of a month that was typed; another day was typed as such
            shown = value.strftime(coarse)
            return SheetCell(kind=CellKind.MONTH, text=text, seen=text, first_day=first_day, coarse=shown)
        return SheetCell(kind=CellKind.DAY, text=text, seen=text, first_day=first_day)
    if not isinstance(value, dt.datetime | dt.time):
        raise ValueError(raw)
    text = value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value.isoformat()
    return SheetCell(kind=CellKind.MOMENT, text=text, seen=text, first_day=first_day)


def _as_code(code: str, figure: Decimal) -> str:
    """The number in the digits of its format, from the right; what does not fit stands before them."""
    digits = str(abs(int(figure)))
    pieces: list[str] = []
    places = list(_PIECE.finditer(code))
    slots = sum(1 for piece in places if piece[0] in ("0", "#"))
    digits = digits.rjust(slots, "\0")
    spare, position = len(digits) - slots, 0
    for piece in places:
        if piece[0] not in ("0", "#"):
            pieces.append(next(part for part in piece.groups() if part is not None))
            continue
        taken = digits[position : position + 1 + (spare if position == 0 else 0)]
        position += len(taken)
        pieces.append(taken.replace("\0", "0" if piece[0] == "0" else ""))
    return ("-" if figure < 0 else "") + "".join(pieces)
