"""Text into XML and foreign XML into text: the one place that escapes, and the one that carries other namespaces.

Elements and attributes of other namespaces are kept as text with the prefixes of their source, because a prefix is
part of canonical XML and may be spoken of in values.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar
from xml.parsers import expat

from lxml import etree

XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
#: Marks a namespace declaration while it is carried as an attribute; see :func:`expose_declarations`.
DECLARATION = "urn:earmark:declaration"

Node = TypeVar("Node")

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED_IN_ATTRIBUTES = re.compile("[^\x20!#-%'-;=?-~]").search
_NAME = re.compile(r"[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?\Z").match
_ATTRIBUTE_NAME = etree.XPath("name(@*[$at])")


class UnwritableText(ValueError):
    """A text that no XML document can hold. ``place`` tells where in the record, once that is known."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place


def text(value: str) -> str:
    """A value as it stands between tags. Raises UnwritableText for characters that XML cannot hold."""
    if "&" in value:
        value = value.replace("&", "&amp;")
    if "<" in value:
        value = value.replace("<", "&lt;")
    if ">" in value:
        value = value.replace(">", "&gt;")
    if not value.isprintable():
        refuse_unwritable(value)
        value = value.replace("\r", "&#13;")
    return value


def attribute(value: str) -> str:
    """A value as it stands between double quotes. Raises UnwritableText for characters that XML cannot hold."""
    if not _ESCAPED_IN_ATTRIBUTES(value):
        return value
    return text(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def refuse_unwritable(value: str) -> None:
    """Raise UnwritableText when a value holds a character that XML 1.0 does not know."""
    found = _UNWRITABLE.search(value)
    if found:
        raise UnwritableText(f"the character U+{ord(found[0]):04X} cannot stand in XML; remove it")


def foreign_attributes(pairs: tuple[tuple[str, str], ...]) -> str:
    """Attributes of other namespaces as they stand in a start tag, a blank before each."""
    for name, _ in pairs:
        if not _NAME(name):
            raise UnwritableText(f"{name!r} is not a name that an attribute can have")
    return "".join([f' {name}="{attribute(value)}"' for name, value in pairs])


def foreign_element(xml: str) -> str:
    """The XML of a foreign element, once it is known to be well formed on its own."""
    refuse_unwritable(xml)
    parser = expat.ParserCreate()
    try:
        parser.Parse(f"<x>{xml}</x>".encode(), True)  # noqa: FBT003 - the parser's only way to say "the end"
    except expat.ExpatError as error:
        raise UnwritableText(f"foreign content is not well-formed XML ({expat.ErrorString(error.code)})") from error
    return xml


def alternate(
    children: Sequence[Node],
    write: Callable[[Node, str, str, list[str]], None],
    name: str,
    foreign: Sequence[str],
    places: Sequence[int],
    pad: str,
    out: list[str],
) -> None:
    """Write children of one name with foreign elements between them: ``places`` says after how many each stands."""
    waiting = sorted(zip(places, foreign, strict=False), key=lambda pair: pair[0])
    waiting += [(len(children), xml) for xml in foreign[len(places) :]]
    done = 0
    for at, child in enumerate(children):
        while done < len(waiting) and waiting[done][0] <= at:
            out.append(pad + foreign_element(waiting[done][1]))
            done += 1
        write(child, name, pad, out)
    out.extend([pad + foreign_element(xml) for _, xml in waiting[done:]])


def attribute_names(element: etree._Element) -> list[str]:
    """The names of an element's attributes as written, with their prefixes, in the order of ``items()``."""
    names = []
    for at, name in enumerate(element.keys(), start=1):
        bare = str(name)
        if bare[0] != "{":
            names.append(bare)
        elif bare.startswith("{" + DECLARATION):
            prefix = bare[len(DECLARATION) + 2 :]
            names.append(f"xmlns:{prefix}")
        else:
            names.append(str(_ATTRIBUTE_NAME(element, at=at)))
    return names


def expose_declarations(record: etree._Element) -> None:
    """Turn namespace declarations on the standard's elements below a record into attributes, so that they are read.

    lxml tells which prefixes are in scope, not where they were declared; canonical XML cares.
    """
    found: list[tuple[etree._Element, str, str]] = []

    def visit(element: etree._Element, scope: dict[str | None, str]) -> None:
        for child in element:
            if isinstance(child.tag, str) and child.tag[0] != "{":
                inner = child.nsmap
                if inner != scope:
                    own = ((prefix, uri) for prefix, uri in inner.items() if prefix and scope.get(prefix) != uri)
                    found.extend((child, str(prefix), uri) for prefix, uri in own)
                visit(child, inner)

    visit(record, record.nsmap)
    for element, prefix, uri in found:
        element.set(f"{{{DECLARATION}}}{prefix}", uri)


def serialise(element: etree._Element, *, tail: bool = False) -> str:
    """A foreign element with all it holds as XML text, prefixes and declarations as in its source.

    Prefixes that it inherits are not declared again. Comments and processing instructions are left out.
    """
    parts: list[str] = []
    parent = element.getparent()
    _serialise(element, {} if parent is None else parent.nsmap, parts)
    if tail and element.tail:
        parts.append(text(element.tail))
    return "".join(parts)


def _serialise(element: etree._Element, scope: dict[str | None, str], parts: list[str]) -> None:
    name = str(element.tag).rpartition("}")[2]
    if element.prefix:
        name = f"{element.prefix}:{name}"
    head = [f"<{name}"]
    inner = element.nsmap
    if inner != scope:
        for prefix, uri in sorted(inner.items(), key=lambda pair: pair[0] or ""):
            if scope.get(prefix) != uri and uri != DECLARATION:
                head.append(f' xmlns{":" + prefix if prefix else ""}="{attribute(uri or "")}"')
    values = [str(value) for value in element.values()]
    head.extend(f' {key}="{attribute(value)}"' for key, value in zip(attribute_names(element), values, strict=True))
    parts.append("".join(head))
    inside = len(parts)
    parts.append(">")
    if element.text:
        parts.append(text(element.text))
    for child in element:
        if isinstance(child.tag, str):
            _serialise(child, inner, parts)
        if child.tail:
            parts.append(text(child.tail))
    if len(parts) == inside + 1:
        parts[inside] = "/>"
    else:
        parts.append(f"</{name}>")
