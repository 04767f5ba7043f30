"""Rules of change for risks. None of them commits."""

import datetime as dt
from collections.abc import Callable

from sqlmodel import Session

from app.db import archiving
from app.db.lookups import row_by
from app.db.organisation import Officer, Unit
from app.db.projects import Project
from app.db.put import Put, assign
from app.db.risks import Risk
from app.domain.access import Actor, Right
from app.errors import Conflict, Fault
from app.inputs import FaultList, Input, Sent, sent
from app.projects import queries_risks as queries
from app.projects.schemas_risks import RiskIn

_LINKS = ("project", "unit", "owner")
_COLUMNS = tuple(name for name in RiskIn.model_fields if name not in _LINKS)
_REQUIRED = tuple(name for name, field in RiskIn.model_fields.items() if field.is_required())
_PAST = ("opened_on", "reviewed_on", "escalated_on", "closed_on")


def create_risk(session: Session, actor: Actor, body: RiskIn, *, today: dt.date, pointer: str = "") -> Risk:
    """A new risk.

    :raises Conflict: when the reference exists already.
    """
    if queries.risk_by_reference(session, body.reference) is not None:
        raise _taken(body.reference, pointer)
    row = Risk(**{name: getattr(body, name) for name in _REQUIRED})
    _store(session, actor, row, body, today=today, pointer=pointer)
    return row


def update_risk(session: Session, actor: Actor, row: Risk, body: Input, *, today: dt.date, pointer: str = "") -> bool:
    """Changes what the body (a ``RiskPatch``) sets; tells whether anything differed."""
    reference = sent(body).get("reference")
    if reference not in (None, row.reference) and queries.risk_by_reference(session, reference):
        raise _taken(reference, pointer)
    return _store(session, actor, row, body, today=today, pointer=pointer)


def put_risk(session: Session, actor: Actor, body: RiskIn, *, today: dt.date, pointer: str = "") -> Put[Risk]:
    """Creates the risk of this reference, or changes what differs; an owner who has left is remarked."""
    row = queries.risk_by_reference(session, body.reference)
    if row is None:
        created = create_risk(session, actor, body, today=today, pointer=pointer)
        return Put(created, "created", tuple(_remarks(session, created, pointer)))
    changed = _store(session, actor, row, body, today=today, pointer=pointer)
    return Put(row, "updated" if changed else "unchanged", tuple(_remarks(session, row, pointer)))


def archive_risk(session: Session, actor: Actor, row: Risk) -> None:
    """Takes a risk out of use; one that is over is closed instead."""
    _keep(session, actor, row, archiving.archive)


def restore_risk(session: Session, actor: Actor, row: Risk) -> None:
    _keep(session, actor, row, archiving.restore)


def _keep(session: Session, actor: Actor, row: Risk, change: Callable[[Session, Risk], None]) -> None:
    require_change(session, actor, row)
    change(session, row)


def require_change(session: Session, actor: Actor, row: Risk) -> None:
    """Raises ``NotAllowed`` for who may not change it."""
    require_about(session, actor, project_id=row.project_id, unit_id=row.unit_id)


def require_about(session: Session, actor: Actor, *, project_id: int | None, unit_id: int | None) -> None:
    """Raises ``NotAllowed`` for who may not keep risks of this project, or else of this unit."""
    actor.require(Right.WRITE)
    actor.require_unit(*_units(session, project_id, unit_id))


def _units(session: Session, project_id: int | None, unit_id: int | None) -> set[int | None]:
    if project_id is None:
        return {unit_id}
    return {session.get_one(Project, project_id).unit_id}


def _store(session: Session, actor: Actor, row: Risk, body: Input, *, today: dt.date, pointer: str) -> bool:
    actor.require(Right.WRITE)
    if row.id is not None:
        require_change(session, actor, row)
    found = FaultList(pointer)
    given = {name: value for name, value in sent(body).items() if value is not None or name not in _REQUIRED}
    values = {name: given[name] for name in _COLUMNS if name in given} | _links(session, given, found)
    project_id, unit_id = values.get("project_id", row.project_id), values.get("unit_id", row.unit_id)
    if not found.found:
        if (project_id is None) is (unit_id is None):
            found.add("project", "risk.of-whom", "Name the project whose risk it is, or the unit: one of them.")
        else:
            require_about(session, actor, project_id=project_id, unit_id=unit_id)
    for name in _PAST:
        day: dt.date | None = values.get(name, getattr(row, name))
        if day is not None and day > today:
            found.add(name, "date.future", "This has happened, so that it lies not in the future.")
    opened_on: dt.date = values.get("opened_on", row.opened_on)
    for name in ("reviewed_on", "escalated_on", "closed_on", "review_on"):
        day = values.get(name, getattr(row, name))
        if day is not None and day < opened_on:
            found.add(name, "dates-in-order", f"It was put on record on {opened_on} only.")
    found.refuse()
    changed = assign(row, values)
    session.add(row)
    session.flush()
    return changed


def _links(session: Session, given: Sent, found: FaultList) -> Sent:
    """Keys of the project, unit and owner that a body names; a project takes the place of a unit, and the reverse."""
    values: Sent = {}
    for name, row_class in (("project", Project), ("unit", Unit), ("owner", Officer)):
        if name not in given:
            continue
        code = given[name]
        linked = row_by(session, row_class, "code", code)
        if code is not None and linked is None:
            found.add(name, f"{'officer' if name == 'owner' else name}.unknown", f"There is no {name} {code}.")
        values[f"{name}_id"] = None if linked is None else linked.id
    if values.get("project_id") is not None and "unit_id" not in values:
        values["unit_id"] = None
    if values.get("unit_id") is not None and "project_id" not in values:
        values["project_id"] = None
    return values


def _remarks(session: Session, row: Risk, pointer: str) -> list[Fault]:
    owner = None if row.owner_id is None else session.get(Officer, row.owner_id)
    if owner is None or owner.archived_at is None or row.closed_on is not None:
        return []
    message = f"{owner.name} ({owner.code}) has left: name who sees to {row.reference} now."
    return [Fault(pointer=f"{pointer}/owner", rule="risk.owner-left", message=message)]


def _taken(reference: str, pointer: str) -> Conflict:
    message = f"There is a risk {reference} already."
    return Conflict(message, [Fault(pointer=f"{pointer}/reference", rule="unique", message=message)])
