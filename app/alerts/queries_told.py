"""Statements about which message tells which alert."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session

from app.alerts.queries import Alerted, alerted, alerts_with_projects
from app.db.alerts import Alert, Message, MessageAlert
from app.db.base import table
from app.db.bulk import change_rows, insert_missing

_told, _message, _alert = table(MessageAlert).c, table(Message).c, table(Alert).c


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An alert that a message is to tell, and why."""

    #: key of the link
    id: int
    alert: Alerted
    #: digest | escalation | reminder-EVENT
    purpose: str


def told_by(session: Session, ids: Sequence[int]) -> dict[int, list[Told]]:
    """Message → the alerts that it, or a message that was merged into it, is to tell; by due date."""
    teller = func.coalesce(_message.merged_into_id, _message.id)
    found: dict[int, list[Told]] = defaultdict(list)
    statement = (
        alerts_with_projects()
        .add_columns(teller.label("teller"), _told.id.label("link_id"), _told.purpose)
        .join(table(MessageAlert), _told.alert_id == _alert.id)
        .join(table(Message), _message.id == _told.message_pk)
        .where(_message.id.in_(ids) | _message.merged_into_id.in_(ids))
        .order_by(_alert.due_on, _alert.id, _told.id)
    )
    for row in session.execute(statement):
        found[row.teller].append(Told(id=row.link_id, alert=alerted(row), purpose=row.purpose))
    return found


def link(session: Session, key: int, channel: str, recipient: str, told: Sequence[tuple[Alerted, str]]) -> int:
    """Notes that a message tells these alerts; gives how many were not told there before."""
    rows = [
        {
            "message_pk": key,
            "alert_id": alert.id,
            "channel": channel,
            "recipient": recipient,
            "purpose": purpose,
            "left_out": "",
        }
        for alert, purpose in told
    ]
    return len(insert_missing(session, MessageAlert, rows, _told.id))


def leave_out(session: Session, reasons: Mapping[int, str]) -> None:
    """Notes why links are not told; an empty reason: they are."""
    change_rows(session, MessageAlert, [{"row_id": key, "left_out": reason} for key, reason in reasons.items()])
