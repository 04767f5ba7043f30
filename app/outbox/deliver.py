"""The outbox: messages are claimed, sent outside any transaction, and marked; whatever happens in between.

What a message says is settled when a worker takes it in hand, by the state of that moment. From then on it may arrive
at any time, so it stands: only when it is known that it did not arrive, it is composed anew before the next attempt.

A worker that dies after sending and before marking leaves the message in hand until the claim runs out (at once, when
its process on this machine is gone); it is then sent again, byte for byte, under the same Message-ID. So every message
goes out at least once, and whoever gets it twice can tell. What fails is tried again after ever longer pauses, and
after the last attempt stands as failed, for people to see.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sqlmodel import Session

from app.config import Settings
from app.db.bulk import take_turns
from app.db.engine import Database
from app.db.leases import clock_of, is_gone, worker_name
from app.domain.terms import DeliveryState
from app.outbox import queries
from app.outbox.transport import DeliveryFailed, Outgoing, Refused, Unavailable
from app.tracing import span

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("earmark.outbox")

#: how long a worker may keep messages in hand
CLAIM = dt.timedelta(minutes=5)
#: messages in hand at a time
BATCH = 100
#: seconds within which what was sent is marked
MARK_WITHIN = 0.25
#: attempts before a message stands as failed: with the pauses below, about two days
MOST_ATTEMPTS = 14
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(hours=6)


class Channel(Protocol):
    """A way out."""

    def send(self, message: Outgoing, now: dt.datetime) -> None: ...


#: fills messages, or settles those that have nothing to tell, by the state of the moment; given their keys
Compose = Callable[[Session, Sequence[int]], None]


def as_filled(_session: Session, _ids: Sequence[int]) -> None:
    """Leaves messages as they were filled when they were put into the outbox."""


@dataclass(kw_only=True, slots=True)
class Delivery:
    """What came of a round of deliveries."""

    sent: int = 0
    #: to be tried again
    postponed: int = 0
    #: given up
    failed: int = 0

    def as_dict(self) -> dict[str, int]:
        return {"sent": self.sent, "postponed": self.postponed, "failed": self.failed}


def pause_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many attempts: a minute, two, four … at most six hours."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def deliver(
    database: Database,
    settings: Settings,
    *,
    compose: Compose = as_filled,
    renew: Callable[[], None] = lambda: None,
    transport: "httpx.BaseTransport | None" = None,
    clock: Callable[[], dt.datetime] | None = None,
) -> Delivery:
    """Sends what waits in the outbox and is due. Without a mail server in the settings mails wait.

    ``clock`` takes the place of the one that all workers share.
    """
    worker = worker_name()
    clock = clock or clock_of(database)
    result = Delivery()
    with ExitStack() as stack:
        channels: dict[str, Channel] = {}
        # a channel is loaded where there is one
        if settings.smtp_host:
            from app.outbox.mail import MailServer

            channels["mail"] = stack.enter_context(MailServer(settings))
        if settings.webhook_url:
            from app.outbox.webhooks import Webhooks

            channels["webhook"] = stack.enter_context(Webhooks(settings, transport))
        while channels:
            renew()
            taken, messages = _claim(database, worker, list(channels), compose, clock())
            if not taken:
                break
            sent = _Sent(database, worker, result)
            for message in messages:
                _send(database, channels, message, sent, clock)
            sent.mark(clock())
    return result


@dataclass(slots=True)
class _Sent:
    """Messages that went out and are not marked yet; a commit for each would cost more than sending it.

    What a worker sent in the quarter of a second before it died is sent once more.
    """

    database: Database
    worker: str
    result: Delivery
    ids: list[int] = field(default_factory=list)
    since: float = 0.0

    def add(self, message: Outgoing, now: dt.datetime) -> None:
        if not self.ids:
            self.since = time.monotonic()
        self.ids.append(message.id)
        if time.monotonic() - self.since > MARK_WITHIN:
            self.mark(now)

    def mark(self, now: dt.datetime) -> None:
        if self.ids:
            with self.database.write(self.worker) as session:
                self.result.sent += queries.mark_sent(session, self.ids, self.worker, now)
            self.ids = []


def _claim(
    database: Database, worker: str, channels: list[str], compose: Compose, now: dt.datetime
) -> tuple[int, list[Outgoing]]:
    """Takes messages in hand and has them composed; gives how many were taken, and those that are to go."""
    with database.read() as session:
        lost = [other for other in queries.claimers(session) if is_gone(other)]
    with database.write(worker) as session:
        # two workers at once would each send a part of what waits for one person
        take_turns(session, "outbox")
        ids = queries.claim(session, worker, now, now + CLAIM, channels, lost, BATCH)
        if ids:
            compose(session, ids)
        return len(ids), queries.stands(session, ids, worker, now)


def _send(
    database: Database,
    channels: dict[str, Channel],
    message: Outgoing,
    sent: _Sent,
    clock: Callable[[], dt.datetime],
) -> None:
    worker, result = sent.worker, sent.result
    channel = channels.get(message.channel)
    if channel is None:
        # the channel went down while this one was in hand
        _settle(database, message, worker, {**_back(message, clock(), count=False), "composed_at": None})
        return
    if clock() > message.claimed_until - CLAIM / 4:
        with database.write(worker) as session:
            if not queries.extend_claim(session, message.id, worker, clock() + CLAIM):
                # this one was suspended for longer than it may, and another has taken it over
                return
    try:
        with span(f"send {message.channel}") as traced:
            traced.note(message=message.number, asked_for_by=message.cause or "")
            channel.send(message, clock())
    except DeliveryFailed as error:
        values = _after_failure(message, error, clock())
        if values["state"] is DeliveryState.FAILED:
            result.failed += 1
        else:
            result.postponed += 1
        _settle(database, message, worker, values)
        if isinstance(error, Unavailable) and error.whole_channel:
            del channels[message.channel]
        return
    log.info("%s %s is sent, asked for by %s", message.channel, message.number, message.cause or "a command")
    sent.add(message, clock())


def _settle(database: Database, message: Outgoing, worker: str, values: dict[str, object]) -> None:
    with database.write(worker) as session:
        queries.settle(session, message.id, worker, {**values, "claimed_by": None, "claimed_until": None})


def _after_failure(message: Outgoing, error: DeliveryFailed, now: dt.datetime) -> dict[str, object]:
    attempts = message.attempts + 1
    arrived = isinstance(error, Unavailable) and error.may_have_arrived
    values: dict[str, object] = {"error": str(error)} if arrived else {"error": str(error), "composed_at": None}
    if isinstance(error, Refused) or attempts >= MOST_ATTEMPTS:
        return {**values, "state": DeliveryState.FAILED, "attempts": attempts}
    return {**values, **_back(message, now, count=True)}


def _back(message: Outgoing, now: dt.datetime, *, count: bool) -> dict[str, object]:
    attempts = message.attempts + (1 if count else 0)
    return {
        "state": DeliveryState.WAITING,
        "attempts": attempts,
        "next_attempt_at": now + pause_after(attempts),
    }
