"""Notices: messages to people about the running of things, that belong to no alert of a project.

A notice with the same key is put into the outbox once for each recipient, however often it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlmodel import Session

from app.config import Settings
from app.db.bulk import take_turns
from app.outbox import queries
from app.outbox.transport import message_id_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What people are told."""

    #: of the webhook, such as ``publication.disagrees``
    event: str
    #: the same for the same news
    key: str
    subject: str
    opening: str
    lines: tuple[str, ...]
    closing: str = ""


def put(session: Session, settings: Settings, notice: Notice, recipients: Sequence[tuple[str, str]]) -> int:
    """Puts a mail to each recipient (address, name) into the outbox, and a webhook where one is set.

    Gives how many messages are new.
    """
    take_turns(session, "messages")
    thread = "notice-" + sha256(f"{notice.event} {notice.key}".encode()).hexdigest()[:32]
    ways = [("mail", address, name) for address, name in recipients]
    if settings.webhook_url:
        ways.append(("webhook", settings.webhook_url, ""))
    new = 0
    for channel, address, name in ways:
        if queries.told_under(session, thread, channel, address):
            continue
        message_id = message_id_of(settings.mail_from)
        addressed = queries.Addressing(message_id=message_id, channel=channel, recipient=address, thread=thread)
        (key,) = queries.add(session, [addressed])
        said: dict[str, object] = {
            "event": notice.event,
            "subject": notice.subject,
            "opening": notice.opening,
            "lines": list(notice.lines),
            "closing": notice.closing,
        }
        payload = said if channel == "webhook" else {"notice": said, "name": name}
        filling = queries.Filling(row_id=key, message_id=message_id, subject=notice.subject, payload=payload)
        queries.fill(session, [filling])
        new += 1
    return new
