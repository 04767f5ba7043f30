"""Rules of change for milestones of evaluation strategies. None of them commits."""

import datetime as dt

from sqlmodel import Session

from app.db import archiving
from app.db.evaluations import StrategyMilestone
from app.db.lookups import row_by
from app.db.organisation import Unit
from app.db.put import Put, assign
from app.db.renamed import milestone_called_otherwise
from app.domain.access import Actor, Right
from app.errors import Conflict, Fault
from app.evaluations import queries_milestones as queries
from app.evaluations.schemas_milestones import MilestoneIn
from app.inputs import FaultList, Input, sent

_REQUIRED = ("strategy", "code", "title", "due_on")


def create_milestone(
    session: Session, actor: Actor, body: MilestoneIn, *, today: dt.date, pointer: str = ""
) -> StrategyMilestone:
    """A new milestone.

    :raises Conflict: when the strategy has one of that code.
    """
    if queries.find_milestone(session, body.strategy, body.code) is not None:
        raise _taken(body.strategy, body.code, pointer)
    row = StrategyMilestone(strategy=body.strategy, code=body.code, title=body.title, due_on=body.due_on)
    _store(session, actor, row, body, today=today, pointer=pointer)
    return row


def update_milestone(
    session: Session, actor: Actor, row: StrategyMilestone, body: Input, *, today: dt.date, pointer: str = ""
) -> bool:
    """Changes what the body (a ``MilestonePatch``) sets; tells whether anything differed."""
    given = sent(body)
    strategy, code = given.get("strategy") or row.strategy, given.get("code") or row.code
    other = queries.find_milestone(session, strategy, code)
    if other is not None and other.id != row.id:
        raise _taken(strategy, code, pointer)
    return _store(session, actor, row, body, today=today, pointer=pointer)


def put_milestone(
    session: Session, actor: Actor, body: MilestoneIn, *, today: dt.date, pointer: str = ""
) -> Put[StrategyMilestone]:
    """Creates the milestone of this strategy and code, or changes what differs."""
    row = queries.find_milestone(session, body.strategy, body.code)
    if row is None:
        return Put(create_milestone(session, actor, body, today=today, pointer=pointer), "created")
    changed = _store(session, actor, row, body, today=today, pointer=pointer)
    return Put(row, "updated" if changed else "unchanged")


def archive_milestone(session: Session, actor: Actor, row: StrategyMilestone) -> None:
    """Takes a milestone out of use: it is owed no more."""
    require_change(actor, row)
    archiving.archive(session, row)


def restore_milestone(session: Session, actor: Actor, row: StrategyMilestone) -> None:
    require_change(actor, row)
    archiving.restore(session, row)


def require_change(actor: Actor, row: StrategyMilestone) -> None:
    """Raises ``NotAllowed`` for who may not change it."""
    actor.require(Right.EVALUATE)
    actor.require_unit(*(() if row.unit_id is None else (row.unit_id,)))


def _store(
    session: Session, actor: Actor, row: StrategyMilestone, body: Input, *, today: dt.date, pointer: str
) -> bool:
    actor.require(Right.EVALUATE)
    if row.id is not None:
        require_change(actor, row)
    found = FaultList(pointer)
    values = {name: value for name, value in sent(body).items() if value is not None or name not in _REQUIRED}
    if "unit" in values:
        code = values.pop("unit")
        unit = row_by(session, Unit, "code", code)
        if code is not None and unit is None:
            found.add("unit", "unit.unknown", f"There is no unit {code}.")
        values["unit_id"] = None if unit is None else unit.id
    unit_id = values.get("unit_id", row.unit_id)
    if not found.found:
        actor.require_unit(*(() if unit_id is None else (unit_id,)))
    result, day = values.get("result", row.result), values.get("reported_on", row.reported_on)
    if (result is None) is not (day is None):
        message = "How far it was achieved and the day on which that was told go together: give both."
        found.add("reported_on", "milestone.result-and-day", message)
    if day is not None and day > today:
        found.add("reported_on", "date.future", "What is told was told by today.")
    found.refuse()
    before = row.strategy, row.code
    changed = assign(row, values)
    session.add(row)
    session.flush()
    if (after := (row.strategy, row.code)) != before:
        milestone_called_otherwise(session, before, after)
    return changed


def _taken(strategy: str, code: str, pointer: str) -> Conflict:
    message = f"{strategy} has a milestone {code} already."
    return Conflict(message, [Fault(pointer=f"{pointer}/code", rule="unique", message=message)])
