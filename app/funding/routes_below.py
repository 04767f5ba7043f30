"""What hangs below an agreement: shares and instalments; schedules of reports, reports to donors, conditions."""

import datetime as dt

from sqlmodel import Session

from app.db.duties import AgreementCondition, AgreementReport, ReportSchedule
from app.db.funding import Agreement, FundingShare, Instalment
from app.db.put import Put
from app.domain.access import Actor
from app.funding import duties, queries, queries_duties, shares
from app.funding.schemas import (
    FundingShareOut,
    InstalmentOfAgreementIn,
    InstalmentOut,
    InstalmentPage,
    InstalmentPatch,
    InstalmentStoredOut,
    ShareIn,
    SharePage,
    SharePatch,
)
from app.funding.schemas_duties import (
    AgreementReportOfAgreementIn,
    AgreementReportOut,
    ConditionOfAgreementIn,
    ConditionOut,
    PartPage,
    ReportScheduleOfAgreementIn,
    ReportScheduleOut,
)
from app.http.parts import Part, Record, Summaries, add_and_change_part, on_any_day, set_part_by_key
from app.http.router import api_router
from app.inputs import FaultList, Input

money = api_router("/agreements/{agreement_id}", "agreements")
reporting = api_router("/agreements/{agreement_id}", "agreements")


def _set_schedule(
    session: Session, actor: Actor, agreement: Agreement, body: ReportScheduleOfAgreementIn, /, **_day: dt.date
) -> Put[ReportSchedule]:
    return duties.set_schedule(session, actor, agreement, body)


def _create_instalment(
    session: Session, actor: Actor, agreement: Agreement, body: InstalmentOfAgreementIn, /, *, today: dt.date
) -> Put[Instalment]:
    told = FaultList()
    row = shares.create_instalment(session, actor, agreement, body, today=today, told=told)
    return Put(row, "created", tuple(told.found))


def _update_instalment(
    session: Session, actor: Actor, agreement: Agreement, row: Instalment, body: Input, /, *, today: dt.date
) -> Put[Instalment]:
    told = FaultList()
    changed = shares.update_instalment(session, actor, agreement, row, body, today=today, told=told)
    return Put(row, "updated" if changed else "unchanged", tuple(told.found))


AGREEMENT = Record(row=Agreement, one="agreement", key="agreement_id")

SHARE = Part(
    record=AGREEMENT,
    row=FundingShare,
    path="/shares",
    listing=queries.SHARES,
    shown=FundingShareOut,
    query=SharePage,
    one="funding share",
    name="share",
    names="shares",
    key="share_id",
    summaries=Summaries(
        list="List which projects an agreement funds",
        show="Show a share",
        write="Fund a project from an agreement; its commitment is posted",
        change="Change a share; the difference is posted",
        archive="End a share; what it promised is taken back",
        restore="Bring an ended share back; what it promises is posted again",
    ),
    archive=shares.archive_share,
    restore=shares.restore_share,
)
INSTALMENT = Part(
    record=AGREEMENT,
    row=Instalment,
    path="/instalments",
    listing=queries.INSTALMENTS,
    shown=InstalmentOut,
    query=InstalmentPage,
    one="instalment",
    name="instalment",
    names="instalments",
    key="instalment_id",
    summaries=Summaries(
        list="List the payments that an agreement's schedule promises",
        show="Show an instalment",
        write="Add an instalment",
        change="Change an instalment",
        archive="Archive an instalment",
        restore="Restore an instalment",
    ),
    archive=shares.archive_instalment,
    restore=shares.restore_instalment,
    stored=InstalmentStoredOut,
)
SCHEDULE = Part(
    record=AGREEMENT,
    row=ReportSchedule,
    path="/report-schedules",
    listing=queries_duties.SCHEDULES,
    shown=ReportScheduleOut,
    query=PartPage,
    one="schedule of reports",
    name="report_schedule",
    names="report_schedules",
    key="schedule_id",
    summaries=Summaries(
        list="List when reports on an agreement are due",
        show="Show a schedule of reports",
        write="Set when reports of a kind are due; a schedule of that kind is changed",
        archive="Take a schedule of reports away",
        restore="Restore a schedule of reports",
    ),
    archive=on_any_day(duties.archive_part),
    restore=on_any_day(duties.restore_part),
)
REPORT = Part(
    record=AGREEMENT,
    row=AgreementReport,
    path="/reports",
    listing=queries_duties.REPORTS,
    shown=AgreementReportOut,
    query=PartPage,
    one="report to the donors",
    name="agreement_report",
    names="agreement_reports",
    key="report_id",
    summaries=Summaries(
        list="List reports on an agreement that were sent or have a day of their own",
        show="Show a report to the donors",
        write="Note that a report is due on a day, or that it was sent",
        archive="Take a report away that was entered by mistake",
        restore="Restore a report",
    ),
    archive=on_any_day(duties.archive_part),
    restore=on_any_day(duties.restore_part),
)
CONDITION = Part(
    record=AGREEMENT,
    row=AgreementCondition,
    path="/conditions",
    listing=queries_duties.CONDITIONS,
    shown=ConditionOut,
    query=PartPage,
    one="condition",
    name="condition",
    names="conditions",
    key="condition_id",
    summaries=Summaries(
        list="List the conditions of an agreement",
        show="Show a condition",
        write="Enter a condition, or that it was met; one of that code is changed",
        archive="Take a condition away",
        restore="Restore a condition",
    ),
    archive=on_any_day(duties.archive_part),
    restore=on_any_day(duties.restore_part),
)

add_and_change_part(money, SHARE, ShareIn, SharePatch, shares.create_share, shares.update_share)
add_and_change_part(money, INSTALMENT, InstalmentOfAgreementIn, InstalmentPatch, _create_instalment, _update_instalment)
set_part_by_key(reporting, SCHEDULE, ReportScheduleOfAgreementIn, _set_schedule)
set_part_by_key(reporting, REPORT, AgreementReportOfAgreementIn, duties.set_report)
set_part_by_key(reporting, CONDITION, ConditionOfAgreementIn, duties.set_condition)
