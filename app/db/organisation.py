"""The organisation's own set-up, its units and officers."""

import datetime as dt

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from app.db.base import Kept, Row, column, foreign, json_column
from app.db.types import Code, json_list


class Setup(Row, table=True):
    """What ``earmark init`` asks for. One row; nothing else works before it."""

    __tablename__ = "setup"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("fiscal_year_start BETWEEN 1 AND 12", name="fiscal_year_start_is_month"),
        CheckConstraint("length(currency) = 3", name="currency_is_code"),
    )

    organisation_id: int = foreign("organisations.id", index=False)
    #: currency of reports, of budgets without one, and ``default-currency`` of own activities
    currency: str = column(Code)
    #: language of titles and descriptions without one
    language: str = column(Code, default="en")
    #: languages the organisation publishes in
    languages: list[str] = json_column(json_list(), lambda: ["en"])
    #: month in which the fiscal year starts, 1 to 12
    fiscal_year_start: int = Field(default=1)
    #: whether biennia begin in even years (2020-21) or odd ones
    biennium_starts_even: bool = Field(default=True)
    default_flow_type: str | None = column(Code, default=None)
    default_finance_type: str | None = column(Code, default=None)
    default_tied_status: str | None = column(Code, default=None)
    default_aid_type: str | None = column(Code, default=None)
    #: ledger entries dated on or before this day are closed
    closed_until: dt.date | None = Field(default=None)
    #: a release needs a second person
    approval_by_second_person: bool = Field(default=False)


class Unit(Kept, table=True):
    """A responsible unit: a department, regional or country office."""

    __tablename__ = "units"

    code: str = column(Code, unique=True)
    name: str = column()
    head: str | None = column(default=None)
    head_email: str | None = column(default=None)
    region: str | None = column(default=None)
    note: str | None = column(default=None)


class Officer(Kept, table=True):
    """A person who is named on projects and gets their alerts."""

    __tablename__ = "officers"

    code: str = column(Code, unique=True)
    name: str = column()
    email: str = column()
    unit_id: int = foreign("units.id")
    note: str | None = column(default=None)
