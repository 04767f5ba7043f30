"""Periods of reporting: years, biennia, quarters, months and ranges, all with inclusive ends.

How they are written: :mod:`app.domain.written_periods`.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from app.domain.money import EXACT, MINOR_UNITS_DEFAULT, WORKING

_DAY = timedelta(days=1)


class PeriodError(ValueError):
    """The written period is not one; the message says how to write it.

    It is made of a whole sentence, as pages know it, and has no full stop: whoever tells it ends it.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence.removesuffix("."))


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


def days_after(day: date, days: int) -> date:
    """The day so many days later, or earlier where they are negative; the calendar's edge where it would be beyond."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


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
            raise PeriodError(f"The period ends on {self.end}, before it starts on {self.start}.")
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
            label=f"{name:04}",
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
            raise PeriodError(f"A year has quarters Q1 to Q4, not Q{number}.")
        start = add_months(self.year(name).start, 3 * (number - 1))
        return Period(
            start=start, end=_before(add_months(start, 3)), kind=PeriodKind.QUARTER, label=f"{name}-Q{number}"
        )

    def half(self, name: int, number: int) -> Period:
        """The first or second half of the fiscal year ``name``, by its days."""
        first = 2 * number - 1
        return Period(start=self.quarter(name, first).start, end=self.quarter(name, first + 1).end)

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
            raise PeriodError(f"There is no year {name}.")
        return first


CALENDAR_YEARS = FiscalCalendar()


def _before(day: date | None) -> date:
    """The last day before ``day``; the calendar's last when there is no day after it."""
    return date.max if day is None or day == date.max else day - _DAY


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
