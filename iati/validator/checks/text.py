"""Checks of identifiers and other texts: spaces, forbidden symbols, prefixes, presence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from iati.validator.checks.paths import own_attribute, select_all
from iati.validator.ecma import SPACES

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.rule import Bound, Rule, Scope

_SYMBOLS = frozenset("/&|?")


@dataclass(frozen=True)
class NoSpaces:
    """A value neither begins nor ends with white space."""

    path: str

    @property
    def of_value(self) -> str | None:
        """The attribute on whose value alone the check depends."""
        return own_attribute(self.path)

    def bind(self, rule: Rule) -> Bound:
        name = own_attribute(self.path)
        find = select_all(self.path)

        def own(element: etree._Element, scope: Scope) -> None:
            value = element.get(name or "")
            if value is not None and value != value.strip(SPACES):
                scope.add(rule, element, name, **_spaces(value))

        def general(element: etree._Element, scope: Scope) -> None:
            for found in find(element, scope):
                if found.text != found.text.strip(SPACES):
                    scope.add(rule, found.element, found.attribute, **_spaces(found.text))

        return own if name else general


def _spaces(value: str) -> dict[str, str]:
    """The value as it is meant, and where white space stands beside it."""
    before, after = value != value.lstrip(SPACES), value != value.rstrip(SPACES)
    where = "before and after" if before and after else "before" if before else "after"
    return {"value": value.strip(SPACES), "where": where}


@dataclass(frozen=True)
class NoSymbols:
    """An identifier holds none of the symbols ``/ & | ?``, unless a register vouches for it.

    ``unless="publisher"``: the value is that of a registered publisher; ``"publisher-prefix"``: it begins with one and
    a hyphen. One value that is vouched for excuses the others at the same place.
    """

    path: str
    unless: Literal["publisher", "publisher-prefix"] = "publisher"

    @property
    def of_value(self) -> str | None:
        """The attribute on whose value alone the check depends."""
        return own_attribute(self.path)

    def bind(self, rule: Rule) -> Bound:
        find = select_all(self.path)
        name = own_attribute(self.path)
        excused = _is_publisher if self.unless == "publisher" else _begins_with_publisher

        def own(element: etree._Element, scope: Scope) -> None:
            value = element.get(name or "")
            if value and not _SYMBOLS.isdisjoint(value) and not excused(value, scope):
                scope.add(rule, element, name, value=value)

        def general(element: etree._Element, scope: Scope) -> None:
            found = find(element, scope)
            faulty = [each for each in found if not _SYMBOLS.isdisjoint(each.text)]
            if faulty and not any(excused(each.text, scope) for each in found):
                for each in faulty:
                    scope.add(rule, each.element, each.attribute, value=each.text)

        return own if name else general


@dataclass(frozen=True)
class KnownPrefix:
    """An organisation identifier is that of a registered publisher or begins with a known prefix such as ``GB-COH``."""

    path: str

    def bind(self, rule: Rule) -> Bound:
        find = select_all(self.path)

        def check(element: etree._Element, scope: Scope) -> None:
            found = find(element, scope)
            if any(each.text in scope.publishers for each in found):
                return
            for each in found:
                if "-".join([*each.text.split("-"), "undefined"][:2]) not in scope.prefixes:
                    scope.add(rule, each.element, each.attribute, value=each.text)

        return check


@dataclass(frozen=True)
class BeginsWith:
    """A value begins with one of several others and a separator."""

    path: str
    prefixes: tuple[str, ...]
    separator: str

    def bind(self, rule: Rule) -> Bound:
        find = select_all(self.path)
        find_prefixes = [select_all(each) for each in self.prefixes]

        def check(element: etree._Element, scope: Scope) -> None:
            allowed = tuple(found.text + self.separator for finder in find_prefixes for found in finder(element, scope))
            for found in find(element, scope):
                if not found.text.startswith(allowed):
                    reason = _how_to_begin(found.text, allowed)
                    scope.add(rule, found.element, found.attribute, value=found.text.strip(), reason=reason)

        return check


def _how_to_begin(text: str, allowed: tuple[str, ...]) -> str:
    """What to do about an identifier that begins with none of the prefixes."""
    allowed = tuple(prefix for prefix in allowed if prefix[:-1].strip())
    if not allowed:
        return "Give the reporting-org its ref, and begin the identifier with it and a hyphen."
    meant = tuple(f"{prefix[:-1].strip()}{prefix[-1]}" for prefix in allowed)
    if text.strip().startswith(meant):
        if text != text.lstrip():
            return "Remove the white space before it."
        return "Remove the white space around the ref of the reporting organisation."
    return f"Begin it with “{meant[0]}”, or name the former organisation identifier in an other-identifier of type B1."


@dataclass(frozen=True)
class Distinct:
    """The values at all paths together differ from one another."""

    paths: tuple[str, ...]

    def bind(self, rule: Rule) -> Bound:
        finders = [select_all(path) for path in self.paths]

        def check(element: etree._Element, scope: Scope) -> None:
            found = [each for find in finders for each in find(element, scope)]
            if len(found) > len({each.text for each in found}):
                scope.add(rule, found[-1].element, found[-1].attribute, value=found[-1].text)

        return check


class RefOrNarrative:
    """An organisation is named by a ``ref`` or a narrative."""

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            if element.get("ref") is None and element.find("narrative") is None:
                scope.add(rule, element)

        return check


class NarrativeText:
    """A narrative in the element holds text; white space counts as text."""

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            for child in element:
                if child.tag == "narrative" and (child.text or any(below.tail for below in child)):
                    return
            scope.add(rule, element)

        return check


def _is_publisher(value: str, scope: Scope) -> bool:
    return value in scope.publishers


def _begins_with_publisher(value: str, scope: Scope) -> bool:
    at = value.find("-")
    while at >= 0:
        if value[:at] in scope.publishers:
            return True
        at = value.find("-", at + 1)
    return False
