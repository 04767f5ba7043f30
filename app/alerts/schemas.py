"""What goes in and comes out about alerts."""

import datetime as dt
from typing import Literal

from pydantic import Field

from app.http.fields import Output
from app.http.lists import Page
from app.inputs import Day, Input, Line


class SnoozeIn(Input):
    """Silence about an alert until a day."""

    until: Day
    reason: Line | None = None


class AcknowledgeIn(Input):
    """That somebody has seen an alert and acts on it."""

    reason: Line | None = None


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


class AlertPage(Page):
    project: list[str] = Field(default=[], max_length=100)
    officer: list[str] = Field(default=[], max_length=100)
    subject_kind: list[Literal["obligation", "recommendation", "response", "plan", "duty", "delivery", "risk"]] = Field(
        default=[], max_length=100
    )
    as_of_from: Day | None = None
    as_of_to: Day | None = None
    obligation: int | None = Field(default=None, ge=1, le=2**63 - 1, description="key of an obligation")
    told: bool | None = Field(default=None, description="those that a message told only, or the others")
