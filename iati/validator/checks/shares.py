"""Checks of percentages and of how often a vocabulary is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from iati.validator.ecma import sum_equals, sum_in_words, to_number, xpath_number

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.rule import Bound, Rule, Scope

#: Which elements are taken together: those of the default vocabulary 1, those of each other one, those of each.
Grouping = Literal["default", "others", "each"]

_DEFAULT = (None, "", "1")
Groups = Callable[["Scope"], Iterable[tuple[str, "list[etree._Element]"]]]


@dataclass(frozen=True)
class Shared:
    """Children of the record that share a whole by percentages."""

    name: str
    grouping: Grouping = "each"
    #: the percentages stand on these children of the children
    items: str | None = None
    #: children of another name that take part in every group
    along: str | None = None
    #: only where there are no children of this name
    without: str | None = None

    @property
    def of_shares(self) -> str | None:
        """The name of the children on whose vocabularies and percentages alone the groups depend; None: on more."""
        return None if self.items or self.along or self.without else self.name

    def groups(self, scope: Scope) -> Iterable[tuple[str, list[etree._Element]]]:
        """Each vocabulary with its elements, in the order in which vocabularies appear."""
        if self.without and scope.kids.get(self.without):
            return
        if self.grouping == "default":
            elements = [each for each in scope.kids.get(self.name, ()) if each.get("vocabulary") in _DEFAULT]
            if elements:
                yield "1", elements
            return
        for vocabulary, elements in scope.by_vocabulary(self.name).items():
            if vocabulary is None or (self.grouping == "others" and vocabulary == "1"):
                continue
            if self.items:
                yield vocabulary, [item for each in elements for item in each.iterchildren(self.items)]
            else:
                yield vocabulary, elements


@dataclass(frozen=True)
class AllCountries:
    """The record's recipient countries, as one group, where it has no regions."""

    name: str = "recipient-country"
    along: str | None = None
    of_shares: None = None

    def groups(self, scope: Scope) -> Iterable[tuple[str, list[etree._Element]]]:
        """One group, without vocabulary."""
        elements = scope.kids.get(self.name, [])
        if elements and not scope.kids.get("recipient-region"):
            yield "", elements


@dataclass(frozen=True)
class _OfGroups:
    """A check of groups of children."""

    of: Shared | AllCountries

    @property
    def of_shares(self) -> str | None:
        """The children on whose vocabularies and percentages alone the check depends."""
        return self.of.of_shares


@dataclass(frozen=True)
class SumTo100(_OfGroups):
    """The percentages of a group add up to 100, where the group has more than one member."""

    #: count members by their percentages instead of by themselves
    counted_by_percentage: bool = False

    def bind(self, rule: Rule) -> Bound:
        def check(_element: etree._Element, scope: Scope) -> None:
            for vocabulary, elements in self.of.groups(scope):
                along = scope.kids.get(self.of.along, []) if self.of.along else []
                members = [*elements, *along]
                texts = [text for each in members if (text := each.get("percentage")) is not None]
                if (len(texts) if self.counted_by_percentage else len(members)) < 2:
                    continue
                fits, total = sum_equals(texts, 100)
                if not fits:
                    scope.add(rule, members[0], vocabulary=vocabulary, sum=sum_in_words(total))

        return check


@dataclass(frozen=True)
class AllHavePercentage(_OfGroups):
    """Every member of a group has a percentage, where it has more than one; ``one_is_enough`` asks for any."""

    one_is_enough: bool = False

    def bind(self, rule: Rule) -> Bound:
        def check(_element: etree._Element, scope: Scope) -> None:
            for vocabulary, elements in self.of.groups(scope):
                if len(elements) < 2:
                    continue
                lacking = [each for each in elements if each.get("percentage") is None]
                if self.one_is_enough and len(lacking) < len(elements):
                    continue
                for each in lacking:
                    scope.add(rule, each, vocabulary=vocabulary)

        return check


@dataclass(frozen=True)
class OnlyOneIs100(_OfGroups):
    """The only member of a group has no percentage, or 100."""

    def bind(self, rule: Rule) -> Bound:
        def check(_element: etree._Element, scope: Scope) -> None:
            for vocabulary, elements in self.of.groups(scope):
                if len(elements) != 1:
                    continue
                text = elements[0].get("percentage")
                if text is not None and xpath_number(text) != 100:
                    scope.add(rule, elements[0], "percentage", vocabulary=vocabulary, value=text)

        return check


@dataclass(frozen=True)
class InRange:
    """Percentages lie between 0 and 100."""

    name: str
    items: str | None = None

    @property
    def of_shares(self) -> str | None:
        """The children on whose vocabularies and percentages alone the check depends."""
        return None if self.items else self.name

    def bind(self, rule: Rule) -> Bound:
        def check(_element: etree._Element, scope: Scope) -> None:
            for each in scope.kids.get(self.name, ()):
                for element in each.iterchildren(self.items) if self.items else (each,):
                    text = element.get("percentage")
                    if text is not None and not 0 <= to_number(text) <= 100:
                        scope.add(rule, element, "percentage", value=text)

        return check


@dataclass(frozen=True)
class OnePerVocabulary:
    """A name occurs at most once for the default vocabulary, or for each vocabulary whose number is not 1."""

    name: str
    grouping: Literal["default", "others"]

    @property
    def of_shares(self) -> str:
        """The children on whose vocabularies and percentages alone the check depends."""
        return self.name

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            members = scope.kids.get(self.name, ()) if element is scope.record else element.iterchildren(self.name)
            groups: dict[str, list[etree._Element]] = {}
            for each in members:
                vocabulary = each.get("vocabulary")
                if self.grouping == "default":
                    if vocabulary in _DEFAULT:
                        groups.setdefault("1", []).append(each)
                elif vocabulary is not None and xpath_number(vocabulary) != 1:
                    groups.setdefault(vocabulary, []).append(each)
            for vocabulary, found in groups.items():
                if len(found) > 1:
                    scope.add(rule, found[1], vocabulary=vocabulary, count=len(found))

        return check


@dataclass(frozen=True)
class DefaultVocabularyToo:
    """Where a name occurs at all it occurs with the default vocabulary 1 too."""

    path: str  #: ``sector``, or ``transaction/aid-type`` for all transactions together

    @property
    def of_shares(self) -> str | None:
        """The children on whose vocabularies and percentages alone the check depends."""
        return None if "/" in self.path else self.path

    def bind(self, rule: Rule) -> Bound:
        def check(_element: etree._Element, scope: Scope) -> None:
            found = scope.met(self.path)
            if found and all(each.get("vocabulary") not in _DEFAULT for each in found):
                scope.add(rule, found[0], vocabulary=found[0].get("vocabulary"))

        return check
