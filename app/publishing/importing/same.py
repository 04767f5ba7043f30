"""Records of which a file says what they say already: whether they are drafts may change, and the places of rows do."""

from collections import defaultdict

from sqlmodel import Session

from app.db.audit import Change, append_events
from app.publishing.exporting.rows import ProjectRow, Rows
from app.publishing.importing import queries as store
from app.publishing.importing.account import FileReport, Source
from app.publishing.importing.conformance import mend_themselves, same_findings
from app.publishing.importing.difference import Difference
from app.publishing.importing.following import Known
from app.publishing.importing.new import Incoming


def leave_as_it_is(session: Session, beside: Known, rows: Rows, source: Source, report: FileReport) -> bool:
    """A record that says what the file says; whether file and record are right, or wrong, alike."""
    each, project = beside.incoming, beside.project
    alike = same_findings(project["findings"], each.findings)
    if alike:
        report.counts["activities_unchanged"] += 1
    elif project["findings"] is None and mend_themselves(each.findings):
        report.tell_right(each.identifier, each.line, each.findings)
        report.counts["activities_unchanged"] += 1
    else:
        _judge_anew(session, each, source, report)
    report.mended(each.repairs)
    move(session, beside.found, rows, project)
    return alike


def _judge_anew(session: Session, each: Incoming, source: Source, report: FileReport) -> None:
    """A file that says the same of an activity, but is mended, or is broken where it was not."""
    store.set_findings(session, each.project_id, each.findings)
    append_events(
        session,
        source.actor,
        [
            Change(
                aggregate=f"project:{each.project_id}",
                action="import",
                entity="projects",
                entity_id=str(each.project_id),
                after={
                    **source.origin(each.whole.columns["content_changed_at"]),
                    "draft": each.findings is not None,
                },
            )
        ],
    )
    report.change(each.identifier, "updated", ["findings"], {})


def move(session: Session, found: Difference, rows: Rows, project: ProjectRow) -> None:
    """Rows of a file that stay take the places that they have in the newer one."""
    ordinals: dict[str, dict[int, int | None]] = {}
    moved: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for name, key, at in found.places:
        if name not in ordinals:
            ordinals[name] = rows.ordinals(name, project["id"])
        present = ordinals[name].get(key)
        if present is not None and present != at:
            moved[name].append((key, at))
    for name, places in moved.items():
        store.set_ordinals(session, name, places)
