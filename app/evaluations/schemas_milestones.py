"""What goes in and comes out about milestones of evaluation strategies."""

import datetime as dt
from typing import Literal

from pydantic import Field

from app.evaluations.schemas import WebAddress
from app.http.fields import Output
from app.http.lists import KeptPage
from app.inputs import CodeText, Day, Input, Line, Partial, Reference, Text


class MilestoneIn(Input):
    """A milestone of an evaluation strategy, which the institution owes by a day.

    Table: ``milestones``, matched by strategy and code.
    """

    strategy: Reference = Field(description="Name of the strategy", examples=["Evaluation strategy 2018-21"])
    code: Reference = Field(description="Code of the milestone", examples=["1.1"])
    title: Line = Field(description="What is to be achieved", examples=["Evaluations are planned in clusters"])
    due_on: Day = Field(description="Day until which it is to be achieved", examples=["2021-12-31"])
    unit: CodeText | None = Field(default=None, description="Code of the unit that sees to it; empty: the organisation")
    result: Literal["fully", "partly", "not"] | None = Field(
        default=None, description="How far it was achieved: fully, partly or not; empty: it is not told yet"
    )
    reported_on: Day | None = Field(default=None, description="Day on which that was told")
    document_url: WebAddress | None = Field(default=None, description="Address of what shows it")
    note: Text | None = Field(default=None, description="Internal note, never published")


MilestonePatch = Partial[MilestoneIn]


class MilestoneOut(Output):
    id: int
    version: int
    strategy: str
    code: str
    title: str
    due_on: dt.date
    unit: str | None
    result: str | None
    reported_on: dt.date | None
    document_url: str | None
    note: str | None
    archived_at: dt.datetime | None


class MilestonePage(KeptPage):
    strategy: list[str] = Field(default=[], max_length=100)
    unit: list[str] = Field(default=[], max_length=100)
    result: list[Literal["fully", "partly", "not"]] = Field(default=[], max_length=100)
    due_from: Day | None = None
    due_to: Day | None = None
