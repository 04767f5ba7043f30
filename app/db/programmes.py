"""Country programmes."""

import datetime as dt

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from app.db.base import Kept, column, json_column
from app.db.types import Code, choice, json_list
from app.domain.programmes import Alignment


class CountryProgramme(Kept, table=True):
    """What a country and the organisation have agreed on for some years. Projects belong to it that name its code."""

    __tablename__ = "country_programmes"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="dates_in_order"),
    )

    code: str = column(Code, unique=True)
    title: str = column()
    country: str = column(Code)
    starts_on: dt.date | None = Field(default=None)
    ends_on: dt.date | None = Field(default=None)
    priorities: list[str] = json_column(json_list(), list)
    #: name of the United Nations' cooperation framework of the country
    cooperation_framework: str | None = column(default=None)
    alignment: Alignment | None = column(choice(Alignment), default=None)
    #: who steers it, such as a committee of government, employers and workers
    steering_body: str | None = column(default=None)
    note: str | None = column(default=None)
