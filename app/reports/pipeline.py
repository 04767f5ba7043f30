"""The report ``pipeline``: what outcomes need, less what is there, signed and pledged for them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.db.rates import stored_rates
from app.domain.contributions import Kind, kind_of
from app.domain.delivery import cut_by_days
from app.domain.money import EXACT, Money, Rates, Total, total
from app.domain.periods import Period, day_after
from app.domain.purposes import outcomes_among
from app.domain.regions import country_of
from app.domain.terms import AgreementStatus
from app.reports import queries_contributions, queries_pipeline, queries_projects
from app.reports.attribution import UNSAID, Weights, first_known, outcome_weights, share_out, stated_weights, whole
from app.reports.calendars import periods_of
from app.reports.exchange import rates_used
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.giving import Key, gross, missing_rates
from app.reports.printing import amount, amounts
from app.reports.queries_allocations import Wanted, allocation_sums
from app.reports.queries_classes import OUTCOME, PLACE
from app.reports.queries_pipeline import Promise

DIMENSIONS = ("outcome", "country")
DEFINITION = (
    "Pipeline: what outcomes need in the period less what is there for them. Needed: the needs as known on the "
    "day. Assessed: allocations from own resources and what assessed contributions give. Signed and pledged: "
    "voluntary agreements by their shares in projects with the projects' outcomes; what no share gives of an "
    "agreement that is earmarked for an outcome counts for it. Amounts that cross the ends of the period are shared "
    "out by days; an agreement without first or last day counts on the day it was signed or pledged. The gap is "
    "needed less assessed less signed less pledged; below zero more is there than needed. Countries: that of the need "
    "and else by the projects' percentages. Each amount is converted by the rate of its own day."
)
_PARTS = ("needed", "assessed", "signed", "pledged")
#: amounts and the days of their rates, by row and column
_Cells = dict[Key, dict[str, list[tuple[Money, dt.date]]]]


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements."""
    periods = periods_of(request.period, calendar_of(the_setup(session)))
    span = Period(start=periods[0].start, end=periods[-1].end)
    gatherer = _Gatherer(session, request, span)
    cells = gatherer.cells()
    rates = stored_rates(session, recorded_at=request.recorded_at)
    keys = sorted(cells, key=lambda key: [(value is not None, value or "") for value in key])
    sums = {key: {part: total(cells[key][part], request.currency, rates) for part in _PARTS} for key in keys}
    dated = [pair for key in keys for part in _PARTS for pair in cells[key][part]]
    derived = gatherer.shared or any(money.currency != request.currency for money, _ in dated)
    wholes = _wholes(cells, request.currency, rates)
    gaps = [_gap(sums[key]) for key in keys]
    columns: dict[str, list[Cell]] = {name: [key[place] for key in keys] for place, name in enumerate(request.by)}
    totals: dict[str, Cell] = {}
    for part in _PARTS:
        figures = [sums[key][part].amount for key in keys]
        columns[part] = [*amounts(figures, wholes[part].amount, request.currency, derived=derived)]
        totals[part] = amount(wholes[part].amount, request.currency, derived=derived)
    columns["gap"] = [*amounts(gaps, _gap(wholes), request.currency, derived=derived)]
    totals["gap"] = amount(_gap(wholes), request.currency, derived=derived)
    return ReportTable(
        report="pipeline",
        definition=DEFINITION,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=tuple(columns),
        rows=tuple({name: column[place] for name, column in columns.items()} for place in range(len(keys))),
        totals=totals,
        figures=frozenset({*_PARTS, "gap"}),
        remarks=missing_rates(wholes.values()),
        rates=rates_used(((money.currency, day) for money, day in dated), request.currency, rates),
    )


def _gap(sums: Mapping[str, Total]) -> Decimal | None:
    figures = [sums[part].amount for part in _PARTS]
    gap = figures[0]
    for figure in figures[1:]:
        if gap is None or figure is None:
            return None
        gap = EXACT.subtract(gap, figure)
    return gap


def _wholes(cells: _Cells, currency: str, rates: Rates) -> dict[str, Total]:
    return {part: total((pair for row in cells.values() for pair in row[part]), currency, rates) for part in _PARTS}


class _Gatherer:
    """Puts amounts of the period under the values of the dimensions."""

    def __init__(self, session: Session, request: Request, span: Period) -> None:
        #: whether anything was cut by days or shared out
        self.shared = False
        self._session = session
        self._request = request
        self._span = span
        self._projects = queries_projects.projects(session)
        self._agreements = queries_contributions.agreements(
            session, as_of=request.as_of, recorded_at=request.recorded_at
        )
        by_country = "country" in request.by
        self._countries = stated_weights(queries_projects.places(session), country_of) if by_country else {}
        self._found: _Cells = defaultdict(lambda: defaultdict(list))

    def cells(self) -> _Cells:
        session, request, span = self._session, self._request, self._span
        outcomes: set[str] = set()
        for need in queries_pipeline.needs(
            session, span.start, span.end, as_of=request.as_of, recorded_at=request.recorded_at
        ):
            outcomes.add(need.outcome)
            period = Period(start=need.period_start, end=need.period_end)
            inside = self._inside(Money(need.amount, need.currency), period)
            self._put("needed", inside, need.value_date, whole(need.outcome), whole(need.country or None))
        wanted = Wanted(
            first=span.start,
            last=span.end,
            as_of=request.as_of,
            recorded_at=request.recorded_at,
            currency=request.currency,
            over=frozenset({OUTCOME, PLACE} if "country" in request.by else {OUTCOME}),
            edges=frozenset({span.start, day_after(span.end)}),
            own_resources=True,
        )
        for row in allocation_sums(session, wanted):
            project = self._projects[row.project_id]
            weights = whole(row.country) if row.country else self._of_project(row.project_id)
            period = Period(start=row.period_start, end=row.period_end)
            inside = self._inside(Money(row.amount, row.currency), period)
            outcomes_ = whole(row.outcome) if row.outcome else outcome_weights(project.outcome)
            self._put("assessed", inside, row.rate_day or span.start, outcomes_, weights)
        for promise in queries_pipeline.promises(session, as_of=request.as_of, recorded_at=request.recorded_at):
            self._promised(promise, outcomes)
        return {key: {part: row.get(part, []) for part in _PARTS} for key, row in self._found.items()}

    def _promised(self, promise: Promise, outcomes: set[str]) -> None:
        fact = self._agreements[promise.agreement_id]
        if promise.project_id is None:
            named = outcomes_among(fact.earmarked_for_refs)
            outcome = named[0] if len(named) == 1 else fact.earmarked_for
            if outcome not in outcomes:
                return
            towards, weights = whole(outcome), UNSAID
        else:
            towards = outcome_weights(self._projects[promise.project_id].outcome)
            weights = self._of_project(promise.project_id)
        money = gross(Money(promise.amount, promise.currency), fact, fact.category)
        start, end = promise.starts_on, promise.ends_on
        if start is None or end is None or end < start:
            start = end = promise.known_on
        inside = self._inside(money, Period(start=start, end=end))
        part = "pledged" if promise.status is AgreementStatus.PLEDGED else "signed"
        if kind_of(fact.wording, fact.category) is Kind.ASSESSED:
            part = "assessed"
        self._put(part, inside, promise.known_on, towards, weights)

    def _of_project(self, project_id: int) -> Weights:
        return first_known(self._countries, project_id=project_id)

    def _inside(self, money: Money, period: Period) -> Money | None:
        """What falls into the period asked for, by days; None: nothing does."""
        if not period.overlaps(self._span):
            return None
        pieces = cut_by_days(money.amount, period, [self._span.start, day_after(self._span.end)])
        self.shared |= len(pieces) > 1
        (inside,) = (piece for within, piece in pieces if within.overlaps(self._span))
        return Money(inside, money.currency)

    def _put(self, part: str, money: Money | None, day: dt.date, outcomes: Weights, countries: Weights) -> None:
        if money is None:
            return
        if "country" not in self._request.by:
            countries = UNSAID
        self.shared |= len(outcomes) > 1 or len(countries) > 1
        for outcome, own in share_out(money.amount, outcomes):
            for country, share in share_out(own, countries):
                values = {"outcome": outcome, "country": country}
                key = tuple(values[name] for name in self._request.by)
                self._found[key][part].append((Money(share, money.currency), day))


PIPELINE = Report(name="pipeline", definition=DEFINITION, dimensions=DIMENSIONS, variants=(), compute=compute)
