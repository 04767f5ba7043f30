"""What a spreadsheet's number formats make of a number: a percentage, a day, a code with leading zeros.

The formats' meaning for days is openpyxl's; the rest is here, because no library tells what a person sees.
"""

import datetime as dt
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel

from app.domain.advice import multiplies
from app.domain.currency_signs import currencies_meant
from app.domain.money import plain
from app.tabular.cells import BrokenCell, CellKind, SheetCell
from app.tabular.rewritten import Rewriting, rewriting

# formats of East Asian calendars, which the standard leaves to each language; all of them are days
_MORE_DAYS = frozenset((*range(27, 37), *range(50, 59)))
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
#: digits behind a point that are always seen; what groups thousands shows an amount, and no code such as 7.50
_FIXED = re.compile(r"[0#]*0\.(0+)")
# digits and fixed characters only: a format that makes a code out of a number
_CODE = re.compile(r'(?:[0#]|"[^"]*"|\\.|[-/ ()+:])+')
_PIECE = re.compile(r'[0#]|"([^"]*)"|\\(.)|([-/ ()+:])')
#: texts beside the digits: of a currency and its language, in quotation marks, one by one
#: a width that is left free and a filled character are seen as blanks, whatever their sign; a colour is not seen
_BESIDE = re.compile(r'_.|\*.|\[(?!\$)[^\]]*\]|\[\$([^\]-]*)[^\]]*\]|"([^"]*)"|\\(.)|([^\s\w#?.,;*@()/+-])')
#: what is written into a format for the eye; blanks and what fills them are none of it, whatever their sign
_WRITTEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]*\]|\[[^\]]*\]')
_ELAPSED = re.compile(r"\[([hms])\1*\]", re.IGNORECASE)
_OF_A_DAY = {"h": 24, "m": 24 * 60, "s": 24 * 60 * 60}
_COLOUR = re.compile(r"\[(?![<>=$])([^\]]+)\]")
_MINUS = re.compile("[-\u2212\u2013]")
#: signs that say minus where no letter does
_DOWN = frozenset("△▲▽▼")
#: the sides of a booking in English and German, as accounting programs write them into formats
_SIDES = frozenset({"CR", "DR", "S", "H", "SOLL", "HABEN"})
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=) *(-?[0-9]+(?:\.[0-9]+)?)\]")
_SECTION = re.compile(r'(?:[^;"\\]|"[^"]*"?|\\.?)*')
_COMPARED: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "<>": operator.ne, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip
#: a spreadsheet keeps this many digits of a number
DIGITS = 15
_FIRST_SURE = 61


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """What one part of a format makes of the numbers that it is for."""

    #: for which numbers, compared with which; None: those above, below or at nought, by its place
    condition: tuple[str, Decimal] | None
    #: how often it divides by a thousand
    thousands: int
    #: what stands there in place of digits; None: digits do
    text: str | None
    #: whether a number below nought is seen as such: by a sign, brackets, a word or a colour that others have not
    signed: bool
    #: the word for a multiple beside the number
    multiple: str

    def instead(self, figure: Decimal, *, below: bool, percents: int = 0) -> str | None:
        """What is seen in place of the number, ``below``: by a part for numbers below nought; None: the number is."""
        if self.text is not None:
            return self.text
        shown = abs(figure) if below and not self.signed else figure
        if self.thousands:
            shown = shown.scaleb(-3 * self.thousands)
        return None if shown == figure else _plain(shown.scaleb(2 * percents))


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberFormat:
    """What one number format shows."""

    is_day: bool = False
    #: of a day no year is seen: what is, as ``strftime`` writes it
    yearless: str = ""
    #: instead of a day the time since the first one is seen: how much of it a day has, and what stands behind it
    elapsed: tuple[int, str] | None = None
    #: of a day no more than the month is seen, or the year: as ``strftime`` writes it
    coarse: str = ""
    #: whether a percentage is seen, and how often it multiplies by a hundred
    percentage: bool = False
    percents: int = 0
    #: the format of a code, such as ``0000``; empty: the number is shown as a number
    code: str = ""
    #: the sign or code of a currency beside the number
    currency: str = ""
    #: the side of the booking beside a number of nought and more, and beside one below
    sides: tuple[str, str] = ("", "")
    #: the word for a multiple beside the number
    multiple: str = ""
    #: digits behind the point that are always seen
    decimals: int = 0
    #: what is shown as a power of ten or as a fraction; None: digits are
    rewriting: Rewriting | None = None
    #: the parts of a format by which a number is seen otherwise than it is held; none: each is seen as it is
    sections: tuple[Section, ...] = ()
    #: the format as it is written
    written: str = ""


GENERAL = NumberFormat()


def builtin_format(number: int) -> NumberFormat:
    """The format of a number below 164, which files only name; what currency it shows is left to each language."""
    if number in _MORE_DAYS:
        return NumberFormat(is_day=True)
    return replace(number_format(BUILTIN_FORMATS.get(number, "General")), currency="")


def _blank(literal: re.Match[str]) -> str:
    """What is left of a text of a format where only its blanks count."""
    return " " if literal[0][0] == "_" or (literal[0][0] in '"\\' and not literal[0].strip('"\\ ')) else ""


@lru_cache(maxsize=1000)
def number_format(code: str) -> NumberFormat:
    """What a written format such as ``0.00%`` or ``dd/mm/yyyy`` shows."""
    positive, *others = _parts(code)
    if code.strip().lower() in ("general", "@", ""):
        return GENERAL
    bare = _LITERAL.sub("", positive)
    sections = _sections([positive, *others])
    if "%" in bare or any("%" in text for text in _beside(positive)):
        return NumberFormat(percentage=True, percents=bare.count("%"), sections=sections, written=code)
    if is_date_format(positive):
        small = bare.lower()
        return NumberFormat(
            is_day=True, coarse=_coarse(small), yearless=_yearless(small), elapsed=_elapsed(positive), written=code
        )
    digits = sum(1 for character in bare if character in "0#")
    rewritten = rewriting(_LITERAL.sub(_blank, positive))
    makes_code = (
        not rewritten and digits and _CODE.fullmatch(positive) and (bare.count("0") > 1 or len(positive) > digits)
    )
    return NumberFormat(
        code=positive if makes_code else "",
        currency=_seen(positive, _is_currency),
        sides=(_seen(positive, _is_side), _seen(others[0] if others else positive, _is_side)),
        multiple=_multiple(positive, [positive, *others]),
        decimals=len(fixed[1]) if (fixed := _FIXED.fullmatch(positive)) else 0,
        rewriting=rewritten,
        sections=sections,
        written=code,
    )


def _parts(code: str) -> list[str]:
    """A format at its semicolons, those of texts apart."""
    found, end = [], -1
    while end < len(code):
        match = _SECTION.match(code, end + 1)
        end = match.end() if match else len(code)
        found.append(match[0] if match else "")
    return found


def _sections(parts: list[str]) -> tuple[Section, ...]:
    found = tuple(_section(part, parts) for part in parts[:3])
    plain = all(
        each.text is None and not each.thousands and each.condition is None and each.multiple == found[0].multiple
        for each in found
    )
    return () if plain and (len(found) < 2 or found[1].signed) else found


def _section(part: str, parts: list[str]) -> Section:
    condition = _CONDITION.search(part)
    bare = _LITERAL.sub("", part)
    texts = _beside(part)
    shows = any(sign in bare for sign in "0#?@") or "general" in bare.lower()
    whole, _, decimals = bare.partition(".")
    behind = [re.sub("[^0#?,]", "", each) for each in (whole, decimals)]
    scaled = sum(len(each) - len(each.rstrip(",")) for each in behind)
    return Section(
        condition=(condition[1], Decimal(condition[2])) if condition else None,
        thousands=scaled,
        text=None if shows else " ".join(text for text in texts if text),
        signed=_is_signed(part, parts[0]),
        multiple=_multiple(part, parts),
    )


def _multiple(part: str, parts: list[str]) -> str:
    """The word for a multiple in a part; ``Cr`` is none where another part has ``Dr``."""
    word = _seen(part, _is_multiple)
    sides = {_seen(each, _is_side) for each in parts[:2]} - {""}
    return "" if len(sides) > 1 and word in sides else word


def _is_signed(part: str, first: str) -> bool:
    """Whether a part tells its numbers from those of the first one: what both have says nothing of a sign."""
    seen, beside = (
        _WRITTEN.sub(lambda written: "".join(text or "" for text in written.groups()), each) for each in (part, first)
    )
    if len(_MINUS.findall(seen)) > len(_MINUS.findall(beside)) or seen.count("(") > beside.count("("):
        return True
    colours, words = (
        {*found(part)} - {*found(first)} for found in (lambda each: _COLOUR.findall(each.casefold()), _signs)
    )
    return bool(colours or words)


def _signs(part: str) -> Iterator[str]:
    """The words and arrows beside the digits that may say minus."""
    for text in _beside(part):
        unit = _is_currency(text) or (_is_multiple(text) and not _is_side(text))
        if (any(sign.isalpha() for sign in text) or _DOWN & {*text}) and not unit:
            yield text


def _of(sections: tuple[Section, ...], figure: Decimal) -> tuple[Section, bool] | None:
    """The part by which a number is shown, and whether it is the one for numbers below nought."""
    if not figure and len(sections) > 2 and not any(each.condition for each in sections):
        return sections[2], False
    if any(each.condition for each in sections):
        for each in sections:
            if each.condition is None or _COMPARED[each.condition[0]](figure, each.condition[1]):
                return each, False
        return None
    below = figure < 0 and len(sections) > 1
    return sections[1 if below else 0], below


def _yearless(bare: str) -> str:
    """What a day looks like where no year is seen; years of other calendars are years."""
    if any(sign in bare for sign in "yegb"):
        return ""
    return "%m-%d" if "d" in bare else "%m" if "m" in bare and not any(sign in bare for sign in "hs") else "%H:%M"


def _elapsed(positive: str) -> tuple[int, str] | None:
    """Of a format such as ``[h]:mm`` the hours, minutes or seconds of a day, and how it ends at midnight."""
    found = _ELAPSED.search(positive)
    return (_OF_A_DAY[found[1].lower()], ":00" * _LITERAL.sub("", positive).count(":")) if found else None


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


def _is_multiple(text: str) -> bool:
    return bool(text) and multiplies(text)


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
            return _day_cell(raw, epoch, first_day, shown_as)
        # a double holds fifteen digits; the rest of a stored number is the noise of its arithmetic
        figure = Decimal(format(float(raw), f".{DIGITS}g"))
        if not figure.is_finite():
            raise ValueError(raw)
    except (ValueError, OverflowError):
        return BrokenCell(message=f"{place} holds {raw!r}, which is no number or day: write its value again.")
    part = _of(shown_as.sections, figure) if shown_as.sections else None
    percents = shown_as.percents if shown_as.percentage else 0
    instead = part[0].instead(figure, below=part[1], percents=percents) if part and figure else None
    if instead and shown_as.percentage and part and part[0].text is None:
        instead += "%"
    multiple = part[0].multiple if part else shown_as.multiple
    if shown_as.percentage:
        text = _plain(figure.scaleb(2 * shown_as.percents))
        return SheetCell(
            kind=CellKind.PERCENT,
            text=text,
            seen=f"{text}%",
            first_day=first_day,
            instead=instead,
            shown_by=shown_as.written,
            percents=shown_as.percents,
        )
    rewritten = shown_as.rewriting.of(figure) if shown_as.rewriting else ""
    text = _plain(figure)
    seen, pointed = text, ""
    if figure != int(figure):
        seen = _decimals(text, shown_as.decimals)
    elif shown_as.code:
        seen = _as_code(shown_as.code, figure)
    elif shown_as.decimals:
        pointed = _decimals(text, shown_as.decimals)
    return SheetCell(
        kind=CellKind.NUMBER,
        text=text,
        seen=seen,
        pointed=pointed,
        rewritten=rewritten,
        first_day=first_day,
        currency=shown_as.currency,
        side=shown_as.sides[figure < 0],
        multiple=multiple,
        instead=instead,
        shown_by=shown_as.written if instead is not None or multiple or rewritten else "",
    )


def _decimals(text: str, count: int) -> str:
    """A number with the noughts behind its last digit that are seen: 7.50, 7.00."""
    whole, _, behind = text.partition(".")
    return f"{whole}.{behind.ljust(count, '0')}"


def _plain(figure: Decimal) -> str:
    text = plain(figure)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day_cell(raw: str, epoch: dt.datetime, first_day: dt.date, shown_as: NumberFormat) -> SheetCell:
    if 1 <= float(raw) < _FIRST_SURE and epoch == WINDOWS_EPOCH:
        # spreadsheets differ there by a day, since one of them has a 29 February 1900
        raise ValueError(raw)
    value = from_excel(float(raw), epoch)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        text = value.date().isoformat()
        if shown_as.elapsed or shown_as.yearless:
            # whoever types a day without its year gets the year in which it was typed, and does not see it
            instead = value.strftime(shown_as.yearless)
            if shown_as.elapsed:
                instead = f"{int(float(raw)) * shown_as.elapsed[0]}{shown_as.elapsed[1]}"
            return SheetCell(
                kind=CellKind.DAY,
                text=text,
                seen=text,
                first_day=first_day,
                instead=instead,
                shown_by=shown_as.written,
            )
        if shown_as.coarse and value.day == 1:
            # a spreadsheet makes the first day of a month that was typed; another day was typed as such
            shown = value.strftime(shown_as.coarse)
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
