"""Periods of reporting: years, biennia, quarters, months and ranges, all with inclusive ends.

The written forms are ``2021``, ``FY2021``, ``2020-21`` (biennium), ``2021-Q3``, ``2021-07``,
``2021-01-01..2021-06-30`` and, for several columns, ``2000..2004``. A year, a biennium and a quarter are fiscal; a
month is a calendar month.

Where the fiscal year lies across two calendar years, ``2025-26``, ``2025/26``, ``2025-2026`` and ``FY2026`` (the year
it ends in) are how everybody writes one such year; two of them are written ``biennium-2025``, or by their days.

``2006-07`` is both two years and July 2006, so it is refused with the clear spellings, such as ``2006-2007`` and
``2006-07-01..2006-07-31``: a figure for the wrong months would look as good as the right one.
"""

import calendar
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from app.domain.money import EXACT, MINOR_UNITS_DEFAULT, WORKING

#: More columns than this in one ``A..B`` is a slip of the pen, not a report.
MOST_PERIODS = 600

_DAY = timedelta(days=1)


class PeriodError(ValueError):
    """The written period is not one; the message says how to write it."""


class PeriodKind(StrEnum):
    """What sort of span a period is; month and quarter rates are year-to-date."""

    YEAR = "year"
    BIENNIUM = "biennium"
    QUARTER = "quarter"
    MONTH = "month"
    RANGE = "range"


def add_months(day: date, months: int) -> date:
    """``day`` moved by whole months, clamped to the month's end (31 January + 1 is 28 or 29 February).

    Months are always counted from ``day`` itself, so a series does not drift. A result outside the calendar stays at
    its edge: real files close open-ended activities on 9999-12-31.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    if year > 9999:
        return date.max
    if year < 1:
        return date.min
    if day.day <= 28:
        return date(year, month, day.day)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def end_of(day: date) -> datetime:
    """The last second of a day, in UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def day_after(day: date) -> date:
    """The next day, or the calendar's last."""
    return day if day == date.max else day + _DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A span of days, both ends included.

    :raises PeriodError: when it ends before it starts.
    """

    start: date
    end: date
    kind: PeriodKind = PeriodKind.RANGE
    #: How the period is written; also the heading of its column.
    label: str = ""

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise PeriodError(f"the period ends on {self.end}, before it starts on {self.start}")
        if not self.label:
            object.__setattr__(self, "label", f"{self.start}..{self.end}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        """Number of days, both ends counted."""
        return (self.end - self.start).days + 1

    def overlaps(self, other: "Period") -> bool:
        return self.start <= other.end and other.start <= self.end

    def shared_days(self, other: "Period") -> int:
        """How many days both have in common."""
        return max(0, (min(self.end, other.end) - max(self.start, other.start)).days + 1)

    def elapsed_days(self, as_of: date) -> int:
        """Days of the period that have passed at the end of ``as_of``; 0 before it starts."""
        return max(0, (min(self.end, as_of) - self.start).days + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class FiscalCalendar:
    """How an organisation counts its years."""

    #: Month in which the fiscal year begins, 1 to 12; it begins on the first day.
    first_month: int = 1
    #: Whether a year that crosses New Year is called by the calendar year it starts or ends in.
    named_after: Literal["start", "end"] = "start"
    #: Whether biennia begin in even years (2020-21) or in odd ones.
    biennium_begins: Literal["even", "odd"] = "even"

    def __post_init__(self) -> None:
        if not 1 <= self.first_month <= 12:
            raise PeriodError(f"a fiscal year cannot begin in month {self.first_month}")

    def year(self, name: int) -> Period:
        """The fiscal year of that name."""
        first = self._first_calendar_year(name)
        return Period(
            start=date(first, self.first_month, 1),
            end=_before(date(first + 1, self.first_month, 1) if first < 9999 else None),
            kind=PeriodKind.YEAR,
            label=str(name),
        )

    @property
    def across_years(self) -> bool:
        """Whether a fiscal year lies in two calendar years."""
        return self.first_month != 1

    def year_beginning_in(self, calendar_year: int) -> Period:
        """The fiscal year whose first day lies in that calendar year."""
        return self.year(calendar_year + 1 if self._named_later else calendar_year)

    def year_name(self, day: date) -> int:
        """The name of the fiscal year a day belongs to."""
        first = day.year if day.month >= self.first_month else day.year - 1
        return first + 1 if self._named_later else first

    def year_of(self, day: date) -> Period:
        """The fiscal year a day belongs to."""
        return self.year(self.year_name(day))

    def biennium(self, name: int) -> Period:
        """The two fiscal years that begin with ``name``."""
        first, second = self.year(name), self.year(name + 1)
        label = f"biennium-{name}" if self.across_years else f"{name}-{(name + 1) % 100:02}"
        return Period(start=first.start, end=second.end, kind=PeriodKind.BIENNIUM, label=label)

    def biennium_of(self, day: date) -> Period:
        """The biennium a day belongs to."""
        name = self.year_name(day)
        begins = name % 2 == (0 if self.biennium_begins == "even" else 1)
        return self.biennium(name if begins else name - 1)

    def quarter(self, name: int, number: int) -> Period:
        """The ``number``-th quarter (1 to 4) of the fiscal year ``name``."""
        if not 1 <= number <= 4:
            raise PeriodError(f"a year has quarters Q1 to Q4, not Q{number}")
        start = add_months(self.year(name).start, 3 * (number - 1))
        return Period(
            start=start, end=_before(add_months(start, 3)), kind=PeriodKind.QUARTER, label=f"{name}-Q{number}"
        )

    def quarter_of(self, day: date) -> Period:
        """The fiscal quarter a day belongs to."""
        return self.quarter(self.year_name(day), (day.month - self.first_month) % 12 // 3 + 1)

    @staticmethod
    def month(year: int, month: int) -> Period:
        """A calendar month."""
        start = date(year, month, 1)
        end = date(year, month, calendar.monthrange(year, month)[1])
        return Period(start=start, end=end, kind=PeriodKind.MONTH, label=f"{year}-{month:02}")

    def month_of(self, day: date) -> Period:
        """The calendar month a day belongs to."""
        return self.month(day.year, day.month)

    def years_of(self, period: Period) -> tuple[Period, ...]:
        """The fiscal years a period touches, in order."""
        names = range(self.year_name(period.start), self.year_name(period.end) + 1)
        return tuple(self.year(name) for name in names)

    @property
    def _named_later(self) -> bool:
        return self.named_after == "end" and self.across_years

    def _first_calendar_year(self, name: int) -> int:
        first = name - 1 if self._named_later else name
        if not 1 <= first <= 9999:
            raise PeriodError(f"there is no year {name}")
        return first


CALENDAR_YEARS = FiscalCalendar()


def _before(day: date | None) -> date:
    """The last day before ``day``; the calendar's last when there is no day after it."""
    return date.max if day is None or day == date.max else day - _DAY


_YEAR = re.compile(r"(\d{4})", re.ASCII)
_PAIR = re.compile(r"(\d{4})-(\d{2}|\d{4})", re.ASCII)
_FISCAL_PAIR = re.compile(r"(?:FY ?(\d{4})[-/]|(\d{4})/)(\d{2}|\d{4})", re.ASCII | re.IGNORECASE)
_FISCAL_YEAR = re.compile(r"FY ?(\d{4}|\d{2})", re.ASCII | re.IGNORECASE)
_BIENNIUM = re.compile(r"biennium[ -](\d{4})(?:[-/](\d{2}|\d{4}))?", re.ASCII | re.IGNORECASE)
_QUARTER = re.compile(r"(\d{4})-[Qq](\d)", re.ASCII)
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)
_HOW = "write 2021, 2020-21, 2021-Q3, 2021-07, 2021-01-01..2021-06-30 or, for several, 2000..2004"
_HOW_ACROSS = (
    "write 2025-26, 2025/26 or FY2026 for a fiscal year, biennium-2025 for two, 2025-Q3, 2025-07, "
    "2025-07-01..2026-01-31 or, for several, 2020..2024"
)


def _how(fiscal: FiscalCalendar) -> str:
    return _HOW_ACROSS if fiscal.across_years else _HOW


def parse_period(text: str, fiscal: FiscalCalendar = CALENDAR_YEARS) -> Period:
    """One period from its written form.

    :raises PeriodError: when the text is none, or is ambiguous (see the module's docstring).
    """
    text = text.strip()
    if match := _RANGE.fullmatch(text):
        return Period(start=_day(match[1]), end=_day(match[2]))
    if match := _QUARTER.fullmatch(text):
        return fiscal.quarter(int(match[1]), int(match[2]))
    if match := _YEAR.fullmatch(text):
        return fiscal.year(int(match[1]))
    if match := _PAIR.fullmatch(text):
        return _month_or_years(int(match[1]), match[2], fiscal)
    if (match := _FISCAL_PAIR.fullmatch(text)) and fiscal.across_years:
        first = int(match[1] or match[2])
        if _follows(first, match[3]):
            return fiscal.year_beginning_in(first)
    if match := _FISCAL_YEAR.fullmatch(text):
        named = int(match[1]) + (2000 if len(match[1]) == 2 else 0)
        return fiscal.year_beginning_in(named - 1) if fiscal.across_years else fiscal.year(named)
    if (match := _BIENNIUM.fullmatch(text)) and (match[2] is None or _follows(int(match[1]), match[2])):
        return fiscal.biennium(int(match[1]))
    raise PeriodError(f"“{text}” is not a period; {_how(fiscal)}")


def parse_periods(text: str, fiscal: FiscalCalendar = CALENDAR_YEARS) -> tuple[Period, ...]:
    """One period, or all periods from ``A`` to ``B`` when the text is ``A..B`` with two periods of the same kind.

    :raises PeriodError: when the text is none, the two differ in kind, or come in the wrong order.
    """
    text = text.strip()
    if ".." not in text or _RANGE.fullmatch(text):
        return (parse_period(text, fiscal),)
    first_text, _, last_text = text.partition("..")
    first, last = parse_period(first_text, fiscal), parse_period(last_text, fiscal)
    if first.kind is not last.kind or first.kind is PeriodKind.RANGE:
        raise PeriodError(f"“{text}” joins a {first.kind} and a {last.kind}; {_how(fiscal)}")
    if last.start < first.start:
        raise PeriodError(f"“{text}” ends before it starts")
    found = []
    for period in _successive(first, fiscal):
        found.append(period)
        if period.end >= last.end:
            return tuple(found)
        if len(found) == MOST_PERIODS:
            break
    raise PeriodError(f"“{text}” has more than {MOST_PERIODS} periods")


def before(periods: Sequence[Period]) -> Period | None:
    """As long a time before periods that follow each other: in months where they are made of such, else in days.

    None at the beginning of the calendar.
    """
    start = periods[0].start
    if start == date.min:
        return None
    months = {PeriodKind.YEAR: 12, PeriodKind.BIENNIUM: 24, PeriodKind.QUARTER: 3, PeriodKind.MONTH: 1}
    if (kind := periods[0].kind) in months:
        first = add_months(start, -months[kind] * len(periods))
    else:
        first = start - min(timedelta(days=(periods[-1].end - start).days + 1), start - date.min)
    return Period(start=first, end=start - _DAY)


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
        last = calendar.monthrange(year, number)[1]
        if fiscal.across_years:
            meant, clear = "a fiscal year", f"{year}/{second} or FY{year + 1} for the fiscal year"
        else:
            meant, clear = "a biennium", f"{year}-{year + 1} for the biennium"
        raise PeriodError(
            f"“{year}-{second}” is a month and {meant}; write {clear} or "
            f"{year}-{second}-01..{year}-{second}-{last} for the month"
        )
    if month:
        return fiscal.month(year, number) if year else _no_year(year)
    if years:
        return fiscal.year_beginning_in(year) if fiscal.across_years else fiscal.biennium(year)
    raise PeriodError(f"“{year}-{second}” is neither a month nor two successive years; {_how(fiscal)}")


def _follows(year: int, second: str) -> bool:
    """Whether ``second``, of two or four digits, is the year after ``year``."""
    return int(second) == (year + 1 if len(second) == 4 else (year + 1) % 100)


def _no_year(year: int) -> Period:
    raise PeriodError(f"there is no year {year}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PeriodError(f"“{text}” is not a date of the calendar") from error


def split_by_days(
    amount: Decimal, period: Period, parts: Iterable[Period], *, places: int = MINOR_UNITS_DEFAULT
) -> tuple[Decimal, ...]:
    """``amount`` of ``period`` shared out over ``parts`` by the days each has in it; one figure per part.

    Parts must not overlap and come in order. Figures are rounded to ``places`` decimals, or to the amount's own where
    it has more, in such a way that parts that cover the whole period sum to the amount exactly: each is the difference
    of two rounded running totals, so no remainder is left over.
    """
    exponent = amount.as_tuple().exponent
    own = -exponent if isinstance(exponent, int) else 0
    step = Decimal(1).scaleb(-max(places, own))
    days = period.days
    figures = []
    passed = 0
    before = Decimal(0)
    for part in parts:
        shared = period.shared_days(part)
        passed += shared
        running = (
            amount
            if passed == days
            else WORKING.divide(EXACT.multiply(amount, passed), days).quantize(step, context=WORKING)
        )
        figures.append(EXACT.subtract(running, before) if shared else Decimal(0))
        before = running if shared else before
    return tuple(figures)


def split_over_years(
    amount: Decimal, period: Period, fiscal: FiscalCalendar = CALENDAR_YEARS, *, places: int = MINOR_UNITS_DEFAULT
) -> tuple[tuple[Period, Decimal], ...]:
    """``amount`` of ``period`` over the fiscal years it touches, by days; the parts sum to it exactly."""
    years = fiscal.years_of(period)
    return tuple(zip(years, split_by_days(amount, period, years, places=places), strict=True))


def chunks(period: Period, fiscal: FiscalCalendar = CALENDAR_YEARS) -> tuple[Period, ...]:
    """The period itself, or its parts by fiscal year where it is too long for an IATI budget.

    In each result end − start is at most 365 days, as the standard asks of a budget's period.
    """
    if (period.end - period.start).days <= 365:
        return (period,)
    return tuple(
        Period(start=max(period.start, year.start), end=min(period.end, year.end)) for year in fiscal.years_of(period)
    )
