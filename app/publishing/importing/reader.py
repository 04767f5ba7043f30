"""Activities out of a file, one by one: read, checked against the schema, taken apart.

An activity that breaks the schema is taken over as a draft, with what can be read of it and its faults as findings.
What cannot be stored at all is reported and left out; everything else goes on. Holds some dozen activities
at a time.
"""

import datetime as dt
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final, cast

from lxml import etree

from app.publishing.importing.account import FileReport, ImportFault
from app.publishing.importing.conformance import Conformance, Verdict, findings_of, tree_of
from app.publishing.importing.marks import Texts
from app.publishing.importing.new import Incoming, ReadBefore
from app.publishing.mapping.record import NAMING, Part, take_apart
from app.publishing.mapping.shape import Columns
from app.publishing.mapping.straight import take_plain
from iati.findings import Finding, Severity
from iati.generated.reader import read_activity
from iati.lexical import BLANKS, LexicalError
from iati.model import Activity
from iati.reader import Record, RecordsFile
from iati.reading import Element, Reading
from iati.repair import has_loose_codes
from iati.source import Document, Fragment, parse_fragment
from iati.standard import VERSION
from iati.upgrade import UPGRADABLE, upgrade_activity
from iati.validator.beside import Rules
from iati.writer import write_activity

#: what an import tells of what rules say: what breaks the schema is told by its drafts
_TOLD: Final[tuple[Severity, ...]] = ("error", "warning")
#: what is to be said of a record that follows the schema
_FINE: Final = Verdict()
#: bytes of the longest identifier
_LONGEST = 1000
#: characters of a value that are shown
_SHOWN = 60
#: an activity in a namespace of its own, which is a foreign element to everybody
_NAMESPACED = re.compile(r"<[\w.-]+:iati-activity[\s/>]")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What was seen of an activity when it was read."""

    #: its form
    verdict: Verdict = _FINE
    #: white space in empty elements counts
    blanks: bool = False
    #: of its text; empty where it breaks the schema or is of an older version
    digest: str = ""
    #: its plain transactions, by their places
    plain: Mapping[int, Columns] = field(default_factory=dict)
    #: its identifier, where it was not read at all, since it says what it said before
    known: str = ""


def _brought_up(tree: etree._Element) -> etree._Element:
    """A record of an older version, as the present one writes it."""
    activity = read_activity(cast("Element", tree), Reading(b""))
    upgrade_activity(activity)
    return _written(activity)


def _written(activity: Activity) -> etree._Element:
    """An activity as a tree of its own."""
    return parse_fragment(Fragment(write_activity(activity).encode(), 1, 0))


def _identifier(tree: etree._Element) -> str:
    """The identifier of a record that follows the schema."""
    found = next(tree.iterchildren("iati-identifier"), None)
    return "" if found is None else (found.text or "").strip(BLANKS)


def refuse_overlong(whole: Part) -> None:
    """Raises LexicalError for a code, an identifier or a name that no index of a database takes."""
    named = [whole, *(part for table in NAMING for part in whole.parts[table])]
    values = [party.ref or party.name[0] for part in named for _prefix, party in part.named]
    values.append(whole.columns["iati_identifier"])
    values.extend(part.columns["code"] for part in whole.parts["classifications"])
    values.extend(part.columns["provider_activity"] or "" for part in whole.parts["ledger_entries"])
    for value in values:
        if len(value) > _LONGEST // 4 and len(value.encode()) > _LONGEST:
            raise LexicalError(f"{value[:40]}…", f"at most {_LONGEST} bytes long")


def told_by_rules(findings: Iterable[Finding]) -> list[ImportFault]:
    """What rules say, as far as an import tells it."""
    return [
        ImportFault(
            activity=finding.activity,
            line=finding.line,
            rule=finding.rule,
            severity=finding.severity,
            message=finding.message,
        )
        for finding in findings
        if finding.severity in _TOLD
    ]


class Activities:
    """The activities of an opened file. Iterating yields those that may be stored and reports on the others."""

    def __init__(
        self,
        document: Document,
        report: FileReport,
        *,
        mend: bool = False,
        as_of: dt.date | None = None,
        marked: Callable[[Collection[str]], Mapping[str, str]] = lambda _identifiers: {},
    ) -> None:
        """``mend``: repairs that cannot be wrong are made. ``as_of``: the rules are asked as well, as of that day.

        ``marked``: told identifiers, gives digests of the texts that their records are known to say.
        """
        self._conformance = Conformance("iati-activities", mend=mend)
        self._mend = mend
        self._older = document.version in UPGRADABLE
        if self._older:
            report.upgrade(f"version {document.version} becomes {VERSION}")
        #: the records of the batch that are known to follow the schema, which then need not be asked
        self._valid: Set[etree._Element] = frozenset()
        self._texts = Texts(document.nsmap)
        self._marked = marked
        #: of the batch: digests of the texts of those records, and identifiers of those that need not be read
        self._digests: dict[etree._Element, str] = {}
        self._known: dict[etree._Element, str] = {}
        #: what was seen of activities that are read and not yet taken apart
        self._read_so: deque[_Seen] = deque()
        #: declarations of the root, which canonical XML shows in each of its activities
        self._inherited = {f"xmlns:{prefix}": uri for prefix, uri in document.nsmap.items() if prefix}
        self._rules = None if as_of is None else Rules(document, as_of=as_of, severities=_TOLD)
        self._records: RecordsFile[Activity] = RecordsFile(document, self._read, watch=self._look)
        self._report = report
        self._seen: dict[str, int] = {}

    def told_by_rules(self) -> list[ImportFault]:
        """What the rules say about the activities, once all were read."""
        return [] if self._rules is None else told_by_rules(self._rules.findings(complete=not self._records.broken))

    def _look(self, fragments: Sequence[Fragment], trees: Sequence[etree._Element]) -> None:
        """Asks the rules of activities as they stand in the file."""
        if self._rules is not None:
            follow = self._rules.look(fragments, trees)
            valid = [(fragment, tree) for fragment, tree, so in zip(fragments, trees, follow, strict=True) if so]
            self._valid = {tree for _, tree in valid}
            self._recognise([] if self._older else valid)

    def _recognise(self, valid: Sequence[tuple[Fragment, etree._Element]]) -> None:
        """Finds out which of the records that follow the schema say what they said before."""
        self._digests = {tree: self._texts.digest(fragment.xml) for fragment, tree in valid}
        named = {tree: _identifier(tree) for tree in self._digests}
        marked = self._marked(named.values()) if named else {}
        self._known = {
            tree: name
            for tree, name in named.items()
            if marked.get(name) == self._digests[tree] and not (self._mend and has_loose_codes(tree))
        }

    def _read(self, element: Element, reading: Reading) -> Activity:
        """Reads an activity and, on the way, asks the schema; one of an older version is upgraded first."""
        tree = tree_of(element)
        if tree in self._known:
            self._read_so.append(_Seen(known=self._known[tree]))
            return Activity()
        judged = tree not in self._valid and (self._mend or not self._older)
        judge = self._conformance.judge if judged else self._conformance.mended_codes
        verdict = judge(element, reading)
        plain = take_plain(tree) if tree in self._digests and not reading.has_comments else {}
        activity = read_activity(element, reading)
        if self._older:
            for change in upgrade_activity(activity):
                self._report.upgrade(change.message)
            verdict = self._conformance.upgraded(tree, _written(activity), verdict, _brought_up)
        self._read_so.append(
            _Seen(verdict=verdict, blanks=reading.blanks, digest=self._digests.get(tree, ""), plain=plain)
        )
        return activity

    def __iter__(self) -> Iterator[Incoming | ReadBefore]:
        for record in self._records:
            self._report.counts["activities_read"] += 1
            found = self._take(record)
            if found is not None:
                yield found
        for fault in self._records.faults:
            self._fault(None, fault.line, "earmark.import.beside", "warning", fault.message)
        namespaced = sum(bool(_NAMESPACED.match(xml)) for xml in self._records.foreign)
        if namespaced:
            message = (
                f"{namespaced} activities are in a namespace, where no program finds them; they were not read. Take "
                "the prefix off their names, and its xmlns out."
            )
            self._fault(None, None, "0.3.1", "critical", message)

    def _take(self, record: Record[Activity]) -> Incoming | ReadBefore | None:
        if record.model is None:
            broken = record.faults[0] if record.faults else None
            self._report.broken = True
            rule = (broken and broken.rule) or "0.1.1"
            self._report.refuse(
                None, broken.line if broken else record.line, rule, broken.message if broken else "not readable"
            )
            return None
        activity = record.model
        seen = self._read_so.popleft()
        verdict = seen.verdict
        if self._inherited:
            pairs = {**self._inherited, **dict(activity.foreign_attributes)}
            activity.foreign_attributes = tuple(sorted(pairs.items()))
        named = activity.iati_identifier.text.strip(BLANKS) if activity.iati_identifier else ""
        identifier = seen.known or named
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
        if seen.known:
            self._seen[identifier] = record.line
            return ReadBefore(line=record.line, identifier=identifier)
        unread: list[LexicalError] = []
        whole = take_apart(activity, blanks=seen.blanks, unread=unread, beside=seen.plain)
        try:
            refuse_overlong(whole)
        except LexicalError as error:
            self._report.refuse(
                identifier, record.line, "earmark.import.value", f"A value cannot be kept: {error}. Correct it."
            )
            return None
        self._seen[identifier] = record.line
        if not verdict.faults:
            # what breaks the schema is told by it
            for each in unread:
                shown = each.text if len(each.text) <= _SHOWN else f"{each.text[:_SHOWN]}…"
                message = (
                    f"“{shown}” is not {each.expected}; it is kept as it stands, but nothing can be reckoned with it."
                )
                self._fault(identifier, record.line, "earmark.import.value", "warning", message)
        findings = findings_of(self._conformance, verdict, self._report, identifier, record)
        repairs = tuple(self._conformance.repairs(verdict, identifier, record.line, record.index))
        digest = "" if unread or record.faults or repairs else seen.digest
        return Incoming(whole, record.line, identifier, activity, findings, repairs, digest=digest)

    def _fault(self, activity: str | None, line: int | None, rule: str, severity: str, message: str) -> None:
        self._report.faults.append(
            ImportFault(activity=activity, line=line, rule=rule, severity=severity, message=message)
        )
