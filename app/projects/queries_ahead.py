"""What many projects name and what stands of them, read together."""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from app.db.base import key, table
from app.db.organisation import Officer, Unit
from app.db.projects import Classification, Project, ProjectRevision
from app.db.publishing import PublishedActivity
from app.db.together import batch_of
from app.projects.schemas import ProjectIn


def look_ahead(session: Session, bodies: Sequence[ProjectIn]) -> None:
    """Reads what records name, and what stands of those there are already.

    Which identifiers are taken is read with :func:`holders_ahead`, since they follow from what is found here.
    """
    if (batch := batch_of(session)) is None:
        return
    codes = {body.code for body in bodies}
    standing = batch.find(Project, "code", codes, to_change=True)
    batch.find(Project, "code", [body.parent for body in bodies])
    batch.find(Unit, "code", [code for body in bodies for code in (body.unit, body.backstopping_unit)])
    batch.find(Officer, "code", [body.officer for body in bodies])
    keys = {key(row) for row in standing.values()}
    classified, revision = table(Classification).c, table(ProjectRevision).c
    batch.read_below(Classification, "project_id", keys, classified.kind, classified.ordinal, classified.id)
    batch.read_below(ProjectRevision, "project_id", keys, revision.field, revision.sequence)
    batch.hold(Officer, {row.officer_id for row in standing.values()})
    batch.expect(Project, len(codes - standing.keys()))


def holders_ahead(session: Session, identifiers: Collection[str]) -> None:
    """Reads which projects have, or once had, the identifiers."""
    if (batch := batch_of(session)) is None:
        return
    batch.find(Project, "iati_identifier", identifiers)
    had = batch.find(PublishedActivity, "identifier", identifiers)
    batch.hold(Project, {row.project_id for row in had.values()})
