"""Which decision on an agreement holds, asked of the database: the rule is that of ``app.domain.agreements``."""

from sqlalchemy import ColumnElement, FromClause, case

from app.db.base import table
from app.db.funding import AgreementRevision
from app.domain.terms import AgreementStatus


def in_order(rows: FromClause | None = None) -> tuple[ColumnElement[object], ...]:
    """Decisions in the order in which they hold: a pledge never follows a signature, whenever it was entered."""
    revision = (table(AgreementRevision) if rows is None else rows).c
    return case((revision.status == AgreementStatus.PLEDGED, 0), else_=1), revision.known_on, revision.sequence


def newest_first(rows: FromClause | None = None) -> tuple[ColumnElement[object], ...]:
    """The decision that holds comes first."""
    return tuple(each.desc() for each in in_order(rows))
