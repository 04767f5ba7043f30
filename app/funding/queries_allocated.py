"""Allocations that name a source which no agreement had when they were entered."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
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
