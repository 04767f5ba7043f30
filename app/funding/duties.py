"""What agreements ask for is entered here: schedules of reports, reports as they are sent, conditions."""

import datetime as dt

from sqlmodel import Session

from app.db import archiving
from app.db.base import Kept, key
from app.db.duties import AgreementCondition, AgreementReport, ReportSchedule
from app.db.funding import Agreement
from app.db.put import Outcome, Put, assign
from app.domain.access import Actor, Right
from app.domain.duties import Schedule, report_days
from app.errors import Fault, InvalidInput
from app.funding import queries, queries_duties, service
from app.funding.schemas_duties import (
    AgreementReportIn,
    AgreementReportOfAgreementIn,
    ConditionIn,
    ConditionOfAgreementIn,
    ReportScheduleIn,
    ReportScheduleOfAgreementIn,
)
from app.inputs import FaultList, Input, sent


def put_schedule(session: Session, actor: Actor, body: ReportScheduleIn, *, pointer: str = "") -> Put[ReportSchedule]:
    """Sets when reports of a kind are due: a row for each agreement and kind."""
    return set_schedule(session, actor, _agreement(session, body.agreement, pointer), body, pointer=pointer)


def set_schedule(
    session: Session, actor: Actor, agreement: Agreement, body: ReportScheduleOfAgreementIn, *, pointer: str = ""
) -> Put[ReportSchedule]:
    """The same for an agreement that is held."""
    _require(session, actor, agreement)
    found = FaultList(pointer)
    standing = queries_duties.find_schedule(session, key(agreement), body.kind)
    row = standing or ReportSchedule(agreement_id=key(agreement), kind=body.kind)
    outcome = _fill(row, body, is_new=standing is None)
    if row.first_due is None and row.final_months is None:
        message = "Say when reports are due: give first_due, final_months or both."
        found.add("first_due", "report-schedule.says-nothing", message)
    if row.every_months is not None and row.first_due is None:
        found.add("every_months", "report-schedule.no-first", "Reports every so many months have a first day: give it.")
    _keep(session, row, found)
    return Put(row, outcome)


def put_report(
    session: Session, actor: Actor, body: AgreementReportIn, *, today: dt.date, pointer: str = ""
) -> Put[AgreementReport]:
    """A report by agreement, kind and due day: due on that day, or sent."""
    agreement = _agreement(session, body.agreement, pointer)
    return set_report(session, actor, agreement, body, today=today, pointer=pointer)


def set_report(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    body: AgreementReportOfAgreementIn,
    *,
    today: dt.date,
    pointer: str = "",
) -> Put[AgreementReport]:
    """The same for an agreement that is held; a day that the schedule does not know is remarked."""
    _require(session, actor, agreement)
    found = FaultList(pointer)
    standing = queries_duties.find_report(session, key(agreement), body.kind, body.due_on)
    row = standing or AgreementReport(agreement_id=key(agreement), kind=body.kind, due_on=body.due_on)
    was_sent = row.submitted_on is not None
    outcome = _fill(row, body, is_new=standing is None)
    if row.submitted_on is not None and row.submitted_on > today:
        found.add("submitted_on", "date.future", "A report that is sent was sent by today.")
    if row.submitted_on is None and row.document_url is not None:
        found.add("submitted_on", "report.sent-without-date", "Say on which day the report was sent.")
    if row.submitted_on is not None and not was_sent and row.submitted_by is None:
        row.submitted_by = actor.name
    _keep(session, row, found)
    return Put(row, outcome, tuple(_unscheduled(session, agreement, body, pointer)))


def _unscheduled(
    session: Session, agreement: Agreement, body: AgreementReportOfAgreementIn, pointer: str
) -> list[Fault]:
    """A remark on a report sent for a day on which the schedule has none: the one that is due may stay open."""
    schedule = queries_duties.find_schedule(session, key(agreement), body.kind)
    if body.submitted_on is None or schedule is None or schedule.archived_at is not None:
        return []
    days = report_days(schedule_of(schedule), agreement.ends_on, body.due_on)
    if not days or body.due_on in days:
        return []
    nearest = min(days, key=lambda day: abs((day - body.due_on).days))
    message = (
        f"The schedule of {agreement.reference} has no {body.kind.value} report due on {body.due_on}; the nearest is "
        f"due on {nearest} and stays open."
    )
    return [Fault(pointer=f"{pointer}/due_on", rule="report.unscheduled", message=message)]


def schedule_of(row: ReportSchedule) -> Schedule:
    """A schedule as the rules take it."""
    return Schedule(
        kind=row.kind, first_due=row.first_due, every_months=row.every_months, final_months=row.final_months
    )


def put_condition(
    session: Session, actor: Actor, body: ConditionIn, *, today: dt.date, pointer: str = ""
) -> Put[AgreementCondition]:
    """A condition by agreement and code."""
    agreement = _agreement(session, body.agreement, pointer)
    return set_condition(session, actor, agreement, body, today=today, pointer=pointer)


def set_condition(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    body: ConditionOfAgreementIn,
    *,
    today: dt.date,
    pointer: str = "",
) -> Put[AgreementCondition]:
    """The same for an agreement that is held."""
    _require(session, actor, agreement)
    found = FaultList(pointer)
    standing = queries_duties.find_condition(session, key(agreement), body.code)
    row = standing or AgreementCondition(agreement_id=key(agreement), code=body.code, text=body.text)
    outcome = _fill(row, body, is_new=standing is None)
    if row.met_on is not None and row.met_on > today:
        found.add("met_on", "date.future", "A condition that is met was met by today.")
    _keep(session, row, found)
    return Put(row, outcome)


def archive_part(session: Session, actor: Actor, agreement: Agreement, row: Kept) -> None:
    """Takes a schedule, report or condition away: it asks for nothing any more. The agreement must be held."""
    _require(session, actor, agreement)
    archiving.archive(session, row)


def restore_part(session: Session, actor: Actor, agreement: Agreement, row: Kept) -> None:
    """Brings a schedule, report or condition back. The agreement must be held."""
    _require(session, actor, agreement)
    archiving.restore(session, row)


def _agreement(session: Session, reference: str, pointer: str) -> Agreement:
    """The agreement, held."""
    agreement = queries.agreement_by_reference(session, reference)
    if agreement is None:
        message = f"There is no agreement {reference}."
        raise InvalidInput([Fault(pointer=f"{pointer}/agreement", rule="agreement.unknown", message=message)])
    return agreement


def _require(session: Session, actor: Actor, agreement: Agreement) -> None:
    actor.require(Right.WRITE)
    service.require_units(session, actor, agreement)


def _fill(row: Kept, body: Input, *, is_new: bool) -> Outcome:
    """Puts on a row what a body states; an archived one comes back."""
    values = {name: value for name, value in sent(body).items() if name != "agreement"}
    changed = assign(row, values | {"archived_at": None})
    return "created" if is_new else "updated" if changed else "unchanged"


def _keep(session: Session, row: Kept, found: FaultList) -> None:
    if found.found:
        if row in session:
            session.expire(row)
        found.refuse()
    session.add(row)
    session.flush()
