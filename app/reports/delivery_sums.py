"""What the database says of delivery: sums by what a report tells apart and by interval of time."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import FromClause
from sqlmodel import Session

from app.db.unchanged import known
from app.domain.delivery import Variant, measured_periods
from app.domain.periods import FiscalCalendar, Period, day_after
from app.reports import queries_allocations, queries_encumbrances, queries_funds, queries_ledger
from app.reports.delivery_keys import shared_over
from app.reports.frame import Request
from app.reports.queries_allocations import AllocatedSum, AllocationSum, Wanted
from app.reports.queries_classes import EVERYTHING, FUNDS, OUTCOME, PROJECT, SOURCE, Scope
from app.reports.queries_encumbrances import BoundSum
from app.reports.queries_ledger import LedgerSum, Window

#: years before the day looked from whose outcomes are told apart; what is older follows the project
_YEARS_BACK = 60

#: sums up to which they are remembered for the next look
_KEPT = 20_000

#: variant → the fields of a ``Delivery`` that make its rate
FIELDS: Mapping[Variant, tuple[str, ...]] = {
    Variant.EXPENDITURE: ("allocation", "expenditure"),
    Variant.WITH_ENCUMBRANCE: ("allocation", "expenditure", "encumbrance"),
    Variant.CUMULATIVE_RECEIPTS: ("receipts", "cumulative_expenditure"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is to be gathered."""

    request: Request
    variant: Variant
    #: dimensions but those of time
    groups: Sequence[str]
    periods: Sequence[Period]
    fiscal: FiscalCalendar
    scope: Scope = EVERYTHING
    #: only what is attributed to this partner
    partner: str | None = None
    partner_id: int | None = None
    #: expenditure alone is asked for
    spent_only: bool = False
    #: whether support cost is left out
    net: bool = False

    @property
    def measured(self) -> list[tuple[Period, Period]]:
        """For each period that of its expenditure and that of its allocation."""
        return [measured_periods(period, self.fiscal) for period in self.periods]

    @property
    def cuts(self) -> set[dt.date]:
        """The days at which allocations are cut."""
        return {day for _, period in self.measured for day in (period.start, day_after(period.end))}

    @property
    def over(self) -> tuple[str, ...]:
        """What amounts are shared out over."""
        return shared_over(self.groups, self.partner)

    @property
    def told_apart(self) -> frozenset[str]:
        """What sums are told apart by: support cost depends on the agreement, and else on the project."""
        return frozenset(self.over) | (frozenset({PROJECT, SOURCE}) if self.net else frozenset())


@dataclass(kw_only=True, slots=True)
class Sums:
    """What the database says."""

    #: first days of intervals
    starts: list[dt.date]
    spent: list[LedgerSum]
    received: list[LedgerSum] = field(default_factory=list)
    bound: list[BoundSum] = field(default_factory=list)
    allocated: list[AllocatedSum] = field(default_factory=list)
    #: allocations of all fiscal years, where spending follows them
    of_years: list[AllocationSum] = field(default_factory=list)

    def projects(self) -> set[int]:
        """Keys of the projects that sums name."""
        found = {row.project_id for rows in (self.spent, self.received, self.allocated) for row in rows}
        found |= {row.project_id for row in self.bound} | {row.project_id for row in self.of_years}
        return found | {row.passed_on_by for row in self.received if row.passed_on_by is not None}

    def agreements(self) -> set[int]:
        """Keys of the agreements that sums name."""
        found = {row.agreement_id for rows in (self.spent, self.received) for row in rows}
        found |= {row.agreement_id for row in self.allocated}
        return {key for key in found if key is not None}


def read(session: Session, question: Question) -> Sums:
    request, cumulative = question.request, question.variant is Variant.CUMULATIVE_RECEIPTS
    spent_in = [spent for spent, _ in question.measured]
    allocated_in = [allocated for _, allocated in question.measured]
    first, last = min(period.start for period in spent_in), max(period.end for period in spent_in)
    until = min(last, request.as_of)
    edges = {day for period in spent_in for day in (period.start, day_after(period.end))}
    follows = bool({OUTCOME, FUNDS} & set(question.groups))
    if follows and first <= until:
        began = queries_ledger.first_spent_on(session, until) if cumulative else first
        oldest = max(1, request.as_of.year - _YEARS_BACK)
        began = max(min(began or first, first), dt.date(oldest, 1, 1))
        if began <= until:
            edges |= {year.start for year in question.fiscal.years_of(Period(start=began, end=until))}
    starts = sorted(edges)
    window = Window(
        starts=tuple(starts),
        since=None if cumulative else first,
        until=until,
        currency=request.currency,
        recorded_at=request.recorded_at,
        over=question.told_apart,
        scope=question.scope,
        partner_id=question.partner_id,
        said_of_funds=_said_of_funds(session, question),
    )
    sums = Sums(starts=starts, spent=_spent(session, window))
    wanted = Wanted(
        first=min(period.start for period in allocated_in),
        last=max(period.end for period in allocated_in),
        as_of=request.as_of,
        recorded_at=request.recorded_at,
        currency=request.currency,
        over=question.told_apart,
        edges=frozenset(question.cuts),
        scope=question.scope,
        partner_id=question.partner_id,
    )
    if cumulative:
        sums.received = queries_ledger.received_sums(session, window)
    elif not question.spent_only:
        sums.allocated = _allocated(session, wanted)
    if question.variant is Variant.WITH_ENCUMBRANCE:
        sums.bound = queries_encumbrances.bound_sums(session, window)
    if follows:
        # what spending follows is asked of the projects that its sums name: others say the same as one of those
        of_funds = {row.project_id for row in sums.spent} if FUNDS in question.groups else None
        sums.of_years = queries_allocations.allocations_of_years(session, wanted, of_funds=of_funds)
    return sums


def _spent(session: Session, window: Window) -> list[LedgerSum]:
    """Sums of expenditure; a decision about an allocation leaves them as they were."""
    if window.said_of_funds:
        return queries_ledger.spent_sums(session, window)
    return known(session, f"spent {window}", lambda fresh: queries_ledger.spent_sums(fresh, window), rows=_few)


def _allocated(session: Session, wanted: Wanted) -> list[AllocatedSum]:
    """Sums of allocations; a posting leaves them as they were."""
    return known(
        session, f"allocated {wanted}", lambda fresh: queries_allocations.allocated_sums(fresh, wanted), rows=_few
    )


def _few(sums: Sequence[object]) -> int | None:
    return len(sums) if len(sums) <= _KEPT else None


def _said_of_funds(session: Session, question: Question) -> tuple[FromClause, ...]:
    """What tells projects apart by their sources of funds; nothing where they are told apart anyway, or need not be."""
    request = question.request
    if FUNDS not in question.told_apart or PROJECT in question.told_apart:
        return ()
    return queries_funds.said_of_funds(
        session, as_of=request.as_of, recorded_at=request.recorded_at, currency=request.currency
    )
