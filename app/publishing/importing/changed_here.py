"""What was changed here since a record was last imported: no file overwrites it unasked.

A record follows a newer file as long as file and people changed different things of it. Where both say otherwise of the
same thing, the record stays as it is here. Rows that were entered here stay in any case: no file knows of them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from app.db.audit import keys_of
from app.publishing.exporting.rows import ProjectRow, Rows, of
from app.publishing.importing import queries_history as history
from app.publishing.importing.difference import Difference
from app.publishing.importing.queries_history import BELOW_RESULTS, Event
from app.publishing.mapping.activity import CLASSIFICATIONS
from app.publishing.mapping.record import PLAIN

#: rows that a file never takes away once they were entered here; other lists are replaced as a whole
_ENTERED = ("ledger_entries", "allocations", "documents", "contacts", "results")
#: of these, what was entered is no other statement than the file's: it stands beside it
_BESIDE = ("documents", "contacts", "results")
#: lists of the activity by the table that keeps them
_LISTS = {**{name: (of,) for name, (of, _shape) in PLAIN.items()}, "results": ("result",)}
_CLASSIFIED = tuple(name for name, _shape in CLASSIFICATIONS.values())
#: columns of the activity that follow from one column of the project
_REPORTER = ("reporting_ref", "reporting_name", "reporting_type")


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeHere:
    """One thing that was changed here: what, when last, by whom."""

    #: column or list of the activity
    place: str
    at: dt.datetime
    actor: str


@dataclass(slots=True)
class Since:
    """What became of a record since a file last changed it."""

    #: the last import that changed the record; None: it was never imported
    imported: Event | None = None
    #: when each file, by its SHA-256, last changed the record
    files: dict[str, dt.datetime] = field(default_factory=dict)
    #: the newest change of each place
    changes: dict[str, ChangeHere] = field(default_factory=dict)
    #: rows that were entered here at any time: (table, key)
    entered: set[tuple[str, int]] = field(default_factory=set)

    def at_odds(self, found: Difference) -> list[ChangeHere]:
        """What was changed here and what the file says otherwise."""
        places = found.places_that_differ
        return [change for place, change in sorted(self.changes.items()) if place in places]

    def note(self, place: str, event: Event) -> None:
        self.changes[place] = ChangeHere(place=place, at=event.at, actor=event.actor)


def changed_here(
    session: Session, projects: Mapping[int, ProjectRow], differing: Mapping[int, Difference], rows: Rows
) -> dict[int, Since]:
    """By project: what was changed here since its last import.

    ``differing``: what a file says otherwise of each of ``projects``.
    """
    if not projects:
        return {}
    since = {key: Since() for key in projects}
    events: dict[int, list[Event]] = defaultdict(list)
    for event in history.events_of_projects(session, projects):
        events[int(event.aggregate.partition(":")[2])].append(event)
    for key, some in events.items():
        _of_project(since[key], some)
    _of_organisations(session, since, projects, rows)
    _below_results(
        session, {key: since[key] for key, found in differing.items() if "result" in found.places_that_differ}, rows
    )
    return since


def _of_project(since: Since, events: list[Event]) -> None:
    imports = [each for each in events if each.action == "import"]
    since.imported = imports[-1] if imports else None
    since.files = {digest: each.at for each in imports if (digest := each.text("sha256")) is not None}
    first: dict[str, object] = {}
    for event in events:
        created = event.action == "create"
        if created and event.entity in _ENTERED:
            since.entered.update((event.entity, key) for key in keys_of(event.entity_id))
        if since.imported is not None and event.id <= since.imported.id:
            continue
        if event.entity == "projects":
            for name in {**event.before, **event.after}:
                before, after = event.before.get(name), event.after.get(name)
                if name in first and first[name] == after:
                    # put back as the file has it
                    since.changes.pop(_column(name), None)
                    continue
                first.setdefault(name, before)
                since.note(_column(name), event)
        elif not (created and event.entity in _BESIDE):
            for place in _places(event):
                since.note(place, event)


def _column(name: str) -> str:
    """The place that a column of the project is."""
    return {"reporting_org_id": "reporting_ref", "iati_remainder": "remainder"}.get(name, name)


def _places(event: Event) -> tuple[str, ...]:
    if event.entity != "classifications":
        return _LISTS[event.entity]
    kind = event.after.get("kind") or event.before.get("kind")
    return (CLASSIFICATIONS[kind][0],) if isinstance(kind, str) else _CLASSIFIED


def _of_organisations(
    session: Session, since: Mapping[int, Since], projects: Mapping[int, ProjectRow], rows: Rows
) -> None:
    """An organisation that was renamed here has another name in all records that name it."""
    naming: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for key, project in projects.items():
        for name in _REPORTER:
            naming[project["reporting_org_id"]].add((key, name))
        for participant in of(rows.participants, key):
            naming[participant["organisation_id"]].add((key, "participating_org"))
        for planned in of(rows.planned, key):
            for organisation in (planned["provider_id"], planned["receiver_id"]):
                if organisation is not None:
                    naming[organisation].add((key, "planned_disbursement"))
        for entry in of(rows.entries, key):
            for organisation in (entry.provider_id, entry.receiver_id):
                if organisation is not None:
                    naming[organisation].add((key, "transaction"))
    for event in history.events_of_organisations(session, naming):
        for key, place in naming[int(event.entity_id)]:
            _note_later(since[key], place, event)


def _below_results(session: Session, since: Mapping[int, Since], rows: Rows) -> None:
    """What is below results has chains of its own."""
    project_of: dict[tuple[str, int], int] = {}
    for key in since:
        above = [each["id"] for each in of(rows.results, key)]
        project_of.update({("results", each): key for each in above})
        indicators = [each["id"] for row in above for each in of(rows.indicators, row)]
        project_of.update({("indicators", each): key for each in indicators})
        baselines = [each["id"] for row in indicators for each in of(rows.baselines, row)]
        project_of.update({("indicator_baselines", each): key for each in baselines})
        periods = [each["id"] for row in indicators for each in of(rows.periods, row)]
        project_of.update({("indicator_periods", each): key for each in periods})
        project_of.update({("period_values", each["id"]): key for row in periods for each in of(rows.values, row)})
    if not project_of:
        return
    for event in history.events_below_results(session, [each for each in project_of if each[0] in BELOW_RESULTS]):
        for place in ((event.entity, int(event.entity_id)), _above(event)):
            if place in project_of:
                _note_later(since[project_of[place]], "result", event)


def _above(event: Event) -> tuple[str, int]:
    """The row that a row hung below when it was taken away."""
    column = BELOW_RESULTS[event.entity]
    table = {"result_id": "results", "indicator_id": "indicators", "period_id": "indicator_periods"}[column]
    key = event.before.get(column)
    return table, key if isinstance(key, int) else 0


def _note_later(since: Since, place: str, event: Event) -> None:
    if since.imported is None or event.id > since.imported.id:
        since.note(place, event)
