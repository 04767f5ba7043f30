"""A very small path language for the values that checks look at.

``reporting-org/@ref`` names attributes of children, ``iati-identifier`` the text of children, ``@ref`` an attribute of
the element itself; a step may ask for a type: ``activity-date[@type='1']/@iso-date``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from iati.validator.rule import Value

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.rule import Scope

_STEP = re.compile(r"([a-z-]+)(?:\[@type='([A-Z0-9]+)'\])?\Z")


Select = Callable[["etree._Element", "Scope"], Iterator[Value]]


def own_attribute(path: str) -> str | None:
    """The attribute's name when a path names an attribute of the element itself."""
    return path[1:] if path.startswith("@") else None


def text_of(element: etree._Element) -> str:
    """All text in an element, its descendants' included."""
    if not len(element):
        return element.text or ""
    return "".join(cast("Iterator[str]", element.itertext()))


def select(path: str) -> Select:
    """The function that finds the values at a path, in document order."""
    *names, last = path.split("/")
    attribute = own_attribute(last)
    if attribute is None:
        names.append(last)
    steps = [_STEP.match(name) for name in names]
    parsed = [(step[1], step[2]) for step in steps if step]

    def find(element: etree._Element, scope: Scope) -> Iterator[Value]:
        for each in _descend(element, parsed, scope):
            if attribute is None:
                yield Value(each, None, text_of(each))
            else:
                value = each.get(attribute)
                if value is not None:
                    yield Value(each, attribute, value)

    return find


Values = Callable[["etree._Element", "Scope"], Sequence[Value]]


def select_all(path: str) -> Values:
    """The function that lists the values at a path; those of the record are looked for once for all rules."""
    find = select(path)

    def listed(element: etree._Element, scope: Scope) -> Sequence[Value]:
        if element is not scope.record:
            return tuple(find(element, scope))
        found = scope.values.get(path)
        if found is None:
            found = scope.values[path] = tuple(find(element, scope))
        return found

    return listed


First = Callable[["etree._Element", "Scope"], Value | None]


def select_first(path: str) -> First:
    """The function that finds the first attribute at a path, without looking at the rest."""
    find = select(path)
    *names, last = path.split("/")
    step = _STEP.match(names[0]) if len(names) == 1 else None
    if not step or not last.startswith("@"):
        return lambda element, scope: next(find(element, scope), None)
    name, wanted, attribute = step[1], step[2], last[1:]

    def first(element: etree._Element, scope: Scope) -> Value | None:
        for child in scope.kids.get(name, ()) if element is scope.record else element.iterchildren(name):
            if wanted is None or child.get("type") == wanted:
                value = child.get(attribute)
                if value is not None:
                    return Value(child, attribute, value)
        return None

    return first


def _descend(element: etree._Element, steps: list[tuple[str, str | None]], scope: Scope) -> Iterator[etree._Element]:
    if not steps:
        yield element
        return
    (name, wanted), *rest = steps
    for child in scope.kids.get(name, ()) if element is scope.record else element.iterchildren(name):
        if wanted is None or child.get("type") == wanted:
            if rest:
                yield from _descend(child, rest, scope)
            else:
                yield child
