"""Delivery: what was spent of what was allocated, in a period and as known on a day.

Expenditure is transaction type 4 plus type 3 to others, adjustments included; internal transfers, encumbrances and
advances are not expenditure. A rate is expenditure ÷ allocation, of the same period; without an allocation there is
none (null, not 0), and above 100 % is legal. A roll-up is the ratio of sums.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from app.domain.findings import Finding, Severity
from app.domain.ledger import SPENDING, TransactionType
from app.domain.money import EXACT, WORKING, MissingRate, Money, Rates, exact_sum, plain, round_places, total
from app.domain.periods import CALENDAR_YEARS, FiscalCalendar, Period, PeriodKind, split_by_days
from app.domain.terms import AllocationKind, EncumbranceKind

#: Projected delivery below this share of the allocation is a finding.
THRESHOLD = Decimal("0.70")
_HUNDRED = Decimal(100)
_DAY = timedelta(days=1)


class Variant(StrEnum):
    """Which ratio; the label is always shown with the figure."""

    EXPENDITURE = "expenditure/allocation"
    WITH_ENCUMBRANCE = "(expenditure+encumbrance)/allocation"
    CUMULATIVE_RECEIPTS = "cumulative expenditure/receipts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Allocation:
    """One decision on an allocation: a full new value, not a difference. Money is gross."""

    #: What the rows revise: project, source, outcome, country and the period decided on. Newest row of a line counts.
    line: Hashable
    period: Period
    kind: AllocationKind
    decided_on: date
    money: Money
    #: Order of decisions of the same day.
    sequence: int = 0
    #: The moment the row was written, for "as recorded at".
    recorded_at: datetime | None = None
    #: Part of the money that is support cost.
    support_cost: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """One posting; a correction is a posting of its own, with the date it was made."""

    #: IATI transaction type: its code, or :class:`app.domain.ledger.TransactionType`.
    type: str
    #: Transaction date: decides the period, and from when the posting is known.
    posted_on: date
    money: Money
    #: Day of its rate of exchange; the transaction date when None.
    value_date: date | None = None
    #: Between a pool and a project: never expenditure.
    is_internal: bool = False
    #: A support-cost charge.
    is_support_cost: bool = False
    recorded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Encumbrance:
    """Money bound but not spent; a liquidation is a negative row."""

    kind: EncumbranceKind
    recorded_for: date
    money: Money
    recorded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryFacts:
    """Everything posted and decided for whatever the rate is asked of: a project, a unit, a donor's share."""

    allocations: tuple[Allocation, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    encumbrances: tuple[Encumbrance, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How delivery is looked at."""

    as_of: date
    currency: str
    rates: Rates = field(default_factory=Rates)
    fiscal: FiscalCalendar = CALENDAR_YEARS
    #: Whether support cost counts on both sides; there is no default, because either is usual.
    with_support_cost: bool
    #: Only rows written at or before this moment; None takes all.
    recorded_by: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """The sums a rate is made of, in one currency; roll-ups add them.

    Sums are None when ``missing`` names rates of exchange that were not known.
    """

    currency: str
    allocation: Decimal | None
    expenditure: Decimal | None
    encumbrance: Decimal | None = Decimal(0)
    #: From the beginning to the end of the period, or the as-of day if earlier.
    cumulative_expenditure: Decimal | None = Decimal(0)
    #: Received in the same time; what a pool passed on is taken off the pool's.
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


def delivery(facts: DeliveryFacts, period: Period, view: View) -> Delivery:
    """The delivery of a period as known on a day.

    A month's or a quarter's is year-to-date: from the beginning of its fiscal year to its end, against the year's
    allocation. Allocations that cross the period's ends are shared out by days.
    """
    spent_in, allocated_in = measured_periods(period, view.fiscal)
    last = min(spent_in.end, view.as_of)
    known = [entry for entry in facts.ledger if entry.posted_on <= last and _is_recorded(entry.recorded_at, view)]
    spent = [entry for entry in known if _is_expenditure(entry, view)]
    bound = [
        (row.money, row.recorded_for)
        for row in facts.encumbrances
        if row.kind is EncumbranceKind.ENCUMBRANCE
        and spent_in.start <= row.recorded_for <= last
        and _is_recorded(row.recorded_at, view)
    ]
    sums = {
        "allocation": _allocated(facts.allocations, allocated_in, view),
        "expenditure": [_dated(entry) for entry in spent if entry.posted_on >= spent_in.start],
        "encumbrance": bound,
        "cumulative_expenditure": [_dated(entry) for entry in spent],
        "receipts": [receipt for entry in known for receipt in _receipts(entry)],
    }
    totals = {name: total(rows, view.currency, view.rates) for name, rows in sums.items()}
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


def measured_periods(period: Period, fiscal: FiscalCalendar = CALENDAR_YEARS) -> tuple[Period, Period]:
    """Whose expenditure and whose allocation make the rate: for a month or quarter the year-to-date and the year."""
    if period.kind not in (PeriodKind.MONTH, PeriodKind.QUARTER):
        return period, period
    year = fiscal.year_of(period.end)
    return Period(start=year.start, end=period.end, label=period.label), year


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


def _is_recorded(recorded_at: datetime | None, view: View) -> bool:
    return view.recorded_by is None or recorded_at is None or recorded_at <= view.recorded_by


def _is_expenditure(entry: LedgerEntry, view: View) -> bool:
    if entry.is_support_cost and not view.with_support_cost:
        return False
    return not entry.is_internal and entry.type in SPENDING


def _dated(entry: LedgerEntry) -> tuple[Money, date]:
    return entry.money, entry.value_date or entry.posted_on


def _receipts(entry: LedgerEntry) -> tuple[tuple[Money, date], ...]:
    """What a posting adds to receipts. Passing on from a pool takes them off, so a roll-up counts each once."""
    money, day = _dated(entry)
    if entry.type == TransactionType.INCOMING_FUNDS:
        return ((money, day),)
    if entry.is_internal and entry.type in SPENDING:
        return ((-money, day),)
    return ()


def _allocated(allocations: Iterable[Allocation], period: Period, view: View) -> list[tuple[Money, date]]:
    """The newest decision of every line as of the day, by days where it crosses the period's ends."""
    newest: dict[Hashable, Allocation] = {}
    for row in allocations:
        if row.decided_on > view.as_of or not _is_recorded(row.recorded_at, view) or not row.period.overlaps(period):
            continue
        standing = newest.get(row.line)
        if standing is None or _decided(row) >= _decided(standing):
            newest[row.line] = row
    result = []
    for row in newest.values():
        amount = row.money.amount
        if not view.with_support_cost:
            amount = EXACT.subtract(amount, row.support_cost)
        inside = row.period.start >= period.start and row.period.end <= period.end
        if not inside:
            (amount,) = _share(amount, row.period, period)
        result.append((Money(amount, row.money.currency), row.decided_on))
    return result


def _decided(row: Allocation) -> tuple[date, bool, int]:
    """Of several decisions on one day a revised one counts more than an original one, then the later in sequence."""
    return row.decided_on, row.kind is AllocationKind.REVISED, row.sequence


def _share(amount: Decimal, whole: Period, part: Period) -> tuple[Decimal]:
    """The part's share by running totals from the allocation's first day, so that neighbouring parts sum exactly."""
    pieces = []
    if whole.start < part.start:
        pieces.append(Period(start=whole.start, end=part.start - _DAY))
    pieces.append(part)
    return (split_by_days(amount, whole, pieces)[-1],)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """Expenditure against the time that has passed."""

    #: Days of the period that have passed, as a fraction.
    elapsed: Decimal
    #: Expenditure as a fraction of the allocation; None without allocation.
    spent: Decimal | None
    #: Expenditure at the period's end if it goes on like this; None before the period begins.
    projected: Decimal | None
    #: Projected expenditure as a fraction of the allocation.
    projected_rate: Decimal | None

    @property
    def projected_percent(self) -> str | None:
        """As printed, one decimal."""
        if self.projected_rate is None:
            return None
        return plain(round_places(EXACT.multiply(self.projected_rate, _HUNDRED), 1))


def pace(facts: DeliveryFacts, period: Period, view: View) -> Pace:
    """How fast the money goes, and where it will be at the end of the period at that speed.

    A month or quarter is measured like its rate: its year up to the period's end.
    """
    spent_in, allocated_in = measured_periods(period, view.fiscal)
    measured = delivery(facts, period, view)
    days = allocated_in.elapsed_days(min(view.as_of, spent_in.end))
    elapsed = WORKING.divide(days, allocated_in.days)
    spent = measured.ratio()
    projected = projected_rate = None
    if days and measured.expenditure is not None:
        whole = EXACT.multiply(measured.expenditure, allocated_in.days)
        projected = WORKING.divide(whole, days)
        if measured.allocation is not None and measured.allocation > 0:
            # One division only, so that a rate that is exactly the threshold does not fall under it.
            projected_rate = WORKING.divide(whole, EXACT.multiply(measured.allocation, days))
    return Pace(elapsed=elapsed, spent=spent, projected=projected, projected_rate=projected_rate)


def pace_findings(
    measured: Pace, *, subject: str, period: Period, threshold: Decimal = THRESHOLD
) -> tuple[Finding, ...]:
    """A warning when projected delivery stays under the threshold; the limit itself is fine."""
    if measured.projected_rate is None or measured.projected_rate >= threshold:
        return ()
    limit = plain(round_places(EXACT.multiply(threshold, _HUNDRED), 0))
    elapsed = plain(round_places(EXACT.multiply(measured.elapsed, _HUNDRED), 0))
    return (
        Finding(
            rule="delivery.below-threshold",
            severity=Severity.WARNING,
            subject=subject,
            message=(
                f"at this pace {measured.projected_percent} % of the allocation of {period.label} will be spent, "
                f"under {limit} % ({elapsed} % of the time has passed): record the problem and what is done about it"
            ),
        ),
    )
