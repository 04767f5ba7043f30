"""What goes in and out about payments that are planned to other organisations."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import Field

from app.domain.terms import AllocationKind
from app.http.fields import Output
from app.inputs import CodeText, Currency, Day, Input, Line, PositiveAmount, Reference, StartDay
from app.projects.schemas import Items

Planned = Literal["original", "revised"]


class PlannedPaymentIn(Input):
    """A payment to an implementing partner that is planned for a period, such as an instalment of a sub-grant."""

    receiver: Reference = Field(
        description="Who is to be paid: code of a partner, identifier or name", examples=["KE-NGO-1234"]
    )
    period_start: StartDay = Field(description="First day of the period", examples=["2026-07-01"])
    period_end: Day | None = Field(default=None, description="Last day of the period", examples=["2026-12-31"])
    amount: PositiveAmount = Field(description="Amount", examples=["40000"])
    currency: Currency = Field(description="Currency", examples=["USD"])
    decided_on: Day = Field(description="Day of the decision", examples=["2026-01-15"])
    kind: Planned = Field(default="original", description="original or revised", examples=["original"])
    receiver_activity: Reference | None = Field(default=None, description="The receiver's own activity identifier")
    note: Line | None = Field(default=None, description="Internal note, never published")


class PlannedPaymentRow(PlannedPaymentIn):
    """The same in a table. Table: ``planned-payments``, matched by project, receiver, first day and kind."""

    project: CodeText = Field(description="Code of the project", examples=["RAF/20/50/NLD"])


class PlannedPaymentsIn(Input):
    items: list[PlannedPaymentIn] = Field(max_length=Items)


class PlannedPaymentOut(Output):
    id: int
    receiver: str | None
    receiver_identifier: str | None
    receiver_activity: str | None
    kind: AllocationKind
    period_start: dt.date | None
    period_end: dt.date | None
    amount: Decimal
    currency: str
    decided_on: dt.date | None
    note: str | None
    #: whether a published file brought it
    from_file: bool


class PlannedPaymentsOut(Output):
    items: list[PlannedPaymentOut]
