"""Former identifiers: of the activity (other-identifier A3) and of the organisation that reports it (B1).

A validator expects an activity's identifier to begin with that of its reporting organisation, or with one of type B1
that the activity states. Type A3 is the activity's own previous identifier.
"""

from app.publishing.exporting.parts import Composed
from app.publishing.exporting.rows import ProjectRow, Rows
from app.publishing.mapping.glance import Name
from iati.model import Narrative, OtherIdentifier, OwnerOrg

_PREVIOUS_ACTIVITY, _PREVIOUS_REPORTER = "A3", "B1"


def put_former_identifiers(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """Adds what the activity does not state already."""
    activity = composed.activity
    reporter = project["reporting_org_id"]
    ref, name, _type = rows.organisations[reporter]
    identifier = project["iati_identifier"]
    wanted = [(_PREVIOUS_ACTIVITY, former) for former in project["former_identifiers"]]
    if ref is not None and not identifier.startswith(f"{ref}-"):
        wanted += [
            (_PREVIOUS_REPORTER, former)
            for former in rows.former_identifiers.get(reporter, ())
            if identifier.startswith(f"{former}-")
        ]
    stated = {(each.type, each.ref) for each in activity.other_identifier}
    for type_, former in wanted:
        if (type_, former) not in stated:
            element = OtherIdentifier(ref=former, type=type_, owner_org=_owner(ref, name))
            activity.other_identifier.append(element)
            composed.former_identifiers.append(element)


def _owner(ref: str | None, name: Name | None) -> OwnerOrg:
    return OwnerOrg(ref=ref, narrative=[Narrative(text=name[0])] if name and name[0] else [])
