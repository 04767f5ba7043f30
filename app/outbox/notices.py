"""Notices: messages to people about the running of things, that belong to no alert of a project.

A notice with the same key is put into the outbox once for each recipient, however often it is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlmodel import Session

from app.config import Settings
from app.db.bulk import take_turns
from app.language.i18n import Words
from app.outbox import queries
from app.outbox.transport import message_id_of
from app.people.queries_languages import languages_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What people are told; sentences that are :class:`Told` are said in the language of whoever gets them."""

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
    languages = languages_of(session, [address for address, _ in recipients])
    new = 0
    for channel, address, name in ways:
        if queries.told_under(session, thread, channel, address):
            continue
        message_id = message_id_of(settings.mail_from)
        addressed = queries.Addressing(message_id=message_id, channel=channel, recipient=address, thread=thread)
        (key,) = queries.add(session, [addressed])
        words = languages.of(address) if channel == "mail" else None
        said = _said(notice, words)
        payload = said if words is None else {"notice": said, "name": name, "language": words.language}
        filling = queries.Filling(row_id=key, message_id=message_id, subject=str(said["subject"]), payload=payload)
        queries.fill(session, [filling])
        new += 1
    return new


def _said(notice: Notice, words: Words | None) -> dict[str, object]:
    """The notice in a language; None: as programs read it, in English with days as ISO writes them."""

    def said(sentence: str) -> str:
        return str(sentence) if words is None else words.said(sentence)

    return {
        "event": notice.event,
        "subject": said(notice.subject),
        "opening": said(notice.opening),
        "lines": [said(each) for each in notice.lines],
        "closing": said(notice.closing) if notice.closing else "",
    }
