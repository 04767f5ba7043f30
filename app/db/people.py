"""Users, their tokens, and the audit trail of everything that changed."""

import datetime as dt

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from app.db.base import Kept, Row, column, foreign, utc_now
from app.db.types import Code, Key, UTCDateTime, choice
from app.domain.terms import Role


class User(Kept, table=True):
    """A person or program that may use the service. An officer with a unit may change that unit's projects only."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("openid_issuer", "openid_subject"),)

    name: str = column(Code, unique=True)
    role: Role = column(choice(Role))
    unit_id: int | None = foreign("units.id", optional=True)
    officer_id: int | None = foreign("officers.id", optional=True)
    #: the person's account where people sign in through an OpenID provider: who says so, and whom it calls what
    openid_issuer: str | None = column(Code, default=None)
    openid_subject: str | None = column(Code, default=None)
    #: language of the pages; None: as the browser asks
    language: str | None = column(Code, default=None)


class Token(Row, table=True):
    """A bearer token; only its SHA-256 is kept (tokens carry 256 random bits, so no slow hash is needed)."""

    __tablename__ = "tokens"

    user_id: int = foreign("users.id")
    hash: str = column(Code, unique=True)
    #: first characters, so that a person can tell which one it is
    hint: str = column(Code)
    created_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    expires_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    revoked_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)


class AuditEvent(Row, table=True):
    """Who changed what, when, from what to what. Appended only; each row's hash covers the one before it."""

    __tablename__ = "audit_events"
    __table_args__ = (
        UniqueConstraint("aggregate", "sequence"),
        Index("ix_audit_events_entity", "entity", "entity_id"),
    )

    #: the chain the event belongs to, such as "project:17"
    aggregate: str = column(Code)
    sequence: int
    at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    actor: str = column()
    #: create | update | archive | import | …
    action: str = column(Code)
    entity: str = column(Code)
    entity_id: str = column(Code)
    before: dict[str, object] | None = Field(default=None, sa_type=JSON)
    after: dict[str, object] | None = Field(default=None, sa_type=JSON)
    previous_hash: str = column(Code)
    hash: str = column(Code)


class AuditSeal(Row, table=True):
    """The digest of all events up to a key, itself chained: shows that whole chains were not removed."""

    __tablename__ = "audit_seals"

    at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    first_event_id: int
    last_event_id: int
    events: int
    previous_hash: str = column(Code)
    hash: str = column(Code)


class AuditArchive(Row, table=True):
    """Events that lie in a file of the file store and no longer in the trail; their seals still tell them whole.

    Between the first and the last lie events that stayed: the newest of each chain.
    """

    __tablename__ = "audit_archives"

    at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)
    first_event_id: int = column(Key)
    last_event_id: int = column(Key)
    events: int
    #: of the file, in bytes
    size: int = column(Key)
    #: of the file as it lies there
    sha256: str = column(Code)


class IdempotencyKey(Row, table=True):
    """The answer to a POST that carried an Idempotency-Key, so that a repetition gets the same one."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    user_id: int = foreign("users.id")
    key: str = column(Code)
    request_hash: str = column(Code)
    status: int
    body: str = column()
    headers: dict[str, str] | None = Field(default=None, sa_type=JSON)
    created_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, index=True)
