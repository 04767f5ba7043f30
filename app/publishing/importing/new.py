"""New activities into their tables, a batch at a time."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from app.db.audit import Change, append_events
from app.db.base import utc_now
from app.db.projects import Findings, Project, ProjectRevision
from app.db.publishing import ImportMark
from app.domain.keys import seen_or_as_it_is
from app.publishing.importing import queries as store
from app.publishing.importing.account import FileReport, ImportFault, Source
from app.publishing.importing.figures import DATED, beginning, known_on, revision_value, total_budget
from app.publishing.importing.funding import Funding
from app.publishing.importing.marks import mark
from app.publishing.importing.organisations import key_of, resolve
from app.publishing.importing.queries import OrganisationRow
from app.publishing.importing.rows import (
    FLAT,
    TREE,
    flat_columns,
    level_columns,
    name_organisations,
    number_lines,
    project_row,
)
from app.publishing.mapping.record import NAMING, Part
from iati.model import Activity


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadBefore:
    """An activity of a file that says what it said when it was read before, with nothing changed here since."""

    #: line of the file, from 1
    line: int
    identifier: str


@dataclass(slots=True)
class Incoming:
    """An activity of a file that may be stored."""

    whole: Part
    #: line of the file, from 1
    line: int
    identifier: str
    #: as it was read, without loose elements
    activity: Activity
    #: why it is a draft; None: it is none
    findings: Findings | None = None
    #: what was mended in it, to be told where it is taken over
    repairs: tuple[ImportFault, ...] = ()
    #: key of the project, once there is one
    project_id: int = 0
    #: where another file of the same import has the activity too; empty: nowhere
    elsewhere: str = ""
    #: of its text, if nothing has to be told of it; else empty
    digest: str = ""


def name_all(
    session: Session, batch: Iterable[Incoming], report: FileReport
) -> tuple[dict[str, OrganisationRow], list[Change]]:
    """Finds or makes the organisations of a batch and puts them into the columns that name them."""
    parts = [
        part for each in batch for part in (each.whole, *(part for table in NAMING for part in each.whole.parts[table]))
    ]
    organisations, changes = resolve(session, parts)
    for part in parts:
        name_organisations(part, organisations, key_of)
    report.counts["organisations_created"] += len(changes)
    return organisations, changes


def insert_new(
    session: Session,
    batch: list[Incoming],
    source: Source,
    report: FileReport,
    organisations: dict[str, OrganisationRow],
) -> None:
    """Stores activities that are not known yet, with all that is below them. Their organisations are named."""
    if not batch:
        return
    budgets = [total_budget(each.whole) for each in batch]
    codes = _codes(session, batch)
    keys = store.add_with_keys(
        session,
        Project,
        [
            project_row(each.whole, code, budget, each.findings)
            for each, code, budget in zip(batch, codes, budgets, strict=True)
        ],
    )
    for each, key in zip(batch, keys, strict=True):
        each.project_id = key
    funding = Funding(session, source, [(each.project_id, each.whole) for each in batch], organisations)
    funding.prepare()
    for each in batch:
        number_lines(each.whole.parts["allocations"])
    insert_parts(session, [(each.project_id, each.whole.parts) for each in batch], source, report)
    funding.settle(set())
    now = utc_now()
    revisions = [
        {
            "project_id": each.project_id,
            "field": name,
            "sequence": 1,
            "known_on": known_on(name, each.whole, source.as_of, begun),
            "value": value,
            "reason": source.reason + (f": {budget.derivation}" if budget and name == "total_budget" else ""),
            "recorded_at": now,
            "recorded_by": source.actor,
        }
        for each, budget in zip(batch, budgets, strict=True)
        for begun in (beginning(each.whole, source.as_of),)
        for name in (*DATED, "total_budget", "stage")
        if (value := revision_value(name, each.whole, budget)) is not None
    ]
    store.add(session, ProjectRevision, revisions)
    for each in batch:
        rows = {name: {"new": len(parts), "gone": 0} for name, parts in each.whole.parts.items() if parts}
        report.change(each.identifier, "created", [], rows)
        report.mended(each.repairs)
    store.add(session, ImportMark, [mark(each.project_id, 1, each.digest) for each in batch if each.digest])
    report.counts.update(funding.counts)
    append_events(session, source.actor, [*funding.changes, *(_created(each, source) for each in batch)])


def insert_parts(
    session: Session, projects: list[tuple[int, dict[str, list[Part]]]], source: Source, report: FileReport
) -> None:
    """Rows below projects, a few statements for all of them: (project key, parts by table)."""
    for name, flat in FLAT.items():
        below = [(project_id, part) for project_id, parts in projects for part in parts.get(name, ())]
        if below:
            store.add_columns(session, flat.row_class, flat_columns(name, below, source))
        report.counts[f"{name}_created"] += len(below)
    above = [(project_id, part) for project_id, parts in projects for part in parts.get("results", ())]
    _insert_tree(session, above, report)


def _insert_tree(session: Session, results: list[tuple[int, Part]], report: FileReport) -> None:
    """The logframe from the top; each level needs the keys of the one above."""
    waiting: dict[str, list[tuple[int, Part]]] = {"results": results}
    for name, level in TREE.items():
        parts = waiting.pop(name, [])
        report.counts[f"{name}_created"] += len(parts)
        keys = store.add_columns_with_keys(session, level.row_class, level_columns(name, parts), len(parts))
        for key, (_, part) in zip(keys, parts, strict=True):
            for below, children in part.parts.items():
                waiting.setdefault(below, []).extend((key, child) for child in children)


def _codes(session: Session, batch: list[Incoming]) -> list[str]:
    """The code of an imported project is its identifier as people see it; another project could have it already."""
    wanted = [seen_or_as_it_is(each.identifier) for each in batch]
    choices = [[code, f"{code} (imported)", *(f"{code} (imported {n})" for n in range(2, 10))] for code in wanted]
    taken = store.used_codes(session, wanted)
    if taken or len(set(wanted)) < len(wanted):
        taken |= store.used_codes(session, [each for some in choices for each in some])
    codes = []
    for some, each in zip(choices, batch, strict=True):
        # identifiers differ in what nobody sees ten times over only where somebody wants to break something
        code = next((code for code in some if code not in taken), each.identifier)
        taken.add(code)
        codes.append(code)
    return codes


def _created(each: Incoming, source: Source) -> Change:
    return Change(
        aggregate=f"project:{each.project_id}",
        action="import",
        entity="projects",
        entity_id=str(each.project_id),
        after={
            "iati_identifier": each.identifier,
            **source.origin(each.whole.columns["content_changed_at"]),
            "rows": {name: len(parts) for name, parts in each.whole.parts.items() if parts},
        },
    )
