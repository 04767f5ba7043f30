"""Statements of calendar events as they went out last."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, insert, select
from sqlmodel import Session

from app.db.alerts import CalendarEvent
from app.db.base import Statement, table
from app.db.bulk import change_rows
from app.db.organisation import Unit
from app.db.projects import Project

_event, _project, _unit = table(CalendarEvent).c, table(Project).c, table(Unit).c

_CHUNK = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What a calendar shows of one thing that falls due."""

    #: code of the project; empty for what the institution owes, and agreements and partners ask that concern none
    project: str
    #: kind and, for annual reviews, number; of the institution the key of its duty: with the project, what the entry is
    #: through all its changes
    name: str
    day: dt.date
    summary: str
    description: str
    cancelled: bool = False
    #: of what concerns no project: code of the unit that sees to it
    unit: str | None = None

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
    return (
        select(
            func.coalesce(_project.code, "").label("code"), _event.name, _event.day, _event.summary,
            _event.description, _event.cancelled, _event.sequence, _event.changed_at, _unit.code.label("unit"),
        )
        .join_from(table(CalendarEvent), table(Project), _project.id == _event.project_id, isouter=True)
        .join(table(Unit), _unit.id == _event.unit_id, isouter=True)
    )  # fmt: skip


def of_institution(unit_id: int) -> ColumnElement[bool]:
    """What the institution owes and a unit sees to."""
    return and_(_event.project_id.is_(None), _event.unit_id == unit_id)


def shown(session: Session, *conditions: ColumnElement[bool]) -> list[Event]:
    """Events that went out about projects or the institution under these conditions, archived ones included."""
    return [
        Event(
            entry=Entry(
                project=row.code,
                name=row.name,
                day=row.day,
                summary=row.summary,
                description=row.description,
                cancelled=row.cancelled,
                unit=row.unit,
            ),
            sequence=row.sequence,
            changed_at=row.changed_at,
        )
        for row in session.execute(_events().where(*conditions))
    ]


def shown_at(session: Session, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], Event]:
    """Those of these (project, name) that went out before."""
    wanted = set(places)
    found: dict[tuple[str, str], Event] = {}
    for condition in _at(wanted):
        for event in shown(session, condition):
            if event.entry.place in wanted:
                found[event.entry.place] = event
    return found


def _at(places: Collection[tuple[str, str]]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together find the events of these places, and others of the same projects."""
    codes = sorted({project for project, _ in places if project})
    for start in range(0, len(codes), _CHUNK):
        yield _project.code.in_(codes[start : start + _CHUNK])
    duties = sorted(name for project, name in places if not project)
    for start in range(0, len(duties), _CHUNK):
        yield and_(_event.project_id.is_(None), _event.name.in_(duties[start : start + _CHUNK]))


def keep(session: Session, events: Sequence[Event]) -> None:
    """Notes what goes out now."""
    places = {event.entry.place for event in events}
    ids: dict[str, int | None] = {"": None}
    codes = sorted({project for project, _ in places if project})
    for start in range(0, len(codes), _CHUNK):
        named = _project.code.in_(codes[start : start + _CHUNK])
        ids |= {row.code: row.id for row in session.execute(select(_project.code, _project.id).where(named))}
    units: dict[str | None, int | None] = {None: None}
    if any(event.entry.unit for event in events):
        units |= {row.code: row.id for row in session.execute(select(_unit.code, _unit.id))}
    kept: dict[tuple[int | None, str], int] = {}
    for condition in _at(places):
        found = select(_event.id, _event.project_id, _event.name).join_from(
            table(CalendarEvent), table(Project), _project.id == _event.project_id, isouter=True
        )
        kept |= {(row.project_id, row.name): row.id for row in session.execute(found.where(condition))}
    new, changed = [], []
    for event in events:
        place = (ids[event.entry.project], event.entry.name)
        values = {**_values(event), "unit_id": units[event.entry.unit]}
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
        "summary": str(entry.summary),
        "description": str(entry.description),
        "changed_at": event.changed_at,
    }
