"""How people write numbers and days, and what a writing can mean.

Half of the world writes ``1.234,50`` for what the other half writes ``1,234.50``. A number is read only when its
notation is plain (digits and a decimal point) or was said; else it is a :class:`Doubt`, which tells every reading, so
that a message can ask back with all of them. Nothing ambiguous is guessed.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from app.domain.money import minor_units, plain

#: any of these between groups of digits is a space to the reader
_SPACES = " \u00a0\u2007\u2008\u2009\u200a\u202f"
_APOSTROPHES = "'\u2019\u02bc"
#: what can part groups of three digits, by the name under which it is said; "" is no grouping
GROUPINGS: Final = ("", ".", ",", " ", "'")
_DECIMALS: Final = (".", ",")
MINUS: Final = "\u2212"
#: what word processors make of a hyphen
HYPHENS: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))

_SERIAL = re.compile(r"([0-9]{4,6})(\.0+)?", re.ASCII)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})([T ]00:00(:00(\.0+)?)?(Z|[+-]00:?00)?)?", re.ASCII)
#: as accounting systems write a day: 20260331
_TOGETHER = re.compile(r"((?:19|20|21)[0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"([0-9]{4})[./ -] ?([0-9]{1,2})[./ -] ?([0-9]{1,2})\.?", re.ASCII)
_YEAR_LAST = re.compile(r"([0-9]{1,2})[./ -] ?([0-9]{1,2})[./ -] ?([0-9]{4})", re.ASCII)
_NAMED = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th|er|[ºª°])?(?:[./ -] ?| de | of )?([^\W\d_]{3,12})\.?(?:,? |[./-] ?| de )?([0-9]{4})"
)
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,12})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_NAMED_LAST = re.compile(r"([0-9]{4})[./ -]? ?([^\W\d_]{3,12})\.?[./ -]? ?([0-9]{1,2})")
_YEAR_SHORT = re.compile(r"[0-9]{1,2}[./ -](?:[0-9]{1,2}|[^\W\d_]{3,12}\.?)[./ -][0-9]{2}")
# a spreadsheet counts days from here; its 29 February 1900, which never was, is below every day that is meant
_FIRST_DAY = dt.date(1899, 12, 30)
#: days that a number can stand for in earnest, from 1927 to 2199: shorter numbers are years or counts
_SERIALS = range(10_000, 109_575)


#: months as they are named in English, French, Spanish and German; three letters or more, where they tell one month
_MONTHS: Final = (
    "january janvier enero januar jänner",
    "february février fevrier febrero februar",
    "march mars marzo märz maerz",
    "april avril abril",
    "may mai mayo",
    "june juin junio juni",
    "july juillet julio juli",
    "august août aout agosto",
    "september septembre septiembre",
    "october octobre octubre oktober",
    "november novembre noviembre",
    "december décembre decembre diciembre dezember",
)
#: short forms that are no beginnings
_SHORT: Final = {"sept": 9, "déc": 12, "fév": 2, "aoû": 8}


class DateOrder(StrEnum):
    """The order in which a file writes day, month and year."""

    ISO = "iso"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"
    #: the number that a spreadsheet keeps for a day
    SERIAL = "serial"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notation:
    """How a file writes its numbers and days."""

    #: the decimal sign; None: nobody said, so that only a plain decimal point is read
    decimal: str | None = None
    #: what parts groups of three digits: one of ``GROUPINGS``
    grouping: str = ""
    dates: DateOrder = DateOrder.ISO
    #: whether it is only how people of a language write, and nobody said it of this file
    presumed: bool = False

    def __post_init__(self) -> None:
        if self.grouping not in GROUPINGS or self.decimal not in (None, *_DECIMALS):
            raise ValueError("a notation has the decimal sign . or , and groups by . , space or '")
        if self.grouping and self.grouping == self.decimal:
            raise ValueError("one sign cannot be both the decimal sign and what parts thousands")

    @property
    def decimal_sign(self) -> str:
        """The decimal sign: as said, or the one that what parts thousands leaves."""
        return self.decimal or ("," if self.grouping == "." else ".")


PLAIN = Notation()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One thing that a writing can mean."""

    #: as it is written plainly: ``1234.50``, ``2026-03-31``
    value: str
    #: the notation under which it means that
    notation: Notation


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """A writing that is not read: it can mean each of ``readings``, or nothing when there is none."""

    text: str
    readings: tuple[Reading, ...]

    def question(self) -> str:
        """What the readings are and what to write, without the full stop; empty when there are none."""
        values = list(dict.fromkeys(reading.value for reading in self.readings))
        if not values:
            return ""
        if len(values) == 1:
            return f"“{self.text}” is read only when it is written {values[0]}"
        return _can_mean(self.text, " or ".join(values))


def _can_mean(text: str, found: str) -> str:
    # a whole sentence, as pages know it; whoever asks may add to it
    return f"“{text}” can mean {found}: write the one that is meant.".removesuffix(".")


#: digits as a program prints them, of which there is nothing to ask
_AS_PRINTED = re.compile(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,40})?", re.ASCII)


def is_as_printed(text: str) -> bool:
    """Whether the text is a number written plainly, with a decimal point and nothing else beside its digits."""
    return _AS_PRINTED.fullmatch(text) is not None


def read_number(text: str, notation: Notation = PLAIN) -> Decimal | Doubt:
    """The number that ``text`` writes in ``notation``, with every digit; otherwise its possible meanings."""
    canonical = _canonical(text)
    if notation.decimal is None and not notation.grouping:
        said = [PLAIN]
    else:
        said = [Notation(decimal=notation.decimal_sign)]
        if notation.grouping:
            said.append(Notation(decimal=said[0].decimal, grouping=notation.grouping))
    for one in said:
        if (number := _number(canonical, one.decimal or ".", one.grouping)) is not None:
            return number
    return Doubt(text=text.strip(), readings=tuple(_readings(canonical)))


def read_typed(text: str, notation: Notation, *, whole: bool = False) -> Decimal | Doubt:
    """The number that somebody typed whose language writes in ``notation``; of nothing else was it said.

    What parts thousands in the language is read so: who writes ``50.000`` in Spanish or ``50,000`` in English means
    fifty thousand. What would be a fraction of three digits is a :class:`Doubt`: next door it is thousands, and money
    hardly ever has a fraction of three digits. ``whole``: the currency has no decimals, so that a fraction is none of
    the readings.
    """
    number = read_number(text, notation)
    if not isinstance(number, Decimal) or not is_doubtful(number):
        return number
    sign = notation.decimal_sign
    if sign not in text:
        return number
    fraction = Reading(value=plain(number), notation=Notation(decimal=sign))
    thousands = Reading(value=plain(number).replace(".", ""), notation=Notation(grouping=sign))
    possible = number == number.to_integral_value() or not whole
    return Doubt(text=text.strip(), readings=(fraction, thousands) if possible else (thousands,))


def is_doubtful(number: Decimal) -> bool:
    """Whether the digits behind the decimal sign, as they stand, are one group of thousands to half of the world."""
    return number.as_tuple().exponent == -3 and 1 <= abs(number) < 1000


def unmistakable(number: Decimal) -> str:
    """A number whose decimal sign was said, in a form that nobody takes for thousands: never three decimals."""
    text = plain(number)
    if number.as_tuple().exponent != -3:
        return text
    return text[:-1] if text.endswith("0") else f"{text}0"


def _canonical(text: str) -> str:
    """One form for every space, apostrophe and minus sign."""
    canonical = text.strip().replace(MINUS, "-")
    return canonical.translate(_SAME) if not canonical.isascii() or "'" in canonical else canonical


_SAME = str.maketrans({**dict.fromkeys(_SPACES, " "), **dict.fromkeys(_APOSTROPHES, "'")})


def _readings(canonical: str) -> Iterator[Reading]:
    found: set[Decimal] = set()
    for grouping in GROUPINGS:
        for decimal in _DECIMALS:
            if grouping == decimal:
                continue
            number = _number(canonical, decimal, grouping)
            if number is not None and number not in found:
                found.add(number)
                yield Reading(value=plain(number), notation=Notation(decimal=decimal, grouping=grouping))


def _number(canonical: str, decimal: str, grouping: str) -> Decimal | None:
    if not _pattern(decimal, grouping).fullmatch(canonical):
        return None
    ungrouped = canonical.replace(grouping, "") if grouping else canonical
    return Decimal(ungrouped.replace(decimal, "."))


@cache
def _pattern(decimal: str, grouping: str) -> re.Pattern[str]:
    fraction = rf"({re.escape(decimal)}[0-9]{{1,40}})?"
    if not grouping:
        return re.compile(rf"[+-]?[0-9]{{1,40}}{fraction}")
    part = re.escape(grouping)
    # groups of three, or as India groups: two and two and at last three; no number of groups begins with 0
    threes = rf"[1-9][0-9]{{0,2}}({part}[0-9]{{3}}){{1,12}}"
    groups = rf"({threes}|[1-9][0-9]?({part}[0-9]{{2}}){{1,12}}{part}[0-9]{{3}})"
    return re.compile(rf"[+-]?{groups}{fraction}")


def thousands_meant(amount: Decimal, currency: str | None) -> str | None:
    """The question to ask about an amount of exactly three decimals, where its currency has fewer.

    ``500.000`` is half a million to half of the world. ``currency`` None: a figure of something else than money, of
    which only a whole number in one group of thousands is doubtful. None: nothing is doubtful.
    """
    if amount.as_tuple().exponent != -3 or abs(amount) < 1:
        return None
    grouped = plain(amount).replace(".", "") if is_doubtful(amount) else None
    shorter = plain(amount).rstrip("0").rstrip(".")
    text = plain(amount)
    if currency is None:
        # one more decimal says that the point is a decimal point
        return grouped and _can_mean(text, f"{text}0 or {grouped}")
    count = minor_units(currency)
    if count >= 3:
        return None
    fewest = len(shorter.partition(".")[2]) <= count
    short = plain(amount.quantize(Decimal(1).scaleb(-count))) if fewest else None
    if grouped and not count and short is None:
        return Doubt(text=text, readings=(Reading(value=grouped, notation=Notation(grouping=".")),)).question()
    if grouped:
        return _of_few(text, f"{short or f'{text}0'} or {grouped}", currency, count)
    if count:
        advice = f"“{text}” has three decimals, and {currency} has {count} decimals: write it with no more than that."
        if short:
            advice = (
                f"“{text}” has three decimals, and {currency} has {count} decimals: write {short} with no more than "
                "that."
            )
    else:
        advice = f"“{text}” has three decimals, and {currency} has no decimals: write it with no more than that."
        if short:
            advice = (
                f"“{text}” has three decimals, and {currency} has no decimals: write {short} with no more than that."
            )
    return advice.removesuffix(".")


def _of_few(text: str, found: str, currency: str, count: int) -> str:
    if count:
        asked = f"“{text}” can mean {found} ({currency} has {count} decimals): write the one that is meant."
    else:
        asked = f"“{text}” can mean {found} ({currency} has no decimals): write the one that is meant."
    return asked.removesuffix(".")


def beyond_minor_units(amount: Decimal, currency: str) -> str | None:
    """The question to ask about a fraction of a currency that has none; None: nothing to ask.

    More decimals than cents are real, in shares of costs; a fraction of a yen is not.
    """
    whole = amount.to_integral_value(ROUND_HALF_UP)
    if minor_units(currency) or amount == whole:
        return None
    asked = f"“{plain(amount)}” has decimals, and {currency} has none: round it, such as to {plain(whole)}."
    return asked.removesuffix(".")


@lru_cache(maxsize=4096)
def read_day(text: str, order: DateOrder = DateOrder.ISO, *, first_day: dt.date = _FIRST_DAY) -> dt.date | Doubt:
    """The day that ``text`` writes in ``order``; ``YYYY-MM-DD`` is always understood."""
    text = text.strip().translate(HYPHENS)
    if (parts := _parts(text)) is not None:
        day = _day(*parts)
        return day if day is not None else Doubt(text=text, readings=())
    found = {reading.notation.dates: reading for reading in _days(text, first_day)}
    if order in found:
        return dt.date.fromisoformat(found[order].value)
    return Doubt(text=text, readings=tuple(found.values()))


def _parts(text: str) -> tuple[str, str, str] | None:
    """Year, month and day of a writing that leaves nothing to ask: as ISO has it, or with the name of the month."""
    if match := _ISO.fullmatch(text):
        return match[1], match[2], match[3]
    if (match := _NAMED.fullmatch(text)) and (month := _month(match[2].casefold())) is not None:
        return match[3], str(month), match[1]
    if (match := _NAMED_FIRST.fullmatch(text)) and (month := _month(match[1].casefold())) is not None:
        return match[3], str(month), match[2]
    if (match := _NAMED_LAST.fullmatch(text)) and (month := _month(match[2].casefold())) is not None:
        return match[1], str(month), match[3]
    return None


def is_written_as_day(text: str) -> bool:
    """Whether ``text`` has a year, a month and a day in some order, be there such a day or not."""
    text = text.strip().translate(HYPHENS)
    written = (_YEAR_FIRST, _YEAR_LAST, _TOGETHER)
    return _parts(text) is not None or any(pattern.fullmatch(text) for pattern in written)


def has_short_year(text: str) -> bool:
    """Whether ``text`` is a date whose year has two digits, so that its century is open."""
    return _YEAR_SHORT.fullmatch(text.strip()) is not None


def _days(text: str, first_day: dt.date) -> Iterator[Reading]:
    if match := _YEAR_FIRST.fullmatch(text) or _TOGETHER.fullmatch(text):
        orders = [(DateOrder.YEAR_FIRST, _day(match[1], match[2], match[3]))]
    elif match := _YEAR_LAST.fullmatch(text):
        orders = [
            (DateOrder.DAY_FIRST, _day(match[3], match[2], match[1])),
            (DateOrder.MONTH_FIRST, _day(match[3], match[1], match[2])),
        ]
    elif (match := _SERIAL.fullmatch(text)) and int(match[1]) in _SERIALS:
        orders = [(DateOrder.SERIAL, first_day + dt.timedelta(days=int(match[1])))]
    else:
        return
    for order, day in orders:
        if day is not None:
            yield Reading(value=day.isoformat(), notation=Notation(dates=order))


def _month(name: str) -> int | None:
    """The month that a name or its beginning tells; None where it tells none, or several."""
    if name in _SHORT:
        return _SHORT[name]
    found = [number for number, names in enumerate(_MONTHS, 1) if any(each.startswith(name) for each in names.split())]
    return found[0] if len(found) == 1 else None


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
