"""Organisation records of published files: kept whole, so that they come out as they went in."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from app.db.audit import Change, append_events
from app.db.base import utc_now
from app.db.projects import Findings
from app.db.publishing import OrganisationFile
from app.publishing.importing import queries as store
from app.publishing.importing.account import (
    NOTHING_NEW,
    RIGHT_HERE,
    FileReport,
    ImportFault,
    Kept,
    Source,
    several_files,
)
from app.publishing.importing.conformance import Conformance, Verdict, findings_of, mend_themselves, same_findings
from app.publishing.importing.organisations import key_of, resolve
from app.publishing.importing.queries import StoredRecord
from app.publishing.importing.queries_history import newest_import
from app.publishing.importing.rows import kept
from app.publishing.mapping.record import Part, Party
from app.publishing.mapping.shape import Shape
from iati.generated.reader import read_organisation
from iati.jsonform import to_json
from iati.lexical import BLANKS, LexicalError, parse_datetime
from iati.model import Organisation
from iati.reader import RecordsFile
from iati.reading import Element, Fault, Reading
from iati.source import Document
from iati.standard import VERSION
from iati.upgrade import UPGRADABLE

#: records of organisations have no columns but these
_RECORD: Shape[Organisation] = Shape(Organisation)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """A record of a file."""

    identifier: str
    line: int
    model: Organisation
    #: why it is a draft; None: it is none
    findings: Findings | None
    #: what was mended in it
    repairs: tuple[ImportFault, ...]
    #: where another file of the same import has the record too; empty: nowhere
    elsewhere: str


def store_organisations(
    session: Session,
    document: Document,
    source: Source,
    report: FileReport,
    *,
    elsewhere: Callable[[str, int], str] = lambda _identifier, _line: "",
) -> None:
    """Stores the organisation records of a file; a known one that says the same is not touched.

    One that breaks the schema is a draft. ``elsewhere``: told an identifier and a line, where another file of the same
    import has the record too; empty: nowhere.
    """
    conformance = Conformance("iati-organisations", mend=source.mend)
    verdict = Verdict()
    if document.version in UPGRADABLE:
        report.upgrade(f"version {document.version} becomes {VERSION}")

    def read(element: Element, reading: Reading) -> Organisation:
        nonlocal verdict
        verdict = conformance.judge(element, reading)
        return read_organisation(element, reading)

    records: RecordsFile[Organisation] = RecordsFile(document, read)
    seen: set[str] = set()
    for record in records:
        report.counts["organisation_files_read"] += 1
        if record.model is None:
            report.broken = True
            fault = record.faults[0] if record.faults else Fault(message="not readable", line=record.line)
            _refuse(report, None, fault.line, fault.rule or "0.1.1", fault.message)
            continue
        element = record.model.organisation_identifier
        identifier = element.text.strip(BLANKS) if element else ""
        if not identifier or identifier in seen:
            rule = "earmark.import.duplicate-identifier" if identifier else "earmark.import.no-identifier"
            _refuse(report, identifier or None, record.line, rule, "Give the record an identifier of its own.")
            report.counts["organisation_files_refused"] += 1
        else:
            seen.add(identifier)
            findings = findings_of(conformance, verdict, report, identifier, record)
            found = _Read(
                identifier=identifier,
                line=record.line,
                model=record.model,
                findings=findings,
                repairs=tuple(conformance.repairs(verdict, identifier, record.line, record.index)),
                elsewhere=elsewhere(identifier, record.line),
            )
            _store(session, found, source, report)


def _left(session: Session, present: StoredRecord, read: _Read, source: Source, report: FileReport) -> bool:
    """Whether the stored record stays, told in the account: another file was first, or a newer one, or it is mended."""
    if read.elsewhere:
        message = several_files(read.elsewhere, "record")
        _refuse(report, read.identifier, read.line, "earmark.import.several-files", message)
        report.counts["organisation_files_refused"] += 1
        return True
    if source.overwrite:
        return False
    imported = newest_import(session, f"organisation_files:{present.id}")
    said = _last_updated(read.model.last_updated_datetime)
    stored = _last_updated(present.document.get("last_updated_datetime"))
    reason = source.older(said, stored, imported.moment("generated") if imported else None)
    again = imported is not None and imported.text("sha256") == source.sha256 and not source.mend
    if not reason and again and present.findings is None:
        # repairs were made when it was imported from this very file
        reason = RIGHT_HERE if mend_themselves(read.findings) else NOTHING_NEW
    if not reason:
        return False
    document = to_json(read.model)
    differs = [name for name in {**present.document, **document} if present.document.get(name) != document.get(name)]
    names = tuple(sorted(name.replace("_", "-") for name in differs))
    report.kept.append(Kept(activity=read.identifier, line=read.line, reason=reason, changed=(), differs=names))
    report.counts["organisation_files_kept"] += 1
    return True


def _right_here(present: StoredRecord, read: _Read) -> bool:
    """Whether the record follows the schema, and a file has faults in its place that need no decision."""
    return present.findings is None and mend_themselves(read.findings)


def _last_updated(text: object) -> dt.datetime | None:
    """A moment that a record states; None where it cannot be read."""
    try:
        moment = parse_datetime(text if isinstance(text, str) else None)
    except LexicalError:
        return None
    return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment


def _refuse(report: FileReport, activity: str | None, line: int, rule: str, message: str) -> None:
    report.faults.append(ImportFault(activity=activity, line=line, rule=rule, severity="critical", message=message))


def _store(session: Session, read: _Read, source: Source, report: FileReport) -> None:
    model, findings, identifier = read.model, read.findings, read.identifier
    narratives = model.name.narrative if model.name else []
    type_ = model.reporting_org.type if model.reporting_org and model.reporting_org.ref == identifier else None
    name = (
        (narratives[0].text, tuple((each.lang or "", each.text) for each in narratives[1:]))
        if narratives
        else (
            identifier,
            (),
        )
    )
    party = Party(identifier, name, type_)
    part = Part(_RECORD, model, {})
    part.named = [("organisation", party)]
    organisations, changes = resolve(session, [part])
    organisation_id = organisations[key_of(party)].id
    document = to_json(model)
    present = store.organisation_file(session, organisation_id)
    if present is not None and present.document == document:
        if _right_here(present, read):
            report.tell_right(identifier, read.line, findings)
        if same_findings(present.findings, findings) or _right_here(present, read):
            report.counts["organisation_files_unchanged"] += 1
            report.mended(read.repairs)
            return
    if present is not None and _left(session, present, read, source, report):
        if read.elsewhere or present.findings is None:
            report.no_draft(findings)
        return
    report.mended(read.repairs)
    if present is None:
        row = {
            "organisation_id": organisation_id,
            "document": document,
            "findings": findings,
            "import_id": None,
            **kept(),
        }
        key = store.add_with_keys(session, OrganisationFile, [row])[0]
        report.counts["organisation_files_created"] += 1
    else:
        key = present.id
        store.update_row(
            session, OrganisationFile, key, {"document": document, "findings": findings, "updated_at": utc_now()}
        )
        report.counts["organisation_files_updated"] += 1
    changes.append(
        Change(
            aggregate=f"organisation_files:{key}",
            action="import",
            entity="organisation_files",
            entity_id=str(key),
            after={"organisation": identifier, **source.origin(_last_updated(model.last_updated_datetime))},
        )
    )
    append_events(session, source.actor, changes)
