"""From alerts to messages in the outbox: one digest an officer, one for the head of a unit, a webhook for each alert.

A message and the rows that say which alerts it tells are written together; a unique key over (alert, channel,
recipient, purpose) keeps any alert from being told twice, whatever happens between two runs. An alert that has nobody
to be told waits in a message to nobody, which the list of jobs counts, and is told as soon as there is somebody.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.alerts import queries, queries_told
from app.alerts.compose import (
    DIGEST,
    ESCALATION,
    REMINDER,
    UNKNOWN,
    Recipient,
    addressees,
    compose,
    enqueue,
    reason_of,
)
from app.alerts.recording import CATCH_UP_MONTHS
from app.alerts.rows import Alerted
from app.alerts.standing import standings
from app.db import bulk
from app.db.base import utc_now
from app.domain.periods import add_months
from app.evaluations.obligations.recompute import refresh
from app.outbox import queries as outbox
from app.outbox.deliver import Delivery, deliver
from app.work import Work

#: the jobs that tell alerts of every kind
TELLING = ("agreement-alerts", "alerts", "evaluation-alerts", "recommendation-alerts")
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
    for officer_id in officers:
        with work.database.write(work.worker) as session:
            work.held.guard(session)
            bulk.take_turns(session, "messages")
            alerts = queries.untold(session, officer_id, after)
            if work.settings.webhook_url:
                hook = Recipient(address=work.settings.webhook_url, name="", thread=None)
                for alert in alerts:
                    told.messages += enqueue(session, work.settings, "webhook", hook, [(alert, DIGEST)], work.as_of)
            _tell(session, work, [(alert, DIGEST) for alert in alerts], told)
    with work.database.write(work.worker) as session:
        over = queries.snoozes_over(session, work.as_of)
        _tell(session, work, [(alert, f"{REMINDER}-{event}") for alert, event in over], told)
        _tell_again(session, work, told)
        # what waited for somebody goes to whoever is there by now
        compose(session, work.settings, outbox.for_nobody(session), work.as_of, merge=True)
    return told


def _tell_again(session: Session, work: Work, counts: Told) -> None:
    """Tells what was withdrawn when it was to go, since it was waived or settled by then, and is open again."""
    withdrawn = queries_told.withdrawn(session, add_months(work.as_of, -CATCH_UP_MONTHS))
    seen = standings(session, [one.alert for one in withdrawn], work.as_of)
    again = [one for one in withdrawn if not seen[one.alert.id].over and not one.alert.acknowledged]
    hook = Recipient(address=work.settings.webhook_url, name="", thread=None)
    for one in again:
        if one.channel == "webhook" and hook.address:
            purpose = f"{one.purpose}-{one.id}"
            counts.messages += enqueue(session, work.settings, "webhook", hook, [(one.alert, purpose)], work.as_of)
    mails = [(one.alert, f"{one.purpose}-{one.id}") for one in again if one.channel == "mail"]
    _tell(session, work, mails, counts)


def _tell(session: Session, work: Work, told: Sequence[tuple[Alerted, str]], counts: Told) -> None:
    """One message to each recipient; those who want no digests get none."""
    by_recipient: dict[Recipient, list[tuple[Alerted, str]]] = defaultdict(list)
    for one, recipient in zip(told, addressees(session, told), strict=True):
        by_recipient[recipient].append(one)
    quiet = queries.unsubscribed(session, [recipient.address for recipient in by_recipient])
    for recipient, mine in by_recipient.items():
        counts.nobody += len(mine) if recipient == UNKNOWN else 0
        wanted = [one for one in mine if reason_of(one[1]) == ESCALATION or recipient.address not in quiet]
        if wanted:
            counts.messages += enqueue(session, work.settings, "mail", recipient, wanted, work.as_of)


def tell_heads(session: Session, work: Work, alerts: Sequence[Alerted]) -> int:
    """One message to each head about the alerts of the unit after which nothing happened; gives their number."""
    counts = Told()
    _tell(session, work, [(alert, ESCALATION) for alert in alerts], counts)
    return counts.messages


def send(work: Work) -> Delivery:
    """Sends what waits in the outbox, composed by the state of the moment."""
    refresh(work.database, work.as_of, progress=lambda _done, _all: work.held.renew())

    def compose_now(session: Session, ids: Sequence[int]) -> None:
        compose(session, work.settings, ids, work.as_of, merge=True)

    return deliver(work.database, work.settings, compose=compose_now, renew=work.held.renew)
