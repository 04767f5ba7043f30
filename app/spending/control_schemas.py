"""What goes in and comes out about targets of delivery and of indicators, and about notes on slow projects."""

import datetime as dt
from decimal import Decimal

from pydantic import Field

from app.domain.contributions import Indicator
from app.domain.terms import TargetScope
from app.http.fields import Output
from app.http.lists import Page
from app.inputs import CodeText, Currency, Day, Input, Line, ListCode, Percentage, PeriodText, PositiveAmount, Text


class TargetIn(Input):
    """What a unit, field office or officer is to deliver in a period.

    Table: ``delivery-targets``, matched by scope, code, period and day. Neither percent nor amount: the target ends.
    """

    scope: TargetScope = Field(description="unit, field-office or officer", examples=["unit"])
    code: CodeText = Field(description="Code of the unit (a field office is one) or officer", examples=["ROAF"])
    period: PeriodText = Field(description="Period, as of reports: 2026, 2026-27, 2026-Q3, 2026-07", examples=["2026"])
    decided_on: Day = Field(description="Day of the decision; the newest one counts", examples=["2026-01-15"])
    percent: Percentage | None = Field(default=None, description="Target in percent of the allocation", examples=["85"])
    amount: PositiveAmount | None = Field(default=None, description="Or the amount to be spent")
    currency: Currency | None = Field(default=None, description="Currency of the amount")
    note: Text | None = Field(default=None, description="Internal note")


class IndicatorTargetIn(Input):
    """What is aimed at for an indicator of funding in a period, such as 15 % unearmarked and lightly earmarked.

    Table: ``indicator-targets``, matched by indicator, period and day. Without percent: the target ends.
    """

    indicator: Indicator = Field(
        description="Indicator, as the report earmarking calls it", examples=["unearmarked_and_lightly_share"]
    )
    period: PeriodText = Field(description="Period, as of reports: 2026, 2026-27", examples=["2026-27"])
    decided_on: Day = Field(description="Day of the decision; the newest one counts", examples=["2026-01-15"])
    percent: Percentage | None = Field(default=None, description="Target in percent", examples=["15"])
    source: Line | None = Field(
        default=None, description="Decision or document that sets it", examples=["Programme and Budget 2026-27"]
    )
    note: Text | None = Field(default=None, description="Internal note")


class DeliveryNoteIn(Input):
    """Why a project spends too slowly, and what is done about it. Appended: a new note has its own day.

    Table: ``delivery-notes``, matched by project, period and day.
    """

    project: CodeText = Field(description="Code of the project", examples=["RAF/20/50/NLD"])
    period: PeriodText = Field(description="Period whose delivery is slow, such as 2026", examples=["2026"])
    noted_on: Day = Field(description="Day of the note", examples=["2026-07-10"])
    problem: Line = Field(description="What keeps the money from being spent", examples=["Procurement is late"])
    action: Line = Field(description="What is done about it", examples=["Order through the regional office"])
    owner: Line = Field(description="Who does it", examples=["Amadou Exemplaire"])
    due_on: Day = Field(description="Day by which it is done", examples=["2026-09-30"])
    obstacle: Line | None = Field(default=None, description="What somebody higher has to clear away")
    escalated: bool = Field(default=False, description="true: the head of the unit is told of the obstacle, once")


class TargetOut(Output):
    id: int
    scope: TargetScope
    code: str
    period_start: dt.date
    period_end: dt.date
    decided_on: dt.date
    percent: Decimal | None
    amount: Decimal | None
    currency: str | None
    note: str | None
    recorded_at: dt.datetime
    recorded_by: str


class IndicatorTargetOut(Output):
    id: int
    indicator: Indicator
    period_start: dt.date
    period_end: dt.date
    decided_on: dt.date
    percent: Decimal | None
    source: str | None
    note: str | None
    recorded_at: dt.datetime
    recorded_by: str


class DeliveryNoteOut(Output):
    id: int
    project: str
    period_start: dt.date
    period_end: dt.date
    noted_on: dt.date
    problem: str
    action: str
    owner: str
    due_on: dt.date | None
    obstacle: str | None
    escalated: bool
    recorded_at: dt.datetime
    recorded_by: str


class TargetPage(Page):
    """Filters of targets."""

    scope: TargetScope | None = None
    code: ListCode | None = None
    period_start_from: Day | None = None
    period_end_to: Day | None = None


class IndicatorTargetPage(Page):
    """Filters of targets of indicators."""

    indicator: Indicator | None = None
    period_start_from: Day | None = None
    period_end_to: Day | None = None


class DeliveryNotePage(Page):
    """Filters of notes."""

    project: CodeText | None = None
    escalated: bool | None = None
    noted_on_from: Day | None = None
    noted_on_to: Day | None = None
