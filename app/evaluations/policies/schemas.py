"""What goes in and comes out about policies."""

import datetime as dt
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from app.http.fields import MOST_ID, Output
from app.http.lists import Page
from app.inputs import Day, Input

#: as it was written: faults name its lines
PolicyText = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=200_000)]


class PolicyIn(Input):
    """An evaluation policy as the text of its file."""

    document: PolicyText
    activation_on: Day | None = Field(
        default=None, description="rungs reached before this day are recorded and nobody is told; empty: today"
    )
    decided_on: Day | None = Field(
        default=None,
        description="a newer version of a policy judges from this day on, and what was owed until then stays; "
        "empty: today",
    )
    in_retrospect: bool = Field(
        default=False, description="the newer version corrects the former one, as if that had never been"
    )


class PolicyTextIn(Input):
    """The text of a policy that is looked at and not stored."""

    document: PolicyText


class ComparisonIn(PolicyTextIn):
    """What is compared with the policies in use. Projects are looked at in parts: ask on with ``next`` as ``after``."""

    as_of: Day | None = Field(default=None, description="day from which it is looked at; empty: today")
    after: int = Field(default=0, ge=0, le=MOST_ID, description="where the part before ended", examples=[0])
    most: int = Field(default=1000, ge=1, le=5000, description="how many projects are looked at", examples=[1000])


class RetirementIn(Input):
    """How a policy ends; without a body it ends whole."""

    last_day: Day | None = Field(
        default=None,
        description="it goes on ruling what was signed until this day; empty: it rules nothing any more",
        examples=["2027-12-31"],
    )


class PolicyOut(Output):
    id: int
    code: str
    sequence: int
    title: str
    owner: str | None = Field(description="code of the partner whose clause it is; null: the organisation's own")
    valid_from: dt.date
    valid_to: dt.date | None
    activation_on: dt.date | None
    decided_on: dt.date | None = Field(description="it judges from this day on; null: from the beginning")
    retired: bool
    document: str
    recorded_at: dt.datetime
    recorded_by: str


class PolicyFindingOut(Output):
    rule: str
    severity: str
    line: int | None = Field(description="line of the text, counted from 1")
    pointer: str | None
    message: str


class CheckedOut(Output):
    policy: str | None = Field(description="id of the policy; null when the text says none")
    title: str | None
    loadable: bool = Field(description="whether nothing refuses it")
    findings: list[PolicyFindingOut]


class OwedOut(Output):
    kind: str
    independence: str
    window_opens: dt.date
    due: dt.date
    late: dt.date
    reason: str
    rules: list[str]


class UnknownOut(Output):
    kind: str | None
    missing: list[str]
    reason: str


class ChangeOut(Output):
    model_config = ConfigDict(populate_by_name=True)

    was: OwedOut = Field(alias="from")
    becomes: OwedOut = Field(alias="to")


class EffectOut(Output):
    project: str
    on_loading: bool = Field(description="whether loading does it, or only ruling every running project by it")
    added: list[OwedOut]
    removed: list[OwedOut]
    changed: list[ChangeOut]
    no_longer_known: list[UnknownOut]
    now_known: list[UnknownOut]


class ComparisonOut(Output):
    policy: str
    as_of: dt.date
    looked_at: int = Field(description="running projects that this part looked at")
    next: int | None = Field(description="give it as ``after`` for the next part; null: there are no more projects")
    projects: list[EffectOut]


class PolicyPage(Page):
    code: list[str] = Field(default=[], max_length=100)
    retired: bool | None = None
