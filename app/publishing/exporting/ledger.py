"""Corrections of the ledger, netted into what they correct."""

from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.money import EXACT
from app.domain.terms import EntryKind
from app.publishing.exporting.parts import Days
from app.publishing.exporting.rows import EntryRow


@dataclass(slots=True)
class Net:
    """What the corrections of a ledger come to."""

    #: the amounts of corrected postings; None for those that were withdrawn or came to nothing
    amounts: dict[int, Decimal | None] = field(default_factory=dict)
    #: corrections in another currency than what they correct, which cannot be netted: (correction, what it corrects)
    unlike: list[tuple[EntryRow, EntryRow]] = field(default_factory=list)

    def of(self, entry: EntryRow) -> Decimal | None:
        """The amount of a posting after its corrections; None when nothing of it is left."""
        return self.amounts.get(entry.id, entry.amount)


def netted(entries: list[EntryRow], days: Days) -> Net:
    """The ledger's postings after their corrections, each of which counts from its date on."""
    root_of = _roots(entries)
    net = Net()
    if not root_of:
        return net
    postings = {each.id: each for each in entries}
    for each in entries:
        root = postings.get(root_of[each.id]) if each.id in root_of else None
        if root is None:
            continue
        if each.currency != root.currency:
            net.unlike.append((each, root))
        if not days.reached(each.date):
            continue
        present = net.amounts.get(root.id, root.amount)
        if each.entry_kind is EntryKind.WITHDRAWAL:
            net.amounts[root.id] = None
        elif each.currency == root.currency and present is not None:
            net.amounts[root.id] = EXACT.add(present, each.amount)
    net.amounts = {root: amount or None for root, amount in net.amounts.items()}
    return net


def _roots(entries: list[EntryRow]) -> dict[int, int]:
    """For every correction the posting that it corrects in the end."""
    above = {each.id: each.adjusts_id for each in entries if each.adjusts_id is not None}
    found = {}
    for key in above:
        root = key
        while root in above:
            root = above[root]
        found[key] = root
    return found
