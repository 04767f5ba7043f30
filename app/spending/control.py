"""Rules of change for targets and for notes on slow projects. All are appended and never change."""

import datetime as dt

from sqlmodel import Session

from app.db.base import key
from app.db.control import DeliveryNote, DeliveryTarget, IndicatorTarget
from app.db.lookups import calendar_of, row_by, the_setup
from app.db.organisation import Officer, Unit
from app.db.put import Put
from app.domain.access import Actor, Right
from app.domain.periods import Period, PeriodError
from app.domain.terms import TargetScope
from app.domain.written_periods import parse_period
from app.errors import Conflict, Fault
from app.inputs import FaultList
from app.spending import queries, queries_control
from app.spending.control_schemas import DeliveryNoteIn, IndicatorTargetIn, TargetIn

_SAID = ("problem", "action", "owner", "due_on", "obstacle", "escalated")


def put_target(
    session: Session, actor: Actor, body: TargetIn, *, today: dt.date, pointer: str = ""
) -> Put[DeliveryTarget]:
    """Appends a target; one of the same day stands behind the one it corrects."""
    actor.require(Right.WRITE)
    faults = FaultList(pointer)
    unit, officer = None, None
    if body.scope is TargetScope.OFFICER:
        officer = row_by(session, Officer, "code", body.code)
        if officer is None:
            faults.add("code", "officer.unknown", f"There is no officer {body.code}.")
    else:
        unit = row_by(session, Unit, "code", body.code)
        if unit is None:
            faults.add("code", "unit.unknown", f"There is no unit {body.code}.")
    if unit is not None or officer is not None:
        actor.require_unit(unit.id if unit is not None else officer.unit_id if officer is not None else None)
    period = _period(session, body.period, faults)
    _past(body.decided_on, today, faults)
    if body.percent is not None and body.amount is not None:
        faults.add("amount", "target.two", "Say the target in percent or as an amount, not both.")
    if (body.amount is None) is not (body.currency is None):
        faults.add("currency", "target.currency", "An amount has its currency, and only an amount has one.")
    if body.amount is not None and body.currency is not None:
        faults.ask_thousands("amount", body.amount, body.currency)
    faults.refuse()
    if period is None:
        raise AssertionError("faults were not raised")
    row = DeliveryTarget(
        scope=body.scope,
        unit_id=None if unit is None else unit.id,
        officer_id=None if officer is None else officer.id,
        period_start=period.start,
        period_end=period.end,
        decided_on=body.decided_on,
        percent=body.percent,
        amount=body.amount,
        currency=body.currency,
        note=body.note,
        recorded_by=actor.name,
    )
    kept = queries_control.newest_target(session, row)
    if kept is not None:
        if all(getattr(kept, name) == getattr(row, name) for name in ("percent", "amount", "currency", "note")):
            return Put(kept, "unchanged")
        row.sequence = kept.sequence + 1
    session.add(row)
    session.flush()
    return Put(row, "created" if kept is None else "updated")


def put_indicator_target(
    session: Session, actor: Actor, body: IndicatorTargetIn, *, today: dt.date, pointer: str = ""
) -> Put[IndicatorTarget]:
    """Appends a target of the whole organisation; one of the same day stands behind the one it corrects."""
    actor.require(Right.WRITE)
    actor.require_unit()
    faults = FaultList(pointer)
    period = _period(session, body.period, faults)
    _past(body.decided_on, today, faults)
    faults.refuse()
    if period is None:
        raise AssertionError("faults were not raised")
    row = IndicatorTarget(
        indicator=body.indicator,
        period_start=period.start,
        period_end=period.end,
        decided_on=body.decided_on,
        percent=body.percent,
        source=body.source,
        note=body.note,
        recorded_by=actor.name,
    )
    kept = queries_control.newest_indicator_target(session, row)
    if kept is not None:
        if all(getattr(kept, name) == getattr(row, name) for name in ("percent", "source", "note")):
            return Put(kept, "unchanged")
        row.sequence = kept.sequence + 1
    session.add(row)
    session.flush()
    return Put(row, "created" if kept is None else "updated")


def require_note(actor: Actor, unit_id: int | None) -> None:
    """Raises ``NotAllowed`` for who may not note why a project of this unit is slow."""
    actor.require(Right.WRITE)
    actor.require_unit(unit_id)


def put_note(
    session: Session, actor: Actor, body: DeliveryNoteIn, *, today: dt.date, pointer: str = ""
) -> Put[DeliveryNote]:
    """Appends a note.

    :raises Conflict: when a note of the same project, period and day says something else.
    """
    actor.require(Right.WRITE)
    faults = FaultList(pointer)
    project = queries.find_project(session, body.project)
    if project is None:
        faults.add("project", "project.unknown", f"There is no project {body.project}.")
    else:
        require_note(actor, project.unit_id)
    period = _period(session, body.period, faults)
    if body.noted_on > today:
        faults.add("noted_on", "delivery-note.future-date", f"{body.noted_on} lies in the future: notes are past.")
    if body.escalated and body.obstacle is None:
        faults.add("obstacle", "delivery-note.obstacle", "Say what the head of the unit has to clear away.")
    faults.refuse()
    if project is None or period is None:
        raise AssertionError("faults were not raised")
    kept = queries_control.find_note(session, key(project), period.start, period.end, body.noted_on)
    if kept is not None:
        changed = [name for name in _SAID if getattr(kept, name) != getattr(body, name)]
        if not changed:
            return Put(kept, "unchanged")
        message = f"The note of {body.noted_on} stands as it is: write what is new in a note of another day."
        raise Conflict(
            message,
            [Fault(pointer=f"{pointer}/{name}", rule="delivery-note.stands", message=message) for name in changed],
        )
    row = DeliveryNote(
        project_id=key(project),
        period_start=period.start,
        period_end=period.end,
        noted_on=body.noted_on,
        problem=body.problem,
        action=body.action,
        owner=body.owner,
        due_on=body.due_on,
        obstacle=body.obstacle,
        escalated=body.escalated,
        recorded_by=actor.name,
    )
    session.add(row)
    session.flush()
    return Put(row, "created")


def _past(day: dt.date, today: dt.date, faults: FaultList) -> None:
    if day > today:
        faults.add("decided_on", "target.future-date", f"{day} lies in the future: decisions are past.")


def _period(session: Session, text: str, faults: FaultList) -> Period | None:
    try:
        return parse_period(text, calendar_of(the_setup(session)))
    except PeriodError as error:
        message = str(error)
        faults.add("period", "period", f"{message[0].upper()}{message[1:]}.")
        return None
