"""Gathers what delivery is computed from: sums of the database, put under the values of dimensions.

A sum is added to its figures as it comes and is not kept: memory follows the rows and columns of the report.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.delivery import Column, DeliveryCells, View, cut_by_days
from app.domain.money import EXACT, Money, Rates
from app.domain.periods import Period
from app.reports import queries_ledger, queries_placed, queries_projects
from app.reports.attribution import UNSAID, Tally, Weights, outcome_weights, share_out, whole
from app.reports.blocks import Block, Summed
from app.reports.delivery_keys import Facts, Key, Keys, Shares, funders, in_order
from app.reports.delivery_sums import FIELDS, Question, Sums, read
from app.reports.exchange import rates_used
from app.reports.frame import RateUsed
from app.reports.net import UNKNOWN, Net
from app.reports.net import read as read_net
from app.reports.pools import Inflow, donor_weights
from app.reports.queries_allocations import AllocatedSum, AllocationSum
from app.reports.queries_classes import ASSISTANCE, EVERYTHING, FUNDS, PARTNER, PLACE, PROJECT, RECORDED, SECTOR, SOURCE
from app.reports.queries_encumbrances import BoundSum
from app.reports.queries_ledger import LedgerSum, Window
from app.reports.queries_projects import ProjectFacts

_NOTHING = Decimal(0)


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
    #: what was read of the projects that sums name, by key; there may be others
    projects: Mapping[int, ProjectFacts] = field(default_factory=dict)
    #: what is to be known about the figures
    remarks: tuple[str, ...] = ()


def gather(session: Session, question: Question) -> Gathered:
    """Figures of all periods by the values of the groups, in a number of statements that depends on neither."""
    request, over = question.request, question.over
    rates = stored_rates(session, recorded_at=request.recorded_at)
    sums = read(session, question)
    by_donor = bool({SOURCE, PARTNER, FUNDS} & set(over))
    passed_on = by_donor and any(row.passed_on_by is not None for row in sums.received.rows)
    agreements = None if passed_on or FUNDS in over else sums.agreements()
    projects = sums.projects()
    facts = Facts.read(
        session,
        over,
        projects,
        agreements,
        named=sums.named,
        groups=question.groups,
        scope=question.scope,
        as_of=request.as_of,
        recorded_at=request.recorded_at,
    )
    if FUNDS in over:
        known = queries_projects.funded_by(session, projects, as_of=request.as_of, recorded_at=request.recorded_at)
        facts.funders = funders(known, facts.agreements)
    if passed_on:
        facts.pools = _donors(session, question, rates)
    if sums.of_years:
        facts.outcomes, facts.funds = _said_of_years(sums.of_years, question, facts, rates)
    keys = Keys(question.groups, over, facts, partner=question.partner)
    if question.in_blocks:
        # in the printed order at once, so that nothing has to be put into it
        keys.numbers(projects)
    fields = ("expenditure",) if question.spent_only else FIELDS[question.variant]
    view = View(currency=request.currency, rates=rates, fiscal=question.fiscal)
    cells = DeliveryCells(question.periods, view, fields)
    without = read_net(session, as_of=request.as_of, recorded_at=request.recorded_at) if question.net else None
    putting = _Putting(question, sums, facts, keys, cells, without)
    putting.allocated(sums.allocated)
    putting.spent(sums.spent)
    putting.received(sums.received)
    putting.bound(sums.bound)
    del sums  # of what was added a report needs the figures alone
    found = keys.found
    cells.settle(len(found))
    return Gathered(
        keys=found,
        order=_ordered(found),
        cells=cells,
        derived=keys.shared or bool(cells.converted) or question.net,
        used=rates_used(cells.converted, request.currency, rates),
        projects=facts.projects,
        remarks=(UNKNOWN,) if without is not None and without.unknown else (),
    )


def _ordered(keys: Sequence[Key]) -> Sequence[int]:
    """Numbers of keys in the printed order; a range where that is theirs."""
    order, as_numbered = in_order(keys), range(len(keys))
    return as_numbered if order == list(as_numbered) else order


class _Reached(dict[int, "Sequence[dict[int, Decimal]]"]):
    """Interval → the sums to which its amounts are added; made when the first comes, for most never have one."""

    def __init__(self, sums: Callable[[int], Sequence[dict[int, Decimal]]]) -> None:
        self._sums = sums

    def __missing__(self, interval: int) -> Sequence[dict[int, Decimal]]:
        self[interval] = found = self._sums(interval)
        return found


def _reaching(
    columns: Sequence[Sequence[Column]], days: Sequence[dt.date]
) -> Callable[[str, dt.date | None], _Reached]:
    """Currency and day of its rate → the sums of each interval; ``days``: the days of intervals without such a day."""

    @cache
    def sums(currency: str, rate_day: dt.date | None) -> _Reached:
        return _Reached(lambda place: [column.sums(currency, rate_day or days[place]) for column in columns[place]])

    return sums


def _add(where: int, amounts: Iterable[tuple[int, Decimal]], to: _Reached) -> None:
    """Adds the amounts of intervals, as ``Column.add`` does: said again here, for it is said a million times."""
    for interval, amount in amounts:
        for each in to[interval]:
            before = each.get(where)
            each[where] = amount if before is None else EXACT.add(before, amount)


class _Putting:
    """Puts sums under their keys; what rows say that name the same is asked once."""

    def __init__(
        self, question: Question, sums: Sums, facts: Facts, keys: Keys, cells: DeliveryCells, net: Net | None
    ) -> None:
        self._question, self._facts, self._keys, self._cells, self._net = question, facts, keys, cells, net
        self._days = _days(sums.starts)

    def allocated(self, summed: Summed[AllocatedSum]) -> None:
        """Cut first and shared out afterwards, so that it comes to the same cents whatever it is grouped by."""
        cuts, columns = self._question.cuts, self._cells.allocated
        days = _days(sorted(cuts))
        inside = [columns(Period(start=day, end=day)) for day in days]

        @cache
        def pieces(start: dt.date, end: dt.date) -> list[Sequence[Column]]:
            return [columns(piece) for piece, _ in cut_by_days(_NOTHING, Period(start=start, end=end), cuts)]

        @cache
        def shares(project: int, agreement: int | None, source: str, outcome: str, country: str) -> Shares:
            return self._keys.shares(project, self._facts.said_by_allocation(agreement, source, outcome, country))

        self._add_blocks(summed.blocks, inside, [days[0]] * len(inside))
        sums = _reaching(inside, [days[0]] * len(inside))
        put, net, by_project, usual = self._keys.put, self._net, self._keys.by_project, self._keys.usual
        for project, agreement, source, outcome, country, start, end, currency, rate_day, amounts in summed.rows:
            where = usual(project) if by_project else shares(project, agreement, source, outcome, country)
            if start is None and net is None and type(where) is int:  # as most are
                _add(where, amounts, sums(currency, rate_day))
                continue
            if start is None or end is None:
                parts: list[tuple[Sequence[Column], Decimal]] = [(inside[number], amount) for number, amount in amounts]
            else:
                ((_, amount),) = amounts
                cut = cut_by_days(amount, Period(start=start, end=end), cuts)
                parts = [(found, part) for found, (_, part) in zip(pieces(start, end), cut, strict=True)]
            day = rate_day or days[0]
            for found, part in parts:
                if net is not None:
                    part = net.of(part, project, agreement, own=agreement is None and bool(source))
                put(where, found, part, currency, day)

    def spent(self, summed: Summed[LedgerSum]) -> None:
        columns = [self._cells.spent(day) for day in self._days]
        self._add_blocks(summed.blocks, columns, self._days)
        years = [self._question.fiscal.year_name(day) for day in self._days]
        by_year = bool(self._facts.outcomes or self._facts.funds) and not self._keys.by_project

        @cache
        def shares(
            project: int,
            agreement: int | None,
            country: str | None,
            year: int,
            assistance: str | None,
            sector: str | None,
        ) -> Shares:
            said = self._facts.said_by_spending(project, agreement, country, sector, year)
            return self._keys.shares(project, said | ({ASSISTANCE: whole(assistance)} if assistance else {}))

        sums = _reaching(columns, self._days)
        put, net, by_project, usual = self._keys.put, self._net, self._keys.by_project, self._keys.usual
        for project, agreement, country, currency, day, _, assistance, sector, amounts in summed.rows:
            where: Shares = None
            if by_project:
                where = usual(project)
            elif not by_year:
                where = shares(project, agreement, country, 0, assistance, sector)
            if net is None and type(where) is int:  # as most are
                _add(where, amounts, sums(currency, day))
                continue
            for interval, amount in amounts:
                if by_year:
                    where = shares(project, agreement, country, years[interval], assistance, sector)
                part = amount if net is None else net.of(amount, project, agreement)
                put(where, columns[interval], part, currency, day or self._days[interval])

    def received(self, summed: Summed[LedgerSum]) -> None:
        """Receipts; what a pool passed on keeps the donors' shares of the pool, on both sides."""
        columns = [self._cells.received(day) for day in self._days]
        self._add_blocks(summed.blocks, columns, self._days)
        for row in summed.rows:
            own = self._facts.said(row.agreement_id, row.country, row.sector)
            sides = [(row.project_id, False, own)]
            if row.passed_on_by is not None:
                if row.agreement_id is None:
                    own |= self._facts.donors_of(row.passed_on_by)
                of_pool = {name: weights for name, weights in own.items() if name not in (PLACE, RECORDED, SECTOR)}
                sides.append((row.passed_on_by, True, of_pool))
            for project_id, passed_on, said in sides:
                if not self._counts(project_id):
                    continue
                shares = self._keys.shares(project_id, said)
                for interval, amount in row.amounts:
                    part = amount
                    if self._net is not None:
                        part = self._net.of(part, row.project_id, row.agreement_id)
                    if passed_on:
                        part = EXACT.minus(part)
                    day = row.rate_day or self._days[interval]
                    self._keys.put(shares, columns[interval], part, row.currency, day)

    def _counts(self, project_id: int) -> bool:
        """Whether a project is one that is asked for: of what is passed on, one side may be of another."""
        if self._question.scope == EVERYTHING:
            return True
        project = self._facts.projects[project_id]
        return self._question.scope.includes(project_id, project.code, project.unit_id, project.officer_id)

    def bound(self, summed: Summed[BoundSum]) -> None:
        columns = [self._cells.bound(day) for day in self._days]
        self._add_blocks(summed.blocks, columns, self._days)
        years = [self._question.fiscal.year_name(day) for day in self._days]
        for row in summed.rows:
            # what ended is taken off where it began, or it would be missing in one place and left in another
            said = {} if row.began is None else self._facts.said_by_year(row.project_id, years[row.began])
            shares = self._keys.shares(row.project_id, said)
            for interval, amount in row.amounts:
                part = amount if self._net is None else self._net.of(amount, row.project_id, None)
                self._keys.put(shares, columns[interval], part, row.currency, row.rate_day or self._days[interval])

    def _add_blocks(
        self, blocks: Sequence[Block], columns: Sequence[Sequence[Column]], days: Sequence[dt.date]
    ) -> None:
        """``columns``, ``days``: of each interval, as of :func:`_reaching`."""
        named: Sequence[int] = ()
        whose: Sequence[int] = ()
        for block in blocks:
            if block.project_ids is not named:
                named, whose = block.project_ids, self._keys.numbers(block.project_ids)
            day = block.rate_day or days[block.interval]
            for column in columns[block.interval]:
                column.add_each(whose, block.amounts, block.currency, day)


def _days(starts: Sequence[dt.date]) -> list[dt.date]:
    """A day of each interval: the one before the first start stands for all that came before."""
    first = starts[0]
    return [first - dt.timedelta(days=1) if first > dt.date.min else first, *starts]


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
    for project_id, agreement_id, part in queries_placed.shares(
        session, as_of=request.as_of, recorded_at=request.recorded_at
    ):
        converted = rates.convert(part, request.currency, request.as_of)
        amount = converted.amount if isinstance(converted, Money) else None
        shares.append(Inflow(pool=project_id, agreement=agreement_id, passed_on_by=None, amount=amount))
    return donor_weights(inflows, shares)
