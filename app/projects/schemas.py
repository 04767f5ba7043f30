"""What goes in about projects, pools, their revisions, documents and contacts."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from app.domain.outcomes import outcome_shares, outcomes_fault, written_outcomes
from app.domain.terms import Stage
from app.inputs import (
    AS_SEEN,
    OPENED,
    PLAIN_SCHEME,
    CodeText,
    Currency,
    Day,
    Input,
    KeyLine,
    Line,
    ListCode,
    ListTerm,
    Partial,
    Percentage,
    PositiveAmount,
    Reference,
    StartDay,
    Text,
    Written,
    published_at,
    with_present_names,
)
from app.translated import Described, Titled


def _stage(value: object) -> object:
    """A stage by name, or by the code of the IATI activity status."""
    if not isinstance(value, str):
        return value
    return next((stage for stage in Stage if stage.iati_code == value.strip()), value)


#: a stage; the IATI code (1 to 6) is understood too
StageText = Annotated[Stage, BeforeValidator(_stage)]
Items = 200


def _closed_up(value: object) -> object:
    """Several outcomes without the spaces that people put round the signs between them."""
    return re.sub(r"\s*([|:])\s*", r"\1", value) if isinstance(value, str) else value


def _outcomes(text: str) -> str:
    if (fault := outcomes_fault(text)) is not None:
        raise ValueError(fault)
    return written_outcomes(outcome_shares(text))


#: one outcome, or several as ``1:60|2:40``
OutcomesText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=600, pattern=r"^\S+$"),
    BeforeValidator(_closed_up),
    AS_SEEN,
    AfterValidator(_outcomes),
]


class ShareIn(Input):
    """A country, region or sector, and its part of the project in percent (``KE:60`` in a table)."""

    code: ListTerm
    #: needed as soon as there are several
    percentage: Percentage | None = None
    #: vocabulary of the code; empty: the standard's default
    vocabulary: ListCode | None = None


class MarkerIn(Input):
    """A policy marker and its significance (0 not targeted, 1 significant, 2 principal, 3, 4)."""

    code: ListTerm
    significance: ListTerm
    vocabulary: ListCode | None = None


class ProjectIn(Described):
    """A project: what an officer keeps of it. Table: ``projects``, matched by its code."""

    code: CodeText = Field(description="The project's code", examples=["RAF/20/50/NLD"])
    title: Line = Field(description="Title", examples=["Decent work in cocoa supply chains"])
    title_fr: Line | None = Field(default=None, description="Title in French")
    title_es: Line | None = Field(default=None, description="Title in Spanish")
    description: Text | None = Field(default=None, description="What the project does")
    status: StageText = Field(
        description="pipeline, implementation, finalisation, closed, cancelled or suspended (or the IATI code)",
        examples=["implementation"],
    )
    planned_start: StartDay | None = Field(default=None, description="Planned first day", examples=["2024-01-01"])
    planned_end: Day | None = Field(default=None, description="Planned last day", examples=["2027-12-31"])
    actual_start: Day | None = Field(default=None, description="Day on which work began")
    actual_end: Day | None = Field(default=None, description="Day on which work ended")
    total_budget: PositiveAmount | None = Field(
        default=None, description="Total budget, gross, all sources", examples=["2500000"]
    )
    currency: Currency | None = Field(
        default=None, description="Currency of the total budget; empty: the organisation's", examples=["USD"]
    )
    unit: CodeText | None = Field(default=None, description="Code of the responsible unit", examples=["CO-ABIDJAN"])
    officer: CodeText | None = Field(default=None, description="Code of the officer in charge", examples=["aex"])
    backstopping_unit: CodeText | None = Field(default=None, description="Code of the unit that gives advice")
    parent: CodeText | None = Field(default=None, description="Code of the programme or project above")
    countries: list[ShareIn] | None = Field(
        default=None,
        max_length=Items,
        description="Countries with percentages",
        examples=[[{"code": "KE", "percentage": "60"}]],
    )
    regions: list[ShareIn] | None = Field(default=None, max_length=Items, description="Regions with percentages")
    sectors: list[ShareIn] | None = Field(
        default=None,
        max_length=Items,
        description="Sectors with percentages",
        examples=[
            [{"code": "16020", "percentage": "100"}],
            [{"code": "16020", "percentage": "60"}, {"code": "11330", "percentage": "40"}],
        ],
    )
    sdg: list[ListTerm] | None = Field(
        default=None, max_length=Items, description="SDG targets or goals", examples=[["8.5"]]
    )
    outcome: OutcomesText | None = Field(
        default=None,
        description="Outcome of the results framework, or several with percentages that make 100, such as 1:60|2:40",
        examples=["3"],
    )
    gender_marker: Annotated[int, Field(ge=0, le=3)] | None = Field(default=None, description="Gender marker, 0 to 3")
    mid_term_agreed: bool | None = Field(
        default=None, description="Whether the evaluation plan agrees a mid-term evaluation"
    )
    pilot: bool | None = Field(default=None, description="Whether it is a pilot")
    humanitarian: bool | None = Field(default=None, description="Whether it is humanitarian aid")
    note: Text | None = Field(default=None, description="Internal note, never published")

    description_fr: Text | None = Field(default=None, description="Description in French")
    description_es: Text | None = Field(default=None, description="Description in Spanish")
    phase: Line | None = Field(default=None, description="Phase, such as II")
    country_programme: KeyLine | None = Field(default=None, description="Country programme it belongs to")
    south_south: bool | None = Field(default=None, description="Whether it is South–South cooperation")
    markers: list[MarkerIn] | None = Field(default=None, max_length=Items, description="Policy markers")
    operationally_closed_on: Day | None = Field(default=None, description="Day of the operational closing")
    financially_closed_on: Day | None = Field(default=None, description="Day of the financial closing")
    iati_identifier: Reference | None = Field(
        default=None, description="Identifier of an existing publication that is taken over"
    )
    activity_scope: ListTerm | None = Field(default=None, description="IATI activity scope")
    collaboration_type: ListTerm | None = Field(default=None, description="IATI collaboration type")
    flow_type: ListTerm | None = Field(default=None, description="IATI flow type; empty: the organisation's")
    finance_type: ListTerm | None = Field(default=None, description="IATI finance type; empty: the organisation's")
    aid_type: ListTerm | None = Field(default=None, description="DAC aid type; empty: the organisation's")
    tied_status: ListTerm | None = Field(default=None, description="IATI tied status; empty: the organisation's")
    withheld_reason: Line | None = Field(default=None, description="Why it is not published; empty: it is")
    embargo_until: Day | None = Field(default=None, description="Not published before this day")
    decided_on: Day | None = Field(
        default=None, description="Day on which dates, budget, officer and stage were decided"
    )
    reason: Line | None = Field(default=None, description="Why dates, budget, officer or stage changed")


class PoolIn(Described):
    """A pool of unearmarked or thematic money. Table: ``pools``, matched by its code."""

    former_names: ClassVar[Mapping[str, str]] = {"starts_on": "planned_start", "ends_on": "planned_end"}

    code: CodeText = Field(description="The pool's code", examples=["RBSA"])
    title: Line = Field(description="Title", examples=["Regular Budget Supplementary Account"])
    title_fr: Line | None = Field(default=None, description="Title in French")
    title_es: Line | None = Field(default=None, description="Title in Spanish")
    description: Text | None = Field(default=None, description="What the money is for")
    planned_start: StartDay | None = Field(default=None, description="First day", examples=["2020-01-01"])
    planned_end: Day | None = Field(default=None, description="Last day", examples=["2025-12-31"])
    status: StageText = Field(default=Stage.IMPLEMENTATION, description="Stage, as for projects")
    unit: CodeText | None = Field(default=None, description="Code of the unit that is responsible for it")
    sectors: list[ShareIn] | None = Field(default=None, max_length=Items, description="Sectors with percentages")
    countries: list[ShareIn] | None = Field(default=None, max_length=Items, description="Countries with percentages")
    regions: list[ShareIn] | None = Field(
        default=None,
        max_length=Items,
        description="Regions with percentages",
        examples=[[{"code": "998", "percentage": "100"}]],
    )
    note: Text | None = Field(default=None, description="Internal note, never published")

    @model_validator(mode="before")
    @classmethod
    def _renamed(cls, values: object) -> object:
        return with_present_names(cls.former_names, values)


#: address of a document
DocumentUrl = Annotated[
    Line,
    StringConstraints(max_length=1000, pattern=r"^(https?|ftp)://[^\s]+$"),
    PLAIN_SCHEME,
    AS_SEEN,
    published_at("iati-activity/document-link/@url"),
    OPENED,
]

RevisedField = Literal["planned_end", "actual_end", "planned_start", "actual_start", "total_budget", "officer"]


class RevisionIn(Input):
    """A decision that changed a project. Table: ``revisions``, matched by project, field and day."""

    project: CodeText = Field(description="Code of the project", examples=["RAF/20/50/NLD"])
    field: RevisedField = Field(description="What changed", examples=["planned_end"])
    decided_on: Day = Field(description="Day of the decision", examples=["2026-03-15"])
    value: Annotated[Line | None, Written.ANY] = Field(
        description="New value: a date, an amount (with its currency, if another), an officer's code",
        examples=["2028-06-30"],
    )
    reason: Line = Field(description="Why", examples=["Extension at no cost"])
    note: Text | None = Field(default=None, description="Internal note, never published")


class DocumentIn(Titled):
    """A document of a project, or of the organisation. Table: ``documents``, matched by project and address."""

    project: CodeText | None = Field(default=None, description="Code of the project; empty: the organisation's own")
    url: DocumentUrl = Field(description="Address", examples=["https://www.example.org/report.pdf"])
    title: Line = Field(description="Title", examples=["Final evaluation report"])
    title_fr: Line | None = Field(default=None, description="Title in French")
    title_es: Line | None = Field(default=None, description="Title in Spanish")
    category: ListTerm = Field(description="IATI document category", examples=["A07"])
    format: ListTerm = Field(description="Media type", examples=["application/pdf"])
    language: ListTerm | None = Field(default=None, description="Language, two letters", examples=["en"])
    document_date: Day | None = Field(default=None, description="Date of the document", examples=["2025-06-30"])
    note: Text | None = Field(default=None, description="Internal note, never published")
    country: ListTerm | None = Field(default=None, description="Country that a document of the organisation is about")
    withheld_reason: Line | None = Field(default=None, description="Why it is not published; empty: it is")
    embargo_until: Day | None = Field(default=None, description="Not published before this day")


class IdentifierIn(Input):
    """Another IATI identifier for an activity. Readers take a published one that changes for another activity."""

    identifier: Annotated[str, StringConstraints(min_length=3, max_length=250, pattern=r"^[^\s/&|?]+$"), AS_SEEN] = (
        Field(description="New identifier", examples=["XM-DAC-41302-RAF-20-50-NLD"])
    )
    reason: Line = Field(description="Why it has to change", examples=["The registration number changed"])


class ContactIn(Input):
    """Whom to ask about a project; published only when released."""

    type: ListTerm | None = Field(default=None, description="IATI contact type", examples=["1"])
    organisation: Line | None = None
    department: Line | None = None
    person: Line | None = None
    job_title: Line | None = None
    telephone: Line | None = None
    email: Annotated[Line, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = Field(
        default=None, examples=["office@example.org"]
    )
    website: (
        Annotated[
            Line,
            Field(pattern=r"^https?://[^\s]+$"),
            PLAIN_SCHEME,
            published_at("iati-activity/contact-info/website/text()"),
            OPENED,
        ]
        | None
    ) = None
    address: Text | None = None
    released: bool = Field(default=False, description="Whether it is published")


class LocationIn(Input):
    """A place below the country."""

    reference: ListCode | None = None
    name: Line | None = Field(default=None, examples=["Kisumu"])
    latitude: Annotated[str, Field(pattern=r"^-?[0-9]{1,2}(\.[0-9]{1,12})?$")] | None = Field(
        default=None, description="Decimal degrees", examples=["-0.0917"]
    )
    longitude: Annotated[str, Field(pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,12})?$")] | None = Field(
        default=None, description="Decimal degrees", examples=["34.7680"]
    )
    exactness: ListTerm | None = Field(default=None, description="IATI geographic exactness")
    location_class: ListTerm | None = Field(default=None, description="IATI location class")


class ParticipantIn(Input):
    """An organisation's part in a project, beyond what agreements already say."""

    organisation: Reference = Field(
        description="Code of a partner, identifier or name of the organisation", examples=["KE-NGO-1234"]
    )
    role: ListTerm = Field(description="IATI organisation role: 1 funding … 4 implementing", examples=["4"])
    activity: Reference | None = Field(default=None, description="The organisation's own activity identifier")


class LinkIn(Input):
    """Another activity that this one is related to."""

    type: ListTerm = Field(description="IATI related activity type", examples=["3"])
    identifier: Reference = Field(description="Identifier of the other activity")


class LocationsIn(Input):
    items: list[LocationIn] = Field(max_length=Items)


class ParticipantsIn(Input):
    items: list[ParticipantIn] = Field(max_length=Items)


class LinksIn(Input):
    items: list[LinkIn] = Field(max_length=Items)


ProjectPatch = Partial[ProjectIn]
DocumentPatch = Partial[DocumentIn]
ContactPatch = Partial[ContactIn]


class ProjectRevisionIn(Input):
    """A decision that changed the project."""

    field: RevisedField = Field(description="What changed", examples=["planned_end"])
    decided_on: Day = Field(description="Day of the decision", examples=["2026-03-15"])
    value: Line | None = Field(description="New value, as in tables; null: it is taken away", examples=["2028-06-30"])
    reason: Line = Field(description="Why", examples=["Extension at no cost"])
    note: Text | None = Field(default=None, description="Internal note, never published")


class ProjectDocumentIn(Titled):
    """A document of the project."""

    url: DocumentUrl = Field(description="Address", examples=["https://www.example.org/report.pdf"])
    title: Line = Field(description="Title", examples=["Final evaluation report"])
    title_fr: Line | None = None
    title_es: Line | None = None
    category: ListTerm = Field(description="IATI document category", examples=["A07"])
    format: ListTerm = Field(description="Media type", examples=["application/pdf"])
    language: ListTerm | None = Field(default=None, examples=["en"])
    document_date: Day | None = None
    note: Text | None = None
    withheld_reason: Line | None = None
    embargo_until: Day | None = None
