"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from iati.findings import Severity

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.scope import Scope

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
