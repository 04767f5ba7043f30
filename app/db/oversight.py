"""Reports of overseers that are no evaluations: audits, and assessments of the organisation by its donors."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint

from app.db.base import Kept, Row, column, foreign
from app.db.types import Code, Money, choice
from app.domain.terms import Overseer


class OversightReport(Kept, table=True):
    """A report of internal or external audit, or an assessment by donors; its recommendations are followed."""

    __tablename__ = "oversight_reports"
    __table_args__ = (
        CheckConstraint("overseer <> 'evaluation'", name="is_no_evaluation"),
        CheckConstraint("(scale_min IS NULL) = (scale_max IS NULL)", name="scale_has_both_ends"),
    )

    reference: str = column(Code, unique=True)
    overseer: Overseer = column(choice(Overseer), index=True)
    #: who made it, such as MOPAN
    body: str | None = column(default=None)
    title: str = column()
    #: day on which it was issued: deadlines count from it
    issued_on: dt.date
    #: reports of one series are compared over the years
    series: str | None = column(Code, default=None)
    #: the unit that was looked at; None: the whole organisation
    unit_id: int | None = foreign("units.id", optional=True)
    #: the partner whose assessment it is
    partner_id: int | None = foreign("partners.id", optional=True)
    #: lowest and highest score
    scale_min: Decimal | None = column(Money, default=None)
    scale_max: Decimal | None = column(Money, default=None)
    report_url: str | None = column(default=None)
    note: str | None = column(default=None)


class AssessmentScore(Row, table=True):
    """A score of an assessment as it was given: of an item, or of a whole aspect."""

    __tablename__ = "assessment_scores"
    __table_args__ = (UniqueConstraint("report_id", "section", "aspect", "item"),)

    report_id: int = foreign("oversight_reports.id")
    #: place in the report
    ordinal: int
    section: str = column(Code)
    aspect: str = column()
    #: empty: the total of the aspect
    item: str = column(default="")
    score: Decimal = column(Money)
