"""What the database says of delivery: sums by what a report tells apart and by interval of time."""

import datetime as dt
from collections.abc import Mapping, Sequence, Sized
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import FromClause
from sqlmodel import Session

from app.db.at_once import Meanwhile, meanwhile
from app.db.portions import BITS
from app.db.unchanged import known, portions
from app.domain.delivery import Variant, measured_periods
from app.domain.periods import FiscalCalendar, Period, day_after
from app.reports import queries_allocations, queries_encumbrances, queries_funds, queries_ledger, queries_projects
from app.reports.blocks import Summed, together
from app.reports.delivery_keys import shared_over, told_by_project
from app.reports.frame import Request
from app.reports.queries_allocations import AllocatedSum, AllocationSum, Wanted
from app.reports.queries_classes import BY_PORTION, EVERYTHING, FUNDS, OUTCOME, PROJECT, SOURCE, Scope
from app.reports.queries_encumbrances import BoundSum
from app.reports.queries_ledger import LedgerSum, Window
from app.reports.queries_projects import ProjectFacts

#: years before the day looked from whose outcomes are told apart; what is older follows the project
_YEARS_BACK = 60

#: sums up to which they are remembered for the next look
_KEPT = 20_000

#: portions of projects from which on a portfolio is summed in two halves at once; smaller ones take less than it takes
#: to open another connection, or are remembered
_LARGE = _KEPT >> BITS
#: above all keys
_NO_KEY = 1 << 62

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

    @property
    def in_blocks(self) -> bool:
        """Whether sums need not be looked at one by one: each is of one project, which says all that is told apart."""
        return PROJECT in self.over and told_by_project(self.over) and not self.net and self.scope == EVERYTHING


@dataclass(kw_only=True, slots=True)
class Sums:
    """What the database says."""

    #: first days of intervals
    starts: list[dt.date]
    spent: Summed[LedgerSum]
    received: Summed[LedgerSum] = field(default_factory=Summed)
    bound: Summed[BoundSum] = field(default_factory=Summed)
    allocated: Summed[AllocatedSum] = field(default_factory=Summed)
    #: all projects by their keys, where they were read while the database summed
    named: Mapping[int, ProjectFacts] | None = None
    #: allocations of all fiscal years, where spending follows them
    of_years: list[AllocationSum] = field(default_factory=list)

    def projects(self) -> set[int]:
        """Keys of the projects that sums name."""
        found = self.spent.projects() | self.received.projects() | self.allocated.projects() | self.bound.projects()
        found |= {row.project_id for row in self.of_years}
        return found | {row.passed_on_by for row in self.received.rows if row.passed_on_by is not None}

    def agreements(self) -> set[int]:
        """Keys of the agreements that sums name which stand one by one."""
        found = {row.agreement_id for sums in (self.spent, self.received) for row in sums.rows}
        found |= {row.agreement_id for row in self.allocated.rows}
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
        began = _began(session, question, until) or first
        oldest = max(1, request.as_of.year - _YEARS_BACK)
        began = max(min(began, first), dt.date(oldest, 1, 1))
        if began <= until:
            edges |= {year.start for year in question.fiscal.years_of(Period(start=began, end=until))}
    starts = sorted(edges)
    told_apart, tied_on = question.told_apart, _tied_on(session, question)
    window = Window(
        starts=tuple(starts),
        since=None if cumulative else first,
        until=until,
        currency=request.currency,
        recorded_at=request.recorded_at,
        over=told_apart,
        scope=question.scope,
        partner_id=question.partner_id,
        tied_on=tied_on,
        said_of_funds=_said_of_funds(session, question, tied_on),
    )
    in_blocks = question.in_blocks
    wanted = Wanted(
        first=min(period.start for period in allocated_in),
        last=max(period.end for period in allocated_in),
        as_of=request.as_of,
        recorded_at=request.recorded_at,
        currency=request.currency,
        over=told_apart,
        edges=frozenset(question.cuts),
        scope=question.scope,
        partner_id=question.partner_id,
        tied_on=tied_on,
    )
    sums = Sums(starts=starts, spent=Summed())
    windows = _windows(session, window) if in_blocks else [window]
    with meanwhile(session) if len(windows) > 1 else nullcontext(Meanwhile(session)) as aside:
        parts = [aside.begin(partial(_spent, question, window=each)) for each in windows[1:]]
        received = partial(queries_ledger.received_sums, in_blocks=in_blocks)
        received_of = [aside.begin(partial(received, window=each)) for each in windows[1:] if cumulative]
        with_allocations = not cumulative and not question.spent_only
        allocated = aside.begin(partial(_allocated, question, wanted=wanted)) if with_allocations else None
        first_part = _spent(question, session, window=windows[0])
        if cumulative:
            first_received = received(session, window=windows[0])
            sums.received = together([first_received, *(part() for part in received_of)]) if parts else first_received
        if question.variant is Variant.WITH_ENCUMBRANCE:
            sums.bound = queries_encumbrances.bound_sums(session, window, in_blocks=in_blocks)
        if parts:
            # of so large a portfolio all are read anyway, and the others are being summed meanwhile
            sums.named = queries_projects.projects(session)
        sums.spent = together([first_part, *(part() for part in parts)]) if parts else first_part
        if allocated is not None:
            sums.allocated = allocated()
    if follows:
        # what spending follows is asked of the projects that its sums name: others say the same as one of those
        of_funds = sums.spent.projects() | sums.bound.projects() if FUNDS in question.groups else None
        sums.of_years = queries_allocations.allocations_of_years(session, wanted, of_funds=of_funds)
    return sums


def _began(session: Session, question: Question, until: dt.date) -> dt.date | None:
    """The first day of what counts from the beginning and follows fiscal years, whatever the periods asked for."""
    if question.variant is Variant.CUMULATIVE_RECEIPTS:
        return queries_ledger.first_spent_on(session, until)
    if question.variant is Variant.WITH_ENCUMBRANCE and FUNDS in question.groups:
        return queries_encumbrances.first_bound_on(session, until, recorded_at=question.request.recorded_at)
    return None


def _windows(session: Session, window: Window) -> list[Window]:
    """The window, of a large portfolio in two of half the projects each, so that both can be summed at once."""
    found = portions(session) if session.get_bind().dialect.name == "postgresql" else []
    if len(found) < _LARGE:
        return [window]
    middle = found[len(found) // 2] << BITS
    return [replace(window, span=(0, middle)), replace(window, span=(middle, _NO_KEY))]


def _spent(question: Question, session: Session, *, window: Window) -> Summed[LedgerSum]:
    """Sums of expenditure; a decision about an allocation leaves them as they were."""

    def read(fresh: Session) -> Summed[LedgerSum]:
        if _by_portion(question, window):
            return queries_ledger.spent_by_portion(fresh, window)
        return queries_ledger.spent_sums(fresh, window, in_blocks=question.in_blocks)

    if window.said_of_funds:
        return read(session)
    return known(session, f"spent {question.in_blocks} {window}", read, rows=_few)


def _allocated(question: Question, session: Session, *, wanted: Wanted) -> Summed[AllocatedSum]:
    """Sums of allocations; a posting leaves them as they were."""

    def read(fresh: Session) -> Summed[AllocatedSum]:
        if _by_portion(question, wanted):
            return queries_allocations.allocated_by_portion(fresh, wanted)
        return queries_allocations.allocated_sums(fresh, wanted, in_blocks=question.in_blocks)

    return known(session, f"allocated {question.in_blocks} {wanted}", read, rows=_few)


def _by_portion(question: Question, asked: Window | Wanted) -> bool:
    """Whether pages ask for these sums of all projects again and again, in which somebody always changes something. Who
    asks once has them sooner when they are made at a time."""
    of_all = asked.scope == EVERYTHING and asked.partner_id is None and not asked.recorded_at
    return question.request.again and of_all and asked.over <= BY_PORTION


def _few(sums: Sized) -> int | None:
    return len(sums) if len(sums) <= _KEPT else None


def _tied_on(session: Session, question: Question) -> dt.date | None:
    """The day whose earmarking tells agreements apart, where it matters and was another one then."""
    request = question.request
    matters = FUNDS in question.told_apart and queries_projects.tied_otherwise(
        session, as_of=request.as_of, recorded_at=request.recorded_at
    )
    return request.as_of if matters else None


def _said_of_funds(session: Session, question: Question, tied_on: dt.date | None) -> tuple[FromClause, ...]:
    """What tells projects apart by their sources of funds; nothing where they are told apart anyway, or need not be."""
    request, told_apart = question.request, question.told_apart
    if FUNDS not in told_apart or PROJECT in told_apart:
        return ()
    return queries_funds.said_of_funds(
        session, as_of=request.as_of, recorded_at=request.recorded_at, currency=request.currency, tied_on=tied_on
    )
