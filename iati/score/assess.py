"""Running the tests over a publisher's files and adding up the points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from iati.score import attributes, finance, joining_up, performance, planning
from iati.score.facts import Activity, Organisation, Record, Setting
from iati.score.indicator import Component, Indicator, describe, name_of
from iati.source import open_document, parse_record
from iati.unreadable import Source, reading

INDICATORS: tuple[Indicator, ...] = (
    *planning.INDICATORS,
    *finance.INDICATORS,
    *attributes.INDICATORS,
    *joining_up.INDICATORS,
    *performance.INDICATORS,
)


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """What came of one test."""

    __test__ = False  # the name is the field's word; it is no test of this program

    name: str
    description: str
    passed: int  #: records that passed
    failed: int
    failures: tuple[str, ...]  #: identifiers of the records that failed, in the order of the files


@dataclass(frozen=True, kw_only=True)
class IndicatorResult:
    """What came of one indicator. Points are kept to the thousandth."""

    id: str
    name: str
    component: str
    weight: Decimal
    score: Decimal | None  #: points reached, of ``weight``; None when no test applied to any record
    passed: int  #: records that passed every test that applied to them
    failed: int  #: records that failed at least one
    failures: tuple[str, ...]
    tests: tuple[TestResult, ...]


@dataclass(frozen=True, kw_only=True)
class ComponentResult:
    """The points of one component."""

    name: str
    weight: Decimal  #: its points in the whole index
    attainable: Decimal  #: points that these files could have reached
    score: Decimal


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A part of the index that could not be computed; it counts neither for nor against."""

    name: str
    weight: Decimal
    reason: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """The points of one publisher's files together."""

    as_of: date
    publishers: tuple[str, ...]  #: reporting organisations of the activities; more than one mixes scores
    activities: int
    current_activities: int  #: those that the tests look at
    organisations: int
    score: Decimal
    attainable: Decimal  #: of about 100 in the whole index
    percent: Decimal | None  #: score ÷ attainable in percent; None when nothing was attainable
    components: tuple[ComponentResult, ...]
    indicators: tuple[IndicatorResult, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(kw_only=True, slots=True)
class _Tally:
    passed: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)

    def count(self, sign: str, often: int) -> None:
        if sign == "1":
            self.passed += often
        elif sign == "0":
            self.failed += often

    def name(self, sign: str, identifier: str) -> None:
        if sign == "0":
            self.failures.append(identifier)

    @property
    def total(self) -> int:
        return self.passed + self.failed


#: how an outcome is written: passed, failed, does not apply
_SIGNS = {True: "1", False: "0", None: "-"}


class Outcomes(NamedTuple):
    """What came of all tests of one record: a sign for each, in the order of `INDICATORS`."""

    identifier: str
    publisher: str
    signs: str  #: empty: the activity is not current, and no test looks at it
    until: date | None = None  #: the last day, at least, for which this holds; None: for good


class Tester:
    """Runs the tests over single records as of a day."""

    def __init__(self, *, as_of: date, data_dir: Path | None = None) -> None:
        self._setting = Setting(as_of=as_of, data_dir=data_dir)

    def activity(self, element: etree._Element) -> Outcomes:
        """What came of the tests of an activity."""
        activity = Activity(element, self._setting)
        signs = _signs(activity, _ACTIVITY_TESTS) if activity.is_current else ""
        return Outcomes(activity.identifier, activity.publisher, signs, activity.until)

    def organisation(self, element: etree._Element) -> Outcomes:
        """What came of the tests of an organisation."""
        organisation = Organisation(element, self._setting)
        return Outcomes(organisation.identifier, organisation.identifier, _signs(organisation, _ORGANISATION_TESTS))


def _signs(record: Record, tests: Iterable[Callable[..., bool | None]]) -> str:
    return "".join(_SIGNS[test(record)] for test in tests)


def _tests(kind: str) -> tuple[Callable[..., bool | None], ...]:
    return tuple(test for indicator in INDICATORS for test in getattr(indicator, kind))


_ACTIVITY_TESTS = _tests("activity_tests")
_ORGANISATION_TESTS = _tests("organisation_tests")


class Scorer:
    """Adds up what came of the tests of one publisher's records.

    ``name_failures``: keeps the identifiers of records that failed; without them memory does not grow with their
    number.
    """

    def __init__(self, *, as_of: date, name_failures: bool = True) -> None:
        self._as_of = as_of
        self._named = name_failures
        self._publishers: dict[str, None] = {}
        self._activities = self._organisations = 0
        self._of_activities: Counter[str] = Counter()
        self._of_organisations: Counter[str] = Counter()
        self._failed: list[tuple[bool, Outcomes]] = []

    def add_activity(self, outcomes: Outcomes) -> None:
        """Counts an activity."""
        self._activities += 1
        self._publishers[outcomes.publisher] = None
        if outcomes.signs:
            self._of_activities[outcomes.signs] += 1
            self._note(outcomes, of_activity=True)

    def add_organisation(self, outcomes: Outcomes) -> None:
        """Counts an organisation."""
        self._organisations += 1
        self._of_organisations[outcomes.signs] += 1
        self._note(outcomes, of_activity=False)

    def _note(self, outcomes: Outcomes, *, of_activity: bool) -> None:
        if self._named and "0" in outcomes.signs:
            self._failed.append((of_activity, outcomes))

    def score(self) -> Score:
        """The points of everything that was added."""
        results = tuple(self._results())
        current = self._of_activities.total()
        components = tuple(_component(component, results) for component in Component)
        reached = sum((each.score for each in components), Decimal(0))
        attainable = sum((each.attainable for each in components), Decimal(0))
        return Score(
            as_of=self._as_of,
            publishers=tuple(self._publishers),
            activities=self._activities,
            current_activities=current,
            organisations=self._organisations,
            score=reached,
            attainable=attainable,
            percent=_rounded(Fraction(reached) * 100 / Fraction(attainable), "0.01") if attainable else None,
            components=components,
            indicators=results,
            left_out=tuple(_left_out(results, current=current, organisations=self._organisations)),
        )

    def _results(self) -> Iterable[IndicatorResult]:
        at = {True: 0, False: 0}
        for indicator in INDICATORS:
            of_activity = bool(indicator.activity_tests)
            start = at[of_activity]
            at[of_activity] = end = start + len(indicator.tests)
            counted = self._of_activities if of_activity else self._of_organisations
            whole, each = _Tally(), [_Tally() for _ in indicator.tests]
            for signs, often in counted.items():
                mine = signs[start:end]
                for tally, sign in zip(each, mine, strict=True):
                    tally.count(sign, often)
                whole.count("0" if "0" in mine else "1" if "1" in mine else "-", often)
            for kind, outcomes in self._failed:
                if kind is not of_activity:
                    continue
                mine = outcomes.signs[start:end]
                for tally, sign in zip(each, mine, strict=True):
                    tally.name(sign, outcomes.identifier)
                whole.name("0" if "0" in mine else "", outcomes.identifier)
            yield _result(indicator, whole, each)


def score(sources: Iterable[Source], *, as_of: date, data_dir: Path | None = None) -> Score:
    """Score one publisher's activity and organisation files together, as of a day.

    Holds one record at a time, and the identifiers of those that failed. Raises UnreadableError for a file that cannot
    be read to its end. ``data_dir`` is where refreshed codelists lie.
    """
    tester = Tester(as_of=as_of, data_dir=data_dir)
    scorer = Scorer(as_of=as_of)
    for source in sources:
        with reading(source), open_document(source) as document:
            holds_activities = document.file_type == "iati-activities"
            for fragment in document:
                element = parse_record(fragment)
                if holds_activities:
                    scorer.add_activity(tester.activity(element))
                else:
                    scorer.add_organisation(tester.organisation(element))
    return scorer.score()


def _result(indicator: Indicator, whole: _Tally, each: list[_Tally]) -> IndicatorResult:
    tallies = list(zip(indicator.tests, each, strict=True))
    shares = [Fraction(tally.passed, tally.total) for tally in each if tally.total]
    return IndicatorResult(
        id=indicator.id,
        name=indicator.name,
        component=indicator.component.title,
        weight=indicator.weight,
        score=_rounded(Fraction(indicator.weight) * sum(shares) / len(shares)) if shares else None,
        passed=whole.passed,
        failed=whole.failed,
        failures=tuple(whole.failures),
        tests=tuple(
            TestResult(
                name=name_of(test),
                description=describe(test),
                passed=tally.passed,
                failed=tally.failed,
                failures=tuple(tally.failures),
            )
            for test, tally in tallies
        ),
    )


def _component(component: Component, results: Iterable[IndicatorResult]) -> ComponentResult:
    counted = [result for result in results if result.component == component.title and result.score is not None]
    return ComponentResult(
        name=component.title,
        weight=component.weight,
        attainable=sum((result.weight for result in counted), Decimal(0)),
        score=sum((result.score for result in counted if result.score is not None), Decimal(0)),
    )


def _left_out(results: Iterable[IndicatorResult], *, current: int, organisations: int) -> Iterable[LeftOut]:
    for name, weight, reason in planning.NOT_COMPUTED:
        yield LeftOut(name=name, weight=weight, reason=reason)
    about_organisations = {indicator.id for indicator in INDICATORS if indicator.organisation_tests}
    for result in results:
        if result.score is not None:
            continue
        if result.id in about_organisations:
            reason = "no organisation file among the files" if not organisations else "it applies to no organisation"
        else:
            reason = "no current activity in the files" if not current else "it applies to no current activity"
        yield LeftOut(name=result.name, weight=result.weight, reason=reason)


def _rounded(points: Fraction, step: str = "0.001") -> Decimal:
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return exact.quantize(Decimal(step), rounding=ROUND_HALF_UP)
