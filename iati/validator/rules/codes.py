"""Rules that check values against codelists, read from the table beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib import resources
from typing import TYPE_CHECKING, cast

from iati.codelists import codes
from iati.codelists.store import state
from iati.lexical import SPACES
from iati.validator.rule import Place, Rule
from iati.validator.rules.own import WITHDRAWN_CODE

if TYPE_CHECKING:
    from lxml import etree

    from iati.findings import Severity
    from iati.validator.rule import Bound, Scope

TEXT = "text()"
_COLUMNS = 8
_ADVICE = "“{value}” is no code of the list {codelist}. Use one that is{hint}."


@dataclass(frozen=True)
class CodeFrom:
    """A value is a code of a list. Withdrawn codes pass, with a finding of our own."""

    attribute: str  #: or ``text()``
    codelist: str
    vocabulary: str | None = None  #: the list holds for this vocabulary only
    default: bool = False  #: it holds without a vocabulary too

    def bind(self, rule: Rule) -> Bound:
        # of one file: lists may be refreshed while a program goes on
        withdrawn = cache(partial(_withdrawn, self.codelist))

        def report(element: etree._Element, scope: Scope) -> None:
            """Report an element whose value is not in force; it is withdrawn, or no code at all."""
            text = self.attribute == TEXT
            value = (element.text or "") if text else element.get(self.attribute, "")
            attribute = None if text else self.attribute
            if value in withdrawn():
                scope.add(WITHDRAWN_CODE, element, attribute, value=value, codelist=self.codelist)
            else:
                if value.strip(SPACES) in in_force(self.codelist):
                    hint = ", without the white space around it"
                    scope.add(rule, element, attribute, value=value, codelist=self.codelist, hint=hint)
                    return
                hint = f", or name the vocabulary it is from instead of {self.vocabulary}" if self.vocabulary else ""
                scope.add(rule, element, attribute, value=value, codelist=self.codelist, hint=hint)

        return report


def in_force(codelist: str) -> frozenset[str]:
    """The codes of a list that have not been withdrawn, as the lists stand now."""
    return _in_force(codelist, state())


@lru_cache(maxsize=512)
def _in_force(codelist: str, _state: str) -> frozenset[str]:
    return frozenset(codes(codelist)) - _withdrawn(codelist)


def _withdrawn(codelist: str) -> frozenset[str]:
    return frozenset(code.code for code in codes(codelist).values() if code.status == "withdrawn")


def _rules() -> tuple[Rule, ...]:
    text = resources.files(__package__).joinpath("codes.tsv").read_text(encoding="utf-8")
    return tuple(_rule(line.split("\t")) for line in text.splitlines() if not line.startswith("#"))


def _rule(row: list[str]) -> Rule:
    id_, severity, category, path, attribute, codelist, vocabulary, default = row + [""] * (_COLUMNS - len(row))
    check = CodeFrom(attribute, codelist, vocabulary or None, bool(default))
    record, places = _place(path)
    return Rule(
        id=id_,
        severity=cast("Severity", severity),
        category=category,
        places=places,
        check=check,
        advice=_ADVICE,
        record=record,
    )


def _place(path: str) -> tuple[str, tuple[Place, ...]]:
    """The record and the place in it of an XPath; no place where the path leads nowhere.

    Three official rows lead nowhere: the versions of the roots, one of them misspelt, are judged before any code is,
    and the language of every element is asked for at the root of everything, which is no element.
    """
    _empty, root, *steps = path.split("/")
    if not steps:
        return "iati-organisation" if root == "organisations" else "iati-activity", ()
    return steps[0], (tuple(steps[1:]),)


CODE_RULES = _rules()
