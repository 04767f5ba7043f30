"""What goes in and comes out about lessons learned and good practices."""

import datetime as dt
from typing import Literal

from pydantic import Field

from app.evaluations.schemas import WebAddress
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import CodeText, Day, Input, Line, ListCode, Partial, Reference, Text

LessonKind = Literal["lesson", "good-practice"]


class LessonIn(Input):
    """A lesson learned or a good practice. Table: ``lessons``, matched by its reference."""

    reference: Reference = Field(description="The lesson's reference", examples=["LL-2026-031"])
    kind: LessonKind = Field(description="lesson or good-practice", examples=["lesson"])
    title: Line = Field(description="The lesson in a few words", examples=["Inspectors are trained before the law"])
    text: Text = Field(description="What was learned, and why", examples=["Where the law came first, nobody used it."])
    noted_on: Day = Field(description="Day on which it was noted", examples=["2026-03-31"])
    evaluation: Reference | None = Field(default=None, description="Reference of the evaluation that found it")
    project: CodeText | None = Field(default=None, description="Code of the project that learned it")
    sectors: list[ListCode] | None = Field(default=None, max_length=100, description="Codes of sectors")
    countries: list[ListCode] | None = Field(default=None, max_length=100, description="Codes of countries")
    outcomes: list[ListCode] | None = Field(
        default=None, max_length=100, description="Codes of outcomes of the results framework"
    )
    tags: list[ListCode] | None = Field(default=None, max_length=100, description="Further words to find it by")
    source_url: WebAddress | None = Field(default=None, description="Address of where it is written")
    note: Text | None = Field(default=None, description="Internal note, never published")


LessonPatch = Partial[LessonIn]


class LessonOut(Output):
    id: int
    version: int
    reference: str
    kind: LessonKind
    title: str
    text: str
    noted_on: dt.date
    evaluation: str | None
    project: str | None
    sectors: list[str]
    countries: list[str]
    outcomes: list[str]
    tags: list[str]
    source_url: str | None
    note: str | None
    archived_at: dt.datetime | None


class LessonPage(KeptPage):
    reference: list[str] = Field(default=[], max_length=100)
    kind: list[LessonKind] = Field(default=[], max_length=100)
    project: list[str] = Field(default=[], max_length=100)
    evaluation: list[str] = Field(default=[], max_length=100)
    sector: str | None = Field(default=None, max_length=60)
    country: str | None = Field(default=None, max_length=60)
    outcome: str | None = Field(default=None, max_length=60)
    tag: str | None = Field(default=None, max_length=60)
    q: str | None = Field(default=None, max_length=200, description="text in reference, title or text")
