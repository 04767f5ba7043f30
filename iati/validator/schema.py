"""The schema check: one record at a time, and the root by itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from iati.schema import schema_for
from iati.source import Document, Extra
from iati.source_text import SourceFault
from iati.source_tree import parse_own, parse_wrapped

if TYPE_CHECKING:
    from iati.schema_faults import SchemaFault

#: A record that is valid whatever else may be wrong, to stand for the real ones when the root is checked.
_VALID_RECORD = {
    "iati-activities": b'<iati-activity><iati-identifier/><reporting-org ref="x" type="10"><narrative/></reporting-org>'
    b'<title><narrative/></title><description><narrative/></description><participating-org role="1"/>'
    b'<activity-status code="1"/><activity-date type="1" iso-date="2000-01-01"/></iati-activity>',
    "iati-organisations": b"<iati-organisation><organisation-identifier/><name><narrative/></name>"
    b'<reporting-org ref="x" type="10"><narrative/></reporting-org></iati-organisation>',
}
_LOCK = threading.Lock()
_FOREIGN = b'<x:x xmlns:x="urn:x"/>'


def complaints(xml: bytes, file_type: str = "iati-activities") -> list[str]:
    """What breaks the schema in the XML of one record, each sentence once; empty when it is valid."""
    try:
        faults = _own_schema(file_type).record(parse_own(xml))
    except SourceFault as fault:
        return [fault.message]
    return list(dict.fromkeys(fault.message for fault in faults))


def all_valid(records: Sequence[bytes], file_type: str = "iati-activities") -> bool:
    """Whether no record that this program wrote breaks the schema; of a few together it is seen in half the time."""
    from iati.standard import VERSION

    whole = b"".join((f'<{file_type} version="{VERSION}">'.encode(), *records, f"</{file_type}>".encode()))
    try:
        return not _own_schema(file_type).record(parse_own(whole))
    except SourceFault:
        return False


@cache
def _own_schema(file_type: str) -> SchemaCheck:
    return SchemaCheck(file_type, None)


class SchemaCheck:
    """The schema of one kind of file."""

    def __init__(self, file_type: str, directory: Path | None) -> None:
        self._schema = schema_for(file_type, directory)

    def record(self, element: etree._Element) -> list[SchemaFault]:
        """Where a record breaks the schema; empty when it is valid."""
        # The compiled schema is shared, and what it found last is kept in it.
        with _LOCK:
            if self._schema.validate(element):
                return []
            # the words for what is wrong, and the description of the standard that they need, wait for the first fault
            from iati.schema_faults import schema_faults

            return list(schema_faults(self._schema, element))

    def root(self, document: Document, *, empty: bool) -> list[SchemaFault]:
        """Where the root's start tag breaks the schema, or its having no record at all."""
        return self._around(document, b"" if empty else _VALID_RECORD[document.file_type], b"")

    def beside_records(self, document: Document, extra: Extra) -> list[SchemaFault]:
        """Whether what stands beside the records may stand there, on the line where it begins."""
        record = _VALID_RECORD[document.file_type]
        before, after = (record, b"") if extra.before else (b"", record)
        bare = set(self._around(document, record, b""))
        found = self._around(document, before, extra.xml + after)
        return [fault._replace(line=extra.line) for fault in found if fault not in bare][:1]

    def record_may_follow(self, document: Document) -> bool:
        """Whether a record may follow a foreign element."""
        record = _VALID_RECORD[document.file_type]
        alone = self._around(document, record, b"")
        return len(self._around(document, record, _FOREIGN + record)) == len(alone)

    def _around(self, document: Document, first: bytes, second: bytes) -> list[SchemaFault]:
        tag = etree.tostring(document.start)
        opening = tag[:-2] + b">" if tag.endswith(b"/>") else tag[: tag.rindex(b"</")]
        name = opening[1:].split(b">")[0].split()[0]
        return self.record(parse_wrapped(opening + first, second, b"</" + name + b">", 1))
