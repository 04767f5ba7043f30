"""What the HTTP layer itself reads and writes: tokens with their users, stored answers."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, case, delete, func, select, text
from sqlmodel import Session

from app.db.alerts import JobRun, Message
from app.db.base import Statement, table
from app.db.people import IdempotencyKey, Token, User
from app.db.shapes import first_shaped
from app.domain.terms import DeliveryState, Role


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """The user of a token, and what decides whether it is still good."""

    user_id: int
    name: str
    role: Role
    unit_id: int | None
    archived_at: dt.datetime | None
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None


_user, _token = table(User), table(Token)
# put together once: every answer of the API begins with it
_HOLDER = (
    select(
        _user.c.id.label("user_id"), _user.c.name, _user.c.role, _user.c.unit_id, _user.c.archived_at,
        _token.c.expires_at, _token.c.revoked_at,
    )
    .join(_user, _user.c.id == _token.c.user_id)
    .where(_token.c.hash == bindparam("hash"))
)  # fmt: skip


def token_holder(session: Session, token_hash: str) -> TokenHolder | None:
    """The user of a token with what decides whether it is still good; None when no such token was issued."""
    return first_shaped(TokenHolder, session.execute(_HOLDER, {"hash": token_hash}))


def claim_key(session: Session, user_id: int, key: str) -> None:
    """Holds back others with the same key until this transaction ends (writers on SQLite take turns anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"idempotency:{user_id}:{key}"})


def stored_answer(session: Session, user_id: int, key: str) -> IdempotencyKey | None:
    stored = table(IdempotencyKey).c
    return session.scalars(select(IdempotencyKey).where(stored.user_id == user_id, stored.key == key)).one_or_none()


def forget_answers(session: Session, before: dt.datetime) -> None:
    """Removes stored answers that are older than anybody repeats a request."""
    answers = table(IdempotencyKey)
    session.execute(delete(answers).where(answers.c.created_at < before))


def bounded_count(session: Session, keys: Statement, most: int) -> int:
    """How many rows a selection of keys has; one more than ``most`` stands for all that are more. One statement."""
    return session.scalar(select(func.count()).select_from(keys.order_by(None).limit(most + 1).subquery())) or 0


@dataclass(frozen=True, slots=True)
class JobFigures:
    """When a job was last done, and whether its newest run failed."""

    job: str
    done_at: dt.datetime | None
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFigures:
    """What monitors ask of the database."""

    at: dt.datetime
    jobs: Sequence[JobFigures]
    #: messages by state
    messages: Mapping[DeliveryState, int]
    #: since when the message that is due longest has been due; None: none is
    due_since: dt.datetime | None


def database_figures(session: Session, at: dt.datetime) -> DatabaseFigures:
    """Jobs and messages as they stand."""
    run, message = table(JobRun).c, table(Message).c
    newest = select(run.job, func.max(run.id).label("id")).group_by(run.job).subquery()
    done = func.max(case((run.outcome == "done", run.finished_at)))
    failed = func.max(case(((run.id == newest.c.id) & (run.outcome == "failed"), 1), else_=0))
    jobs = session.execute(
        select(run.job, done, failed).join(newest, newest.c.job == run.job).group_by(run.job).order_by(run.job)
    )
    states = session.execute(select(message.state, func.count()).group_by(message.state))
    waiting = message.state == DeliveryState.WAITING
    due_since = session.scalar(select(func.min(message.next_attempt_at)).where(waiting, message.recipient != ""))
    return DatabaseFigures(
        at=at,
        jobs=[JobFigures(name, moment, bool(flag)) for name, moment, flag in jobs],
        messages={DeliveryState(row[0]): row[1] for row in states},
        due_since=due_since,
    )
