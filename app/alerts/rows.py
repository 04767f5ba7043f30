"""The rows that alerts are told from, each with the columns of its statement."""

import datetime as dt
from dataclasses import dataclass

from app.domain.terms import RecommendationResponse, RecommendationStatus


@dataclass(frozen=True, slots=True)
class RecordedRung:
    """A rung of which an alert is on record."""

    id: int
    subject_id: int
    rung: str
    rung_on: dt.date
    due_on: dt.date


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many alerts of an officer, or of nobody, are to be told."""

    officer_id: int | None
    alerts: int


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """An officer with the head of the unit."""

    id: int
    code: str
    name: str
    email: str
    archived_at: dt.datetime | None
    unit_id: int
    head: str | None
    head_email: str | None
    #: has an account, and none that is not disabled
    shut_out: bool

    @property
    def is_there(self) -> bool:
        """Whether mails may go to the officer."""
        return self.archived_at is None and not self.shut_out


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with its head."""

    id: int
    code: str
    name: str
    head: str | None
    head_email: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Alerted:
    """An alert as it was recorded, and the project it is about as that is now."""

    id: int
    #: obligation | recommendation | response | plan | duty | delivery | risk
    subject_kind: str
    subject_id: int
    rung: str
    rung_on: dt.date
    due_on: dt.date
    as_of: dt.date
    message: str
    project: str | None
    project_title: str | None
    #: to whom alerts of the project go now
    officer_id: int | None
    unit_id: int | None
    acknowledged: bool
    #: last day of the silence that was asked for last
    snoozed_until: dt.date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recommended:
    """A recommendation, with a project that was evaluated and its officer.

    Of an audit the officer is the owner, where an officer has that code or name; beside it stands the unit.
    """

    id: int
    reference: str
    text: str
    status: RecommendationStatus
    response: RecommendationResponse | None
    response_due_on: dt.date | None
    plan_on: dt.date | None
    plan_due_on: dt.date | None
    #: of the action
    due_on: dt.date | None
    owner: str | None
    officer_id: int | None
    project_id: int | None
    unit_id: int | None
