"""From alerts to messages in the outbox: one digest an officer, one for the head of a unit, a webhook for each alert.

A message and the rows that say which alerts it tells are written together; a unique key over (alert, channel,
recipient, purpose) keeps any alert from being told twice, whatever happens between two runs. An alert that has nobody
to be told waits in a message to nobody, which the list of jobs counts, and is told as soon as there is somebody.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.alerts import queries, queries_told
from app.alerts.compose import UNKNOWN, Parcel, Recipient, addressees, compose, enqueue
from app.alerts.recording import CATCH_UP_MONTHS
from app.alerts.rows import Alerted, Waiting
from app.alerts.standing import standings
from app.alerts.wording import DIGEST, ESCALATION, REMINDER, reason_of
from app.db import bulk
from app.db.base import utc_now
from app.db.engine import in_batches
from app.domain.periods import add_months
from app.evaluations.obligations.recompute import refresh
from app.outbox import queries as outbox
from app.outbox.deliver import Delivery, deliver
from app.work import Work

#: the jobs that tell alerts of every kind
TELLING = ("agreement-alerts", "alerts", "evaluation-alerts", "recommendation-alerts")
#: alerts told in one transaction, unless one person has more
_BATCH = 2000
#: younger alerts are looked at again: keys come in order, the transactions that record them do not
SEEN_TO_AFTER = dt.timedelta(days=1)


@dataclass(kw_only=True, slots=True)
class Told:
    """What telling came to."""

    messages: int = 0
    #: alerts that have nobody to be told, and wait for somebody
    nobody: int = 0
    #: alerts up to this key have been seen to
    handled: int = 0


def tell(work: Work) -> Told:
    """Puts messages into the outbox for every alert that is recorded and not yet told."""
    told = Told()
    with work.database.read() as session:
        last = queries.last_done(session, *TELLING)
        handled = last.summary.get("handled") if last is not None else None
        after = handled if isinstance(handled, int) else 0
        told.handled = queries.newest_alert_id(session, utc_now() - SEEN_TO_AFTER)
        officers = queries.untold_recipients(session, after)
    for some in _batches(officers):
        with work.database.write(work.worker) as session, in_batches(session):
            work.held.guard(session)
            bulk.take_turns(session, "messages")
            alerts = [(alert, DIGEST) for alert in queries.untold(session, some, after)]
            _tell_webhook(session, work, alerts, told)
            _tell(session, work, alerts, told)
    with work.database.write(work.worker) as session:
        over = queries.snoozes_over(session, work.as_of)
        _tell(session, work, [(alert, f"{REMINDER}-{event}") for alert, event in over], told)
        _tell_again(session, work, told)
        # what waited for somebody goes to whoever is there by now
        compose(session, work.settings, outbox.for_nobody(session), work.as_of, merge=True)
    return told


def _batches(officers: Sequence[Waiting]) -> Iterator[list[int | None]]:
    """Officers whose alerts are told in one transaction: all of a person's, and of several as long as they are few."""
    some: list[int | None] = []
    alerts = 0
    for one in officers:
        if some and alerts + one.alerts > _BATCH:
            yield some
            some, alerts = [], 0
        some.append(one.officer_id)
        alerts += one.alerts
    if some:
        yield some


def _tell_again(session: Session, work: Work, counts: Told) -> None:
    """Tells what was withdrawn when it was to go, since it was waived or settled by then, and is open again."""
    withdrawn = queries_told.withdrawn(session, add_months(work.as_of, -CATCH_UP_MONTHS))
    seen = standings(session, [one.alert for one in withdrawn], work.as_of)
    again = [one for one in withdrawn if not seen[one.alert.id].over and not one.alert.acknowledged]
    hooks = [(one.alert, f"{one.purpose}-{one.id}") for one in again if one.channel == "webhook"]
    _tell_webhook(session, work, hooks, counts)
    mails = [(one.alert, f"{one.purpose}-{one.id}") for one in again if one.channel == "mail"]
    _tell(session, work, mails, counts)


def _tell(session: Session, work: Work, told: Sequence[tuple[Alerted, str]], counts: Told) -> None:
    """One message to each recipient; those who want no digests get none."""
    by_recipient: dict[Recipient, list[tuple[Alerted, str]]] = defaultdict(list)
    for one, recipient in zip(told, addressees(session, told), strict=True):
        by_recipient[recipient].append(one)
    quiet = queries.unsubscribed(session, [recipient.address for recipient in by_recipient])
    parcels = []
    for recipient, mine in by_recipient.items():
        counts.nobody += len(mine) if recipient == UNKNOWN else 0
        wanted = [one for one in mine if reason_of(one[1]) == ESCALATION or recipient.address not in quiet]
        if wanted:
            parcels.append(Parcel(recipient=recipient, told=wanted))
    counts.messages += enqueue(session, work.settings, parcels, work.as_of)


def _tell_webhook(session: Session, work: Work, told: Sequence[tuple[Alerted, str]], counts: Told) -> None:
    """A message for each, where there is a webhook."""
    if work.settings.webhook_url:
        hook = Recipient(address=work.settings.webhook_url, name="", thread=None)
        parcels = [Parcel(recipient=hook, told=[one], channel="webhook") for one in told]
        counts.messages += enqueue(session, work.settings, parcels, work.as_of)


def tell_heads(session: Session, work: Work, alerts: Sequence[Alerted]) -> int:
    """One message to each head about the alerts of the unit after which nothing happened; gives their number."""
    counts = Told()
    _tell(session, work, [(alert, ESCALATION) for alert in alerts], counts)
    return counts.messages


def send(work: Work) -> Delivery:
    """Sends what waits in the outbox, composed by the state of the moment."""
    refresh(work.database, work.as_of, progress=lambda _done, _all: work.held.renew())

    def compose_now(session: Session, ids: Sequence[int]) -> None:
        # loaded when something is to be sent: most runs send nothing, and lists need the rooms of projects
        from app.alerts import view_digests

        alerts = view_digests.compose(session, work.settings, ids, work.as_of)
        compose(session, work.settings, alerts, work.as_of, merge=True)

    return deliver(work.database, work.settings, compose=compose_now, renew=work.held.renew)
