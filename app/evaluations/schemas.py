"""What goes in and comes out about evaluations, obligations, recommendations, policies and alerts."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.domain.evaluation.terms import Independence, Kind
from app.domain.terms import EvaluationStatus, Overseer, RecommendationResponse, RecommendationStatus
from app.http.fields import Key, Output, RemarkOut
from app.http.lists import KeptPage
from app.inputs import (
    AS_SEEN,
    OPENED,
    PLAIN_SCHEME,
    CodeText,
    Currency,
    Day,
    Input,
    KeyLine,
    Line,
    ListCode,
    Partial,
    PositiveAmount,
    Reference,
    StartDay,
    Text,
    published_at,
)

Criterion = Literal["relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability"]
WebAddress = Annotated[
    str,
    StringConstraints(max_length=2000, pattern=r"^https?://[^\s]+$"),
    PLAIN_SCHEME,
    AS_SEEN,
    published_at("iati-activity/document-link/@url"),
    OPENED,
]
_KINDS = ", ".join(kind.value for kind in Kind if kind is not Kind.MILESTONE)
_STATUSES = ", ".join(status.value for status in EvaluationStatus)


class RatingIn(Input):
    """A rating by one of the DAC criteria, from 1 (highly unsatisfactory) to 6 (highly satisfactory)."""

    criterion: Criterion = Field(examples=["relevance"])
    rating: int = Field(ge=1, le=6, examples=[5])
    comment: Text | None = None


class EvaluationIn(Input):
    """An evaluation of one project, of a cluster, or of what the institution does as a whole.

    Table: ``evaluations``, matched by its reference.
    """

    reference: Reference = Field(description="The evaluation's reference", examples=["EV-2027-001"])
    kind: Kind = Field(description=f"One of {_KINDS}", examples=["final"])
    independence: Independence = Field(
        description="Who evaluates: self, internal, independent or external", examples=["independent"]
    )
    projects: list[CodeText] | None = Field(
        default=None,
        max_length=500,
        description="Codes of the projects it covers; several make a cluster evaluation, and one of another scope than "
        "project may have none",
        examples=[["GLO/21/01/PAG"]],
    )
    status: EvaluationStatus = Field(description=f"One of {_STATUSES}", examples=["planned"])
    planned_start: StartDay | None = Field(default=None, description="Planned first day", examples=["2026-10-01"])
    planned_end: Day | None = Field(default=None, description="Planned day of the report", examples=["2027-01-31"])
    completed_on: Day | None = Field(default=None, description="Day on which the report was accepted")
    manager: Line | None = Field(default=None, description="Who manages the evaluation", examples=["Okello Mfanoyu"])
    budget: PositiveAmount | None = Field(
        default=None, description="Money set aside for the evaluation", examples=["42000"]
    )
    currency: Currency | None = Field(
        default=None, description="Currency of the budget; empty: the organisation's", examples=["USD"]
    )
    report_url: WebAddress | None = Field(default=None, description="Address of the report")
    note: Text | None = Field(default=None, description="Internal note, never published")
    title: Line | None = Field(default=None, description="Title of the report")
    started_on: Day | None = Field(default=None, description="Day on which work on it began")
    cancelled_on: Day | None = Field(default=None, description="Day on which it was given up, of a cancelled one")
    evaluators: list[Line] | None = Field(default=None, max_length=50, description="Names of the evaluators")
    ratings: list[RatingIn] | None = Field(
        default=None, max_length=6, description="Ratings by the DAC criteria, 1 to 6, such as relevance:5|impact:4"
    )
    response_url: WebAddress | None = Field(default=None, description="Address of the management response")
    scope: (
        Literal["project", "country", "institution", "unit", "theme", "country-programme", "fund", "flagship"] | None
    ) = Field(
        default=None,
        description="What is evaluated: project (usual), country, institution, unit, theme, country-programme, fund or "
        "flagship",
    )
    country: ListCode | None = Field(default=None, description="Country of a country evaluation", examples=["KE"])
    published: bool | None = Field(default=None, description="Whether report and response are published")
    subject: CodeText | None = Field(
        default=None, description="Code of the unit, country programme, fund or flagship, or name of the theme"
    )
    terms_url: WebAddress | None = Field(default=None, description="Address of the terms of reference")
    replaces: int | None = Field(
        default=None, ge=2, le=500, description="Of a cluster: how many evaluations of projects it takes the place of"
    )
    quality: int | None = Field(default=None, ge=1, le=6, description="Quality of the report, from 1 to 6")
    quality_by: Line | None = Field(default=None, description="Who rated its quality")
    joint_with: list[CodeText] | None = Field(
        default=None, max_length=50, description="Codes of partners that evaluate with the organisation"
    )
    evidence_on: list[Line] | None = Field(
        default=None, max_length=100, description="What it gives evidence on, such as sdg-8|standards|social dialogue"
    )
    participants: list[Line] | None = Field(
        default=None, max_length=50, description="Constituents that took part, such as government|employers|workers"
    )


EvaluationPatch = Partial[EvaluationIn]


class RecommendationIn(Input):
    """A recommendation of an evaluation, an audit or an assessment, with its follow-up.

    Table: ``recommendations``, matched by its reference. It names its evaluation or its report.
    """

    reference: Reference = Field(description="The recommendation's reference", examples=["EV-2027-001-R1"])
    evaluation: Reference | None = Field(
        default=None, description="Reference of the evaluation it comes from", examples=["EV-2027-001"]
    )
    text: Text = Field(description="What is recommended", examples=["Agree a plan for handing the tools over."])
    response: RecommendationResponse | None = Field(
        default=None, description="Management response: accepted, partly, rejected or deferred", examples=["accepted"]
    )
    response_on: Day | None = Field(default=None, description="Day of the response")
    owner: Line | None = Field(default=None, description="Who acts on it", examples=["Programme manager"])
    due_on: Day | None = Field(
        default=None,
        description="Day until which it is to be done; of an audit: six months after the report, unless given",
        examples=["2027-06-30"],
    )
    status: RecommendationStatus | None = Field(
        default=None, description="open, in-progress, done, verified, dropped or deferred", examples=["open"]
    )
    note: Text | None = Field(default=None, description="Internal note, never published")
    response_text: Text | None = Field(default=None, description="The response in words")
    verified_by: Line | None = Field(default=None, description="Who verified that it was done")
    verified_on: Day | None = Field(default=None, description="Day of the verification")
    report: Reference | None = Field(
        default=None, description="Instead of an evaluation: reference of the audit report or assessment it comes from"
    )
    plan_on: Day | None = Field(default=None, description="Day on which the plan of action was given")
    done_on: Day | None = Field(default=None, description="Day on which what was agreed was done")
    found_outstanding_on: Day | None = Field(
        default=None, description="Day on which a later look, such as a follow-up audit, found nothing done"
    )


RecommendationPatch = Partial[RecommendationIn]


class ActionIn(Input):
    """What is done about a recommendation."""

    text: Text = Field(examples=["Draft the hand-over plan with the ministry."])
    owner: Line | None = None
    due_on: Day | None = None
    done_on: Day | None = None


ActionPatch = Partial[ActionIn]


class RecommendationActionIn(Input):
    """What is done about a recommendation. Table: ``recommendation-actions``, matched by recommendation and text."""

    recommendation: Reference = Field(description="The recommendation's reference", examples=["EV-2027-001-R1"])
    text: KeyLine = Field(description="What is done", examples=["Draft the hand-over plan with the ministry."])
    owner: Line | None = Field(default=None, description="Who does it", examples=["Programme manager"])
    due_on: Day | None = Field(default=None, description="Day until which it is to be done", examples=["2027-03-31"])
    done_on: Day | None = Field(default=None, description="Day on which it was done")


class RatingOut(Output):
    criterion: str
    rating: int
    comment: str | None


class EvaluationOut(Output):
    id: int
    version: int
    reference: str
    kind: str
    independence: str
    projects: list[str]
    status: EvaluationStatus
    title: str | None
    planned_start: dt.date | None
    planned_end: dt.date | None
    started_on: dt.date | None
    completed_on: dt.date | None
    cancelled_on: dt.date | None
    manager: str | None
    evaluators: list[str]
    budget: Decimal | None
    currency: str | None
    report_url: str | None
    response_url: str | None
    scope: str
    country: str | None
    subject: str | None
    published: bool
    ratings: list[RatingOut]
    terms_url: str | None
    replaces: int | None
    quality: int | None
    quality_by: str | None
    joint_with: list[str] | None
    evidence_on: list[str] | None
    participants: list[str] | None
    note: str | None
    archived_at: dt.datetime | None


class EvaluationStoredOut(EvaluationOut):
    """An evaluation that was stored, with what somebody should look at all the same."""

    remarks: list[RemarkOut]


class RecommendationOut(Output):
    id: int
    version: int
    reference: str
    overseer: Overseer
    evaluation: str | None
    report: str | None
    text: str
    state: str
    age_days: int | None = Field(description="days since the report was accepted, or issued")
    response: RecommendationResponse | None
    response_text: str | None
    response_on: dt.date | None
    response_due_on: dt.date | None
    owner: str | None
    due_on: dt.date | None
    status: RecommendationStatus
    verified_by: str | None
    verified_on: dt.date | None
    plan_on: dt.date | None
    plan_due_on: dt.date | None
    done_on: dt.date | None
    found_outstanding_on: dt.date | None
    note: str | None
    archived_at: dt.datetime | None


class ActionOut(Output):
    id: int
    version: int
    recommendation_id: int
    text: str
    owner: str | None
    due_on: dt.date | None
    done_on: dt.date | None
    archived_at: dt.datetime | None


class EvaluationPage(KeptPage):
    reference: list[str] = Field(default=[], max_length=100)
    scope: list[str] = Field(default=[], max_length=100, description="project, country, institution, …")
    subject: list[str] = Field(default=[], max_length=100)
    kind: list[Kind] = Field(default=[], max_length=100)
    independence: list[Independence] = Field(default=[], max_length=100)
    status: list[EvaluationStatus] = Field(default=[], max_length=100)
    project: str | None = Field(default=None, max_length=200, description="code of a project it covers")
    planned_end_from: Day | None = None
    planned_end_to: Day | None = None
    q: str | None = Field(default=None, max_length=200, description="text in reference, title or manager")


class RecommendationPage(KeptPage):
    reference: list[str] = Field(default=[], max_length=100)
    overseer: list[Overseer] = Field(default=[], max_length=100)
    evaluation: list[str] = Field(default=[], max_length=100)
    report: list[str] = Field(default=[], max_length=100)
    status: list[RecommendationStatus] = Field(default=[], max_length=100)
    owner: str | None = Field(default=None, max_length=200)
    due_from: Day | None = None
    due_to: Day | None = None


class ActionPage(KeptPage):
    recommendation_id: list[Key] = Field(default=[], max_length=100)
    owner: str | None = Field(default=None, max_length=200)
