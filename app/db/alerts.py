"""Alerts recorded once, the outbox that delivers them, runs of jobs and the leases that guard them."""

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.db.base import Recorded, Row, column, foreign, json_column, utc_now
from app.db.types import Code, Key, UTCDateTime, choice, json_object, one_of
from app.domain.terms import DeliveryState


class JobRun(Row, table=True):
    """One run of a job: when, for which day, and what came of it."""

    __tablename__ = "job_runs"
    __table_args__ = (
        one_of("outcome", "running", "done", "failed"),
        Index("ix_job_runs_job_started", "job", "started_at"),
    )

    job: str = column(Code)
    as_of: dt.date
    started_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    finished_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    outcome: str = column(Code, default="running")
    worker: str = column(default="")
    summary: dict[str, object] = json_column(json_object(), dict)
    error: str | None = column(default=None)


class Lease(Row, table=True):
    """Who may do a piece of work that must be done by one worker at a time, and until when."""

    __tablename__ = "leases"

    name: str = column(Code, unique=True)
    holder: str = column()
    #: rises with every change of holder; work of an outdated holder is refused
    fence: int = Field(default=1)
    expires_at: dt.datetime = Field(sa_type=UTCDateTime)


class Alert(Recorded, table=True):
    """A rung of an alert ladder that was reached: once for (subject, rung, due date), never changed or deleted."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "rung", "due_on"),
        one_of(
            "subject_kind",
            "obligation",
            "recommendation",
            "response",
            "instalment",
            "agreement",
            "duty",
            "delivery",
            "plan",
            "risk",
        ),
    )

    subject_kind: str = column(Code)
    subject_id: int = Field(index=True)
    project_id: int | None = foreign("projects.id", optional=True)
    officer_id: int | None = foreign("officers.id", optional=True)
    #: of what belongs to no project: the unit whose head is told where there is no officer
    unit_id: int | None = column(Key, default=None)
    #: name of the rung, such as "final-8"
    rung: str = column(Code)
    #: day on which the rung was reached
    rung_on: dt.date
    #: due date that the rung counts from
    due_on: dt.date
    as_of: dt.date
    #: a newer rung was reached at the same time and is told instead
    told_by_id: int | None = foreign("alerts.id", optional=True)
    message: str = column()
    run_id: int | None = foreign("job_runs.id", optional=True)


class AlertEvent(Recorded, table=True):
    """What people did about an alert: acknowledged, snoozed, escalated."""

    __tablename__ = "alert_events"
    __table_args__ = (
        one_of("kind", "acknowledged", "snoozed", "escalated", "suppressed"),
        CheckConstraint("kind <> 'snoozed' OR until IS NOT NULL", name="snooze_has_end"),
        Index(
            "uq_alert_events_escalated",
            "alert_id",
            unique=True,
            sqlite_where=text("kind = 'escalated'"),
            postgresql_where=text("kind = 'escalated'"),
        ),
    )

    alert_id: int = foreign("alerts.id")
    kind: str = column(Code)
    until: dt.date | None = Field(default=None)
    reason: str = column(default="")


class Message(Row, table=True):
    """A message in the outbox. ``message_id`` is stable: whatever is sent twice carries it twice.

    What waits is composed anew in the moment it is sent. From then on its content stands, until it is known that it was
    not delivered: a message that may have arrived goes out again as it was.
    """

    __tablename__ = "messages"
    __table_args__ = (
        one_of("channel", "mail", "webhook"),
        UniqueConstraint("message_id"),
        Index("ix_messages_state_next", "state", "next_attempt_at"),
    )

    message_id: str = column(Code)
    channel: str = column(Code)
    #: address; empty: nobody is known yet who could be told, and it waits for somebody
    recipient: str = column()
    subject: str = column(default="")
    #: what the templates are filled with
    payload: dict[str, object] | None = Field(default=None, sa_type=JSON)
    thread: str | None = column(Code, default=None)
    #: moment in which it was composed to be sent, while it may have arrived; None: it is composed when it is sent
    composed_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    #: the message that tells this one's alerts, of one that was merged
    merged_into_id: int | None = foreign("messages.id", optional=True)
    state: DeliveryState = column(choice(DeliveryState), default=DeliveryState.WAITING)
    attempts: int = Field(default=0)
    next_attempt_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    claimed_by: str | None = column(default=None)
    claimed_until: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    sent_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    error: str | None = column(default=None)
    created_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    #: id of the request, or of the run of a job, that put it here; None: a command, or an older program
    cause: str | None = column(Code, default=None)


class MessageAlert(Row, table=True):
    """An alert told by a message: once for each recipient and channel."""

    __tablename__ = "message_alerts"
    __table_args__ = (UniqueConstraint("alert_id", "channel", "recipient", "purpose"),)

    message_pk: int = foreign("messages.id")
    alert_id: int = foreign("alerts.id")
    channel: str = column(Code)
    recipient: str = column(Code)
    #: digest | escalation | reminder-EVENT
    purpose: str = column(Code, default="digest")
    #: why the message does not tell it after all; empty: it does
    left_out: str = column(default="")


class Subscription(Recorded, table=True):
    """Whether an address takes digests; the newest row counts."""

    __tablename__ = "subscriptions"

    email: str = column(Code, index=True)
    digests: bool
    reason: str = column(default="")


class CalendarFeed(Recorded, table=True):
    """A secret address under which the due dates of an officer or unit can be read; the token is kept hashed."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (CheckConstraint("(officer_id IS NULL) <> (unit_id IS NULL)", name="one_owner"),)

    token_hash: str = column(Code, unique=True)
    officer_id: int | None = foreign("officers.id", optional=True)
    unit_id: int | None = foreign("units.id", optional=True)
    revoked_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)


class CalendarEvent(Row, table=True):
    """An event as calendars showed it last, so that its number rises with every change, whatever changed it."""

    __tablename__ = "calendar_events"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        Index(
            "uq_calendar_events_institution",
            "name",
            unique=True,
            sqlite_where=text("project_id IS NULL"),
            postgresql_where=text("project_id IS NULL"),
        ),
        Index("uq_calendar_events_uid", "uid", unique=True),
    )

    #: None: the institution owes it
    project_id: int | None = foreign("projects.id", optional=True)
    #: of the institution: the unit whose calendar shows it
    unit_id: int | None = foreign("units.id", optional=True)
    #: what falls due: the kind and, for annual reviews, their number; of the institution the key of its duty
    name: str = column(Code)
    #: what calendar programs know it by, whatever becomes of codes and addresses; without a host as long as it has not
    #: gone out since there is this column
    uid: str | None = column(Code, default=None)
    #: how often it has changed since it was shown first
    sequence: int = Field(default=0)
    day: dt.date
    cancelled: bool
    summary: str = column()
    description: str = column()
    changed_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)


class CalendarShown(Row, table=True):
    """That a feed has shown an event: what leaves it, or is worded otherwise, is told its readers."""

    __tablename__ = "calendar_shown"
    __table_args__ = (UniqueConstraint("feed_id", "event_id"),)

    feed_id: int = foreign("calendar_feeds.id")
    event_id: int = foreign("calendar_events.id")
    #: the language, and the edition of its catalogue, in which it went out last
    wording: str = column(Code)
    #: when it left this feed, though it may hold: what moved to another officer or unit; None: it is there
    gone_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
