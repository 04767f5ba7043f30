"""What goes out, and how its delivery fails."""

import datetime as dt
import secrets
from dataclasses import dataclass
from email.utils import parseaddr


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message in the hand of a worker: its content stands."""

    id: int
    message_id: str
    channel: str
    recipient: str
    subject: str
    thread: str | None
    #: JSON: what the template of a mail is filled with, or what is posted
    payload: dict[str, object]
    attempts: int
    claimed_until: dt.datetime
    composed_at: dt.datetime
    #: id of the request, or of the run of a job, that it comes from
    cause: str | None = None

    @property
    def number(self) -> str:
        """Known to nobody but who got the message."""
        return number_of(self.message_id)


def message_id_of(sender: str, number: str | None = None) -> str:
    """The id of a message: a number, a new one if none is given, under the host of its sender.

    ``sender`` may carry a display name, as in the settings.
    """
    host = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{number or secrets.token_hex(16)}@{host}>"


def number_of(message_id: str) -> str:
    """What the id of a message begins with: the same under whatever host."""
    return message_id.strip("<>").partition("@")[0]


class DeliveryFailed(Exception):
    """A message was not delivered; the words say why."""


class Refused(DeliveryFailed):
    """For good: it is not tried again."""


class Unavailable(DeliveryFailed):
    """For now: it is tried again later.

    ``whole_channel``: the others would fare no better. ``may_have_arrived``: nobody knows whether it did, so that it
    goes again as it was.
    """

    def __init__(self, words: str, *, whole_channel: bool = False, may_have_arrived: bool = False) -> None:
        super().__init__(words)
        self.whole_channel = whole_channel
        self.may_have_arrived = may_have_arrived
