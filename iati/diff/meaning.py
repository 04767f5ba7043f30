"""What an element means, apart from how it is written: two elements are the same when their meanings are equal texts.

The description of the standard says which values are decimals, dates, booleans or languages and what an absent
attribute stands for. Order among the children of an IATI element carries no meaning; inside elements of other
namespaces it is kept, since nothing is known about them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from functools import cache

from lxml import etree

from iati.lexical import LexicalError, parse_boolean, parse_datetime, parse_decimal, parse_integer
from iati.standard import DOCUMENTS, Element, Type

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
STAMP = "last-updated-datetime"
#: Attributes of a record that speak for other places; what they stand for is compared there.
RECORD_DEFAULTS = (XML_LANG, "default-currency")

Reader = Callable[[str], str]

# XML allows none of these characters, so no value can imitate the structure.
_NODE, _ATTRIBUTE, _VALUE, _TEXT, _CHILD, _END = "\x01", "\x02", "\x03", "\x04", "\x05", "\x06"


def _words(text: str) -> str:
    return " ".join(text.split())


def _decimal(text: str) -> str:
    try:
        value = parse_decimal(text) or Decimal(0)
    except LexicalError:
        return _words(text)
    whole, _, fraction = format(value, "f").partition(".")
    fraction = fraction.rstrip("0")
    plain = f"{whole}.{fraction}" if fraction else whole
    return "0" if plain in {"-0", "0"} else plain


def _boolean(text: str) -> str:
    try:
        return "1" if parse_boolean(text) else "0"
    except LexicalError:
        return _words(text)


def _integer(text: str) -> str:
    try:
        return str(parse_integer(text))
    except LexicalError:
        return _words(text)


def _day(text: str) -> str:
    return re.sub(r"[+-]00:00\Z", "Z", _words(text))


def _moment(text: str) -> str:
    try:
        value = parse_datetime(text)
    except LexicalError:
        return _words(text)
    if value is None or value.tzinfo is None:
        return _words(text) if value is None else value.isoformat()
    try:
        return value.astimezone(UTC).isoformat()
    except OverflowError:
        return _words(text)


def _language(text: str) -> str:
    return _words(text).lower()


_READERS: Mapping[Type, Reader] = {
    Type.DECIMAL: _decimal,
    Type.BOOLEAN: _boolean,
    Type.INT: _integer,
    Type.NON_NEGATIVE: _integer,
    Type.POSITIVE: _integer,
    Type.DATE: _day,
    Type.DATETIME: _moment,
    Type.LANGUAGE: _language,
}

#: Measured values are texts in the standard, but numbers in nearly all files; other texts stay texts.
_MEASURED = {("baseline", "value"), ("target", "value"), ("actual", "value")}
#: What the standard takes an absent attribute for, beside a vocabulary and what a record's defaults say.
_ASSUMED = {
    ("budget", "type"): "1",
    ("planned-disbursement", "type"): "1",
    **{
        (budget, "status"): "1"
        for budget in (
            "budget",
            "total-budget",
            "recipient-org-budget",
            "recipient-region-budget",
            "recipient-country-budget",
        )
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """How the attributes, the text and the children of one element of the standard are to be read."""

    readers: Mapping[str, Reader]  #: by attribute, as lxml names it; those not listed are plain text
    text: Reader
    assumed: Mapping[str, str]  #: attribute → value meant when it is absent
    inherited: Mapping[str, str]  #: attribute → the record's attribute that speaks for it when it is absent
    children: Mapping[str, Place]
    repeatable: bool
    known: bool = True  #: False inside elements that the standard does not describe: there, order is kept


_UNKNOWN = Place(readers={}, text=_words, assumed={}, inherited={}, children={}, repeatable=True, known=False)


@cache
def record_place(name: str) -> Place:
    """The place of a record element: ``iati-activity`` or ``iati-organisation``."""
    for document in DOCUMENTS:
        if document.record.name == name:
            return _place(document.record, is_record=True)
    raise KeyError(name)


def _place(element: Element, *, is_record: bool = False) -> Place:
    shape = element.shape
    readers: dict[str, Reader] = {}
    assumed: dict[str, str] = {}
    inherited: dict[str, str] = {}
    for attribute in shape.attributes:
        name = XML_LANG if attribute.type is Type.LANGUAGE else attribute.name
        measured = (element.name, name) in _MEASURED
        readers[name] = _decimal if measured else _READERS.get(attribute.type, _words)
        if any(code.default for code in element.codes_of(attribute)):
            assumed["vocabulary"] = "1"
        if (element.name, name) in _ASSUMED:
            assumed[name] = _ASSUMED[element.name, name]
        if name == "currency":
            inherited[name] = "default-currency"
        elif name == XML_LANG and not is_record:
            inherited[name] = XML_LANG
    return Place(
        readers=readers,
        text=_READERS.get(shape.text, _words) if shape.text else _words,
        assumed=assumed,
        inherited=inherited,
        children={child.name: _place(child) for child in shape.elements},
        repeatable=element.repeatable,
    )


@dataclass(kw_only=True, slots=True)
class Node:
    """An element with its meaning; the element itself is kept to quote from."""

    element: etree._Element
    place: Place
    tag: str
    attributes: Mapping[str, str]  #: values as they are meant, assumed and inherited ones included
    text: str
    children: tuple[Node, ...]
    meaning: str = field(repr=False)


def node_of(record: etree._Element, *, ignore_stamp: bool = False) -> Node:
    """The meaning of a whole record. ``ignore_stamp`` leaves out the time of its last update.

    The record's defaults are not part of its meaning: they act where they are inherited.
    """
    place = record_place(str(record.tag))
    defaults = {name: str(record.get(name)) for name in RECORD_DEFAULTS if record.get(name) is not None}
    left_out = {*RECORD_DEFAULTS, STAMP} if ignore_stamp else set(RECORD_DEFAULTS)
    return _node(record, place, defaults, left_out)


def foreign_meaning(element: etree._Element) -> str:
    """The meaning of an element that the standard does not describe."""
    return _node(element, _UNKNOWN, {}).meaning


def stated_defaults(record: etree._Element) -> tuple[str | None, ...]:
    """The record's own language and currency, in the order of `RECORD_DEFAULTS`, None for one that is not stated."""
    language, currency = (record.get(name) for name in RECORD_DEFAULTS)
    return (None if language is None else _language(str(language)), None if currency is None else _words(str(currency)))


def defaults_differ(old: Iterable[str | None], new: Iterable[str | None]) -> bool:
    """A default counts as changed where both state it; one that is only stated by one of them may have moved."""
    return any(a is not None and b is not None and a != b for a, b in zip(old, new, strict=True))


def _node(element: etree._Element, place: Place, defaults: Mapping[str, str], left_out: Iterable[str] = ()) -> Node:
    attributes = dict(place.assumed)
    for name, default in place.inherited.items():
        if default in defaults:
            attributes[name] = place.readers[name](defaults[default])
    readers = place.readers
    for key, value in element.attrib.items():
        name = str(key)
        attributes[name] = readers.get(name, _words)(str(value))
    for name in left_out:
        attributes.pop(name, None)
    children = tuple(
        _node(child, place.children.get(str(child.tag), _UNKNOWN), defaults)
        for child in element
        if isinstance(child.tag, str)
    )
    words = (element.text or "") + "".join(child.tail or "" for child in element)
    text = place.text(words) if words else ""
    tag = str(element.tag)
    meanings = [child.meaning for child in children]
    if place.known:
        meanings.sort()
    meaning = "".join(
        (
            _NODE,
            tag,
            *(f"{_ATTRIBUTE}{name}{_VALUE}{attributes[name]}" for name in sorted(attributes)),
            _TEXT,
            text,
            *(_CHILD + each for each in meanings),
            _END,
        )
    )
    return Node(
        element=element, place=place, tag=tag, attributes=attributes, text=text, children=children, meaning=meaning
    )
