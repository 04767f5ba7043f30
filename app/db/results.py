"""The logframe of projects (result, indicator, baseline, period, target, actual) and the corporate framework."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from app.db.base import Kept, Row, column, foreign, json_column
from app.db.types import Code, Money, json_list, json_object, one_of


class Result(Kept, table=True):
    """What a project is to bring about; ``type``: IATI result type (1 output, 2 outcome, 3 impact, 9 other)."""

    __tablename__ = "results"

    project_id: int = foreign("projects.id")
    ordinal: int
    type: str = column(Code)
    title: str = column()
    title_translations: list[list[str]] = json_column(json_list(), list)
    description: str | None = column(default=None)
    aggregation: bool | None = Field(default=None)
    note: str | None = column(default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class Indicator(Row, table=True):
    """How a result is measured; ``measure``: IATI indicator measure (1 unit, 2 percentage, …, 5 qualitative)."""

    __tablename__ = "indicators"

    result_id: int = foreign("results.id")
    ordinal: int
    measure: str = column(Code)
    title: str = column()
    title_translations: list[list[str]] = json_column(json_list(), list)
    description: str | None = column(default=None)
    ascending: bool | None = Field(default=None)
    aggregation: bool | None = Field(default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class Baseline(Row, table=True):
    __tablename__ = "indicator_baselines"

    indicator_id: int = foreign("indicators.id")
    ordinal: int
    year: int
    iso_date: dt.date | None = Field(default=None)
    value: str | None = column(default=None)
    comment: str | None = column(default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class IndicatorPeriod(Row, table=True):
    __tablename__ = "indicator_periods"

    indicator_id: int = foreign("indicators.id")
    ordinal: int
    starts_on: dt.date | None = Field(default=None)
    ends_on: dt.date | None = Field(default=None)
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class PeriodValue(Row, table=True):
    """A target or an actual value of a period, for one set of dimensions ({name: value, …})."""

    __tablename__ = "period_values"
    __table_args__ = (one_of("kind", "target", "actual"),)

    period_id: int = foreign("indicator_periods.id")
    kind: str = column(Code)
    ordinal: int
    value: str | None = column(default=None)
    comment: str | None = column(default=None)
    dimensions: dict[str, str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    remainder: dict[str, object] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class FrameworkItem(Kept, table=True):
    """An outcome, output or indicator (or an item of another level) of a results framework of the organisation."""

    __tablename__ = "framework_items"
    __table_args__ = (UniqueConstraint("framework", "level", "code"),)

    framework: str = column(Code)
    level: str = column(Code)
    code: str = column(Code)
    title: str = column()
    target: Decimal | None = column(Money, default=None)
    result_total: Decimal | None = column(Money, default=None)
    #: results by region: {region: "12"}
    regions: dict[str, str] = json_column(json_object(), dict)
    note: str | None = column(default=None)
    #: what target and result count: results, countries, workers, percent …; None: nobody said
    unit: str | None = column(default=None)
    #: number, percentage or qualitative; None: nobody said
    measure: str | None = column(Code, default=None)
    #: what is aimed at, of an indicator that is told in words
    target_text: str | None = column(default=None)
    baseline_year: int | None = Field(default=None)
    baseline_value: str | None = column(default=None)
    #: what was reached, of an indicator that is told in words
    result_text: str | None = column(default=None)
    #: higher or lower: which side of the target is the good one; None: higher
    better: str | None = column(Code, default=None)
