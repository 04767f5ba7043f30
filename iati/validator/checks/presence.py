"""Checks of what must, or must not, be there beside something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from iati.validator.ecma import xpath_number

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.rule import Bound, Rule, Scope

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class StartDate:
    """An activity has a planned (1) or an actual (2) start."""

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            if not any(each.get("type") in {"1", "2"} for each in scope.kids.get("activity-date", ())):
                scope.add(rule, element, "activity-date")

        return check


@dataclass(frozen=True)
class AnyOf:
    """At least one of several places below the record is used."""

    paths: tuple[str, ...]

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            if not any(scope.met(path) for path in self.paths):
                scope.add(rule, element)

        return check


@dataclass(frozen=True)
class HasAttribute:
    """An element of one of some vocabularies has an attribute."""

    name: str
    vocabularies: tuple[str | None, ...] | None = None  #: None: any

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            if element.get(self.name) is None and (
                self.vocabularies is None or element.get("vocabulary") in self.vocabularies
            ):
                scope.add(rule, element)

        return check


@dataclass(frozen=True)
class HasNarrative:
    """An element of one vocabulary has a narrative."""

    vocabulary: str

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            if element.get("vocabulary") == self.vocabulary and element.find("narrative") is None:
                scope.add(rule, element)

        return check


class OwnSectorsNamed:
    """There are at least as many narratives as sectors of the reporter's own vocabularies 98 and 99."""

    def bind(self, rule: Rule) -> Bound:
        def check(_element: etree._Element, scope: Scope) -> None:
            own = [
                each for each in scope.kids.get("sector", ()) if xpath_number(each.get("vocabulary", "")) in {98, 99}
            ]
            named = [sum(1 for _ in each.iterchildren("narrative")) for each in own]
            if sum(named) < len(own):
                for each, count in zip(own, named, strict=True):
                    if not count:
                        scope.add(rule, each, code=each.get("code"), vocabulary=each.get("vocabulary"))

        return check


@dataclass(frozen=True)
class DefaultOrEach:
    """The record has a default, or every element that could carry the value carries it."""

    default: str  #: attribute of the record, as lxml names it
    names: tuple[str, ...]  #: elements anywhere below the record
    attribute: str

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            if element.get(self.default) is None:
                for each in element.iterdescendants(*self.names):
                    if each.get(self.attribute) is None:
                        scope.add(rule, each)

        return check


@dataclass(frozen=True)
class ActivityOrEachTransaction:
    """A child stands at the activity, or in every transaction."""

    name: str

    def bind(self, rule: Rule) -> Bound:
        def check(_element: etree._Element, scope: Scope) -> None:
            if self.name not in scope.kids:
                for each in scope.kids.get("transaction", ()):
                    if each.find(self.name) is None:
                        scope.add(rule, each)

        return check


@dataclass(frozen=True)
class NotAtBothLevels:
    """Children of these names stand at the activity or in its transactions, not at both."""

    names: tuple[str, ...]

    def bind(self, rule: Rule) -> Bound:
        def check(_element: etree._Element, scope: Scope) -> None:
            if any(name in scope.kids for name in self.names):
                below = [each for name in self.names for each in scope.met(f"transaction/{name}")]
                if below:
                    scope.add(rule, below[0])

        return check


class RecipientInEachTransaction:
    """Without a recipient country or region at the activity, every transaction has one."""

    def bind(self, rule: Rule) -> Bound:
        def check(_element: etree._Element, scope: Scope) -> None:
            if "recipient-country" in scope.kids or "recipient-region" in scope.kids:
                return
            for each in scope.kids.get("transaction", ()):
                if each.find("recipient-country") is None and each.find("recipient-region") is None:
                    scope.add(rule, each)

        return check


@dataclass(frozen=True)
class Never:
    """A rule that its own text disarms in the official validator. Listed, so that the table is complete."""

    because: str

    def bind(self, rule: Rule) -> Bound:  # noqa: ARG002 - all checks are bound alike
        def check(element: etree._Element, scope: Scope) -> None:
            """Find nothing."""

        return check


class ReferenceAtOneLevel:
    """References stand at the result or at its indicators, not at both."""

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            own = element.find("reference")
            result = element.getparent()
            if own is not None and result is not None and result.find("reference") is not None:
                scope.add(rule, own)

        return check


@dataclass(frozen=True)
class MeasuredValue:
    """What an indicator's measure demands of the values of its baseline, targets and actuals."""

    demand: Literal["present", "number", "absent"]

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            value = element.get("value")
            if self.demand == "absent":
                wrong = value is not None
            elif self.demand == "present":
                wrong = value is None
            else:
                # A missing value is no number either, so this rule speaks up beside the one that misses the value.
                number = xpath_number(value or "")
                wrong = number != number
            if wrong:
                scope.add(rule, element, None if value is None else "value", value="" if value is None else value)

        return check
