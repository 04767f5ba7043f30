"""Statements of the outbox: messages added, composed, claimed, marked, counted and tried again."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, CursorResult, ScalarSelect, and_, delete, func, null, or_, select, update
from sqlmodel import Session

from app.causes import cause
from app.db.alerts import Message, MessageAlert
from app.db.among import among
from app.db.base import table, utc_now
from app.db.bulk import change_rows, insert_missing
from app.db.shapes import first_shaped, shaped
from app.domain.terms import DeliveryState
from app.http.lists import Listing, at_least, at_most, equals, sort
from app.outbox.transport import Outgoing, number_of

_message, _told = table(Message).c, table(MessageAlert).c

#: addressed to somebody: what waits for somebody to be told is composed, and never sent
_addressed = _message.recipient != ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Uncomposed:
    """A message whose content does not stand yet."""

    id: int
    channel: str
    recipient: str
    #: what its id begins with, under whatever host
    number: str
    #: conversation that it belongs to
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom a message went to, and by which way."""

    id: int
    recipient: str
    channel: str
    #: conversation that it belongs to
    thread: str | None


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """A message that was given up."""

    id: int
    channel: str
    recipient: str
    subject: str
    attempts: int
    error: str | None
    message_id: str
    created_at: dt.datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressing:
    """A message that says nothing yet."""

    message_id: str
    channel: str
    recipient: str
    thread: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Filling:
    """What a message says."""

    row_id: int
    message_id: str
    subject: str
    payload: Mapping[str, object]


def add(session: Session, messages: Sequence[Addressing]) -> list[int]:
    """Puts messages into the outbox; gives their keys, in the same order. They say nothing until they are filled."""
    now, asked_by = utc_now(), cause() or None
    rows = [
        {
            "message_id": message.message_id,
            "channel": message.channel,
            "recipient": message.recipient,
            "thread": message.thread,
            "subject": "",
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "next_attempt_at": now,
            "created_at": now,
            "cause": asked_by,
        }
        for message in messages
    ]
    made = {row.message_id: row.id for row in insert_missing(session, Message, rows, _message.id, _message.message_id)}
    return [made[message.message_id] for message in messages]


def told_under(session: Session, thread: str, channel: str, recipient: str) -> bool:
    """Whether that recipient has a message of this conversation."""
    found = select(_message.id).where(
        _message.thread == thread, _message.channel == channel, _message.recipient == recipient
    )
    return session.execute(found.limit(1)).first() is not None


def remove(session: Session, keys: Sequence[int]) -> None:
    """Takes messages that never told anything out of the outbox."""
    if keys:
        session.execute(delete(table(Message)).where(among(_message.id, keys)))


def count_open(session: Session, keys: Sequence[int]) -> int:
    """How many of these messages wait to be sent."""
    found = select(func.count()).where(among(_message.id, keys), _message.state == DeliveryState.WAITING)
    return (session.scalar(found) or 0) if keys else 0


def uncomposed(session: Session, ids: Sequence[int]) -> list[Uncomposed]:
    """Those of these messages that are to be composed, by key."""
    rows = session.execute(
        select(_message.id, _message.channel, _message.recipient, _message.message_id, _message.thread)
        .where(among(_message.id, ids), _message.composed_at.is_(None), _unsent())
        .order_by(_message.id)
    )
    return [
        Uncomposed(
            id=row.id,
            channel=row.channel,
            recipient=row.recipient,
            number=number_of(row.message_id),
            thread=row.thread,
        )
        for row in rows
    ]


def _unsent() -> ColumnElement[bool]:
    return _message.state.in_([DeliveryState.WAITING, DeliveryState.SENDING])


def for_nobody(session: Session) -> list[int]:
    """Messages that wait for somebody who can be told."""
    return list(
        session.scalars(
            select(_message.id).where(~_addressed, _message.state == DeliveryState.WAITING).order_by(_message.id)
        )
    )


def merge(session: Session, messages: Sequence[Uncomposed]) -> list[Uncomposed]:
    """Makes the mails to one person one: these, and what else waits for the same people; gives those that remain.

    What was composed before and may have arrived stays apart, as does what tells no alert.
    """
    tells = select(_told.id).where(_told.message_pk == _message.id).correlate(table(Message)).exists()
    mails = [message.id for message in messages if message.channel == "mail"]
    telling = set(session.scalars(select(_message.id).where(_message.id.in_(mails), tells)))
    first: dict[str, int] = {}
    into: dict[int, int] = {}
    for message in messages:
        if message.id in telling and first.setdefault(message.recipient, message.id) != message.id:
            into[message.id] = first[message.recipient]
    others = session.execute(
        select(_message.id, _message.recipient)
        .where(
            _message.channel == "mail",
            _message.recipient.in_(sorted(first)),
            _message.state == DeliveryState.WAITING,
            _message.composed_at.is_(None),
            _message.id.not_in(mails),
            tells,
        )
        .with_for_update(skip_locked=True)
    )
    into |= {row.id: first[row.recipient] for row in others}
    for merged, teller in into.items():
        session.execute(
            update(table(Message))
            # what was merged into it before goes along
            .where(or_(_message.id == merged, _message.merged_into_id == merged))
            .values(state=DeliveryState.MERGED, merged_into_id=teller, claimed_by=None, claimed_until=None)
        )
    return [message for message in messages if message.id not in into]


def fill(session: Session, messages: Sequence[Filling]) -> None:
    """Gives messages their content."""
    change_rows(session, Message, [{name: getattr(one, name) for name in Filling.__slots__} for one in messages])


def withdraw(session: Session, keys: Sequence[int]) -> None:
    """Settles messages that have nothing left to tell; why, their alerts say one by one."""
    if keys:
        session.execute(
            update(table(Message))
            .where(among(_message.id, keys))
            .values(state=DeliveryState.WITHDRAWN, error="nothing left to tell", claimed_by=None, claimed_until=None)
        )


def message_by_number(session: Session, number: str) -> Addressed | None:
    """The message whose id begins with that number."""
    statement = select(_message.id, _message.recipient, _message.channel, _message.thread).where(
        _message.message_id.startswith(f"<{number}@", autoescape=True)
    )
    return first_shaped(Addressed, session.execute(statement))


def claimers(session: Session) -> list[str]:
    """Workers that have messages in hand."""
    return [
        worker
        for worker in session.scalars(
            select(_message.claimed_by).where(_message.state == DeliveryState.SENDING).distinct()
        )
        if worker is not None
    ]


def any_to_deliver(session: Session, now: dt.datetime) -> bool:
    due = and_(_message.state == DeliveryState.WAITING, _message.next_attempt_at <= now)
    found = select(_message.id).where(or_(and_(due, _addressed), _message.state == DeliveryState.SENDING)).limit(1)
    return session.execute(found).first() is not None


def claim(
    session: Session,
    worker: str,
    now: dt.datetime,
    until: dt.datetime,
    channels: Collection[str],
    lost: Collection[str],
    limit: int,
) -> list[int]:
    """Takes messages in hand that are to be sent now, or whose worker took too long or is ``lost``; gives their keys,
    in the order in which they are to go.
    """
    due = and_(_message.state == DeliveryState.WAITING, _message.next_attempt_at <= now)
    abandoned = and_(
        _message.state == DeliveryState.SENDING,
        or_(_message.claimed_until < now, _message.claimed_by.in_(sorted(lost))),
    )
    ids = list(
        session.scalars(
            select(_message.id)
            .where(or_(due, abandoned), _message.channel.in_(sorted(channels)), _addressed)
            .order_by(_message.next_attempt_at, _message.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    session.execute(
        update(table(Message))
        .where(_message.id.in_(ids))
        .values(state=DeliveryState.SENDING, claimed_by=worker, claimed_until=until)
    )
    return ids


def stands(session: Session, ids: Sequence[int], worker: str, now: dt.datetime) -> list[Outgoing]:
    """Notes that the content of these messages stands from now on, if it did not before; gives those in hand."""
    session.execute(
        update(table(Message))
        .where(_message.id.in_(ids), _in_hand(worker), _message.composed_at.is_(None))
        .values(composed_at=now)
    )
    rows = session.execute(
        select(
            _message.id, _message.message_id, _message.channel, _message.recipient, _message.subject, _message.thread,
            _message.payload, _message.attempts, _message.claimed_until, _message.composed_at, _message.cause,
        ).where(_message.id.in_(ids), _in_hand(worker))
    )  # fmt: skip
    place = {key: index for index, key in enumerate(ids)}
    return sorted((Outgoing(**row._mapping) for row in rows), key=lambda message: place[message.id])


def _in_hand(worker: str) -> ColumnElement[bool]:
    return and_(_message.claimed_by == worker, _message.state == DeliveryState.SENDING)


def settle(session: Session, message_pk: int, worker: str, values: Mapping[str, object]) -> None:
    """Notes what came of a message, unless another worker has it by now."""
    session.execute(update(table(Message)).where(_message.id == message_pk, _in_hand(worker)).values(dict(values)))


def mark_sent(session: Session, ids: Sequence[int], worker: str, sent_at: dt.datetime) -> int:
    """Marks messages in this worker's hand as sent; gives how many still were."""
    result = session.execute(
        update(table(Message))
        .where(_message.id.in_(ids), _in_hand(worker))
        .values(
            state=DeliveryState.SENT,
            sent_at=sent_at,
            error=None,
            attempts=_message.attempts + 1,
            claimed_by=None,
            claimed_until=None,
        )
    )
    return result.rowcount if isinstance(result, CursorResult) else 0


def forget_texts(session: Session, before: dt.datetime) -> int:
    """Forgets what messages said that were settled before then; that they were, and what they told, stays."""
    settled = _message.state.in_([DeliveryState.SENT, DeliveryState.MERGED, DeliveryState.WITHDRAWN])
    result = session.execute(
        update(table(Message))
        .where(settled, func.coalesce(_message.sent_at, _message.created_at) < before, _message.payload.is_not(None))
        .values(payload=null())
    )
    return result.rowcount if isinstance(result, CursorResult) else 0


def extend_claim(session: Session, message: int, worker: str, until: dt.datetime) -> bool:
    """Keeps a message in hand; False when another worker has it by now."""
    statement = update(table(Message)).where(_message.id == message, _in_hand(worker)).values(claimed_until=until)
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def outbox_counts(session: Session) -> dict[str, int]:
    """Messages by state."""
    rows = session.execute(select(_message.state, func.count()).group_by(_message.state))
    return {state.value: count for state, count in rows}


def failed_messages(session: Session, limit: int) -> list[FailedMessage]:
    """Messages that were given up, the newest first."""
    statement = (
        select(
            _message.id, _message.channel, _message.recipient, _message.subject, _message.attempts, _message.error,
            _message.message_id, _message.created_at,
        )
        .where(_message.state == DeliveryState.FAILED)
        .order_by(_message.id.desc())
        .limit(limit)
    )  # fmt: skip
    return shaped(FailedMessage, session.execute(statement))


def alerts_for_nobody(session: Session) -> int:
    """How many alerts wait for somebody who can be told."""
    found = (
        select(func.count())
        .select_from(table(MessageAlert))
        .join(table(Message), _message.id == _told.message_pk)
        .where(~_addressed, _unsent() | (_message.state == DeliveryState.MERGED), _told.left_out == "")
    )
    return session.scalar(found) or 0


def retry_failed(session: Session, now: dt.datetime) -> int:
    """Gives failed messages another round of attempts."""
    result = session.execute(
        update(table(Message))
        .where(_message.state == DeliveryState.FAILED)
        .values(state=DeliveryState.WAITING, attempts=0, next_attempt_at=now)
    )
    return result.rowcount if isinstance(result, CursorResult) else 0


def _links(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many alerts a message tells, or was to tell."""
    return (
        select(func.count())
        .select_from(table(MessageAlert))
        .where(_told.message_pk == _message.id, *conditions)
        .correlate(table(Message))
        .scalar_subquery()
    )


MESSAGES = Listing(
    name="messages",
    statement=select(
        _message.id, _message.channel, _message.recipient, _message.subject, _message.state, _message.attempts,
        _message.error, _message.merged_into_id.label("merged_into"), _message.message_id,
        _links(_told.left_out == "").label("told"), _links(_told.left_out != "").label("left_out"),
        _message.created_at, _message.next_attempt_at, _message.sent_at,
    ),
    key=_message.id,
    sorts={"id": sort(_message.id), "created_at": sort(_message.created_at), "sent_at": sort(_message.sent_at)},
    filters={
        "state": equals(_message.state),
        "channel": equals(_message.channel),
        "recipient": equals(_message.recipient),
        "created_from": at_least(_message.created_at),
        "created_to": at_most(_message.created_at),
    },
    usual_sort="-id",
)  # fmt: skip
