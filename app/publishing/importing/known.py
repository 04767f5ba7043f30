"""Newer versions of known activities: what changed is changed, what vanished is withdrawn, the rest is left alone."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from sqlmodel import Session

from app.db.audit import Change, append_events, plain
from app.db.base import utc_now
from app.db.projects import ProjectRevision
from app.db.spending import Allocation, LedgerEntry
from app.domain.revisions import budget_text
from app.domain.terms import AllocationKind, EntryKind, Origin
from app.publishing.exporting import queries as read
from app.publishing.exporting import queries_rows
from app.publishing.exporting.compose import compose
from app.publishing.exporting.fetch import fetch
from app.publishing.exporting.ledger import netted
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.rows import AllocationRow, Rows, of
from app.publishing.importing import queries as store
from app.publishing.importing import queries_marks
from app.publishing.importing.account import FileReport, ImportFault, Source
from app.publishing.importing.changed_here import Since
from app.publishing.importing.difference import Difference, difference
from app.publishing.importing.figures import DATED, revision_value, total_budget
from app.publishing.importing.following import Known, follow, tell
from app.publishing.importing.funding import Funding
from app.publishing.importing.marks import from_files_alone, mark
from app.publishing.importing.new import Incoming, insert_parts
from app.publishing.importing.parts_of import staying
from app.publishing.importing.queries import KnownProject, OrganisationRow
from app.publishing.importing.rows import content_of_project, recorded
from app.publishing.importing.same import leave_as_it_is, move
from app.publishing.mapping.record import Part, made_whole
from app.publishing.mapping.shape import Columns

#: tables whose rows are taken away; rows of the others are archived, withdrawn or superseded
_DELETED = ("participants", "classifications", "locations", "links", "planned_payments")
_ARCHIVED = ("contacts", "documents", "results")
#: letters of a code of a currency
_CURRENCY = 3

#: what tells budgets of a file apart: period and type
_Budget = tuple[dt.date | None, dt.date | None, AllocationKind]


def update_known(
    session: Session,
    batch: list[tuple[Incoming, KnownProject]],
    source: Source,
    report: FileReport,
    organisations: dict[str, OrganisationRow],
) -> None:
    """Brings the records of known activities to what a file says. Unchanged ones are not touched at all."""
    accepted = [(each, known) for each, known in batch if _accepted(each, known, report)]
    if not accepted:
        return
    for each, known in accepted:
        each.project_id = known.id
    projects = {row["id"]: row for row in queries_rows.projects_keyed(session, [known.id for _, known in accepted])}
    # what screening holds back is on record all the same
    rows = fetch(session, list(projects.values()), source.as_of, screening=False)
    setup = read.setup(session)
    differing: list[Known] = []
    marks: list[dict[str, object]] = []
    for each, known in accepted:
        project = projects[each.project_id]
        composed = compose(project.copy(), rows, setup, source.as_of, loose=False)
        said, stored = each.whole.columns["content_changed_at"], project["content_changed_at"]
        if project["origin"] is Origin.OWN or (stored and (said is None or said < stored)):
            # no file knows better when a record was changed here; an older one, or one without, brings nothing by that
            composed.activity.last_updated_datetime = each.activity.last_updated_datetime
        found = difference(each.whole, made_whole(each.activity, each.whole), composed)
        alike = not found and not found.derived
        found.leave(_money_entered(rows, each.project_id))
        _keep_other_parts(session, each, known, composed, found, rows, source, report)
        beside = Known(each, project, composed, found, Since())
        if found:
            differing.append(beside)
        elif (
            leave_as_it_is(session, beside, rows, source, report)
            and alike
            and each.digest
            and from_files_alone(project, composed)
        ):
            marks.append(mark(each.project_id, project["content_version"], each.digest))
        for name in sorted(set(found.derived)):
            report.faults.append(_derived(each, name))
    queries_marks.keep(session, marks)
    following = follow(session, differing, rows, source, report) if differing else []
    for beside in following:
        if not beside.found:
            leave_as_it_is(session, beside, rows, source, report)
    if changed := [beside for beside in following if beside.found]:
        _apply(session, changed, rows, source, report, organisations)


def _keep_other_parts(
    session: Session,
    each: Incoming,
    known: KnownProject,
    composed: Composed,
    found: Difference,
    rows: Rows,
    source: Source,
    report: FileReport,
) -> None:
    """Leaves what belongs to other files of the same activity, and says so."""
    if source.whole:
        if known.in_parts:
            store.set_in_parts(session, known.id, in_parts=False)
        return
    stay = staying(each, composed, found, rows, in_parts=known.in_parts)
    if stay is None:
        return
    found.leave(stay.rows)
    if not known.in_parts:
        store.set_in_parts(session, known.id, in_parts=True)
    report.faults.append(
        ImportFault(
            activity=each.identifier,
            line=each.line,
            rule="earmark.import.other-part",
            severity="advisory",
            message=stay.as_sentence(),
        )
    )


def _money_entered(rows: Rows, project_id: int) -> set[tuple[str, int]]:
    """Postings and budgets that were entered here: no file takes them away."""
    entries = [row.id for row in of(rows.entries, project_id) if row.ordinal is None]
    allocations = [row["id"] for row in of(rows.allocations, project_id) if row["ordinal"] is None]
    planned = [row["id"] for row in of(rows.planned, project_id) if row["ordinal"] is None]
    return {
        *(("ledger_entries", key) for key in entries),
        *(("allocations", key) for key in allocations),
        *(("planned_payments", key) for key in planned),
    }


def _accepted(each: Incoming, known: KnownProject, report: FileReport) -> bool:
    """Whether the file may speak for the activity."""
    reporter = each.whole.columns["reporting_id"]
    former = {other.ref for other in each.activity.other_identifier if other.type == "B1" and other.ref is not None}
    if known.archived_at is not None:
        report.no_draft(each.findings)
        report.refuse(
            each.identifier, each.line, "earmark.import.archived", "This activity is archived here; it was not changed."
        )
        return False
    if reporter != known.reporting_org_id and known.reporting_ref not in former:
        report.no_draft(each.findings)
        report.refuse(
            each.identifier,
            each.line,
            "earmark.import.other-publisher",
            f"This identifier belongs to an activity that {reporting} reports; it was not changed."
            if (reporting := known.reporting_ref)
            else "This identifier belongs to an activity that another organisation reports; it was not changed.",
        )
        return False
    return True


def _derived(each: Incoming, name: str) -> ImportFault:
    return ImportFault(
        activity=each.identifier,
        line=each.line,
        rule="earmark.import.derived",
        severity="advisory",
        message=f"An element {name.replace('_', '-')} is not in the file but follows from records kept here; it stays.",
    )


def _apply(
    session: Session,
    changed: list[Known],
    rows: Rows,
    source: Source,
    report: FileReport,
    organisations: dict[str, OrganisationRow],
) -> None:
    _replace_budgets(session, changed, rows, source)
    deltas = [(each.incoming.project_id, _delta(each)) for each in changed]
    funding = Funding(session, source, deltas, organisations)
    funding.prepare()
    insert_parts(session, [(key, whole.parts) for key, whole in deltas], source, report)
    touched = _withdraw(session, changed, rows, source, report)
    funding.settle(touched)
    report.counts.update(funding.counts)
    for name in (*_DELETED, *_ARCHIVED):
        keys = [key for each in changed for key in each.found.gone.get(name, ())]
        if keys:
            report.counts[f"{name}_removed"] += len(keys)
            (store.delete_rows if name in _DELETED else store.archive_rows)(session, name, keys)
    _revise(session, changed, source)
    for each in changed:
        move(session, each.found, rows, each.project)
        _change_project(session, each, source)
        tell(each, "updated", report)
        report.mended(each.incoming.repairs)
    append_events(session, source.actor, [*funding.changes, *(_event(each, source) for each in changed)])


def _delta(each: Known) -> Part:
    """The activity with only what is new below it."""
    whole = each.incoming.whole
    parts: dict[str, list[Part]] = {name: [] for name in whole.parts}
    parts.update(each.found.new)
    return Part(whole.shape, whole.element, whole.columns, 0, parts, whole.named, whole.blanks)


def _budget_key(columns: AllocationRow | Columns) -> _Budget:
    return (columns["period_start"], columns["period_end"], columns["kind"])


def _replace_budgets(session: Session, changed: list[Known], rows: Rows, source: Source) -> None:
    """A budget with a new figure takes the place of the old one; one without a successor is withdrawn."""
    withdrawn: list[dict[str, object]] = []
    for each in changed:
        kept = {row["id"]: row for row in of(rows.allocations, each.project["id"])}
        lines: dict[_Budget, int] = defaultdict(int)
        for row in kept.values():
            lines[_budget_key(row)] = max(lines[_budget_key(row)], row["line"] + 1)
        gone = [kept[key] for key in each.found.gone.get("allocations", ())]
        for part in each.found.new.get("allocations", ()):
            key = _budget_key(part.columns)
            old = next((row for row in gone if _budget_key(row) == key), None)
            if old is None:
                part.columns["line"] = lines[key]
                lines[key] += 1
                continue
            gone.remove(old)
            part.columns.update(line=old["line"], supersedes_id=old["id"], not_before=old["decided_on"])
        withdrawn.extend(_withdrawn_budget(row, source) for row in gone)
    store.add(session, Allocation, withdrawn)


def _withdrawn_budget(row: AllocationRow, source: Source) -> dict[str, object]:
    same = (
        "project_id", "period_start", "period_end", "agreement_id", "source", "kind", "outcome", "country", "line",
        "currency", "status", "value_date", "ordinal",
    )  # fmt: skip
    return {
        **_picked(row, same),
        **recorded(source),
        "decided_on": max(source.as_of, row["decided_on"]),
        "amount": Decimal(0),
        "reason": f"{source.reason}: no longer in the file",
        "supersedes_id": row["id"],
        "withdrawn": True,
        "remainder": None,
    }


def _picked(row: Mapping[str, object], names: Iterable[str]) -> dict[str, object]:
    """Some columns of a row."""
    return {name: row[name] for name in names}


def _withdraw(session: Session, changed: list[Known], rows: Rows, source: Source, report: FileReport) -> set[int]:
    """Takes vanished transactions back by further rows; the agreements whose money that changes."""
    entries = []
    touched: set[int] = set()
    same = (
        "project_id", "agreement_id", "type", "date", "currency", "value_date", "provider_id", "provider_activity",
        "receiver_id", "receiver_activity", "country", "sector", "flow_type", "finance_type", "aid_type",
        "tied_status", "internal",
    )  # fmt: skip
    for each in changed:
        ledger = of(rows.entries, each.project["id"])
        net = netted(ledger, each.composed.days)
        kept = {row.id: row for row in ledger}
        for key in each.found.gone.get("ledger_entries", ()):
            row = kept[key]
            amount = net.of(row) or Decimal(0)
            entries.append(
                {
                    **{name: getattr(row, name) for name in same},
                    **recorded(source),
                    "amount": amount.copy_negate() if amount else Decimal(0),
                    "entry_kind": EntryKind.WITHDRAWAL,
                    "adjusts_id": key,
                    "reason": f"{source.reason}: no longer in the file",
                    **dict.fromkeys(
                        (
                            "document", "description", "description_translations", "assistance", "withheld_reason",
                            "reference", "remainder",
                        )
                    ),
                    # a currency that is none stands in rows of files only, of which this takes one back
                    "ordinal": None if len(row.currency) == _CURRENCY else row.ordinal,
                }
            )  # fmt: skip
            if row.agreement_id is not None:
                touched.add(row.agreement_id)
    store.add(session, LedgerEntry, entries)
    report.counts["ledger_entries_withdrawn"] += len(entries)
    return touched


def _revise(session: Session, changed: list[Known], source: Source) -> None:
    """Dates, stage and, on imported projects, the budget that follows from the file: as revisions."""
    keys = [each.incoming.project_id for each in changed]
    sequences = store.revision_sequences(session, keys)
    budgets = store.total_budgets(session, keys)
    now = utc_now()
    rows = []
    for each in changed:
        whole, key = each.incoming.whole, each.incoming.project_id
        budget = total_budget(whole)
        each.revised = [name for name in (*DATED, "stage") if name in each.found.columns]
        stated = (budget.amount, budget.currency) if budget else (None, None)
        kept_here = "total_budget" in each.since.changes and not source.overwrite
        if each.project["origin"] is Origin.IMPORTED and budgets[key] != stated and not kept_here:
            each.revised.append("total_budget")
            each.budgets = (budget_text(*budgets[key]), budget_text(*stated))
        for name in each.revised:
            derivation = f": {budget.derivation}" if budget and name == "total_budget" else ""
            rows.append(
                {
                    "project_id": key,
                    "field": name,
                    "sequence": sequences.get((key, name), 0) + 1,
                    "known_on": source.as_of,
                    "value": revision_value(name, whole, budget),
                    "reason": source.reason + derivation,
                    "recorded_at": now,
                    "recorded_by": source.actor,
                }
            )
    store.add(session, ProjectRevision, rows)


def _change_project(session: Session, each: Known, source: Source) -> None:
    whole = each.incoming.whole
    content = content_of_project(whole, total_budget(whole))
    content["reporting_org_id"] = whole.columns["reporting_id"]
    wanted = set(each.found.columns) & content.keys()
    if "total_budget" in each.revised:
        wanted |= {"total_budget", "budget_currency"}
    if each.found.columns.keys() & {"reporting_ref", "reporting_name", "reporting_type"}:
        wanted.add("reporting_org_id")
    if each.found.itself:
        wanted.add("iati_remainder")
    values = {name: content[name] for name in wanted}
    values["findings"] = each.incoming.findings
    if each.project["origin"] is Origin.OWN or (each.since.changes and not source.overwrite):
        values["content_changed_at"] = utc_now().replace(microsecond=0)
    else:
        values["content_changed_at"] = content["content_changed_at"]
    store.change_project(session, each.incoming.project_id, values)


def _event(each: Known, source: Source) -> Change:
    columns = each.found.columns
    return Change(
        aggregate=f"project:{each.incoming.project_id}",
        action="import",
        entity="projects",
        entity_id=str(each.incoming.project_id),
        before={name: plain(pair[0]) for name, pair in columns.items()},
        after={
            **{name: plain(pair[1]) for name, pair in columns.items()},
            **({"draft": True} if each.incoming.findings else {}),
            **source.origin(each.incoming.whole.columns["content_changed_at"]),
            "rows": each.found.counts(),
        },
    )
