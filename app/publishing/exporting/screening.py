"""Name and money of partners whose screening is pending or was refused, held back from what is published.

This is for what is kept here: rows that came from a published file are history, and come out as they were.
"""

from app.publishing.exporting.givers import givers_of, is_shared
from app.publishing.exporting.money import INCOMING
from app.publishing.exporting.parts import Composed, Exclusion
from app.publishing.exporting.rows import ProjectRow, Rows, of


def hold_back_unscreened(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """Takes postings and allocations of such partners out of the rows of a project, and says so.

    Participants are left out where they are put, since who implements a project follows from all of them.
    """
    if not rows.unscreened:
        return
    key = project["id"]
    givers = givers_of(of(rows.agreements, key))

    def funders(agreement_id: int | None) -> tuple[int | None, ...]:
        known = [] if agreement_id is None else givers.get(agreement_id, [])
        return tuple(each["organisation_id"] for each in known)

    def held_back(what: str, ordinal: int | None, named: tuple[int | None, ...]) -> bool:
        """Whether an organisation that is named is not cleared; rows with a place came from a file."""
        found = next((each for each in named if each in rows.unscreened), None) if ordinal is None else None
        if found is None:
            return False
        composed.exclusions.append(Exclusion(project=project["code"], what=what, reason=rows.unscreened[found]))
        return True

    kept = []
    for each in of(rows.entries, key):
        agreement_id = each.agreement_id if each.type in INCOMING else None
        known = [] if agreement_id is None else givers.get(agreement_id, [])
        what = f"transaction {each.id}"
        named: tuple[int | None, ...] = (each.provider_id, each.receiver_id)
        if not is_shared(each, known):
            first = tuple(one["organisation_id"] for one in known[:1] if each.provider_id is None or len(known) < 2)
            named = (*named, *first)
        elif all(one["organisation_id"] in rows.unscreened for one in known):
            named = (*named, known[0]["organisation_id"])
        if held_back(what, each.ordinal, named):
            continue
        kept.append(each)
        if is_shared(each, known):
            for one in known:
                held_back(f"part of {one['giver']} in {what}", each.ordinal, (one["organisation_id"],))
    rows.entries[key] = kept
    rows.allocations[key] = [
        each
        for each in of(rows.allocations, key)
        if not held_back(f"allocation {each['id']}", each["ordinal"], funders(each["agreement_id"]))
    ]
