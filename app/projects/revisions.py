"""Dated decisions on a project, given one by one: each is kept, and the newest one holds."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session

from app.db import revisions as db_revisions
from app.db.base import key
from app.db.lookups import row_by, the_setup
from app.db.organisation import Officer
from app.db.projects import Project, ProjectRevision
from app.db.put import Put
from app.domain import revisions
from app.domain.access import Actor, Right
from app.domain.money import CURRENCIES
from app.domain.revisions import Revision, read_budget, replay
from app.errors import Conflict, Fault
from app.inputs import Day, FaultList, PositiveAmount
from app.projects import checks, queries
from app.projects.schemas import RevisionIn

_DAY: TypeAdapter[dt.date] = TypeAdapter(Day)
_AMOUNT: TypeAdapter[Decimal] = TypeAdapter(PositiveAmount)


def create_revision(
    session: Session, actor: Actor, body: RevisionIn, *, today: dt.date, pointer: str = ""
) -> ProjectRevision:
    """Appends a decision.

    :raises Conflict: when one on this field was recorded for the same day already.
    """
    put = put_revision(session, actor, body, today=today, pointer=pointer, only_new=True)
    return put.row


def put_revision(
    session: Session, actor: Actor, body: RevisionIn, *, today: dt.date, pointer: str = "", only_new: bool = False
) -> Put[ProjectRevision]:
    """Appends a decision by project, field and day; one that is recorded already, with value and reason, stays.

    Another value for the same day is appended behind the first and takes its place.
    """
    actor.require(Right.WRITE)
    faults = FaultList(pointer)
    project = queries.find_project(session, body.project)
    if project is None:
        faults.add("project", "project.unknown", f"There is no project {body.project}.")
        faults.refuse()
        raise AssertionError
    actor.require_unit(project.unit_id)
    kept = db_revisions.revisions(session, key(project))
    value = _value(session, faults, project, kept, body)
    if body.decided_on > today:
        faults.add("decided_on", "project.future-date", f"{body.decided_on} lies in the future: decisions are past.")
    if value and body.field.startswith("actual_") and value > today.isoformat():
        faults.add("value", "project.future-date", f"{body.field} ({value}) lies in the future.")
    faults.refuse()
    same_day = [row for row in kept if row.field == body.field and row.known_on == body.decided_on]
    if same_day and only_new:
        raise Conflict(
            f"A decision of {body.decided_on} on {body.field} is recorded already.",
            [Fault(pointer=f"{pointer}/decided_on", rule="revision.exists", message="Give the day of this decision.")],
        )
    if same_day and (same_day[-1].value, same_day[-1].reason) == (value, body.reason):
        return Put(same_day[-1], "unchanged")
    _check_dates(faults, db_revisions.values(kept), body, value, project)
    faults.refuse()
    db_revisions.append(
        session,
        project,
        {body.field: value},
        known_on=body.decided_on,
        reason=body.reason,
        recorded_by=actor.name,
        note=body.note,
    )
    session.flush()
    row = [row for row in db_revisions.revisions(session, key(project)) if row.field == body.field][-1]
    return Put(row, "updated" if same_day else "created")


def _value(
    session: Session, faults: FaultList, project: Project, kept: Sequence[ProjectRevision], body: RevisionIn
) -> str | None:
    """The text form of the new value, checked."""
    if body.value is None:
        return None
    try:
        if body.field == "total_budget":
            amount, _, stated = body.value.partition(" ")
            currency = stated.strip() or _currency_meant(session, faults, project, kept, body)
            if currency not in CURRENCIES:
                faults.add("value", "currency.unknown", f"{currency} is not a currency code of ISO 4217.")
            total = _AMOUNT.validate_python(amount)
            if (total, currency) != (project.total_budget, project.budget_currency):
                faults.ask_thousands("value", total, currency)
            return revisions.budget_text(total, currency)
        if body.field == "officer":
            if row_by(session, Officer, "code", body.value) is None:
                faults.add("value", "officer.unknown", f"There is no officer {body.value}.")
            return body.value
        return _DAY.validate_python(body.value).isoformat()
    except ValidationError as error:
        for found in error.errors(include_url=False, include_context=False):
            faults.add("value", "revision.value", found["msg"].removeprefix("Value error, "))
        return None


def _currency_meant(
    session: Session, faults: FaultList, project: Project, kept: Sequence[ProjectRevision], body: RevisionIn
) -> str:
    """The currency of a budget that states none: that of the decision that is told again, else the project's.

    Where the budget was in several, it has to be stated: which is meant would follow from the order in which decisions
    are recorded.
    """
    stated = {row.known_on: read_budget(row.value)[1] for row in kept if row.field == "total_budget"}
    if again := stated.get(body.decided_on):
        return again
    currency = project.budget_currency or the_setup(session).currency
    if others := sorted({each for each in stated.values() if each} - {currency}):
        named = ", ".join([currency, *others])
        message = f"The budget of the project was in {named}: write which one is meant, as in {body.value} {currency}."
        faults.add("value", "revision.currency", message)
    return currency


def _check_dates(
    faults: FaultList, kept: list[Revision], body: RevisionIn, value: str | None, project: Project
) -> None:
    """The dates that will stand after the decision are in order, and a closed project keeps its end."""
    sequence = 1 + max((row.sequence for row in kept if row.field == body.field), default=0)
    added = Revision(field=body.field, sequence=sequence, known_on=body.decided_on, value=value)
    standing = {name: day.isoformat() for name in db_revisions.DATES if (day := getattr(project, name))}
    after = {**standing, **{name: text for name, text in replay([*kept, added]).items() if name in db_revisions.DATES}}
    for first, last in (("planned_start", "planned_end"), ("actual_start", "actual_end")):
        start, end = after.get(first), after.get(last)
        if start and end and end < start and body.field in (first, last):
            faults.add("value", "project.dates-order", f"{last} ({end}) would be before {first} ({start}).")
    if body.field == "actual_end" and project.actual_end is not None:
        checks.check_ended(faults, project.grain, project.stage, after.get("actual_end"), place="value")
