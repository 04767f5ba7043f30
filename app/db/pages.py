"""What the pages keep for people: sessions, one-time links, passwords, attempts to sign in, saved views.

Secrets are kept as hashes only. None of these rows is audited: they say who was here, not what became of a record.
"""

import datetime as dt

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from app.db.base import Row, column, foreign, utc_now
from app.db.types import Code, UTCDateTime


class WebSession(Row, table=True):
    """A person who is signed in with one browser; the cookie holds 256 random bits, of which this is the SHA-256."""

    __tablename__ = "sessions"

    user_id: int = foreign("users.id")
    hash: str = column(Code, unique=True)
    #: link | password | provider
    door: str = column(Code)
    #: what the browser calls itself, for the person's own list
    agent: str = column(default="")
    started_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)
    seen_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)
    expires_at: dt.datetime = Field(sa_type=UTCDateTime, nullable=False)
    ended_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    #: a sentence to show once, sealed with the secret of the cookie: it may hold a link or a token
    flash: str | None = column(default=None)
    #: page whose form was sent after the session had ended, and what was typed into it: [[name, value], …]
    kept_path: str | None = column(default=None)
    kept_form: list[list[str]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    #: what the provider needs to end its own session as well
    provider_token: str | None = column(default=None)


class SignInLink(Row, table=True):
    """An address that signs a person in, once."""

    __tablename__ = "sign_in_links"

    user_id: int = foreign("users.id")
    hash: str = column(Code, unique=True)
    made_by: str = column()
    created_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)
    expires_at: dt.datetime = Field(sa_type=UTCDateTime, nullable=False)
    used_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)


class SignInAttempt(Row, table=True):
    """A password that was not right, counted by name and by address so that all processes see it."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_subject_at", "subject", "at"),)

    #: hash of the name, or of the address
    subject: str = column(Code)
    at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)


class Password(Row, table=True):
    """The Argon2 hash of a person's password, where an office uses passwords."""

    __tablename__ = "passwords"

    user_id: int = foreign("users.id", unique=True)
    hash: str = column()
    changed_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)


class SavedView(Row, table=True):
    """A list as somebody wants to see it again: an address, nothing more."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "page", "name"),)

    user_id: int = foreign("users.id")
    name: str = column()
    #: the list it is of, such as ``projects``
    page: str = column(Code)
    #: the query of the address, as the list takes it
    query: str = column()
    #: everybody of this unit sees it too
    unit_id: int | None = foreign("units.id", optional=True)
    created_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime, nullable=False)
    #: how often its list is mailed to whom it belongs: day or week; None: never
    digest: str | None = column(Code, default=None)
    #: the day on which the newest of these mails was asked for
    digest_on: dt.date | None = Field(default=None)


#: every table of this module
OF_PAGES = (WebSession, SignInLink, SignInAttempt, Password, SavedView)
