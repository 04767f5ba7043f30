"""What tells an element from its siblings of the same name: the reference, type or date by which people know it.

A path reads one value below an element: ``@ref``, ``period-start/@iso-date``, ``value``; ``?`` marks a value that may
be absent. Of several keys the strictest stands first; siblings are paired by the first key that they share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from iati.diff.meaning import XML_LANG, Node

Key = Callable[[Node], tuple[str, ...] | None]

_TRANSACTION = ("transaction-type/@code", "transaction-date/@iso-date")
_PERIOD = ("period-start/@iso-date", "period-end/@iso-date")
_DIMENSION = ("location/@ref?", "dimension/@name?", "dimension/@value?")
_CODE: tuple[tuple[str, ...], ...] = (("@vocabulary?", "@code"),)
_NAMED: tuple[tuple[str, ...], ...] = (("@ref",), ("narrative",))

_KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "narrative": ((f"@{XML_LANG}?",),),
    "participating-org": (("@role", "@ref", "@activity-id?"), ("@role", "@ref"), ("@role", "narrative"), ("@ref",)),
    "other-identifier": (("@type", "@ref"), ("@ref",)),
    "activity-date": (("@type",),),
    "description": (("@type?", "narrative"), ("@type?",)),
    "contact-info": (("@type?", "email"), ("@type?", "organisation/narrative"), ("@type?",)),
    "recipient-country": _CODE,
    "recipient-region": _CODE,
    "location": (("@ref",), ("location-id/@vocabulary?", "location-id/@code"), ("name/narrative",), ("point/pos",)),
    "location-id": _CODE,
    "administrative": (("@vocabulary?", "@level?", "@code"), ("@vocabulary", "@level?")),
    "sector": _CODE,
    "tag": _CODE,
    "budget-item": (("@code",),),
    "humanitarian-scope": (("@type", "@vocabulary?", "@code"),),
    "policy-marker": _CODE,
    "default-aid-type": (("@vocabulary",),),
    "aid-type": (("@vocabulary",),),
    "budget": (("@type", *_PERIOD, "value"), ("@type", *_PERIOD), _PERIOD, ("@type", "period-start/@iso-date")),
    "planned-disbursement": (
        ("@type", *_PERIOD, "receiver-org/@ref?", "value"),
        ("@type", "period-start/@iso-date", "receiver-org/@ref?"),
        ("period-start/@iso-date",),
    ),
    "transaction": (
        ("@ref", *_TRANSACTION, "value"),
        ("@ref", *_TRANSACTION),
        ("@ref", "transaction-type/@code"),
        ("@ref",),
        (*_TRANSACTION, "value"),
        ("@ref?", *_TRANSACTION, "provider-org/@ref?", "receiver-org/@ref?"),
        ("@ref?", *_TRANSACTION),
        ("@ref?", "transaction-type/@code", "value"),
    ),
    "document-link": (("@url", "title/narrative?"), ("@url",), ("title/narrative",)),
    "category": (("@code",),),
    "language": (("@code",),),
    "related-activity": (("@type", "@ref"), ("@ref",)),
    "legacy-data": (("@name", "@iati-equivalent?"), ("@name",)),
    "condition": (("@type", "narrative"), ("@type",), ("narrative",)),
    "result": (("@type", "title/narrative"), ("title/narrative",)),
    "indicator": (("@measure", "title/narrative"), ("title/narrative",)),
    "reference": (("@vocabulary", "@code"),),
    "baseline": (("@year", "@iso-date?", *_DIMENSION), ("@year",)),
    "period": (_PERIOD, ("period-start/@iso-date",)),
    "target": (_DIMENSION,),
    "actual": (_DIMENSION,),
    "dimension": (("@name", "@value"), ("@name",)),
    "other-flags": (("@code",),),
    "forecast": (("@year",),),
    "total-budget": (_PERIOD,),
    "total-expenditure": (_PERIOD,),
    "recipient-org-budget": (("recipient-org/@ref", *_PERIOD), ("recipient-org/narrative", *_PERIOD)),
    "recipient-region-budget": (("recipient-region/@vocabulary?", "recipient-region/@code", *_PERIOD),),
    "recipient-country-budget": (("recipient-country/@code", *_PERIOD),),
    "budget-line": _NAMED,
    "expense-line": _NAMED,
}
#: Elements that hold so much beside their keys that the only one left on each side is taken for the same.
_SAME_WHEN_ALONE = frozenset({"participating-org", "location", "document-link", "result", "indicator", "baseline"})
#: Paths whose last part alone would not say what the value is.
_LABELS = {"narrative": "name", f"@{XML_LANG}": "language", "title/narrative": "title", "title/narrative?": "title"}


@cache
def keys_of(tag: str) -> tuple[Key, ...]:
    """The keys of an element of the standard, strictest first; none when its siblings are told apart by nothing."""
    return tuple(_key(paths) for paths in _KEYS.get(tag, ()))


def same_when_alone(node: Node) -> bool:
    """Whether the only two elements of a name that are left unpaired are the same thing, whatever they hold."""
    return not node.place.repeatable or node.tag not in _KEYS or node.tag in _SAME_WHEN_ALONE


def identify(node: Node) -> str:
    """The values of the element's keys in words: ``ref "T1", transaction-type "3"``; empty when it has none."""
    if not node.place.known:
        return ""
    told: dict[str, str] = {}
    for paths in _KEYS.get(node.tag, ()):
        for path in paths:
            bare = path.removesuffix("?")
            label = _label(bare)
            if label not in told and (value := _value(node, bare)):
                told[label] = value
    return ", ".join(f'{label} "{_short(value)}"' for label, value in told.items())


def _key(paths: tuple[str, ...]) -> Key:
    required = tuple(not path.endswith("?") for path in paths)
    bare = tuple(path.removesuffix("?") for path in paths)

    def key(node: Node) -> tuple[str, ...] | None:
        values = tuple(_value(node, path) for path in bare)
        complete = all(value or not needed for value, needed in zip(values, required, strict=True))
        return values if complete else None

    return key


def _value(node: Node, path: str) -> str:
    """The meaning of the value at a path, of the first child of each name; empty when there is none."""
    *tags, last = path.split("/") if not path.startswith("@") else [path]
    if not last.startswith("@"):
        tags.append(last)
    for tag in tags:
        child = next((each for each in node.children if each.tag == tag), None)
        if child is None:
            return ""
        node = child
    return node.attributes.get(last[1:], "") if last.startswith("@") else node.text


def _label(path: str) -> str:
    if path in _LABELS:
        return _LABELS[path]
    head, _, leaf = path.rpartition("/")
    if leaf in {"@iso-date", "@code"} and head:
        return head
    return leaf.removeprefix("@") if not head or leaf == "narrative" else f"{head} {leaf.removeprefix('@')}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
