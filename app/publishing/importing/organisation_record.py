"""Organisation records of published files: kept whole, so that they come out as they went in."""

from typing import Any

from sqlmodel import Session

from app.db.audit import Change, append_events
from app.db.base import utc_now
from app.db.projects import Findings
from app.db.publishing import OrganisationFile
from app.publishing.importing import queries as store
from app.publishing.importing.account import FileReport, ImportFault, Source
from app.publishing.importing.conformance import Conformance, Verdict, findings_of, same_findings
from app.publishing.importing.organisations import key_of, resolve
from app.publishing.mapping.record import Part, Party
from app.publishing.mapping.shape import Shape
from iati.generated.reader import read_organisation
from iati.jsonform import to_json
from iati.lexical import BLANKS
from iati.model import Organisation
from iati.reader import RecordsFile
from iati.reading import Fault
from iati.source import Document
from iati.standard import VERSION
from iati.upgrade import UPGRADABLE

#: records of organisations have no columns but these
_RECORD: Shape[Organisation] = Shape(Organisation)


def store_organisations(
    session: Session, document: Document, source: Source, report: FileReport, *, mend: bool = False
) -> None:
    """Stores the organisation records of a file; a known one that says the same is not touched.

    One that breaks the schema is a draft. ``mend``: repairs that cannot be wrong are made.
    """
    conformance = Conformance("iati-organisations", mend=mend)
    verdict = Verdict()
    if document.version in UPGRADABLE:
        report.upgrade(f"version {document.version} becomes {VERSION}")

    def read(element: Any, reading: Any) -> Organisation:
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
            _store(session, record.model, identifier, findings, source, report)


def _refuse(report: FileReport, activity: str | None, line: int, rule: str, message: str) -> None:
    report.faults.append(ImportFault(activity=activity, line=line, rule=rule, severity="critical", message=message))


def _store(
    session: Session,
    model: Organisation,
    identifier: str,
    findings: Findings | None,
    source: Source,
    report: FileReport,
) -> None:
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
    organisation_id = organisations[key_of(party)]["id"]
    document = to_json(model)
    present = store.organisation_file(session, organisation_id)
    if present is not None and present.document == document and same_findings(present.findings, findings):
        report.counts["organisation_files_unchanged"] += 1
        return
    now = utc_now()
    if present is None:
        row = {
            "organisation_id": organisation_id,
            "document": document,
            "findings": findings,
            "import_id": None,
            "version": 1,
            "created_at": now,
            "updated_at": now,
            "archived_at": None,
        }
        key = store.add_with_keys(session, OrganisationFile, [row])[0]
        report.counts["organisation_files_created"] += 1
    else:
        key = present.id
        store.update_row(
            session, OrganisationFile, key, {"document": document, "findings": findings, "updated_at": now}
        )
        report.counts["organisation_files_updated"] += 1
    changes.append(
        Change(
            aggregate=f"organisation_files:{key}",
            action="import",
            entity="organisation_files",
            entity_id=str(key),
            after={"organisation": identifier, "file": source.name, "sha256": source.sha256},
        )
    )
    append_events(session, source.actor, changes)
