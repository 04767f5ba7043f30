"""Projects, pools and programmes: one activity each, with appended revisions and what hangs below them."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.db.base import Kept, Recorded, Row, column, foreign, json_column
from app.db.types import Code, Money, UTCDateTime, choice, json_list, one_of
from app.domain.terms import Grain, Origin, Stage

#: what a published file said that the standard does not allow: ``rule``, ``severity``, ``message``, where it stands
#: (``file``, ``line``, ``path``), and whether repairs that cannot be wrong would mend the whole record (``repairable``)
DraftFinding = dict[str, str | int | bool | None]
Findings = list[DraftFinding]


class Project(Kept, table=True):
    """A project, pool or programme.

    Dates, total budget and officer are the values in force; ``project_revisions`` holds how they came about.
    ``iati_remainder`` is what a published file said of the activity that no column and no child table says.
    """

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint(
            "planned_end IS NULL OR planned_start IS NULL OR planned_end >= planned_start OR origin = 'imported'",
            name="planned_dates_in_order",
        ),
        CheckConstraint(
            "actual_end IS NULL OR actual_start IS NULL OR actual_end >= actual_start OR origin = 'imported'",
            name="actual_dates_in_order",
        ),
        CheckConstraint("gender_marker IS NULL OR gender_marker BETWEEN 0 AND 3", name="gender_marker_0_to_3"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("(total_budget IS NULL) = (budget_currency IS NULL)", name="budget_has_currency"),
        # a filtered list is read in the order of its codes, without sorting all that match
        Index("ix_projects_grain_code", "grain", "code"),
        Index("ix_projects_stage_code", "stage", "code"),
        Index("ix_projects_unit_code", "unit_id", "code"),
        Index("ix_projects_officer_code", "officer_id", "code"),
        Index("ix_projects_outcome_code", "outcome", "code"),
    )

    grain: Grain = column(choice(Grain), default=Grain.PROJECT)
    code: str = column(Code, unique=True)
    iati_identifier: str = column(Code, unique=True)
    #: taken over from a published file, so that the identifier never changes; what exports froze stands in
    #: ``published_activities``
    identifier_frozen: bool = Field(default=False)
    #: several published files tell the activity together, such as one for each year
    in_parts: bool = Field(default=False)
    former_identifiers: list[str] = json_column(json_list(), list)
    origin: Origin = column(choice(Origin), default=Origin.OWN)
    reporting_org_id: int = foreign("organisations.id")

    title: str = column()
    #: further languages: [[language, text], …], order kept
    title_translations: list[list[str]] = json_column(json_list(), list)
    description: str | None = column(default=None)
    description_translations: list[list[str]] = json_column(json_list(), list)
    #: language of texts without one (``xml:lang`` of the activity)
    language: str | None = column(Code, default=None)
    default_currency: str | None = column(Code, default=None)

    stage: Stage = column(choice(Stage))
    planned_start: dt.date | None = Field(default=None)
    planned_end: dt.date | None = Field(default=None, index=True)
    actual_start: dt.date | None = Field(default=None)
    actual_end: dt.date | None = Field(default=None)
    operationally_closed_on: dt.date | None = Field(default=None)
    financially_closed_on: dt.date | None = Field(default=None)
    total_budget: Decimal | None = column(Money, default=None)
    budget_currency: str | None = column(Code, default=None)

    unit_id: int | None = foreign("units.id", optional=True, index=False)
    officer_id: int | None = foreign("officers.id", optional=True, index=False)
    backstopping_unit_id: int | None = foreign("units.id", optional=True)
    parent_id: int | None = foreign("projects.id", optional=True)
    phase: str | None = column(default=None)
    #: outcome of the results framework of the biennium
    outcome: str | None = column(Code, default=None)
    country_programme: str | None = column(default=None)
    gender_marker: int | None = Field(default=None)
    mid_term_agreed: bool | None = Field(default=None)
    pilot: bool = Field(default=False)
    humanitarian: bool | None = Field(default=None)
    south_south: bool = Field(default=False)

    #: IATI codes at activity level; None on own activities means the organisation's default
    activity_scope: str | None = column(Code, default=None)
    collaboration_type: str | None = column(Code, default=None)
    flow_type: str | None = column(Code, default=None)
    finance_type: str | None = column(Code, default=None)
    aid_type: str | None = column(Code, default=None)
    tied_status: str | None = column(Code, default=None)

    #: why the activity is not published
    withheld_reason: str | None = column(default=None)
    #: not published before this day
    embargo_until: dt.date | None = Field(default=None)
    note: str | None = column(default=None)

    #: rises when anything that is published of the activity changes, in this row or below it
    content_version: int = Field(default=1)
    #: ``last-updated-datetime``; None when a published file had none
    content_changed_at: dt.datetime | None = Field(default=None, sa_type=UTCDateTime)
    iati_remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    #: why the record is a draft that no publication shows, until it is mended; None: it is none
    findings: Findings | None = Field(default=None, sa_type=JSON(none_as_null=True))


class ProjectRevision(Recorded, table=True):
    """The value of one field of a project from a decision on; appended, never changed.

    Values are text in one form per field: ISO dates, exact decimals with currency ("1000.10 USD"), officer codes;
    None says that the value was taken away.
    """

    __tablename__ = "project_revisions"
    __table_args__ = (
        UniqueConstraint("project_id", "field", "sequence"),
        one_of(
            "field", "planned_start", "planned_end", "actual_start", "actual_end", "total_budget", "officer", "stage"
        ),
    )

    project_id: int = foreign("projects.id")
    field: str = column(Code)
    sequence: int
    known_on: dt.date
    value: str | None = column(default=None)
    reason: str = column()
    note: str | None = column(default=None)


class Classification(Row, table=True):
    """Where and what a project is about: countries, regions, sectors, tags, policy markers."""

    __tablename__ = "classifications"
    __table_args__ = (
        one_of("kind", "country", "region", "sector", "tag", "policy-marker"),
        Index("ix_classifications_kind_code", "kind", "code"),
    )

    project_id: int = foreign("projects.id")
    kind: str = column(Code)
    ordinal: int
    #: None: the standard's default vocabulary, unsaid
    vocabulary: str | None = column(Code, default=None)
    code: str = column(Code)
    percentage: Decimal | None = column(Money, default=None)
    significance: str | None = column(Code, default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class Participant(Row, table=True):
    """An organisation's part in a project, beyond what agreements already say."""

    __tablename__ = "participants"
    __table_args__ = (CheckConstraint("length(role) > 0", name="role_given"),)

    project_id: int = foreign("projects.id")
    organisation_id: int = foreign("organisations.id")
    #: IATI organisation role: 1 funding, 2 accountable, 3 extending, 4 implementing
    role: str = column(Code)
    ordinal: int
    activity: str | None = column(Code, default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class Contact(Kept, table=True):
    """Whom to ask; published only when released."""

    __tablename__ = "contacts"

    project_id: int = foreign("projects.id")
    ordinal: int
    type: str | None = column(Code, default=None)
    organisation: str | None = column(default=None)
    department: str | None = column(default=None)
    person: str | None = column(default=None)
    job_title: str | None = column(default=None)
    telephone: str | None = column(default=None)
    email: str | None = column(default=None)
    website: str | None = column(default=None)
    address: str | None = column(default=None)
    released: bool = Field(default=False)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class Location(Row, table=True):
    """A place below the country."""

    __tablename__ = "locations"

    project_id: int = foreign("projects.id")
    ordinal: int
    reference: str | None = column(Code, default=None)
    name: str | None = column(default=None)
    #: decimal degrees as published, "latitude longitude"
    position: str | None = column(default=None)
    exactness: str | None = column(Code, default=None)
    location_class: str | None = column(Code, default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class Document(Kept, table=True):
    """A document of a project, or of the organisation itself when ``project_id`` is None."""

    __tablename__ = "documents"

    project_id: int | None = foreign("projects.id", optional=True)
    evaluation_id: int | None = foreign("evaluations.id", optional=True)
    ordinal: int
    url: str = column()
    #: media type
    format: str = column()
    title: str = column()
    title_translations: list[list[str]] = json_column(json_list(), list)
    #: IATI document category
    category: str = column(Code)
    language: str | None = column(Code, default=None)
    document_date: dt.date | None = Field(default=None)
    #: recipient country of an organisation's document
    country: str | None = column(Code, default=None)
    withheld_reason: str | None = column(default=None)
    embargo_until: dt.date | None = Field(default=None)
    note: str | None = column(default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class Link(Row, table=True):
    """Another activity that this one is related to (IATI related-activity)."""

    __tablename__ = "links"

    project_id: int = foreign("projects.id")
    ordinal: int
    #: IATI related activity type
    type: str = column(Code)
    identifier: str = column(Code)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))
