"""The control cycle: targets of delivery and of indicators, notes on slow projects, and frozen statements."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.db.base import Recorded, Row, column, foreign, json_column
from app.db.types import Code, Key, Money, choice, json_list, one_of
from app.domain.contributions import Indicator
from app.domain.terms import TargetScope


class DeliveryTarget(Recorded, table=True):
    """What a unit, a field office or an officer is to deliver in a period; the newest decision known on a day counts.

    A decision with neither a percentage nor an amount takes the target away.
    """

    __tablename__ = "delivery_targets"
    __table_args__ = (
        CheckConstraint("(unit_id IS NULL) = (officer_id IS NOT NULL)", name="of_a_unit_or_an_officer"),
        CheckConstraint("(scope = 'officer') = (officer_id IS NOT NULL)", name="scope_fits"),
        CheckConstraint("percent IS NULL OR amount IS NULL", name="percent_or_amount"),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="amount_has_currency"),
        CheckConstraint("period_end >= period_start", name="dates_in_order"),
        UniqueConstraint(
            "unit_id", "scope", "period_start", "period_end", "decided_on", "sequence", name="uq_delivery_targets_units"
        ),
        UniqueConstraint(
            "officer_id", "period_start", "period_end", "decided_on", "sequence", name="uq_delivery_targets_officers"
        ),
    )

    scope: TargetScope = column(choice(TargetScope))
    unit_id: int | None = foreign("units.id", optional=True)
    officer_id: int | None = foreign("officers.id", optional=True)
    period_start: dt.date
    period_end: dt.date
    decided_on: dt.date
    #: rises where the decision of one day is corrected
    sequence: int = Field(default=1)
    #: of the allocation
    percent: Decimal | None = column(Money, default=None)
    #: to be spent
    amount: Decimal | None = column(Money, default=None)
    currency: str | None = column(Code, default=None)
    note: str | None = column(default=None)


class IndicatorTarget(Recorded, table=True):
    """What a governing body aims at for an indicator of funding in a period; the newest decision known on a day counts.

    A decision without a percentage takes the target away.
    """

    __tablename__ = "indicator_targets"
    __table_args__ = (
        CheckConstraint("period_end >= period_start", name="dates_in_order"),
        UniqueConstraint(
            "indicator", "period_start", "period_end", "decided_on", "sequence", name="uq_indicator_targets_decisions"
        ),
    )

    indicator: Indicator = column(choice(Indicator))
    period_start: dt.date
    period_end: dt.date
    decided_on: dt.date
    #: rises where the decision of one day is corrected
    sequence: int = Field(default=1)
    percent: Decimal | None = column(Money, default=None)
    #: the decision or document that sets it
    source: str | None = column(default=None)
    note: str | None = column(default=None)


class DeliveryNote(Recorded, table=True):
    """What an officer says about a project that spends too slowly, and what is done about it. Appended."""

    __tablename__ = "delivery_notes"
    __table_args__ = (
        CheckConstraint("period_end >= period_start", name="dates_in_order"),
        CheckConstraint("NOT escalated OR obstacle IS NOT NULL", name="escalation_names_its_obstacle"),
        UniqueConstraint("project_id", "period_start", "period_end", "noted_on", name="uq_delivery_notes_project_day"),
    )

    project_id: int = foreign("projects.id", index=False)
    period_start: dt.date
    period_end: dt.date
    #: day from which it is known
    noted_on: dt.date
    problem: str = column()
    action: str = column()
    #: who does it, and by when
    owner: str = column()
    due_on: dt.date | None = Field(default=None)
    #: what somebody higher has to clear away
    obstacle: str | None = column(default=None)
    #: whether the head of the unit is told of the obstacle
    escalated: bool = Field(default=False)


class DeliveryStatement(Recorded, table=True):
    """The delivery of a month or year as it was known on a day; never changes afterwards."""

    __tablename__ = "delivery_statements"
    __table_args__ = (one_of("kind", "month", "year"), UniqueConstraint("kind", "period_start"))

    kind: str = column(Code)
    #: as a report is asked for it: 2026-03, 2026
    period: str = column(Code)
    period_start: dt.date
    period_end: dt.date
    as_of: dt.date
    currency: str = column(Code)
    definition: str = column()
    #: sums of all projects; None where a rate of exchange was missing
    allocation: Decimal | None = column(Money, default=None)
    expenditure: Decimal | None = column(Money, default=None)
    encumbrance: Decimal | None = column(Money, default=None)
    #: in percent, as printed
    rate: str | None = column(Code, default=None)
    rates: list[dict[str, str]] = json_column(json_list(), list)
    remarks: list[str] = json_column(json_list(), list)
    #: keys of the newest rows that it knew, so that later ones can be told
    last_entry_id: int = Field(default=0, sa_type=Key)
    last_allocation_id: int = Field(default=0, sa_type=Key)
    last_rate_id: int = Field(default=0, sa_type=Key)


class DeliveryStatementRow(Row, table=True):
    """A project in a statement."""

    __tablename__ = "delivery_statement_rows"
    __table_args__ = (
        UniqueConstraint("statement_id", "project_id"),
        Index("ix_delivery_statement_rows_project_id", "project_id"),
    )

    statement_id: int = foreign("delivery_statements.id", index=False)
    project_id: int = foreign("projects.id", index=False)
    #: code of the project, of its unit and of its officer on that day
    project: str = column(Code)
    unit: str | None = column(Code, default=None)
    officer: str | None = column(Code, default=None)
    allocation: Decimal | None = column(Money, default=None)
    expenditure: Decimal | None = column(Money, default=None)
    encumbrance: Decimal | None = column(Money, default=None)
    rate: str | None = column(Code, default=None)
