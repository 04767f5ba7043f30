"""What the generated reader falls back on: foreign content, and everything that the standard does not provide for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, cast

from lxml import etree

from iati.markup import attribute_names, serialise, text

#: characters of lost content that are told
_LONGEST: Final = 2000
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


class Element(Protocol):
    """What the generated reader asks of an element of lxml, typed as it is for text-only input."""

    tag: str
    text: str | None
    tail: str | None
    attrib: Mapping[str, str]

    def items(self) -> list[tuple[str, str]]: ...
    def __iter__(self) -> "Iterator[Element]": ...
    def __len__(self) -> int: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something in a record that could not be read, or not where it stands."""

    #: what is wrong and what becomes of it
    message: str
    #: line of the source, from 1
    line: int
    #: XPath of the place, such as ``/iati-activities/iati-activity[3]/title``; empty where there is no place
    path: str = ""
    #: content is lost; False when it is only moved to its place in the standard's order
    lossy: bool = True
    #: official id of the rule by which a record cannot be read at all; empty where the record is read
    rule: str = ""


class Reading:
    """The reading of one record: collects what is strange.

    ``troubles`` holds what is lost as (element, message), ``moved`` what only stands in another place. ``blanks``:
    whether an element holds nothing but white space.
    """

    __slots__ = ("_commented", "_xml", "blanks", "moved", "troubles")

    def __init__(self, xml: bytes) -> None:
        self.troubles: list[tuple[Element, str]] = []
        self.moved: list[tuple[Element, str]] = []
        self.blanks = False
        self._xml = xml
        self._commented: etree._ElementTree | None = None

    @property
    def has_comments(self) -> bool:
        """Whether the text may hold comments: its elements have to stay in their places, see :meth:`blank`."""
        return b"<!--" in self._xml

    def changed(self) -> None:
        """The tree was changed before reading, so its text no longer tells about it."""
        self._xml = b""

    def other_attributes(self, element: Element, known: Collection[str] | None) -> tuple[tuple[str, str], ...]:
        """The attributes of other namespaces; unknown ones of no namespace are reported. None: everything is kept."""
        kept = []
        for name, (key, value) in zip(attribute_names(_tree(element)), element.items(), strict=True):
            if known is not None and key in known:
                continue
            if known is None or key.startswith("{"):
                kept.append((name, value))
            else:
                self.troubles.append(
                    (element, f"the attribute {name}={value[:_LONGEST]!r} is not in the standard; it is left out")
                )
        return tuple(sorted(kept))

    def other_child(
        self, child: Element, foreign: tuple[str, ...], last: int, place: int
    ) -> tuple[tuple[str, ...], int]:
        """Keep a foreign child, report an unknown one.

        ``last`` is the place in the order that was reached, ``place`` the one of foreign children. Returns the foreign
        children and the place that is reached now.
        """
        if _is_instruction(child):
            return foreign, last
        tag = child.tag
        if tag[0] != "{":
            self._leave_out(child, f"the element <{tag}> is not in the standard here; it is left out")
            return foreign, last
        if last > place:
            self.misplaced(child)
        return (*foreign, serialise(_tree(child))), place

    def foreign_only(self, element: Element) -> tuple[tuple[str, ...], str]:
        """The foreign children of an element that may hold nothing else, and its white space if that is all."""
        kept: tuple[str, ...] = ()
        if element.text and not element.text.isspace():
            self.stray(element, element.text)
        for child in element:
            kept, _ = self.other_child(child, kept, 0, 0)
            if child.tail and not child.tail.isspace():
                self.stray(child, child.tail)
        return kept, "" if kept else self.blank(element)

    def blank(self, element: Element) -> str:
        """The white space of an element that holds nothing else; empty when it holds more.

        Of white space around a comment or an instruction only what follows it counts: parsers that drop blank nodes
        drop the rest.
        """
        if not all(_is_instruction(child) for child in element):
            return ""
        node = _tree(element)
        if self.has_comments:
            node = self._with_comments(node)
        aside = node[-1].tail if len(node) else node.text
        if not aside or not aside.isspace():
            return ""
        self.blanks = True
        return aside

    def _with_comments(self, element: etree._Element) -> etree._Element:
        """The same element in a tree that has the comments too, which the usual parser leaves out."""
        if self._commented is None:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
            self._commented = etree.fromstring(self._xml, parser).getroottree()
        found = self._commented.xpath(element.getroottree().getpath(element))
        return cast("list[etree._Element]", found)[0]

    def anything(self, element: Element) -> tuple[str, tuple[str, ...]]:
        """The text before the first child, and every child with the text after it."""
        before = element.text or ""
        kept: list[str] = []
        for child in element:
            if not _is_instruction(child):
                kept.append(serialise(_tree(child), tail=True))
            elif kept:
                kept[-1] += text(child.tail or "")
            else:
                before += child.tail or ""
        return before, tuple(kept)

    def text_around(self, element: Element) -> str:
        """The text of an element that has children: processing instructions are passed over, elements reported."""
        parts = [element.text or ""]
        for child in element:
            if not _is_instruction(child):
                self._leave_out(child, f"an element cannot stand inside <{element.tag}>; it is left out")
            parts.append(child.tail or "")
        return "".join(parts)

    def misplaced(self, child: Element) -> None:
        """Report a child that stands behind children that must follow it, or repeats where one is allowed."""
        node = _tree(child)
        name = str(node.tag).rpartition("}")[2]
        told = f"{node.prefix}:{name}" if node.prefix else name
        self.moved.append((child, f"<{told}> stands behind elements that must follow it; it is moved before them"))

    def repeated(self, child: Element) -> None:
        """Report a child of which one is allowed, where the order was already at its place or beyond."""
        if next(_tree(child).itersiblings(child.tag, preceding=True), None) is None:
            self.misplaced(child)
        else:
            self._leave_out(
                child, f"<{child.tag}> occurs more than once; only the last one is kept, this one is left out"
            )

    def _leave_out(self, element: Element, message: str) -> None:
        """Report an element that is lost, with what it says, so that it can be read there."""
        if len(element) or element.text or element.items():
            message += f": {serialise(_tree(element))[:_LONGEST]}"
        self.troubles.append((element, message))

    def stray(self, element: Element, text: str) -> None:
        """Report text beside elements."""
        said = text.strip()[:_LONGEST]
        self.troubles.append((element, f"the text {said!r} cannot stand beside elements; it is left out"))

    def only(self, found: list[Element]) -> Element:
        """The last of several elements of which one is allowed; the others are reported."""
        for extra in found[:-1]:
            self._leave_out(
                extra, f"<{extra.tag}> occurs more than once; only the last one is kept, this one is left out"
            )
        return found[-1]


def _is_instruction(child: Element) -> bool:
    tag: object = child.tag
    return not isinstance(tag, str)


def _tree(element: Element) -> etree._Element:
    return cast("etree._Element", element)
