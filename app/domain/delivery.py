"""Delivery: what was spent of what was allocated, in a period and as known on a day.

Expenditure is transaction type 4 plus type 3 to others (``app.domain.ledger``), adjustments included; internal
transfers, encumbrances and advances are not expenditure. A rate is expenditure ÷ allocation, of the same period;
without an allocation there is none (null, not 0), and above 100 % is legal. A roll-up is the ratio of sums.

Facts come as sums that the database made of what was known on the day; nothing here reads single postings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from app.domain.money import EXACT, WORKING, MissingRate, Money, Rates, exact_sum, plain, round_places, total
from app.domain.periods import CALENDAR_YEARS, FiscalCalendar, Period, PeriodKind, split_by_days

_HUNDRED = Decimal(100)
_DAY = timedelta(days=1)


class Variant(StrEnum):
    """Which ratio; the label is always shown with the figure."""

    EXPENDITURE = "expenditure/allocation"
    WITH_ENCUMBRANCE = "(expenditure+encumbrance)/allocation"
    CUMULATIVE_RECEIPTS = "cumulative expenditure/receipts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Allocated:
    """Money that stands allocated for a period: the newest decisions, cut by :func:`cut_by_days`. Gross."""

    period: Period
    money: Money
    #: day of its rate of exchange: that of the decision
    rate_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Dated:
    """A sum of what happened in some days, none of which crosses the beginning or the end of a period asked for."""

    #: first of the days
    since: date
    money: Money
    #: day of its rate of exchange; any where it needs none
    rate_day: date


class Spent(Dated):
    """Expenditure."""

    __slots__ = ()


class Received(Dated):
    """Incoming funds; what was passed on to another activity is taken off, so that a roll-up counts it once."""

    __slots__ = ()


class Bound(Dated):
    """Encumbrances that began, or, below zero, that ended; each by the rate of the day on which it began."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliverySums:
    """All sums for whatever the rate is asked of: a project, a unit, a donor's share."""

    allocated: Sequence[Allocated] = ()
    spent: Sequence[Spent] = ()
    received: Sequence[Received] = ()
    bound: Sequence[Bound] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How delivery is looked at."""

    currency: str
    rates: Rates = field(default_factory=Rates)
    fiscal: FiscalCalendar = CALENDAR_YEARS


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """The sums a rate is made of, in one currency; roll-ups add them.

    Sums are None when ``missing`` names rates of exchange that were not known.
    """

    currency: str
    allocation: Decimal | None
    expenditure: Decimal | None
    #: outstanding on the last day of the period, or on the day looked from if that is earlier
    encumbrance: Decimal | None = Decimal(0)
    #: from the beginning to the end of the period, or to the day looked from if that is earlier
    cumulative_expenditure: Decimal | None = Decimal(0)
    #: received in the same time; what a pool passed on is taken off the pool's
    receipts: Decimal | None = Decimal(0)
    missing: tuple[MissingRate, ...] = ()

    def ratio(self, variant: Variant = Variant.EXPENDITURE) -> Decimal | None:
        """The rate as a fraction to 50 digits; None without allocation (or receipts) above zero or without rates."""
        above, below = self._parts(variant)
        if above is None or below is None or below <= 0:
            return None
        return WORKING.divide(above, below)

    def percent(self, variant: Variant = Variant.EXPENDITURE, *, places: int = 2) -> str | None:
        """The rate in percent as it is printed, halves away from zero; None where there is no rate."""
        above, below = self._parts(variant)
        if above is None or below is None or below <= 0:
            return None
        return plain(round_places(WORKING.divide(EXACT.multiply(above, _HUNDRED), below), places))

    def _parts(self, variant: Variant) -> tuple[Decimal | None, Decimal | None]:
        if variant is Variant.CUMULATIVE_RECEIPTS:
            return self.cumulative_expenditure, self.receipts
        if variant is Variant.WITH_ENCUMBRANCE:
            if self.expenditure is None or self.encumbrance is None:
                return None, None
            return WORKING.add(self.expenditure, self.encumbrance), self.allocation
        return self.expenditure, self.allocation


def delivery(sums: DeliverySums, period: Period, view: View) -> Delivery:
    """The delivery of a period.

    A month's or a quarter's is year-to-date: from the beginning of its fiscal year to its end, against the year's
    allocation.
    """
    spent_in, allocated_in = measured_periods(period, view.fiscal)
    dated: dict[str, list[tuple[Money, date]]] = {
        "allocation": [(row.money, row.rate_day) for row in sums.allocated if allocated_in.overlaps(row.period)],
        "expenditure": _in_time(sums.spent, spent_in.start, spent_in.end),
        "encumbrance": _in_time(sums.bound, date.min, spent_in.end),
        "cumulative_expenditure": _in_time(sums.spent, date.min, spent_in.end),
        "receipts": _in_time(sums.received, date.min, spent_in.end),
    }
    totals = {name: total(rows, view.currency, view.rates) for name, rows in dated.items()}
    missing = dict.fromkeys(rate for found in totals.values() for rate in found.missing)
    return Delivery(
        currency=view.currency,
        allocation=totals["allocation"].amount,
        expenditure=totals["expenditure"].amount,
        encumbrance=totals["encumbrance"].amount,
        cumulative_expenditure=totals["cumulative_expenditure"].amount,
        receipts=totals["receipts"].amount,
        missing=tuple(missing),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How fast money is spent, and where that leads to by the end of the allocation's period; fractions."""

    elapsed: Decimal
    rate: Decimal
    #: what is spent at the end if it goes on as so far, over the allocation
    projected: Decimal


def pace(cell: Delivery, period: Period, on: date, fiscal: FiscalCalendar = CALENDAR_YEARS) -> Pace | None:
    """The pace of a period on a day; None before it begins, and where there is no rate."""
    spent_in, allocated_in = measured_periods(period, fiscal)
    last = min(on, spent_in.end)
    rate = cell.ratio()
    if rate is None or last < allocated_in.start:
        return None
    days, passed = ((day - allocated_in.start).days + 1 for day in (allocated_in.end, last))
    elapsed = WORKING.divide(Decimal(passed), Decimal(days))
    return Pace(elapsed=elapsed, rate=rate, projected=WORKING.divide(rate, elapsed))


def _in_time(sums: Sequence[Dated], first: date, last: date) -> list[tuple[Money, date]]:
    return [(row.money, row.rate_day) for row in sums if first <= row.since <= last]


def measured_periods(period: Period, fiscal: FiscalCalendar = CALENDAR_YEARS) -> tuple[Period, Period]:
    """Whose expenditure and whose allocation make the rate: for a month or quarter the year-to-date and the year."""
    if period.kind not in (PeriodKind.MONTH, PeriodKind.QUARTER):
        return period, period
    year = fiscal.year_of(period.end)
    return Period(start=year.start, end=period.end, label=period.label), year


def cut_by_days(amount: Decimal, period: Period, edges: Iterable[date]) -> list[tuple[Period, Decimal]]:
    """An allocation in pieces that begin at the edges inside its period, by days.

    Each piece is the difference of two rounded running totals from the first day, so the pieces sum to the amount, and
    what lies between two edges comes to the same whatever other edges there are.
    """
    inner = sorted({day for day in edges if period.start < day <= period.end})
    if not inner:
        return [(period, amount)]
    ends = [*(day - _DAY for day in inner), period.end]
    pieces = [Period(start=start, end=end) for start, end in zip([period.start, *inner], ends, strict=True)]
    return list(zip(pieces, split_by_days(amount, period, pieces), strict=True))


def roll_up(deliveries: Iterable[Delivery], currency: str) -> Delivery:
    """The sums of several, so that its rate is the ratio of sums, never the mean of ratios.

    One that lacks a rate of exchange leaves the roll-up without the figure and names the rate.

    :raises ValueError: when they are not all in ``currency``.
    """
    rows = tuple(deliveries)
    if any(row.currency != currency for row in rows):
        raise ValueError(f"only figures in {currency} can be rolled up in {currency}")
    return Delivery(
        currency=currency,
        allocation=_sum_known([row.allocation for row in rows]),
        expenditure=_sum_known([row.expenditure for row in rows]),
        encumbrance=_sum_known([row.encumbrance for row in rows]),
        cumulative_expenditure=_sum_known([row.cumulative_expenditure for row in rows]),
        receipts=_sum_known([row.receipts for row in rows]),
        missing=tuple(dict.fromkeys(rate for row in rows for rate in row.missing)),
    )


def _sum_known(figures: list[Decimal | None]) -> Decimal | None:
    known = [figure for figure in figures if figure is not None]
    return exact_sum(known) if len(known) == len(figures) else None
