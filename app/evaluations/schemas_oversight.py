"""What goes in and comes out about reports of overseers that are no evaluations, and their scores."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import Field

from app.domain.terms import Overseer
from app.evaluations.schemas import WebAddress
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import Amount, CodeText, Day, Input, KeyLine, Line, Partial, Reference, Text

_OVERSEERS = ", ".join(each.value for each in Overseer if each is not Overseer.EVALUATION)
_Reporter = Literal["internal-audit", "external-audit", "donor-assessment", "other"]


class ScoreIn(Input):
    """A score as it was given: of an item, or, without one, of the whole aspect."""

    section: Reference = Field(description="Section of the report", examples=["4.2"])
    aspect: KeyLine = Field(description="What is assessed", examples=["Results and transparency"])
    item: KeyLine | None = Field(
        default=None, description="The item; empty: the total of the aspect, as it was given", examples=["Results told"]
    )
    score: Amount = Field(description="The score", examples=["3"])


class AssessmentScoreIn(ScoreIn):
    """A score of an assessment. Table: ``assessment-scores``, matched by report, section, aspect and item."""

    report: Reference = Field(description="Reference of the assessment", examples=["NLD-2021"])


class OversightReportIn(Input):
    """A report of internal or external audit, or an assessment by donors.

    Table: ``oversight-reports``, matched by its reference.
    """

    reference: Reference = Field(description="The report's reference", examples=["IA-2026-04"])
    overseer: _Reporter = Field(description=f"One of {_OVERSEERS}", examples=["internal-audit"])
    title: Line = Field(description="Title of the report", examples=["Audit of the office in Dakar"])
    issued_on: Day = Field(description="Day on which it was issued: deadlines count from it", examples=["2026-02-16"])
    body: Line | None = Field(default=None, description="Who made it, such as MOPAN", examples=["Office of audit"])
    series: Reference | None = Field(
        default=None, description="Name that assessments share which are compared over the years", examples=["MOPAN"]
    )
    unit: CodeText | None = Field(
        default=None, description="Code of the unit that was looked at; empty: the whole organisation"
    )
    partner: CodeText | None = Field(default=None, description="Code of the partner whose assessment it is")
    scale_min: Amount | None = Field(default=None, description="Lowest score there is", examples=["1"])
    scale_max: Amount | None = Field(default=None, description="Highest score there is", examples=["4"])
    report_url: WebAddress | None = Field(default=None, description="Address of the report")
    note: Text | None = Field(default=None, description="Internal note, never published")


class OversightReportBody(OversightReportIn):
    """The same with its scores."""

    scores: list[ScoreIn] | None = Field(default=None, max_length=1000, description="Scores, in their order")


OversightReportPatch = Partial[OversightReportBody]


class ScoreOut(Output):
    section: str
    aspect: str
    item: str | None
    score: Decimal


class AspectOut(Output):
    section: str
    aspect: str
    total: Decimal | None = Field(description="as it was given")
    items: int
    mean_of_items: Decimal | None
    differs: bool = Field(description="whether the total is a judgement: it is not the rounded mean of its items")


class OversightReportOut(Output):
    id: int
    version: int
    reference: str
    overseer: Overseer
    title: str
    issued_on: dt.date
    body: str | None
    series: str | None
    unit: str | None
    partner: str | None
    scale_min: Decimal | None
    scale_max: Decimal | None
    report_url: str | None
    note: str | None
    scores: list[ScoreOut]
    aspects: list[AspectOut]
    archived_at: dt.datetime | None


class OversightReportPage(KeptPage):
    reference: list[str] = Field(default=[], max_length=100)
    overseer: list[Overseer] = Field(default=[], max_length=100)
    series: list[str] = Field(default=[], max_length=100)
    unit: list[str] = Field(default=[], max_length=100)
    issued_on_from: Day | None = None
    issued_on_to: Day | None = None
    q: str | None = Field(default=None, max_length=200, description="text in reference, title or body")
