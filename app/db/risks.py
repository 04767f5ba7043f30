"""Risks of projects and units."""

import datetime as dt

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from app.db.base import Kept, column, foreign
from app.db.types import Code


class Risk(Kept, table=True):
    """What may happen to a project or a unit: cause, event and consequence, who sees to it, and when it is reviewed."""

    __tablename__ = "risks"
    __table_args__ = (
        CheckConstraint("(project_id IS NULL) = (unit_id IS NOT NULL)", name="of_project_or_unit"),
        CheckConstraint("likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5", name="levels_1_to_5"),
    )

    reference: str = column(Code, unique=True)
    project_id: int | None = foreign("projects.id", optional=True)
    #: of what concerns no single project
    unit_id: int | None = foreign("units.id", optional=True)
    cause: str = column()
    event: str = column()
    consequence: str = column()
    likelihood: int
    impact: int
    owner_id: int | None = foreign("officers.id", optional=True)
    #: what is done about it
    response: str | None = column(default=None)
    opened_on: dt.date
    #: day of the next review, and of the last one
    review_on: dt.date = Field(index=True)
    reviewed_on: dt.date | None = Field(default=None)
    #: day from which the head of the unit sees to it
    escalated_on: dt.date | None = Field(default=None)
    closed_on: dt.date | None = Field(default=None)
    note: str | None = column(default=None)
