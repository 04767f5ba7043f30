"""Stored marks of activities that were read before."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session

from app.db.among import chunks
from app.db.base import table
from app.db.bulk import put_rows
from app.db.projects import Project
from app.db.publishing import ImportMark
from app.publishing.importing.marks import MADE_BY


def marked(session: Session, identifiers: Collection[str]) -> dict[str, str]:
    """Digests of the texts that records are known to say, by identifier of the activity.

    None of these is archived, a draft, or told by several files together.
    """
    mark, project = table(ImportMark), table(Project)
    known = (
        select(project.c.iati_identifier, mark.c.digest)
        .join(project, project.c.id == mark.c.project_id)
        .where(
            mark.c.content_version == project.c.content_version,
            mark.c.made_by == MADE_BY,
            project.c.archived_at.is_(None),
            project.c.findings.is_(None),
            project.c.in_parts.is_(False),
        )
    )
    return {
        row[0]: row[1]
        for some in chunks(identifiers)
        for row in session.execute(known.where(project.c.iati_identifier.in_(some)))
    }


def keep(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Stores marks in the place of older ones of the same projects."""
    put_rows(session, ImportMark, "project_id", rows)
