"""Checks of our own, for what the official rules overlook. Their findings never make a file invalid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from iati import codelists
from iati.validator.checks.paths import text_of
from iati.validator.checks.presence import XML_LANG
from iati.validator.checks.shares import Shared
from iati.validator.ecma import sum_equals, sum_in_words, to_instant

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.rule import Bound, Period, Rule, Scope

# The text of a record is looked at before its tree: it is far cheaper to see there that nothing can be wrong.
_LANGUAGES = re.compile(rb"""xml:lang\s*=\s*["'](?!(?:en|EN|fr|FR|es|ES|pt|PT|nl|NL|de|DE)["'])([^"']*)""")
#: A narrative that does not plainly begin with text.
_MAYBE_EMPTY = re.compile(rb"""<narrative(?!(?: xml:lang=(?:"[^"<>]*+"|'[^'<>]*+'))?>\s*+[^\s<&])""")


@dataclass(frozen=True)
class LaterFutureDates:
    """Dates after the day of validation, beyond the first at the same place, which an official rule reports."""

    attribute: str

    @property
    def of_value(self) -> str:
        """The attribute on whose value alone it depends whether there is anything to look into."""
        return self.attribute

    def bind(self, rule: Rule) -> Bound:
        name = self.attribute

        def check(element: etree._Element, scope: Scope) -> None:
            text = element.get(name)
            if text is None or text[:10] <= scope.today:
                return
            instant = to_instant(text)
            if instant is None or instant <= scope.now:
                return
            holders = (each for parent in scope.kids["transaction"] for each in parent.iterchildren(str(element.tag)))
            if next(each for each in holders if each.get(name) is not None) is not element:
                scope.add(rule, element, name, value=text, today=scope.today)

        return check


class LaterActualDates:
    """Actual starts and ends in the future, beyond the first of their type."""

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            kind, text = element.get("type"), element.get("iso-date")
            if kind not in {"2", "4"} or text is None or text[:10] <= scope.today:
                return
            instant = to_instant(text)
            alike = [each for each in scope.kids["activity-date"] if each.get("type") == kind]
            if instant is not None and instant > scope.now and alike[0] is not element:
                scope.add(rule, element, "iso-date", value=text, today=scope.today)

        return check


class KnownLanguage:
    """Every ``xml:lang`` begins with a language of the codelist Language."""

    def bind(self, rule: Rule) -> Bound:
        # of one file: lists may be refreshed while a program goes on
        known = cache(_language_known)

        def check(record: etree._Element, scope: Scope) -> None:
            tags = {found.decode() for found in _LANGUAGES.findall(scope.xml)}
            unknown = {tag for tag in tags if not known(tag)}
            if unknown:
                for each in record.iter("*"):
                    if each.get(XML_LANG) in unknown:
                        scope.add(rule, each, "xml:lang", value=each.get(XML_LANG))

        return check


def _language_known(tag: str) -> bool:
    return tag.split("-")[0].lower() in codelists.code_set("Language")


class NarrativesNotEmpty:
    """Narratives hold more than white space."""

    def bind(self, rule: Rule) -> Bound:
        def check(record: etree._Element, scope: Scope) -> None:
            if _MAYBE_EMPTY.search(scope.xml):
                for each in record.iter("narrative"):
                    if not text_of(each).strip():
                        scope.add(rule, each)

        return check


class NoBudgetWithReason:
    """An activity that says why it has no budget has none."""

    def bind(self, rule: Rule) -> Bound:
        def check(record: etree._Element, scope: Scope) -> None:
            if record.get("budget-not-provided") is not None and "budget" in scope.kids:
                scope.add(rule, record, "budget-not-provided", count=len(scope.kids["budget"]))

        return check


class OtherSectorsTo100:
    """Sectors of each vocabulary other than 1 add up to 100 where there are several with a percentage."""

    of_shares = "sector"  #: the children on whose vocabularies and percentages alone the check depends

    def bind(self, rule: Rule) -> Bound:
        def check(_record: etree._Element, scope: Scope) -> None:
            for vocabulary, elements in Shared("sector", "others").groups(scope):
                texts = [text for each in elements if (text := each.get("percentage")) is not None]
                fits, total = sum_equals(texts, 100)
                if len(texts) > 1 and not fits:
                    scope.add(rule, elements[0], vocabulary=vocabulary or "(empty)", sum=sum_in_words(total))

        return check


class RegionsWithoutVocabularyTo100:
    """Regions that name no vocabulary count as those of vocabulary 1: with the countries they make 100."""

    def bind(self, rule: Rule) -> Bound:
        def check(_record: etree._Element, scope: Scope) -> None:
            regions = scope.kids["recipient-region"]
            if all(each.get("vocabulary") is not None for each in regions):
                return
            default = [each for each in regions if each.get("vocabulary") in (None, "", "1")]
            members = [*default, *scope.kids.get("recipient-country", ())]
            texts = [text for each in members if (text := each.get("percentage")) is not None]
            fits, total = sum_equals(texts, 100)
            if len(members) > 1 and not fits:
                scope.add(rule, default[0], sum=sum_in_words(total))

        return check


class StatusFitsDates:
    """The status of an activity does not contradict its dates as of the day of validation."""

    def bind(self, rule: Rule) -> Bound:
        def check(_record: etree._Element, scope: Scope) -> None:
            status = scope.kids["activity-status"][0]
            dates: dict[str, tuple[str, float]] = {}
            for each in scope.kids.get("activity-date", ()):
                text = each.get("iso-date", "")
                instant = to_instant(text)
                if instant is not None:
                    dates.setdefault(each.get("type", ""), (text, instant))
            contradiction = _contradiction(status.get("code"), dates, scope.now)
            if contradiction:
                scope.add(rule, status, "code", contradiction=contradiction)

        return check


def _contradiction(status: str | None, dates: dict[str, tuple[str, float]], now: float) -> str | None:
    """What is wrong between a status and dates (type → text, instant), in words; None when they agree."""
    actual_start, actual_end, planned_end = dates.get("2"), dates.get("4"), dates.get("3")
    if status == "1" and actual_start and actual_start[1] <= now:
        return f"The status is pipeline (1), but the activity began on {actual_start[0]}. Make it 2 or later"
    if status == "2" and actual_end and actual_end[1] <= now:
        return f"The status is implementation (2), but the activity ended on {actual_end[0]}. Make it 3 or 4"
    if status == "2" and not actual_end and planned_end and planned_end[1] <= now:
        return (
            f"The status is implementation (2), but the planned end {planned_end[0]} has passed. Make the status 3 or "
            "4 with an actual end, or move the planned end"
        )
    if status == "4" and actual_end and actual_end[1] > now:
        return f"The status is closed (4), but the actual end {actual_end[0]} is still to come. Correct one of them"
    return None


class BudgetsApart:
    """Budgets of the same type and status do not overlap in time."""

    def bind(self, rule: Rule) -> Bound:
        def check(_record: etree._Element, scope: Scope) -> None:
            budgets = scope.kids["budget"]
            if len(budgets) < 2:
                return
            groups: dict[tuple[str, str], list[Period]] = {}
            for each in budgets:
                period = scope.period(each)
                if period:
                    groups.setdefault((each.get("type") or "1", each.get("status") or "1"), []).append(period)
            for alike in groups.values():
                alike.sort(key=lambda period: (period.begins, period.ends))
                for before, after in pairwise(alike):
                    if after.begins < before.ends:
                        start, end = after.start.get("iso-date"), before.end.get("iso-date")
                        scope.add(rule, after.start, "iso-date", start=start, end=end)

        return check


class NotItsOwnFormer:
    """An activity does not list its present identifier as a former one."""

    def bind(self, rule: Rule) -> Bound:
        def check(_record: etree._Element, scope: Scope) -> None:
            identifiers = {text_of(each).strip() for each in scope.kids.get("iati-identifier", ())}
            for each in scope.kids["other-identifier"]:
                if each.get("type") == "A3" and (each.get("ref") or "").strip() in identifiers:
                    scope.add(rule, each, "ref", value=each.get("ref"))

        return check
