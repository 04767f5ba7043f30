"""Decisions about obligations: waived, rescheduled."""

import datetime as dt

from sqlmodel import Session

from app.db.evaluations import (
    Obligation,
    ObligationDecision,
)
from app.db.projects import Project
from app.domain.access import Actor, Right
from app.errors import Conflict, Fault, NotFound
from app.evaluations.obligations.queries_facts import decisions
from app.evaluations.obligations.queries_store import look_again
from app.evaluations.obligations.schemas import RescheduleIn, WaiverIn
from app.inputs import FaultList


def waive(
    session: Session, actor: Actor, obligation: Obligation, body: WaiverIn, *, today: dt.date
) -> ObligationDecision:
    """Records that an evaluation need not be done. It stays visible as waived.

    :raises Conflict: when the obligation is no longer open, or was waived already.
    """
    for one in decisions(session, [obligation.id or 0]):
        if one.kind == "waiver":
            message = f"It was waived on {one.decided_on} already, approved by {one.approver}: that decision stands."
            raise Conflict(message, [Fault(pointer="", rule="obligation.waived", message=message)])
    return _decide(session, actor, obligation, body, today=today)


def reschedule(
    session: Session, actor: Actor, obligation: Obligation, body: RescheduleIn, *, today: dt.date
) -> ObligationDecision:
    """Moves the due date; alerts of the old date are withdrawn, and the ladder to the new one begins.

    :raises Conflict: when the obligation is no longer open, or due on that day already.
    """
    if body.due_on == obligation.due_on:
        message = f"It is due on {body.due_on} already."
        raise Conflict(message, [Fault(pointer="/due_on", rule="obligation.same-day", message=message)])
    return _decide(session, actor, obligation, body, today=today)


def _decide(
    session: Session, actor: Actor, obligation: Obligation, body: WaiverIn, *, today: dt.date
) -> ObligationDecision:
    actor.require(Right.EVALUATE)
    project = session.get(Project, obligation.project_id)
    if project is None:
        raise NotFound(f"There is no obligation {obligation.id}.")
    actor.require_unit(project.unit_id)
    if obligation.status != "open":
        raise Conflict(f"The obligation is not open but {obligation.status}: nothing is to be decided about it.")
    found = FaultList()
    decided_on = body.decided_on or today
    if decided_on > today:
        found.add("decided_on", "obligation.future-date", f"{decided_on} lies in the future: decisions are past.")
    found.refuse()
    decision = ObligationDecision(
        obligation_id=obligation.id or 0,
        kind="reschedule" if isinstance(body, RescheduleIn) else "waiver",
        reason=body.reason,
        approver=body.approver,
        decided_on=decided_on,
        new_due_on=body.due_on if isinstance(body, RescheduleIn) else None,
        recorded_by=actor.name,
    )
    session.add(decision)
    session.flush()
    if isinstance(body, RescheduleIn):
        obligation.reschedule_id = decision.id
    else:
        obligation.waiver_id = decision.id
    session.flush()
    look_again(session, [obligation.project_id])
    return decision
