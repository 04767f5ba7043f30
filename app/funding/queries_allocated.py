"""Allocations that name a source which no agreement had when they were entered."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session

from app.db.among import among
from app.db.base import table
from app.db.projects import Project
from app.db.spending import Allocation


def named(session: Session, source: str) -> Sequence[Allocation]:
    """Standing decisions from own resources of that name, in the order of recording."""
    row, later = table(Allocation).c, table(Allocation).alias("later").c
    return session.scalars(
        select(Allocation)
        .where(
            row.agreement_id.is_(None),
            row.source == source,
            row.withdrawn.is_(False),
            row.ordinal.is_(None),
            ~select(later.id).where(later.supersedes_id == row.id).exists(),
        )
        .order_by(row.id)
    ).all()


def units_of(session: Session, rows: Sequence[Allocation]) -> set[int | None]:
    """The units whose projects the decisions are about."""
    project = table(Project).c
    found = select(project.unit_id).distinct().where(among(project.id, {row.project_id for row in rows}))
    return set(session.scalars(found))
