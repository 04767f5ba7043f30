"""Events of calendars: numbered, so that programs know which of two is the newer, and written as iCalendar.

A program takes over an event that it has already only when its SEQUENCE is higher. So what went out last is kept, and
whatever differs from it gets the next number: a day that moved, and one that moved back; a duty that was waived, done,
handed over, or reworded, in another language as well. Feeds and files count together. What an event is called stays as
it went out first, whatever becomes of the code of its project and of the address of the service.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from icalendar import Calendar, Timezone, TimezoneStandard
from icalendar import Event as Component
from sqlmodel import Session

from app.db.base import utc_now
from app.db.bulk import take_turns
from app.db.engine import Database
from app.domain.periods import day_after
from app.evaluations.obligations import queries_events as queries
from app.evaluations.obligations.queries_events import Entry, Event
from app.language.i18n import USUAL, Words
from app.language.i18n import words as words_of

__all__ = ["PAST_MONTHS", "Entry", "Event", "Feed", "numbered", "render"]

#: how far back a feed looks
PAST_MONTHS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A feed that is read."""

    id: int
    #: language and edition of its catalogue in which it is said
    wording: str
    #: what ended before that day, and changed before it, is shown no more
    since: dt.date


def numbered(database: Database, entries: Sequence[Entry], *, host: str, feed: Feed | None = None) -> list[Event]:
    """The entries with their ids, numbers and the moments of their last change, in the same order.

    ``feed``: where they are shown. What it has shown and shows no more, because somebody else sees to it now, comes
    after them as cancelled, though it may hold; what it says in another language than before counts on. Writes only
    when something has changed since it was shown last.
    """
    places = [entry.place for entry in entries]
    with database.read() as session:
        state = _State(session, places, feed)
    if state.differs(entries):
        with database.write("calendars") as session:
            take_turns(session, "calendar events")
            now = utc_now().replace(microsecond=0)
            _State(session, places, feed).keep(session, entries, host, now)
            state = _State(session, places, feed)
    # what is kept is English; the entry that was given can be said in other languages
    return [*(replace(state.shown[entry.place], entry=entry) for entry in entries), *state.gone()]


class _State:
    """What went out last of some places, and through a feed."""

    def __init__(self, session: Session, places: Sequence[tuple[str, str]], feed: Feed | None) -> None:
        self.feed = feed
        self.shown = queries.shown_at(session, places)
        self._in_feed = {} if feed is None else queries.in_feed(session, feed.id)
        present = {event.id for event in self.shown.values()}
        self._left: dict[int, Event] = {}
        if feed is not None and not self._in_feed.keys() <= present:
            self._left = {event.id: event for event in queries.shown_in(session, feed.id) if event.id not in present}

    def gone(self) -> list[Event]:
        """What the feed showed and has to tell as gone."""
        left = sorted(self._left.values(), key=lambda event: (event.entry.day, event.entry.project, event.entry.name))
        return [replace(event, entry=replace(event.entry, cancelled=True)) for event in left]

    def differs(self, entries: Sequence[Entry]) -> bool:
        return (
            any(self._changed(entry) or "@" not in self.shown[entry.place].uid for entry in entries)
            or any(one.gone_at is None or self._is_old(one) for one in self._rows_left())
            or (self.feed is not None and any(self._told_otherwise(event.id) for event in self.shown.values()))
        )

    def keep(self, session: Session, entries: Sequence[Entry], host: str, now: dt.datetime) -> None:
        """Writes what differs; each event that does gets one number more."""
        changed = [entry for entry in entries if self._changed(entry)]
        uids = self._uids(session, entries, host)
        queries.keep(session, [self._next(entry, uids[entry.place], now) for entry in changed])
        moved = {entry.place for entry in changed}
        unnamed = [event for place, event in self.shown.items() if place not in moved and event.uid != uids[place]]
        queries.name_events(session, [(event.id, uids[event.entry.place]) for event in unnamed])
        if self.feed is None:
            return
        counted = [
            event
            for place, event in self.shown.items()
            if place not in moved and event.id in self._in_feed and self._told_otherwise(event.id)
        ]
        rows = list(self._rows_left())
        leaving = [one for one in rows if one.gone_at is None and not self._is_old(one)]
        counted += [event for one in leaving if not (event := self._left[one.event_id]).entry.cancelled]
        queries.count_on(session, counted, now)
        said = [one for key, one in self._in_feed.items() if key not in self._left and self._told_otherwise(key)]
        queries.note(session, [replace(one, gone_at=now) for one in leaving])
        queries.note(session, [replace(one, gone_at=None, wording=self.feed.wording) for one in said])
        queries.forget(session, [one.id for one in rows if self._is_old(one)])
        present = queries.shown_at(session, [entry.place for entry in entries])
        queries.show(
            session, self.feed.id, {event.id for event in present.values()} - self._in_feed.keys(), self.feed.wording
        )

    def _changed(self, entry: Entry) -> bool:
        return entry.place not in self.shown or self.shown[entry.place].entry != entry

    def _next(self, entry: Entry, uid: str, now: dt.datetime) -> queries.Numbered:
        before = self.shown.get(entry.place)
        number = 0 if before is None else before.sequence + 1
        return queries.Numbered(entry=entry, sequence=number, changed_at=now, uid=uid)

    def _uids(self, session: Session, entries: Sequence[Entry], host: str) -> dict[tuple[str, str], str]:
        """By place: the id that programs have, and of what is new one that none has."""
        known = {place: event.uid for place, event in self.shown.items() if event.uid}
        found = {entry.place: known.get(entry.place) or _called(entry) for entry in entries}
        lacking = [place for place, uid in found.items() if "@" not in uid]
        if not lacking:
            return found
        asked = {found[place] for place in lacking} | {f"{found[place]}@{host}" for place in lacking}
        taken = queries.uids_taken(session, asked)
        for place in lacking:
            name, number = found[place], 1
            # an id without a host is that of an event which has not gone out for long
            while f"{name}@{host}" in taken or (place not in known and name in taken):
                number += 1
                name = f"{found[place]}.{number}"
                if not (further := {name, f"{name}@{host}"}) <= asked:
                    taken |= queries.uids_taken(session, further)
                    asked |= further
            found[place] = f"{name}@{host}"
            taken.add(found[place])
        return found

    def _rows_left(self) -> Iterator[queries.InFeed]:
        return (self._in_feed[key] for key in self._left)

    def _told_otherwise(self, event_id: int) -> bool:
        """Whether the feed shows the event for the first time, again, or in other words."""
        one = self._in_feed.get(event_id)
        return one is None or one.gone_at is not None or (self.feed is not None and one.wording != self.feed.wording)

    def _is_old(self, one: queries.InFeed) -> bool:
        since = dt.date.min if self.feed is None else self.feed.since
        return self._left[one.event_id].entry.day < since and (one.gone_at is None or one.gone_at.date() < since)


def render(events: Iterable[Event], *, name: str, language: str = USUAL) -> bytes:
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
        calendar.add_component(_component(event, words))
    if not calendar.subcomponents:
        calendar.add_component(_universal_time())
    content: bytes = calendar.to_ical()
    return content


def _component(event: Event, words: Words) -> Component:
    entry, written = event.entry, Component()
    written.add("uid", event.uid)
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
    """Of what is new: in the words of its project and duty, so that people recognise it."""
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
