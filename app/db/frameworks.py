"""Versions of the results framework: their time and levels, targets below the whole, tags, and ways between them."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.db.base import Kept, column, foreign, json_column
from app.db.types import Code, Money, json_list


class ResultsFramework(Kept, table=True):
    """A version of the organisation's results framework; its items name its code.

    One without a record is that of the period by which it is called.
    """

    __tablename__ = "results_frameworks"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates_in_order"),)

    code: str = column(Code, unique=True)
    title: str = column()
    starts_on: dt.date
    ends_on: dt.date
    #: from the top down to ``indicator``; empty: those that its items have
    levels: list[str] = json_column(json_list(), list)
    #: its results are neither added nor changed from this day on
    closed_on: dt.date | None = Field(default=None)
    note: str | None = column(default=None)


class FrameworkTarget(Kept, table=True):
    """The target of an item for a part of its framework: a period, a region, or both."""

    __tablename__ = "framework_targets"
    __table_args__ = (
        UniqueConstraint("item_id", "period_start", "period_end", "region"),
        CheckConstraint("period_end >= period_start", name="dates_in_order"),
    )

    item_id: int = foreign("framework_items.id", index=False)
    period_start: dt.date
    period_end: dt.date
    #: empty: everywhere
    region: str = column(Code, default="")
    target: Decimal = column(Money)
    note: str | None = column(default=None)


class FrameworkTag(Kept, table=True):
    """What a project, a country programme, or money set aside for a project in a period, works towards."""

    __tablename__ = "framework_tags"
    __table_args__ = (
        CheckConstraint("(project_id IS NULL) = (programme_id IS NOT NULL)", name="of_one_record"),
        CheckConstraint(
            "(period_start IS NULL) = (period_end IS NULL) AND (period_start IS NULL OR project_id IS NOT NULL)",
            name="allocation_has_project",
        ),
    )

    item_id: int = foreign("framework_items.id")
    project_id: int | None = foreign("projects.id", optional=True)
    programme_id: int | None = foreign("country_programmes.id", optional=True)
    #: days of the allocations of the project that are meant; None: the project as a whole
    period_start: dt.date | None = Field(default=None)
    period_end: dt.date | None = Field(default=None)
    #: source of the allocations; empty: whatever it is
    source: str = column(Code, default="")
    note: str | None = column(default=None)


class FrameworkWay(Kept, table=True):
    """What an item of one framework has become in another; without ``to_item_id`` it was given up."""

    __tablename__ = "framework_ways"
    __table_args__ = (UniqueConstraint("from_item_id", "to_framework", "to_item_id"),)

    from_item_id: int = foreign("framework_items.id", index=False)
    to_framework: str = column(Code)
    to_item_id: int | None = foreign("framework_items.id", optional=True)
    note: str | None = column(default=None)
