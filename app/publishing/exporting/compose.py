"""The whole activity: file content as it was, and what is kept here by the rules of the mapping.

A record that came from a file says all of itself; one that is kept here also says what follows from other records: its
funders from agreements, its reporting organisation as accountable, defaults from the set-up.
"""

import datetime as dt
import mimetypes
from typing import Any
from urllib.parse import urlsplit

from app.domain.periods import end_of
from app.domain.terms import AgreementStatus, Origin
from app.publishing.exporting.fetch import Rows
from app.publishing.exporting.ledger import netted
from app.publishing.exporting.money import put_budgets, put_transactions
from app.publishing.exporting.parts import (
    Composed,
    party,
    put_classifications,
    put_contacts,
    put_documents,
    put_file_budgets,
    put_file_transactions,
    put_links,
    put_locations,
    put_participants,
    put_results,
    start,
)
from app.publishing.exporting.queries import Columns
from app.publishing.mapping.activity import DOCUMENT, LINK, MARKER, PARTICIPANT, TAG
from iati.lexical import format_datetime

#: gender marker → significance of the policy marker
_SIGNIFICANCE = {3: "2", 2: "1", 1: "0"}
#: columns of own activities that the set-up fills, by the set-up's name
_DEFAULTS = {
    "default_currency": "currency",
    "language": "language",
    "flow_type": "default_flow_type",
    "finance_type": "default_finance_type",
    "aid_type": "default_aid_type",
    "tied_status": "default_tied_status",
}
_FUNDING, _ACCOUNTABLE, _IMPLEMENTING = "1", "2", "4"


def compose(project: Columns, rows: Rows, setup: Columns | None, as_of: dt.date) -> Composed:
    """The activity of a project on a day. ``project`` is filled with defaults, so hand in a copy to keep it."""
    own = project["origin"] is Origin.OWN
    if own and setup is not None:
        for name, said in _DEFAULTS.items():
            project[name] = project[name] or setup[said]
    composed = start(project, rows, as_of)
    if own:
        _put_own_participants(composed, project, rows)
    else:
        put_participants(composed, project, rows)
    put_classifications(composed, project, rows)
    _put_markers(composed, project)
    put_contacts(composed, project, rows)
    put_locations(composed, project, rows)
    put_documents(composed, project, rows)
    _put_evaluations(composed, project, rows)
    put_links(composed, project, rows)
    _put_parent(composed, project, rows)
    put_file_budgets(composed, project, rows)
    put_budgets(composed, project, rows)
    net = netted(rows.of("ledger_entries", project["id"]), composed.days)
    put_file_transactions(composed, project, rows, net)
    put_transactions(composed, project, rows)
    put_results(composed, project, rows)
    if own:
        _date(composed, project)
        composed.held_back.extend(_missing(composed, project))
    return composed


def _date(composed: Composed, project: Columns) -> None:
    """As of a day in the past an activity was not changed after it; readers rightly refuse a moment yet to come."""
    changed = project["content_changed_at"]
    if changed is not None and not composed.days.reached(changed.astimezone(dt.UTC).date()):
        composed.activity.last_updated_datetime = format_datetime(end_of(composed.days.as_of))
        composed.days.only_this()


def _put_own_participants(composed: Composed, project: Columns, rows: Rows) -> None:
    """Explicit participants, then funders by agreements and the reporting organisation, in the order of roles."""
    found: list[tuple[tuple[str, int, int], Columns, tuple[int, ...]]] = []
    explicit = rows.of("participants", project["id"])
    named = {(each["organisation_id"], each["role"]) for each in explicit}
    for at, each in enumerate(explicit):
        found.append(((each["role"], 0, at), each, (each["id"],)))
    derived = [
        (each["organisation_id"], _FUNDING, each["provider_activity"])
        for each in rows.agreements.get(project["id"], ())
        if each["status"] is not AgreementStatus.CANCELLED
    ]
    reporter = project["reporting_org_id"]
    derived.append((reporter, _ACCOUNTABLE, None))
    if not any(each["role"] == _IMPLEMENTING for each in explicit):
        derived.append((reporter, _IMPLEMENTING, None))
    for at, (organisation, role, activity) in enumerate(derived):
        if (organisation, role) not in named:
            named.add((organisation, role))
            columns = {"organisation_id": organisation, "role": role, "activity": activity, "remainder": None}
            found.append(((role, 1, at), columns, ()))
    for _order, columns, keys in sorted(found, key=lambda item: item[0]):
        party(columns, "organisation", rows, columns["organisation_id"])
        element = PARTICIPANT.build(columns, columns["remainder"])
        composed.put("participating_org", element, "participants", *keys)


def _put_markers(composed: Composed, project: Columns) -> None:
    """The gender marker and the outcome of the results framework, where they are set and not stated otherwise."""
    significance = _SIGNIFICANCE.get(project["gender_marker"])
    stated = any(each.code == "1" and each.vocabulary in (None, "1") for each in composed.activity.policy_marker)
    if significance is not None and not stated:
        columns = {"vocabulary": "1", "code": "1", "significance": significance}
        composed.put("policy_marker", MARKER.render(columns), "")
    if project["outcome"]:
        composed.put("tag", TAG.render({"vocabulary": "99", "code": project["outcome"]}), "")


def _put_evaluations(composed: Composed, project: Columns, rows: Rows) -> None:
    """Reports of published evaluations and management's responses to them."""
    for each in rows.evaluations.get(project["id"], ()):
        if not composed.days.reached(each["completed_on"]):
            continue
        title = each["title"] or each["reference"]
        for url, named in ((each["report_url"], title), (each["response_url"], f"{title}: management response")):
            if url:
                composed.put("document_link", DOCUMENT.render(evaluation_document(url, named, each)), "")


def evaluation_document(url: str, title: str, evaluation: Columns, category: str = "A07") -> dict[str, Any]:
    """The columns of the document that an evaluation's report is."""
    return {
        "url": url,
        "format": mimetypes.guess_type(urlsplit(url).path)[0] or "text/html",
        "title": title,
        "title_translations": [],
        "category": category,
        "language": None,
        "document_date": evaluation["completed_on"],
    }


def _put_parent(composed: Composed, project: Columns, rows: Rows) -> None:
    identifier = rows.parents.get(project["parent_id"])
    stated = any(each.type == "1" and each.ref == identifier for each in composed.activity.related_activity)
    if identifier is not None and not stated:
        composed.put("related_activity", LINK.render({"type": "1", "identifier": identifier}), "")


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
