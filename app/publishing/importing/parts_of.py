"""An activity that several files tell together, such as one file for each year: what one of them lacks is not gone.

Nothing in a file says so. The first time, it is told by the money: a file whose transactions share none with those on
record, and whose days lie wholly before or after theirs, is another part of the activity. From then on each file of the
activity speaks for the days from its first to its last transaction or budget. With ``--whole`` a file is the whole
activity, and what it lacks is withdrawn.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from app.publishing.exporting.parts import Composed
from app.publishing.exporting.rows import Rows, of
from app.publishing.importing.difference import Difference
from app.publishing.importing.new import Incoming

_MONEY = ("ledger_entries", "allocations")


@dataclass(frozen=True, kw_only=True, slots=True)
class Staying:
    """What a file lacks of an activity and does not speak for."""

    #: (table, key) of rows
    rows: frozenset[tuple[str, int]]
    #: first and last day of them, and of what the file tells
    since: dt.date
    until: dt.date
    told: tuple[dt.date, dt.date] | None

    def as_sentence(self) -> str:
        count = len(self.rows)
        what = "1 transaction or budget" if count == 1 else f"{count} transactions and budgets"
        file = "which tells of no money" if self.told is None else f"which tells of {self.told[0]} to {self.told[1]}"
        stays = "it stays" if count == 1 else "they stay"
        return (
            f"{what} of {self.since} to {self.until}: not in this file, {file}; {stays}, as told by another file of "
            "the activity. If this file is the whole activity, import it with --whole."
        )


def staying(each: Incoming, composed: Composed, found: Difference, rows: Rows, *, in_parts: bool) -> Staying | None:
    """What of the money on record is not gone although the file lacks it; ``in_parts``: several files tell it."""
    gone = _dated_rows(each.project_id, found, rows)
    if not gone:
        return None
    told = _span(day for days in _told(each) for day in days)
    if not in_parts:
        if told is None or _shares_transactions(composed, found):
            return None
        first, last = min(days[0] for days in gone.values()), max(days[1] for days in gone.values())
        if first <= told[1] and told[0] <= last:
            return None
    stay = {key: days for key, days in gone.items() if told is None or days[1] < told[0] or days[0] > told[1]}
    if not stay:
        return None
    return Staying(
        rows=frozenset(stay),
        since=min(days[0] for days in stay.values()),
        until=max(days[1] for days in stay.values()),
        told=told,
    )


def _dated_rows(project_id: int, found: Difference, rows: Rows) -> dict[tuple[str, int], tuple[dt.date, dt.date]]:
    """Postings and budgets of files that this one lacks: (table, key) → first and last day."""
    entries = {row.id: row for row in of(rows.entries, project_id)}
    allocations = {row["id"]: row for row in of(rows.allocations, project_id)}
    gone: dict[tuple[str, int], tuple[dt.date, dt.date]] = {}
    for key in found.gone.get("ledger_entries", ()):
        gone["ledger_entries", key] = (entries[key].date, entries[key].date)
    for key in found.gone.get("allocations", ()):
        start, end = allocations[key]["period_start"], allocations[key]["period_end"]
        if start is not None and end is not None:
            gone["allocations", key] = (start, end)
    return gone


def _told(each: Incoming) -> Iterable[tuple[dt.date, ...]]:
    """The days of the file's transactions and budgets."""
    for part in each.whole.parts["ledger_entries"]:
        yield _days(part.columns["date"])
    for part in each.whole.parts["allocations"]:
        yield _days(part.columns["period_start"], part.columns["period_end"])


def _days(*values: object) -> tuple[dt.date, ...]:
    return tuple(value for value in values if isinstance(value, dt.date))


def _span(days: Iterable[dt.date]) -> tuple[dt.date, dt.date] | None:
    known = sorted(days)
    return (known[0], known[-1]) if known else None


def _shares_transactions(composed: Composed, found: Difference) -> bool:
    """Whether some transaction on record is in the file too."""
    gone = set(found.gone.get("ledger_entries", ()))
    kept = {
        key for origin, keys in composed.sources.get("transaction", ()) if origin == "ledger_entries" for key in keys
    }
    return bool(kept - gone)
