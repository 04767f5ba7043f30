"""Delivery: what was spent of what was allocated, in a period and as known on a day.

Expenditure is transaction type 4 plus type 3 to others (``app.domain.ledger``), adjustments included; internal
transfers, encumbrances and advances are not expenditure. A rate is expenditure ÷ allocation, of the same period;
without an allocation there is none (null, not 0), and above 100 % is legal. A roll-up is the ratio of sums.

Facts come as sums that the database made of what was known on the day; nothing here reads single postings.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import cast

from app.domain.money import EXACT, WORKING, MissingRate, Money, Rates, exact_sum, in_percent
from app.domain.periods import CALENDAR_YEARS, FiscalCalendar, Period, PeriodKind, split_by_days

_ZERO, _HUNDRED = Decimal(0), Decimal(100)
#: names of the figures of a :class:`Delivery`
FIGURES = ("allocation", "expenditure", "encumbrance", "cumulative_expenditure", "receipts")
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
        return _ratio(*self._parts(variant))

    def percent(self, variant: Variant = Variant.EXPENDITURE, *, places: int = 2) -> str | None:
        """The rate in percent as it is printed, halves away from zero; None where there is no rate."""
        return in_percent([_ratio(*self._parts(variant))], places)[0]

    def _parts(self, variant: Variant) -> tuple[Decimal | None, Decimal | None]:
        if variant is Variant.CUMULATIVE_RECEIPTS:
            return self.cumulative_expenditure, self.receipts
        if variant is Variant.WITH_ENCUMBRANCE:
            if self.expenditure is None or self.encumbrance is None:
                return None, None
            return WORKING.add(self.expenditure, self.encumbrance), self.allocation
        return self.expenditure, self.allocation


def _ratio(above: Decimal | None, below: Decimal | None) -> Decimal | None:
    return _ratios((above,), (below,))[0]


def _ratios(above: Iterable[Decimal | None], below: Iterable[Decimal | None]) -> list[Decimal | None]:
    divide, nothing = WORKING.divide, _ZERO
    return [
        None if one is None or other is None or other <= nothing else divide(one, other)
        for one, other in zip(above, below, strict=True)
    ]


def rates_in_percent(
    figures: Sequence[Sequence[Decimal | None]], variant: Variant, *, places: int = 2
) -> list[str | None]:
    """The printed rates of many, from columns of the figures that make them, as the label of the variant names them."""
    if variant is Variant.CUMULATIVE_RECEIPTS:
        below, above = figures
    elif variant is Variant.WITH_ENCUMBRANCE:
        below, spent, bound = figures
        above = [
            None if one is None or two is None else WORKING.add(one, two) for one, two in zip(spent, bound, strict=True)
        ]
    else:
        below, above = figures
    return in_percent(_ratios(above, below), places)


class Column:
    """One figure of many, numbered from 0, in one period; sums are added as they come, and none is kept by itself."""

    __slots__ = ("_currency", "_foreign", "_many", "_own", "converted", "missing")

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._own: dict[int, Decimal] = {}
        #: amounts of many, as they came
        self._many: list[tuple[Sequence[int], Sequence[Decimal | None]]] = []
        #: by currency and day of the rate of exchange
        self._foreign: dict[tuple[str, date], dict[int, Decimal]] = {}
        #: whose figure lacks which rates of exchange; known once the figures are settled
        self.missing: dict[int, list[MissingRate]] = {}
        #: currency and day of the rate of what was converted; known then as well
        self.converted: Sequence[tuple[str, date]] = ()

    def sums(self, currency: str, rate_day: date) -> dict[int, Decimal]:
        """The exact sums of what is in one currency and has one day of its rate, to be converted once."""
        return self._own if currency == self._currency else self._foreign.setdefault((currency, rate_day), {})

    def add(self, who: int, amount: Decimal, currency: str, rate_day: date) -> None:
        """Adds an amount."""
        found = self.sums(currency, rate_day)
        before = found.get(who)
        found[who] = amount if before is None else EXACT.add(before, amount)

    def add_each(self, whose: Sequence[int], amounts: Sequence[Decimal | None], currency: str, rate_day: date) -> None:
        """Adds to each of ``whose`` its own amount, if any; both stay as they are until the figures are settled."""
        if currency == self._currency:
            self._many.append((whose, amounts))
            return
        found, add = self.sums(currency, rate_day), EXACT.add
        for who, amount in zip(whose, amounts, strict=True):
            if amount is not None:
                before = found.get(who)
                found[who] = amount if before is None else add(before, amount)

    def lack_as_well(self, other: "Column") -> None:
        """What lacks rates of exchange there lacks them here too."""
        for who, rates in other.missing.items():
            self.missing[who] = [*rates, *self.missing.get(who, ())]

    def settled(self, count: int, rates: Rates) -> list[Decimal | None]:
        """The figures of the first ``count``, in their order; None where a rate of exchange is missing.

        To be asked once, when everything is added: the sums are not kept beside them.
        """
        others: dict[int, Decimal] = {}
        for (currency, day), amounts in sorted(self._foreign.items(), key=lambda item: item[0]):
            exchange = rates.between(currency, self._currency, day)
            if isinstance(exchange, MissingRate):
                for who in amounts:
                    self.missing.setdefault(who, []).append(exchange)
                continue
            for who, amount in zip(amounts, exchange.of_each(amounts.values()), strict=True):
                sum_before = others.get(who)
                others[who] = amount if sum_before is None else WORKING.add(sum_before, amount)
        mine: tuple[Collection[int], Collection[Decimal | None]] = (self._own.keys(), self._own.values())
        many, add = (*self._many, mine), EXACT.add
        nothing = _ZERO
        own = [nothing] * count
        for whose, each in many:
            for who, part in zip(whose, each, strict=True):
                if part is not None:
                    before = own[who]
                    # what stands alone keeps the decimals that it has
                    own[who] = part if before is nothing else add(before, part)
        for who, amount in others.items():
            own[who] = add(own[who], amount)
        figures = cast("list[Decimal | None]", own)
        for who in self.missing:
            figures[who] = None
        # what was added is in the figures now
        self.converted = [pair for pair, amounts in self._foreign.items() if amounts]
        self._own, self._foreign, self._many = {}, {}, []
        return figures


#: figures that are counted from the beginning to the end of a period
_FROM_THE_BEGINNING = frozenset({"encumbrance", "cumulative_expenditure", "receipts"})


def added(ones: Sequence[Decimal | None], others: Sequence[Decimal | None]) -> list[Decimal | None]:
    """The sums of two columns of figures; None where one of the two lacks a rate of exchange."""
    return [
        None if one is None or other is None else EXACT.add(one, other) for one, other in zip(ones, others, strict=True)
    ]


class DeliveryCells:
    """The figures of many in several periods.

    A month's or a quarter's are year-to-date: from the beginning of its fiscal year to its end, against the year's
    allocation. The columns that a sum counts in are the same for all sums of a day, so they are asked for once. Of
    figures from the beginning to the end of a period, a sum counts in the first of the periods that hold it, and those
    that end later are made of the ones before.
    """

    def __init__(self, periods: Sequence[Period], view: View, figures: Sequence[str] = FIGURES) -> None:
        """``figures``: names of fields of :class:`Delivery`; others are not made."""
        self._view = view
        self._measured = [measured_periods(period, view.fiscal) for period in periods]
        self._columns = {name: [Column(view.currency) for _ in periods] for name in figures}
        #: places of the periods by their ends
        self._by_end = sorted(range(len(periods)), key=lambda place: self._measured[place][0].end)
        self._settled: dict[str, list[list[Decimal | None]]] = {}

    def allocated(self, period: Period) -> list[Column]:
        """Where what is allocated for a period counts."""
        columns = self._columns.get("allocation", ())
        return [each for each, (_, own) in zip(columns, self._measured, strict=False) if own.overlaps(period)]

    def spent(self, since: date) -> list[Column]:
        """Where expenditure of a day counts."""
        columns = self._columns.get("expenditure", ())
        inside = [
            each for each, (own, _) in zip(columns, self._measured, strict=False) if own.start <= since <= own.end
        ]
        return inside + self._by_then("cumulative_expenditure", since)

    def received(self, since: date) -> list[Column]:
        """Where receipts of a day count."""
        return self._by_then("receipts", since)

    def bound(self, since: date) -> list[Column]:
        """Where encumbrances that began on a day count."""
        return self._by_then("encumbrance", since)

    def _by_then(self, figure: str, since: date) -> list[Column]:
        columns = self._columns.get(figure, ())
        first = next((place for place in self._by_end if since <= self._measured[place][0].end), None)
        return [columns[first]] if columns and first is not None else []

    @property
    def converted(self) -> set[tuple[str, date]]:
        """Currency and day of the rate of what was converted; known once the figures are settled."""
        return {pair for columns in self._columns.values() for column in columns for pair in column.converted}

    def settle(self, count: int) -> None:
        """Makes the figures of the first ``count``; to be called once, when everything is added."""
        rates = self._view.rates
        self._settled = {
            name: [column.settled(count, rates) for column in columns] for name, columns in self._columns.items()
        }
        for name in _FROM_THE_BEGINNING & self._columns.keys():
            figures, columns = self._settled[name], self._columns[name]
            for before, place in pairwise(self._by_end):
                figures[place] = added(figures[before], figures[place])
                columns[place].lack_as_well(columns[before])

    def figures(self, name: str, place: int) -> list[Decimal | None]:
        """One figure of all in the period at ``place``; None where a rate of exchange is missing."""
        return self._settled[name][place]

    def missing(self, who: int, place: int) -> tuple[MissingRate, ...]:
        """The rates of exchange that the figures of one lack in a period."""
        found = (rate for columns in self._columns.values() for rate in columns[place].missing.get(who, ()))
        return tuple(dict.fromkeys(found))

    def lacking(self, place: int) -> dict[int, tuple[MissingRate, ...]]:
        """Those whose figures lack rates of exchange in a period, and which."""
        found = sorted({who for columns in self._columns.values() for who in columns[place].missing})
        return {who: self.missing(who, place) for who in found}

    def cell(self, who: int, place: int) -> Delivery:
        """All figures of one in the period at ``place``."""
        made = {name: columns[place][who] for name, columns in self._settled.items()}
        return Delivery(
            currency=self._view.currency,
            allocation=made.get("allocation", _ZERO),
            expenditure=made.get("expenditure", _ZERO),
            encumbrance=made.get("encumbrance", _ZERO),
            cumulative_expenditure=made.get("cumulative_expenditure", _ZERO),
            receipts=made.get("receipts", _ZERO),
            missing=self.missing(who, place),
        )


def delivery(sums: DeliverySums, period: Period, view: View) -> Delivery:
    """The delivery of one in a period."""
    cells = DeliveryCells([period], view)
    for part in sums.allocated:
        for column in cells.allocated(part.period):
            column.add(0, part.money.amount, part.money.currency, part.rate_day)
    for where, rows in ((cells.spent, sums.spent), (cells.received, sums.received), (cells.bound, sums.bound)):
        for row in rows:
            for column in where(row.since):
                column.add(0, row.money.amount, row.money.currency, row.rate_day)
    cells.settle(1)
    return cells.cell(0, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How fast money is spent, and where that leads to by the end of the allocation's period; fractions."""

    elapsed: Decimal
    rate: Decimal
    #: what is spent at the end if it goes on as so far, over the allocation
    projected: Decimal


def pace(cell: Delivery, period: Period, on: date, fiscal: FiscalCalendar = CALENDAR_YEARS) -> Pace | None:
    """The pace of a period on a day; None before it begins, and where there is no rate."""
    return paces([cell.allocation], [cell.expenditure], period, on, fiscal)[0]


def paces(
    allocations: Sequence[Decimal | None],
    expenditures: Sequence[Decimal | None],
    period: Period,
    on: date,
    fiscal: FiscalCalendar = CALENDAR_YEARS,
) -> list[Pace | None]:
    """The paces of many in one period on a day."""
    spent_in, allocated_in = measured_periods(period, fiscal)
    last = min(on, spent_in.end)
    if last < allocated_in.start:
        return [None for _ in allocations]
    days, passed = ((day - allocated_in.start).days + 1 for day in (allocated_in.end, last))
    elapsed = WORKING.divide(Decimal(passed), Decimal(days))
    return [
        None if rate is None else Pace(elapsed=elapsed, rate=rate, projected=WORKING.divide(rate, elapsed))
        for rate in _ratios(expenditures, allocations)
    ]


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
        allocation=sum_known([row.allocation for row in rows]),
        expenditure=sum_known([row.expenditure for row in rows]),
        encumbrance=sum_known([row.encumbrance for row in rows]),
        cumulative_expenditure=sum_known([row.cumulative_expenditure for row in rows]),
        receipts=sum_known([row.receipts for row in rows]),
        missing=tuple(dict.fromkeys(rate for row in rows for rate in row.missing)),
    )


def sum_known(figures: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of figures; None when one of them lacks a rate of exchange."""
    known = [figure for figure in figures if figure is not None]
    return exact_sum(known) if len(known) == len(figures) else None
