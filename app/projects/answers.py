"""What comes out about projects and what hangs below them, and the filters of their lists."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import Field

from app.domain.terms import Grain, Origin, Stage
from app.http.fields import Output, RemarkOut
from app.http.lists import KeptPage, Page
from app.inputs import CodeText, Day, KeyLine, Line, ListCode
from app.projects.schemas import RevisedField


class ShareOut(Output):
    code: str
    percentage: Decimal | None
    vocabulary: str | None


class MarkerOut(Output):
    code: str
    significance: str | None
    vocabulary: str | None


class ProjectLine(Output):
    """A project in a list."""

    id: int
    grain: Grain
    origin: Origin
    code: str
    iati_identifier: str
    title: str
    status: Stage
    planned_start: dt.date | None
    planned_end: dt.date | None
    actual_start: dt.date | None
    actual_end: dt.date | None
    total_budget: Decimal | None
    currency: str | None
    unit: str | None
    officer: str | None
    outcome: str | None
    version: int
    archived_at: dt.datetime | None
    updated_at: dt.datetime
    published: bool = Field(description="an activity of it went out")
    draft: bool = Field(description="taken from a file that breaks the standard: not published until it is mended")


class DraftFindingOut(Output):
    """What a published file said that the standard does not allow."""

    rule: str
    severity: str
    message: str
    file: str
    line: int | None
    path: str
    repairable: bool = Field(description="import with repairs mends the whole record")


class ProjectOut(ProjectLine):
    """A project with all that its own record says."""

    title_translations: list[list[str]] = Field(description="further languages: [[language, text], …]")
    description: str | None
    description_translations: list[list[str]] = Field(description="further languages: [[language, text], …]")
    backstopping_unit: str | None
    parent: str | None
    countries: list[ShareOut]
    regions: list[ShareOut]
    sectors: list[ShareOut]
    sdg: list[str]
    markers: list[MarkerOut]
    gender_marker: int | None
    mid_term_agreed: bool | None
    pilot: bool
    humanitarian: bool | None
    south_south: bool
    phase: str | None
    country_programme: str | None
    operationally_closed_on: dt.date | None
    financially_closed_on: dt.date | None
    former_identifiers: list[str]
    identifier_frozen: bool
    activity_scope: str | None
    collaboration_type: str | None
    flow_type: str | None
    finance_type: str | None
    aid_type: str | None
    tied_status: str | None
    withheld_reason: str | None
    embargo_until: dt.date | None
    note: str | None
    findings: list[DraftFindingOut] = Field(description="why it is a draft; empty: it is none")
    created_at: dt.datetime


class ProjectNewOut(ProjectOut):
    """A project that was added, with what somebody should look at all the same."""

    remarks: list[RemarkOut]


class RevisionOut(Output):
    field: str
    sequence: int
    decided_on: dt.date
    value: str | None
    reason: str
    note: str | None
    recorded_at: dt.datetime
    recorded_by: str


class StateOut(Output):
    """What was known of a project on a day."""

    code: str
    as_of: dt.date
    recorded_at: dt.datetime | None
    status: Stage | None
    planned_start: dt.date | None
    planned_end: dt.date | None
    actual_start: dt.date | None
    actual_end: dt.date | None
    total_budget: Decimal | None
    currency: str | None
    officer: str | None


class FindingOut(Output):
    rule: str
    severity: str
    subject: str
    message: str
    pointer: str | None


class DocumentOut(Output):
    id: int
    project: str | None
    url: str
    format: str
    title: str
    title_translations: list[list[str]]
    category: str
    language: str | None
    document_date: dt.date | None
    country: str | None
    withheld_reason: str | None
    embargo_until: dt.date | None
    note: str | None
    version: int
    archived_at: dt.datetime | None


class ContactOut(Output):
    id: int
    type: str | None
    organisation: str | None
    department: str | None
    person: str | None
    job_title: str | None
    telephone: str | None
    email: str | None
    website: str | None
    address: str | None
    released: bool
    version: int
    archived_at: dt.datetime | None


class LocationOut(Output):
    id: int
    reference: str | None
    name: str | None
    latitude: str | None
    longitude: str | None
    exactness: str | None
    location_class: str | None


class ParticipantOut(Output):
    id: int
    organisation: str
    identifier: str | None
    role: str
    activity: str | None


class LinkOut(Output):
    id: int
    type: str
    identifier: str


class AuditOut(Output):
    sequence: int
    at: dt.datetime
    actor: str
    action: str
    entity: str
    entity_id: str
    before: dict[str, object] | None
    after: dict[str, object] | None
    hash: str = Field(description="covers the event and the hash before it")


class LocationsOut(Output):
    items: list[LocationOut]


class ParticipantsOut(Output):
    items: list[ParticipantOut]


class LinksOut(Output):
    items: list[LinkOut]


class FindingsOut(Output):
    items: list[FindingOut]


class FacetOut(Output):
    value: str
    count: int


class FacetsOut(Output):
    """How many projects of the list have each value, most frequent first."""

    status: list[FacetOut]
    grain: list[FacetOut]
    unit: list[FacetOut]
    officer: list[FacetOut]
    country: list[FacetOut]


class ProjectPage(KeptPage):
    """Filters of projects."""

    code: CodeText | None = None
    status: list[Stage] = Field(default=[], max_length=10)
    grain: list[Grain] = Field(default=[], max_length=5)
    unit: CodeText | None = Field(default=None, description="code of the responsible unit")
    officer: CodeText | None = Field(default=None, description="code of the officer")
    outcome: ListCode | None = None
    country_programme: KeyLine | None = Field(default=None, description="code of the country programme it belongs to")
    country: ListCode | None = Field(default=None, description="code of a country it works in")
    draft: bool | None = Field(default=None, description="drafts only, or none of them")
    partner: CodeText | None = Field(default=None, description="code of a partner whose agreements fund it")
    planned_end_from: Day | None = None
    planned_end_to: Day | None = None
    open_end: bool | None = Field(default=None, description="those without a planned end only, or none of them")
    updated_to: Day | None = Field(default=None, description="not changed since this day")
    published: bool | None = Field(default=None, description="those that the world has seen only, or none of them")
    q: Line | None = Field(default=None, description="text in the code or the title, in any language")


class RevisionPage(Page):
    field: RevisedField | Literal["stage"] | None = None


class AuditPage(Page):
    entity: ListCode | None = Field(default=None, description="table of the row that changed")
    action: ListCode | None = None
    actor: Line | None = None


class DocumentPage(KeptPage):
    project: CodeText | None = None
    category: ListCode | None = None
    own: bool | None = Field(default=None, description="the organisation's own documents, or those of projects")
    url: Line | None = None


class ContactPage(KeptPage):
    """Contacts of a project."""
