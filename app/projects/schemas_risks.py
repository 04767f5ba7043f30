"""What goes in and comes out about risks."""

import datetime as dt

from pydantic import Field

from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import CodeText, Day, Input, Line, Partial, Reference, Text


class RiskIn(Input):
    """A risk of a project, or of a unit. Table: ``risks``, matched by its reference."""

    reference: Reference = Field(description="The risk's reference", examples=["RSK-2026-014"])
    project: CodeText | None = Field(default=None, description="Code of the project", examples=["RAF/20/50/NLD"])
    unit: CodeText | None = Field(default=None, description="Instead of a project: code of the unit")
    cause: Line = Field(description="Why it may happen", examples=["Elections are called early"])
    event: Line = Field(description="What may happen", examples=["Ministries sign nothing for half a year"])
    consequence: Line = Field(description="What would follow", examples=["Training begins a year late"])
    likelihood: int = Field(ge=1, le=5, description="How likely it is, from 1 to 5", examples=[3])
    impact: int = Field(ge=1, le=5, description="How grave it would be, from 1 to 5", examples=[4])
    owner: CodeText | None = Field(default=None, description="Code of the officer who sees to it", examples=["aex"])
    response: Text | None = Field(default=None, description="What is done about it", examples=["Agree plans by May."])
    opened_on: Day = Field(description="Day on which it was put on record", examples=["2026-02-02"])
    review_on: Day = Field(description="Day of the next review", examples=["2026-08-01"])
    reviewed_on: Day | None = Field(default=None, description="Day of the last review")
    escalated_on: Day | None = Field(default=None, description="Day from which the head of the unit sees to it")
    closed_on: Day | None = Field(default=None, description="Day on which it was over")
    note: Text | None = Field(default=None, description="Internal note, never published")


RiskPatch = Partial[RiskIn]


class RiskOut(Output):
    id: int
    version: int
    reference: str
    project: str | None
    unit: str | None
    cause: str
    event: str
    consequence: str
    likelihood: int
    impact: int
    rating: int = Field(description="likelihood times impact; high from 15")
    owner: str | None
    owner_left: bool = Field(description="whether whoever owns it is no officer any more")
    response: str | None
    opened_on: dt.date
    review_on: dt.date
    reviewed_on: dt.date | None
    escalated_on: dt.date | None
    closed_on: dt.date | None
    note: str | None
    archived_at: dt.datetime | None


class RiskPage(KeptPage):
    reference: list[str] = Field(default=[], max_length=100)
    project: list[str] = Field(default=[], max_length=100)
    unit: list[str] = Field(default=[], max_length=100)
    owner: list[str] = Field(default=[], max_length=100)
    rating_from: int | None = Field(default=None, ge=1, le=25)
    review_from: Day | None = None
    review_to: Day | None = None
    q: str | None = Field(default=None, max_length=200, description="text in reference, cause, event or consequence")
