"""What goes in and comes out about partners and organisations."""

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.terms import PartnerCategory, Screening
from app.http.fields import Output, RemarkOut
from app.http.lists import KeptPage
from app.inputs import AS_SEEN, CodeText, Day, Line, ListCode, ListTerm, Partial, StartDay, Text
from app.translated import Named

#: an organisation identifier: the characters that the standard forbids stay out
OrganisationId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\s/&|?]+$"), AS_SEEN]


class PartnerIn(Named):
    """A partner: an organisation that funds projects, or may. Table: ``partners``, matched by its code."""

    code: CodeText = Field(description="The partner's code", examples=["NLD"])
    name: Line = Field(description="Name", examples=["Netherlands (Ministry of Foreign Affairs)"])
    name_fr: Line | None = Field(default=None, description="Name in French", examples=["Pays-Bas"])
    name_es: Line | None = Field(default=None, description="Name in Spanish", examples=["Países Bajos"])
    category: PartnerCategory = Field(
        description=f"One of {', '.join(category.value for category in PartnerCategory)}", examples=["government"]
    )
    subcategory: Line | None = Field(default=None, description="Second level of the category, in free words")
    iati_ref: OrganisationId | None = Field(
        default=None, description="Organisation identifier, as in IATI", examples=["XM-DAC-7"]
    )
    iati_type: ListTerm | None = Field(
        default=None, description="IATI organisation type; empty: that of the category", examples=["10"]
    )
    country: ListTerm | None = Field(default=None, description="Country of its seat", examples=["NL"])
    screening: Screening | None = Field(
        default=None,
        description="not-required, pending, cleared or refused; empty: pending for non-State partners",
        examples=["not-required"],
    )
    cleared_until: Day | None = Field(default=None, description="Last day of the clearance; empty: no end was set")
    screening_reason: Line | None = Field(default=None, description="What the screening rests on")
    excluded_sectors: list[Line] | None = Field(
        default=None, max_length=50, description="Sectors whose money is not taken", examples=[["tobacco", "arms"]]
    )
    framework_agreement: Line | None = Field(default=None, description="Framework or partnership agreement in force")
    framework_starts_on: StartDay | None = Field(default=None, description="First day of the framework agreement")
    framework_ends_on: Day | None = Field(default=None, description="Last day of the framework agreement")
    framework_themes: list[Line] | None = Field(
        default=None, max_length=50, description="Themes of the framework agreement"
    )
    note: Text | None = Field(default=None, description="Internal note, never published")


class OrganisationIn(Named):
    """An organisation named in activities, agreements or transactions, whether it funds or not."""

    name: Line = Field(description="Name", examples=["Ministry of Labour"])
    name_fr: Line | None = Field(default=None, description="Name in French")
    name_es: Line | None = Field(default=None, description="Name in Spanish")
    identifier: OrganisationId | None = Field(default=None, description="Organisation identifier, as in IATI")
    type: ListTerm | None = Field(default=None, description="IATI organisation type", examples=["10"])
    country: ListTerm | None = Field(default=None, description="Country of its seat", examples=["KE"])


PartnerPatch = Partial[PartnerIn]
OrganisationPatch = Partial[OrganisationIn]


class PartnerOut(Output):
    id: int
    code: str
    name: str
    name_translations: list[list[str]] = Field(description="further languages: [[language, text], …]")
    category: PartnerCategory
    subcategory: str | None
    iati_ref: str | None
    iati_type: str | None
    country: str | None
    former_identifiers: list[str]
    screening: Screening
    cleared_until: dt.date | None
    screening_reason: str | None
    excluded_sectors: list[str]
    framework_agreement: str | None
    framework_starts_on: dt.date | None
    framework_ends_on: dt.date | None
    framework_themes: list[str]
    note: str | None
    organisation_id: int
    version: int
    archived_at: dt.datetime | None
    remarks: list[RemarkOut]


class OrganisationOut(Output):
    id: int
    name: str
    name_translations: list[list[str]] = Field(description="further languages: [[language, text], …]")
    identifier: str | None
    former_identifiers: list[str]
    type: str | None
    country: str | None
    version: int
    archived_at: dt.datetime | None
    remarks: list[RemarkOut]


class PartnerPage(KeptPage):
    """Filters of partners."""

    code: CodeText | None = None
    category: list[PartnerCategory] = Field(default=[], max_length=20)
    screening: list[Screening] = Field(default=[], max_length=10)
    country: ListCode | None = None
    iati_ref: OrganisationId | None = None
    cleared_until_from: Day | None = None
    cleared_until_to: Day | None = None
    q: Line | None = Field(default=None, description="text in the code or the name")


class OrganisationPage(KeptPage):
    """Filters of organisations."""

    identifier: OrganisationId | None = None
    type: ListCode | None = None
    country: ListCode | None = None
    q: Line | None = Field(default=None, description="text in the name or the identifier")
