"""Notes on slow projects whose officers ask somebody higher for help."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlmodel import Session

from app.db.among import among
from app.db.base import ResultRow, Statement, table
from app.db.control import DeliveryNote
from app.db.projects import Project

_note, _project = table(DeliveryNote).c, table(Project).c


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacle:
    """A note that was escalated."""

    id: int
    project_id: int
    noted_on: dt.date
    problem: str
    action: str
    owner: str
    #: day by which the action is to be done
    due_on: dt.date
    obstacle: str
    #: whether a newer note on the same period says how it stands
    overtaken: bool


def escalated(session: Session, as_of: dt.date, after: int, limit: int) -> list[Obstacle]:
    """Those known on the day that no newer note overtook, of projects that are not archived; by key."""
    found = _obstacles(as_of).where(
        _note.escalated, _note.noted_on <= as_of, _note.id > after, _project.archived_at.is_(None)
    )
    return [_read(row) for row in session.execute(found.order_by(_note.id).limit(limit))]


def notes(session: Session, ids: Collection[int], as_of: dt.date) -> dict[int, Obstacle]:
    """These notes, by their keys."""
    return {row[0]: _read(row) for row in session.execute(_obstacles(as_of).where(among(_note.id, ids)))}


def _obstacles(as_of: dt.date) -> Statement:
    newer = table(DeliveryNote).alias("newer").c
    overtaken = exists(
        select(newer.id).where(
            newer.project_id == _note.project_id,
            newer.period_start == _note.period_start,
            newer.period_end == _note.period_end,
            newer.noted_on > _note.noted_on,
            newer.noted_on <= as_of,
        )
    )
    return select(
        _note.id, _note.project_id, _note.noted_on, _note.problem, _note.action, _note.owner, _note.due_on,
        _note.obstacle, overtaken.label("overtaken"),
    ).join_from(table(DeliveryNote), table(Project), _project.id == _note.project_id)  # fmt: skip


def _read(row: ResultRow) -> Obstacle:
    return Obstacle(**row._mapping)
