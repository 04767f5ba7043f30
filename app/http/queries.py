"""What the HTTP layer itself reads and writes: tokens with their users, stored answers."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, func, select, text
from sqlmodel import Session

from app.db.base import Statement, table
from app.db.people import IdempotencyKey, Token, User
from app.db.shapes import first_shaped
from app.domain.terms import Role


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


def token_holder(session: Session, token_hash: str) -> TokenHolder | None:
    """The user of a token with what decides whether it is still good; None when no such token was issued."""
    user, token = table(User), table(Token)
    found = session.execute(
        select(
            user.c.id.label("user_id"), user.c.name, user.c.role, user.c.unit_id, user.c.archived_at,
            token.c.expires_at, token.c.revoked_at,
        )
        .join(user, user.c.id == token.c.user_id)
        .where(token.c.hash == token_hash)
    )  # fmt: skip
    return first_shaped(TokenHolder, found)


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
