"""What goes in and comes out about obligations and feeds."""

import datetime as dt
from typing import Literal

from pydantic import Field

from app.domain.evaluation.terms import Kind, Obliged
from app.evaluations.obligations.rows import InstitutionRow, OwedRow
from app.evaluations.obligations.views import View
from app.http.fields import Output
from app.http.lists import Page, Shown
from app.inputs import CodeText, Day, Input, Line, Text


class WaiverIn(Input):
    """An approved decision that an evaluation need not be done."""

    reason: Text = Field(examples=["Covered by the evaluation of the programme."])
    approver: Line = Field(examples=["Head of evaluation"])
    decided_on: Day | None = Field(default=None, description="empty: today")


class RescheduleIn(WaiverIn):
    """An approved decision to move an evaluation's due date."""

    due_on: Day = Field(examples=["2027-03-31"])


class FeedIn(Input):
    """Whose due dates a calendar feed shows: an officer's or a unit's."""

    officer: CodeText | None = Field(default=None, description="Code of the officer", examples=["aex"])
    unit: CodeText | None = Field(default=None, description="Code of the unit")


class FeedOut(Output):
    id: int
    url: str = Field(description="secret address of the calendar; it is shown once")


class FeedShownOut(Output):
    """A calendar feed without its secret."""

    id: int
    officer: str | None = Field(description="code of the officer whose due dates it shows")
    unit: str | None = Field(description="code of the unit whose due dates it shows")
    recorded_by: str = Field(description="the user who made it")
    recorded_at: dt.datetime
    revoked_at: dt.datetime | None = Field(description="when it was closed")


class FeedPage(Page):
    """Filters of calendar feeds."""

    recorded_by: Line | None = None
    revoked: bool = Field(default=False, description="also those that were closed")


class DecisionOut(Output):
    kind: str
    reason: str
    approver: str
    decided_on: dt.date
    due_on: dt.date | None = Field(description="the new due date of a reschedule")
    taken_back_on: dt.date | None = Field(description="day from which a waiver no longer holds")
    taken_back_reason: str | None = Field(description="why it was taken back")


class ObligationOut(Output):
    id: int
    project: str | None = Field(description="code; none: the institution owes it")
    subject: str | None = Field(description="whom a duty of the institution obliges, such as unit ROAF")
    title: str | None = Field(description="what a duty of the institution asks")
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


class ObligationPage(Page):
    project: list[str] = Field(default=[], max_length=100)
    unit: list[str] = Field(default=[], max_length=100)
    officer: list[str] = Field(default=[], max_length=100)
    kind: list[Kind] = Field(default=[], max_length=100)
    obliged: list[Obliged] = Field(default=[], max_length=100, description="whom duties of the institution oblige")
    status: list[Literal["open", "cannot-tell", "superseded", "lapsed"]] = Field(default=[], max_length=100)
    due_from: Day | None = None
    due_to: Day | None = None


def obligation_fields(view: View[OwedRow] | View[InstitutionRow]) -> Shown:
    """An obligation on a day as :class:`ObligationOut` describes it, without its decisions."""
    row, obligation = view.row, view.obligation
    return {
        "id": row.id,
        "project": None if isinstance(row, InstitutionRow) else row.project,
        "subject": row.project if isinstance(row, InstitutionRow) else None,
        "title": row.project_title if isinstance(row, InstitutionRow) else None,
        "kind": row.kind,
        "number": row.number,
        "independence": view.independence,
        "state": view.state,
        "window_opens": obligation.opens if obligation else row.opens_on,
        "due": obligation.due if obligation else row.due_on,
        "late": obligation.late if obligation else row.late_on,
        "reason": view.reason,
        "rules": list(row.rules),
        "missing": row.missing,
        "officer": row.officer,
        "unit": row.unit,
        "evaluation": view.reference,
        "status_reason": row.status_reason,
        "successor": row.successor_id,
    }
