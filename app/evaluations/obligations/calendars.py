"""The calendar of a year, and due dates as events that calendar programs follow as they move, and see cancelled."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import or_
from sqlmodel import Session

from app.db.base import table
from app.db.evaluations import Obligation
from app.domain.evaluation.terms import EvaluationStatus, State
from app.domain.evaluation.words import evaluation_named, obliged_named, without_rules
from app.domain.periods import add_months
from app.domain.told import Reason, Term, Told
from app.evaluations.obligations import queries_due, queries_events
from app.evaluations.obligations.due import AnyView, DueRow, due_row, views_due
from app.evaluations.obligations.events import PAST_MONTHS, Entry, Event
from app.evaluations.obligations.facts import evaluation_facts
from app.evaluations.obligations.institution import institution_views
from app.evaluations.obligations.queries_institution import among_dates, of_unit_id, standing
from app.evaluations.obligations.rows import OwedRow
from app.evaluations.obligations.views import CANNOT_TELL, View, views


def host_of(address: str) -> str:
    """The name that makes ids of events unique in the world: the same under whichever address a feed is read."""
    return urlsplit(address).hostname or "localhost"


def of_due_rows(rows: Iterable[DueRow]) -> list[Entry]:
    """The due list as entries; what cannot be told is left out."""
    return [_entry(row) for row in rows if row.due is not None and row.state != CANNOT_TELL]


def feed(
    session: Session,
    as_of: dt.date,
    *,
    officer_id: int | None = None,
    unit_id: int | None = None,
    further: Sequence[Entry] = (),
) -> list[Entry]:
    """Everything an officer or a unit has to see to, with what no longer holds as cancelled; by day.

    A unit sees to what the institution owes about it as well.

    ``further``: what falls due beside evaluations.

    The name of an entry is that of the project's obligation of a kind through all its changes, so that a moved date
    moves the event that a calendar shows already. What lies further back than a year is left out, unless calendars
    have shown it at another time: they see where it went. What goes to another officer or unit is told by
    :func:`app.evaluations.obligations.events.numbered`, which knows what each feed has shown.
    """
    column = table(Obligation).c
    own = queries_due.of_officer(officer_id) if officer_id is not None else queries_due.of_unit(unit_id)
    newest: dict[tuple[str, str], View[OwedRow]] = {}
    for rows in queries_due.in_batches(session, own, column.due_on.is_not(None), ~column.key.startswith("?")):
        for one in views(session, rows, as_of):
            place = (one.row.project, one.row.key)
            # of those that hold no more the last one that was made tells what became of it
            if place not in newest or _holds_no_more(newest[place]) or not _holds_no_more(one):
                newest[place] = one
    seen_to: list[AnyView] = list(newest.values())
    if unit_id is not None:
        seen_to += institution_views(session, as_of, of_unit_id(unit_id))
    entries = [_entry(row, cancelled=_holds_no_more(one)) for one in seen_to if (row := due_row(one)).due is not None]
    entries += further
    found = {entry.place for entry in entries}
    since = add_months(as_of, -PAST_MONTHS)
    ours = own if unit_id is None else or_(own, queries_events.of_institution(unit_id))
    shown = {one.entry.place: one for one in queries_events.shown(session, ours)}
    entries += [dataclasses.replace(one.entry, cancelled=True) for place, one in shown.items() if place not in found]
    entries = [entry for entry in entries if entry.day >= since or _still_shown(shown.get(entry.place), since)]
    return sorted(entries, key=lambda entry: (entry.day, entry.project, entry.name))


def _holds_no_more(one: AnyView) -> bool:
    return one.state in (State.WAIVED, State.SUPERSEDED, State.LAPSED)


def _still_shown(shown: Event | None, since: dt.date) -> bool:
    """Whether calendars have to be told what became of an event that they showed on a day that is not as far back."""
    return shown is not None and (shown.entry.day >= since or (shown.sequence > 0 and shown.changed_at.date() >= since))


def _entry(row: DueRow, *, cancelled: bool = False) -> Entry:
    why = Reason(without_rules(row.reason, row.rules))
    if row.key is not None:
        title = f"{row.title} {row.number}" if row.number else row.title
        return Entry(
            project="",
            name=row.key,
            day=row.due or dt.date.max,
            summary=Told("%(title)s: due (%(state)s)", title=title, state=Term(row.state)),
            description=Told("Owed by: %(whom)s. %(why)s", whom=obliged_named(row.project), why=why),
            cancelled=cancelled,
            unit=row.unit,
        )
    kind = row.kind or ""
    noun = evaluation_named(kind, row.number)
    if row.officer:
        description = Told("%(title)s. Officer: %(officer)s. %(why)s", title=row.title, officer=row.officer, why=why)
    else:
        description = Told("%(title)s. %(why)s", title=row.title, why=why)
    return Entry(
        project=row.project,
        name=f"{kind}-{row.number}" if row.number else kind,
        day=row.due or dt.date.max,
        summary=Told("%(project)s: %(what)s due (%(state)s)", project=row.project, what=noun, state=Term(row.state)),
        description=description,
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

    def as_dict(self) -> dict[str, str | None]:
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
            kind=one.obligation.kind.value,
            independence=one.independence or "",
            state=str(one.state),
            reference=one.reference,
            who=one.row.officer,
        )
        for one in views_due(session, first, last, as_of)
        if one.obligation is not None and first <= one.obligation.due <= last
    ]
    rows += [
        CalendarRow(
            day=duty.obligation.due,
            what="obligation",
            project=duty.row.project,
            kind=duty.obligation.kind.value,
            independence=duty.independence or "",
            state=str(duty.state),
            reference=duty.reference,
            who=duty.row.unit,
        )
        for duty in institution_views(session, as_of, standing(), among_dates(first, last))
        if duty.obligation is not None and first <= duty.obligation.due <= last
    ]
    planned = {row.id: row for row in queries_due.dated_in(session, first, last)}
    known = [(row, evaluation_facts(row).known_on(as_of)) for row in planned.values()]
    codes = queries_due.projects_of_evaluations(session, list(planned))
    for row, evaluation in known:
        ends = evaluation.completed_on or evaluation.planned_end or evaluation.planned_start
        if ends is None or not first <= ends <= last or evaluation.status is EvaluationStatus.CANCELLED:
            continue
        rows.append(
            CalendarRow(
                day=ends,
                what="evaluation",
                project="|".join(codes.get(row.id, [])),
                kind=evaluation.kind,
                independence=evaluation.independence,
                state=evaluation.status,
                reference=row.reference,
                who=row.manager,
            )
        )
    return sorted(rows, key=lambda row: (row.day, row.what, row.project, row.kind))
