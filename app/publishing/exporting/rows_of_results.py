"""The rows of the logframe that publications read; see :mod:`app.publishing.exporting.rows`."""

import datetime as dt

from app.publishing.mapping.shape import RowOfFile


class ResultRow(RowOfFile):
    project_id: int
    ordinal: int
    type: str
    title: str
    title_translations: list[list[str]]
    description: str | None
    aggregation: bool | None
    archived_at: dt.datetime | None


class IndicatorRow(RowOfFile):
    result_id: int
    ordinal: int
    measure: str
    title: str
    title_translations: list[list[str]]
    description: str | None
    ascending: bool | None
    aggregation: bool | None


class MeasuredRow(RowOfFile):
    """A baseline, a target or an actual."""

    value: str | None
    comment: str | None


class BaselineRow(MeasuredRow):
    indicator_id: int
    ordinal: int
    year: int
    iso_date: dt.date | None


class PeriodRow(RowOfFile):
    indicator_id: int
    ordinal: int
    starts_on: dt.date | None
    ends_on: dt.date | None


class ValueRow(MeasuredRow):
    period_id: int
    kind: str
    ordinal: int
    dimensions: dict[str, str] | None
