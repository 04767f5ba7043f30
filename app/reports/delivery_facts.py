"""Gathers what delivery is computed from: sums of the database, put under the values of dimensions.

A sum is added to its figures as it comes and is not kept: memory follows the rows and columns of the report.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from sqlalchemy import FromClause
from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.delivery import Column, DeliveryCells, Variant, View, cut_by_days, measured_periods
from app.domain.money import EXACT, Money, Rates
from app.domain.periods import FiscalCalendar, Period, day_after
from app.reports import queries_allocations, queries_encumbrances, queries_funds, queries_ledger, queries_projects
from app.reports.attribution import UNSAID, Tally, Weights, outcome_weights, share_out, whole
from app.reports.delivery_keys import Facts, Key, Keys, Shares, funders, shared_over
from app.reports.exchange import rates_used
from app.reports.frame import RateUsed, Request
from app.reports.net import UNKNOWN, Net
from app.reports.net import read as read_net
from app.reports.pools import Inflow, donor_weights
from app.reports.queries_allocations import AllocationSum, Wanted
from app.reports.queries_classes import (
    ASSISTANCE,
    EVERYTHING,
    FUNDS,
    OUTCOME,
    PARTNER,
    PLACE,
    PROJECT,
    RECORDED,
    SOURCE,
    Scope,
)
from app.reports.queries_encumbrances import BoundSum
from app.reports.queries_ledger import LedgerSum, Window

#: years before the day looked from whose outcomes are told apart; what is older follows the project
_YEARS_BACK = 60

#: variant → the fields of a ``Delivery`` that make its rate
FIELDS: Mapping[Variant, tuple[str, ...]] = {
    Variant.EXPENDITURE: ("allocation", "expenditure"),
    Variant.WITH_ENCUMBRANCE: ("allocation", "expenditure", "encumbrance"),
    Variant.CUMULATIVE_RECEIPTS: ("receipts", "cumulative_expenditure"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """Figures of all keys in all periods."""

    #: by their numbers in ``cells``
    keys: Sequence[Key]
    #: their numbers in the printed order
    order: Sequence[int]
    cells: DeliveryCells
    #: whether amounts were converted or shared out
    derived: bool
    #: the rates of exchange by which amounts are converted
    used: tuple[RateUsed, ...]
    #: what is to be known about the figures
    remarks: tuple[str, ...] = ()


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
    def over(self) -> tuple[str, ...]:
        """What amounts are shared out over."""
        return shared_over(self.groups, self.partner)

    @property
    def told_apart(self) -> frozenset[str]:
        """What sums are told apart by: support cost depends on the agreement, and else on the project."""
        return frozenset(self.over) | (frozenset({PROJECT, SOURCE}) if self.net else frozenset())


@dataclass(kw_only=True, slots=True)
class _Sums:
    """What the database says."""

    #: first days of intervals
    starts: list[dt.date]
    spent: list[LedgerSum]
    received: list[LedgerSum] = field(default_factory=list)
    bound: list[BoundSum] = field(default_factory=list)
    allocated: list[AllocationSum] = field(default_factory=list)
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


def gather(session: Session, question: Question) -> Gathered:
    """Figures of all periods by the values of the groups, in a number of statements that depends on neither."""
    request, over = question.request, question.over
    rates = stored_rates(session, recorded_at=request.recorded_at)
    sums = _read(session, question)
    passed_on = bool({SOURCE, PARTNER} & set(over)) and any(row.passed_on_by is not None for row in sums.received)
    agreements = None if passed_on or FUNDS in over else sums.agreements()
    facts = Facts.read(session, over, sums.projects(), agreements, scope=question.scope)
    if FUNDS in over:
        known = queries_projects.funded_by(
            session, sums.projects(), as_of=request.as_of, recorded_at=request.recorded_at
        )
        facts.funders = funders(known, facts.agreements)
    if passed_on:
        facts.pools = _donors(session, question, rates)
    if sums.of_years:
        facts.outcomes, facts.funds = _said_of_years(sums.of_years, question, facts, rates)
    keys = Keys(question.groups, over, facts, partner=question.partner)
    fields = ("expenditure",) if question.spent_only else FIELDS[question.variant]
    view = View(currency=request.currency, rates=rates, fiscal=question.fiscal)
    cells = DeliveryCells(question.periods, view, fields)
    without = read_net(session, as_of=request.as_of, recorded_at=request.recorded_at) if question.net else None
    putting = _Putting(question, sums, facts, keys, cells, without)
    putting.allocated(sums.allocated)
    putting.spent(sums.spent)
    putting.received(sums.received)
    putting.bound(sums.bound)
    found = keys.found
    cells.settle(len(found))
    return Gathered(
        keys=found,
        order=sorted(range(len(found)), key=lambda number: [(value is None, value or "") for value in found[number]]),
        cells=cells,
        derived=keys.shared or bool(cells.converted) or question.net,
        used=rates_used(cells.converted, request.currency, rates),
        remarks=(UNKNOWN,) if without is not None and without.unknown else (),
    )


def _read(session: Session, question: Question) -> _Sums:
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
        starts=starts,
        since=None if cumulative else first,
        until=until,
        currency=request.currency,
        recorded_at=request.recorded_at,
        over=question.told_apart,
        scope=question.scope,
        partner_id=question.partner_id,
        said_of_funds=_said_of_funds(session, question),
    )
    sums = _Sums(starts=starts, spent=queries_ledger.spent_sums(session, window))
    wanted = Wanted(
        first=min(period.start for period in allocated_in),
        last=max(period.end for period in allocated_in),
        as_of=request.as_of,
        recorded_at=request.recorded_at,
        currency=request.currency,
        over=question.told_apart,
        edges=_cuts(question),
        scope=question.scope,
        partner_id=question.partner_id,
    )
    if cumulative:
        sums.received = queries_ledger.received_sums(session, window)
    elif not question.spent_only:
        sums.allocated = queries_allocations.allocation_sums(session, wanted)
    if question.variant is Variant.WITH_ENCUMBRANCE:
        sums.bound = queries_encumbrances.bound_sums(session, window)
    if follows:
        # what spending follows is asked of the projects that its sums name: others say the same as one of those
        of_funds = {row.project_id for row in sums.spent} if FUNDS in question.groups else None
        sums.of_years = queries_allocations.allocations_of_years(session, wanted, of_funds=of_funds)
    return sums


def _said_of_funds(session: Session, question: Question) -> Sequence[FromClause]:
    """What tells projects apart by their sources of funds; nothing where they are told apart anyway, or need not be."""
    request = question.request
    if FUNDS not in question.told_apart or PROJECT in question.told_apart:
        return ()
    return queries_funds.said_of_funds(
        session, as_of=request.as_of, recorded_at=request.recorded_at, currency=request.currency
    )


def _cuts(question: Question) -> set[dt.date]:
    """The days at which allocations are cut."""
    return {day for _, period in question.measured for day in (period.start, day_after(period.end))}


class _Putting:
    """Puts sums under their keys; what rows say that name the same is asked once."""

    def __init__(
        self, question: Question, sums: _Sums, facts: Facts, keys: Keys, cells: DeliveryCells, net: Net | None
    ) -> None:
        self._question, self._facts, self._keys, self._cells, self._net = question, facts, keys, cells, net
        self._days = [_before(sums.starts[0]), *sums.starts]

    def allocated(self, rows: Sequence[AllocationSum]) -> None:
        """Cut first and shared out afterwards, so that it comes to the same cents whatever it is grouped by."""
        cuts, columns = _cuts(self._question), cache(self._cells.allocated)

        @cache
        def known(start: dt.date, end: dt.date) -> tuple[Period, Sequence[Column] | None]:
            """The period, and where what is allocated for it counts; None where it is cut."""
            period = Period(start=start, end=end)
            return period, None if any(start < day <= end for day in cuts) else columns(period)

        @cache
        def shares(project: int, agreement: int | None, source: str, outcome: str, country: str) -> Shares:
            return self._keys.shares(project, self._facts.said_by_allocation(agreement, source, outcome, country))

        put = self._keys.put
        for project, agreement, source, outcome, country, start, end, currency, rate_day, amount in rows:
            where = shares(project, agreement, source, outcome, country)
            period, whole_in = known(start, end)
            day = rate_day or start
            if whole_in is not None and self._net is None:
                put(where, whole_in, amount, currency, day)
                continue
            own = agreement is None and bool(source)
            pieces = [(period, amount)] if whole_in is not None else cut_by_days(amount, period, cuts)
            for piece, part in pieces:
                if self._net is not None:
                    part = self._net.of(part, project, agreement, own=own)
                put(where, columns(piece), part, currency, day)

    def spent(self, rows: Sequence[LedgerSum]) -> None:
        columns = [self._cells.spent(day) for day in self._days]
        years = [self._question.fiscal.year_name(day) for day in self._days]
        by_year = bool(self._facts.outcomes or self._facts.funds)

        @cache
        def shares(
            project: int, agreement: int | None, country: str | None, year: int, assistance: str | None
        ) -> Shares:
            said = self._facts.said_by_spending(project, agreement, country, year)
            return self._keys.shares(project, said | ({ASSISTANCE: whole(assistance)} if assistance else {}))

        put = self._keys.put
        for project, agreement, country, interval, currency, day, _, assistance, amount in rows:
            where = shares(project, agreement, country, years[interval] if by_year else 0, assistance)
            if self._net is not None:
                amount = self._net.of(amount, project, agreement)
            put(where, columns[interval], amount, currency, day or self._days[interval])

    def received(self, rows: Sequence[LedgerSum]) -> None:
        """Receipts; what a pool passed on keeps the donors' shares of the pool, on both sides."""
        columns = [self._cells.received(day) for day in self._days]
        for row in rows:
            own = self._facts.said(row.agreement_id, row.country)
            amount = row.amount
            if self._net is not None:
                amount = self._net.of(amount, row.project_id, row.agreement_id)
            sides = [(row.project_id, amount, own)]
            if row.passed_on_by is not None:
                if row.agreement_id is None:
                    own |= self._facts.donors_of(row.passed_on_by)
                of_pool = {name: weights for name, weights in own.items() if name not in (PLACE, RECORDED)}
                sides.append((row.passed_on_by, EXACT.minus(amount), of_pool))
            day = row.rate_day or self._days[row.interval]
            for project_id, part, said in sides:
                if not self._counts(project_id):
                    continue
                shares = self._keys.shares(project_id, said)
                self._keys.put(shares, columns[row.interval], part, row.currency, day)

    def _counts(self, project_id: int) -> bool:
        """Whether a project is one that is asked for: of what is passed on, one side may be of another."""
        if self._question.scope == EVERYTHING:
            return True
        project = self._facts.projects[project_id]
        return self._question.scope.includes(project_id, project.code, project.unit_id, project.officer_id)

    def bound(self, rows: Sequence[BoundSum]) -> None:
        columns = [self._cells.bound(day) for day in self._days]
        for row in rows:
            shares = self._keys.shares(row.project_id, {})
            day = row.rate_day or self._days[row.interval]
            amount = row.amount if self._net is None else self._net.of(row.amount, row.project_id, None)
            self._keys.put(shares, columns[row.interval], amount, row.currency, day)


def _before(day: dt.date) -> dt.date:
    """The day before, which stands for all that came before."""
    return day - dt.timedelta(days=1) if day > dt.date.min else day


def _said_of_years(
    rows: Sequence[AllocationSum], question: Question, facts: Facts, rates: Rates
) -> tuple[dict[tuple[int, int], Weights], dict[tuple[int, int], Weights]]:
    """What the allocations of a fiscal year say: (project, year) → its outcomes, and its source of funds.

    Spending follows the outcomes; where all money of the year has one source of funds, it is that of spending too.
    """
    # where no allocation names an outcome, all of it is that of the project
    naming = {row.project_id for row in rows if row.outcome}
    outcomes: dict[int, Tally] = defaultdict(Tally)
    funds: dict[tuple[int, int], dict[str | None, Decimal]] = defaultdict(dict)
    source_of = cache(lambda agreement, name: facts.said_by_allocation(agreement, name, "", None).get(FUNDS, UNSAID))
    for row, year, amount in _by_years(rows, question, rates):
        if row.project_id in naming:
            own = whole(row.outcome) if row.outcome else outcome_weights(facts.projects[row.project_id].outcome)
            for outcome, part in share_out(amount, own):
                outcomes[year].add(row.project_id, outcome, part)
        if FUNDS in question.groups:
            ((source, _),) = source_of(row.agreement_id, row.source)
            found = funds[row.project_id, year]
            found[source] = EXACT.add(found[source], amount) if source in found else amount
    by_year = {
        (project_id, year): weights
        for year, tally in outcomes.items()
        for project_id, weights in tally.weights().items()
    }
    positive = {key: [source for source, amount in found.items() if amount > 0] for key, found in funds.items()}
    alone = {key: found[0] for key, found in positive.items() if len(found) == 1}
    return by_year, {key: whole(source) for key, source in alone.items() if source is not None}


def _by_years(
    rows: Sequence[AllocationSum], question: Question, rates: Rates
) -> Iterator[tuple[AllocationSum, int, Decimal]]:
    """Allocations by fiscal year, in the report's currency; without those that lack a rate of exchange."""
    currency, fiscal = question.request.currency, question.fiscal
    period_of = cache(lambda start, end: Period(start=start, end=end))
    years_of = cache(lambda period: fiscal.years_of(period))
    for row in rows:
        period = period_of(row.period_start, row.period_end)
        years = years_of(period)
        pieces = cut_by_days(row.amount, period, [year.start for year in years])
        for year, (_, amount) in zip(years, pieces, strict=True):
            if row.currency == currency:
                yield row, fiscal.year_name(year.start), amount
                continue
            day = row.rate_day or row.period_start
            converted = rates.convert(Money(amount, row.currency), currency, day)
            if isinstance(converted, Money):
                yield row, fiscal.year_name(year.start), converted.amount


def _donors(session: Session, question: Question, rates: Rates) -> dict[int, Weights]:
    """By activity that passed money on, the agreements (as text of their key) it came from, as of the day."""
    request = question.request
    window = Window(
        starts=(),
        since=None,
        until=request.as_of,
        currency=request.currency,
        recorded_at=request.recorded_at,
        over=frozenset({PROJECT, SOURCE}),
    )
    inflows = []
    for row in queries_ledger.pools_received(session, window):
        day = row.rate_day or request.as_of
        converted = rates.convert(Money(row.amount, row.currency), request.currency, day)
        inflows.append(
            Inflow(
                pool=row.project_id,
                agreement=row.agreement_id,
                passed_on_by=row.passed_on_by,
                amount=converted.amount if isinstance(converted, Money) else None,
            )
        )
    shares = []
    for project_id, agreement_id, part in queries_projects.shares(
        session, as_of=request.as_of, recorded_at=request.recorded_at
    ):
        converted = rates.convert(part, request.currency, request.as_of)
        amount = converted.amount if isinstance(converted, Money) else None
        shares.append(Inflow(pool=project_id, agreement=agreement_id, passed_on_by=None, amount=amount))
    return donor_weights(inflows, shares)
