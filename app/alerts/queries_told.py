"""Statements about which message tells which alert."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select
from sqlmodel import Session

from app.alerts.queries import alerted, alerts_with_projects
from app.alerts.rows import Alerted
from app.db.alerts import Alert, Message, MessageAlert
from app.db.among import among
from app.db.base import table
from app.db.bulk import change_rows, insert_missing
from app.domain.terms import DeliveryState

_told, _message, _alert = table(MessageAlert).c, table(Message).c, table(Alert).c


#: why a message leaves out an alert that still asks for something; every other reason says that it asks for nothing
ACKNOWLEDGED, NEWER, BEGUN = "acknowledged", "a newer step is told", "work has begun"
UNWANTED, SILENT, ELSEWHERE = "no digests are wanted", "silent until", "goes to"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An alert that a message is to tell, and why."""

    #: key of the link
    id: int
    alert: Alerted
    #: digest | escalation | reminder-EVENT; with -LINK behind it what was withdrawn and asks again, or went from one
    #: person to another
    purpose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawn(Told):
    """An alert that no message told, since it asked for nothing when it was to go."""

    channel: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Alerts, each with its purpose, that a message tells."""

    message_pk: int
    channel: str
    recipient: str
    told: Sequence[tuple[Alerted, str]]


def told_by(session: Session, ids: Sequence[int]) -> dict[int, list[Told]]:
    """Message → the alerts that it, or a message that was merged into it, is to tell; by due date."""
    teller = func.coalesce(_message.merged_into_id, _message.id)
    found: dict[int, list[Told]] = defaultdict(list)
    statement = (
        alerts_with_projects()
        .add_columns(teller.label("teller"), _told.id.label("link_id"), _told.purpose)
        .join(table(MessageAlert), _told.alert_id == _alert.id)
        .join(table(Message), _message.id == _told.message_pk)
        .where(among(_message.id, ids) | among(_message.merged_into_id, ids))
        .order_by(_alert.due_on, _alert.id, _told.id)
    )
    for row in session.execute(statement):
        found[row.teller].append(Told(id=row.link_id, alert=alerted(row), purpose=row.purpose))
    return found


def withdrawn(session: Session, due_from: dt.date) -> list[Withdrawn]:
    """The newest step of each duty, due on that day or later, where it was left out as asking for nothing.

    Leaves out what was told on the same channel since, and what a message that has not gone yet may still tell.
    """
    teller, later = table(Message).alias("teller").c, table(MessageAlert).alias("later").c
    newer = table(Alert).alias("newer").c
    told_since = select(literal(1)).where(
        later.alert_id == _told.alert_id, later.channel == _told.channel, later.id > _told.id
    )
    step_since = select(literal(1)).where(
        newer.subject_kind == _alert.subject_kind,
        newer.subject_id == _alert.subject_id,
        newer.due_on == _alert.due_on,
        newer.told_by_id.is_(None),
        newer.rung_on > _alert.rung_on,
    )
    statement = (
        alerts_with_projects()
        .add_columns(_told.id.label("link_id"), _told.purpose, _told.channel)
        .join(table(MessageAlert), _told.alert_id == _alert.id)
        .join(table(Message), _message.id == _told.message_pk)
        .join(teller.id.table, teller.id == func.coalesce(_message.merged_into_id, _message.id))
        .where(
            _alert.due_on >= due_from,
            teller.state.in_([DeliveryState.SENT, DeliveryState.WITHDRAWN]),
            _told.left_out.not_in(["", ACKNOWLEDGED, NEWER, BEGUN, UNWANTED]),
            ~_told.left_out.startswith(SILENT),
            ~_told.left_out.startswith(ELSEWHERE),
            ~told_since.exists(),
            ~step_since.exists(),
        )
        .order_by(_alert.due_on, _alert.id, _told.id)
    )
    return [
        Withdrawn(id=row.link_id, alert=alerted(row), purpose=row.purpose, channel=row.channel)
        for row in session.execute(statement)
    ]


def still_told(session: Session, alert_ids: Collection[int]) -> dict[tuple[int, str], set[str]]:
    """(alert, address) → purposes for which a mail tells it there, or will when it goes.

    One that was left out of a mail that is settled is told there no more.
    """
    teller = table(Message).alias("teller").c
    statement = (
        select(_told.alert_id, _told.recipient, _told.purpose)
        .join(table(Message), _message.id == _told.message_pk)
        .join(teller.id.table, teller.id == func.coalesce(_message.merged_into_id, _message.id))
        .where(
            among(_told.alert_id, alert_ids),
            _told.channel == "mail",
            teller.state.in_([DeliveryState.WAITING, DeliveryState.SENDING]) | (_told.left_out == ""),
            teller.state.not_in([DeliveryState.WITHDRAWN, DeliveryState.FAILED]),
        )
    )
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in session.execute(statement):
        found[row.alert_id, row.recipient].add(row.purpose)
    return found


def link(session: Session, links: Sequence[Link]) -> set[int]:
    """Notes which message tells which alerts; gives the messages that tell anything that was not told there before."""
    rows = [
        {
            "message_pk": one.message_pk,
            "alert_id": alert.id,
            "channel": one.channel,
            "recipient": one.recipient,
            "purpose": purpose,
            "left_out": "",
        }
        for one in links
        for alert, purpose in one.told
    ]
    return {row.message_pk for row in insert_missing(session, MessageAlert, rows, _told.message_pk)}


def leave_out(session: Session, reasons: Mapping[int, str]) -> None:
    """Notes why links are not told; an empty reason: they are."""
    change_rows(session, MessageAlert, [{"row_id": key, "left_out": reason} for key, reason in reasons.items()])
