"""Which records follow a file, and which are left as they are here: what was changed here, what an older file says, and
what another file of the same import says already.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from sqlmodel import Session

from app.db.audit import plain
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.rows import ProjectRow, Rows
from app.publishing.importing.account import (
    NOTHING_NEW,
    RIGHT_HERE,
    Changed,
    FieldChange,
    FileReport,
    ImportFault,
    Kept,
    Source,
    several_files,
)
from app.publishing.importing.changed_here import ChangeHere, Since, changed_here
from app.publishing.importing.conformance import mend_themselves
from app.publishing.importing.difference import Difference
from app.publishing.importing.new import Incoming

#: columns by the names that people know them by
_WORDS = {
    "stage": "status",
    "content_changed_at": "last-updated-datetime",
    "title_translations": "title in further languages",
    "description_translations": "description in further languages",
    "reporting_ref": "reporting-org",
    "reporting_name": "name of reporting-org",
    "reporting_type": "type of reporting-org",
    "remainder": "further elements",
}
#: columns that are called here as in our tables; the others have the names of the standard
_AS_IN_TABLES = ("total_budget", "planned_start", "planned_end", "actual_start", "actual_end")


@dataclass(slots=True)
class Known:
    """An incoming activity beside the record that is kept."""

    incoming: Incoming
    project: ProjectRow
    composed: Composed
    found: Difference
    since: Since
    revised: list[str] = field(default_factory=list)
    #: total budget here and by the file, where it follows the file
    budgets: tuple[str | None, str | None] | None = None


def follow(session: Session, differing: list[Known], rows: Rows, source: Source, report: FileReport) -> list[Known]:
    """Those of the records that are to follow the file; the others are told in the account.

    Of some nothing differs but what was entered here: they follow without a difference.
    """
    projects = {each.incoming.project_id: each.project for each in differing}
    since = changed_here(session, projects, {each.incoming.project_id: each.found for each in differing}, rows)
    following = []
    for each in differing:
        each.since = since[each.incoming.project_id]
        entered = each.found.leave(each.since.entered)
        if not each.found:
            following.append(each)
            continue
        if each.incoming.elsewhere:
            _refuse(each, report)
            continue
        reason, odds = ("", []) if source.overwrite else _why_left(each, source)
        if reason:
            _leave(each, reason, odds, report)
            continue
        if entered or any(table == "ledger_entries" for table, _key in each.since.entered):
            _tell_of_money(each, report)
        following.append(each)
    return following


def tell(each: Known, outcome: str, report: FileReport) -> None:
    """Puts into the account what becomes of a record, in full where details are wanted."""
    found = each.found
    changed = None
    if report.detailed:
        changed = Changed(
            fields=tuple(
                FieldChange(field=_word(name), here=plain(pair[0]), file=plain(pair[1]))
                for name, pair in [*found.columns.items(), *([("total_budget", each.budgets)] if each.budgets else [])]
            ),
            added=tuple((_word(element.name), str(element)) for element in found.added),
            lost=tuple((_word(element.name), str(element)) for element in found.lost),
        )
    report.change(each.incoming.identifier, outcome, sorted(found.columns), found.counts(), changed)


def _why_left(each: Known, source: Source) -> tuple[str, list[ChangeHere]]:
    """Why a record is left as it is, with what was changed here; an empty sentence when it follows the file."""
    since, found = each.since, each.found
    odds = since.at_odds(found)
    if since.imported is None:
        return _never_imported(list(since.changes.values())), odds
    if odds:
        return f"Changed here {_told(odds)}.", odds
    return _read_before(each, source) or _older(each, source), odds


def _read_before(each: Known, source: Source) -> str:
    """Why a file that the record was imported from before brings no news; empty when it may."""
    since = each.since
    at = since.files.get(source.sha256)
    # the same file says more than before where it is mended, or told to be all there is
    if at is None or source.mend or source.whole or each.project["findings"] is not None:
        return ""
    if since.imported is not None and since.imported.after.get("sha256") == source.sha256:
        # of what differs nothing was changed here, or the record would have been left for that; it may have been mended
        return RIGHT_HERE if mend_themselves(each.incoming.findings) else NOTHING_NEW
    return f"This file was imported on {at.date()} already, and another one since."


def _older(each: Known, source: Source) -> str:
    """Why a file speaks of the past of an activity; empty when it does not."""
    said = each.incoming.whole.columns["content_changed_at"]
    # where something was changed here, the record's own date says that, and not what the last file said
    imported = each.since.imported
    stored = imported.moment("last_updated") if imported else None
    if stored is None and not each.since.changes:
        stored = each.project["content_changed_at"]
    return source.older(said, stored, imported.moment("generated") if imported else None)


def _leave(each: Known, reason: str, odds: list[ChangeHere], report: FileReport) -> None:
    if each.project["findings"] is None:
        report.no_draft(each.incoming.findings)
    report.kept.append(
        Kept(
            activity=each.incoming.identifier,
            line=each.incoming.line,
            reason=reason,
            changed=tuple((_word(change.place), change.at.date(), change.actor) for change in odds),
            differs=tuple(sorted({_word(name) for name in each.found.places_that_differ})),
        )
    )
    tell(each, "kept", report)


def _told(changes: list[ChangeHere]) -> str:
    """ "on 2026-11-25 by me: title, status; on 2026-11-26 by anna: sector"."""
    together: dict[tuple[dt.date, str], list[str]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: change.at):
        names = together[change.at.date(), change.actor]
        if (name := _word(change.place)) not in names:
            names.append(name)
    return "; ".join(f"on {on} by {actor}: {', '.join(names)}" for (on, actor), names in together.items())


def _never_imported(changes: list[ChangeHere]) -> str:
    if not changes:
        return "It is kept here and was never imported."
    newest = max(changes, key=lambda change: change.at)
    day, actor = newest.at.date(), newest.actor
    return f"It is kept here and was never imported; last changed on {day} by {actor}."


def _word(place: str) -> str:
    return _WORDS.get(place) or (place if place in _AS_IN_TABLES else place.replace("_", "-"))


def _refuse(each: Known, report: FileReport) -> None:
    report.no_draft(each.incoming.findings)
    report.refuse(
        each.incoming.identifier,
        each.incoming.line,
        "earmark.import.several-files",
        several_files(each.incoming.elsewhere, "activity"),
    )


def _tell_of_money(each: Known, report: FileReport) -> None:
    """Transactions of a file beside transactions that were entered here may be the same money twice."""
    added = sum(element.name == "transaction" for element in each.found.added)
    if not added:
        return
    message = (
        f"{added} transactions of the file stand beside those that were entered here, which no file takes away: look "
        "whether any is told twice, and correct that here."
    )
    if added == 1:
        message = (
            "1 transaction of the file stands beside those that were entered here, which no file takes away: look "
            "whether it is told twice, and correct that here."
        )
    report.faults.append(
        ImportFault(
            activity=each.incoming.identifier,
            line=each.incoming.line,
            rule="earmark.import.entered-here",
            severity="warning",
            message=message,
        )
    )
