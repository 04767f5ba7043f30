"""Whether a record follows the schema, asked of its tree while it is read; and what can be mended without a doubt."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final, cast

from lxml import etree

from app.db.projects import Findings
from app.publishing.importing.account import FileReport, ImportFault
from iati.markup import DECLARATION
from iati.reader import AnyRecord, Record
from iati.reading import Element, Reading
from iati.repair import Repair, repair, trim_codes
from iati.schema_faults import SchemaFault
from iati.source import RECORDS
from iati.validator.schema import SchemaCheck

#: places of one record that are told one by one
_MOST = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What is to be said about the form of one record."""

    #: where it breaks the schema, after the repairs if they were asked for
    faults: list[SchemaFault] = field(default_factory=list)
    #: what was mended
    repairs: list[Repair] = field(default_factory=list)
    #: repairs that cannot be wrong would leave no fault
    repairable: bool = False


#: what is to be said of a record that follows the schema
_FINE: Final = Verdict()


def tree_of(element: Element) -> etree._Element:
    """What is read as lxml has it: the reader's elements are lxml's, typed for what the reader asks of them."""
    return cast("etree._Element", element)


class Conformance:
    """The schema of one kind of file. ``mend``: repairs that cannot be wrong are made."""

    def __init__(self, file_type: str, *, mend: bool) -> None:
        self._check = SchemaCheck(file_type, None)
        self._mend = mend
        self._place = f"/{file_type}/{RECORDS[file_type]}"

    def judge(self, element: Element, reading: Reading) -> Verdict:
        """Asks the schema of a record that is about to be read, and mends it where that is wanted."""
        tree = tree_of(element)
        faults = self._faults(tree)
        if not faults:
            return self.mended_codes(element, reading)
        mended = tree if self._mend else deepcopy(tree)
        repairs = repair(mended)
        left = self._faults(mended) if repairs else faults
        if not self._mend:
            return Verdict(faults=faults, repairable=not left)
        repairs = [*repairs, *trim_codes(tree)]
        if repairs:
            reading.changed()
        return Verdict(faults=left, repairs=repairs)

    def mended_codes(self, element: Element, reading: Reading) -> Verdict:
        """The verdict on a record that follows the schema: its codes are mended where that is wanted."""
        repairs = trim_codes(tree_of(element)) if self._mend else []
        if repairs:
            reading.changed()
        return Verdict(repairs=repairs) if repairs else _FINE

    def _faults(self, element: etree._Element) -> list[SchemaFault]:
        return self._check.record(element) and self._check.record(_without_exposed(element))

    def upgraded(
        self,
        element: etree._Element,
        present: etree._Element,
        verdict: Verdict,
        bring_up: Callable[[etree._Element], etree._Element],
    ) -> Verdict:
        """The verdict on a record of an older version, once it is brought up: its text has no lines of the file.

        ``element``: the record of the file. ``present``: it was brought up to this, as ``bring_up`` does.
        """
        faults = [SchemaFault(1, *fault[1:]) for fault in self._check.record(present)]
        repairable = False
        if faults and not self._mend:
            mended = deepcopy(element)
            repairable = bool(repair(mended)) and not self._check.record(bring_up(mended))
        return Verdict(faults=faults, repairs=verdict.repairs, repairable=repairable)

    def told(self, verdict: Verdict, subject: str | None, line: int, index: int) -> Iterator[ImportFault]:
        """The faults of the record that begins on a line of the file and is the ``index``-th of its records."""
        for fault in verdict.faults[:_MOST]:
            yield ImportFault(
                activity=subject,
                line=line + fault.line - 1,
                rule="0.3.1",
                severity="critical",
                message=fault.message,
                path=self._in_file(fault.path, index),
            )
        more = len(verdict.faults) - _MOST
        if more > 0:
            message = f"{more} further places of this record break the schema."
            if more == 1:
                message = "1 further place of this record breaks the schema."
            yield ImportFault(activity=subject, line=line, rule="0.3.1", severity="critical", message=message)

    def repairs(self, verdict: Verdict, subject: str | None, line: int, index: int) -> Iterator[ImportFault]:
        """The repairs of that record."""
        for each in verdict.repairs:
            yield ImportFault(
                activity=subject,
                line=line + each.line - 1,
                rule="earmark.import.repaired",
                severity="advisory",
                message=each.message,
                path=self._in_file(each.path, index),
            )

    def _in_file(self, path: str, index: int) -> str:
        """The XPath of a place of the record in its file."""
        return f"{self._place}[{index + 1}]{path[1:].partition('/')[1]}{path[1:].partition('/')[2]}"


def findings_of(
    conformance: Conformance, verdict: Verdict, report: FileReport, identifier: str, record: Record[AnyRecord]
) -> Findings | None:
    """What makes a record a draft, as its row keeps it, or None; the report is told as well.

    What had to be left out, having no place in the standard, is among it, so that it can be read there. Repairs are
    told where the record is taken over with them (:meth:`FileReport.mended`).
    """
    faults = list(conformance.told(verdict, identifier, record.line, record.index))
    report.faults.extend(faults)
    left_out = [
        ImportFault(
            activity=identifier,
            line=fault.line,
            rule="earmark.import.not-modelled",
            severity="warning",
            message=fault.message,
            path=fault.path,
        )
        for fault in record.faults
    ]
    report.faults.extend(left_out)
    if not faults:
        return None
    report.counts["drafts"] += 1
    if verdict.repairable:
        report.counts["repairable"] += 1
    return [
        {
            "rule": fault.rule,
            "severity": fault.severity,
            "message": fault.message,
            "file": report.name,
            "line": fault.line,
            "path": fault.path,
            "repairable": verdict.repairable,
        }
        for fault in (*faults, *left_out[:_MOST])
    ]


def mend_themselves(findings: Findings | None) -> bool:
    """Whether there are findings, and repairs that cannot be wrong leave none of them."""
    return bool(findings) and all(each["repairable"] for each in findings or ())


def same_findings(kept: Findings | None, new: Findings | None) -> bool:
    """Whether two files say the same is wrong, be it in other lines."""
    return [(each["rule"], each["message"]) for each in kept or ()] == [
        (each["rule"], each["message"]) for each in new or ()
    ]


def _without_exposed(element: etree._Element) -> etree._Element:
    """The record without the attributes into which reading turns namespace declarations inside it."""
    bare = deepcopy(element)
    for each in bare.iter(etree.Element):
        for name in [name for name in each.attrib if str(name).startswith("{" + DECLARATION)]:
            del each.attrib[name]
    return bare
