"""Due dates as iCalendar: all-day events that calendar programs follow as they move, and see cancelled."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from icalendar import Calendar, Event
from sqlmodel import Session

from app.db.base import table
from app.db.evaluations import Obligation
from app.domain.evaluation.terms import State
from app.domain.periods import add_months, day_after
from app.evaluations.obligations import queries_due
from app.evaluations.obligations.due import DueRow, due_row
from app.evaluations.obligations.views import CANNOT_TELL, View, views

#: how far back a feed looks
PAST_MONTHS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One event of a calendar."""

    uid: str
    day: dt.date
    summary: str
    description: str
    #: rises with every change that calendar programs have to take over
    sequence: int = 0
    cancelled: bool = False


def render(entries: Iterable[Entry], *, name: str, stamp: dt.datetime) -> bytes:
    """The calendar as bytes; ``stamp`` is the moment to which it is true."""
    calendar = Calendar()
    calendar.add("prodid", "-//Earmark//Evaluations due//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", dt.timedelta(hours=12), parameters={"value": "DURATION"})
    for entry in entries:
        event = Event()
        event.add("uid", entry.uid)
        event.add("dtstamp", stamp)
        event.add("dtstart", entry.day)
        event.add("dtend", day_after(entry.day))
        event.add("summary", entry.summary)
        event.add("description", entry.description)
        event.add("sequence", entry.sequence)
        event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def host_of(address: str) -> str:
    """The name that makes ids of events unique in the world: the same under whichever address a feed is read."""
    return urlsplit(address).hostname or "localhost"


def of_due_rows(rows: Iterable[DueRow], host: str) -> list[Entry]:
    """The due list as events; what cannot be told is left out."""
    return [_entry(row, host) for row in rows if row.due is not None and row.state != CANNOT_TELL]


def feed(
    session: Session, as_of: dt.date, host: str, *, officer_id: int | None = None, unit_id: int | None = None
) -> list[Entry]:
    """Everything an officer or a unit has to see to, from a year ago on, with what no longer holds as cancelled.

    The id of an event is that of the project's obligation of a kind through all its changes, so that a moved date moves
    the event that a calendar shows already.
    """
    column = table(Obligation).c
    own = queries_due.of_officer(officer_id) if officer_id is not None else queries_due.of_unit(unit_id or 0)
    since = add_months(as_of, -PAST_MONTHS)
    newest: dict[tuple[int, str], View] = {}
    changes: dict[tuple[int, str], int] = {}
    for rows in queries_due.in_batches(session, own, column.due_on.is_not(None), ~column.key.startswith("?")):
        for one in views(session, rows, as_of):
            place = (one.row.project_id, one.row.key)
            changes[place] = changes.get(place, -1) + 1 + _moves(one)
            # rows come in the order in which they were made
            newest[place] = one
    entries = []
    for place, one in newest.items():
        cancelled = one.state in (State.WAIVED, State.SUPERSEDED, State.LAPSED)
        row = due_row(one)
        if row.due is None or row.due < since:
            continue
        sequence = changes[place] * 10 + (5 if cancelled else 0) + (1 if one.state == State.DONE else 0)
        entries.append(_entry(row, host, sequence=sequence, cancelled=cancelled))
    return sorted(entries, key=lambda entry: (entry.day, entry.uid))


def _moves(one: View) -> int:
    return 1 if one.standing is not None and one.standing.reschedule is not None else 0


def _entry(row: DueRow, host: str, *, sequence: int = 0, cancelled: bool = False) -> Entry:
    noun = f"{row.kind} {row.number}" if row.number else str(row.kind)
    code = row.project.replace("/", "-")
    who = f"Officer: {row.officer}. " if row.officer else ""
    return Entry(
        uid=f"{code}.{noun.replace(' ', '-')}@{host}",
        day=row.due or dt.date.max,
        summary=f"{row.project}: {noun} evaluation due ({row.state})",
        description=f"{row.title}. {who}{row.reason}",
        sequence=sequence,
        cancelled=cancelled,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarRow:
    """What a year's calendar shows: an obligation that falls due, or an evaluation that ends by plan."""

    day: dt.date
    #: obligation | evaluation
    what: str
    project: str
    kind: str
    independence: str
    state: str
    reference: str | None
    who: str | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "what": self.what,
            "project": self.project,
            "kind": self.kind,
            "independence": self.independence,
            "state": self.state,
            "evaluation": self.reference,
            "who": self.who,
        }


def calendar(session: Session, year: int, as_of: dt.date) -> list[CalendarRow]:
    """Everything that falls due in a year, and every evaluation that ends in it, by day."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    rows = [
        CalendarRow(
            day=one.obligation.due,
            what="obligation",
            project=one.row.project,
            kind=one.row.kind,
            independence=one.independence or "",
            state=str(one.state),
            reference=one.reference,
            who=one.row.officer,
        )
        for one in views(session, queries_due.due_between(session, first, last), as_of)
        if one.obligation is not None and first <= one.obligation.due <= last
    ]
    planned = queries_due.planned_in(session, first, last)
    codes = queries_due.projects_of_evaluations(session, [row.id for row in planned])
    rows += [
        CalendarRow(
            day=row.ends,
            what="evaluation",
            project="|".join(codes.get(row.id, [])),
            kind=row.kind,
            independence=row.independence,
            state=row.status.value,
            reference=row.reference,
            who=row.manager,
        )
        for row in planned
    ]
    return sorted(rows, key=lambda row: (row.day, row.what, row.project, row.kind))
