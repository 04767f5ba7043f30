"""Reads of allocations by what they decide, one by one or for all rows of a batch."""

import datetime as dt
from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import Select, func, select
from sqlmodel import Session

from app.db.among import among, among_texts, chunks
from app.db.base import key, table
from app.db.funding import Agreement
from app.db.projects import Project
from app.db.spending import Allocation
from app.db.together import Fact, batch_of
from app.domain.terms import AllocationKind
from app.errors import NotFound


class AllocationKey(NamedTuple):
    """Which decision an allocation is; of two with the same key the later supersedes the earlier."""

    project_id: int
    period_start: dt.date | None
    period_end: dt.date | None
    source: str
    kind: AllocationKind
    decided_on: dt.date
    outcome: str
    country: str


#: what a batch knows: the allocations that stand, and the names of own resources
STANDING: Final = Fact[AllocationKey, Allocation]()


OWN: Final = Fact[str, bool]()


def allocations_ahead(session: Session, projects: Collection[str], sources: Collection[str]) -> None:
    """Reads for a batch what allocations of projects stand, and what their sources are."""
    if (batch := batch_of(session)) is None:
        return
    found = batch.find(Project, "code", projects)
    batch.find(Agreement, "reference", sources)
    standing: dict[AllocationKey, Allocation] = {}
    rows = table(Allocation).c
    for part in chunks({key(project) for project in found.values()}):
        for row in session.scalars(_standing().where(among(rows.project_id, part)).order_by(rows.id)):
            standing[key_of(row)] = row
    STANDING.learn(session, standing)
    owned = select(rows.source).where(rows.agreement_id.is_(None)).distinct()
    OWN.learn(
        session,
        {
            source: True
            for part in chunks(set(sources))
            for source in session.scalars(owned.where(among_texts(session, rows.source, part)))
        },
    )


def note_allocation(session: Session, row: Allocation) -> None:
    """An allocation that was added stands, and its source has a name."""
    if (standing := STANDING.known(session)) is not None:
        standing[key_of(row)] = row
    if row.agreement_id is None and (own := OWN.known(session)) is not None:
        own[row.source] = True


def is_own_source(session: Session, source: str) -> bool:
    """Whether own resources of that name are allocated already."""
    if (own := OWN.known(session)) is not None:
        return source in own
    row = table(Allocation).c
    return session.scalar(select(row.id).where(row.agreement_id.is_(None), row.source == source).limit(1)) is not None


def agreement_written_like(session: Session, reference: str) -> str | None:
    """An agreement whose reference differs in capital letters and the signs between them alone."""
    kept, asked = table(Agreement).c.reference, reference.lower()
    bare = func.lower(kept)
    for sign in "-/ ._":
        bare, asked = func.replace(bare, sign, ""), asked.replace(sign, "")
    return session.scalars(select(kept).where(bare == asked).order_by(kept).limit(1)).first()


def standing_allocation(session: Session, decision: AllocationKey) -> Allocation | None:
    """The allocation of this key that no row supersedes."""
    if (standing := STANDING.known(session)) is not None:
        return standing.get(decision)
    rows = table(Allocation).c
    conditions = [rows[name] == value for name, value in zip(decision._fields, decision, strict=True)]
    return session.scalars(_standing().where(*conditions).order_by(rows.id.desc()).limit(1)).first()


def _standing() -> Select[Allocation]:
    """Allocations that were made here, and that no row supersedes."""
    rows, later = table(Allocation).c, table(Allocation).alias("later").c
    superseded = select(later.id).where(later.supersedes_id == rows.id)
    return select(Allocation).where(~superseded.exists(), rows.withdrawn.is_(False), rows.ordinal.is_(None))


def key_of(row: Allocation) -> AllocationKey:
    """The decision that an allocation is."""
    return AllocationKey(*(getattr(row, name) for name in AllocationKey._fields))


def get_allocation(session: Session, allocation_id: int) -> Allocation:
    if (found := session.get(Allocation, allocation_id)) is None:
        raise NotFound(f"There is no allocation {allocation_id}.")
    return found
