"""What goes in and comes out about evaluations, obligations, recommendations, policies and alerts."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.domain.evaluation.terms import Independence, Kind
from app.domain.terms import EvaluationStatus, RecommendationResponse, RecommendationStatus
from app.http.fields import Key, Output
from app.http.lists import KeptPage, Page
from app.inputs import CodeText, Currency, Day, Input, Line, ListCode, PositiveAmount, Reference, Text, partial

Criterion = Literal["relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability"]
WebAddress = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^https?://[^\s]+$")]
_KINDS = ", ".join(kind.value for kind in Kind)
_STATUSES = ", ".join(status.value for status in EvaluationStatus)


class RatingIn(Input):
    """A rating by one of the DAC criteria, from 1 (highly unsatisfactory) to 6 (highly satisfactory)."""

    criterion: Criterion = Field(examples=["relevance"])
    rating: int = Field(ge=1, le=6, examples=[5])
    comment: Text | None = None


class EvaluationIn(Input):
    """An evaluation of one project or of a cluster. Table: ``evaluations``, matched by its reference."""

    reference: Reference = Field(description="The evaluation's reference", examples=["EV-2027-001"])
    kind: Kind = Field(description=f"One of {_KINDS}", examples=["final"])
    independence: Independence = Field(
        description="Who evaluates: self, internal, independent or external", examples=["independent"]
    )
    projects: list[CodeText] = Field(
        max_length=500,
        description="Codes of the projects it covers; several make a cluster evaluation",
        examples=[["GLO/21/01/PAG"]],
    )
    status: EvaluationStatus = Field(description=f"One of {_STATUSES}", examples=["planned"])
    planned_start: Day | None = Field(default=None, description="Planned first day", examples=["2026-10-01"])
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
    evaluators: list[Line] | None = Field(default=None, max_length=50, description="Names of the evaluators")
    ratings: list[RatingIn] | None = Field(
        default=None, max_length=6, description="Ratings by the DAC criteria, 1 to 6, such as relevance:5|impact:4"
    )
    response_url: WebAddress | None = Field(default=None, description="Address of the management response")
    scope: Literal["project", "country", "institution"] | None = Field(
        default=None, description="What is evaluated: project (usual), country or institution"
    )
    country: ListCode | None = Field(default=None, description="Country of a country evaluation", examples=["KE"])
    published: bool | None = Field(default=None, description="Whether report and response are published")


EvaluationPatch = partial(EvaluationIn)


class RecommendationIn(Input):
    """A recommendation of an evaluation with its follow-up. Table: ``recommendations``, matched by its reference."""

    reference: Reference = Field(description="The recommendation's reference", examples=["EV-2027-001-R1"])
    evaluation: Reference = Field(description="Reference of the evaluation", examples=["EV-2027-001"])
    text: Text = Field(description="What is recommended", examples=["Agree a plan for handing the tools over."])
    response: RecommendationResponse | None = Field(
        default=None, description="Management response: accepted, partly or rejected", examples=["accepted"]
    )
    response_on: Day | None = Field(default=None, description="Day of the response")
    owner: Line | None = Field(default=None, description="Who acts on it", examples=["Programme manager"])
    due_on: Day | None = Field(default=None, description="Day until which it is to be done", examples=["2027-06-30"])
    status: RecommendationStatus | None = Field(
        default=None, description="open, in-progress, done, verified or dropped", examples=["open"]
    )
    note: Text | None = Field(default=None, description="Internal note, never published")
    response_text: Text | None = Field(default=None, description="The response in words")
    verified_by: Line | None = Field(default=None, description="Who verified that it was done")
    verified_on: Day | None = Field(default=None, description="Day of the verification")


RecommendationPatch = partial(RecommendationIn)


class ActionIn(Input):
    """What is done about a recommendation."""

    text: Text = Field(examples=["Draft the hand-over plan with the ministry."])
    owner: Line | None = None
    due_on: Day | None = None
    done_on: Day | None = None


ActionPatch = partial(ActionIn)


class WaiverIn(Input):
    """An approved decision that an evaluation need not be done."""

    reason: Text = Field(examples=["Covered by the evaluation of the programme."])
    approver: Line = Field(examples=["Head of evaluation"])
    decided_on: Day | None = Field(default=None, description="empty: today")


class RescheduleIn(WaiverIn):
    """An approved decision to move an evaluation's due date."""

    due_on: Day = Field(examples=["2027-03-31"])


class PolicyIn(Input):
    """An evaluation policy as the text of its file."""

    document: Annotated[str, StringConstraints(min_length=1, max_length=200_000)]
    activation_on: Day | None = Field(
        default=None, description="rungs reached before this day are recorded and nobody is told; empty: today"
    )


class SnoozeIn(Input):
    """Silence about an alert until a day."""

    until: Day
    reason: Line | None = None


class AcknowledgeIn(Input):
    """That somebody has seen an alert and acts on it."""

    reason: Line | None = None


class FeedIn(Input):
    """Whose due dates a calendar feed shows: an officer's or a unit's."""

    officer: CodeText | None = Field(default=None, description="Code of the officer", examples=["aex"])
    unit: CodeText | None = Field(default=None, description="Code of the unit")


class FeedOut(Output):
    id: int
    url: str = Field(description="secret address of the calendar; it is shown once")


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
    manager: str | None
    evaluators: list[str]
    budget: Decimal | None
    currency: str | None
    report_url: str | None
    response_url: str | None
    scope: str
    country: str | None
    published: bool
    ratings: list[RatingOut]
    note: str | None
    archived_at: dt.datetime | None


class DecisionOut(Output):
    kind: str
    reason: str
    approver: str
    decided_on: dt.date
    due_on: dt.date | None = Field(description="the new due date of a reschedule")


class ObligationOut(Output):
    id: int
    project: str
    kind: str | None
    number: int
    independence: str | None
    state: str = Field(description="the state today, which evaluations, waivers and the day make")
    window_opens: dt.date | None
    due: dt.date | None
    late: dt.date | None
    reason: str
    rules: list[str]
    missing: str | None = Field(description="what is not known, where it cannot be told")
    officer: str | None
    unit: str | None
    evaluation: str | None = Field(description="reference of the evaluation that tells the state")
    status_reason: str = Field(description="why it was superseded or lapsed")
    successor: int | None
    decisions: list[DecisionOut]


class RecommendationOut(Output):
    id: int
    version: int
    reference: str
    evaluation: str
    text: str
    state: str
    age_days: int | None = Field(description="days since the report was accepted")
    response: RecommendationResponse | None
    response_text: str | None
    response_on: dt.date | None
    response_due_on: dt.date | None
    owner: str | None
    due_on: dt.date | None
    status: RecommendationStatus
    verified_by: str | None
    verified_on: dt.date | None
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


class PolicyOut(Output):
    id: int
    code: str
    sequence: int
    title: str
    owner: str | None = Field(description="code of the partner whose clause it is; null: the organisation's own")
    valid_from: dt.date
    valid_to: dt.date | None
    activation_on: dt.date | None
    retired: bool
    document: str
    recorded_at: dt.datetime
    recorded_by: str


class AlertOut(Output):
    id: int
    subject_kind: str
    subject_id: int
    project: str | None
    officer: str | None
    rung: str
    rung_on: dt.date
    due_on: dt.date
    as_of: dt.date
    told: bool = Field(description="false when a newer rung reached at the same time was told instead")
    message: str
    acknowledged_on: dt.datetime | None
    snoozed_until: dt.date | None
    escalated_at: dt.datetime | None
    recorded_at: dt.datetime


class EvaluationPage(KeptPage):
    reference: list[str] = Field(default=[], max_length=100)
    kind: list[Kind] = Field(default=[], max_length=100)
    independence: list[Independence] = Field(default=[], max_length=100)
    status: list[EvaluationStatus] = Field(default=[], max_length=100)
    project: str | None = Field(default=None, max_length=200, description="code of a project it covers")
    planned_end_from: Day | None = None
    planned_end_to: Day | None = None
    q: str | None = Field(default=None, max_length=200, description="text in reference, title or manager")


class ObligationPage(Page):
    project: list[str] = Field(default=[], max_length=100)
    unit: list[str] = Field(default=[], max_length=100)
    officer: list[str] = Field(default=[], max_length=100)
    kind: list[Kind] = Field(default=[], max_length=100)
    status: list[Literal["open", "cannot-tell", "superseded", "lapsed"]] = Field(default=[], max_length=100)
    due_from: Day | None = None
    due_to: Day | None = None


class RecommendationPage(KeptPage):
    reference: list[str] = Field(default=[], max_length=100)
    evaluation: list[str] = Field(default=[], max_length=100)
    status: list[RecommendationStatus] = Field(default=[], max_length=100)
    owner: str | None = Field(default=None, max_length=200)
    due_from: Day | None = None
    due_to: Day | None = None


class ActionPage(KeptPage):
    recommendation_id: list[Key] = Field(default=[], max_length=100)
    owner: str | None = Field(default=None, max_length=200)


class PolicyPage(Page):
    code: list[str] = Field(default=[], max_length=100)
    retired: bool | None = None


class AlertPage(Page):
    project: list[str] = Field(default=[], max_length=100)
    officer: list[str] = Field(default=[], max_length=100)
    subject_kind: list[Literal["obligation", "recommendation", "response"]] = Field(default=[], max_length=100)
    as_of_from: Day | None = None
    as_of_to: Day | None = None
    obligation: int | None = Field(default=None, ge=1, le=2**63 - 1, description="key of an obligation")


def obligation_fields(view: Any) -> dict[str, Any]:
    """An obligation on a day as :class:`ObligationOut` describes it, without its decisions."""
    row, obligation = view.row, view.obligation
    return {
        "id": row.id,
        "project": row.project,
        "kind": row.kind,
        "number": row.number,
        "independence": row.independence,
        "state": view.state,
        "window_opens": obligation.opens if obligation else row.opens_on,
        "due": obligation.due if obligation else row.due_on,
        "late": obligation.late if obligation else row.late_on,
        "reason": row.reason,
        "rules": list(row.rules),
        "missing": row.missing,
        "officer": row.officer,
        "unit": row.unit,
        "evaluation": view.reference,
        "status_reason": row.status_reason,
        "successor": row.successor_id,
    }
