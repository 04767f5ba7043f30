"""Where a record breaks the schema, each place as a sentence that says what to do.

The schema processor names what it met and what it could have gone on with. What to do about it follows from the
description of the standard: whether an element is missing, stands twice, stands in a wrong place or is none at all.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple, cast

from lxml import etree

from iati.complaints import in_namespace
from iati.lexical import LexicalError, parse_date, parse_datetime
from iati.standard import DOCUMENTS, Element, Shape, places


class SchemaFault(NamedTuple):
    """A place that breaks the schema."""

    line: int  #: of the text that was validated, from 1
    path: str  #: XPath from its root
    message: str


def schema_faults(schema: etree.XMLSchema, tree: etree._Element) -> Iterator[SchemaFault]:
    """What the schema found when it validated a tree last, each place and sentence once."""
    seen = set()
    for entry in cast("Iterable[etree._LogEntry]", schema.error_log):
        path = str(getattr(entry, "path", "") or "")
        fault = SchemaFault(entry.line, path, _sentence(entry, _at(tree, path)))
        if fault not in seen:
            seen.add(fault)
            yield fault


def _at(tree: etree._Element, path: str) -> etree._Element | None:
    if not path:
        return None
    prefixes = {prefix: uri for prefix, uri in tree.nsmap.items() if prefix}
    if path.count(":"):
        prefixes.update((prefix, uri) for each in tree.iter() for prefix, uri in each.nsmap.items() if prefix)
    try:
        found = tree.getroottree().xpath(path, namespaces=prefixes)
    except etree.XPathError:
        # a prefix that is declared nowhere is part of the name, which XPath does not know
        return None
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else None


_SUBJECT = re.compile(r"Element '([^']*)'(?:, attribute '([^']*)')?: (.*)\Z", re.DOTALL)
_NAMESPACED = re.compile(r"(?:\{([^{}]*)\})?(.*)\Z", re.DOTALL)
_EXPECTED = re.compile(r"Expected is (?:one of )?\( ([^)]*) \)\.")
_REQUIRED = re.compile(r"The attribute '([^']*)' is required but missing\.")
_FACET = re.compile(r"\[facet '[a-zA-Z]+'\] ")
_VALUE = re.compile(r"(?:The value )?'(.*)' is not a valid value of the [a-z ]*type(?: '([^']*)')?\.\Z", re.DOTALL)
_FACET_VALUE = re.compile(r"The value '(.*?)' (?:is|has|must|does) (.*)\Z", re.DOTALL)
_LIMIT = re.compile(r"'([^']*)'\)?\.?\Z")
_SET = re.compile(r"of the set \{(.*)\}", re.DOTALL)
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
#: Types around whose values libxml2 allows no white space, and what reads such a value.
_BARE: Final[Mapping[str, Callable[[str], object]]] = {"xs:date": parse_date, "xs:dateTime": parse_datetime}
#: Characters of a value or text that are shown.
_LONGEST = 100
#: so much of what a processor says is told
_LONGEST_SAID = 300
#: Elements that are named as expected.
_MOST_NAMED = 8


class _Place(NamedTuple):
    """What a complaint of the schema processor is about."""

    name: str  #: of the element, without namespace
    uri: str  #: its namespace; empty: none
    attribute: str | None  #: with ``xml:`` where it is one of those
    text: str  #: the complaint itself
    node: etree._Element | None

    @property
    def told(self) -> str:
        """The place in words."""
        return f"<{self.name}>" if self.attribute is None else f"{self.attribute} of <{self.name}>"


def _sentence(entry: etree._LogEntry, node: etree._Element | None) -> str:
    subject = _SUBJECT.match(entry.message)
    if not subject:
        return f"The schema is broken here (the schema processor says: “{entry.message.strip()}”)."
    element, attribute, text = subject.groups()
    uri, name = _split(element)
    place = _Place(name, uri, None if attribute is None else _attribute_name(attribute), text, node)
    wording = _WORDINGS.get(entry.type_name.removeprefix("SCHEMAV_"))
    return wording(place) if wording else _unnamed(place)


def _unnamed(place: _Place) -> str:
    said = place.text.strip()
    said = said if len(said) <= _LONGEST_SAID else f"{said[:_LONGEST_SAID]}…"
    return f"Correct {place.told}: it does not follow the standard (the schema processor says: “{said}”)."


def _split(name: str) -> tuple[str, str]:
    found = _NAMESPACED.match(name)
    return (found[1] or "", found[2]) if found else ("", name)


def _attribute_name(name: str) -> str:
    uri, bare = _split(name)
    return f"xml:{bare}" if uri.endswith("/XML/1998/namespace") else bare


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


# --- elements -----------------------------------------------------------------------------------------------------


def _content(place: _Place) -> str:
    if place.text.startswith("Missing child element"):
        return _incomplete(place)
    return _unexpected(place)


def _incomplete(place: _Place) -> str:
    shape = _shape_of(place.node)
    missing = [] if shape is None or place.node is None else _absent(place.node, shape.elements)
    names = missing or _expected(place.text)
    if not names:
        return f"<{place.name}> is not complete; the standard requires more elements in it."
    return f"Add {_listed(names)} to <{place.name}>; the standard requires {'it' if len(names) == 1 else 'them'} there."


def _unexpected(place: _Place) -> str:
    if ":" in place.name:
        prefix = place.name.partition(":")[0]
        return f'The prefix of <{place.name}> is declared nowhere: add xmlns:{prefix}="…" to the root, or remove it.'
    node = place.node
    parent = None if node is None else node.getparent()
    shape = _shape_of(parent)
    if node is None or parent is None or shape is None:
        return f"Remove or move <{place.name}>; the standard does not have it here.{_or_expected(place.text)}"
    order = {each.name: at for at, each in enumerate(shape.elements)}
    if place.uri and place.name in order:
        return in_namespace(place.name, place.uri, node.prefix)
    if place.uri:
        return (
            f"Move <{place.name}>, which is no element of IATI (namespace “{place.uri}”), behind all elements of IATI "
            f"in <{_bare(parent)}>, or remove it."
        )
    if place.name not in order:
        return _stranger(place, _bare(parent), list(order))
    described = shape.elements[order[place.name]]
    if not described.repeatable and next(node.itersiblings(place.name, preceding=True), None) is not None:
        return f"<{place.name}> stands more than once in <{_bare(parent)}>; the standard allows one. Keep one of them."
    missing = _absent(parent, shape.elements[: order[place.name]])
    if missing:
        return f"Add {_listed(missing)} before <{place.name}>; the standard requires it in <{_bare(parent)}>."
    behind = [each for each in node.itersiblings(preceding=True) if order.get(str(each.tag), -1) > order[place.name]]
    if behind:
        return f"Move <{place.name}> before <{_bare(behind[-1])}>: {_in_order(parent, shape)}"
    ahead = [each for each in node.itersiblings() if order.get(str(each.tag), order[place.name]) < order[place.name]]
    where = f" behind <{_bare(ahead[-1])}>" if ahead else ""
    return f"Move <{place.name}>{where}: {_in_order(parent, shape)}"


def _stranger(place: _Place, parent: str, known: list[str]) -> str:
    alike = difflib.get_close_matches(place.name.lower(), known, n=1, cutoff=0.8)
    if alike:
        return f"<{place.name}> is no element of the standard in <{parent}>; perhaps <{alike[0]}> is meant."
    elsewhere = _parents_of(place.name)
    if elsewhere:
        return f"Remove <{place.name}> from <{parent}>; the standard has it in {_listed(elsewhere, 'or')}."
    return f"Remove <{place.name}>; the standard has no such element."


def _absent(parent: etree._Element, children: Iterable[Element]) -> list[str]:
    """Names of required children that an element does not have at all."""
    present = {str(each.tag) for each in parent}
    return [each.name for each in children if each.required and each.name not in present]


def _in_order(parent: etree._Element, shape: Shape) -> str:
    """The order of the children that an element has."""
    present = {str(each.tag) for each in parent}
    names = [f"<{each.name}>" for each in shape.elements if each.name in present]
    if len(names) > _MOST_NAMED:
        return f"the elements of <{_bare(parent)}> stand in a fixed order."
    return f"the order in <{_bare(parent)}> is {', '.join(names)}."


def _or_expected(text: str) -> str:
    names = _expected(text)
    return f" Expected here: {', '.join(f'<{name}>' for name in names)}." if names else ""


def _expected(text: str) -> list[str]:
    found = _EXPECTED.search(text)
    if not found:
        return []
    names = (_split(name.strip())[1] for name in found[1].split(","))
    return list(dict.fromkeys(name for name in names if not name.endswith("*")))


def _listed(names: Iterable[str], word: str = "and") -> str:
    told = [f"<{name}>" for name in names]
    if len(told) > _MOST_NAMED:
        return f"{', '.join(told[:_MOST_NAMED])} {word} others"
    return f" {word} ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _bare(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


@cache
def _shapes() -> Mapping[tuple[str, ...], Shape]:
    """What the standard allows at each place, by the names from the root down; records also stand by themselves."""
    found: dict[tuple[str, ...], Shape] = {}
    for document in DOCUMENTS:
        for path, element in (*places(document.root), *places(document.record)):
            found[tuple(path.strip("/").split("/"))] = element.shape
    return found


@cache
def _parents_of(name: str) -> tuple[str, ...]:
    """Names of the elements in which the standard has an element of this name."""
    return tuple(dict.fromkeys(path[-2] for path in _shapes() if len(path) > 1 and path[-1] == name))


def _shape_of(element: etree._Element | None) -> Shape | None:
    if element is None:
        return None
    names = [str(each.tag) for each in (element, *element.iterancestors())]
    return _shapes().get(tuple(reversed(names)))


def _root(place: _Place) -> str:
    if place.uri:
        return in_namespace(place.name, place.uri, None if place.node is None else place.node.prefix)
    return f"<{place.name}> is no element that the standard has at this place."


# --- texts and values ---------------------------------------------------------------------------------------------


def _stray_text(place: _Place) -> str:
    texts = [] if place.node is None else [place.node.text, *(each.tail for each in place.node)]
    stray = next((text for text in texts if text and text.strip()), "")
    told = f" “{_short(stray)}”" if stray else ""
    return f"Remove the text{told} that stands directly in <{place.name}>; only elements may stand there."


def _not_empty(place: _Place) -> str:
    return f"Leave <{place.name}> empty; the standard allows nothing inside."


def _only_text(place: _Place) -> str:
    return f"Take the elements out of <{place.name}>; only text may stand there."


def _value(place: _Place) -> str:
    found = _VALUE.match(_FACET.sub("", place.text))
    if not found:
        return _unnamed(place)
    kind = _TYPES.get(found[2] or "", "a value of the kind that the standard asks for")
    if place.attribute == "xml:lang":
        kind = _TYPES["xs:language"]
    if found[1] != (bare := found[1].strip()) and _is_right(bare, found[2]):
        return f"Take the white space from around {place.told}, which is “{bare}”."
    shown = f"instead of “{_short(found[1])}”" if found[1].strip() else "; it is empty"
    return f"Write {kind} for {place.told}{shown if shown[0] == ';' else ' ' + shown}."


def _is_right(bare: str, kind: str | None) -> bool:
    """Whether a text is a value of its type but for the white space that was around it."""
    try:
        return kind is not None and kind in _BARE and _BARE[kind](bare) is not None
    except LexicalError:
        return False


def _facet(kind: str) -> Callable[[_Place], str]:
    """A value outside the bounds of its type; ``kind``: what the bound asks for, with ``{limit}``."""

    def wording(place: _Place) -> str:
        text = _FACET.sub("", place.text)
        found, limit = _FACET_VALUE.match(text), _LIMIT.search(text)
        if not found or not limit:
            return _unnamed(place)
        return f"Write {kind.format(limit=limit[1])} for {place.told} instead of “{_short(found[1])}”."

    return wording


def _one_of(place: _Place) -> str:
    text = _FACET.sub("", place.text)
    found, allowed = _FACET_VALUE.match(text), _SET.search(text)
    if not found or not allowed:
        return _unnamed(place)
    return f"Write one of {allowed[1]} for {place.told} instead of “{_short(found[1])}”."


# --- attributes ---------------------------------------------------------------------------------------------------


def _missing_attribute(place: _Place) -> str:
    found = _REQUIRED.match(place.text)
    if not found:
        return _unnamed(place)
    return f"Add the attribute {_attribute_name(found[1])} to <{place.name}>; the standard requires it."


def _foreign_attribute(place: _Place) -> str:
    return f"Remove {place.told}; the standard has no such attribute there."


def _xsi(place: _Place) -> str:
    return f"Remove the attribute xsi:type or xsi:nil of <{place.name}>; the standard does not use it so."


_WORDINGS: Final[Mapping[str, Callable[[_Place], str]]] = {
    "ELEMENT_CONTENT": _content,
    "CVC_ELT_1": _root,
    "CVC_COMPLEX_TYPE_2_1": _not_empty,
    "CVC_COMPLEX_TYPE_2_2": _only_text,
    "CVC_COMPLEX_TYPE_2_3": _stray_text,
    "CVC_COMPLEX_TYPE_2_4": _unexpected,
    "CVC_TYPE_3_1_2": _only_text,
    "CVC_DATATYPE_VALID_1_2_1": _value,
    "CVC_DATATYPE_VALID_1_2_2": _value,
    "CVC_DATATYPE_VALID_1_2_3": _value,
    "CVC_ENUMERATION_VALID": _one_of,
    "CVC_PATTERN_VALID": _facet("a value of the form {limit}"),
    "CVC_LENGTH_VALID": _facet("a text of {limit} characters"),
    "CVC_MINLENGTH_VALID": _facet("a text of at least {limit} characters"),
    "CVC_MAXLENGTH_VALID": _facet("a text of at most {limit} characters"),
    "CVC_MININCLUSIVE_VALID": _facet("a number of {limit} or more"),
    "CVC_MAXINCLUSIVE_VALID": _facet("a number of {limit} or less"),
    "CVC_MINEXCLUSIVE_VALID": _facet("a number above {limit}"),
    "CVC_MAXEXCLUSIVE_VALID": _facet("a number below {limit}"),
    "CVC_TOTALDIGITS_VALID": _facet("a number of at most {limit} digits"),
    "CVC_FRACTIONDIGITS_VALID": _facet("a number with at most {limit} decimals"),
    "CVC_COMPLEX_TYPE_4": _missing_attribute,
    "CVC_COMPLEX_TYPE_3_1": _foreign_attribute,
    "CVC_COMPLEX_TYPE_3_2_1": _foreign_attribute,
    "CVC_COMPLEX_TYPE_3_2_2": _foreign_attribute,
    "CVC_TYPE_3_1_1": _foreign_attribute,
    "CVC_ELT_3_1": _xsi,
    "CVC_ELT_3_2_1": _xsi,
    "CVC_ELT_4_1": _xsi,
    "CVC_ELT_4_2": _xsi,
    "CVC_ELT_4_3": _xsi,
}
