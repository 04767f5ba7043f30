"""The schema check: one record at a time, and the root by itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, cast

from lxml import etree

from iati.schema import schema_for
from iati.source import Document, Extra
from iati.source_tree import parse_wrapped

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


class SchemaFault(NamedTuple):
    """A place that breaks the schema."""

    line: int  #: of the text that was validated, from 1
    path: str  #: XPath from its root
    message: str


class SchemaCheck:
    """The schema of one kind of file."""

    def __init__(self, file_type: str, directory: Path | None) -> None:
        self._schema = schema_for(file_type, directory)

    def record(self, element: etree._Element) -> list[SchemaFault]:
        """Where a record breaks the schema; empty when it is valid."""
        # The compiled schema is shared, and what it found last is kept in it.
        with _LOCK:
            return [] if self._schema.validate(element) else list(_faults(self._schema))

    def root(self, document: Document, *, empty: bool) -> list[SchemaFault]:
        """Where the root's start tag breaks the schema, or its having no record at all."""
        return self._around(document, b"" if empty else _VALID_RECORD[document.file_type], b"")

    def beside_records(self, document: Document, extra: Extra) -> list[SchemaFault]:
        """Whether what stands beside the records may stand there, on the line where it begins."""
        record = _VALID_RECORD[document.file_type]
        before, after = (record, b"") if extra.before else (b"", record)
        bare = set(self._around(document, record, b""))
        found = self._around(document, before, extra.xml + after)
        return [SchemaFault(extra.line, *fault[1:]) for fault in found if fault not in bare][:1]

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


def _faults(schema: etree.XMLSchema) -> Iterator[SchemaFault]:
    seen = set()
    for entry in cast("Iterable[etree._LogEntry]", schema.error_log):
        path = str(getattr(entry, "path", "") or "")
        message = in_words(entry.message)
        if (entry.line, path, message) not in seen:
            seen.add((entry.line, path, message))
            yield SchemaFault(entry.line, path, message)


_SUBJECT = re.compile(r"Element '([^']*)'(?:, attribute '([^']*)')?: (.*)\Z", re.DOTALL)
_NAMESPACE = re.compile(r"\{[^{}]*\}")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( ([^)]*) \)\.")
_REQUIRED = re.compile(r"The attribute '([^']*)' is required but missing\.")
_VALUE = re.compile(
    r"(?:\[[^\]]*\] )?(?:The value )?'(.*)' is not a valid value of the [a-z ]*type '([^']*)'\.", re.DOTALL
)
_TYPES = {
    "xs:date": "a date such as 2024-01-31",
    "xs:dateTime": "a moment such as 2024-01-31T12:00:00Z",
    "xs:decimal": "a number such as 1000.50, without thousands separators",
    "xs:int": "a whole number",
    "xs:integer": "a whole number",
    "xs:positiveInteger": "a whole number above 0",
    "xs:nonNegativeInteger": "a whole number of 0 or more",
    "xs:gYear": "a year such as 2024",
    "xs:boolean": "true, false, 1 or 0",
    "xs:anyURI": "a web address without spaces",
    "xs:NMTOKEN": "a code without spaces",
    "xs:language": "a language such as en or pt-BR",
}


def in_words(message: str) -> str:
    """The parser's message as a sentence that says what to do; unknown ones are passed on."""
    subject = _SUBJECT.match(message)
    if not subject:
        return message
    element, attribute, text = subject.groups()
    name = _NAMESPACE.sub("", element)
    place = f"<{name}>" if attribute is None else f"{_NAMESPACE.sub('', attribute)} of <{name}>"
    required = _REQUIRED.match(text)
    value = _VALUE.match(text)
    if required:
        sentence = f"Add the attribute {required[1]} to <{name}>; the standard requires it."
    elif value:
        kind = _TYPES.get(value[2], f"a value of the type {value[2].removeprefix('xs:')}")
        sentence = f"Write {kind} for {place} instead of “{value[1][:100]}”."
    elif "is not allowed" in text and attribute is not None:
        sentence = f"Remove {place}; the standard has no such attribute there."
    elif text.startswith("This element is not expected"):
        sentence = f"Remove or move <{name}>; the standard does not have it here.{_instead(text)}"
    elif text.startswith("Missing child element"):
        sentence = f"<{name}> is not complete.{_instead(text)}"
    elif text.startswith("Character content"):
        sentence = f"Remove the text that stands directly in <{name}>; only elements may stand there."
    else:
        sentence = f"{place}: {text}"
    return sentence


def _instead(text: str) -> str:
    expected = _EXPECTED.search(text)
    if not expected:
        return ""
    names = [_NAMESPACE.sub("", name.strip()) for name in expected[1].split(",")]
    known = list(dict.fromkeys(f"<{name}>" for name in names if not name.startswith("*")))
    if not known:
        return " Only elements of other namespaces may follow."
    return f" Expected here: {', '.join(known)}."
