"""The report ``recommendations``: what every overseer recommended, how soon it was answered, and what became of it."""

from collections import defaultdict

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.evaluation.followup import RecommendationFacts, age_band
from app.domain.evaluation.oversight import Followed, FollowUp, follow_up
from app.domain.money import plain, round_places
from app.domain.periods import FiscalCalendar, Period
from app.evaluations.queries import AcceptedRecommendation, all_recommendations
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.printing import percent

DIMENSIONS = ("overseer", "state", "age", "year", "unit", "body", "source")
_COUNTS = (
    "recommendations", "accepted", "partly", "rejected", "deferred", "unanswered", "response_overdue", "plan_overdue",
    "overdue", "closed", "in_time",
)  # fmt: skip
_MONTHS = ("months_to_answer", "months_to_plan", "months_to_close")
_PERCENT = ("addressed_percent", "deferred_percent", "in_time_percent", "outstanding_percent")
COLUMNS = (*_COUNTS, *_MONTHS, *_PERCENT)

DEFINITION = (
    "Recommendations of evaluations and audits and assessments whose report was accepted or issued in the period (or "
    "ever) as they stood on the day. Months to answer and to plan and to close are means from the report to the "
    "response and to the plan of action and to the day on which the action was done: over those of which that day is "
    "known; a month is a twelfth of 365.25 days. Addressed and deferred are shares of what management took on "
    "(accepted or partly accepted or deferred). In time is the share done by the agreed day: of those taken on whose "
    "day has passed or that were done on a known day. Outstanding is the share found undone and not verified since: "
    "of those that were looked at again."
)


def compute(session: Session, request: Request) -> ReportTable:
    """The figures of all groups; holds the recommendations of the period."""
    fiscal = calendar_of(the_setup(session))
    periods = list(periods_of(request.period, fiscal)) if request.period else []
    groups: dict[tuple[str, ...], list[Followed]] = defaultdict(list)
    everything: list[Followed] = []
    for row in all_recommendations(session):
        if row.accepted_on > request.as_of or (periods and not any(row.accepted_on in each for each in periods)):
            continue
        one = followed(row)
        everything.append(one)
        groups[tuple(_value(name, row, one, request, fiscal) for name in request.by)].append(one)
    rows: list[dict[str, Cell]] = [
        {**dict(zip(request.by, key, strict=True)), **_cells(follow_up(own, request.as_of))}
        for key, own in sorted(groups.items())
    ]
    total = follow_up(everything, request.as_of)
    first = min((one.facts.report_accepted_on for one in everything), default=request.as_of)
    return ReportTable(
        report="recommendations",
        definition=DEFINITION,
        period=request.period or f"{first}..{request.as_of}",
        periods=periods or [Period(start=first, end=request.as_of)],
        as_of=request.as_of,
        columns=(*request.by, *COLUMNS),
        rows=tuple(rows),
        totals=_cells(total),
        figures=frozenset(COLUMNS),
        remarks=tuple(_remarks(total)),
        variant=request.variant,
    )


def followed(row: AcceptedRecommendation) -> Followed:
    """A row as the rules take it."""
    facts = RecommendationFacts(
        report_accepted_on=row.accepted_on,
        response=row.response,
        response_on=row.response_on,
        response_due_on=row.response_due_on,
        due_on=row.due_on,
        status=row.status,
        done_on=row.done_on,
        verified_on=row.verified_on,
    )
    return Followed(
        facts=facts,
        plan_on=row.plan_on,
        plan_due_on=row.plan_due_on,
        found_outstanding_on=row.found_outstanding_on,
    )


def _value(name: str, row: AcceptedRecommendation, one: Followed, request: Request, fiscal: FiscalCalendar) -> str:
    match name:
        case "overseer":
            return row.overseer.value
        case "state":
            return one.state(request.as_of).value
        case "age":
            return age_band(one.facts, request.as_of)
        case "year":
            return fiscal.year_of(row.accepted_on).label
        case "unit":
            return row.unit or ""
        case "body":
            return row.body or ""
    return row.source


def _cells(found: FollowUp) -> dict[str, Cell]:
    cells: dict[str, Cell] = {name: getattr(found, name) for name in _COUNTS}
    for name in _MONTHS:
        months = getattr(found, name)
        cells[name] = None if months is None else plain(round_places(months, 1))
    return cells | {name: percent(getattr(found, name)) for name in _PERCENT}


def _remarks(total: FollowUp) -> list[str]:
    told = []
    if total.response_overdue == 1:
        told.append("1 has no response, and the day for it has passed.")
    elif total.response_overdue:
        told.append(f"{total.response_overdue} have no response, and the day for it has passed.")
    if total.plan_overdue == 1:
        told.append("1 has no plan of action, and the day for it has passed.")
    elif total.plan_overdue:
        told.append(f"{total.plan_overdue} have no plan of action, and the day for it has passed.")
    if total.closed_without_day:
        told.append(
            f"{total.closed_without_day} are done, and nobody knows on which day: they count in no time to close, and "
            "in no share in time."
        )
    return told


RECOMMENDATIONS = Report(
    name="recommendations",
    definition=DEFINITION,
    dimensions=DIMENSIONS,
    variants=(),
    compute=compute,
    of_everything=True,
)
