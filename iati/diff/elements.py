"""What differs between two records of the same identifier, element by element."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from iati.diff.identity import identify, keys_of, same_when_alone
from iati.diff.meaning import RECORD_DEFAULTS, XML_LANG, Node, defaults_differ, node_of, stated_defaults
from iati.source import Fragment, parse_fragment

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One value or element that is not the same in both."""

    kind: Kind
    path: (
        str  #: below the record: ``transaction/value/@currency``, ``title/narrative/text()``; an element for whole ones
    )
    identity: str  #: which of the elements on the way: ``transaction ref "T1", type "3"``; empty when there is one only
    old: str | None  #: as written in the old file; for a whole element its XML
    new: str | None
    old_line: int | None  #: line of the old file on which the element begins
    new_line: int | None
    language: str = ""  #: of a text: what it names, or takes from its record; empty: neither says one


def compare_records(old: Fragment, new: Fragment, *, ignore_stamp: bool = False) -> tuple[Difference, ...]:
    """Everything that differs between two records, in the order of the standard's children."""
    before, after = parse_fragment(old), parse_fragment(new)
    walk = _Walk(old=old, new=new)
    found = list(_defaults(walk, before, after))
    found.extend(walk.compare(node_of(before, ignore_stamp=ignore_stamp), node_of(after, ignore_stamp=ignore_stamp)))
    return tuple(found)


def _defaults(walk: _Walk, before: etree._Element, after: etree._Element) -> Iterator[Difference]:
    for name, old, new in zip(RECORD_DEFAULTS, stated_defaults(before), stated_defaults(after), strict=True):
        if defaults_differ([old], [new]):
            yield walk.difference((), f"@{_readable(name)}", before, after, str(before.get(name)), str(after.get(name)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """One element on the way down, with what tells it from its siblings."""

    tag: str
    identity: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Walk:
    """A walk down two records at once."""

    old: Fragment
    new: Fragment

    def compare(self, old: Node, new: Node, steps: tuple[_Step, ...] = ()) -> Iterator[Difference]:
        """What differs between two elements that stand for the same thing."""
        if not new.place.known:
            yield self.difference(steps, "", old.element, new.element, _xml(old.element), _xml(new.element))
            return
        yield from self._values(old, new, steps)
        by_tag: dict[str, tuple[list[Node], list[Node]]] = {tag: ([], []) for tag in new.place.children}
        for side, children in enumerate((old.children, new.children)):
            for child in children:
                by_tag.setdefault(child.tag, ([], []))[side].append(child)
        for before, after in by_tag.values():
            if before or after:
                yield from self._siblings(before, after, steps)

    def _values(self, old: Node, new: Node, steps: tuple[_Step, ...]) -> Iterator[Difference]:
        for name in sorted(old.attributes.keys() | new.attributes.keys()):
            if old.attributes.get(name) != new.attributes.get(name):
                yield self.difference(
                    steps, f"@{_readable(name)}", old.element, new.element, _quoted(old, name), _quoted(new, name)
                )
        if old.text != new.text:
            yield self.difference(
                steps, "text()", old.element, new.element, _bare(old.element.text), _bare(new.element.text)
            )

    def _siblings(self, old: Sequence[Node], new: Sequence[Node], steps: tuple[_Step, ...]) -> Iterator[Difference]:
        pairs, gone, come = _pair(*_unequal(old, new))
        for before, after in pairs:
            identity = identify(after) if len(old) > 1 or len(new) > 1 else ""
            yield from self.compare(before, after, (*steps, _Step(tag=after.tag, identity=identity)))
        for node in gone:
            yield self._whole("removed", node, steps)
        for node in come:
            yield self._whole("added", node, steps)

    def _whole(self, kind: Kind, node: Node, steps: tuple[_Step, ...]) -> Difference:
        steps = (*steps, _Step(tag=node.tag, identity=identify(node)))
        removed = kind == "removed"
        return Difference(
            kind=kind,
            path="/".join(_readable(step.tag) for step in steps),
            identity=_identity(steps),
            old=_xml(node.element) if removed else None,
            new=None if removed else _xml(node.element),
            old_line=self.old.line_of(node.element) if removed else None,
            new_line=None if removed else self.new.line_of(node.element),
            language=_language(node.element),
        )

    def difference(
        self,
        steps: tuple[_Step, ...],
        leaf: str,
        before: etree._Element,
        after: etree._Element,
        old: str | None,
        new: str | None,
    ) -> Difference:
        """A value that differs at the end of the steps."""
        return Difference(
            kind="removed" if new is None else "added" if old is None else "changed",
            path="/".join([*(_readable(step.tag) for step in steps), *([leaf] if leaf else [])]),
            identity=_identity(steps),
            old=old,
            new=new,
            old_line=self.old.line_of(before),
            new_line=self.new.line_of(after),
            language=_language(before if new is None else after),
        )


def _unequal(old: Sequence[Node], new: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """What remains of two sets of siblings when those with equal meaning are crossed out, one for one."""
    theirs = Counter(node.meaning for node in new)
    common = Counter(node.meaning for node in old) & theirs
    return _without(old, common), _without(new, common)


def _without(nodes: Iterable[Node], crossed_out: Mapping[str, int]) -> list[Node]:
    left = Counter(crossed_out)
    remaining = []
    for node in nodes:
        if left[node.meaning]:
            left[node.meaning] -= 1
        else:
            remaining.append(node)
    return remaining


def _pair(old: list[Node], new: list[Node]) -> tuple[list[tuple[Node, Node]], list[Node], list[Node]]:
    """Siblings of one name that stand for the same thing, and those that stand alone on either side.

    The strictest key is tried first. An element that may occur only once is the same whatever it holds.
    """
    pairs: list[tuple[Node, Node]] = []
    if not old or not new:
        return pairs, old, new
    keys = keys_of(new[0].tag) if new[0].place.known else ()
    for key in keys:
        waiting: dict[tuple[str, ...], list[Node]] = defaultdict(list)
        for node in new:
            if value := key(node):
                waiting[value].append(node)
        taken: set[int] = set()
        left = []
        for node in old:
            value = key(node)
            if value and waiting[value]:
                match = waiting[value].pop(0)
                taken.add(id(match))
                pairs.append((node, match))
            else:
                left.append(node)
        old, new = left, [node for node in new if id(node) not in taken]
    if len(old) == len(new) == 1 and same_when_alone(new[0]):
        pairs.append((old.pop(), new.pop()))
    return pairs, old, new


def _identity(steps: Iterable[_Step]) -> str:
    return " › ".join(f"{_readable(step.tag)} {step.identity}" for step in steps if step.identity)


def _language(element: etree._Element) -> str:
    """The language of a text: its own, else that of what it stands in; empty where it is no text, or nothing says."""
    if element.tag != "narrative":
        return ""
    named = (each.get(XML_LANG) for each in (element, *element.iterancestors()))
    return next((str(language) for language in named if language), "")


def _readable(name: str) -> str:
    """``xml:lang`` for lxml's name of it; other foreign names stay ``{uri}name``."""
    return "xml:lang" if name == XML_LANG else name


def _quoted(node: Node, name: str) -> str | None:
    """An attribute as written, or as it is meant where it is not written."""
    written = node.element.get(name)
    return node.attributes.get(name) if written is None else str(written)


def _bare(text: str | None) -> str | None:
    return text.strip() or None if text else None


def _xml(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)
