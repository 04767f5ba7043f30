"""Events of calendars: numbered, so that programs know which of two is the newer, and written as iCalendar.

A program takes over an event that it has already only when its SEQUENCE is higher. So what went out last is kept, and
whatever differs from it gets the next number: a day that moved, and one that moved back; a duty that was waived, done,
handed over, or reworded. Feeds and files count together.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from icalendar import Calendar, Timezone, TimezoneStandard
from icalendar import Event as Component

from app.db.base import utc_now
from app.db.bulk import take_turns
from app.db.engine import Database
from app.domain.periods import day_after
from app.evaluations.obligations import queries_events as queries
from app.evaluations.obligations.queries_events import Entry, Event
from app.language.i18n import USUAL, Words
from app.language.i18n import words as words_of

__all__ = ["PAST_MONTHS", "Entry", "Event", "numbered", "render"]

#: how far back a feed looks
PAST_MONTHS = 12


def numbered(database: Database, entries: Sequence[Entry]) -> list[Event]:
    """The entries with their numbers and the moments of their last change, in the same order.

    Writes only when something has changed since it was shown last.
    """
    places = [entry.place for entry in entries]
    with database.read() as session:
        shown = queries.shown_at(session, places)
    if any(entry.place not in shown or shown[entry.place].entry != entry for entry in entries):
        with database.write("calendars") as session:
            take_turns(session, "calendar events")
            shown = queries.shown_at(session, places)
            now = utc_now().replace(microsecond=0)
            changed = [
                Event(entry=entry, sequence=0 if before is None else before.sequence + 1, changed_at=now)
                for entry in entries
                if (before := shown.get(entry.place)) is None or before.entry != entry
            ]
            queries.keep(session, changed)
            shown |= {event.entry.place: event for event in changed}
    # what is kept is English; the entry that was given can be said in other languages
    return [replace(shown[entry.place], entry=entry) for entry in entries]


def render(events: Iterable[Event], *, name: str, host: str, language: str = USUAL) -> bytes:
    """The calendar in a language, as bytes: the same as long as no event changes."""
    words = words_of(language)
    calendar = Calendar()
    calendar.add("prodid", "-//Earmark//Evaluations due//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", words.said(name))
    calendar.add("refresh-interval", dt.timedelta(hours=12), parameters={"value": "DURATION"})
    for event in events:
        calendar.add_component(_component(event, host, words))
    if not calendar.subcomponents:
        calendar.add_component(_universal_time())
    content: bytes = calendar.to_ical()
    return content


def _component(event: Event, host: str, words: Words) -> Component:
    entry, written = event.entry, Component()
    written.add("uid", f"{_called(entry)}@{host}")
    # of two events with the same number programs take the later stamp: both follow the last change
    written.add("dtstamp", event.changed_at)
    written.add("last-modified", event.changed_at)
    written.add("dtstart", entry.day)
    written.add("dtend", day_after(entry.day))
    written.add("summary", words.said(entry.summary))
    written.add("description", words.said(entry.description))
    written.add("sequence", event.sequence)
    written.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    written.add("transp", "TRANSPARENT")
    return written


def _called(entry: Entry) -> str:
    if not entry.project:
        return f"institution.{re.sub(r'[^A-Za-z0-9.-]+', '-', entry.name)}"
    return f"{entry.project.replace('/', '-')}.{entry.name}"


def _universal_time() -> Timezone:
    """What an empty calendar carries, since one without any component is none."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "Etc/UTC")
    standard.add("dtstart", dt.datetime(1970, 1, 1))  # noqa: DTZ001 - local time by definition
    standard.add("tzoffsetfrom", dt.timedelta())
    standard.add("tzoffsetto", dt.timedelta())
    zone.add_component(standard)
    return zone
