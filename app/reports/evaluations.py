"""The report ``evaluations``: what was required, what came of it, and the recommendations that followed."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import product

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.db.portions import ALL, Portions, Some
from app.db.unchanged import IDENTIFIERS, known_by_portion
from app.domain.evaluation.coverage import coverage
from app.domain.evaluation.followup import RecommendationFacts, age_band, recommendation_state
from app.domain.evaluation.terms import State
from app.domain.periods import FiscalCalendar, Period
from app.domain.terms import Overseer
from app.evaluations.obligations.due import OF_PROJECTS, ProjectView, are_kept, views_due, views_due_of
from app.evaluations.obligations.institution import institution_views, untold
from app.evaluations.obligations.queries_facts import funders
from app.evaluations.obligations.queries_institution import among_dates, standing
from app.evaluations.obligations.views import CANNOT_TELL
from app.evaluations.queries import AcceptedRecommendation, all_recommendations
from app.reports.calendars import periods_of
from app.reports.evaluation_cycle import CYCLE, EVIDENCE, cycle
from app.reports.evaluation_plan import PLAN, planned
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.milestones import MILESTONES, partly_done, reached

DIMENSIONS = ("unit", "partner", "year", "kind", "obliged", "independence")
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
    """Counts by streaming over the obligations of the period, in a constant number of statements."""
    fiscal = calendar_of(the_setup(session))
    periods = list(periods_of(request.period, fiscal))
    if request.variant == "recommendations":
        return _recommendations(session, request, periods)
    if request.variant == "plan":
        return planned(session, request, periods)
    if request.variant in ("cycle", "evidence"):
        return cycle(session, request, periods)
    if request.variant == "milestones":
        return reached(session, request, periods)
    return coverages(session, request, [request.by])[0]


def coverages(session: Session, request: Request, groupings: Sequence[tuple[str, ...]]) -> list[ReportTable]:
    """The coverage of one period by several groups of dimensions each, counted in one go."""
    fiscal = calendar_of(the_setup(session))
    periods = list(periods_of(request.period, fiscal))
    asked = _Asked(fiscal, periods, groupings)
    if are_kept(session, request.as_of):
        name = f"coverage by portion of {periods} by {groupings} on {request.as_of} {fiscal}"

        def read(fresh: Session, portions: Portions) -> Mapping[int, _Counts]:
            views = views_due_of(fresh, portions, *asked.span, request.as_of)
            return asked.counted(fresh, portions, views, portions.of)

        counted = known_by_portion(session, name, read, _added, within=OF_PROJECTS, beyond={IDENTIFIERS}, rows=len)
    else:
        views = views_due(session, *asked.span, request.as_of)
        counted = asked.counted(session, ALL, views, lambda _project_id: 0).get(0, {})
    counted = _added([counted, asked.of_institution(session, request.as_of)])
    total: Counter[str] = Counter()
    groups: list[dict[tuple[str, ...], Counter[str]]] = [defaultdict(Counter) for _ in groupings]
    for (place, key, state), count in counted.items():
        (total if place is None else groups[place][key])[state] = count
    remarks = (*untold(session, request.as_of), *partly_done(session, request.as_of, periods))
    return [
        ReportTable(
            report="evaluations",
            definition=COVERAGE,
            period=request.period,
            periods=periods,
            as_of=request.as_of,
            columns=(*by, *COUNTS),
            rows=tuple(
                {**dict(zip(by, key, strict=True)), **_counted(states)} for key, states in sorted(found.items())
            ),
            totals=_counted(total),
            figures=frozenset(COUNTS),
            remarks=remarks,
            variant=request.variant,
        )
        for by, found in zip(groupings, groups, strict=True)
    ]


#: how many obligations are in a state, of a group of one of the groupings (its place and the values), or of all (None)
_Counts = Mapping[tuple[int | None, tuple[str, ...], str], int]


def _added(parts: Sequence[_Counts]) -> _Counts:
    added: Counter[tuple[int | None, tuple[str, ...], str]] = Counter()
    for part in parts:
        added.update(part)
    return added


class _Asked:
    """What of the obligations is counted."""

    def __init__(self, fiscal: FiscalCalendar, periods: Sequence[Period], groupings: Sequence[tuple[str, ...]]) -> None:
        self._periods, self._groupings = periods, groupings
        self._by_partner = any("partner" in by for by in groupings)
        self._year_of: Callable[[date], str] = cache(lambda day: fiscal.year_of(day).label)

    @property
    def span(self) -> tuple[date, date]:
        return self._periods[0].start, self._periods[-1].end

    def counted(
        self, session: Session, some: Some, views: Iterable[ProjectView], part: Callable[[int], int]
    ) -> Mapping[int, _Counts]:
        """Those of some projects, by the ``part`` that a project is in."""
        partners = funders(session, some) if self._by_partner else {}
        found: dict[int, Counter[tuple[int | None, tuple[str, ...], str]]] = defaultdict(Counter)
        for one in views:
            due, state = one.due, str(one.state)
            if (due is not None and not self._is_in(due)) or one.is_settled_unknown:
                # what nobody knows to be required is none of those that are, though it was done
                continue
            counts = found[part(one.row.project_id)]
            counts[None, (), state] += 1
            values = {
                "unit": [one.row.unit or ""],
                "obliged": ["project"],
                "kind": [one.row.kind or ""],
                "independence": [one.independence or ""],
                "year": ["" if due is None else self._year_of(due)],
                "partner": partners.get(one.row.project_id) or [""],
            }
            for place, by in enumerate(self._groupings):
                # one group, or one for each partner
                for key in product(*(values[name] for name in by)):
                    counts[place, key, state] += 1
        return found

    def of_institution(self, session: Session, as_of: date) -> _Counts:
        found: Counter[tuple[int | None, tuple[str, ...], str]] = Counter()
        for duty in institution_views(session, as_of, standing(), among_dates(*self.span)):
            if duty.due is None or not self._is_in(duty.due):
                continue
            state = str(duty.state)
            found[None, (), state] += 1
            owed = {"unit": duty.row.unit or "", "partner": "", "kind": duty.row.kind, "year": self._year_of(duty.due),
                    "obliged": duty.row.subject_kind, "independence": duty.independence or ""}  # fmt: skip
            for place, by in enumerate(self._groupings):
                found[place, tuple(owed[name] for name in by), state] += 1
        return found

    def _is_in(self, day: date) -> bool:
        return any(day in period for period in self._periods)


def _counted(states: Mapping[str, int]) -> dict[str, Cell]:
    """The figures of a group, from how many obligations are in each state."""
    required = {State(state): count for state, count in states.items() if state != CANNOT_TELL}
    found = coverage(required, cannot_tell=states.get(CANNOT_TELL, 0))
    return {name: getattr(found, name) for name in COUNTS}


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


_OWN_ROWS = ("recommendations", "cycle", "evidence", "milestones", "plan")

EVALUATIONS = Report(
    name="evaluations",
    definition=f"{COVERAGE} Variant recommendations: {RECOMMENDATIONS[0].lower()}{RECOMMENDATIONS[1:]} Variant cycle: "
    f"{CYCLE[0].lower()}{CYCLE[1:]} Variant evidence: {EVIDENCE[0].lower()}{EVIDENCE[1:]} Variant milestones: "
    f"{MILESTONES[0].lower()}{MILESTONES[1:]} Variant plan: {PLAN[0].lower()}{PLAN[1:]}",
    dimensions=DIMENSIONS,
    variants=("coverage", *_OWN_ROWS),
    own_rows=frozenset(_OWN_ROWS),
    compute=compute,
    of_obligations=True,
)
