"""What goes in and comes out about policies."""

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from app.http.fields import Output
from app.http.lists import Page
from app.inputs import Day, Input


class PolicyIn(Input):
    """An evaluation policy as the text of its file."""

    document: Annotated[str, StringConstraints(min_length=1, max_length=200_000)]
    activation_on: Day | None = Field(
        default=None, description="rungs reached before this day are recorded and nobody is told; empty: today"
    )


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
    retired: bool
    document: str
    recorded_at: dt.datetime
    recorded_by: str


class PolicyPage(Page):
    code: list[str] = Field(default=[], max_length=100)
    retired: bool | None = None
