"""What became of datasets in registries, and every call that was made there."""

import datetime as dt

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.db.base import Recorded, Row, column, utc_now
from app.db.types import Code, UTCDateTime, one_of


class RegistryEntry(Row, table=True):
    """A dataset in a registry, as it was left there last: a memory for people; a run asks the registry itself."""

    __tablename__ = "registry_entries"
    __table_args__ = (
        UniqueConstraint("registry_url", "dataset"),
        one_of("outcome", "created", "updated", "unchanged", "withdrawn", "absent", "failed"),
    )

    #: address of the registry
    registry_url: str = column(Code)
    #: short name
    dataset: str = column(Code)
    #: key in the registry; empty: it is not there
    entry: str = column(Code, default="")
    address: str = column(default="")
    #: what the last run came to, and why
    outcome: str = column(Code)
    words: str = column(default="")
    #: SHA-256 of the file that was registered last
    sha256: str = column(Code, default="")
    settled_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)


class RegistryCall(Recorded, table=True):
    """A request to a registry, its provider of sign-ins, or a public address: appended, without secrets or bodies."""

    __tablename__ = "registry_calls"
    __table_args__ = (Index("ix_registry_calls_dataset", "dataset"), Index("ix_registry_calls_at", "at"))

    at: dt.datetime = Field(sa_type=UTCDateTime)
    method: str = column(Code)
    #: without query
    url: str = column()
    purpose: str = column()
    #: short name of the dataset it was for; empty: for none in particular
    dataset: str = column(Code, default="")
    #: None: no answer came
    status: int | None = Field(default=None)
    error: str | None = column(default=None)
    milliseconds: int
