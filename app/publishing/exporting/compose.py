"""The whole activity: file content as it was, and what is kept here by the rules of the mapping.

A record that came from a file says all of itself; one that is kept here also says what follows from other records: its
funders from agreements, its reporting organisation as accountable, defaults from the set-up.
"""

import datetime as dt
from collections.abc import Sequence

from app.domain.periods import end_of
from app.domain.revisions import DATES, LifeCycle, replay
from app.domain.terms import Origin, Stage
from app.publishing.exporting.achieved import put_achieved
from app.publishing.exporting.budgets import put_budgets
from app.publishing.exporting.former import put_former_identifiers
from app.publishing.exporting.logframe import put_results
from app.publishing.exporting.money import put_transactions
from app.publishing.exporting.parts import (
    Composed,
    Days,
    put_classifications,
    put_contacts,
    put_documents,
    put_evaluations,
    put_links,
    put_locations,
    put_loose,
    put_markers,
    put_own_participants,
    put_parent,
    put_participants,
    start,
)
from app.publishing.exporting.planned import put_planned
from app.publishing.exporting.redacted import hold_back_redacted
from app.publishing.exporting.rows import ProjectRow, Rows, SetupRow
from app.publishing.exporting.screening import hold_back_unscreened
from iati.lexical import format_datetime


def compose(project: ProjectRow, rows: Rows, setup: SetupRow | None, as_of: dt.date, *, loose: bool = True) -> Composed:
    """The activity of a project on a day, whole. ``project`` is filled with defaults, so hand in a copy to keep it.

    ``loose``: with the elements that no table holds; without them every element of a list has a source.
    """
    (composed,) = compose_together([project], rows, setup, as_of, loose=loose)
    composed.settle()
    return composed


def compose_together(
    projects: Sequence[ProjectRow], rows: Rows, setup: SetupRow | None, as_of: dt.date, *, loose: bool = True
) -> list[Composed]:
    """As :func:`compose` for several projects, but with the elements of their lists as what they say: for XML alone.

    Each step is done for all of them before the next one: it goes through much program, and is half as fast again
    while that is at hand.
    """
    activities = [(_started(project, rows, setup, as_of), project) for project in projects]
    for step in _STEPS:
        for composed, project in activities:
            step(composed, project, rows)
    for composed, project in activities:
        put_budgets(composed, project, rows, setup)
    for step in _LAST_STEPS:
        for composed, project in activities:
            step(composed, project, rows)
    for composed, project in activities:
        if loose:
            put_loose(composed)
        if project["origin"] is Origin.OWN:
            _date(composed, project)
            composed.held_back.extend(_missing(composed, project, rows))
    return [composed for composed, _ in activities]


def _started(project: ProjectRow, rows: Rows, setup: SetupRow | None, as_of: dt.date) -> Composed:
    """An activity without lists, filled with what the set-up says and as it was known on the day."""
    days = Days(as_of)
    if project["origin"] is Origin.OWN:
        if setup is not None:
            _fill(project, setup)
        _as_known(project, rows, days)
    return start(project, rows, days)


def _put_participants(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    (put_own_participants if project["origin"] is Origin.OWN else put_participants)(composed, project, rows)


#: what puts together an activity that was started, in this order: before its budgets, and behind them
_STEPS = (
    put_former_identifiers,
    hold_back_unscreened,
    hold_back_redacted,
    _put_participants,
    put_classifications,
    put_markers,
    put_contacts,
    put_locations,
    put_documents,
    put_evaluations,
    put_links,
    put_parent,
)
_LAST_STEPS = (put_planned, put_transactions, put_results, put_achieved)


def _fill(project: ProjectRow, setup: SetupRow) -> None:
    """What an own activity leaves unsaid, the set-up says."""
    project["default_currency"] = project["default_currency"] or setup["currency"]
    project["language"] = project["language"] or setup["language"]
    project["flow_type"] = project["flow_type"] or setup["default_flow_type"]
    project["finance_type"] = project["finance_type"] or setup["default_finance_type"]
    project["aid_type"] = project["aid_type"] or setup["default_aid_type"]
    project["tied_status"] = project["tied_status"] or setup["default_tied_status"]


def _as_known(project: ProjectRow, rows: Rows, days: Days) -> None:
    """Puts dates and stage on the project as they were known on the day.

    Before its first decision a project is what that said: a record that was entered late tells no other beginning.
    """
    cycle = LifeCycle(
        stage=project["stage"],
        planned_start=project["planned_start"],
        planned_end=project["planned_end"],
        actual_start=project["actual_start"],
        actual_end=project["actual_end"],
    )
    newest = rows.newest_decisions.get(project["id"])
    if newest is not None and not days.reached(newest):
        decided = rows.decisions[project["id"]]
        for each in decided:
            days.reached(each.known_on)
        known = replay(decided, as_of=max(days.as_of, min(each.known_on for each in decided)))
        dates = {name: dt.date.fromisoformat(text) if (text := known.get(name)) else None for name in DATES}
        cycle = LifeCycle(stage=Stage(known.get("stage") or project["stage"]), **dates)
    # both are looked at, since each bounds the days on which the activity looks the same
    if not all([days.reached(cycle.actual_start), days.reached(cycle.actual_end)]):
        cycle = cycle.as_of(days.as_of)
    project["stage"] = cycle.stage or project["stage"]
    project["planned_start"], project["planned_end"] = cycle.planned_start, cycle.planned_end
    project["actual_start"], project["actual_end"] = cycle.actual_start, cycle.actual_end


def _date(composed: Composed, project: ProjectRow) -> None:
    """As of a day in the past an activity was not changed after it; readers rightly refuse a moment yet to come."""
    changed = project["content_changed_at"]
    if changed is not None and not composed.days.reached(changed.astimezone(dt.UTC).date()):
        composed.activity.last_updated_datetime = format_datetime(end_of(composed.days.as_of))
        composed.days.only_this()


def _missing(composed: Composed, project: ProjectRow, rows: Rows) -> list[str]:
    """What the schema requires and the record does not hold; nothing is made up."""
    activity = composed.activity
    ref, _name, type_ = rows.organisations[project["reporting_org_id"]]
    checks = (
        (ref, "The reporting organisation has no identifier: set it up with `earmark init`."),
        (type_, "The reporting organisation has no IATI type: set it up with `earmark init`."),
        (project["title"], "The project has no title."),
        (activity.description, "The project has no description."),
        (activity.activity_date, "The project has no start and no end date."),
    )
    return [reason for found, reason in checks if not found]
