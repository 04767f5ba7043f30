"""Obligations of a span with their states, a batch at a time, for reports that count them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator

from sqlmodel import Session

from app.evaluations.obligations import queries_due, queries_facts
from app.evaluations.obligations.due import judged_anew, known_otherwise
from app.evaluations.obligations.views import View, views


def views_due(session: Session, first: dt.date, last: dt.date, as_of: dt.date) -> Iterator[list[View]]:
    """What falls due in the span, or might (rescheduled), and what cannot be told, as known on ``as_of``.

    The caller decides by the due date that counts; holds a batch at a time.
    """
    otherwise = set(known_otherwise(session, as_of))
    for rows in queries_due.in_batches(session, *queries_due.may_fall_due(first, last)):
        yield views(session, [row for row in rows if row.project_id not in otherwise], as_of)
    anew = list(judged_anew(session, sorted(otherwise), as_of, None))
    if anew:
        yield anew


def funders(session: Session, project_ids: Collection[int]) -> dict[int, list[str]]:
    """Codes of the partners that fund each project, in order."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for row in queries_facts.funding(session, sorted(project_ids)):
        found[row.project_id][row.partner] = None
    return {project_id: list(codes) for project_id, codes in found.items()}
