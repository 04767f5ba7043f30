"""Below ``/agreements``: schedules of reports, reports to donors, conditions."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import Kept, key
from app.db.duties import AgreementCondition, AgreementReport, ReportSchedule
from app.db.funding import Agreement
from app.domain.access import Actor
from app.errors import NotFound
from app.funding import duties, queries_duties
from app.funding.routes import require_agreement
from app.funding.schemas_duties import (
    AgreementReportOfAgreementIn,
    AgreementReportOut,
    ConditionOfAgreementIn,
    ConditionOut,
    PartPage,
    ReportScheduleOfAgreementIn,
    ReportScheduleOut,
)
from app.http import lists
from app.http.access import Writer
from app.http.fields import Id, IfMatch
from app.http.lists import Listing, ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS_BELOW, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, held, require_version, single
from app.inputs import FaultList

Part = ReportSchedule | AgreementReport | AgreementCondition

below = api_router("/agreements/{agreement_id}", "agreements")


def _shown(request: Request, session: Session, listing: Listing, row: Kept, *, status: int = 200) -> Response:
    item = lists.one(session, listing, listing.key == key(row))
    if item is None:
        raise NotFound(f"There is nothing of key {row.id}.")
    return single(request, item, tag=etag(key(row), row.version), status=status)


def _part(row: Part | None, agreement_id: int, noun: str) -> Part:
    """The row, if it hangs below the agreement."""
    if row is None or row.agreement_id != agreement_id:
        raise NotFound(f"The agreement {agreement_id} has no such {noun}.")
    return row


def _page(request: Request, session: Session, listing: Listing, agreement_id: int, query: PartPage) -> Response:
    require_agreement(session, agreement_id)
    own = queries_duties.below(listing, agreement_id)
    return page(session, listing, query, own, scope=str(agreement_id)).response(request)


def _change(
    request: Request,
    session: Session,
    actor: Writer,
    listing: Listing,
    agreement_id: int,
    row: Part,
    if_match: str | None,
    change: Callable[[Session, Actor, Agreement, Part], None],
) -> Response:
    """Archives or restores a part of the agreement."""
    agreement = held(session, Agreement, agreement_id, name="agreement")
    _part(row, agreement_id, "part")
    require_version(if_match, key(row), row.version)
    change(session, actor, agreement, row)
    return _shown(request, session, listing, row)


@below.get(
    "/report-schedules",
    summary="List when reports on an agreement are due",
    response_model=ListOf[ReportScheduleOut],
    responses=LISTS_BELOW,
)
def list_report_schedules(
    request: Request, agreement_id: Id, session: Reading, query: Annotated[PartPage, Query()]
) -> Response:
    return _page(request, session, queries_duties.SCHEDULES, agreement_id, query)


@below.get(
    "/report-schedules/{schedule_id}",
    summary="Show a schedule of reports",
    response_model=ReportScheduleOut,
    responses=GETS,
)
def get_report_schedule(request: Request, agreement_id: Id, schedule_id: Id, session: Reading) -> Response:
    row = _part(session.get(ReportSchedule, schedule_id), agreement_id, "schedule of reports")
    return _shown(request, session, queries_duties.SCHEDULES, row)


@below.post(
    "/report-schedules",
    summary="Set when reports of a kind are due; a schedule of that kind is changed",
    status_code=201,
    response_model=ReportScheduleOut,
    responses=CREATES | problems(404),
)
def set_report_schedule(
    request: Request,
    agreement_id: Id,
    body: ReportScheduleOfAgreementIn,
    actor: Writer,
    once: Idempotent,
    session: Writing,
) -> Response:
    def work() -> Response:
        agreement = held(session, Agreement, agreement_id, name="agreement")
        put = duties.set_schedule(session, actor, agreement, body, FaultList())
        return _shown(request, session, queries_duties.SCHEDULES, put.row, status=201)

    return once.answer(session, work)


@below.delete(
    "/report-schedules/{schedule_id}",
    summary="Take a schedule of reports away",
    response_model=ReportScheduleOut,
    responses=CHANGES,
)
def archive_report_schedule(
    request: Request, agreement_id: Id, schedule_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = held(session, ReportSchedule, schedule_id, name="schedule of reports")
    return _change(request, session, actor, queries_duties.SCHEDULES, agreement_id, row, if_match, duties.archive_part)


@below.post(
    "/report-schedules/{schedule_id}/restore",
    summary="Restore a schedule of reports",
    response_model=ReportScheduleOut,
    responses=CHANGES,
)
def restore_report_schedule(
    request: Request, agreement_id: Id, schedule_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = held(session, ReportSchedule, schedule_id, name="schedule of reports")
    return _change(request, session, actor, queries_duties.SCHEDULES, agreement_id, row, if_match, duties.restore_part)


@below.get(
    "/reports",
    summary="List reports on an agreement that were sent or have a day of their own",
    response_model=ListOf[AgreementReportOut],
    responses=LISTS_BELOW,
)
def list_agreement_reports(
    request: Request, agreement_id: Id, session: Reading, query: Annotated[PartPage, Query()]
) -> Response:
    return _page(request, session, queries_duties.REPORTS, agreement_id, query)


@below.get(
    "/reports/{report_id}",
    summary="Show a report to the donors",
    response_model=AgreementReportOut,
    responses=GETS,
)
def get_agreement_report(request: Request, agreement_id: Id, report_id: Id, session: Reading) -> Response:
    row = _part(session.get(AgreementReport, report_id), agreement_id, "report to the donors")
    return _shown(request, session, queries_duties.REPORTS, row)


@below.post(
    "/reports",
    summary="Note that a report is due on a day, or that it was sent",
    status_code=201,
    response_model=AgreementReportOut,
    responses=CREATES | problems(404),
)
def set_agreement_report(
    request: Request,
    agreement_id: Id,
    body: AgreementReportOfAgreementIn,
    actor: Writer,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        agreement = held(session, Agreement, agreement_id, name="agreement")
        put = duties.set_report(session, actor, agreement, body, FaultList(), today=today)
        return _shown(request, session, queries_duties.REPORTS, put.row, status=201)

    return once.answer(session, work)


@below.delete(
    "/reports/{report_id}",
    summary="Take a report away that was entered by mistake",
    response_model=AgreementReportOut,
    responses=CHANGES,
)
def archive_agreement_report(
    request: Request, agreement_id: Id, report_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = held(session, AgreementReport, report_id, name="report")
    return _change(request, session, actor, queries_duties.REPORTS, agreement_id, row, if_match, duties.archive_part)


@below.post(
    "/reports/{report_id}/restore",
    summary="Restore a report",
    response_model=AgreementReportOut,
    responses=CHANGES,
)
def restore_agreement_report(
    request: Request, agreement_id: Id, report_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = held(session, AgreementReport, report_id, name="report")
    return _change(request, session, actor, queries_duties.REPORTS, agreement_id, row, if_match, duties.restore_part)


@below.get(
    "/conditions",
    summary="List the conditions of an agreement",
    response_model=ListOf[ConditionOut],
    responses=LISTS_BELOW,
)
def list_conditions(
    request: Request, agreement_id: Id, session: Reading, query: Annotated[PartPage, Query()]
) -> Response:
    return _page(request, session, queries_duties.CONDITIONS, agreement_id, query)


@below.get(
    "/conditions/{condition_id}",
    summary="Show a condition",
    response_model=ConditionOut,
    responses=GETS,
)
def get_condition(request: Request, agreement_id: Id, condition_id: Id, session: Reading) -> Response:
    row = _part(session.get(AgreementCondition, condition_id), agreement_id, "condition")
    return _shown(request, session, queries_duties.CONDITIONS, row)


@below.post(
    "/conditions",
    summary="Enter a condition, or that it was met; one of that code is changed",
    status_code=201,
    response_model=ConditionOut,
    responses=CREATES | problems(404),
)
def set_condition(
    request: Request,
    agreement_id: Id,
    body: ConditionOfAgreementIn,
    actor: Writer,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        agreement = held(session, Agreement, agreement_id, name="agreement")
        put = duties.set_condition(session, actor, agreement, body, FaultList(), today=today)
        return _shown(request, session, queries_duties.CONDITIONS, put.row, status=201)

    return once.answer(session, work)


@below.delete(
    "/conditions/{condition_id}",
    summary="Take a condition away",
    response_model=ConditionOut,
    responses=CHANGES,
)
def archive_condition(
    request: Request, agreement_id: Id, condition_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = held(session, AgreementCondition, condition_id, name="condition")
    return _change(request, session, actor, queries_duties.CONDITIONS, agreement_id, row, if_match, duties.archive_part)


@below.post(
    "/conditions/{condition_id}/restore",
    summary="Restore a condition",
    response_model=ConditionOut,
    responses=CHANGES,
)
def restore_condition(
    request: Request, agreement_id: Id, condition_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = held(session, AgreementCondition, condition_id, name="condition")
    return _change(request, session, actor, queries_duties.CONDITIONS, agreement_id, row, if_match, duties.restore_part)
