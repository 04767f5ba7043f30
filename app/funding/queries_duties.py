"""Reads of what hangs below agreements: schedules of reports, reports, conditions, changes of how money is tied."""

import datetime as dt

from sqlalchemy import ColumnElement, Table, select
from sqlmodel import Session

from app.db.base import table
from app.db.duties import AgreementCondition, AgreementReport, ReportSchedule
from app.db.funding import Agreement, AgreementRepurposing
from app.domain.duties import ReportKind
from app.http.lists import Listing, sort, unless_archived

_agreement = table(Agreement).c
_schedule, _report, _condition = table(ReportSchedule).c, table(AgreementReport).c, table(AgreementCondition).c


def _listing(rows: Table, name: str, columns: tuple[str, ...], usual_sort: str) -> Listing:
    """Rows below agreements, with the reference of theirs."""
    return Listing(
        name=name,
        statement=select(
            rows.c.id,
            _agreement.reference.label("agreement"),
            *(rows.c[column] for column in (*columns, "note", "version", "archived_at")),
        ).join_from(rows, table(Agreement), _agreement.id == rows.c.agreement_id),
        key=rows.c.id,
        sorts={usual_sort: sort(rows.c[usual_sort]), "id": sort(rows.c.id)},
        filters={"archived": unless_archived(rows.c.archived_at)},
        usual_sort=usual_sort,
    )


SCHEDULES = _listing(
    table(ReportSchedule),
    "schedules of reports",
    ("kind", "first_due", "every_months", "final_months"),
    "kind",
)
REPORTS = _listing(
    table(AgreementReport),
    "reports",
    ("kind", "due_on", "submitted_on", "document_url", "submitted_by"),
    "due_on",
)
CONDITIONS = _listing(table(AgreementCondition), "conditions", ("code", "text", "due_on", "met_on"), "code")


REPURPOSINGS = _listing(
    table(AgreementRepurposing),
    "changes of how money is tied",
    (
        "decided_on", "reason", "consent", "consented_on", "document_url", "preset", "modality", "aid_type",
        "earmarked_for", "earmarked_for_refs", "in_force_from",
    ),
    "decided_on",
)  # fmt: skip


def below(listing: Listing, agreement_id: int) -> ColumnElement[bool]:
    """Narrows a list to the rows of an agreement."""
    narrowed: ColumnElement[bool] = listing.key.table.c.agreement_id == agreement_id
    return narrowed


def find_schedule(session: Session, agreement_id: int, kind: ReportKind) -> ReportSchedule | None:
    found = select(ReportSchedule).where(_schedule.agreement_id == agreement_id, _schedule.kind == kind)
    return session.scalars(found).one_or_none()


def find_report(session: Session, agreement_id: int, kind: ReportKind, due_on: dt.date) -> AgreementReport | None:
    own = (_report.agreement_id == agreement_id, _report.kind == kind, _report.due_on == due_on)
    return session.scalars(select(AgreementReport).where(*own)).one_or_none()


def find_repurposing(session: Session, agreement_id: int, decided_on: dt.date) -> AgreementRepurposing | None:
    row = table(AgreementRepurposing).c
    own = (row.agreement_id == agreement_id, row.decided_on == decided_on)
    return session.scalars(select(AgreementRepurposing).where(*own)).one_or_none()


def find_condition(session: Session, agreement_id: int, code: str) -> AgreementCondition | None:
    own = (_condition.agreement_id == agreement_id, _condition.code == code)
    return session.scalars(select(AgreementCondition).where(*own)).one_or_none()
