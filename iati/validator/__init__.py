"""Validation: the schema, the codelists and the rules of the standard, and some of our own.

    >>> report = validate(Path("activities.xml"), as_of=date(2026, 11, 20))
    >>> report.valid, report.summary["error"]

Rule ids, severities and the verdict are those of the official validator. A file is valid when it has no critical
finding. Rules whose id begins with ``earmark.`` are ours and never make a file invalid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Literal

from iati.findings import NO_IDENTIFIER, SEVERITIES, Finding, Severity, count_by_severity
from iati.source import RECORDS, Fragment, Limits
from iati.validator.stream import Named, Options, Stream, hinted, record_rows

__all__ = [
    "SEVERITIES",
    "Finding",
    "Options",
    "Report",
    "Severity",
    "Stream",
    "iter_findings",
    "validate",
    "validate_fragment",
]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is to be said about one file."""

    file_type: Literal["iati-activities", "iati-organisations"] | str | None  #: None: not recognisable as IATI
    version: str | None  #: as the root claims
    findings: tuple[Finding, ...]  #: in the order of the file

    @property
    def valid(self) -> bool:
        """Whether the file can be used: it has no critical finding."""
        return not any(finding.severity == "critical" for finding in self.findings)

    @property
    def summary(self) -> dict[Severity, int]:
        """Findings by severity, zeros included."""
        return count_by_severity(self.findings)


def validate(
    source: Path | bytes | BinaryIO,
    *,
    as_of: date,
    schemas: Path | None = None,
    jobs: int = 1,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Report:
    """Validate a file. Dates after ``as_of`` are in the future; ``schemas`` names a folder with other XSD files.

    A file that cannot be read to its end, or is of no supported version, gets findings that say so and no others. Holds
    one record at a time beside the findings.
    """
    for stream in hinted(source, Options(as_of=as_of, schemas=schemas, jobs=jobs, limits=limits)):
        found = list(stream.rows())
    if stream.fatal:
        findings = tuple(each.finding() for each in stream.fatal)
    else:
        findings = tuple(each.finding() for named in found for each in stream.standing(named))
    return Report(file_type=stream.file_type, version=stream.version, findings=findings)


def iter_findings(
    source: Path | bytes | BinaryIO,
    *,
    as_of: date,
    schemas: Path | None = None,
    jobs: int = 1,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Iterator[Finding]:
    """The findings of a file as they are found; those on references to activities come last.

    Unlike `validate` this tells what was found before the place where a file cannot be read further. Holds one record,
    every identifier, and the findings on references.
    """
    stream = Stream(source, Options(as_of=as_of, schemas=schemas, jobs=jobs, limits=limits))
    waiting: list[Named] = []
    for named in stream.rows():
        if named.row.reference is None:
            yield named.finding()
        else:
            waiting.append(named)
    if stream.fatal:
        yield from (each.finding() for each in stream.fatal)
        return
    for named in waiting:
        for each in stream.standing(named):
            yield each.finding()


def validate_fragment(
    xml: bytes,
    *,
    as_of: date,
    file_type: Literal["iati-activities", "iati-organisations"] = "iati-activities",
    schemas: Path | None = None,
) -> list[Finding]:
    """Validate one record's XML by itself; lines count from its first. References to other activities are not judged.

    Raises ValueError when the root is not the record of ``file_type``. XML that cannot be parsed gives the finding
    0.1.1.
    """
    name = RECORDS[file_type]
    if not xml.lstrip().startswith(f"<{name}".encode()):
        raise ValueError(f"expected the XML of one <{name}>")
    checked = record_rows(Fragment(xml, 1, 0), file_type=file_type, options=Options(as_of=as_of, schemas=schemas))
    if checked.fault:
        return list(iter_findings(xml, as_of=as_of, schemas=schemas))
    activity = checked.identifier or NO_IDENTIFIER
    return [Named(activity, each).finding() for each in checked.rows if each.reference is None]
