"""From alerts to messages in the outbox: one digest an officer, one for the head of a unit, a webhook for each alert.

A message and the rows that say which alerts it tells are written together; a unique key over (alert, channel,
recipient, purpose) keeps any alert from being told twice, whatever happens between two runs.
"""

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from sqlmodel import Session

from app.alerts import queries
from app.config import Settings
from app.db import bulk
from app.db.alerts import Message, MessageAlert
from app.db.base import table, utc_now
from app.work import Work

DIGEST, ESCALATION = "digest", "escalation"
#: younger alerts are looked at again: keys come in order, the transactions that record them do not
SEEN_TO_AFTER = dt.timedelta(days=1)
#: reader of a digest can act on so many lines; the rest is counted
MOST_LINES = 200


@dataclass(kw_only=True, slots=True)
class Told:
    """What telling came to."""

    messages: int = 0
    #: alerts that have nobody to be told
    nobody: int = 0
    #: alerts up to this key have been seen to
    handled: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """Where a message goes."""

    address: str
    name: str
    #: conversation that mail programs file it under
    thread: str


def tell(work: Work) -> Told:
    """Puts messages into the outbox for every alert that is recorded and not yet told."""
    told = Told()
    with work.database.read() as session:
        last = queries.last_done(session, "evaluation-alerts")
        after = int(last.summary.get("handled", 0)) if last is not None else 0
        told.handled = queries.newest_alert_id(session, utc_now() - SEEN_TO_AFTER)
        recipients = queries.untold_recipients(session, after)
    for officer_id in recipients:
        with work.database.write(work.worker) as session:
            work.held.guard(session)
            bulk.take_turns(session, "messages")
            rows = queries.untold(session, officer_id, after)
            _tell_officer(session, work, officer_id, rows, DIGEST, told)
    with work.database.write(work.worker) as session:
        snoozed: dict[int | None, list[Any]] = defaultdict(list)
        for row in queries.snoozes_over(session, work.as_of):
            snoozed[row.officer_id].append(row)
        for officer_id, rows in snoozed.items():
            for row in rows:
                _tell_officer(session, work, officer_id, [row], f"reminder-{row.event_id}", told)
    return told


def _tell_officer(
    session: Session, work: Work, officer_id: int | None, rows: Sequence[Any], purpose: str, told: Told
) -> None:
    if work.settings.webhook_url and purpose == DIGEST:
        for row in rows:
            told.messages += _enqueue_webhook(session, work.settings, row, work.as_of)
    recipient = _recipient(session, officer_id, rows)
    if recipient is None:
        told.nobody += len(rows)
        return
    if queries.unsubscribed(session, [recipient.address]):
        return
    subject = _subject(len(rows), work.as_of, reminder=purpose != DIGEST)
    told.messages += enqueue_mail(session, work.settings, recipient, rows, purpose, subject, work.as_of)


def _recipient(session: Session, officer_id: int | None, rows: Sequence[Any]) -> Recipient | None:
    """The officer; where a project has none, or the officer has left, the head of the unit."""
    if officer_id is not None:
        officer = queries.officers(session, [officer_id])[officer_id]
        if officer.archived_at is None:
            return Recipient(address=officer.email, name=officer.name, thread=f"officer-{officer_id}")
        if officer.head_email:
            return _head(officer.unit_id, officer)
    units = queries.units(session, {row.unit_id for row in rows if row.unit_id is not None})
    for unit_id in sorted(units):
        if units[unit_id].head_email:
            return _head(unit_id, units[unit_id])
    return None


def _head(unit_id: int, row: Any) -> Recipient:
    return Recipient(address=row.head_email, name=row.head or row.head_email, thread=f"unit-{unit_id}")


def tell_heads(session: Session, work: Work, rows: Sequence[Any]) -> int:
    """One message to each head about the alerts of the unit after which nothing happened."""
    units = queries.units(session, {row.unit_id for row in rows if row.unit_id is not None})
    by_unit: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        if row.unit_id in units and units[row.unit_id].head_email:
            by_unit[row.unit_id].append(row)
    sent = 0
    for unit_id, late in sorted(by_unit.items()):
        count = len(late)
        subject = f"Evaluations: nothing has happened about {count} alert{'' if count == 1 else 's'} of your unit"
        recipient = _head(unit_id, units[unit_id])
        sent += enqueue_mail(session, work.settings, recipient, late, ESCALATION, subject, work.as_of)
    return sent


def _subject(count: int, as_of: dt.date, *, reminder: bool) -> str:
    if reminder:
        return f"Evaluations: you asked to be reminded ({as_of})"
    return f"Evaluations: {count} step{'' if count == 1 else 's'} to take ({as_of})"


def enqueue_mail(
    session: Session,
    settings: Settings,
    recipient: Recipient,
    rows: Sequence[Any],
    purpose: str,
    subject: str,
    as_of: dt.date,
) -> int:
    """Puts a mail about these alerts into the outbox; leaves out those that this recipient was told of."""
    message = _message(session, settings, "mail", recipient.address, subject)
    message.thread = recipient.thread
    new = _link(session, message, rows, purpose)
    if not new:
        session.delete(message)
        session.flush()
        return 0
    message.payload = {
        "purpose": purpose,
        "name": recipient.name,
        "as_of": as_of.isoformat(),
        "lines": [
            {"alert": row.id, "project": row.project, "title": row.project_title, "due": row.due_on.isoformat(),
             "rung": row.rung, "text": row.message}
            for row in new[:MOST_LINES]
        ],
        "more": max(0, len(new) - MOST_LINES),
    }  # fmt: skip
    return 1


def _enqueue_webhook(session: Session, settings: Settings, row: Any, as_of: dt.date) -> int:
    message = _message(session, settings, "webhook", settings.webhook_url, f"alert {row.id}")
    if not _link(session, message, [row], DIGEST):
        session.delete(message)
        session.flush()
        return 0
    message.payload = {
        "event": "alert.recorded",
        "as_of": as_of.isoformat(),
        "alert": row.id,
        "subject": {"kind": row.subject_kind, "id": row.subject_id},
        "project": row.project,
        "rung": row.rung,
        "rung_date": row.rung_on.isoformat(),
        "due": row.due_on.isoformat(),
        "message": row.message,
    }
    return 1


def _message(session: Session, settings: Settings, channel: str, recipient: str, subject: str) -> Message:
    """A message with an id of its own, which it keeps however often it is sent."""
    host = parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost"
    message = Message(
        message_id=f"<{secrets.token_hex(16)}@{host}>", channel=channel, recipient=recipient, subject=subject
    )
    session.add(message)
    session.flush()
    return message


def _link(session: Session, message: Message, rows: Sequence[Any], purpose: str) -> list[Any]:
    """Notes that the message tells these alerts; gives those that were not told there before."""
    links = [
        {
            "message_pk": message.id,
            "alert_id": row.id,
            "channel": message.channel,
            "recipient": message.recipient,
            "purpose": purpose,
        }
        for row in rows
    ]
    column = table(MessageAlert).c.alert_id
    new = {row.alert_id for row in bulk.insert_missing(session, MessageAlert, links, column)}
    return [row for row in rows if row.id in new]
