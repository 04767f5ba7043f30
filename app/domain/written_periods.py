"""How people write periods, and what a writing means.

The written forms are ``2021``, ``FY2021``, ``2020-21`` (biennium), ``2021-Q3`` or ``Q3 2021``, ``2021-H1`` (half a
year), ``2021-07``, ``2021-01-01..2021-06-30`` and, for several columns, ``2000..2004``. A year, a biennium, a quarter
and a half are fiscal; a month is a calendar month.

Where the fiscal year lies across two calendar years, ``2025-26``, ``2025/26``, ``2025-2026`` and ``FY2026`` (the year
it ends in) are how everybody writes one such year, and its quarters and halves are called so too: ``FY2026-Q1``,
``Q1 2025/26``. Two years are written ``biennium-2025``, or by their days.

``2006-07`` is both two years and July 2006, so it is refused with the clear spellings, such as ``2006-2007`` and
``2006-07-01..2006-07-31``: a figure for the wrong months would look as good as the right one.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import date
from typing import Self

from app.domain.notation import HYPHENS
from app.domain.periods import CALENDAR_YEARS, FiscalCalendar, Period, PeriodError, PeriodKind, day_after

#: More columns than this in one ``A..B`` is a slip of the pen, not a report.
MOST_PERIODS = 600

_YEAR = re.compile(r"(\d{4})", re.ASCII)
_PAIR = re.compile(r"(\d{4})-(\d{2}|\d{4})", re.ASCII)
_FISCAL_PAIR = re.compile(r"(?:FY ?(\d{4}|\d{2})[-/]|(\d{4})/)(\d{2}|\d{4})", re.ASCII | re.IGNORECASE)
_FISCAL_YEAR = re.compile(r"FY ?(\d{4}|\d{2})", re.ASCII | re.IGNORECASE)
_BIENNIUM = re.compile(r"biennium[ -](\d{4})(?:[-/](\d{2}|\d{4}))?", re.ASCII | re.IGNORECASE)
_PART = re.compile(r"((?:FY ?)?\d[-/\d]*?)[- /]?([QH])(\d)", re.ASCII | re.IGNORECASE)
_PART_FIRST = re.compile(r"([QH])(\d)[- /]?((?:FY ?)?\d[-/\d]*)", re.ASCII | re.IGNORECASE)
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})(?: ?(?:\.\.|/| - ) ?| to )(\d{4}-\d{2}-\d{2})", re.ASCII)
_SPACED_PAIR = re.compile(r"(\d{4}) ?([-/]) ?(\d{2,4})", re.ASCII)
#: the last year in two digits that nobody takes for one of the century before
_LATEST_SHORT = 60
_HOW = "write 2021, 2020-21, 2021-Q3, 2021-07, 2021-01-01..2021-06-30 or, for several, 2000..2004"
_HOW_ACROSS = (
    "write 2025-26, 2025/26 or FY2026 for a fiscal year, biennium-2025 for two, 2025-Q3, 2025-07, "
    "2025-07-01..2026-01-31 or, for several, 2020..2024"
)


class _CenturyLeftOpen(PeriodError):
    """A year in two digits that may be of this century or of the one before."""

    @classmethod
    def told(cls, written: str) -> Self:
        return cls(f"“{written}” leaves the century open: write the year with four digits.")


def _how(fiscal: FiscalCalendar) -> str:
    return _HOW_ACROSS if fiscal.across_years else _HOW


def _is_none(text: str, fiscal: FiscalCalendar) -> PeriodError:
    expected = _how(fiscal)
    return PeriodError(f"“{text}” is not a period; {expected}.")


def _is_neither(text: str, fiscal: FiscalCalendar) -> PeriodError:
    expected = _how(fiscal)
    return PeriodError(f"“{text}” is neither a month nor two successive years; {expected}.")


def parse_period(text: str, fiscal: FiscalCalendar = CALENDAR_YEARS) -> Period:
    """One period from its written form.

    :raises PeriodError: when the text is none, or is ambiguous (see the module's docstring).
    """
    written, text = text.strip(), text.strip().translate(HYPHENS)
    if match := _SPACED_PAIR.fullmatch(text):
        text = "".join(match.groups())
    if match := _RANGE.fullmatch(text):
        return Period(start=_day(match[1]), end=_day(match[2]))
    if match := _PART.fullmatch(text):
        return _part(written, match[1], match[2], int(match[3]), fiscal)
    if match := _PART_FIRST.fullmatch(text):
        return _part(written, match[3], match[1], int(match[2]), fiscal)
    if match := _YEAR.fullmatch(text):
        return fiscal.year(int(match[1]))
    if match := _PAIR.fullmatch(text):
        return _month_or_years(int(match[1]), match[2], fiscal)
    if (match := _FISCAL_PAIR.fullmatch(text)) and fiscal.across_years:
        first = _of_this_century(match[1] or match[2])
        if _follows(first, match[3]):
            return fiscal.year_beginning_in(first)
    if match := _FISCAL_YEAR.fullmatch(text):
        named = _of_this_century(match[1])
        return fiscal.year_beginning_in(named - 1) if fiscal.across_years else fiscal.year(named)
    if (match := _BIENNIUM.fullmatch(text)) and (match[2] is None or _follows(int(match[1]), match[2])):
        return fiscal.biennium(int(match[1]))
    raise _is_none(written, fiscal)


def parse_periods(text: str, fiscal: FiscalCalendar = CALENDAR_YEARS) -> tuple[Period, ...]:
    """One period, or all periods from ``A`` to ``B`` when the text is ``A..B`` with two periods of the same kind.

    :raises PeriodError: when the text is none, the two differ in kind, or come in the wrong order.
    """
    text = text.strip()
    if ".." not in text or _RANGE.fullmatch(text.translate(HYPHENS)):
        return (parse_period(text, fiscal),)
    first_text, _, last_text = text.partition("..")
    first, last = parse_period(first_text, fiscal), parse_period(last_text, fiscal)
    if first.kind is not last.kind or first.kind is PeriodKind.RANGE:
        expected = _how(fiscal)
        raise PeriodError(
            f"“{text}” joins a {first.kind.value} and a {last.kind.value}, which are not of one kind; {expected}."
        )
    if last.start < first.start:
        raise PeriodError(f"“{text}” ends before it starts.")
    found = []
    for period in _successive(first, fiscal):
        found.append(period)
        if period.end >= last.end:
            return tuple(found)
        if len(found) == MOST_PERIODS:
            break
    raise PeriodError(f"“{text}” has more than {MOST_PERIODS} periods.")


def _successive(first: Period, fiscal: FiscalCalendar) -> Iterator[Period]:
    """The period and those of the same kind that follow it, for ever."""
    period = first
    while True:
        yield period
        following = day_after(period.end)
        if period.kind is PeriodKind.YEAR:
            period = fiscal.year_of(following)
        elif period.kind is PeriodKind.BIENNIUM:
            period = fiscal.biennium(fiscal.year_name(following))
        elif period.kind is PeriodKind.QUARTER:
            period = fiscal.quarter_of(following)
        else:
            period = fiscal.month_of(following)


def _month_or_years(year: int, second: str, fiscal: FiscalCalendar) -> Period:
    """``2021-07`` is a month; ``2020-21`` a biennium, or the one fiscal year that lies in both."""
    number = int(second)
    month = len(second) == 2 and 1 <= number <= 12
    years = _follows(year, second)
    if month and years:
        text, following = f"{year}-{second}", year + 1
        days = f"{text}-01..{text}-{calendar.monthrange(year, number)[1]}"
        if fiscal.across_years:
            raise PeriodError(
                f"“{text}” is a month and a fiscal year; write {year}/{second} or FY{following} for the fiscal year or "
                f"{days} for the month."
            )
        raise PeriodError(
            f"“{text}” is a month and a biennium; write {year}-{following} for the biennium or {days} for the month."
        )
    if month:
        return fiscal.month(year, number) if year else _no_year(year)
    if years:
        return fiscal.year_beginning_in(year) if fiscal.across_years else fiscal.biennium(year)
    raise _is_neither(f"{year}-{second}", fiscal)


def _part(written: str, of: str, unit: str, number: int, fiscal: FiscalCalendar) -> Period:
    """A quarter (Q) or half (H) of a fiscal year, however that is written."""
    if fiscal.across_years and (pair := _PAIR.fullmatch(of)) and _follows(int(pair[1]), pair[2]):
        # of a month there are neither quarters nor halves: 2006-07 is the fiscal year here
        of = f"{pair[1]}/{pair[2]}"
    try:
        year = parse_period(of, fiscal) if len(of) > 2 else None
    except _CenturyLeftOpen as error:
        raise _CenturyLeftOpen.told(written) from error
    except PeriodError as error:
        raise _is_none(written, fiscal) from error
    halves = unit.upper() == "H"
    if year is None or year.kind is not PeriodKind.YEAR or (halves and number not in (1, 2)):
        raise _is_none(written, fiscal)
    name = fiscal.year_name(year.start)
    return fiscal.half(name, number) if halves else fiscal.quarter(name, number)


def _of_this_century(year: str) -> int:
    """A fiscal year as people write it; two digits are of this century, unless they may be of the one before."""
    if len(year) == 2 and int(year) > _LATEST_SHORT:
        raise _CenturyLeftOpen.told(year)
    return int(year) + (2000 if len(year) == 2 else 0)


def _follows(year: int, second: str) -> bool:
    """Whether ``second``, of two or four digits, is the year after ``year``."""
    return int(second) == (year + 1 if len(second) == 4 else (year + 1) % 100)


def _no_year(year: int) -> Period:
    raise PeriodError(f"There is no year {year}.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PeriodError(f"“{text}” is not a date of the calendar.") from error
