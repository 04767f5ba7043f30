"""Gathers what delivery is computed from: sums of the database, shared out over the values of dimensions.

How an amount is shared out depends on the amount alone, never on what else the report shows: a figure is the same
whatever the columns and the grouping.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.contributions import Kind
from app.domain.delivery import Allocated, Bound, Dated, DeliverySums, Received, Spent, Variant, cut_by_days
from app.domain.money import EXACT, Money, Rates
from app.domain.periods import FiscalCalendar, Period, day_after
from app.domain.regions import country_of, region_of
from app.reports import queries_allocations, queries_encumbrances, queries_ledger, queries_projects
from app.reports.attribution import UNSAID, Tally, Weights, place_weights, share_out, whole
from app.reports.exchange import rates_used
from app.reports.frame import RateUsed, Request
from app.reports.pools import Inflow, donor_weights
from app.reports.queries_allocations import AllocationSum
from app.reports.queries_encumbrances import BoundSum
from app.reports.queries_ledger import LedgerSum, Window
from app.reports.queries_projects import ProjectFacts

_Whose = TypeVar("_Whose")

#: values of the grouping dimensions, in their order
Key = tuple[str | None, ...]

#: source and partner of money that names no source
NOT_ATTRIBUTED = "not attributed"
#: the dimension of sources of funds: agreements by what they are to the organisation's budget, own resources by name
FUNDS = "funds"
_FUNDS: Mapping[Kind, str] = {Kind.ASSESSED: "RB", Kind.CORE: "RBSA", Kind.NON_CORE: "XBDC"}
#: what countries and regions are told from: shared out by the project's percentages, or only where it is one place
_PLACE, _RECORDED = "place", "recorded"
RECORDED_REGION, RECORDED_COUNTRY = "recorded-region", "recorded-country"
#: dimension → what it is told from, and how
_TOLD_FROM: Mapping[str, tuple[str, Callable[[str | None], str | None]]] = {
    "region": (_PLACE, region_of),
    "country": (_PLACE, country_of),
    RECORDED_REGION: (_RECORDED, region_of),
    RECORDED_COUNTRY: (_RECORDED, country_of),
}
#: dimensions that a project itself has one value of
_OWN: Mapping[str, Callable[[ProjectFacts], str | None]] = {
    "project": lambda project: project.code,
    "unit": lambda project: project.unit,
    "officer": lambda project: project.officer,
    "unit-region": lambda project: project.region,
}
#: years before the day looked from whose outcomes are told apart; what is older follows the project
_YEARS_BACK = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """Sums by key, the keys in their printed order."""

    by_key: Mapping[Key, DeliverySums]
    rates: Rates
    #: whether amounts were converted or shared out
    derived: bool
    #: the rates of exchange by which amounts are converted
    used: tuple[RateUsed, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is to be gathered."""

    request: Request
    variant: Variant
    #: dimensions but those of time
    groups: Sequence[str]
    #: for each period that of its expenditure and that of its allocation
    measured: Sequence[tuple[Period, Period]]
    fiscal: FiscalCalendar


@dataclass(kw_only=True, slots=True)
class _Sums:
    """What the database says."""

    #: first days of intervals
    starts: list[dt.date]
    spent: list[LedgerSum]
    received: list[LedgerSum] = field(default_factory=list)
    bound: list[BoundSum] = field(default_factory=list)
    allocated: list[AllocationSum] = field(default_factory=list)


def gather(session: Session, question: Question) -> Gathered:
    """Sums of all periods by the values of the groups.

    Memory follows the number of projects and periods, not that of transactions.
    """
    request = question.request
    rates = stored_rates(session, recorded_at=request.recorded_at)
    sums = _read(session, question)
    keeper = _Keeper(session, question, sums, rates)
    by_key = keeper.by_key(sums)
    used = rates_used(_dated(by_key.values()), request.currency, rates)
    return Gathered(by_key=by_key, rates=rates, derived=keeper.shared or keeper.converted, used=used)


def _read(session: Session, question: Question) -> _Sums:
    request, cumulative = question.request, question.variant is Variant.CUMULATIVE_RECEIPTS
    spent_in = [spent for spent, _ in question.measured]
    allocated_in = [allocated for _, allocated in question.measured]
    first, last = min(period.start for period in spent_in), max(period.end for period in spent_in)
    until = min(last, request.as_of)
    edges = {day for period in spent_in for day in (period.start, day_after(period.end))}
    if {"outcome", FUNDS} & set(question.groups) and first <= until:
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
    )
    sums = _Sums(starts=starts, spent=queries_ledger.spent_sums(session, window))
    if cumulative:
        sums.received = queries_ledger.received_sums(session, window)
    else:
        sums.allocated = queries_allocations.allocation_sums(
            session,
            min(period.start for period in allocated_in),
            max(period.end for period in allocated_in),
            as_of=request.as_of,
            recorded_at=request.recorded_at,
        )
    if question.variant is Variant.WITH_ENCUMBRANCE:
        sums.bound = queries_encumbrances.bound_sums(session, starts, until=until, currency=request.currency)
    return sums


class _Keeper:
    """Puts sums under their keys."""

    def __init__(self, session: Session, question: Question, sums: _Sums, rates: Rates) -> None:
        self.groups = question.groups
        #: whether anything was shared out, or is to be converted
        self.shared = False
        self.converted = False
        self._question = question
        self._currency = question.request.currency
        self._rates = rates
        self._starts = sums.starts
        self._projects = queries_projects.projects(session) if question.groups else {}
        by_source = bool({"source", "partner"} & set(question.groups))
        by_funds = FUNDS in question.groups
        self._sources = queries_projects.sources(session) if by_source or by_funds else {}
        # what amounts are shared out over: region and country are told from the same place
        self._over = list(dict.fromkeys(_TOLD_FROM[name][0] if name in _TOLD_FROM else name for name in self.groups))
        self._places: Mapping[int, Weights] = {}
        if {_PLACE, _RECORDED} & set(self._over):
            self._places = place_weights(queries_projects.places(session))
        self._outcomes: Mapping[tuple[int, int], Weights] = {}
        self._funds: Mapping[tuple[int, int], Weights] = {}
        self._funders: Mapping[int, Weights] = {}
        if by_funds:
            self._funders = _alone(self._kinds_of_shares(session))
        if by_funds or "outcome" in question.groups:
            self._outcomes, by_year = self._said_of_years(session)
            self._funds = _alone(by_year)
        passed_on = by_source and any(row.passed_on_by is not None for row in sums.received)
        self._pools = self._donors(session) if passed_on else {}

    def by_key(self, sums: _Sums) -> dict[Key, DeliverySums]:
        allocated, spent, received, bound = self._allocated(sums), self._spent(sums), self._received(sums), {}
        if sums.bound:
            bound = self._bound(sums)
        keys = {*allocated, *spent, *received, *bound}
        ordered = sorted(keys, key=lambda key: [(value is None, value or "") for value in key])
        return {
            key: DeliverySums(
                allocated=allocated.get(key, ()),
                spent=spent.get(key, ()),
                received=received.get(key, ()),
                bound=bound.get(key, ()),
            )
            for key in ordered
        }

    def _allocated(self, sums: _Sums) -> dict[Key, list[Allocated]]:
        """Cut first and shared out afterwards, so that it comes to the same cents whatever it is grouped by."""
        found: dict[Key, list[Allocated]] = defaultdict(list)
        edges = {day for _, period in self._question.measured for day in (period.start, day_after(period.end))}
        for row in sums.allocated:
            own = self._said_by_allocation(row)
            for period, piece in cut_by_days(row.amount, row.period, edges):
                for key, money in self._parts(row.project_id, piece, row.currency, own):
                    found[key].append(Allocated(period=period, money=money, rate_day=row.rate_day))
        return found

    def _spent(self, sums: _Sums) -> dict[Key, list[Spent]]:
        found: dict[Key, list[Spent]] = defaultdict(list)
        for row in sums.spent:
            since = self._day(row.interval)
            own = self._said(agreement=row.agreement_id, country=row.country)
            year = (row.project_id, self._year(since))
            if year in self._outcomes:
                own["outcome"] = self._outcomes[year]
            if FUNDS not in own and year in self._funds:
                own[FUNDS] = self._funds[year]
            for key, money in self._parts(row.project_id, row.amount, row.currency, own):
                found[key].append(Spent(since=since, money=money, rate_day=row.rate_day or since))
        return found

    def _received(self, sums: _Sums) -> dict[Key, list[Received]]:
        """Receipts; what a pool passed on keeps the donors' shares of the pool, on both sides."""
        found: dict[Key, list[Received]] = defaultdict(list)
        for row in sums.received:
            since = self._day(row.interval)
            own = self._said(agreement=row.agreement_id, country=row.country)
            sides = [(row.project_id, row.amount, own)]
            if row.passed_on_by is not None:
                if row.agreement_id is None:
                    own |= self._donors_of(row.passed_on_by)
                of_pool = {name: weights for name, weights in own.items() if name not in (_PLACE, _RECORDED)}
                sides.append((row.passed_on_by, EXACT.minus(row.amount), of_pool))
            for project_id, amount, said in sides:
                for key, money in self._parts(project_id, amount, row.currency, said):
                    found[key].append(Received(since=since, money=money, rate_day=row.rate_day or since))
        return found

    def _bound(self, sums: _Sums) -> dict[Key, list[Bound]]:
        found: dict[Key, list[Bound]] = defaultdict(list)
        for row in sums.bound:
            since = self._day(row.interval)
            for key, money in self._parts(row.project_id, row.amount, row.currency, {}):
                found[key].append(Bound(since=since, money=money, rate_day=row.rate_day or since))
        return found

    def _day(self, interval: int) -> dt.date:
        """The first day of the interval, or the one before all."""
        if interval:
            return self._starts[interval - 1]
        return self._starts[0] - dt.timedelta(days=1) if self._starts[0] > dt.date.min else dt.date.min

    def _year(self, day: dt.date) -> int:
        return self._question.fiscal.year_name(day)

    def _parts(
        self, project_id: int, amount: Decimal, currency: str, own: Mapping[str, Weights]
    ) -> list[tuple[Key, Money]]:
        """The amount under its keys; ``own``: what the row itself says of a dimension."""
        self.converted |= currency != self._currency
        parts: list[tuple[Key, Decimal]] = [((), amount)]
        for name in self._over:
            weights = own.get(name) or self._usual(name, project_id)
            self.shared |= len(weights) > 1
            parts = [((*key, value), part) for key, before in parts for value, part in share_out(before, weights)]
        return [(self._key(values), Money(part, currency)) for values, part in parts]

    def _key(self, values: Key) -> Key:
        """The values of the groups from those that the amount was shared out over."""
        if self._over == list(self.groups):
            return values
        said = dict(zip(self._over, values, strict=True))
        found = []
        for name in self.groups:
            of, tell = _TOLD_FROM.get(name, (name, None))
            found.append(tell(said[of]) if tell else said[of])
        return tuple(found)

    def _usual(self, name: str, project_id: int) -> Weights:
        """How a project's money is shared out over a dimension when the row itself does not say."""
        project = self._projects[project_id]
        if name in _OWN:
            return whole(_OWN[name](project))
        if name == _PLACE:
            return self._places.get(project_id, UNSAID)
        if name == _RECORDED:
            places = self._places.get(project_id, UNSAID)
            return places if len(places) == 1 else UNSAID
        if name == FUNDS:
            return self._funders.get(project_id, whole(NOT_ATTRIBUTED))
        return whole(project.outcome) if name == "outcome" else whole(NOT_ATTRIBUTED)

    def _said(self, *, agreement: int | None, country: str | None) -> dict[str, Weights]:
        own: dict[str, Weights] = {}
        if agreement is not None and agreement in self._sources:
            source = self._sources[agreement]
            own["source"], own["partner"] = whole(source.reference), whole(source.partner)
            own[FUNDS] = whole(_FUNDS[source.kind])
        if country:
            own[_PLACE] = own[_RECORDED] = whole(country)
        return own

    def _said_by_allocation(self, row: AllocationSum) -> dict[str, Weights]:
        own = self._said(agreement=row.agreement_id, country=row.country)
        if row.agreement_id is None and row.source:
            own["source"], own["partner"], own[FUNDS] = whole(row.source), whole(None), whole(row.source)
        if row.outcome:
            own["outcome"] = whole(row.outcome)
        return own

    def _said_of_years(self, session: Session) -> tuple[dict[tuple[int, int], Weights], dict[tuple[int, int], Weights]]:
        """What the allocations of a fiscal year say: (project, year) → its outcomes, and its sources of funds.

        Spending follows the outcomes; where all money of the year has one source of funds, it is that of spending too.
        """
        request, fiscal = self._question.request, self._question.fiscal
        outcomes: dict[int, Tally] = defaultdict(Tally)
        funds: dict[int, Tally] = defaultdict(Tally)
        rows = queries_allocations.allocation_sums(
            session, dt.date.min, dt.date.max, as_of=request.as_of, recorded_at=request.recorded_at
        )
        for row in rows:
            outcome = row.outcome or self._projects[row.project_id].outcome
            ((source, _),) = self._said_by_allocation(row).get(FUNDS, UNSAID)
            years = fiscal.years_of(row.period)
            for year, piece in zip(
                years, cut_by_days(row.amount, row.period, [year.start for year in years]), strict=True
            ):
                converted = self._rates.convert(Money(piece[1], row.currency), self._currency, row.rate_day)
                if isinstance(converted, Money):
                    outcomes[self._year(year.start)].add(row.project_id, outcome, converted.amount)
                    funds[self._year(year.start)].add(row.project_id, source, converted.amount)
        return _by_year(outcomes), _by_year(funds)

    def _kinds_of_shares(self, session: Session) -> dict[int, Weights]:
        """By project, the sources of funds of the agreements that fund it."""
        tally = Tally()
        for project_id, agreement_id, _ in queries_projects.shares(session):
            tally.add(project_id, _FUNDS[self._sources[agreement_id].kind], Decimal(1))
        return tally.weights()

    def _donors(self, session: Session) -> dict[int, Weights]:
        """By activity that passed money on, the agreements (as text of their key) it came from, as of the day."""
        request = self._question.request
        window = Window(
            starts=(), since=None, until=request.as_of, currency=self._currency, recorded_at=request.recorded_at
        )
        inflows = []
        for row in queries_ledger.pools_received(session, window):
            converted = self._rates.convert(
                Money(row.amount, row.currency), self._currency, row.rate_day or request.as_of
            )
            inflows.append(
                Inflow(
                    pool=row.project_id,
                    agreement=row.agreement_id,
                    passed_on_by=row.passed_on_by,
                    amount=converted.amount if isinstance(converted, Money) else None,
                )
            )
        shares = []
        for project_id, agreement_id, part in queries_projects.shares(session):
            converted = self._rates.convert(part, self._currency, request.as_of)
            amount = converted.amount if isinstance(converted, Money) else None
            shares.append(Inflow(pool=project_id, agreement=agreement_id, passed_on_by=None, amount=amount))
        return donor_weights(inflows, shares)

    def _donors_of(self, pool: int) -> dict[str, Weights]:
        """Sources and partners of what a pool passes on."""
        by_name = {"source": Tally(), "partner": Tally()}
        for agreement, weight in self._pools.get(pool, UNSAID):
            source = self._sources[int(agreement)] if agreement else None
            by_name["source"].add(pool, source.reference if source else NOT_ATTRIBUTED, weight)
            by_name["partner"].add(pool, source.partner if source else NOT_ATTRIBUTED, weight)
        return {name: tally.weights()[pool] for name, tally in by_name.items()}


def _by_year(tallies: Mapping[int, Tally]) -> dict[tuple[int, int], Weights]:
    return {
        (project_id, year): weights
        for year, tally in tallies.items()
        for project_id, weights in tally.weights().items()
    }


def _alone(found: Mapping[_Whose, Weights]) -> dict[_Whose, Weights]:
    """Those of one value, which is said."""
    return {whose: weights for whose, weights in found.items() if len(weights) == 1 and weights[0][0] is not None}


def _dated(found: Iterable[DeliverySums]) -> Iterator[tuple[str, dt.date]]:
    """The currency of each sum and the day of its rate."""
    for sums in found:
        rows: list[Allocated | Dated] = [*sums.allocated, *sums.spent, *sums.received, *sums.bound]
        yield from ((row.money.currency, row.rate_day) for row in rows)
