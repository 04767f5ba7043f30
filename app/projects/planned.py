"""Payments that are planned to other organisations: the schedule of a sub-grant."""

from collections.abc import Sequence

from sqlmodel import Session

from app.db.base import key
from app.db.lookups import organisation_named
from app.db.organisation import Setup
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.put import Put, assign
from app.db.spending import PlannedPayment
from app.domain.access import Actor, Right
from app.domain.terms import AllocationKind
from app.errors import Fault, InvalidInput
from app.http.lists import Shown
from app.inputs import FaultList
from app.projects import queries, queries_planned
from app.projects.schemas_planned import PlannedPaymentIn, PlannedPaymentRow


def show_planned(session: Session, project: Project) -> list[Shown]:
    """The schedule of a project as it is answered."""
    return [
        {
            "id": row.id,
            "receiver": receiver.name if receiver is not None else None,
            "receiver_identifier": receiver.identifier if receiver is not None else None,
            "receiver_activity": row.receiver_activity,
            "kind": row.kind,
            "period_start": row.period_start,
            "period_end": row.period_end,
            "amount": row.amount,
            "currency": row.currency,
            "decided_on": row.value_date,
            "note": row.note,
            "from_file": row.ordinal is not None,
        }
        for row, receiver in queries_planned.planned_payments(session, key(project))
    ]


def replace_planned(
    session: Session, actor: Actor, project: Project, items: Sequence[PlannedPaymentIn], *, pointer: str = ""
) -> None:
    """Makes the schedule of a project exactly what is given; a row that says the same stays as it is."""
    _require(actor, project)
    faults = FaultList(pointer)
    wanted = []
    for place, item in enumerate(items):
        receiver = organisation_named(session, item.receiver)
        _check(session, faults, item, receiver, f"items/{place}/")
        wanted.append(_values(item, receiver))
    faults.refuse()
    free = [row for row, _receiver in queries_planned.planned_payments(session, key(project))]
    for values in wanted:
        row = next((row for row in free if all(getattr(row, name) == value for name, value in values.items())), None)
        if row is None:
            row = PlannedPayment(project_id=key(project))
            assign(row, values)
            session.add(row)
        else:
            free.remove(row)
    for row in free:
        session.delete(row)
    # the rows have no version of their own: the project's covers them
    project.version += 1
    session.flush()


def put_planned(session: Session, actor: Actor, body: PlannedPaymentRow, *, pointer: str = "") -> Put[PlannedPayment]:
    """Creates or updates by project, receiver, first day and kind."""
    actor.require(Right.WRITE)
    project = queries.find_project(session, body.project)
    if project is None:
        message = f"There is no project {body.project}."
        raise InvalidInput([Fault(pointer=f"{pointer}/project", rule="project.unknown", message=message)])
    _require(actor, project)
    receiver, faults = organisation_named(session, body.receiver), FaultList(pointer)
    _check(session, faults, body, receiver, "")
    faults.refuse()
    values = _values(body, receiver)
    row = queries_planned.find_planned(session, key(project), receiver.id, body.period_start, AllocationKind(body.kind))
    if row is not None:
        changed = assign(row, values)
        if changed:
            project.version += 1
        session.flush()
        return Put(row, "updated" if changed else "unchanged")
    row = PlannedPayment(project_id=key(project))
    assign(row, values)
    session.add(row)
    project.version += 1
    session.flush()
    return Put(row, "created")


def _require(actor: Actor, project: Project) -> None:
    actor.require(Right.WRITE)
    actor.require_unit(project.unit_id)


def _check(session: Session, faults: FaultList, item: PlannedPaymentIn, receiver: Organisation, place: str) -> None:
    if item.period_end is not None and item.period_end < item.period_start:
        faults.add(f"{place}period_end", "period.reversed", "The period ends before it begins.")
    setup = session.get(Setup, 1)
    if setup is not None and receiver.id == setup.organisation_id:
        message = (
            "The organisation itself is to be paid: planned payments are those to others. What a donor is to pay is an "
            "instalment of its agreement."
        )
        faults.add(f"{place}receiver", "planned.itself", message)
    faults.ask_thousands(f"{place}amount", item.amount, item.currency)


def _values(item: PlannedPaymentIn, receiver: Organisation) -> dict[str, object]:
    return {
        "receiver_id": key(receiver),
        "receiver_activity": item.receiver_activity,
        "kind": AllocationKind(item.kind),
        "period_start": item.period_start,
        "period_end": item.period_end,
        "amount": item.amount,
        "currency": item.currency,
        "value_date": item.decided_on,
        "note": item.note,
    }
