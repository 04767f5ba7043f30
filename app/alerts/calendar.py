"""Calendar feeds: what evaluations and agreements ask for, as programs that show calendars read it."""

import datetime as dt
import hashlib
import re
from dataclasses import replace
from typing import Annotated

from fastapi import Request, Response
from pydantic import Field
from sqlmodel import Session

from app.alerts.queries import projects_of
from app.domain.duties import Duty, DutyKind
from app.domain.periods import add_months
from app.domain.told import Term, Told
from app.errors import NotFound
from app.evaluations.obligations import calendars, events, queries
from app.evaluations.obligations.events import Entry, Event
from app.evaluations.obligations.fresh import fresh
from app.http.router import problems
from app.http.routing import Router
from app.http.sessions import SettingsOf, Today
from app.http.state import database_of
from app.http.versions import conditional
from app.people.queries_languages import languages_of
from app.reports.duties import gather

#: outside ``/api/v1``: the secret address is the right to read
calendar = Router(tags=["calendar feeds"])


def of_duties(session: Session, as_of: dt.date, *, officer_id: int | None, unit_id: int | None) -> list[Entry]:
    """What agreements and partners ask of an officer or a unit: for their projects, and what concerns no project and is
    theirs all the same."""
    own = projects_of(session, officer_id=officer_id, unit_id=unit_id)

    def is_own(duty: Duty) -> bool:
        if duty.project is not None:
            return duty.project_id in own
        return duty.officer_id == officer_id if officer_id is not None else duty.unit_id == unit_id

    return [
        Entry(
            project=duty.project or "",
            unit=None if duty.project else duty.unit,
            name=duty.name.replace("/", "-"),
            day=duty.due,
            summary=Told(
                "%(whose)s: %(what)s (%(state)s)",
                whose=duty.agreement or duty.partner,
                what=duty.what,
                state=Term(duty.state(as_of).value),
            ),
            description=(
                Told("%(partner)s. Officer: %(officer)s.", partner=duty.partner, officer=duty.officer)
                if duty.officer
                else f"{duty.partner}. "
            ),
        )
        for duty in gather(session, as_of)
        if is_own(duty)
    ]


#: makes a text that was kept one to be said in the language again; catalogues have it from where it arose
_KEPT = Told
#: how events of agreements and partners are named
_DUTIES = ("report-", *(f"{kind}-" for kind in DutyKind))
#: titles as they are kept in English, with the term that the program has for the state
_OF_EVALUATIONS = re.compile(r"(?P<project>.+): (?P<noun>.+?)(?: (?P<number>[0-9]+))? due \((?P<state>[a-z-]+)\)", re.S)
_OF_INSTITUTION = re.compile(r"(?P<title>.+): due \((?P<state>[a-z-]+)\)", re.S)
_OF_DUTIES = re.compile(r"(?P<whose>.+?): (?P<what>.+) \((?P<state>[a-z-]+)\)", re.S)
#: what agreements ask for, where something is filled in; see :mod:`app.reports.duties`
_FILLED_IN = (
    (re.compile(r"instalment of (?P<agreement>.+)", re.S), "instalment of %(agreement)s"),
    (re.compile(r"end of the clearance of (?P<partner>.+)", re.S), "end of the clearance of %(partner)s"),
    (re.compile(r"end of (?P<agreement>.+)", re.S), "end of %(agreement)s"),
    (re.compile(r"condition (?P<code>\S+): (?P<text>.+)", re.S), "condition %(code)s: %(text)s"),
)


def as_it_was(event: Event) -> Event:
    """The event with the title that it had: of one that left the feed only the English text is kept, with its terms."""
    summary = event.entry.summary
    if isinstance(summary, Told):
        return event
    if event.entry.name.startswith(_DUTIES):
        if (found := _OF_DUTIES.fullmatch(summary)) is None:
            return event
        told = Told(
            "%(whose)s: %(what)s (%(state)s)",
            whose=found["whose"],
            what=_as_asked(found["what"]),
            state=Term(found["state"]),
        )
    elif found := _OF_INSTITUTION.fullmatch(summary):
        told = Told("%(title)s: due (%(state)s)", title=found["title"], state=Term(found["state"]))
    elif found := _OF_EVALUATIONS.fullmatch(summary):
        noun = _KEPT(found["noun"])
        if found["number"]:
            noun = Told("%(evaluation)s %(number)s", evaluation=noun, number=int(found["number"]))
        told = Told(
            "%(project)s: %(what)s due (%(state)s)", project=found["project"], what=noun, state=Term(found["state"])
        )
    else:
        return event
    return replace(event, entry=replace(event.entry, summary=told))


def _as_asked(what: str) -> Told:
    for form, template in _FILLED_IN:
        if found := form.fullmatch(what):
            return _KEPT(template, **found.groupdict())
    return _KEPT(what)


@calendar.get(
    "/calendar/{token}.ics",
    operation_id="calendar_feed",
    summary="Due dates as iCalendar",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {}}}, **problems(304, 404, 422)},
)
def read_feed(
    request: Request, token: Annotated[str, Field(min_length=20, max_length=100)], settings: SettingsOf, today: Today
) -> Response:
    """Everything the officer or unit has to see to; needs no login, since the address is secret."""
    database = database_of(request)
    with database.read() as session:
        owner = queries.feed_owner(session, hashlib.sha256(token.encode()).hexdigest())
    if owner is None:
        raise NotFound("There is no such calendar.")
    fresh(database, today)
    with database.read() as session:
        duties = of_duties(session, today, officer_id=owner.officer_id, unit_id=owner.unit_id)
        words = languages_of(session, [owner.address] if owner.address else []).of(owner.address or "")
        entries = calendars.feed(session, today, officer_id=owner.officer_id, unit_id=owner.unit_id, further=duties)
    since = add_months(today, -events.PAST_MONTHS)
    feed = events.Feed(id=owner.feed_id, wording=words.edition, since=since)
    shown = events.numbered(database, entries, host=calendars.host_of(settings.address), feed=feed)
    content = events.render(map(as_it_was, shown), name=Told("Due: %(name)s", name=owner.name), language=words.language)
    answer = conditional(request, content, {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'})
    if answer.status_code == 200:
        answer.headers["content-type"] = "text/calendar; charset=utf-8"
        answer.headers["cache-control"] = "private, max-age=3600"
    return answer
