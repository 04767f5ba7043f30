"""Name and money of partners whose screening is pending or was refused, held back from what is published.

This is for what is kept here: rows that came from a published file are history, and come out as they were.
"""

from app.publishing.exporting.fetch import Rows
from app.publishing.exporting.money import INCOMING
from app.publishing.exporting.parts import Composed, Exclusion
from app.publishing.exporting.queries import Columns


def hold_back_unscreened(composed: Composed, project: Columns, rows: Rows) -> None:
    """Takes postings and allocations of such partners out of the rows of a project, and says so.

    Participants are left out where they are put, since who implements a project follows from all of them.
    """
    if not rows.unscreened:
        return
    key = project["id"]
    funders = {each["agreement_id"]: each["organisation_id"] for each in rows.agreements.get(key, ())}
    for name, what, holder in (
        ("ledger_entries", "transaction", _of_entry),
        ("allocations", "allocation", _of_allocation),
    ):
        kept: list[Columns] = []
        for each in rows.of(name, key):
            organisation = holder(each, funders, rows) if each["ordinal"] is None else None
            if organisation is None:
                kept.append(each)
            else:
                reason = rows.unscreened[organisation]
                composed.exclusions.append(
                    Exclusion(project=project["code"], what=f"{what} {each['id']}", reason=reason)
                )
        rows.below[name][key] = kept


def _of_entry(entry: Columns, funders: dict[int, int], rows: Rows) -> int | None:
    """The unscreened organisation that a posting names; money that comes in under an agreement names its funder."""
    named = [entry["provider_id"], entry["receiver_id"]]
    if entry["type"] in INCOMING:
        named.append(funders.get(entry["agreement_id"]))
    return next((each for each in named if each in rows.unscreened), None)


def _of_allocation(allocation: Columns, funders: dict[int, int], rows: Rows) -> int | None:
    """The unscreened organisation whose money was allocated."""
    funder = funders.get(allocation["agreement_id"])
    return funder if funder in rows.unscreened else None
