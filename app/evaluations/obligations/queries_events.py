"""Statements of calendar events as they went out last, and of the feeds that show them."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, insert, select
from sqlmodel import Session

from app.db.alerts import CalendarEvent, CalendarShown
from app.db.among import among_texts
from app.db.base import Statement, table
from app.db.bulk import change_rows
from app.db.organisation import Unit
from app.db.projects import Project
from app.db.shapes import shaped

_shown = table(CalendarShown).c
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

    id: int
    #: what programs know it by
    uid: str
    entry: Entry
    #: rises with every change
    sequence: int
    changed_at: dt.datetime


def _events() -> Statement:
    return (
        select(
            func.coalesce(_project.code, "").label("code"), _event.name, _event.day, _event.summary,
            _event.description, _event.cancelled, _event.sequence, _event.changed_at, _unit.code.label("unit"),
            _event.id, func.coalesce(_event.uid, "").label("uid"),
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
            id=row.id,
            uid=row.uid,
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbered:
    """What becomes of an event that is new or has changed."""

    entry: Entry
    sequence: int
    changed_at: dt.datetime
    uid: str


def keep(session: Session, events: Sequence[Numbered]) -> None:
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


def _values(event: Numbered) -> dict[str, object]:
    entry = event.entry
    return {
        "sequence": event.sequence,
        "day": entry.day,
        "cancelled": entry.cancelled,
        "summary": str(entry.summary),
        "description": str(entry.description),
        "changed_at": event.changed_at,
        "uid": event.uid,
    }


def name_events(session: Session, uids: Collection[tuple[int, str]]) -> None:
    """Gives events by their keys the ids that programs know them by."""
    change_rows(session, CalendarEvent, [{"row_id": key, "uid": uid} for key, uid in uids])


def uids_taken(session: Session, uids: Collection[str]) -> set[str]:
    """Those of these ids that an event has."""
    return set(session.scalars(select(_event.uid).where(among_texts(session, _event.uid, uids))))


@dataclass(frozen=True, slots=True)
class InFeed:
    """An event as a feed showed it last."""

    id: int
    event_id: int
    wording: str
    gone_at: dt.datetime | None


def in_feed(session: Session, feed_id: int) -> dict[int, InFeed]:
    """What a feed has shown, by event."""
    statement = select(_shown.id, _shown.event_id, _shown.wording, _shown.gone_at).where(_shown.feed_id == feed_id)
    return {one.event_id: one for one in shaped(InFeed, session.execute(statement))}


def shown_in(session: Session, feed_id: int) -> list[Event]:
    """The events that a feed has shown, as they are now."""
    return shown(session, _event.id.in_(select(_shown.event_id).where(_shown.feed_id == feed_id)))


def show(session: Session, feed_id: int, event_ids: Collection[int], wording: str) -> None:
    """A feed shows these for the first time."""
    rows = [{"feed_id": feed_id, "event_id": each, "wording": wording} for each in sorted(event_ids)]
    if rows:
        session.connection().execute(insert(table(CalendarShown)), rows)


def note(session: Session, rows: Collection[InFeed]) -> None:
    """Rewrites these, by their keys."""
    change_rows(
        session,
        CalendarShown,
        [{"row_id": one.id, "wording": one.wording, "gone_at": one.gone_at} for one in rows],
    )


def forget(session: Session, ids: Sequence[int]) -> None:
    """What a feed showed so long ago that nobody has to be told of it."""
    for start in range(0, len(ids), _CHUNK):
        session.connection().execute(delete(table(CalendarShown)).where(_shown.id.in_(ids[start : start + _CHUNK])))


def count_on(session: Session, events: Sequence[Event], now: dt.datetime) -> None:
    """Gives each the next number, though nothing of it changed."""
    rows = [{"row_id": event.id, "sequence": event.sequence + 1, "changed_at": now} for event in events]
    change_rows(session, CalendarEvent, rows)
