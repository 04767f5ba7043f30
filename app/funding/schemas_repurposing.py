"""What goes in and comes out about changes of how money is tied."""

import datetime as dt

from pydantic import Field

from app.domain.earmarking import Modality
from app.domain.terms import Consent
from app.funding.schemas import OfAgreement
from app.funding.schemas_duties import Address
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import CodeText, Day, Input, KeyLine, Line, ListCode, Text


class RepurposingOfAgreementIn(Input):
    """A change of how the money of an agreement is tied; without the consent of the partner it is not in force."""

    decided_on: Day = Field(description="Day on which it was decided here", examples=["2027-02-01"])
    reason: Line = Field(description="Why", examples=["The flood made relief more urgent"])
    consent: Consent = Field(
        description="What the partner says: pending, granted, refused; not-needed where a slip is corrected",
        examples=["granted"],
    )
    consented_on: Day | None = Field(
        default=None, description="Day on which the partner consented", examples=["2027-02-20"]
    )
    document_url: Address | None = Field(default=None, description="Where the consent is to be read")
    preset: CodeText | None = Field(default=None, description="How it is earmarked from then on; empty: as before")
    modality: Modality | None = Field(
        default=None, description="Grand Bargain modality A to L; empty: that of the preset, or as before"
    )
    aid_type: ListCode | None = Field(default=None, description="DAC type of aid; empty: that of the preset")
    earmarked_for: Line | None = Field(default=None, description="What it is for from then on; empty: as before")
    earmarked_for_refs: list[KeyLine] | None = Field(
        default=None,
        max_length=50,
        description="The same as references; empty: as before",
        examples=[["country:MZ", "outcome:1"]],
    )
    note: Text | None = Field(default=None, description="Internal note, never published")


class RepurposingIn(RepurposingOfAgreementIn, OfAgreement):
    """A change of how money is tied. Table: ``agreement-repurposings``, matched by agreement and day."""


class RepurposingOut(Output):
    id: int
    agreement: str
    decided_on: dt.date
    reason: str
    consent: Consent
    consented_on: dt.date | None
    document_url: str | None
    preset: str | None
    modality: str | None
    aid_type: str | None
    earmarked_for: str | None
    earmarked_for_refs: list[str] | None
    in_force_from: dt.date | None = Field(description="null: it is not in force")
    note: str | None
    version: int
    archived_at: dt.datetime | None


class RepurposingPage(KeptPage):
    """Filters of changes of how money is tied."""
