"""What the set-up takes."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from app.inputs import AS_SEEN, Currency, Day, Input, Line, ListTerm

#: identifier of an organisation: registration agency, hyphen, registration number
OrganisationIdentifier = Annotated[
    str, StringConstraints(min_length=2, max_length=200, pattern=r"^[^\s/&|?]+$"), AS_SEEN
]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class OrganisationIdentifierIn(Input):
    """Another identifier for the organisation that keeps this portfolio."""

    identifier: OrganisationIdentifier = Field(description="New IATI identifier", examples=["XM-DAC-41302"])
    reason: Line = Field(description="Why it changes", examples=["The registration moved to another agency"])


class BooksIn(Input):
    """Until when the books are closed."""

    closed_until: Day | None = Field(
        default=None,
        description="Last day of the period that is closed; nothing: the books are open",
        examples=["2025-12-31"],
    )
    reason: Line | None = Field(
        default=None, description="Why a closed period is opened again", examples=["The auditors asked for an entry"]
    )


class BooksSaid(BooksIn):
    """The same in a body, where the day has to be said: one that leaves it out would open everything."""

    closed_until: Day | None = Field(
        description="Last day of the period that is closed; null: the books are open", examples=["2025-12-31"]
    )


class BooksOut(BaseModel):
    """Until when the books are closed."""

    closed_until: dt.date | None = Field(description="Last day of the period that is closed; null: the books are open")


class SetupIn(Input):
    """The organisation's own set-up. Names are those of the options of ``earmark init``."""

    org_id: OrganisationIdentifier = Field(description="IATI identifier of the organisation", examples=["XM-DAC-41302"])
    name: Line = Field(description="Name of the organisation", examples=["International Labour Organization"])
    type: ListTerm = Field(description="IATI organisation type", examples=["40"])
    currency: Currency = Field(description="Currency of reports and budgets", examples=["USD"])
    language: Language = Field(default="en", description="Language of texts that name none", examples=["en"])
    languages: list[Language] = Field(default_factory=list, description="Languages the organisation publishes in")
    name_translations: list[tuple[Language, Line]] = Field(default_factory=list, description="Names in more languages")
    fiscal_year_start: int = Field(default=1, ge=1, le=12, description="Month in which the fiscal year starts")
    biennium_starts_even: bool = Field(default=True, description="Biennia begin in even years, as 2020-21 does")
    default_flow_type: ListTerm | None = Field(default=None, description="IATI flow type", examples=["10"])
    default_finance_type: ListTerm | None = Field(default=None, description="IATI finance type", examples=["110"])
    default_tied_status: ListTerm | None = Field(default=None, description="IATI tied status", examples=["5"])
    default_aid_type: ListTerm | None = Field(default=None, description="DAC type of aid", examples=["C01"])
    approval_by_second_person: bool = Field(default=False, description="A release is approved by another person")
