"""Allocations that name a source which no agreement had when they were entered."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlmodel import Session

from app.db.among import among, among_texts, chunks
from app.db.base import table
from app.db.projects import Project
from app.db.spending import Allocation


def named(session: Session, source: str) -> Sequence[Allocation]:
    """Standing decisions from own resources of that name, in the order of recording."""
    return session.scalars(_named().where(table(Allocation).c.source == source)).all()


def all_named(session: Session, sources: Collection[str]) -> dict[str, list[Allocation]]:
    """The same for many names."""
    found: dict[str, list[Allocation]] = defaultdict(list)
    for part in chunks(sources):
        for row in session.scalars(_named().where(among_texts(session, table(Allocation).c.source, part))):
            found[row.source].append(row)
    return dict(found)


def _named() -> Select[Allocation]:
    row, later = table(Allocation).c, table(Allocation).alias("later").c
    return (
        select(Allocation)
        .where(
            row.agreement_id.is_(None),
            row.withdrawn.is_(False),
            row.ordinal.is_(None),
            ~select(later.id).where(later.supersedes_id == row.id).exists(),
        )
        .order_by(row.id)
    )


def units_of(session: Session, rows: Sequence[Allocation]) -> set[int | None]:
    """The units whose projects the decisions are about."""
    project = table(Project).c
    found = select(project.unit_id).distinct().where(among(project.id, {row.project_id for row in rows}))
    return set(session.scalars(found))
