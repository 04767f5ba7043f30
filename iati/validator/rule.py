"""What a rule is, what the checks of one record know, and where they report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from iati.findings import Severity
from iati.validator.ecma import to_instant

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.hints import Hints

#: What a check becomes when it is bound to its rule: it looks at one element and reports to the scope.
Bound = Callable[["etree._Element", "Scope"], None]

#: Element names from the record downwards; the empty place is the record itself.
Place = tuple[str, ...]


class Check(Protocol):
    """Something to be true of an element. A check is data: its parameters say all there is to it."""

    def bind(self, rule: Rule) -> Bound:
        """The function that looks at one element for a rule."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """One rule of the standard, of its codelists, or of our own."""

    id: str
    severity: Severity
    category: str
    #: the elements it looks at, from the record downwards; several where one rule holds for several places
    places: tuple[Place, ...] = ((),)
    check: Check | None = None  #: None for rules that the reading of the file itself decides
    advice: str  #: the sentence of its findings; names in braces are filled with what was found
    #: the rule only looks at indicators with one of these measures
    measures: tuple[str, ...] = ()
    #: child elements without which it finds nothing, so that it need not be asked; empty: always asked
    needs: tuple[str, ...] = ()
    #: which records it is for
    record: str = "iati-activity"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a validation is told from outside."""

    as_of: date
    publishers: frozenset[str]  #: identifiers of organisations registered as publishers
    prefixes: frozenset[str]  #: prefixes of organisation identifiers, such as ``GB-COH``
    hints: Hints | None = None  #: what the file seems to hold

    @property
    def now(self) -> float:
        """The last instant of the day of validation, in milliseconds since 1970: that day is never in the future."""
        return datetime.combine(self.as_of, time(23, 59, 59, 999000), UTC).timestamp() * 1000


class Value(NamedTuple):
    """A value and where it stands."""

    element: etree._Element
    attribute: str | None  #: None: the element's text
    text: str


class Hit(NamedTuple):
    """A rule that does not hold at a place."""

    rule: Rule
    element: etree._Element
    attribute: str | None  #: the attribute at fault, as ``@name``
    values: Mapping[str, object]  #: what fills the rule's advice


class Period(NamedTuple):
    """The first ``period-start`` and ``period-end`` of an element that have dates."""

    start: etree._Element
    end: etree._Element
    begins: float  #: milliseconds since 1970
    ends: float


class Scope:
    """One record under validation. Groups its children once for all rules that ask for them."""

    __slots__ = (
        "_periods",
        "_shares",
        "gathered",
        "hints",
        "hits",
        "kids",
        "now",
        "prefixes",
        "publishers",
        "record",
        "references",
        "relied_on",
        "today",
        "values",
        "waiting",
        "xml",
    )

    def __init__(self, settings: Settings) -> None:
        self.now = settings.now
        self.today = settings.as_of.isoformat()
        self.publishers = settings.publishers
        self.prefixes = settings.prefixes
        hints = settings.hints
        self.hints = hints.identifiers if hints else frozenset()
        #: references that have to wait for the end of the file, being former identifiers; None: all have to
        self.waiting = hints.former if hints else None

    def enter(self, record: etree._Element, xml: bytes, kids: dict[str, list[etree._Element]]) -> None:
        """Begin with a record, the text it was parsed from, and its children by name."""
        self.record = record
        self.xml = xml
        self.kids = kids
        self.hits: list[Hit] = []
        #: values of the record by the path at which checks look for them
        self.values: dict[str, Sequence[Value]] = {}
        #: hints that references of this record lead to
        self.relied_on: set[str] = set()
        #: references to activities that may not exist: rule, element, attribute, identifier
        self.references: list[tuple[Rule, etree._Element, str, str]] = []
        #: children of transactions that rules of the activity look at, by ``transaction/name``
        self.gathered: dict[str, list[etree._Element]] = {}
        self._periods: dict[etree._Element, Period | None] = {}
        self._shares: dict[str, dict[str | None, list[etree._Element]]] = {}

    def add(self, rule: Rule, element: etree._Element, attribute: str | None = None, **values: object) -> None:
        """Report that a rule does not hold at an element or its attribute."""
        self.hits.append(Hit(rule, element, attribute, values))

    def period(self, element: etree._Element) -> Period | None:
        """The period of a budget or the like; None where one of its dates is missing or no date."""
        try:
            return self._periods[element]
        except KeyError:
            found = self._periods[element] = _period(element)
            return found

    def by_vocabulary(self, name: str) -> dict[str | None, list[etree._Element]]:
        """The record's children of a name, grouped by the text of their vocabulary (None where it is absent)."""
        found = self._shares.get(name)
        if found is None:
            found = self._shares[name] = {}
            for element in self.kids.get(name, ()):
                found.setdefault(element.get("vocabulary"), []).append(element)
        return found

    def met(self, path: str) -> list[etree._Element]:
        """The elements at ``name`` or ``transaction/name`` below the record, in document order."""
        if "/" not in path:
            return self.kids.get(path, [])
        return self.gathered.get(path, [])


def _period(element: etree._Element) -> Period | None:
    start = end = None
    for child in element:
        if start is None and child.tag == "period-start" and child.get("iso-date") is not None:
            start = child
        elif end is None and child.tag == "period-end" and child.get("iso-date") is not None:
            end = child
    if start is None or end is None:
        return None
    begins, ends = to_instant(start.get("iso-date", "")), to_instant(end.get("iso-date", ""))
    return None if begins is None or ends is None else Period(start, end, begins, ends)
