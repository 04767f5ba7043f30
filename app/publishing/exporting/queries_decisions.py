"""What was decided on projects, and when."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.projects import ProjectRevision
from app.domain.revisions import DATES, Revision

_DECIDED = (*DATES, "stage")


def newest_decisions(session: Session, keys: Sequence[int]) -> dict[int, dt.date]:
    """The day of the newest decision on dates or stage, by project."""
    revision = table(ProjectRevision).c
    statement = select(revision.project_id, func.max(revision.known_on)).where(
        revision.project_id.in_(keys), revision.field.in_(_DECIDED)
    )
    return {row[0]: row[1] for row in session.execute(statement.group_by(revision.project_id))}


def decisions(session: Session, keys: Sequence[int]) -> dict[int, list[Revision]]:
    """All decisions on dates and stage, by project."""
    revision = table(ProjectRevision).c
    statement = select(revision.project_id, revision.field, revision.sequence, revision.known_on, revision.value).where(
        revision.project_id.in_(keys), revision.field.in_(_DECIDED)
    )
    found: dict[int, list[Revision]] = defaultdict(list)
    for row in session.execute(statement.order_by(revision.project_id, revision.field, revision.sequence)):
        found[row.project_id].append(
            Revision(field=row.field, sequence=row.sequence, known_on=row.known_on, value=row.value)
        )
    return found
