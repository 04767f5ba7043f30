"""Rendered activities, imports, and releases of files."""

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
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
    #: what its rendering leaves out and why, as JSON (``app.publishing.exporting.fragments``); NULL: nothing
    told: str | None = column(default=None)
    #: what the rules say about it, as JSON of ``iati.validator.apart``, and what came of the transparency tests
    judged: str | None = column(default=None)
    scored: str | None = column(default=None)
    #: by which rules and codelists, and the days for which both say so
    judged_by: str | None = column(Code, default=None)
    judged_from: dt.date | None = Field(default=None)
    judged_until: dt.date | None = Field(default=None)
    #: the day of a score that the version before found, which held for that day alone; NULL: none
    scored_on: dt.date | None = Field(default=None)


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


class PublishedOrganisation(Recorded, table=True):
    """An identifier under which the world has seen an organisation file: appended when the file was complete."""

    __tablename__ = "published_organisations"

    identifier: str = column(Code, unique=True)


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
    #: before its end also ``stored``, how many activities of the file are stored, and ``asked``: mend, overwrite, whole
    counts: dict[str, int | list[str]] = json_column(json_object(), dict)


class ImportMark(Row, table=True):
    """The text of an activity in a file beside which its record is known to say the same."""

    __tablename__ = "import_marks"
    __table_args__ = (UniqueConstraint("project_id"),)

    project_id: int = foreign("projects.id", ondelete="CASCADE", index=False)
    #: the version of the record's content that says the same
    content_version: int
    #: the release and the mapping that found it so
    made_by: str = column(Code)
    #: SHA-256 of the text, with the namespaces that it inherits
    digest: str = column(Code)


class OrganisationFile(Kept, table=True):
    """An imported organisation record, kept whole so that it comes out as it went in."""

    __tablename__ = "organisation_files"

    organisation_id: int = foreign("organisations.id", unique=True)
    document: dict[str, object] = Field(sa_type=JSON)
    import_id: int | None = foreign("import_runs.id", optional=True)
    #: why the record is a draft, as of projects
    findings: Findings | None = Field(default=None, sa_type=JSON(none_as_null=True))


class Release(Kept, table=True):
    """A set of files made from one state of the records; immutable once published.

    Its bytes lie in the file store under their SHA-256; nothing that happens to the records afterwards changes them.
    """

    __tablename__ = "releases"

    number: int = Field(unique=True)
    state: ReleaseState = column(choice(ReleaseState), default=ReleaseState.PREPARED)
    as_of: dt.date
    prepared_by: str = column()
    approved_by: str | None = column(default=None)
    approved_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    published_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    #: the published release that it is compared with
    previous_id: int | None = foreign("releases.id", optional=True)
    #: how its activities are split over files, counts, findings by rule, score
    account: dict[str, object] = json_column(json_object(), dict)
    note: str | None = column(default=None)


class ReleaseFile(Row, table=True):
    """A file of a release; its bytes are in the file store."""

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
    #: identifier of the organisation that reports everything in it
    reporting_org: str = column(Code, default="")
    #: which part of the portfolio it holds, in words: "the whole portfolio", "country KE"
    part: str = column(default="")
    #: newest content; None where no record says when it changed
    content_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    #: SHA-256 of the list of its records in the file store: identifier, content, place in the file
    records_sha256: str = column(Code, default="")


class ReleaseLine(Row, table=True):
    """Something to know about a release before it goes out: a change in public, what goes away, what is withheld."""

    __tablename__ = "release_lines"
    __table_args__ = (
        UniqueConstraint("release_id", "ordinal"),
        one_of("kind", "change", "vanishing", "held-back", "withheld"),
        CheckConstraint("accepted_by IS NULL OR accepted_reason IS NOT NULL", name="acceptance_has_reason"),
    )

    release_id: int = foreign("releases.id")
    ordinal: int
    kind: str = column(Code)
    #: code of the project, else the identifier of the activity or organisation
    subject: str = column(Code)
    #: which part of it: "activity", "element", "document", "transaction 17"
    what: str = column(default="")
    #: the sentence an officer reads
    words: str = column()
    #: of what would vanish: why that is right, and who says so
    accepted_reason: str | None = column(default=None)
    accepted_by: str | None = column(default=None)


class ReleaseOutcome(Row, table=True):
    """How far the publication of a dataset has come, at one of the places it goes to."""

    __tablename__ = "release_outcomes"
    __table_args__ = (
        UniqueConstraint("release_id", "dataset", "place"),
        one_of("place", "public", "registry"),
        one_of("outcome", "published", "updated", "unchanged", "withdrawn", "failed"),
    )

    release_id: int = foreign("releases.id")
    dataset: str = column(Code)
    place: str = column(Code)
    outcome: str = column(Code)
    #: why, in a publisher's words; empty where the outcome says all
    reason: str = column(default="")
    at: dt.datetime = Field(default_factory=utc_now, sa_type=UTCDateTime)


class PublicFile(Row, table=True):
    """What the world gets at the address of a dataset now. All rows of a release change in one transaction.

    A dataset that was withdrawn keeps its row, so that its name is never given to another publisher.
    """

    __tablename__ = "public_files"

    dataset: str = column(Code, unique=True)
    #: the file of a release that is served; None: withdrawn
    file_id: int | None = foreign("release_files.id", optional=True)
    reporting_org: str = column(Code)
    #: when what is served here changed last
    changed_at: dt.datetime = Field(sa_type=UTCDateTime)


class Redaction(Recorded, table=True):
    """A decision to withhold something from publication, or to release it again; the newest for each subject counts."""

    __tablename__ = "redactions"
    __table_args__ = (
        one_of("subject_kind", "project", "transaction", "contact", "document", "amount"),
        CheckConstraint("length(reason) > 0", name="redaction_has_reason"),
    )

    project_id: int = foreign("projects.id")
    subject_kind: str = column(Code)
    #: key of the project, posting, contact, document or (amount) allocation
    subject_id: int = Field(index=True)
    withheld: bool
    reason: str = column()
    #: withheld until this day; None: until somebody releases it
    until: dt.date | None = Field(default=None)
