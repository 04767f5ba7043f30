"""Statements of calendar events as they went out last."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, insert, select
from sqlmodel import Session

from app.db.alerts import CalendarEvent
from app.db.base import Statement, table
from app.db.bulk import change_rows
from app.db.projects import Project

_event, _project = table(CalendarEvent).c, table(Project).c

_CHUNK = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What a calendar shows of one thing that falls due."""

    #: code of the project
    project: str
    #: kind and, for annual reviews, number: with the project, what the entry is through all its changes
    name: str
    day: dt.date
    summary: str
    description: str
    cancelled: bool = False

    @property
    def place(self) -> tuple[str, str]:
        return self.project, self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """An entry as it goes out."""

    entry: Entry
    #: rises with every change
    sequence: int
    changed_at: dt.datetime


def _events() -> Statement:
    return select(
        _project.code, _event.name, _event.day, _event.summary, _event.description, _event.cancelled, _event.sequence,
        _event.changed_at,
    ).join_from(table(CalendarEvent), table(Project), _project.id == _event.project_id)  # fmt: skip


def shown(session: Session, *conditions: ColumnElement[bool]) -> list[Event]:
    """Events that went out about projects under these conditions, archived ones included."""
    return [
        Event(
            entry=Entry(
                project=row.code,
                name=row.name,
                day=row.day,
                summary=row.summary,
                description=row.description,
                cancelled=row.cancelled,
            ),
            sequence=row.sequence,
            changed_at=row.changed_at,
        )
        for row in session.execute(_events().where(*conditions))
    ]


def shown_at(session: Session, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], Event]:
    """Those of these (project, name) that went out before."""
    wanted = set(places)
    codes = sorted({project for project, _ in wanted})
    found: dict[tuple[str, str], Event] = {}
    for start in range(0, len(codes), _CHUNK):
        for event in shown(session, _project.code.in_(codes[start : start + _CHUNK])):
            if event.entry.place in wanted:
                found[event.entry.place] = event
    return found


def keep(session: Session, events: Sequence[Event]) -> None:
    """Notes what goes out now."""
    codes = sorted({event.entry.project for event in events})
    ids: dict[str, int] = {}
    kept: dict[tuple[int, str], int] = {}
    for start in range(0, len(codes), _CHUNK):
        named = _project.code.in_(codes[start : start + _CHUNK])
        ids |= {row.code: row.id for row in session.execute(select(_project.code, _project.id).where(named))}
        found = select(_event.id, _event.project_id, _event.name)
        found = found.join_from(table(CalendarEvent), table(Project), _project.id == _event.project_id).where(named)
        kept |= {(row.project_id, row.name): row.id for row in session.execute(found)}
    new, changed = [], []
    for event in events:
        place = (ids[event.entry.project], event.entry.name)
        values = _values(event)
        if place in kept:
            changed.append({"row_id": kept[place], **values})
        else:
            new.append({"project_id": place[0], "name": place[1], **values})
    change_rows(session, CalendarEvent, changed)
    if new:
        session.connection().execute(insert(table(CalendarEvent)), new)


def _values(event: Event) -> dict[str, object]:
    entry = event.entry
    return {
        "sequence": event.sequence,
        "day": entry.day,
        "cancelled": entry.cancelled,
        "summary": entry.summary,
        "description": entry.description,
        "changed_at": event.changed_at,
    }
