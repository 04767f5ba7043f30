"""Differences between what was public and what is to be, in words an officer reads.

``actual end date added (2026-03-31); 3 transactions added, sum USD 1,250.00; title changed in fr``
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from app.domain.money import exact_sum
from iati import codelists
from iati.diff import Difference
from iati.lexical import LexicalError, parse_decimal

#: of a text that neither names a language nor takes one from its record
_DEFAULT_LANGUAGE = "the default language"
_DATES = {"1": "planned start date", "2": "actual start date", "3": "planned end date", "4": "actual end date"}
#: elements by the words of the field; others are called by their names without hyphens
_NAMES = {
    "activity-status": "status",
    "contact-info": "contact",
    "default-aid-type": "default aid type",
    "default-finance-type": "default finance type",
    "default-flow-type": "default flow type",
    "default-tied-status": "default tied status",
    "document-link": "document",
    "humanitarian-scope": "humanitarian scope",
    "iati-identifier": "identifier",
    "other-identifier": "other identifier",
    "participating-org": "participating organisation",
    "policy-marker": "policy marker",
    "recipient-country": "country",
    "recipient-region": "region",
    "related-activity": "related activity",
    "reporting-org": "reporting organisation",
}
_PLURALS = {"country": "countries", "status": "statuses", "default tied status": "default tied statuses"}
#: elements that are counted, with the sum of their values
_MONEY = frozenset({
    "transaction", "budget", "planned-disbursement", "total-budget", "total-expenditure", "recipient-country-budget",
    "recipient-org-budget", "recipient-region-budget",
})  # fmt: skip
#: of single elements: the attribute that a person knows them by
_KNOWN_BY = {
    "recipient-country": "code",
    "recipient-region": "code",
    "sector": "code",
    "policy-marker": "code",
    "related-activity": "ref",
    "tag": "code",
    "activity-status": "code",
}
_LONGEST = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Vanished:
    """A whole element that was public and is not in the new record."""

    #: "document" or "element"
    what: str
    words: str


def in_words(differences: Iterable[Difference], currency: str = "") -> list[str]:
    """What changed in a record: alike changes of money counted together, the rest one by one.

    ``currency``: of amounts that name none.
    """
    added: dict[str, list[etree._Element]] = defaultdict(list)
    removed: dict[str, list[etree._Element]] = defaultdict(list)
    lines: list[str] = []
    changed_money: Counter[str] = Counter()
    for each in differences:
        name = each.path.partition("/")[0]
        whole = _whole(each)
        if whole is not None and name in _MONEY:
            (added if each.kind == "added" else removed)[name].append(whole)
        elif whole is not None:
            lines.append(described(whole, each.kind, each.language))
        elif name in _MONEY and each.identity:
            changed_money[f"{_noun(name)} {_about(each)} changed: {_leaf(each)}"] += 1
        else:
            lines.append(_value(each))
    for found, verb in ((added, "added"), (removed, "removed")):
        lines += [_money(name, elements, verb, currency) for name, elements in found.items()]
    lines += [f"{line} ({count} times)" if count > 1 else line for line, count in changed_money.items()]
    return list(dict.fromkeys(lines))


def vanished(differences: Iterable[Difference]) -> Iterator[Vanished]:
    """The whole elements and the texts that are not in the new record any more."""
    for each in differences:
        if each.kind != "removed":
            continue
        whole = _whole(each)
        name = each.path.rpartition("/")[2] if whole is not None else ""
        words = described(whole, "removed", each.language) if whole is not None else _value(each)
        yield Vanished(what="document" if name == "document-link" else "element", words=words)


def _whole(difference: Difference) -> etree._Element | None:
    """The element that came or went as a whole."""
    xml = difference.new if difference.kind == "added" else difference.old
    if difference.kind == "changed" or xml is None or not xml.startswith("<"):
        return None
    last = difference.path.rpartition("/")[2]
    if last.startswith("@") or last == "text()":
        return None
    try:
        return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None


def described(element: etree._Element, verb: str, language: str = "") -> str:
    """What became of an element, by what a person knows it by; ``language``: of a text."""
    name = str(element.tag)
    if name == "activity-date":
        return f"{_DATES.get(str(element.get('type')), 'date')} {verb} ({element.get('iso-date')})"
    return f"{_known_as(element, name, language)} {verb}"


def _known_as(element: etree._Element, name: str, language: str) -> str:
    if name == "narrative":
        return f"text in {language or _DEFAULT_LANGUAGE} “{_short(element.text or '')}”"
    if name in _MONEY:
        return f"{_noun(name)}{_day_of(element)} ({_sum([element], '')})"
    key = _KNOWN_BY.get(name)
    if key is not None and (code := element.get(key)):
        return f"{_noun(name)} {_code_in_words(name, str(code))}"
    said = _narrative(element)
    reference = element.get("ref") or element.get("url") or element.get("code")
    about = f" “{_short(said)}”" if said else f" {_short(str(reference))}" if reference else ""
    return f"{_noun(name)}{about}"


def title_of(element: etree._Element) -> str:
    """The title of a record, as far as it has one."""
    for name in ("title", "name"):
        child = element.find(name)
        if child is not None and (said := _narrative(child)):
            return _short(said)
    return ""


def _value(difference: Difference) -> str:
    """A value that differs: title changed in fr."""
    names = difference.path.split("/")
    if names[0] == "activity-date":
        kind = next((words for code, words in _DATES.items() if f'type "{code}"' in difference.identity), "date")
        return f"{kind} {difference.kind}: {_from_to(difference)}"
    if "narrative" in names:
        above = " of ".join(_noun(name) for name in reversed(names[: names.index("narrative")]) if name)
        language = difference.language or _DEFAULT_LANGUAGE
        about = _which(difference) if names[0] not in ("title", "description") else ""
        return f"{above or 'text'}{about} {difference.kind} in {language}"
    about = _which(difference)
    return f"{' '.join(_noun(name) for name in names[:-1] if name) or 'activity'}{about}: {_leaf(difference)}"


def _leaf(difference: Difference) -> str:
    leaf = difference.path.rpartition("/")[2].removeprefix("@")
    word = "amount" if difference.path.endswith("value/text()") else "text" if leaf == "text()" else leaf
    return f"{word} {_from_to(difference)}"


_QUOTED = re.compile(r'([a-z/-]+) "([^"]*)"')


def _about(difference: Difference) -> str:
    """Which of several: by reference and day, else by all that tells it from the others."""
    told = dict(_QUOTED.findall(difference.identity.partition(" › ")[0].partition(" ")[2]))
    reference, day = told.get("ref", ""), told.get("transaction-date") or told.get("period-start") or ""
    said = " ".join(part for part in (reference, f"of {day}" if day else "") if part)
    return said or " ".join(told.values())


#: what an element is called by, where it has it
_CALLED = ("name", "title", "ref", "code", "url")


def _which(difference: Difference) -> str:
    """Which of several, as a person would say it: “Example Office” (role 2); nothing where there is one only."""
    steps = []
    for step in difference.identity.split(" › ") if difference.identity else ():
        told = dict(_QUOTED.findall(step.partition(" ")[2]))
        key = next((each for each in _CALLED if told.get(each)), "")
        called = told.pop(key, "")
        rest = ", ".join(f"{name} {value}" for name, value in told.items() if value)
        called = f"“{called}”" if key in ("name", "title") else called
        steps.append(f"{called} ({rest})" if called and rest else called or rest or step)
    return f" {' › '.join(steps)}" if steps else ""


def _from_to(difference: Difference) -> str:
    old = _short(difference.old) if difference.old else None
    new = _short(difference.new) if difference.new else None
    if old is None:
        return f"now {new}"
    return f"{old} taken away" if new is None else f"from {old} to {new}"


def _money(name: str, elements: list[etree._Element], verb: str, currency: str) -> str:
    return f"{len(elements)} {_noun(name, len(elements))} {verb}, sum {_sum(elements, currency)}"


def _sum(elements: list[etree._Element], currency: str) -> str:
    """The sum of their values by currency; ``currency`` where they name none."""
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    for element in elements:
        value = element.find("value")
        if value is None:
            continue
        try:
            amount = parse_decimal(value.text)
        except LexicalError:
            continue
        if amount is not None:
            amounts[str(value.get("currency") or currency)].append(amount)
    sums = [f"{known} {exact_sum(some):,}".strip() for known, some in sorted(amounts.items())]
    return " + ".join(sums) or "unknown"


def _day_of(element: etree._Element) -> str:
    for name in ("transaction-date", "period-start"):
        child = element.find(name)
        if child is not None:
            return f" of {child.get('iso-date')}"
    return ""


def _noun(name: str, count: int = 1) -> str:
    word = _NAMES.get(name, name.replace("-", " "))
    return word if count == 1 else _PLURALS.get(word, f"{word}s")


def _code_in_words(name: str, code: str) -> str:
    """A code with its name where a list has it: country KE (Kenya)."""
    lists = {"recipient-country": "Country", "activity-status": "ActivityStatus"}
    found = codelists.codes(lists[name]).get(code) if name in lists else None
    return f"{code} ({found.name})" if found is not None else code


def _narrative(element: etree._Element) -> str:
    found = element.find(".//narrative")
    return (found.text or "").strip() if found is not None else ""


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
