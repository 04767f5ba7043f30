"""What goes in and comes out about releases."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.domain.terms import ReleaseState
from app.http.fields import Output
from app.http.lists import MOST, Page
from app.inputs import CodeText, Day, Input, Line, Text
from app.publishing.releasing.redacting import Part
from app.publishing.releasing.withheld import WithheldShown


class ReleaseIn(Input):
    """How a release is to be made."""

    as_of: Day | None = Field(default=None, description="The day to look from; today by default")
    split: Literal["whole", "country", "biennium"] | None = Field(
        default=None, description="How activities are split over files; by default as the settings say"
    )
    max_mb: int | None = Field(default=None, ge=1, le=60, description="Largest file in MB")
    live: list[Line] = Field(
        default=[], max_length=50, description="Addresses of what is published already, for the first release"
    )
    note: Text | None = Field(default=None, description="A word about this release, for colleagues")


class ApproveIn(Input):
    """That a release may go out."""

    accept: Literal["all"] | Annotated[list[int], Field(max_length=10_000)] | None = Field(
        default=None, description="Lines of what would vanish that are accepted, or all"
    )
    reason: Line | None = Field(default=None, description="Why that is right; required with accept")


class PublishIn(Input):
    """How a release is to be published."""

    dry_run: bool = Field(default=False, description="Tell what would be done, and do nothing")


class WithdrawIn(Input):
    """That something is taken back."""

    reason: Line = Field(description="Why; kept with the release")
    datasets: list[Line] = Field(default=[], max_length=1000, description="Only these; by default everything")


class ReleaseOut(Output):
    """A release in a list."""

    id: int
    number: int
    state: ReleaseState
    as_of: dt.date
    prepared_at: dt.datetime
    prepared_by: str
    approved_by: str | None
    approved_at: dt.datetime | None
    published_at: dt.datetime | None
    note: str | None
    account: dict[str, object] = Field(description="Counts, findings by rule, score, what it is compared with")
    version: int


class ReleasePage(Page):
    state: list[ReleaseState] = Field(default=[], max_length=10)
    number: int | None = Field(default=None, ge=1, le=2**31 - 1)


class LineOut(Output):
    """Something to know about a release."""

    id: int
    ordinal: int = Field(description="What `accept` names")
    kind: Literal["change", "vanishing", "held-back", "withheld"]
    subject: str = Field(description="Code of the project, else the identifier")
    what: str
    words: str
    accepted_reason: str | None
    accepted_by: str | None


class LinePage(Page):
    kind: list[Literal["change", "vanishing", "held-back", "withheld"]] = Field(default=[], max_length=10)
    subject: list[str] = Field(default=[], max_length=100)


class RedactionIn(Input):
    """A decision to withhold something from publication, or to release it again."""

    project: CodeText = Field(description="Code or IATI identifier")
    part: Part = Field(default=Part.PROJECT, description="What of it")
    subject: int | None = Field(default=None, ge=1, le=2**63 - 1, description="Key of the part; of the project none")
    withheld: bool = Field(default=True, description="false: it is published again")
    reason: Line
    until: Day | None = Field(default=None, description="Published again from this day")


class RedactionOut(Output):
    id: int
    project: str
    part: Part
    subject: int
    withheld: bool
    reason: str
    until: dt.date | None
    recorded_at: dt.datetime
    recorded_by: str


class WithheldOut(BaseModel):
    """What is not published as of a day, by project: a page of it."""

    as_of: dt.date
    withheld: list[WithheldShown]
    next: str | None = Field(description="Give this as `cursor` to get the next page; null on the last")
    count: int | None = Field(default=None, description="How many there are on all pages, when `count` asks for it")
    more: bool = Field(default=False, description="There are more than `count`, which is as far as is counted")


class WithheldPage(Page):
    limit: int = Field(default=MOST, ge=1, le=MOST, description="how many at most")
    project: CodeText | None = Field(default=None, description="Only of this one: code or IATI identifier.")
    as_of: Day | None = Field(default=None, description="The day of the publication; today by default.")


class RedactionPage(Page):
    project: list[str] = Field(default=[], max_length=100)
    part: list[Part] = Field(default=[], max_length=10)
    subject: int | None = Field(default=None, ge=1, le=2**63 - 1)
    withheld: bool | None = None
