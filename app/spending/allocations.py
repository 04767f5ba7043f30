"""Allocations: money set aside for a project in a period; appended, the newest decision counts."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db.base import key
from app.db.books import check_decided
from app.db.lookups import calendar_of, closed_over, the_setup
from app.db.projects import Project
from app.db.put import Put
from app.db.sides import units_of_agreement
from app.db.spending import Allocation
from app.db.together import added
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unlisted
from app.domain.periods import Period, PeriodError
from app.domain.terms import AllocationKind
from app.domain.written_periods import parse_period
from app.errors import Conflict, Fault
from app.inputs import FaultList
from app.spending import queries, queries_allocations
from app.spending.queries_allocations import AllocationKey
from app.spending.schemas import AllocationIn

#: IATI budget status
STATUS = {"indicative": "1", "committed": "2"}
#: what a decision says beyond its key
_SAID = {"amount", "currency", "status", "reason", "note"}


def create_allocation(
    session: Session, actor: Actor, body: AllocationIn, *, today: dt.date, pointer: str = ""
) -> Allocation:
    """Appends a decision.

    :raises Conflict: when the same decision (project, period, source, kind, day, outcome, country) stands already.
    """
    put = put_allocation(session, actor, body, today=today, pointer=pointer, only_new=True)
    return put.row


def put_allocation(
    session: Session, actor: Actor, body: AllocationIn, *, today: dt.date, pointer: str = "", only_new: bool = False
) -> Put[Allocation]:
    """Appends a decision by its key; another amount for the same decision is a row that supersedes the first."""
    actor.require(Right.WRITE)
    faults = FaultList(pointer)
    project = queries.find_project(session, body.project)
    if project is None:
        faults.add("project", "project.unknown", f"There is no project {body.project}.")
    else:
        actor.require_unit(project.unit_id)
    period = _period(session, body.fiscal_year, faults)
    agreement = queries.find_agreement(session, body.source) if body.source else None
    if agreement is not None and actor.of_a_unit:
        actor.require_source(units_of_agreement(session, key(agreement)))
    if body.country and not known_code("Country", body.country):
        faults.add("country", "code.unknown", unlisted("Country", body.country))
    if body.decided_on > today:
        faults.add("decided_on", "allocation.future-date", f"{body.decided_on} lies in the future: decisions are past.")
    faults.ask_thousands("amount", body.amount, body.currency)
    if body.kind in (AllocationKind.REPHASING, AllocationKind.CARRY_OVER) and not body.reason:
        message = f"Say why: a {body.kind.value} has a reason."
        faults.add("reason", "allocation.reason", message)
    faults.refuse()
    if project is None or period is None:
        raise AssertionError("faults were not raised")
    decision = AllocationKey(
        project_id=key(project),
        period_start=period.start,
        period_end=period.end,
        source=body.source or "",
        kind=body.kind,
        decided_on=body.decided_on,
        outcome=body.outcome or "",
        country=body.country or "",
    )
    standing = queries_allocations.standing_allocation(session, decision)
    if standing is not None and only_new:
        raise Conflict(
            f"This decision is recorded already as allocation {standing.id}.",
            [Fault(pointer=f"{pointer}/decided_on", rule="allocation.exists", message="Supersede it to correct it.")],
        )
    row = Allocation(
        **decision._asdict(),
        agreement_id=agreement.id if agreement else None,
        amount=body.amount,
        currency=body.currency,
        status=STATUS.get(body.status or ""),
        reason=body.reason or "",
        note=body.note,
        supersedes_id=standing.id if standing else None,
        recorded_by=actor.name,
    )
    asked = body.model_fields_set & _SAID
    if standing is not None and all(getattr(standing, name) == getattr(row, name) for name in asked):
        return Put(standing, "unchanged")
    check_decided(session, faults, body.decided_on, place="decided_on", rule="allocation.closed-period")
    faults.refuse()
    found = _own_resources(session, body.source) if body.source and agreement is None else ()
    added(session, row)
    queries_allocations.note_allocation(session, row)
    return Put(row, "updated" if standing else "created", found)


def allocations_ahead(session: Session, bodies: Sequence[AllocationIn]) -> None:
    """Reads what :func:`put_allocation` asks for of each of the records that a batch puts."""
    sources = {body.source for body in bodies if body.source}
    queries_allocations.allocations_ahead(session, {body.project for body in bodies}, sources)


def _own_resources(session: Session, source: str) -> tuple[Fault, ...]:
    """What to say of a name that is no agreement's, the first time that it stands as one of own resources."""
    if queries_allocations.is_own_source(session, source):
        return ()
    meant = queries_allocations.agreement_written_like(session, source)
    question = f"is {meant} meant? Else it" if meant else "it"
    message = f"There is no agreement {source}: {question} counts as own resources of that name until there is one."
    return (Fault(pointer="/source", rule="allocation.own-resources", message=message),)


def withdraw_allocation(session: Session, actor: Actor, row: Allocation, *, reason: str) -> Allocation:
    """Appends a row that takes the place of one that should never have been; the first stays readable.

    :raises Conflict: when it was superseded or withdrawn already, or decided in a period that is closed.
    """
    actor.require(Right.WRITE)
    actor.require_unit(session.get_one(Project, row.project_id).unit_id)
    decision = queries_allocations.key_of(row)
    standing = queries_allocations.standing_allocation(session, decision)
    if standing is None or standing.id != row.id:
        raise Conflict("This allocation was superseded or withdrawn already.")
    if (closed := closed_over(session, row.decided_on)) is not None:
        message = f"The books are closed until {closed}, and this was decided then: decide another amount after it."
        raise Conflict(message, [Fault(pointer="/decided_on", rule="allocation.closed-period", message=message)])
    gone = Allocation(
        **decision._asdict(),
        agreement_id=row.agreement_id,
        line=row.line,
        amount=Decimal(0),
        currency=row.currency,
        status=row.status,
        reason=reason,
        supersedes_id=row.id,
        withdrawn=True,
        recorded_by=actor.name,
    )
    session.add(gone)
    session.flush()
    return gone


def _period(session: Session, text: str, faults: FaultList) -> Period | None:
    try:
        return parse_period(text, calendar_of(the_setup(session)))
    except PeriodError as error:
        faults.add("fiscal_year", "period", f"{str(error)[0].upper()}{str(error)[1:]}.")
        return None
