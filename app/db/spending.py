"""The money of projects: allocations, the ledger, encumbrances, exchange rates; and the organisation's own budget."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.db.base import Kept, Recorded, Row, column, foreign
from app.db.types import Code, Money, choice, one_of
from app.domain.terms import AllocationKind, EncumbranceKind, EntryKind


class Allocation(Recorded, table=True):
    """Money set aside for a project in a period from one source; appended, the newest decision counts.

    Rows belong together by (project, period, source, outcome, country, line). ``line`` tells apart what a published
    file listed more than once for the same period and type.
    """

    __tablename__ = "allocations"
    __table_args__ = (
        CheckConstraint("length(currency) = 3 OR ordinal IS NOT NULL", name="currency_is_code"),
        Index("ix_allocations_project_period", "project_id", "period_start", "period_end"),
        Index(
            "ix_allocations_own_source",
            "source",
            sqlite_where=text("agreement_id IS NULL"),
            postgresql_where=text("agreement_id IS NULL"),
        ),
    )

    project_id: int = foreign("projects.id", index=False)
    period_start: dt.date | None = Field(default=None)
    period_end: dt.date | None = Field(default=None)
    agreement_id: int | None = foreign("agreements.id", optional=True)
    #: name of the source of own resources ("RB"), or the agreement's reference; empty: not said
    source: str = column(Code, default="")
    kind: AllocationKind = column(choice(AllocationKind))
    outcome: str = column(Code, default="")
    country: str = column(Code, default="")
    line: int = Field(default=0)
    decided_on: dt.date
    amount: Decimal = column(Money)
    currency: str = column(Code)
    #: IATI budget status: 1 indicative, 2 committed; None: derived from the agreements
    status: str | None = column(Code, default=None)
    value_date: dt.date | None = Field(default=None)
    reason: str = column(default="")
    #: the row takes the place of this one (a corrected figure of the same decision)
    supersedes_id: int | None = foreign("allocations.id", optional=True)
    #: the figure is no longer stated by its source; the amount is 0
    withdrawn: bool = Field(default=False)
    #: never published
    note: str | None = column(default=None)
    #: place among the budgets of a published file; None for what is kept here
    ordinal: int | None = Field(default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class PlannedPayment(Row, table=True):
    """A payment to another organisation that is planned for a period, as under a sub-grant."""

    __tablename__ = "planned_payments"
    __table_args__ = (CheckConstraint("length(currency) = 3 OR ordinal IS NOT NULL", name="currency_is_code"),)

    project_id: int = foreign("projects.id")
    #: place in the published file that it came from; None: it was entered here
    ordinal: int | None = Field(default=None)
    kind: AllocationKind = column(choice(AllocationKind))
    period_start: dt.date | None = Field(default=None)
    period_end: dt.date | None = Field(default=None)
    amount: Decimal = column(Money)
    currency: str = column(Code)
    #: day of the decision, whose rate of exchange counts
    value_date: dt.date | None = Field(default=None)
    provider_id: int | None = foreign("organisations.id", optional=True)
    provider_activity: str | None = column(Code, default=None)
    receiver_id: int | None = foreign("organisations.id", optional=True)
    receiver_activity: str | None = column(Code, default=None)
    note: str | None = column(default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class LedgerEntry(Recorded, table=True):
    """A dated transaction. Corrections and withdrawals are further rows that name what they correct."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("length(currency) = 3 OR ordinal IS NOT NULL", name="currency_is_code"),
        CheckConstraint("(entry_kind = 'posting') = (adjusts_id IS NULL)", name="correction_names_its_entry"),
        CheckConstraint("entry_kind = 'posting' OR reason <> ''", name="correction_has_reason"),
        Index("ix_ledger_entries_project_type_date", "project_id", "type", "date"),
        # whether anything was posted here is asked by every export, and what was imported has none of it
        Index(
            "ix_ledger_entries_posted_here",
            "type",
            sqlite_where=text("ordinal IS NULL"),
            postgresql_where=text("ordinal IS NULL"),
        ),
    )

    project_id: int = foreign("projects.id", index=False)
    agreement_id: int | None = foreign("agreements.id", optional=True)
    #: number of the voucher or posting; unique where given
    document: str | None = column(Code, default=None, unique=True)
    #: IATI transaction type
    type: str = column(Code)
    date: dt.date
    amount: Decimal = column(Money)
    currency: str = column(Code)
    value_date: dt.date | None = Field(default=None)
    description: str | None = column(default=None)
    #: further languages: [[language, text], …]
    description_translations: list[list[str]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    provider_id: int | None = foreign("organisations.id", optional=True)
    provider_activity: str | None = column(Code, default=None)
    receiver_id: int | None = foreign("organisations.id", optional=True)
    receiver_activity: str | None = column(Code, default=None)
    country: str | None = column(Code, default=None)
    sector: str | None = column(Code, default=None)
    #: type of assistance (staff, training, equipment …)
    assistance: str | None = column(default=None)
    flow_type: str | None = column(Code, default=None)
    finance_type: str | None = column(Code, default=None)
    aid_type: str | None = column(Code, default=None)
    tied_status: str | None = column(Code, default=None)
    #: money passed between activities of the organisation itself; never expenditure
    internal: bool = Field(default=False)
    entry_kind: EntryKind = column(choice(EntryKind), default=EntryKind.POSTING)
    adjusts_id: int | None = foreign("ledger_entries.id", optional=True)
    reason: str = column(default="")
    #: why the row is not published
    withheld_reason: str | None = column(default=None)
    #: never published
    note: str | None = column(default=None)
    #: the transaction's own reference in a published file
    reference: str | None = column(Code, default=None)
    #: place among the transactions of a published file; None for what is kept here
    ordinal: int | None = Field(default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class AssistanceType(Kept, table=True):
    """A type of assistance as the organisation tells its expenditure apart; the ledger names its code."""

    __tablename__ = "assistance_types"

    code: str = column(Code, unique=True)
    name: str = column()
    note: str | None = column(default=None)


class Encumbrance(Kept, table=True):
    """Money reserved by an obligation, or advanced and not yet accounted for; never expenditure."""

    __tablename__ = "encumbrances"
    __table_args__ = (CheckConstraint("length(currency) = 3", name="currency_is_code"),)

    document: str = column(Code, unique=True)
    project_id: int = foreign("projects.id")
    date: dt.date
    amount: Decimal = column(Money)
    currency: str = column(Code)
    kind: EncumbranceKind = column(choice(EncumbranceKind), default=EncumbranceKind.ENCUMBRANCE)
    #: day on which it was paid, cancelled or liquidated
    released_on: dt.date | None = Field(default=None)
    note: str | None = column(default=None)


class ExchangeRate(Recorded, table=True):
    """UN operational rate: local units per US dollar from a day on. The newest recorded row of a day counts."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        CheckConstraint("length(currency) = 3", name="currency_is_code"),
        UniqueConstraint("currency", "effective_on", "sequence"),
    )

    currency: str = column(Code)
    effective_on: dt.date
    sequence: int = Field(default=1)
    rate: Decimal = column(Money)
    note: str | None = column(default=None)


class InstitutionalBudget(Kept, table=True):
    """A line of the organisation's own budget, for the organisation file: in total or for a country.

    Of kind ``need``: what an outcome (``line``) needs in all, in a country where one is named; never published.
    """

    __tablename__ = "institutional_budgets"
    __table_args__ = (
        one_of("kind", "total", "country", "expenditure", "need"),
        one_of("status", "indicative", "committed"),
        CheckConstraint("length(currency) = 3", name="currency_is_code"),
        CheckConstraint("period_end >= period_start", name="dates_in_order"),
        CheckConstraint("kind = 'need' OR (kind = 'country') = (country <> '')", name="country_on_country_budgets"),
        CheckConstraint("kind <> 'need' OR line <> ''", name="need_of_an_outcome"),
        UniqueConstraint("kind", "country", "period_start", "line"),
    )

    kind: str = column(Code)
    country: str = column(Code, default="")
    period_start: dt.date
    period_end: dt.date
    #: reference of a budget line below the period's total; empty: the total itself
    line: str = column(Code, default="")
    line_title: str | None = column(default=None)
    amount: Decimal = column(Money)
    currency: str = column(Code)
    status: str = column(Code, default="indicative")
    value_date: dt.date
    note: str | None = column(default=None)
