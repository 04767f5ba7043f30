"""Checks of dates. Where a path finds several dates only the first is looked at, as the official validator does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iati.validator.checks.paths import First, select_first
from iati.validator.ecma import to_instant, whole_days

if TYPE_CHECKING:
    from lxml import etree

    from iati.validator.rule import Bound, Rule, Scope, Value

#: The longest a budget may last, in whole days from its start to its end.
YEAR = 365

_DATE = "iso-date"


@dataclass(frozen=True)
class NotFuture:
    """A date is not after the day of validation."""

    path: str

    def bind(self, rule: Rule) -> Bound:
        find = select_first(self.path)

        def check(element: etree._Element, scope: Scope) -> None:
            found, instant = _first(find, element, scope)
            if found and instant is not None and instant > scope.now:
                scope.add(rule, found.element, found.attribute, value=found.text, today=scope.today)

        return check


@dataclass(frozen=True)
class DateOrder:
    """One date is not after another; either may be missing."""

    earlier: str
    later: str

    def bind(self, rule: Rule) -> Bound:
        find_earlier, find_later = select_first(self.earlier), select_first(self.later)

        def check(element: etree._Element, scope: Scope) -> None:
            start, begins = _first(find_earlier, element, scope)
            if start is None or begins is None:
                return
            end, ends = _first(find_later, element, scope)
            if end is not None and ends is not None and begins > ends:
                scope.add(rule, start.element, start.attribute, start=start.text, end=end.text)

        return check


class PeriodOrder:
    """A period does not begin after it ends."""

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            period = scope.period(element)
            if period and period.begins > period.ends:
                scope.add(rule, period.start, _DATE, start=period.start.get(_DATE), end=period.end.get(_DATE))

        return check


class AtMostAYear:
    """A period lasts at most 365 whole days."""

    def bind(self, rule: Rule) -> Bound:
        def check(element: etree._Element, scope: Scope) -> None:
            period = scope.period(element)
            if period and period.ends - period.begins > YEAR * 86_400_000:
                days = whole_days(period.begins, period.ends)
                if days > YEAR:
                    start, end = period.start.get(_DATE), period.end.get(_DATE)
                    scope.add(rule, period.end, _DATE, start=start, end=end, days=days)

        return check


@dataclass(frozen=True)
class InsidePeriod:
    """A date lies in the period of the element."""

    path: str

    def bind(self, rule: Rule) -> Bound:
        find = select_first(self.path)

        def check(element: etree._Element, scope: Scope) -> None:
            found, instant = _first(find, element, scope)
            period = scope.period(element)
            if found is None or instant is None or period is None:
                return
            if not period.begins <= instant <= period.ends:
                start, end = period.start.get(_DATE), period.end.get(_DATE)
                scope.add(rule, found.element, found.attribute, value=found.text, start=start, end=end)

        return check


def _first(find: First, element: etree._Element, scope: Scope) -> tuple[Value | None, float | None]:
    """The first date at a path and its instant; the instant is None where the text is no date."""
    found = find(element, scope)
    return (found, to_instant(found.text)) if found else (None, None)
