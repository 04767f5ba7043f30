"""Which list holds for which attribute or text, under which vocabulary: read off the description of the standard."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iati.standard import Coded, Element


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One list for one place."""

    path: str  #: of the element, from the document element: ``/iati-activities/iati-activity/sector``
    attribute: str  #: name of the attribute, or ``text()``
    codelist: str
    vocabulary: str | None = None  #: the list holds for this ``vocabulary`` only; None: always
    default: bool = False  #: it holds without a ``vocabulary`` too


#: The standard names this vocabulary of aid types but publishes no list for it; it stands wherever its sibling does.
_MODALITY = ("EarmarkingCategory", "EarmarkingModality", "3")


@cache
def conditions() -> tuple[Condition, ...]:
    """Every list at every place, in the order of the standard."""
    from iati.standard import DOCUMENTS, places  # here, so that who only looks up codes need not load the description

    return tuple(
        condition
        for document in DOCUMENTS
        for path, element in places(document.root)
        for name, codes in _coded(element)
        for code in codes
        for condition in _conditions(path, name, code)
    )


def lookup(path: str, attribute: str, vocabulary: str | None = None) -> str | None:
    """The list that a value must come from, or None when any value is allowed.

    ``lookup("/iati-activities/iati-activity/sector", "code", "2")`` is ``"SectorCategory"``. An absent vocabulary is
    None; the text of an element is the attribute ``text()``.
    """
    return _by_place().get((path, attribute, None)) or _by_place().get((path, attribute, vocabulary or ""))


def _coded(element: Element) -> list[tuple[str, tuple[Coded, ...]]]:
    found = [(each.name, element.codes_of(each)) for each in element.shape.attributes]
    if element.shape.text is not None:
        found.append(("text()", element.codes.get("text", ())))
    return found


def _conditions(path: str, attribute: str, code: Coded) -> list[Condition]:
    found = [
        Condition(
            path=path, attribute=attribute, codelist=code.codelist, vocabulary=code.vocabulary, default=code.default
        )
    ]
    sibling, modality, vocabulary = _MODALITY
    if code.codelist == sibling:
        found.append(Condition(path=path, attribute=attribute, codelist=modality, vocabulary=vocabulary))
    return found


@cache
def _by_place() -> dict[tuple[str, str, str | None], str]:
    """(path, attribute, vocabulary) → list; the vocabulary is None when it does not matter, "" when it is absent."""
    table: dict[tuple[str, str, str | None], str] = {}
    for condition in conditions():
        table[condition.path, condition.attribute, condition.vocabulary] = condition.codelist
        if condition.default:
            table[condition.path, condition.attribute, ""] = condition.codelist
    return table
