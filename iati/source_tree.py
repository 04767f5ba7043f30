"""The one hardened parser, and what is decided about markup before it is parsed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast
from xml.parsers import expat

from lxml import etree

from iati.complaints import not_well_formed
from iati.source_text import SourceFault, Window

_OPTIONS = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "collect_ids": False,
}
_PARSER = etree.XMLParser(**_OPTIONS)  # type: ignore[arg-type]
_WITHOUT_BLANKS = etree.XMLParser(remove_blank_text=True, **_OPTIONS)  # type: ignore[arg-type]
_LENIENT = etree.XMLParser(recover=True, **_OPTIONS)  # type: ignore[arg-type]
_OPENING = re.compile(rb"[\s/>]")
#: The parser's own bound on nesting while ``huge_tree`` is off.
_PARSER_DEPTH = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a source may ask of the machine that reads it."""

    file_bytes: int = 4 << 30
    fragment_bytes: int = 64 << 20  #: one record, or one stretch between records
    tag_bytes: int = 1 << 20  #: one start tag
    attributes: int = 256  #: of one element
    depth: int = _PARSER_DEPTH  #: nesting inside a record; the parser itself refuses more than 256

    @property
    def first_depth_check(self) -> int:
        """Bytes of an unfinished record after which its nesting is looked at, so that deep trees end early."""
        return 1 << 20


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The root's namespace declarations, to be repeated in each part that is cut out of it."""

    declarations: tuple[tuple[bytes, bytes], ...]  #: attribute name (``xmlns:x``) and the whole attribute

    @classmethod
    def of(cls, root: etree._Element) -> Namespaces:
        """The declarations on an element."""
        found = []
        for prefix, uri in root.nsmap.items():
            name = f"xmlns:{prefix}" if prefix else "xmlns"
            found.append((name.encode(), f' {name}="{_escaped(str(uri))}"'.encode()))
        return cls(tuple(found))

    def declare(self, xml: bytes) -> bytes:
        """The element's bytes with those declarations that it does not make itself; lines stay where they are."""
        if not self.declarations:
            return xml
        end = xml.find(b">")
        tag = xml[:end] if end > 0 else xml
        name_end = len(_OPENING.split(tag, 1)[0])
        added = b"".join(
            whole
            for name, whole in self.declarations
            if name not in tag or not re.search(rb"\s" + re.escape(name) + rb"\s*=", tag)
        )
        return xml[:name_end] + added + xml[name_end:]


def _escaped(text: str) -> str:
    """A text as it may stand between double quotes."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace('"', "&quot;")
        .replace("\t", "&#9;")
        .replace("\n", "&#10;")
    )


def parse_wrapped(before: bytes, xml: bytes, after: bytes, line: int) -> etree._Element:
    """Parse bytes between two others on the same lines; ``line`` is where they begin in the source.

    A namespace prefix that is not declared is read as part of the name, as XML 1.0 has it: the schema then refuses the
    name. Raises SourceFault for what is not well formed.
    """
    text = before + xml + after
    try:
        return etree.fromstring(text, _PARSER)
    except etree.XMLSyntaxError:
        fatal = _first_complaint(text)
    if fatal is None:
        return etree.fromstring(text, _LENIENT)
    raise SourceFault(
        f"The file is not well-formed XML: {not_well_formed(fatal, line - 1)}. Correct this place first; nothing after "
        "it can be read.",
        line + max(fatal.line, 1) - 1,
    )


def parse_own(xml: bytes) -> etree._Element:
    """Parse a record that this program wrote; faster, since the line breaks between elements are not kept.

    Raises SourceFault for what is not well formed.
    """
    try:
        return etree.fromstring(xml, _WITHOUT_BLANKS)
    except etree.XMLSyntaxError:
        return parse_wrapped(b"", xml, b"", 1)


def _first_complaint(text: bytes) -> etree._LogEntry | None:
    """What makes the text not well formed; None where the parser only misses a namespace declaration."""
    parser = etree.XMLParser(**_OPTIONS)  # type: ignore[arg-type]
    with contextlib.suppress(etree.XMLSyntaxError):
        etree.fromstring(text, parser)
    complaints = cast("Iterable[etree._LogEntry]", parser.error_log)
    return next((each for each in complaints if each.domain != etree.ErrorDomains.NAMESPACE), None)


def line_in(element: etree._Element) -> int:
    """The line of an element in the text it was parsed from, from 1, as the parser tells it."""
    return cast("int | None", element.sourceline) or 1


def check_aside(xml: bytes, line: int) -> None:
    """Raise SourceFault for a comment, instruction, section or text that is not well formed."""
    parse_wrapped(b"<x>", xml, b"</x>", line)


_START_TAG = re.compile(rb"""<(?>[^<>"']++|"[^<"]*+"|'[^<']*+')*+>""")


def start_tag_end(window: Window, start: int, limit: int) -> int:
    """The offset after the start tag at an offset; quoted values may hold ``>``.

    Raises SourceFault for a tag that is broken off, or larger than ``limit`` bytes.
    """
    end = window.match(_START_TAG, start, limit)
    if end >= 0:
        return end
    line = window.line + window.lines(0, start)
    if window.size() - start <= limit:
        parse_wrapped(b"", window.peek(window.size())[start:], b"", line)
    raise SourceFault(f"A start tag is not closed within {limit} bytes, or a quote in it is missing.", line)


def too_deep(text: bytes, depth: int) -> int | None:
    """The line of the text, from 1, on which an element is nested deeper than ``depth``; None if there is none.

    Looks as far as the text is well formed; the rest is judged when the whole record is parsed.
    """
    parser = expat.ParserCreate("utf-8")
    level = 0

    def opened(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal level
        level += 1
        if level > depth:
            raise _TooDeep

    def closed(_name: str) -> None:
        nonlocal level
        level -= 1

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    try:
        parser.Parse(text)
    except _TooDeep:
        return parser.CurrentLineNumber
    except expat.ExpatError:
        return None
    return None


class _TooDeep(Exception):
    """An element below the allowed depth was opened."""


def element_lines(xml: bytes) -> list[int]:
    """The line, from 1, of every element in document order: exact where the parser's own numbers end."""
    parser = expat.ParserCreate("utf-8")
    lines: list[int] = []
    parser.StartElementHandler = lambda _name, _attributes: lines.append(parser.CurrentLineNumber)
    parser.Parse(xml, bool(xml))
    return lines


_LONG_TAG = re.compile(rb"<[^<>]{1024}")
#: Records smaller than this cannot hold enough attributes to do harm, so they are not looked through.
_LARGE_RECORD = 32 << 10


def check_limits(element: etree._Element, xml: bytes, limits: Limits, line: int) -> None:
    """Raise SourceFault for an element of a parsed record that has too many attributes or is nested too deep."""
    if len(xml) > _LARGE_RECORD and _LONG_TAG.search(xml):
        for each in element.iter(etree.Element):
            if len(each.attrib) > limits.attributes:
                raise SourceFault(f"An element has more than {limits.attributes} attributes.", line + line_in(each) - 1)
    if limits.depth < _PARSER_DEPTH:
        level = 0
        for event, each in etree.iterwalk(element, events=("start", "end")):
            level += 1 if event == "start" else -1
            if level > limits.depth:
                raise SourceFault(f"Elements are nested more than {limits.depth} deep.", line + line_in(each) - 1)
