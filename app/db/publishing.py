"""Rendered activities, imports, and releases of files."""

import datetime as dt

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from app.db.base import Kept, Recorded, Row, column, foreign, json_column, utc_now
from app.db.projects import Findings
from app.db.types import Code, UTCDateTime, choice, json_object, one_of
from app.domain.terms import ReleaseState


class Fragment(Row, table=True):
    """The XML of an activity as rendered from one state of its record; valid for a span of days."""

    __tablename__ = "fragments"
    __table_args__ = (UniqueConstraint("project_id"),)

    project_id: int = foreign("projects.id", ondelete="CASCADE", index=False)
    content_version: int
    #: version of the mapping, of the organisation's set-up and of the languages it was rendered with
    mapping_version: str = column(Code)
    valid_from: dt.date
    valid_until: dt.date
    #: SHA-256 of the XML without ``last-updated-datetime``
    hash: str = column(Code)
    xml: str = column()


class PublishedActivity(Recorded, table=True):
    """An identifier under which the world has seen an activity: appended when a file with it was complete.

    From then on the identifier is frozen. One that an administrator changed stays here beside its successor, so that
    nobody gets it again.
    """

    __tablename__ = "published_activities"

    identifier: str = column(Code, unique=True)
    project_id: int = foreign("projects.id")
    #: identifier of the reporting organisation that the activity was last seen under
    reporting_org: str | None = column(Code, default=None)


class ImportRun(Row, table=True):
    """A file that was read: what it was, who read it, what came of it.

    Each batch of an import is stored together with the counts up to it, so that the next import of the file takes an
    interrupted run up where it stopped.
    """

    __tablename__ = "import_runs"
    __table_args__ = (one_of("outcome", "running", "done", "failed"),)

    kind: str = column(Code)
    file_name: str = column()
    sha256: str = column(Code, default="")
    started_at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)
    finished_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    actor: str = column()
    outcome: str = column(Code, default="running")
    #: before its end also ``stored``, how many activities of the file are stored, and ``asked``: mend, overwrite
    counts: dict[str, int | list[str]] = json_column(json_object(), dict)


class OrganisationFile(Kept, table=True):
    """An imported organisation record, kept whole so that it comes out as it went in."""

    __tablename__ = "organisation_files"

    organisation_id: int = foreign("organisations.id", unique=True)
    document: dict[str, object] = Field(sa_type=JSON)
    import_id: int | None = foreign("import_runs.id", optional=True)
    #: why the record is a draft, as of projects
    findings: Findings | None = Field(default=None, sa_type=JSON(none_as_null=True))


class Release(Kept, table=True):
    """A set of files made from one state of the records; immutable once published."""

    __tablename__ = "releases"

    number: int = Field(unique=True)
    state: ReleaseState = column(choice(ReleaseState), default=ReleaseState.PREPARED)
    as_of: dt.date
    prepared_by: str = column()
    approved_by: str | None = column(default=None)
    approved_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    published_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    previous_id: int | None = foreign("releases.id", optional=True)
    #: counts, findings, score, difference to the previous release, what was held back and why
    account: dict[str, object] = json_column(json_object(), dict)
    note: str | None = column(default=None)


class ReleaseFile(Row, table=True):
    """A file of a release."""

    __tablename__ = "release_files"
    __table_args__ = (UniqueConstraint("release_id", "dataset"),)

    release_id: int = foreign("releases.id")
    #: name of the dataset, part of its public address
    dataset: str = column(Code)
    file_type: str = column(Code)
    activities: int
    size: int
    sha256: str = column(Code)
    path: str = column()
