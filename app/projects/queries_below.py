"""Reads of the rows below projects: documents, contacts, places, links, participants."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.partners import Organisation
from app.db.projects import Contact, Document, Link, Location, Participant


def find_document(session: Session, project_id: int | None, url: str) -> Document | None:
    document = table(Document).c
    owner = document.project_id.is_(None) if project_id is None else document.project_id == project_id
    return session.scalars(
        select(Document).where(owner, document.url == url, document.archived_at.is_(None)).order_by(document.id)
    ).first()


def locations(session: Session, project_id: int) -> Sequence[Location]:
    row = table(Location).c
    return session.scalars(select(Location).where(row.project_id == project_id).order_by(row.ordinal, row.id)).all()


def links(session: Session, project_id: int) -> Sequence[Link]:
    row = table(Link).c
    return session.scalars(select(Link).where(row.project_id == project_id).order_by(row.ordinal, row.id)).all()


def participants(session: Session, project_id: int) -> Sequence[tuple[Participant, Organisation]]:
    row = table(Participant).c
    return [
        (found[0], found[1])
        for found in session.execute(
            select(Participant, Organisation)
            .join(table(Organisation), table(Organisation).c.id == row.organisation_id)
            .where(row.project_id == project_id)
            .order_by(row.ordinal, row.id)
        )
    ]


def next_ordinal(session: Session, row_class: type[Contact] | type[Document], project_id: int | None) -> int:
    """The place after the last sibling."""
    row = table(row_class).c
    owner = row.project_id.is_(None) if project_id is None else row.project_id == project_id
    last = session.scalar(select(func.max(row.ordinal)).where(owner))
    return 0 if last is None else last + 1
