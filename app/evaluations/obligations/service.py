"""Decisions about obligations: waived, taken back, rescheduled."""

import datetime as dt

from sqlmodel import Session

from app.db.base import key
from app.db.evaluations import (
    Obligation,
    ObligationDecision,
    WaiverTakenBack,
)
from app.db.projects import Project
from app.domain.access import Actor, Right
from app.domain.evaluation.facts import Obligation as Owed
from app.domain.evaluation.terms import State
from app.domain.periods import add_months
from app.errors import Conflict, Fault, NotFound
from app.evaluations.obligations import queries_due
from app.evaluations.obligations.institution import institution_views
from app.evaluations.obligations.queries_facts import decisions_by_key
from app.evaluations.obligations.queries_institution import of_keys
from app.evaluations.obligations.queries_store import NOW, look_again
from app.evaluations.obligations.rows import DecisionRow, InstitutionRow, OwedRow
from app.evaluations.obligations.schemas import RescheduleIn, WaiverIn
from app.evaluations.obligations.views import View, views
from app.inputs import FaultList

#: a day further ahead than so many years is a slip of a digit
_MOST_YEARS = 10


def waive(
    session: Session, actor: Actor, obligation: Obligation, body: WaiverIn, *, today: dt.date
) -> ObligationDecision:
    """Records that an evaluation need not be done. It stays visible as waived.

    :raises Conflict: when the obligation is no longer open, or was waived already.
    """
    require_decision(session, actor, obligation)
    if (waived := standing_waiver(session, obligation)) is not None:
        message = (
            f"It was waived on {waived.decided_on} already, approved by {waived.approver}: "
            f"take that waiver back first (POST …/obligations/{obligation.id}/take-back-waiver)."
        )
        raise Conflict(message, [Fault(pointer="", rule="obligation.waived", message=message)])
    return _decide(session, actor, obligation, body, today=today)


def reschedule(
    session: Session, actor: Actor, obligation: Obligation, body: RescheduleIn, *, today: dt.date
) -> ObligationDecision:
    """Moves the due date; alerts of the old date are withdrawn, and the ladder to the new one begins.

    :raises Conflict: when the obligation is no longer open, is waived, or is due on that day already.
    :raises InvalidInput: when the day had passed when that was decided, or lies more than ten years later.
    """
    # who may not decide is told nothing of what was decided
    require_decision(session, actor, obligation)
    decided_on = body.decided_on or today
    waived = standing_waiver(session, obligation)
    if waived is not None and waived.decided_on <= decided_on:
        message = (
            f"It was waived on {waived.decided_on}, so that nothing is due: take that waiver back first "
            f"(POST …/obligations/{obligation.id}/take-back-waiver)."
        )
        raise Conflict(message, [Fault(pointer="", rule="obligation.waived", message=message)])
    if body.due_on < decided_on:
        found = FaultList()
        message = f"{body.due_on} had passed on {decided_on}, when that was decided: give a day that is to come."
        found.add("due_on", "obligation.past-day", message)
        found.refuse()
    stands = _as_it_stands(session, obligation, today)
    due = stands.due if stands else obligation.due_on
    since = decided_on if due is None else max(due, decided_on)
    if body.due_on > add_months(since, 12 * _MOST_YEARS):
        found = FaultList()
        message = f"{body.due_on} is more than ten years later than {since}: check the year."
        found.add("due_on", "obligation.far-day", message)
        found.refuse()
    if body.due_on == due:
        message = f"It is due on {body.due_on} already."
        raise Conflict(message, [Fault(pointer="/due_on", rule="obligation.same-day", message=message)])
    return _decide(session, actor, obligation, body, today=today)


def take_back(
    session: Session, actor: Actor, obligation: Obligation, body: WaiverIn, *, today: dt.date
) -> WaiverTakenBack:
    """Records that a waiver holds no longer from a day on: the evaluation is owed again.

    :raises Conflict: when the obligation is no longer open, or no waiver of it holds.
    :raises InvalidInput: when the day lies before the waiver.
    """
    require_decision(session, actor, obligation)
    waived = standing_waiver(session, obligation)
    if waived is None:
        message = "No waiver of it holds: there is nothing to take back."
        raise Conflict(message, [Fault(pointer="", rule="obligation.not-waived", message=message)])
    decided_on = _decided_on(body, today, not_before=waived.decided_on)
    back = WaiverTakenBack(
        decision_id=waived.id,
        reason=body.reason,
        approver=body.approver,
        decided_on=decided_on,
        recorded_by=actor.name,
    )
    session.add(back)
    session.flush()
    _look_again(session, obligation)
    return back


def standing_waiver(session: Session, obligation: Obligation) -> DecisionRow | None:
    """The waiver of an obligation that was not taken back, None when there is none."""
    if obligation.waiver_id is None:
        return None
    (waiver,) = decisions_by_key(session, [obligation.waiver_id])
    return waiver if waiver.taken_back_on is None else None


def require_decision(session: Session, actor: Actor, obligation: Obligation) -> None:
    """Raises ``NotAllowed`` for who may not decide about it.

    :raises Conflict: when the obligation is not open.
    """
    actor.require(Right.EVALUATE)
    if obligation.project_id is None:
        actor.require_unit(*(() if obligation.duty_unit_id is None else (obligation.duty_unit_id,)))
    else:
        project = session.get(Project, obligation.project_id)
        if project is None:
            raise NotFound(f"There is no obligation {obligation.id}.")
        actor.require_unit(project.unit_id)
    if obligation.status != "open":
        raise Conflict(f"The obligation is not open but {obligation.status}: nothing is to be decided about it.")


def _decided_on(body: WaiverIn, today: dt.date, *, not_before: dt.date | None = None) -> dt.date:
    found = FaultList()
    decided_on = body.decided_on or today
    if decided_on > today:
        found.add("decided_on", "obligation.future-date", f"{decided_on} lies in the future: decisions are past.")
    if not_before is not None and decided_on < not_before:
        message = f"It was waived on {not_before} only: give a day that is not before it."
        found.add("decided_on", "dates-in-order", message)
    found.refuse()
    return decided_on


def _decide(
    session: Session, actor: Actor, obligation: Obligation, body: WaiverIn, *, today: dt.date
) -> ObligationDecision:
    require_decision(session, actor, obligation)
    decided_on = _decided_on(body, today)
    _require_undone(session, obligation, decided_on)
    decision = ObligationDecision(
        obligation_id=key(obligation),
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
    _look_again(session, obligation)
    return decision


def _require_undone(session: Session, obligation: Obligation, day: dt.date) -> None:
    """:raises Conflict: when the evaluation was done on the day, so that nothing was left to be waived or moved."""
    seen = _seen(session, obligation, day)
    if seen is not None and seen.state == State.DONE:
        message = "It was done: nothing is to be decided about it."
        if seen.evaluation is not None and (reference := seen.evaluation.reference):
            message = f"It was done by {reference}: nothing is to be decided about it."
        raise Conflict(message, [Fault(pointer="", rule="obligation.done", message=message)])


def _as_it_stands(session: Session, obligation: Obligation, today: dt.date) -> Owed | None:
    """With the due date that counts today; None for what cannot be told."""
    seen = _seen(session, obligation, today)
    return None if seen is None else seen.obligation


def _seen(session: Session, obligation: Obligation, day: dt.date) -> View[OwedRow] | View[InstitutionRow] | None:
    if obligation.project_id is None:
        duties = institution_views(session, day, of_keys([key(obligation)]))
        return duties[0] if duties else None
    seen = views(session, queries_due.by_ids(session, [key(obligation)]), day)
    return seen[0] if seen else None


def _look_again(session: Session, obligation: Obligation) -> None:
    if obligation.project_id is None:
        obligation.look_on = NOW
        session.flush()
    else:
        look_again(session, [obligation.project_id])
