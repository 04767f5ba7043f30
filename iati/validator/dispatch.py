"""One pass over the elements of a record: each place of the standard knows the checks that look at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING

from iati.validator.checks.text import NarrativeText
from iati.validator.rule import Bound, Place, Rule
from iati.validator.rules import RULES
from iati.validator.rules.codes import TEXT, CodeFrom, in_force

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.rule import Scope

_DEFAULT = "default"
#: Children of transactions that rules of the activity look at as well.
_GATHERED = ("sector", "recipient-country", "recipient-region", "aid-type")


class Node:
    """A place of the standard: what is checked there, and the places below it.

    Lists of codes are fetched when the first element of the place is met, so that only those in use are read.
    """

    __slots__ = ("_codes", "_of_value", "checks", "children", "coded")

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.checks: list[Bound] = []
        #: attribute, values known to be fine, what to do with any other; None: not fetched yet
        self.coded: Sequence[tuple[str, Set[str], Bound]] | None = ()
        self._codes: list[Rule] = []
        self._of_value: dict[str, list[Bound]] = {}

    def below(self, place: Place) -> Node:
        """The node at a place below this one."""
        node = self
        for name in place:
            node = node.children.setdefault(name, Node())
        return node

    def add_codes(self, rule: Rule) -> None:
        """Check a value of the elements here against a codelist."""
        self._codes.append(rule)
        self.coded = None

    def add_of_value(self, attribute: str, check: Bound) -> None:
        """Check an attribute of the elements here by a check that depends on its value alone."""
        self._of_value.setdefault(attribute, []).append(check)
        self.coded = None

    def fetch(self) -> Sequence[tuple[str, Set[str], Bound]]:
        """What is known of the values of attributes here; what depends on a vocabulary becomes a check."""
        found: list[tuple[str, Set[str], Bound]] = []
        linked: dict[str, dict[str, tuple[frozenset[str], Bound]]] = {}
        for rule in self._codes:
            check = rule.check
            if not isinstance(check, CodeFrom):
                continue
            codes, report = in_force(check.codelist), check.bind(rule)
            if check.attribute == TEXT:
                self.checks.append(_code_in_text(codes, report))
            elif check.vocabulary is None:
                found.append((check.attribute, codes, report))
            else:
                lists = linked.setdefault(check.attribute, {})
                lists[check.vocabulary] = (codes, report)
                if check.default:
                    lists[_DEFAULT] = (codes, report)
        self.checks.extend(_code_by_vocabulary(attribute, lists) for attribute, lists in linked.items())
        for attribute, checks in self._of_value.items():
            fine: set[str] = set()
            found.append((attribute, fine, _remembered(attribute, fine, checks)))
        self.coded = tuple(found)
        return self.coded


class Plan:
    """All rules for one kind of record, laid out by the places they look at.

    A plan belongs to one file: it remembers values that were fine, and whether they are may depend on the file.
    ``anywhere`` is for records that break the schema: rules about all titles and descriptions then look for them in
    places where the standard has none.
    """

    __slots__ = ("_always", "_anywhere", "_needing", "_root")

    def __init__(self, record: str, *, anywhere: bool) -> None:
        self._root = Node()
        self._always: list[Bound] = []
        self._needing: dict[str, _Needing] = {}
        self._anywhere: dict[str, Bound] = {}
        for rule in RULES:
            if rule.record == record and rule.check is not None:
                self._add(rule, rule.check.bind(rule), anywhere=anywhere)
        if record == "iati-activity":
            for name in _GATHERED:
                self._root.below(("transaction", name)).checks.append(_gather(f"transaction/{name}"))

    def _add(self, rule: Rule, check: Bound, *, anywhere: bool) -> None:
        if isinstance(rule.check, CodeFrom):
            for place in rule.places:
                self._root.below(place).add_codes(rule)
        elif anywhere and isinstance(rule.check, NarrativeText):
            self._anywhere[rule.places[0][-1]] = check
        elif (attribute := getattr(rule.check, "of_value", None)) and rule.places != ((),):
            for place in rule.places:
                self._root.below(place).add_of_value(attribute, check)
        elif rule.measures:
            for place in rule.places:
                self._root.below(place).checks.append(_measured(check, frozenset(rule.measures)))
        elif rule.places == ((),):
            for name in rule.needs:
                of_shares = rule.needs == (getattr(rule.check, "of_shares", None),)
                self._needing.setdefault(name, _Needing()).add(check, of_shares=of_shares)
            if not rule.needs:
                self._always.append(check)
        else:
            for place in rule.places:
                for name in rule.needs:
                    self._root.below((*place, name)).checks.append(_once(check, name))
                if not rule.needs:
                    self._root.below(place).checks.append(check)

    def run(self, record: etree._Element, xml: bytes, scope: Scope) -> None:
        """Look at one record; what is found stands in the scope afterwards."""
        kids: dict[str, list[etree._Element]] = {}
        for child in record:
            alike = kids.get(child.tag)
            if alike is None:
                kids[child.tag] = [child]
            else:
                alike.append(child)
        scope.enter(record, xml, kids)
        _visit((record,), self._root, scope, into=False)
        for name, elements in kids.items():
            node = self._root.children.get(name)
            if node is not None:
                _visit(elements, node, scope)
        for check in self._always:
            check(record, scope)
        for name, elements in kids.items():
            needing = self._needing.get(name)
            if needing is not None:
                needing.run(record, elements, scope)
        for name, check in self._anywhere.items():
            for element in record.iter(name):
                check(element, scope)


def _visit(elements: Iterable[etree._Element], node: Node, scope: Scope, *, into: bool = True) -> None:
    coded = node.fetch() if node.coded is None else node.coded
    checks = node.checks
    children = node.children if into else {}
    for element in elements:
        for name, codes, report in coded:
            value = element.get(name)
            if value is not None and value not in codes:
                report(element, scope)
        for check in checks:
            check(element, scope)
        if not children:
            continue
        for child in element:
            below = children.get(child.tag)
            if below is None:
                continue
            coded_below = below.coded
            if coded_below is None or below.children:
                _visit((child,), below, scope)
                continue
            # What _visit does, without the call: most elements of a file come by here.
            for name, codes, report in coded_below:
                value = child.get(name)
                if value is not None and value not in codes:
                    report(child, scope)
            for check in below.checks:
                check(child, scope)


#: Values remembered of one attribute; when there are more, remembering begins anew.
_MOST_REMEMBERED = 20_000
#: Distributions among more elements are seldom alike and not remembered.
_MOST_SHARES = 16


def _remembered(attribute: str, fine: set[str], checks: list[Bound]) -> Bound:
    """Run checks that depend on a value alone, and remember the value when none of them has anything to say."""

    def check(element: etree._Element, scope: Scope) -> None:
        before = len(scope.hits) + len(scope.references)
        for each in checks:
            each(element, scope)
        if len(scope.hits) + len(scope.references) == before:
            if len(fine) >= _MOST_REMEMBERED:
                fine.clear()
            fine.add(element.get(attribute, ""))

    return check


class _Needing:
    """The checks of a record that need children of one name.

    Some of them depend only on the vocabularies and percentages of these children. As records share alike, a
    distribution about which nothing was found once is not looked at by them again.
    """

    __slots__ = ("_checks", "_fine", "_other")

    def __init__(self) -> None:
        self._checks: list[Bound] = []
        self._other: list[Bound] = []  #: those that depend on more
        self._fine: set[tuple[str | None, ...]] = set()

    def add(self, check: Bound, *, of_shares: bool) -> None:
        """Add a check; ``of_shares`` if it depends on vocabularies and percentages alone."""
        self._checks.append(check)
        if not of_shares:
            self._other.append(check)

    def run(self, record: etree._Element, elements: Sequence[etree._Element], scope: Scope) -> None:
        """Look at a record that has such children."""
        if len(self._checks) == len(self._other) or len(elements) > _MOST_SHARES:
            for check in self._checks:
                check(record, scope)
            return
        shares = tuple([each.get(name) for each in elements for name in ("vocabulary", "percentage")])
        if shares in self._fine:
            for check in self._other:
                check(record, scope)
            return
        before = len(scope.hits)
        for check in self._checks:
            check(record, scope)
        if len(scope.hits) == before:
            if len(self._fine) >= _MOST_REMEMBERED:
                self._fine.clear()
            self._fine.add(shares)


def _code_in_text(codes: frozenset[str], report: Bound) -> Bound:
    def check(element: etree._Element, scope: Scope) -> None:
        if (element.text or "") not in codes:
            report(element, scope)

    return check


def _code_by_vocabulary(attribute: str, lists: dict[str, tuple[frozenset[str], Bound]]) -> Bound:
    def check(element: etree._Element, scope: Scope) -> None:
        value = element.get(attribute)
        if value is not None:
            found = lists.get(element.get("vocabulary") or _DEFAULT)
            if found is not None and value not in found[0]:
                found[1](element, scope)

    return check


def _measured(check: Bound, measures: frozenset[str]) -> Bound:
    def guarded(element: etree._Element, scope: Scope) -> None:
        indicator = element.getparent()
        if indicator is not None and indicator.tag == "period":
            indicator = indicator.getparent()
        if indicator is not None and indicator.get("measure") in measures:
            check(element, scope)

    return guarded


def _once(check: Bound, name: str) -> Bound:
    """The check of a parent, asked when the first of its children of a name is met."""

    def guarded(element: etree._Element, scope: Scope) -> None:
        parent = element.getparent()
        if parent is not None and parent.find(name) is element:
            check(parent, scope)

    return guarded


def _gather(path: str) -> Bound:
    def check(element: etree._Element, scope: Scope) -> None:
        scope.gathered.setdefault(path, []).append(element)

    return check
