"""Identifiers of activities: which the world has seen, and what follows when one changes."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, or_, select
from sqlmodel import Session

from app.db.base import key, table
from app.db.projects import Link, Project
from app.db.publishing import PublishedActivity
from app.db.spending import LedgerEntry
from app.domain.terms import Origin

_project, _seen = table(Project).c, table(PublishedActivity).c


def is_frozen() -> ColumnElement[bool]:
    """The condition that the world has seen a project: in a published file that was taken over, or in an export."""
    return or_(_project.identifier_frozen, exists(select(_seen.id).where(_seen.project_id == _project.id)))


def has_seen(session: Session, project: Project) -> bool:
    """Whether the world has seen a project, so that its identifier is frozen."""
    if project.id is None:
        return project.identifier_frozen
    return session.scalar(select(_project.id).where(_project.id == project.id, is_frozen())) is not None


def keep_former(session: Session, project: Project, *, reporting_org: str | None, recorded_by: str) -> None:
    """Keeps a project's identifier among those that the world has seen, so that nobody gets it again."""
    identifier = project.iati_identifier
    if session.scalars(select(_seen.id).where(_seen.identifier == identifier)).first() is None:
        session.add(
            PublishedActivity(
                identifier=identifier,
                project_id=key(project),
                reporting_org=reporting_org,
                recorded_by=recorded_by,
            )
        )


def set_identifier(session: Session, project: Project, identifier: str) -> None:
    """Gives a project its identifier; own records that name the activity by the one before follow."""
    before, project.iati_identifier = project.iati_identifier, identifier
    for entry in _entries_naming(session, before):
        if entry.provider_activity == before:
            entry.provider_activity = identifier
        if entry.receiver_activity == before:
            entry.receiver_activity = identifier
    for link in _links_naming(session, before):
        link.identifier = identifier


def _entries_naming(session: Session, identifier: str) -> Sequence[LedgerEntry]:
    """Postings that were made here and name an activity."""
    entry = table(LedgerEntry).c
    return session.scalars(
        select(LedgerEntry).where(
            entry.ordinal.is_(None), or_(entry.provider_activity == identifier, entry.receiver_activity == identifier)
        )
    ).all()


def _links_naming(session: Session, identifier: str) -> Sequence[Link]:
    """Links of own projects to an activity."""
    link = table(Link).c
    own = select(_project.id).where(_project.origin == Origin.OWN)
    return session.scalars(select(Link).where(link.identifier == identifier, link.project_id.in_(own))).all()
