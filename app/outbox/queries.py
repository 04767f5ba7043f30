"""Statements of the outbox: messages claimed, marked, counted and tried again."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Row, and_, func, or_, select, update
from sqlmodel import Session

from app.db.alerts import Message
from app.db.base import table
from app.domain.terms import DeliveryState

_message = table(Message).c


def message_by_number(session: Session, number: str) -> Row[Any] | None:
    """The message whose id begins with that number."""
    return session.execute(
        select(_message.id, _message.recipient, _message.channel).where(
            _message.message_id.startswith(f"<{number}@", autoescape=True)
        )
    ).first()


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
    found = select(_message.id).where(or_(due, _message.state == DeliveryState.SENDING)).limit(1)
    return session.execute(found).first() is not None


def claim(
    session: Session,
    worker: str,
    now: dt.datetime,
    until: dt.datetime,
    channels: Collection[str],
    lost: Collection[str],
    limit: int,
) -> list[Row[Any]]:
    """Takes messages in hand that are to be sent now, or whose worker took too long or is ``lost``."""
    due = and_(_message.state == DeliveryState.WAITING, _message.next_attempt_at <= now)
    abandoned = and_(
        _message.state == DeliveryState.SENDING,
        or_(_message.claimed_until < now, _message.claimed_by.in_(sorted(lost))),
    )
    ids = list(
        session.scalars(
            select(_message.id)
            .where(or_(due, abandoned), _message.channel.in_(sorted(channels)))
            .order_by(_message.next_attempt_at, _message.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    taken = session.execute(
        update(table(Message))
        .where(_message.id.in_(ids))
        .values(state=DeliveryState.SENDING, claimed_by=worker, claimed_until=until)
        .returning(
            _message.id, _message.message_id, _message.channel, _message.recipient, _message.subject, _message.thread,
            _message.payload, _message.attempts, _message.claimed_until,
        )
    )  # fmt: skip
    place = {key: index for index, key in enumerate(ids)}
    return sorted(taken, key=lambda row: place[row.id])


def _in_hand(worker: str) -> ColumnElement[bool]:
    return and_(_message.claimed_by == worker, _message.state == DeliveryState.SENDING)


def settle(session: Session, message_pk: int, worker: str, values: Mapping[str, Any]) -> None:
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


def extend_claims(session: Session, ids: Sequence[int], worker: str, until: dt.datetime) -> None:
    session.execute(update(table(Message)).where(_message.id.in_(ids), _in_hand(worker)).values(claimed_until=until))


def outbox_counts(session: Session) -> dict[str, int]:
    """Messages by state."""
    rows = session.execute(select(_message.state, func.count()).group_by(_message.state))
    return {state.value: count for state, count in rows}


def failed_messages(session: Session, limit: int) -> Sequence[Row[Any]]:
    return session.execute(
        select(
            _message.id, _message.channel, _message.recipient, _message.subject, _message.attempts, _message.error,
            _message.message_id, _message.created_at,
        )
        .where(_message.state == DeliveryState.FAILED)
        .order_by(_message.id.desc())
        .limit(limit)
    ).all()  # fmt: skip


def retry_failed(session: Session, now: dt.datetime) -> int:
    """Gives failed messages another round of attempts."""
    result = session.execute(
        update(table(Message))
        .where(_message.state == DeliveryState.FAILED)
        .values(state=DeliveryState.WAITING, attempts=0, next_attempt_at=now)
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
