"""The whole activity: file content as it was, and what is kept here by the rules of the mapping.

A record that came from a file says all of itself; one that is kept here also says what follows from other records: its
funders from agreements, its reporting organisation as accountable, defaults from the set-up.
"""

import datetime as dt

from app.domain.periods import end_of
from app.domain.revisions import DATES, LifeCycle, replay
from app.domain.terms import Origin, Stage
from app.publishing.exporting.budgets import put_budgets
from app.publishing.exporting.fetch import Rows
from app.publishing.exporting.former import put_former_identifiers
from app.publishing.exporting.ledger import netted
from app.publishing.exporting.money import put_file_budgets, put_file_transactions, put_transactions
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
    put_results,
    start,
)
from app.publishing.exporting.queries import Columns
from app.publishing.exporting.screening import hold_back_unscreened
from iati.lexical import format_datetime

#: columns of own activities that the set-up fills, by the set-up's name
_DEFAULTS = {
    "default_currency": "currency",
    "language": "language",
    "flow_type": "default_flow_type",
    "finance_type": "default_finance_type",
    "aid_type": "default_aid_type",
    "tied_status": "default_tied_status",
}


def compose(project: Columns, rows: Rows, setup: Columns | None, as_of: dt.date, *, loose: bool = True) -> Composed:
    """The activity of a project on a day. ``project`` is filled with defaults, so hand in a copy to keep it.

    ``loose``: with the elements that no table holds; without them every element of a list has a source.
    """
    own = project["origin"] is Origin.OWN
    days = Days(as_of)
    if own and setup is not None:
        for name, said in _DEFAULTS.items():
            project[name] = project[name] or setup[said]
    if own:
        _as_known(project, rows, days)
    composed = start(project, rows, days)
    put_former_identifiers(composed, project, rows)
    hold_back_unscreened(composed, project, rows)
    if own:
        put_own_participants(composed, project, rows)
    else:
        put_participants(composed, project, rows)
    put_classifications(composed, project, rows)
    put_markers(composed, project)
    put_contacts(composed, project, rows)
    put_locations(composed, project, rows)
    put_documents(composed, project, rows)
    put_evaluations(composed, project, rows)
    put_links(composed, project, rows)
    put_parent(composed, project, rows)
    put_file_budgets(composed, project, rows)
    put_budgets(composed, project, rows, setup)
    net = netted(rows.of("ledger_entries", project["id"]), composed.days)
    put_file_transactions(composed, project, rows, net)
    put_transactions(composed, project, rows)
    put_results(composed, project, rows)
    if loose:
        put_loose(composed)
    if own:
        _date(composed, project)
        composed.held_back.extend(_missing(composed, project))
    return composed


def _as_known(project: Columns, rows: Rows, days: Days) -> None:
    """Puts dates and stage on the project as they were known on the day.

    Before its first decision a project is what that said: a record that was entered late tells no other beginning.
    """
    newest = rows.newest_decisions.get(project["id"])
    if newest is not None and not days.reached(newest):
        decided = rows.decisions[project["id"]]
        for each in decided:
            days.reached(each.known_on)
        known = replay(decided, as_of=max(days.as_of, min(each.known_on for each in decided)))
        for name in DATES:
            text = known.get(name)
            project[name] = None if text is None else dt.date.fromisoformat(text)
        project["stage"] = Stage(known.get("stage") or project["stage"])
    # both are looked at, since each bounds the days on which the activity looks the same
    if not all([days.reached(project["actual_start"]), days.reached(project["actual_end"])]):
        state = LifeCycle(stage=project["stage"], **{name: project[name] for name in DATES}).as_of(days.as_of)
        project["stage"] = state.stage
        project.update({name: getattr(state, name) for name in DATES})


def _date(composed: Composed, project: Columns) -> None:
    """As of a day in the past an activity was not changed after it; readers rightly refuse a moment yet to come."""
    changed = project["content_changed_at"]
    if changed is not None and not composed.days.reached(changed.astimezone(dt.UTC).date()):
        composed.activity.last_updated_datetime = format_datetime(end_of(composed.days.as_of))
        composed.days.only_this()


def _missing(composed: Composed, project: Columns) -> list[str]:
    """What the schema requires and the record does not hold; nothing is made up."""
    activity = composed.activity
    checks = (
        (project["reporting_ref"], "The reporting organisation has no identifier: set it up with `earmark init`."),
        (project["reporting_type"], "The reporting organisation has no IATI type: set it up with `earmark init`."),
        (project["title"], "The project has no title."),
        (activity.description, "The project has no description."),
        (activity.activity_date, "The project has no start and no end date."),
    )
    return [reason for found, reason in checks if not found]
