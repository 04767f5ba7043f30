"""The report ``evaluations``, variant ``milestones``: how fully strategies of evaluation reached what they promised."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from app.domain.contributions import percent_of
from app.domain.evaluation.institution import Degree, Milestone
from app.domain.periods import Period
from app.evaluations.obligations.queries_institution import milestones
from app.reports.frame import Cell, ReportTable, Request
from app.reports.printing import percent

MILESTONES = (
    "Milestones of strategies of evaluation that are due in the period by strategy and unit: how many were achieved "
    "fully or partly or not by what was told until the as-of day; of how many nothing was told though their day has "
    "passed (not told); and how many are ahead. The shares are of all that are due in the period: what was achieved "
    "partly is no part of those achieved fully."
)
_COUNTS = ("milestones", *(degree.value for degree in Degree))
_SHARES = ("fully_percent", "fully_or_partly_percent")


def reached(session: Session, request: Request, periods: Sequence[Period]) -> ReportTable:
    """In one statement; holds all milestones."""
    found = _due(session, periods)
    places = sorted({(one.strategy, one.unit or "") for one in found})
    rows: list[dict[str, Cell]] = [
        {
            "strategy": strategy,
            "unit": unit,
            **_cells([one for one in found if (one.strategy, one.unit or "") == (strategy, unit)], request.as_of),
        }
        for strategy, unit in places
    ]
    return ReportTable(
        report="evaluations",
        definition=MILESTONES,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        columns=("strategy", "unit", *_COUNTS, *_SHARES),
        rows=tuple(rows),
        totals=_cells(found, request.as_of),
        figures=frozenset((*_COUNTS, *_SHARES)),
        variant=request.variant,
    )


def partly_done(session: Session, as_of: date, periods: Sequence[Period]) -> list[str]:
    """A sentence on the milestones that count as done and were achieved in part; none where there are none."""
    due = _due(session, periods)
    partly = sum(one.degree_on(as_of) is Degree.PARTLY for one in due)
    if not partly:
        return []
    fully = sum(one.degree_on(as_of) is Degree.FULLY for one in due)
    return [f"Of the milestones that count as done {fully} were achieved fully and {partly} partly."]


def _due(session: Session, periods: Sequence[Period]) -> list[Milestone]:
    return [one for one in milestones(session) if any(one.due in period for period in periods)]


def _cells(found: Sequence[Milestone], as_of: date) -> dict[str, Cell]:
    counts = Counter(one.degree_on(as_of) for one in found)
    fully, achieved = counts[Degree.FULLY], counts[Degree.FULLY] + counts[Degree.PARTLY]
    return {
        "milestones": len(found),
        **{degree.value: counts[degree] for degree in Degree},
        "fully_percent": _share(fully, len(found)),
        "fully_or_partly_percent": _share(achieved, len(found)),
    }


def _share(part: int, whole: int) -> str | None:
    return percent(percent_of(Decimal(part), Decimal(whole)))
