"""Repairs of a record that cannot be wrong: what they change says nothing.

* children that stand in another order than the standard's are put into it;
* white space that XML does not know as such (no-break and zero-width spaces, byte-order marks) is taken from around
  dates, numbers and other typed values, and from between elements; around dates that of XML too, which the programs
  that check files do not take there;
* an element without any content (no text, no value of an attribute, and nothing but such elements inside) is taken out
  where the standard does not allow it to be empty and does not ask for it.

None of these stands in a record that follows the schema. White space around a code may, and is taken by itself
(:func:`trim_codes`): what is left is on the list that the standard names for its place, and what stood there is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from lxml import etree

from iati import codelists
from iati.lexical import BLANKS, SPACES
from iati.reading import XML_LANG
from iati.source_tree import line_in
from iati.standard import DOCUMENTS, Coded, Element, Foreign, Shape, Type
from iati.values import fault_of

#: Types whose values hold no white space that means something, and that an empty text is no value of.
_TYPED: Final = frozenset(
    {Type.DECIMAL, Type.DATE, Type.DATETIME, Type.BOOLEAN, Type.INT, Type.NON_NEGATIVE, Type.POSITIVE, Type.NMTOKEN}
)
#: Types around whose values libxml2 allows no white space at all, though XML Schema does.
_BARE: Final = frozenset({Type.DATE, Type.DATETIME})
_RECORDS: Final = {document.record.name: document.record.shape for document in DOCUMENTS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """One thing that was mended."""

    line: int  #: of the record's text, from 1
    path: str  #: XPath from the record, as it was before
    message: str


def repair(record: etree._Element) -> list[Repair]:
    """Mends a record of the standard in place, and tells what was done."""
    shape = _RECORDS.get(str(record.tag))
    return [] if shape is None else list(_mend(record, shape))


def trim_codes(record: etree._Element) -> list[Repair]:
    """Takes white space from around codes in place where it keeps them from being codes, and tells where it did."""
    repairs = []
    for element, name, code in _loose_codes(record):
        if name is None:
            element.text = code
            repairs.append(_told(element, f"White space was taken from around the value of <{element.tag}>."))
        else:
            element.set(_key(name), code)
            repairs.append(_told(element, f"White space was taken from around {name} of <{element.tag}>."))
    return repairs


def has_loose_codes(record: etree._Element) -> bool:
    """Whether :func:`trim_codes` would find any."""
    return next(_loose_codes(record), None) is not None


#: an element, the attribute of it whose code has white space around it, or None for its text, and the code
_Loose: TypeAlias = tuple[etree._Element, str | None, str]


def _loose_codes(record: etree._Element) -> Iterator[_Loose]:
    place = next((document.record for document in DOCUMENTS if document.record.name == record.tag), None)
    if place is not None:
        yield from _loose_codes_at(record, place)


def _loose_codes_at(element: etree._Element, place: Element) -> Iterator[_Loose]:
    for described in place.shape.attributes:
        value, coded = element.get(_key(described.name)), place.codes_of(described)
        if value and coded and (code := _bare_code(value, coded, element)) is not None:
            yield element, described.name, code
    value, coded = element.text, place.codes.get("text", ())
    if value and coded and (code := _bare_code(value, coded, element)) is not None:
        yield element, None, code
    known = {child.name: child for child in place.shape.elements}
    for child in element.iterchildren(etree.Element):
        if (inner := known.get(str(child.tag))) is not None:
            yield from _loose_codes_at(child, inner)


def _bare_code(value: str, coded: Iterable[Coded], element: etree._Element) -> str | None:
    """The code without the white space around it, where that is one and what stands there is none; else None.

    The vocabulary beside it says which lists hold.
    """
    if (code := value.strip(SPACES)) == value:
        return None
    vocabulary = element.get("vocabulary", "").strip(SPACES)
    lists = [
        codelists.code_set(each.codelist)
        for each in coded
        if each.vocabulary in (None, vocabulary) or (each.default and not vocabulary)
    ]
    return code if any(code in codes and value not in codes for codes in lists) else None


def _mend(element: etree._Element, shape: Shape) -> Iterator[Repair]:
    yield from _trim(element, shape)
    yield from _take_out_empty(element, shape)
    yield from _put_in_order(element, shape)
    known = {child.name: child.shape for child in shape.elements}
    for child in element.iterchildren(etree.Element):
        inner = known.get(str(child.tag))
        if inner is not None:
            yield from _mend(child, inner)


def _key(attribute: str) -> str:
    """The name of an attribute as a tree has it."""
    return XML_LANG if attribute == "xml:lang" else attribute


def _told(element: etree._Element, message: str) -> Repair:
    return Repair(line=line_in(element), path=str(element.getroottree().getpath(element)), message=message)


def _trim(element: etree._Element, shape: Shape) -> Iterator[Repair]:
    for described in shape.attributes:
        value = element.get(_key(described.name))
        if value and described.type in _TYPED and (bare := _trimmed(value, described.type)) is not None:
            element.set(_key(described.name), bare)
            yield _told(element, f"White space was taken from around {described.name} of <{element.tag}>.")
    if shape.text in _TYPED and element.text and (bare := _trimmed(element.text, shape.text)) is not None:
        element.text = bare
        yield _told(element, f"White space was taken from around the value of <{element.tag}>.")
    if shape.holds_elements and not shape.anything and _blank_between(element):
        yield _told(element, f"White space was taken from between the elements of <{element.tag}>.")


def _trimmed(value: str, kind: Type) -> str | None:
    """The value without the white space around it; None where it does no harm there, or the rest is no value either.

    White space of XML does harm around dates alone.
    """
    bare = value.strip(SPACES)
    harmless = bare == (value if kind in _BARE else value.strip(BLANKS))
    return None if harmless or fault_of(kind, bare) else bare


def _blank_between(element: etree._Element) -> bool:
    """Takes out texts between elements that hold nothing but such white space; whether there were any."""
    found = False
    if _only_invisible(element.text):
        element.text, found = "\n", True
    for child in element:
        if _only_invisible(child.tail):
            child.tail, found = "\n", True
    return found


def _only_invisible(text: str | None) -> bool:
    return bool(text and text.strip(BLANKS) and not text.strip(SPACES))


def _take_out_empty(element: etree._Element, shape: Shape) -> Iterator[Repair]:
    described = {child.name: child for child in shape.elements}
    for child in list(element.iterchildren(etree.Element)):
        place = described.get(str(child.tag))
        if place is None or _says_something(child) or not _wrong(child, place.shape):
            continue
        if place.required and not _has_another(element, child):
            continue
        yield _told(child, f"<{child.tag}> held nothing and was taken out of <{element.tag}>.")
        _remove(child)


def _has_another(parent: etree._Element, child: etree._Element) -> bool:
    return any(each is not child and _says_something(each) for each in parent.iterchildren(str(child.tag)))


def _says_something(element: etree._Element) -> bool:
    if any(str(value).strip(SPACES) for value in element.values()):
        return True
    texts = (element.text, *(child.tail for child in element))
    if any(text and text.strip(SPACES) for text in texts):
        return True
    return any(_says_something(child) for child in element.iterchildren(etree.Element))


def _wrong(element: etree._Element, shape: Shape) -> bool:
    """Whether an element that says nothing breaks the schema, rather than being allowed to be empty."""
    if shape.text in _TYPED or any(
        each.required
        if (value := element.get(_key(each.name))) is None
        else each.type in _TYPED and not value.strip(SPACES)
        for each in shape.attributes
    ):
        return True
    inner = {child.name: child for child in shape.elements}
    present = [str(child.tag) for child in element]
    if any(child.required and child.name not in present for child in shape.elements):
        return True
    return any(_wrong(child, inner[str(child.tag)].shape) for child in element if str(child.tag) in inner)


def _remove(child: etree._Element) -> None:
    """Takes an element out; text after it stays."""
    parent = child.getparent()
    if parent is None:
        return
    if child.tail and child.tail.strip(SPACES):
        before = child.getprevious()
        if before is None:
            parent.text = (parent.text or "") + child.tail
        else:
            before.tail = (before.tail or "") + child.tail
    parent.remove(child)


def _put_in_order(element: etree._Element, shape: Shape) -> Iterator[Repair]:
    if not shape.children:
        return
    children = list(element)
    ranks = _ranks(children, shape)
    if ranks == sorted(ranks):
        return
    first = next(child for child, rank, later in zip(children[1:], ranks[1:], ranks, strict=False) if rank < later)
    yield _told(first, f"The elements of <{element.tag}> were put into the order of the standard.")
    ordered = sorted(zip(ranks, children, strict=True), key=lambda pair: pair[0])
    element[:] = [child for _, child in ordered]


def _ranks(children: list[etree._Element], shape: Shape) -> list[int]:
    """The place of each child in the standard's order; what has none stays behind its predecessor."""
    order = {child.name: at for at, child in enumerate(shape.children) if isinstance(child, Element)}
    beside = shape.beside_foreign
    foreign = next((at for at, child in enumerate(shape.children) if isinstance(child, Foreign)), len(order))
    ranks: list[int] = []
    for child in children:
        name = child.tag if isinstance(child.tag, str) else ""
        if name.startswith("{"):
            # foreign elements may alternate with the repeatable ones before them
            alternating = beside is not None and ranks and ranks[-1] == order[beside.name]
            ranks.append(ranks[-1] if alternating else foreign)
        else:
            ranks.append(order.get(name, ranks[-1] if ranks else 0))
    return ranks
