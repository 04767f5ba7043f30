"""Results on record: one row for each result achieved, and the projects that brought it about."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.db.base import Kept, Row, column, foreign, json_column
from app.db.types import Code, Money, json_list


class ResultRecord(Kept, table=True):
    """A result achieved in a year and place, of an indicator of a results framework."""

    __tablename__ = "result_records"
    __table_args__ = (
        CheckConstraint("gender_marker IS NULL OR gender_marker BETWEEN 0 AND 3", name="gender_marker_known"),
        CheckConstraint("same_as_id <> id", name="same_as_another"),
    )

    reference: str = column(Code, unique=True)
    item_id: int = foreign("framework_items.id")
    year: int
    country: str | None = column(Code, default=None)
    region: str = column(Code)
    sentence: str = column()
    #: how much of the indicator's unit it is
    quantity: Decimal = column(Money, default=Decimal(1))
    programme_id: int | None = foreign("country_programmes.id", optional=True)
    gender_marker: int | None = Field(default=None)
    #: SDG targets or goals
    sdg: list[str] = json_column(json_list(), list)
    marks: list[str] = json_column(json_list(), list)
    south_south: str | None = column(default=None)
    #: sources of funds behind it: names such as RBSA, or references of agreements; empty: those of its projects
    sources: list[str] = json_column(json_list(), list)
    #: it tells of the same result as this record, and does not count beside it
    same_as_id: int | None = foreign("result_records.id", optional=True)
    note: str | None = column(default=None)


class ResultRecordProject(Row, table=True):
    """A project that brought a result about."""

    __tablename__ = "result_record_projects"
    __table_args__ = (UniqueConstraint("record_id", "project_id"),)

    record_id: int = foreign("result_records.id", index=False)
    project_id: int = foreign("projects.id")
