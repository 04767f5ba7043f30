"""The report ``portfolio``: how many projects there are, with how many partners, in how many countries, how large."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.db.rates import stored_rates
from app.domain.earmarking import funding_of
from app.domain.money import Money, Rates, Total, total
from app.domain.periods import Period
from app.domain.revisions import Revision, read_budget, replay
from app.domain.terms import PartnerCategory, Stage
from app.reports import queries_portfolio as queries
from app.reports.calendars import periods_of
from app.reports.exchange import rates_used
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.giving import Key, missing_rates
from app.reports.printing import amount, amounts
from app.reports.queries_portfolio import ProjectRecord

DIMENSIONS = ("stage", "unit", "region", "category", "funding", "size", "signed", "started", "ended")
#: what a budget is less than, in the currency of the report, and what projects of such a one are called
_SIZES = (
    (Decimal(500_000), "under 0.5m"),
    (Decimal(1_000_000), "0.5m to under 1m"),
    (Decimal(5_000_000), "1m to under 5m"),
    (None, "5m and more"),
)
#: what several partners of a project may say differently of it
_OF_PARTNERS = frozenset({"category", "funding"})
DEFINITION = (
    "Portfolio: projects that run in the period (actual days or else planned ones; a day that is not known is no "
    "limit) as known on the day; without a period all projects on record. Pools and programmes are not counted. "
    "Partners are those of agreements that fund the projects and are not cancelled; a partner or country of several "
    "projects counts once in each row and once in the total. Budget is the sum of total budgets converted by the rate "
    "of the day looked from. Region: that of the responsible unit. Category: of the partners; funding: state or "
    "non-state by their category. A project that several kinds of partners fund stands in the row of each with its "
    "whole budget and in the total once. Size: by the total budget in millions; what states none or lacks a rate of "
    "exchange has none. Signed: the fiscal year of the first signature of an agreement that funds the project; started "
    "and ended: the fiscal years of its first and last day (actual or else planned)."
)
_COUNTS = ("projects", "partners", "countries")
_DATES = ("planned_start", "planned_end", "actual_start", "actual_end")


@dataclass(kw_only=True, slots=True)
class _Group:
    """What the projects of a row have between them."""

    projects: int = 0
    partners: set[int] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    budgets: list[Money] = field(default_factory=list)

    def add(self, project: ProjectRecord, partners: Iterable[int], countries: Iterable[str]) -> None:
        self.projects += 1
        self.partners |= set(partners)
        self.countries |= set(countries)
        if project.total_budget is not None and project.budget_currency is not None:
            self.budgets.append(Money(project.total_budget, project.budget_currency))

    def budget(self, request: Request, rates: Rates) -> Total:
        return total(((money, request.as_of) for money in self.budgets), request.currency, rates)

    def counts(self) -> dict[str, Cell]:
        return {"projects": self.projects, "partners": len(self.partners), "countries": len(self.countries)}


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements; memory follows the number of projects."""
    periods: Sequence[Period] = ()
    fiscal = calendar_of(the_setup(session))
    if request.period:
        periods = periods_of(request.period, fiscal)
    changed = queries.revisions_of_changed(session, as_of=request.as_of, recorded_at=request.recorded_at)
    partners, countries = (
        queries.partners(session, as_of=request.as_of, recorded_at=request.recorded_at),
        queries.countries(session),
    )
    of_partners = bool(_OF_PARTNERS & set(request.by))
    categories = queries.categories(session) if of_partners else {}
    signed = (
        queries.first_signed(session, as_of=request.as_of, recorded_at=request.recorded_at)
        if "signed" in request.by
        else {}
    )
    rates = stored_rates(session, recorded_at=request.recorded_at)
    overlapping = 0
    groups: dict[Key, _Group] = defaultdict(_Group)
    everything = _Group()
    first, last = request.as_of, request.as_of
    for record in queries.project_records(session):
        project = _as_known(record, changed, request)
        if project is None:
            continue
        start, end = project.actual_start or project.planned_start, project.actual_end or project.planned_end
        if periods and not any(_runs_in(start, end, period) for period in periods):
            continue
        first, last = min(first, start or first), max(last, end or last)
        funders, places = partners.get(project.id, set()), countries.get(project.id, set())
        everything.add(project, funders, places)
        years = {"signed": signed.get(project.id), "started": start, "ended": end}
        said = {name: None if day is None else fiscal.year_of(day).label for name, day in years.items()}
        if "size" in request.by:
            said["size"] = _size(project, request, rates)
        rows_of = _rows(project, said, request.by, funders if of_partners else (), categories)
        overlapping += len(rows_of) > 1
        for key, own in rows_of.items():
            groups[key].add(project, own if of_partners else funders, places)
    ordered = sorted(groups.items(), key=lambda item: _order(item[0], request.by))
    budgets = [group.budget(request, rates) for _, group in ordered]
    whole = everything.budget(request, rates)
    derived = any(money.currency != request.currency for money in everything.budgets)
    if overlapping:
        # rows that overlap do not sum to the total
        cells = [amount(each.amount, request.currency, derived=derived) for each in budgets]
    else:
        cells = amounts([each.amount for each in budgets], whole.amount, request.currency, derived=derived)
    rows: list[dict[str, Cell]] = [
        {**dict(zip(request.by, key, strict=True)), **group.counts(), "budget": cell}
        for (key, group), cell in zip(ordered, cells, strict=True)
    ]
    period = request.period or f"{first}..{last}"
    used = rates_used(((money.currency, request.as_of) for money in everything.budgets), request.currency, rates)
    return ReportTable(
        report="portfolio",
        definition=DEFINITION,
        period=period,
        periods=periods or (Period(start=first, end=last),),
        as_of=request.as_of,
        currency=request.currency,
        columns=(*request.by, *_COUNTS, "budget"),
        rows=tuple(rows),
        totals={**everything.counts(), "budget": amount(whole.amount, request.currency, derived=derived)},
        figures=frozenset({*_COUNTS, "budget"}),
        remarks=(*missing_rates([whole]), *_without_budget(everything), *_overlapping(overlapping)),
        rates=used,
    )


def _as_known(
    record: ProjectRecord, changed: Mapping[int, Sequence[Revision]], request: Request
) -> ProjectRecord | None:
    """The project as known on the day; None when nothing was known of it yet."""
    if record.id not in changed:
        return record
    known = replay(changed[record.id], as_of=request.as_of, recorded_at=request.recorded_at)
    if not known:
        return None
    budget, currency = read_budget(known.get("total_budget"))
    days = {name: dt.date.fromisoformat(text) if (text := known.get(name)) else None for name in _DATES}
    stage = known.get("stage")
    return replace(
        record,
        stage=record.stage if stage is None else Stage(stage),
        planned_start=days["planned_start"],
        planned_end=days["planned_end"],
        actual_start=days["actual_start"],
        actual_end=days["actual_end"],
        total_budget=budget,
        budget_currency=currency,
    )


def _runs_in(start: dt.date | None, end: dt.date | None, period: Period) -> bool:
    return (start is None or start <= period.end) and (end is None or end >= period.start)


def _size(project: ProjectRecord, request: Request, rates: Rates) -> str | None:
    """What a project of such a budget is called."""
    if project.total_budget is None or project.budget_currency is None:
        return None
    budget = rates.convert(Money(project.total_budget, project.budget_currency), request.currency, request.as_of)
    if not isinstance(budget, Money):
        return None
    return next(name for limit, name in _SIZES if limit is None or budget.amount < limit)


def _rows(
    project: ProjectRecord,
    said: Mapping[str, str | None],
    by: Sequence[str],
    partners: Iterable[int],
    categories: Mapping[int, PartnerCategory],
) -> dict[Key, set[int]]:
    """The rows in which a project stands, each with the partners for which it stands there; ``said``: what else it
    says."""
    values = {"stage": project.stage.value, "unit": project.unit, "region": project.region, **said}
    found: dict[Key, set[int]] = defaultdict(set)
    for partner in partners:
        category = categories[partner]
        of_partner = {"category": category.value, "funding": funding_of(category)}
        found[tuple({**values, **of_partner}[name] for name in by)].add(partner)
    return found or {tuple(values.get(name) for name in by): set()}


def _overlapping(projects: int) -> list[str]:
    if not projects:
        return []
    return [f"{projects} {'project stands' if projects == 1 else 'projects stand'} in several rows."]


def _order(key: Key, by: Sequence[str]) -> list[tuple[bool, int, str]]:
    """Stages in the order of a project's life, sizes from the smallest, the others by their codes, what is not said
    first."""
    ordered = {"stage": [stage.value for stage in Stage], "size": [name for _, name in _SIZES]}
    return [
        (value is not None, ordered[name].index(value) if name in ordered and value else 0, value or "")
        for name, value in zip(by, key, strict=True)
    ]


def _without_budget(group: _Group) -> list[str]:
    lacking = group.projects - len(group.budgets)
    if not lacking:
        return []
    return [f"{lacking} {'project states' if lacking == 1 else 'projects state'} no total budget."]


PORTFOLIO = Report(
    name="portfolio",
    definition=DEFINITION,
    dimensions=DIMENSIONS,
    variants=(),
    compute=compute,
    of_everything=True,
)
