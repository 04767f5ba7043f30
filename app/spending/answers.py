"""What comes out about allocations, the ledger, encumbrances, rates and institutional budgets; filters of lists."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import Field

from app.domain.ledger import TransactionType
from app.domain.terms import AllocationKind, EncumbranceKind, EntryKind
from app.http.fields import Output, RemarkOut
from app.http.lists import KeptPage, Page
from app.inputs import CodeText, Currency, Day, ListCode, Reference


class AllocationOut(Output):
    id: int
    project: str
    period_start: dt.date | None
    period_end: dt.date | None
    source: str
    agreement: str | None
    kind: AllocationKind
    decided_on: dt.date
    outcome: str
    country: str
    amount: Decimal
    currency: str
    status: str | None
    reason: str
    note: str | None
    supersedes: int | None = Field(description="the allocation whose place this one takes")
    withdrawn: bool
    superseded: bool = Field(description="whether another allocation takes its place")
    recorded_at: dt.datetime
    recorded_by: str


class TransactionOut(Output):
    id: int
    document: str | None
    project: str
    agreement: str | None
    type: str
    date: dt.date
    amount: Decimal
    currency: str
    value_date: dt.date | None
    description: str | None
    country: str | None
    sector: str | None
    assistance: str | None
    provider: str | None
    receiver: str | None
    provider_activity: str | None
    receiver_activity: str | None
    internal: bool
    entry_kind: EntryKind
    adjusts: int | None
    reason: str
    note: str | None
    recorded_at: dt.datetime
    recorded_by: str


class EncumbranceOut(Output):
    id: int
    version: int
    document: str
    project: str
    date: dt.date
    amount: Decimal
    currency: str
    kind: EncumbranceKind
    released_on: dt.date | None
    note: str | None
    archived_at: dt.datetime | None


class EncumbranceRevisionOut(Output):
    """All that an encumbrance held from a change on."""

    id: int
    sequence: int
    changed_on: dt.date | None = Field(description="day from which it held this; null: from the beginning")
    project: str
    date: dt.date
    amount: Decimal
    currency: str
    kind: EncumbranceKind
    released_on: dt.date | None = Field(description="day on which it ended, as far as it was known with this change")
    recorded_at: dt.datetime
    recorded_by: str


class RateOut(Output):
    id: int
    currency: str
    effective_on: dt.date
    sequence: int
    rate: Decimal
    note: str | None
    recorded_at: dt.datetime
    recorded_by: str


class InstitutionalBudgetOut(Output):
    id: int
    version: int
    kind: str
    country: str
    period_start: dt.date
    period_end: dt.date
    line: str
    line_title: str | None
    amount: Decimal
    currency: str
    status: str
    value_date: dt.date
    note: str | None
    archived_at: dt.datetime | None


class InstitutionalBudgetStoredOut(InstitutionalBudgetOut):
    """A figure that was stored, with what somebody should look at all the same."""

    remarks: list[RemarkOut]


class AllocationPage(Page):
    """Filters of allocations."""

    project: CodeText | None = None
    source: Reference | None = None
    kind: AllocationKind | None = None
    outcome: ListCode | None = None
    country: ListCode | None = None
    decided_on_from: Day | None = None
    decided_on_to: Day | None = None
    period_start_from: Day | None = None
    period_end_to: Day | None = None
    history: bool = Field(default=False, description="also what was superseded or withdrawn")


class TransactionPage(Page):
    """Filters of transactions."""

    project: CodeText | None = Field(default=None, description="code of the project or pool")
    agreement: Reference | None = None
    document: Reference | None = None
    type: list[TransactionType] = Field(default=[], max_length=13, description="IATI codes")
    entry_kind: EntryKind | None = None
    currency: Currency | None = None
    country: ListCode | None = None
    date_from: Day | None = None
    date_to: Day | None = None
    internal: bool | None = None


class EncumbrancePage(KeptPage):
    """Filters of encumbrances."""

    project: CodeText | None = None
    kind: EncumbranceKind | None = None
    document: Reference | None = None
    open: bool | None = Field(default=None, description="those that have not ended, or those that have")


class RatePage(Page):
    """Filters of rates."""

    currency: Currency | None = None
    effective_on_from: Day | None = None
    effective_on_to: Day | None = None


class InstitutionalBudgetPage(KeptPage):
    """Filters of institutional budgets."""

    kind: Literal["total", "country", "expenditure", "need"] | None = None
    country: ListCode | None = None
    period_start_from: Day | None = None
    period_end_to: Day | None = None
