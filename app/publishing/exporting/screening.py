"""Name and money of partners whose screening is pending or was refused, held back from what is published.

This is for what is kept here: rows that came from a published file are history, and come out as they were.
"""

from app.publishing.exporting.money import INCOMING
from app.publishing.exporting.parts import Composed, Exclusion
from app.publishing.exporting.rows import EntryRow, ProjectRow, Rows, of


def hold_back_unscreened(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """Takes postings and allocations of such partners out of the rows of a project, and says so.

    Participants are left out where they are put, since who implements a project follows from all of them.
    """
    if not rows.unscreened:
        return
    key = project["id"]
    funders = {each["agreement_id"]: each["organisation_id"] for each in of(rows.agreements, key)}

    def funder(agreement_id: int | None) -> int | None:
        return None if agreement_id is None else funders.get(agreement_id)

    def held_back(what: str, ordinal: int | None, named: tuple[int | None, ...]) -> bool:
        """Whether an organisation that is named is not cleared; rows with a place came from a file."""
        found = next((each for each in named if each in rows.unscreened), None) if ordinal is None else None
        if found is None:
            return False
        composed.exclusions.append(Exclusion(project=project["code"], what=what, reason=rows.unscreened[found]))
        return True

    rows.entries[key] = [
        each
        for each in of(rows.entries, key)
        if not held_back(f"transaction {each['id']}", each["ordinal"], _named(each, funder(each["agreement_id"])))
    ]
    rows.allocations[key] = [
        each
        for each in of(rows.allocations, key)
        if not held_back(f"allocation {each['id']}", each["ordinal"], (funder(each["agreement_id"]),))
    ]


def _named(entry: EntryRow, funder: int | None) -> tuple[int | None, ...]:
    """The organisations that a posting names; money that comes in under an agreement names its funder."""
    return (entry["provider_id"], entry["receiver_id"], funder if entry["type"] in INCOMING else None)
