"""What goes in and comes out about schedules of reports, reports to donors, and conditions."""

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.duties import ReportKind
from app.funding.schemas import OfAgreement
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import AS_SEEN, Day, Input, Line, NewCode, Text

Months = Annotated[int, Field(ge=1, le=120)]
MonthsAfter = Annotated[int, Field(ge=0, le=120)]
#: where a document is to be read
Address = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s]+$"), AS_SEEN]

_KINDS = " or ".join(kind.value for kind in ReportKind)


class ReportScheduleOfAgreementIn(Input):
    """When reports of a kind are due to the donors."""

    kind: ReportKind = Field(description=f"Kind of report: {_KINDS}", examples=["substantive"])
    first_due: Day | None = Field(default=None, description="Day of the first report", examples=["2027-03-31"])
    every_months: Months | None = Field(
        default=None, description="Months from one report to the next; empty: the first one alone", examples=[12]
    )
    final_months: MonthsAfter | None = Field(
        default=None, description="Months after the end of the agreement for the final report", examples=[3]
    )
    note: Text | None = Field(default=None, description="Internal note, never published")


class ReportScheduleIn(ReportScheduleOfAgreementIn, OfAgreement):
    """When reports of a kind are due. Table: ``report-schedules``, one row for each agreement and kind."""


class AgreementReportOfAgreementIn(Input):
    """A report: due on a day of its own, or sent for a day of the schedule."""

    kind: ReportKind = Field(description=f"Kind of report: {_KINDS}", examples=["financial"])
    due_on: Day = Field(description="Day on which it is due", examples=["2027-03-31"])
    submitted_on: Day | None = Field(default=None, description="Day on which it was sent", examples=["2027-03-20"])
    document_url: Address | None = Field(
        default=None, description="Where it is to be read", examples=["https://example.org/report-2026.pdf"]
    )
    submitted_by: Line | None = Field(default=None, description="Who sent it; empty: who enters it")
    note: Text | None = Field(default=None, description="Internal note, never published")


class AgreementReportIn(AgreementReportOfAgreementIn, OfAgreement):
    """A report to the donors. Table: ``agreement-reports``."""


class ConditionOfAgreementIn(Input):
    """Something that the donor asks for, beside reports."""

    code: NewCode = Field(description="Its number or name in the agreement", examples=["4.2"])
    text: Line = Field(description="What is asked for", examples=["Host agreement with the government signed"])
    due_on: Day | None = Field(default=None, description="Day by which it is to be met", examples=["2026-12-31"])
    met_on: Day | None = Field(default=None, description="Day on which it was met")
    note: Text | None = Field(default=None, description="Internal note, never published")


class ConditionIn(ConditionOfAgreementIn, OfAgreement):
    """A condition of an agreement. Table: ``agreement-conditions``."""


class ReportScheduleOut(Output):
    id: int
    agreement: str
    kind: ReportKind
    first_due: dt.date | None
    every_months: int | None
    final_months: int | None
    note: str | None
    version: int
    archived_at: dt.datetime | None


class AgreementReportOut(Output):
    id: int
    agreement: str
    kind: ReportKind
    due_on: dt.date
    submitted_on: dt.date | None
    document_url: str | None
    submitted_by: str | None
    note: str | None
    version: int
    archived_at: dt.datetime | None


class ConditionOut(Output):
    id: int
    agreement: str
    code: str
    text: str
    due_on: dt.date | None
    met_on: dt.date | None
    note: str | None
    version: int
    archived_at: dt.datetime | None


class PartPage(KeptPage):
    """Lists of what hangs below an agreement."""
