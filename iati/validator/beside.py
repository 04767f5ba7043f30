"""The rules asked of the records of a file while somebody else reads it, so that each record is parsed once.

    >>> rules = Rules(document, as_of=date(2026, 11, 20), severities=("error", "warning"))
    >>> for fragment in document:
    ...     rules.look(fragment, parse_fragment(fragment))
    >>> found = list(rules.findings(complete=True))

What they say of records is what :func:`iati.validator.iter_findings` says; what the form of the file itself breaks is
not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from iati.findings import Finding, Severity
from iati.source import Document, Fragment
from iati.validator.labels import Labels
from iati.validator.rules import RULES
from iati.validator.rules.files import VERSIONS
from iati.validator.stream import Batch, Named, Options, Stream, version_row

if TYPE_CHECKING:
    from lxml import etree


class Rules:
    """The rules for one file. Holds every identifier, and what they have said of those severities that are asked for.

    References are judged when all is known, so that findings on them wait whatever their severity.
    """

    def __init__(self, document: Document, *, as_of: date, severities: Collection[Severity]) -> None:
        options = Options(as_of=as_of)
        self._severities = severities
        self._stream = Stream(b"", options)
        self._labels = Labels(count_codes=document.file_type == "iati-activities")
        self._validator = options.validator(document.file_type)
        self._found: list[Named] = []
        self._waiting: list[Named] = []
        if document.version not in VERSIONS:
            self._take(version_row(document))

    def look(self, fragments: Sequence[Fragment], trees: Sequence[etree._Element]) -> list[bool]:
        """Looks at the next records; gives of each whether it follows the schema. Their trees stay as they are."""
        checked = self._validator.judge_all(fragments, trees)
        for each in checked:
            for batch in self._stream.record(each, self._labels):
                self._take(batch)
        return [not each.broken for each in checked]

    def _take(self, batch: Batch) -> None:
        for named in batch.named():
            if named.row.reference is not None:
                self._waiting.append(named)
            elif RULES[named.row.rule].severity in self._severities:
                self._found.append(named)

    def findings(self, *, complete: bool) -> Iterator[Finding]:
        """What they say, in the order of the file; of references, which come last, if the file is ``complete``."""
        yield from (named.finding() for named in self._found)
        for named in self._waiting if complete else ():
            for each in self._stream.standing(named):
                finding = each.finding()
                if finding.severity in self._severities:
                    yield finding
