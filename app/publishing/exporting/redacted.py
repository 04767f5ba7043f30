"""Postings, amounts of budgets, contacts and documents that somebody decided to withhold, taken out of what is
published, with the reason."""

from collections.abc import Mapping
from typing import TypeVar

from app.publishing.exporting.parts import Composed, Exclusion
from app.publishing.exporting.rows import EntryRow, ProjectRow, Rows, of
from app.publishing.mapping.shape import RowOfFile

#: rows of a table by project
_AnyRow = TypeVar("_AnyRow", bound=RowOfFile | EntryRow)
#: kinds of decision, and what the part is called
_CALLED = {"transaction": "transaction", "amount": "allocation", "contact": "contact", "document": "document"}


def hold_back_redacted(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """Takes out of the rows of a project what is withheld on the day, and says so."""
    decided = rows.redacted.get(project["id"])
    if not decided:
        return

    def kept(kind: str, some: Mapping[int, list[_AnyRow]]) -> list[_AnyRow]:
        found = []
        for each in of(some, project["id"]):
            number = each.id if isinstance(each, EntryRow) else each["id"]
            withheld = decided.get((kind, number))
            if withheld is None or (withheld.until is not None and composed.days.reached(withheld.until)):
                found.append(each)
                continue
            until = "" if withheld.until is None else f" (until {withheld.until})"
            what = f"{_CALLED[kind]} {number}"
            composed.exclusions.append(
                Exclusion(project=project["code"], what=what, reason=f"{withheld.reason}{until}")
            )
        return found

    key = project["id"]
    rows.entries[key] = kept("transaction", rows.entries)
    rows.allocations[key] = kept("amount", rows.allocations)
    rows.contacts[key] = kept("contact", rows.contacts)
    rows.documents[key] = kept("document", rows.documents)
