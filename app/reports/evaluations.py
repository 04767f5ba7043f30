"""The report ``evaluations``: what was required, what came of it, and the recommendations that followed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.evaluation.coverage import coverage
from app.domain.evaluation.followup import RecommendationFacts, age_band, recommendation_state
from app.domain.evaluation.terms import State
from app.domain.periods import FiscalCalendar, Period
from app.domain.terms import Overseer
from app.evaluations.obligations.due import ProjectView, views_due
from app.evaluations.obligations.institution import institution_views, untold
from app.evaluations.obligations.queries_facts import funders
from app.evaluations.obligations.queries_institution import among_dates, standing
from app.evaluations.obligations.views import CANNOT_TELL
from app.evaluations.queries import AcceptedRecommendation, all_recommendations
from app.reports.calendars import periods_of
from app.reports.evaluation_cycle import CYCLE, EVIDENCE, cycle
from app.reports.frame import Cell, Report, ReportTable, Request

DIMENSIONS = ("unit", "partner", "year", "kind", "obliged")
COUNTS = ("required", "done", "planned", "overdue", "waived", "cannot_tell")

COVERAGE = (
    "Evaluations that fall due in the period by the policies in use: required; of these done, planned (or under way), "
    "overdue (past their late date and not done) and waived by an approved decision; the others are ahead. Cannot "
    "tell: what facts are missing for; those without a date count in every period. Duties of the institution count "
    "beside those of projects (obliged: whom). A project with several partners counts for each of them, and once in "
    "the total."
)
RECOMMENDATIONS = (
    "Recommendations of evaluations whose report was accepted in the period, by state and by age: time since the "
    "report was accepted."
)


def compute(session: Session, request: Request) -> ReportTable:
    """Counts by streaming over the obligations of the period; holds a batch of them at a time."""
    fiscal = calendar_of(the_setup(session))
    periods = list(periods_of(request.period, fiscal))
    if request.variant == "recommendations":
        return _recommendations(session, request, periods)
    if request.variant in ("cycle", "evidence"):
        return cycle(session, request, periods)
    groups: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    total: Counter[str] = Counter()
    first, until = periods[0].start, periods[-1].end
    for batch in views_due(session, first, until, request.as_of):
        partners = funders(session, {one.row.project_id for one in batch}) if "partner" in request.by else {}
        for one in batch:
            if not _belongs(one, periods):
                continue
            total[one.state] += 1
            for key in _keys(one, request.by, partners, fiscal):
                groups[key][one.state] += 1
    own = [standing(), among_dates(first, until)]
    for duty in institution_views(session, request.as_of, *own):
        if duty.due is not None and any(duty.due in period for period in periods):
            total[duty.state] += 1
            values = {"unit": duty.row.unit or "", "partner": "", "kind": duty.row.kind,
                      "year": fiscal.year_of(duty.due).label, "obliged": duty.row.subject_kind}  # fmt: skip
            groups[tuple(values[name] for name in request.by)][duty.state] += 1
    rows: list[dict[str, Cell]] = [
        {**dict(zip(request.by, key, strict=True)), **_counted(states)} for key, states in sorted(groups.items())
    ]
    return ReportTable(
        report="evaluations",
        definition=COVERAGE,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=(*request.by, *COUNTS),
        rows=tuple(rows),
        totals=_counted(total),
        figures=frozenset(COUNTS),
        remarks=tuple(untold(session, request.as_of)),
        variant=request.variant,
    )


def _belongs(one: ProjectView, periods: Iterable[Period]) -> bool:
    day = one.due
    return day is None or any(day in period for period in periods)


def _counted(states: Mapping[str, int]) -> dict[str, Cell]:
    """The figures of a group, from how many obligations are in each state."""
    required = {State(state): count for state, count in states.items() if state != CANNOT_TELL}
    found = coverage(required, cannot_tell=states.get(CANNOT_TELL, 0))
    return {name: getattr(found, name) for name in COUNTS}


def _keys(
    one: ProjectView, by: tuple[str, ...], partners: Mapping[int, list[str]], fiscal: FiscalCalendar
) -> Iterator[tuple[str, ...]]:
    """The groups an obligation counts in: one, or one for each partner."""
    day = one.due
    values = {
        "unit": [one.row.unit or ""],
        "obliged": ["project"],
        "kind": [one.row.kind or ""],
        "year": [fiscal.year_of(day).label if day is not None else ""],
        "partner": partners.get(one.row.project_id) or [""],
    }
    keys: list[tuple[str, ...]] = [()]
    for name in by:
        keys = [(*key, value) for key in keys for value in values[name]]
    yield from keys


def _recommendations(session: Session, request: Request, periods: list[Period]) -> ReportTable:
    counts: Counter[tuple[str, str]] = Counter()
    for row in all_recommendations(session):
        if row.overseer is not Overseer.EVALUATION or not any(row.accepted_on in period for period in periods):
            continue
        facts = _facts(row)
        state = recommendation_state(facts, request.as_of)
        counts[state.value, age_band(facts, request.as_of)] += 1
    rows: list[dict[str, Cell]] = [
        {"state": state, "age": age, "recommendations": count} for (state, age), count in sorted(counts.items())
    ]
    return ReportTable(
        report="evaluations",
        definition=RECOMMENDATIONS,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=("state", "age", "recommendations"),
        rows=tuple(rows),
        totals={"recommendations": sum(counts.values())},
        figures=frozenset({"recommendations"}),
        variant=request.variant,
    )


def _facts(row: AcceptedRecommendation) -> RecommendationFacts:
    return RecommendationFacts(
        report_accepted_on=row.accepted_on,
        response=row.response,
        response_on=row.response_on,
        response_due_on=row.response_due_on,
        due_on=row.due_on,
        status=row.status,
        done_on=row.done_on,
        verified_on=row.verified_on,
    )


EVALUATIONS = Report(
    name="evaluations",
    definition=f"{COVERAGE} Variant recommendations: {RECOMMENDATIONS[0].lower()}{RECOMMENDATIONS[1:]} Variant cycle: "
    f"{CYCLE[0].lower()}{CYCLE[1:]} Variant evidence: {EVIDENCE[0].lower()}{EVIDENCE[1:]}",
    dimensions=DIMENSIONS,
    variants=("coverage", "recommendations", "cycle", "evidence"),
    compute=compute,
    of_obligations=True,
)
