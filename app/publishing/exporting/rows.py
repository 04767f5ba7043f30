"""The rows that publications read, as dictionaries of their columns: what each holds is said here, once.

A statement selects the columns of such a class, by its names; a shape takes them by the same names. Rows come in great
numbers, and a dictionary is made of a driver's row in one step, which is why they are no objects.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, TypedDict, TypeVar

from app.db.projects import Findings
from app.domain.money import NO_RATES, Rates
from app.domain.revisions import Revision
from app.domain.terms import AgreementStatus, AllocationKind, EntryKind, Grain, Origin, PartnerCategory, Stage
from app.publishing.exporting.queries_achieved import Group, Shown
from app.publishing.exporting.queries_redactions import Redacted
from app.publishing.exporting.rows_of_results import BaselineRow, IndicatorRow, PeriodRow, ResultRow, ValueRow
from app.publishing.mapping.glance import Name
from app.publishing.mapping.said import Kind
from app.publishing.mapping.shape import Remainder, RowOfFile


class BriefRow(TypedDict):
    """What is asked of a project before it is known whether it has to be rendered; every project row has it."""

    id: int
    code: str
    iati_identifier: str
    reporting_org_id: int
    parent_id: int | None
    withheld_reason: str | None
    embargo_until: dt.date | None
    content_version: int
    findings: Findings | None


class ProjectRow(TypedDict):
    """A project; while it is composed, with what the set-up says by default and what was known on the day."""

    id: int
    code: str
    iati_identifier: str
    grain: Grain
    origin: Origin
    reporting_org_id: int
    title: str
    title_translations: list[list[str]]
    description: str | None
    description_translations: list[list[str]]
    language: str | None
    default_currency: str | None
    stage: Stage
    planned_start: dt.date | None
    planned_end: dt.date | None
    actual_start: dt.date | None
    actual_end: dt.date | None
    parent_id: int | None
    outcome: str | None
    country_programme: str | None
    gender_marker: int | None
    humanitarian: bool | None
    activity_scope: str | None
    collaboration_type: str | None
    flow_type: str | None
    finance_type: str | None
    aid_type: str | None
    tied_status: str | None
    withheld_reason: str | None
    embargo_until: dt.date | None
    content_version: int
    content_changed_at: dt.datetime | None
    iati_remainder: Remainder | None
    former_identifiers: list[str]
    findings: Findings | None


class ParticipantRow(RowOfFile):
    project_id: int
    organisation_id: int
    role: str
    ordinal: int
    activity: str | None


class ClassificationRow(RowOfFile):
    project_id: int
    kind: str
    ordinal: int
    vocabulary: str | None
    code: str
    percentage: Decimal | None
    significance: str | None


class ContactRow(RowOfFile):
    project_id: int
    ordinal: int
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
    archived_at: dt.datetime | None


class LocationRow(RowOfFile):
    project_id: int
    ordinal: int
    reference: str | None
    name: str | None
    position: str | None
    exactness: str | None
    location_class: str | None


class DocumentRow(RowOfFile):
    project_id: int
    ordinal: int
    url: str
    format: str
    title: str
    title_translations: list[list[str]]
    category: str
    language: str | None
    document_date: dt.date | None
    withheld_reason: str | None
    embargo_until: dt.date | None
    archived_at: dt.datetime | None


class LinkRow(RowOfFile):
    project_id: int
    ordinal: int
    type: str
    identifier: str


class AllocationRow(RowOfFile):
    project_id: int
    period_start: dt.date | None
    period_end: dt.date | None
    agreement_id: int | None
    source: str
    kind: AllocationKind
    outcome: str
    country: str
    line: int
    decided_on: dt.date
    amount: Decimal
    currency: str
    status: str | None
    value_date: dt.date | None
    supersedes_id: int | None
    withdrawn: bool
    #: place among the budgets of a file; None for what is kept here
    ordinal: int | None


class PlannedRow(RowOfFile):
    project_id: int
    ordinal: int | None
    kind: AllocationKind
    period_start: dt.date | None
    period_end: dt.date | None
    amount: Decimal
    currency: str
    value_date: dt.date | None
    provider_id: int | None
    provider_activity: str | None
    receiver_id: int | None
    receiver_activity: str | None


class EntryRow(NamedTuple):
    """A posting of the ledger, or a correction of one. These are the most by far, and smallest as what they are."""

    id: int
    project_id: int
    agreement_id: int | None
    type: str
    date: dt.date
    amount: Decimal
    currency: str
    value_date: dt.date | None
    description: str | None
    description_translations: list[list[str]] | None
    #: from here to ``tied_status``: what many postings share
    provider_id: int | None
    provider_activity: str | None
    receiver_id: int | None
    receiver_activity: str | None
    country: str | None
    sector: str | None
    flow_type: str | None
    finance_type: str | None
    aid_type: str | None
    tied_status: str | None
    internal: bool
    entry_kind: EntryKind
    adjusts_id: int | None
    withheld_reason: str | None
    reference: str | None
    #: place among the transactions of a file; None for what is kept here
    ordinal: int | None
    #: what its columns do not say of the element
    remainder: Remainder | None


class AgreementRow(TypedDict):
    """An agreement that funds a project, with one of its partners."""

    agreement_id: int
    project_id: int
    #: the partner's organisation
    organisation_id: int
    reference: str
    status: AgreementStatus
    modality: str
    category: int
    aid_type: str | None
    provider_activity: str | None
    preset: str | None
    currency: str
    partner_category: PartnerCategory
    #: code of the partner, the first one or a further one
    giver: str
    further_partners: list[str]


class EvaluationRow(TypedDict):
    """An evaluation whose reports are published."""

    id: int
    project_id: int
    reference: str
    kind: str
    title: str | None
    report_url: str | None
    response_url: str | None
    completed_on: dt.date | None


class SetupRow(TypedDict):
    """What the set-up says of own activities."""

    organisation_id: int
    currency: str
    language: str
    languages: list[str]
    default_flow_type: str | None
    default_finance_type: str | None
    default_tied_status: str | None
    default_aid_type: str | None
    fiscal_year_start: int
    biennium_starts_even: bool


AnyRow = TypeVar("AnyRow", bound=Mapping[str, object] | EntryRow)


def of(rows: Mapping[int, list[AnyRow]], key: int) -> list[AnyRow]:
    """The rows below one; empty when there are none."""
    return rows.get(key) or []


#: a row with its key and its place in a file
_Placed = (
    ParticipantRow
    | ClassificationRow
    | ContactRow
    | LocationRow
    | DocumentRow
    | LinkRow
    | AllocationRow
    | PlannedRow
    | ResultRow
)


@dataclass(kw_only=True, slots=True)
class Rows:
    """What is below a batch of projects, by the key of the row above; organisations by key."""

    participants: dict[int, list[ParticipantRow]]
    classifications: dict[int, list[ClassificationRow]]
    contacts: dict[int, list[ContactRow]]
    locations: dict[int, list[LocationRow]]
    documents: dict[int, list[DocumentRow]]
    links: dict[int, list[LinkRow]]
    allocations: dict[int, list[AllocationRow]]
    planned: dict[int, list[PlannedRow]]
    entries: dict[int, list[EntryRow]]
    results: dict[int, list[ResultRow]]
    #: by result
    indicators: dict[int, list[IndicatorRow]] = field(default_factory=dict)
    #: by indicator
    baselines: dict[int, list[BaselineRow]] = field(default_factory=dict)
    periods: dict[int, list[PeriodRow]] = field(default_factory=dict)
    #: by period
    values: dict[int, list[ValueRow]] = field(default_factory=dict)
    #: results on record by project, and what stands above their indicators
    achieved: dict[int, list[Shown]] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    agreements: dict[int, list[AgreementRow]]
    evaluations: dict[int, list[EvaluationRow]]
    #: identifiers of parents by key
    parents: dict[int, str]
    #: day of the newest decision on dates or stage, by project
    newest_decisions: dict[int, dt.date] = field(default_factory=dict)
    #: the decisions on dates and stage, by project, where the newest was not taken yet on the day
    decisions: dict[int, list[Revision]] = field(default_factory=dict)
    #: for budgets in several currencies; empty when there are none
    rates: Rates = NO_RATES
    #: categories of the partners among the providers of postings, by the organisation's key
    categories: dict[int, PartnerCategory] = field(default_factory=dict)
    #: (identifier, name, type) by key
    organisations: dict[int, tuple[str | None, Name | None, str | None]] = field(default_factory=dict)
    #: former identifiers of those organisations that have some, by key
    former_identifiers: dict[int, list[str]] = field(default_factory=dict)
    #: organisations whose name and money are held back, by key: why
    unscreened: dict[int, str] = field(default_factory=dict)
    #: what transactions share, as :class:`Kind`, by the columns that say it
    kinds: dict[tuple[object, ...], Kind] = field(default_factory=dict)
    #: what is withheld by decision, by project
    redacted: dict[int, Redacted] = field(default_factory=dict)

    def ordinals(self, name: str, project_id: int) -> dict[int, int | None]:
        """The places in their file of a project's rows of a table, by key; none of a table without places."""
        if name == "ledger_entries":
            return {each.id: each.ordinal for each in of(self.entries, project_id)}
        tables: dict[str, Mapping[int, Sequence[_Placed]]] = {
            "participants": self.participants,
            "classifications": self.classifications,
            "contacts": self.contacts,
            "locations": self.locations,
            "documents": self.documents,
            "links": self.links,
            "allocations": self.allocations,
            "planned_payments": self.planned,
            "results": self.results,
        }
        return {each["id"]: each["ordinal"] for each in tables.get(name, {}).get(project_id, ())}
