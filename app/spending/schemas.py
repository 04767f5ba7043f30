"""What goes in about allocations, the ledger, encumbrances, rates and the institutional budget."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from app.domain.ledger import TransactionType
from app.domain.terms import AllocationKind, EncumbranceKind
from app.inputs import (
    Amount,
    CodeText,
    Currency,
    Day,
    Input,
    Line,
    ListCode,
    ListTerm,
    Partial,
    PeriodText,
    PositiveAmount,
    Reference,
    StartDay,
    Text,
)


def _type(value: object) -> object:
    return TransactionType.read(value) if isinstance(value, str) else value


def _above_zero(rate: Decimal) -> Decimal:
    if rate <= 0:
        raise ValueError("The rate must be above zero: local units per US dollar.")
    return rate


#: IATI code or name in kebab case
TypeText = Annotated[TransactionType, BeforeValidator(_type)]
#: several rows of one file and day may carry a number each; white space and separators of lists are allowed here
DocumentNumber = Reference


class AllocationIn(Input):
    """Money set aside for a project in a period from one source: the full new value, decided on a day.

    Table: ``allocations``, matched by project, period, source, kind, day, outcome and country.
    """

    project: CodeText = Field(description="Code of the project or pool", examples=["RAF/20/50/NLD"])
    fiscal_year: PeriodText = Field(
        description="Fiscal year or period: 2021, FY2021, 2020-21 (two years, or the one that lies in both), "
        "biennium-2020, 2021-Q3 or 2021-01-01..2021-06-30",
        examples=["2026"],
    )
    source: Reference | None = Field(
        default=None, description="Reference of the agreement, or name of own resources", examples=["NLD-2020-01"]
    )
    kind: AllocationKind = Field(
        description="original, revised, rephasing (money of one year set aside for another) or carry-over (what was "
        "not spent goes on into the next year)",
        examples=["original"],
    )
    decided_on: Day = Field(description="Day of the decision, after the books that are closed", examples=["2026-01-15"])
    outcome: ListCode | None = Field(default=None, description="Outcome it is for")
    country: ListTerm | None = Field(default=None, description="Country it is for")
    amount: PositiveAmount = Field(description="Amount, gross: the whole, not a difference", examples=["500000"])
    currency: Currency = Field(description="Currency", examples=["USD"])
    status: Literal["indicative", "committed"] | None = Field(
        default=None, description="indicative or committed; empty: follows from the agreements"
    )
    reason: Line | None = Field(default=None, description="Why")
    note: Line | None = Field(default=None, description="Internal note, never published")


class WithdrawalIn(Input):
    """Why a figure no longer holds."""

    reason: Line = Field(examples=["Entered for the wrong project"])


class TransactionIn(Input):
    """A dated transaction. Table: ``transactions``, matched by its document."""

    document: DocumentNumber = Field(description="Number of the voucher", examples=["EX-2026-0017"])
    project: CodeText | None = Field(
        default=None, description="Code of the project (or of the pool)", examples=["RAF/20/50/NLD"]
    )
    pool: CodeText | None = Field(
        default=None,
        description="Code of the pool; with a project as well, the row is one side of a transfer between the two",
    )
    agreement: Reference | None = Field(default=None, description="Reference of the agreement")
    type: TypeText = Field(description="IATI code or name, such as expenditure", examples=["expenditure"])
    date: Day = Field(description="Day of the transaction", examples=["2026-03-31"])
    amount: Amount = Field(description="Amount; refunds and write-downs are negative", examples=["12500.50"])
    currency: Currency = Field(description="Currency", examples=["USD"])
    value_date: Day | None = Field(default=None, description="Day of its rate of exchange; empty: its own")
    description: Line | None = Field(
        default=None,
        description="What it was; not published of expenditure, which is published as sums for each month",
    )
    country: ListTerm | None = Field(
        default=None, description="Country it was for; published where the project states none and every row has one"
    )
    sector: ListTerm | None = Field(
        default=None, description="Sector it was for; published where the project states none and every row has one"
    )
    assistance: Line | None = Field(default=None, description="Type of assistance: staff, training, equipment …")
    provider: Reference | None = Field(default=None, description="Who paid: partner code, identifier or name")
    receiver: Reference | None = Field(default=None, description="Who received: partner code, identifier or name")
    adjusts: DocumentNumber | None = Field(default=None, description="Document that this row corrects")
    reason: Line | None = Field(default=None, description="Why it corrects")
    note: Text | None = Field(default=None, description="Internal note, never published")


class EncumbranceIn(Input):
    """Money reserved or advanced, not spent. Table: ``encumbrances``, matched by its document."""

    document: DocumentNumber = Field(description="Number of the commitment", examples=["EN-2026-0003"])
    project: CodeText = Field(description="Code of the project", examples=["RAF/20/50/NLD"])
    date: Day = Field(description="Day from which it binds", examples=["2026-02-01"])
    amount: PositiveAmount = Field(description="Amount", examples=["40000"])
    currency: Currency = Field(description="Currency", examples=["USD"])
    kind: EncumbranceKind = Field(
        default=EncumbranceKind.ENCUMBRANCE, description="encumbrance or advance", examples=["encumbrance"]
    )
    released_on: Day | None = Field(default=None, description="Day on which it was paid, cancelled or liquidated")
    note: Text | None = Field(default=None, description="Internal note")
    changed_on: Day | None = Field(
        default=None,
        description="Day from which a change of what stands holds, such as the day of a month-end file; empty: today, "
        "or as long as what was recorded today and is corrected",
    )


class LiquidationIn(Input):
    """What became of an advance or encumbrance: the expenditure that it was for."""

    document: DocumentNumber = Field(description="Number of the voucher of the expenditure")
    date: Day
    #: what was spent; the rest of the advance came back or was cancelled
    amount: PositiveAmount
    description: Line | None = None
    agreement: Reference | None = Field(
        default=None, description="Reference of the agreement that it is charged to; empty: it names no source"
    )
    value_date: Day | None = Field(default=None, description="Day of its rate of exchange; empty: its own")
    country: ListTerm | None = Field(default=None, description="Country it was for")
    sector: ListTerm | None = Field(default=None, description="Sector it was for")
    assistance: Line | None = Field(default=None, description="Type of assistance: staff, training, equipment …")


class RateIn(Input):
    """UN operational rate of exchange. Table: ``rates``, matched by currency and day."""

    currency: Currency = Field(description="Currency", examples=["EUR"])
    effective_on: StartDay = Field(description="Day from which it holds", examples=["2026-01-01"])
    rate: Annotated[Amount, AfterValidator(_above_zero)] = Field(
        description="Local units per US dollar", examples=["0.853"]
    )
    note: Text | None = Field(default=None, description="Internal note")


class InstitutionalBudgetIn(Input):
    """A figure of the organisation's own budget, for the organisation file, or a need.

    Table: ``institutional-budget``.
    """

    kind: Literal["total", "country", "expenditure", "need"] = Field(
        description="total, country, expenditure, or need: what an outcome needs", examples=["total"]
    )
    period_start: StartDay = Field(description="First day", examples=["2026-01-01"])
    period_end: Day = Field(description="Last day", examples=["2026-12-31"])
    country: ListTerm | None = Field(default=None, description="Country of a country's budget, or of a need")
    amount: PositiveAmount = Field(description="Amount", examples=["645300000"])
    currency: Currency = Field(description="Currency", examples=["USD"])
    status: Literal["indicative", "committed"] = Field(default="indicative", description="indicative or committed")
    value_date: Day | None = Field(default=None, description="Day of its rate of exchange; empty: the first day")
    note: Text | None = Field(default=None, description="Internal note")
    line: ListCode | None = Field(
        default=None, description="Reference of a budget line below the period's total; the outcome of a need"
    )
    line_title: Line | None = Field(default=None, description="Title of the budget line")
    decided_on: Day | None = Field(
        default=None,
        description=(
            "Day of the decision, after the books that are closed; empty: when new the first day of the period that "
            "the books are open for, or today before it; else today"
        ),
    )


EncumbrancePatch = Partial[EncumbranceIn]
InstitutionalBudgetPatch = Partial[InstitutionalBudgetIn]
TransactionPatch = Partial[TransactionIn]
