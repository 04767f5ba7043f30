"""Reads of milestones of evaluation strategies."""

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.evaluations import StrategyMilestone
from app.db.organisation import Unit
from app.http.lists import Listing, at_least, at_most, equals, sort, unless_archived

_milestone, _unit = table(StrategyMilestone).c, table(Unit).c

MILESTONES = Listing(
    name="milestones",
    statement=select(
        _milestone.id, _milestone.version, _milestone.strategy, _milestone.code, _milestone.title, _milestone.due_on,
        _unit.code.label("unit"), _milestone.result, _milestone.reported_on, _milestone.document_url, _milestone.note,
        _milestone.archived_at,
    ).join_from(table(StrategyMilestone), table(Unit), _unit.id == _milestone.unit_id, isouter=True),
    key=_milestone.id,
    sorts={"due_on": sort(_milestone.due_on), "code": sort(_milestone.code), "id": sort(_milestone.id)},
    filters={
        "archived": unless_archived(_milestone.archived_at),
        "strategy": equals(_milestone.strategy),
        "unit": equals(_unit.code),
        "result": equals(_milestone.result),
        "due_from": at_least(_milestone.due_on),
        "due_to": at_most(_milestone.due_on),
    },
    usual_sort="due_on",
)  # fmt: skip


def find_milestone(session: Session, strategy: str, code: str) -> StrategyMilestone | None:
    own = (_milestone.strategy == strategy, _milestone.code == code)
    return session.scalars(select(StrategyMilestone).where(*own)).one_or_none()
