"""What comes out about statements of delivery; filters of their lists."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import Field

from app.http.fields import Output
from app.http.lists import Page
from app.inputs import CodeText, Day, ListCode, PeriodText


class StatementOut(Output):
    id: int
    kind: Literal["month", "year"]
    period: str = Field(description="as a report is asked for it, such as 2026-03 or 2026")
    period_start: dt.date
    period_end: dt.date
    as_of: dt.date = Field(description="the day whose knowledge it shows")
    currency: str
    definition: str
    allocation: Decimal | None
    expenditure: Decimal | None
    encumbrance: Decimal | None
    rate: str | None = Field(description="expenditure over allocation in percent")
    rates: list[dict[str, str]] = Field(description="rates of exchange that were used")
    remarks: list[str]
    recorded_at: dt.datetime
    recorded_by: str


class StatementRowOut(Output):
    id: int
    project: str
    unit: str | None
    officer: str | None
    allocation: Decimal | None
    expenditure: Decimal | None
    encumbrance: Decimal | None
    rate: str | None


class FiguresOut(Output):
    allocation: Decimal | None
    expenditure: Decimal | None
    encumbrance: Decimal | None
    rate: str | None


class StatementChangeOut(Output):
    project: str
    then: FiguresOut
    now: FiguresOut
    reasons: list[str]


class ComparisonOut(Output):
    period: str
    statement_as_of: dt.date
    as_of: dt.date
    currency: str
    then: FiguresOut
    now: FiguresOut
    changes: list[StatementChangeOut] = Field(description="the projects whose figures differ, each with why")
    unchanged: int = Field(description="how many projects are as they were")


class StatementPage(Page):
    """Filters of statements."""

    kind: Literal["month", "year"] | None = None
    period: PeriodText | None = None
    period_start_from: Day | None = None
    period_end_to: Day | None = None


class StatementRowPage(Page):
    """Filters of the rows of a statement."""

    project: CodeText | None = None
    unit: ListCode | None = None
    officer: ListCode | None = None
