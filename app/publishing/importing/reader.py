"""Activities out of a file, one by one: read, checked against the schema, taken apart.

What cannot be stored is reported and left out; everything else goes on. Holds one activity at a time.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from app.publishing.importing.account import FileReport, ImportFault
from app.publishing.importing.conformance import schema_faults
from app.publishing.importing.new import Incoming
from app.publishing.mapping.record import Part, take_apart
from iati.generated.reader import read_activity
from iati.lexical import BLANKS, LexicalError
from iati.model import Activity
from iati.reader import Record, RecordsFile
from iati.source import Document, Fragment, parse_fragment
from iati.standard import VERSION
from iati.upgrade import UPGRADABLE, upgrade_activity
from iati.validator.schema import SchemaCheck
from iati.writer import write_activity

#: whether an empty element holds white space
_HOLDS_BLANKS = etree.XPath("boolean(.//*[not(*) and string-length(.) > 0 and normalize-space(.) = ''])")
#: bytes of the longest identifier
_LONGEST = 1000
#: faults of one activity that are told one by one
_MOST = 20


def refuse_overlong(whole: Part) -> None:
    """Raises LexicalError for a code, an identifier or a name that no index of a database takes."""
    named = [whole, *whole.parts["participants"], *whole.parts["ledger_entries"]]
    values = [party.ref or party.name[0] for part in named for _prefix, party in part.named]
    values.append(whole.columns["iati_identifier"])
    values.extend(part.columns["code"] for part in whole.parts["classifications"])
    values.extend(part.columns["provider_activity"] or "" for part in whole.parts["ledger_entries"])
    for value in values:
        if len(value) > _LONGEST // 4 and len(value.encode()) > _LONGEST:
            raise LexicalError(f"{value[:40]}…", f"at most {_LONGEST} bytes long")


class Activities:
    """The activities of an opened file. Iterating yields those that may be stored and reports on the others."""

    def __init__(self, document: Document, report: FileReport) -> None:
        self._schema = SchemaCheck("iati-activities", None)
        self._older = document.version in UPGRADABLE
        if self._older:
            report.upgrade(f"version {document.version} becomes {VERSION}")
        self._invalid: list[tuple[int, str]] = []
        self._blanks = False
        #: declarations of the root, which canonical XML shows in each of its activities
        self._inherited = {f"xmlns:{prefix}": uri for prefix, uri in document.nsmap.items() if prefix}
        self._records: RecordsFile[Activity] = RecordsFile(document, self._read)
        self._report = report
        self._seen: dict[str, int] = {}

    def _read(self, element: Any, reading: Any) -> Activity:
        """Reads an activity and, on the way, asks the schema; one of an older version is upgraded first."""
        self._blanks = bool(_HOLDS_BLANKS(element))
        if not self._older:
            self._invalid = [(fault.line, fault.message) for fault in schema_faults(self._schema, element)]
            return read_activity(element, reading)
        activity = read_activity(element, reading)
        for change in upgrade_activity(activity):
            self._report.upgrade(change.message)
        upgraded = parse_fragment(Fragment(write_activity(activity).encode(), 1, 0))
        self._invalid = [(1, fault.message) for fault in schema_faults(self._schema, upgraded)]
        return activity

    def __iter__(self) -> Iterator[Incoming]:
        for record in self._records:
            self._report.counts["activities_read"] += 1
            found = self._take(record)
            if found is not None:
                yield found
        for fault in self._records.faults:
            self._fault(None, fault.line, "earmark.import.beside", "warning", fault.message)

    def _take(self, record: Record[Activity]) -> Incoming | None:
        if record.model is None:
            broken = record.faults[0] if record.faults else None
            self._report.broken = True
            self._report.refuse(
                None, broken.line if broken else record.line, "0.1.1", broken.message if broken else "not readable"
            )
            return None
        activity = record.model
        if self._inherited:
            pairs = {**self._inherited, **dict(activity.foreign_attributes)}
            activity.foreign_attributes = tuple(sorted(pairs.items()))
        identifier = activity.iati_identifier.text.strip(BLANKS) if activity.iati_identifier else ""
        invalid, self._invalid = self._invalid, []
        if invalid:
            self._report.counts["activities_refused"] += 1
            for line, message in invalid[:_MOST]:
                self._fault(identifier or None, record.line + line - 1, "0.3.1", "critical", message)
            if len(invalid) > _MOST:
                more = f"{len(invalid) - _MOST} further places of this activity break the schema."
                self._fault(identifier or None, record.line, "0.3.1", "critical", more)
            return None
        if not identifier:
            self._report.refuse(
                None, record.line, "earmark.import.no-identifier", "Give the activity an iati-identifier."
            )
            return None
        if identifier in self._seen:
            self._report.refuse(
                identifier,
                record.line,
                "earmark.import.duplicate-identifier",
                f"The activity on line {self._seen[identifier]} has the same identifier and was kept; "
                "give this one an identifier of its own.",
            )
            return None
        self._seen[identifier] = record.line
        for fault in record.faults:
            self._fault(identifier, fault.line, "earmark.import.not-modelled", "warning", fault.message)
        try:
            whole = take_apart(activity, blanks=self._blanks)
            refuse_overlong(whole)
        except LexicalError as error:
            self._report.refuse(
                identifier, record.line, "earmark.import.value", f"A value cannot be kept: {error}. Correct it."
            )
            return None
        return Incoming(whole, record.line, identifier, activity)

    def _fault(self, activity: str | None, line: int, rule: str, severity: str, message: str) -> None:
        self._report.faults.append(
            ImportFault(activity=activity, line=line, rule=rule, severity=severity, message=message)
        )
