"""The official ruleset, evaluated straight from its own file with an XPath engine: what our rules are compared with.

Slow and literal on purpose. It follows the official program where that is not what the rules seem to say: a list is
true even when it is empty, of several dates only the first counts, and only a plain false is a fault.
"""

import json
import math
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree

from iati.validator.ecma import SPACES, to_instant, to_number

NAMESPACES = {"xml": "http://www.w3.org/XML/1998/namespace"}
NOT_APPLICABLE = "not applicable"


class OfficialRules:
    """The ruleset with the registers and the day it is asked about."""

    def __init__(self, ruleset: Path, *, publishers: frozenset[str], prefixes: frozenset[str], as_of: date) -> None:
        self.ruleset: dict[str, Any] = json.loads(ruleset.read_text(encoding="utf-8"))
        self.publishers = publishers
        self.prefixes = prefixes
        self.now = to_instant(f"{as_of.isoformat()}T23:59:59.999Z") or 0.0

    def faults(self, root: etree._Element) -> set[tuple[str, str]]:
        """(rule, severity) of every case that fails for a document with one record."""
        found = set()
        for context, rules in self.ruleset.items():
            for element in root.xpath(context, namespaces=NAMESPACES):
                for rule, cases in rules.items():
                    for case in cases["cases"]:
                        for info, result in self._results(element, rule, case):
                            if result is False:
                                found.add((info["id"], info["severity"]))
        return found

    def _results(self, element: Any, rule: str, case: dict[str, Any]) -> Iterator[tuple[dict[str, str], Any]]:
        if rule != "loop":
            yield case["ruleInfo"], self._result(element, rule, case)
            return
        for inner, cases in case["do"].items():
            for each in cases["cases"]:
                for value in dict.fromkeys(map(str, self._select(element, case["foreach"]))):
                    filled = dict(each)
                    for name in case["subs"]:
                        given = each[name]
                        filled[name] = (
                            given.replace("$1", value)
                            if isinstance(given, str)
                            else [text.replace("$1", value) for text in given]
                        )
                    yield each["ruleInfo"], self._result(element, inner, filled)

    def _select(self, element: Any, path: str) -> Any:
        return element.xpath(path, namespaces=NAMESPACES)

    def _true(self, element: Any, path: str) -> bool:
        found = self._select(element, path)
        return True if isinstance(found, list) else bool(found)

    def _texts(self, element: Any, paths: list[str]) -> list[str]:
        found = [each for path in paths for each in self._select(element, path)]
        return ["".join(each.itertext()) if isinstance(each, etree._Element) else str(each) for each in found]

    def _date(self, element: Any, path: str) -> float | None:
        if path == "NOW":
            return self.now
        found = self._select(element, path)
        return to_instant(str(found[0])) if found else None

    def _result(self, element: Any, rule: str, case: dict[str, Any]) -> Any:
        if "condition" in case and not self._true(element, case["condition"]):
            return NOT_APPLICABLE
        texts = self._texts(element, case.get("paths", []))
        condition = case.get("idCondition")
        if condition == "NOT_EXISTING_ORG_ID" and any(text in self.publishers for text in texts):
            return NOT_APPLICABLE
        if condition == "NOT_EXISTING_ORG_ID_PREFIX" and any(
            text.startswith(f"{each}-") for each in self.publishers for text in texts
        ):
            return NOT_APPLICABLE
        return getattr(self, f"_{rule}")(element, case, texts)

    def _no_more_than_one(self, element: Any, case: dict[str, Any], texts: list[str]) -> bool:
        return len(texts) <= 1

    def _atleast_one(self, element: Any, case: dict[str, Any], texts: list[str]) -> bool:
        return len(texts) >= 1

    def _unique(self, element: Any, case: dict[str, Any], texts: list[str]) -> bool:
        return len(texts) <= len(set(texts))

    def _no_spaces(self, element: Any, case: dict[str, Any], texts: list[str]) -> bool:
        return all(text == text.strip(SPACES) for text in texts)

    def _regex_matches(self, element: Any, case: dict[str, Any], texts: list[str]) -> bool:
        return all(not text or re.search(case["regex"].replace("$", r"\Z"), text) for text in texts)

    def _range(self, element: Any, case: dict[str, Any], texts: list[str]) -> bool:
        return all(case["min"] <= to_number(text) <= case["max"] for text in texts)

    def _strict_sum(self, element: Any, case: dict[str, Any], texts: list[str]) -> bool:
        total = math.fsum(map(to_number, texts))
        return math.isfinite(total) and float(f"{total:.4f}") == case["sum"]

    def _if_then(self, element: Any, case: dict[str, Any], texts: list[str]) -> Any:
        return self._select(element, case["then"]) if self._true(element, case["if"]) else True

    def _startswith(self, element: Any, case: dict[str, Any], texts: list[str]) -> bool:
        if case["prefix"] == ["ORG-ID-PREFIX"]:
            return all("-".join([*text.split("-"), "undefined"][:2]) in self.prefixes for text in texts)
        starts = [text + case.get("separator", "") for text in self._texts(element, case["prefix"])]
        return all(any(text.startswith(start) for start in starts) for text in texts)

    def _date_order(self, element: Any, case: dict[str, Any], texts: list[str]) -> Any:
        less, more = self._date(element, case["less"]), self._date(element, case["more"])
        return "" if less is None or more is None else less <= more

    def _date_now(self, element: Any, case: dict[str, Any], texts: list[str]) -> Any:
        found = self._date(element, case["date"])
        return "" if found is None else found <= self.now

    def _time_limit(self, element: Any, case: dict[str, Any], texts: list[str]) -> Any:
        start, end = self._date(element, case["start"]), self._date(element, case["end"])
        return "" if start is None or end is None else int((end - start) / 86_400_000) <= 365

    def _between_dates(self, element: Any, case: dict[str, Any], texts: list[str]) -> Any:
        found, start, end = (self._date(element, case[name]) for name in ("date", "start", "end"))
        return "" if found is None or start is None or end is None else start <= found <= end

    def _one_or_all(self, element: Any, case: dict[str, Any], texts: list[str]) -> bool:
        if self._select(element, case["one"]):
            return True
        every = {
            "lang": "not(descendant::narrative[not(@xml:lang)])",
            "sector": "not(transaction[not(sector)])",
            "currency": "not((descendant::value|descendant::forecast|descendant::loan-status)[not(@currency)])",
        }[case["all"]]
        return bool(self._select(element, every))
