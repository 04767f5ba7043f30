"""The report ``evaluations``, variant ``plan``: evaluations on record that were planned and that were done."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from app.domain.contributions import percent_of
from app.domain.evaluation.terms import Independence, Kind
from app.domain.periods import Period
from app.evaluations.queries import Scheduled, scheduled
from app.reports.frame import Cell, ReportTable, Request
from app.reports.printing import percent

PLAN = (
    "Evaluations on record by independence and kind: planned are those whose planned end lies in the period; of these "
    "done by the day and cancelled by it and open. Done in period counts every evaluation whose report was accepted in "
    "it whenever it was planned; the share is that of all done in it. A cluster is one evaluation. The day tells what "
    "was done and cancelled by then: which evaluations there are and when they were planned to end is that of now."
)
_COUNTS = ("planned", "done", "cancelled", "open")
_COLUMNS = (*_COUNTS, "done_percent", "done_in_period", "share")
#: from the weakest to the strongest, and in the order of a project's life
_INDEPENDENCE, _KINDS = [each.value for each in Independence], [each.value for each in Kind]


def planned(session: Session, request: Request, periods: Sequence[Period]) -> ReportTable:
    """In one statement; holds the evaluations of the periods."""
    found = scheduled(session, periods, request.as_of)
    done = sum(_is_done_in(one, periods, request) for one in found)
    groups = sorted({(one.independence, one.kind) for one in found}, key=_order)
    rows: list[dict[str, Cell]] = [
        {
            "independence": independence,
            "kind": kind,
            **_cells(
                [one for one in found if (one.independence, one.kind) == (independence, kind)], periods, request, done
            ),
        }
        for independence, kind in groups
    ]
    return ReportTable(
        report="evaluations",
        definition=PLAN,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        columns=("independence", "kind", *_COLUMNS),
        rows=tuple(rows),
        totals=_cells(found, periods, request, done),
        figures=frozenset(_COLUMNS),
        variant=request.variant,
    )


def _cells(
    found: Sequence[Scheduled], periods: Sequence[Period], request: Request, done_of_all: int
) -> dict[str, Cell]:
    """``done_of_all``: how many of whatever sort were done in the periods."""
    due = [one for one in found if _is_in(one.planned_end, periods)]
    done = sum(_is_done(one, request) for one in due)
    cancelled = sum(_is_cancelled(one, request) for one in due)
    in_period = sum(_is_done_in(one, periods, request) for one in found)
    return {
        "planned": len(due),
        "done": done,
        "cancelled": cancelled,
        "open": len(due) - done - cancelled,
        "done_percent": _share(done, len(due)),
        "done_in_period": in_period,
        "share": _share(in_period, done_of_all),
    }


def _is_in(day: date | None, periods: Sequence[Period]) -> bool:
    return day is not None and any(day in period for period in periods)


def _is_cancelled(one: Scheduled, request: Request) -> bool:
    return one.is_cancelled and (one.cancelled_on is None or one.cancelled_on <= request.as_of)


def _is_done(one: Scheduled, request: Request) -> bool:
    """Whether its report was accepted by the day."""
    return not one.is_cancelled and one.completed_on is not None and one.completed_on <= request.as_of


def _is_done_in(one: Scheduled, periods: Sequence[Period], request: Request) -> bool:
    return _is_done(one, request) and _is_in(one.completed_on, periods)


def _order(group: tuple[str, str]) -> tuple[int, int]:
    independence, kind = group
    return _INDEPENDENCE.index(independence), _KINDS.index(kind)


def _share(part: int, whole: int) -> str | None:
    return percent(percent_of(Decimal(part), Decimal(whole)))
