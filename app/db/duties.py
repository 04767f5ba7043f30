"""What agreements ask of the organisation: schedules of reports, reports, conditions; and the identities of duties."""

import datetime as dt

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.db.base import Kept, Row, column, foreign
from app.db.types import Code, choice
from app.domain.duties import ReportKind


class ReportSchedule(Kept, table=True):
    """When reports of a kind are due to the donors of an agreement."""

    __tablename__ = "report_schedules"
    __table_args__ = (
        UniqueConstraint("agreement_id", "kind"),
        CheckConstraint("first_due IS NOT NULL OR final_months IS NOT NULL", name="says_when"),
        CheckConstraint("every_months IS NULL OR every_months > 0", name="months_above_zero"),
    )

    agreement_id: int = foreign("agreements.id")
    kind: ReportKind = column(choice(ReportKind))
    first_due: dt.date | None = Field(default=None)
    every_months: int | None = Field(default=None)
    #: months after the last day of the agreement
    final_months: int | None = Field(default=None)
    note: str | None = column(default=None)


class AgreementReport(Kept, table=True):
    """A report that is due on a day of its own, or one that was sent."""

    __tablename__ = "agreement_reports"
    __table_args__ = (UniqueConstraint("agreement_id", "kind", "due_on"),)

    agreement_id: int = foreign("agreements.id")
    kind: ReportKind = column(choice(ReportKind))
    due_on: dt.date
    submitted_on: dt.date | None = Field(default=None)
    document_url: str | None = column(default=None)
    submitted_by: str | None = column(default=None)
    note: str | None = column(default=None)


class AgreementCondition(Kept, table=True):
    """Something that the donor asks for, beside reports."""

    __tablename__ = "agreement_conditions"
    __table_args__ = (UniqueConstraint("agreement_id", "code"),)

    agreement_id: int = foreign("agreements.id")
    code: str = column(Code)
    text: str = column()
    due_on: dt.date | None = Field(default=None)
    met_on: dt.date | None = Field(default=None)
    note: str | None = column(default=None)


class AgreementDuty(Row, table=True):
    """The identity of a duty of an agreement, by which alerts name it; what it is follows from the facts."""

    __tablename__ = "agreement_duties"

    name: str = column(Code, unique=True)
    #: None: it is one of the partner
    agreement_id: int | None = foreign("agreements.id", optional=True)
    project_id: int | None = foreign("projects.id", optional=True)
