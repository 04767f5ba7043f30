"""Corrections of the ledger, netted into what they correct."""

from decimal import Decimal

from app.domain.money import EXACT
from app.domain.terms import EntryKind
from app.publishing.exporting.parts import Days
from app.publishing.exporting.queries import Columns


def roots(entries: list[Columns]) -> dict[int, int]:
    """For every correction the posting that it corrects in the end."""
    above = {each["id"]: each["adjusts_id"] for each in entries if each["adjusts_id"] is not None}
    found = {}
    for key in above:
        root = key
        while root in above:
            root = above[root]
        found[key] = root
    return found


def netted(entries: list[Columns], days: Days) -> dict[int, Decimal | None]:
    """The amounts of corrected postings; None for those that were withdrawn or came to nothing.

    A correction counts from its date on. One in another currency than its posting cannot be netted and is left out
    here; ``app.publishing.exporting.compose`` says so.
    """
    root_of = roots(entries)
    if not root_of:
        return {}
    postings = {each["id"]: each for each in entries}
    net: dict[int, Decimal | None] = {}
    for each in entries:
        root = root_of.get(each["id"])
        if root is None or root not in postings or not days.reached(each["date"]):
            continue
        if each["entry_kind"] is EntryKind.WITHDRAWAL:
            net[root] = None
        elif each["currency"] == postings[root]["currency"] and net.get(root, Decimal(0)) is not None:
            present = net.get(root)
            net[root] = EXACT.add(postings[root]["amount"] if present is None else present, each["amount"])
    return {root: None if amount is None or amount == 0 else amount for root, amount in net.items()}
