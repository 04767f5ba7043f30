"""Running the tests over a publisher's files and adding up the points."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

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
    failures: list[str] = field(default_factory=list)

    def add(self, identifier: str, outcome: bool) -> None:
        if outcome:
            self.passed += 1
        else:
            self.failures.append(identifier)

    @property
    def total(self) -> int:
        return self.passed + len(self.failures)


class _Counter:
    """The tallies of all tests of one kind of record."""

    def __init__(self, indicators: Iterable[tuple[Indicator, tuple[Callable[..., bool | None], ...]]]) -> None:
        self._indicators = [(indicator, tests) for indicator, tests in indicators if tests]
        self.whole = {indicator.id: _Tally() for indicator, _ in self._indicators}
        self.each = {(indicator.id, test): _Tally() for indicator, tests in self._indicators for test in tests}

    def count(self, record: Record) -> None:
        for indicator, tests in self._indicators:
            outcomes = []
            for test in tests:
                outcome = test(record)
                if outcome is not None:
                    self.each[indicator.id, test].add(record.identifier, outcome)
                    outcomes.append(outcome)
            if outcomes:
                self.whole[indicator.id].add(record.identifier, all(outcomes))


def score(sources: Iterable[Source], *, as_of: date, data_dir: Path | None = None) -> Score:
    """Score one publisher's activity and organisation files together, as of a day.

    Holds one record at a time, and the identifiers of those that failed. Raises UnreadableError for a file that cannot
    be read to its end. ``data_dir`` is where refreshed codelists lie.
    """
    setting = Setting(as_of=as_of, data_dir=data_dir)
    by_activity = _Counter((indicator, indicator.activity_tests) for indicator in INDICATORS)
    by_organisation = _Counter((indicator, indicator.organisation_tests) for indicator in INDICATORS)
    activities = current = organisations = 0
    publishers: dict[str, None] = {}
    for source in sources:
        with reading(source), open_document(source) as document:
            holds_activities = document.file_type == "iati-activities"
            for fragment in document:
                element = parse_record(fragment)
                if not holds_activities:
                    organisations += 1
                    by_organisation.count(Organisation(element, setting))
                    continue
                activities += 1
                activity = Activity(element, setting)
                publishers[activity.publisher] = None
                if activity.is_current:
                    current += 1
                    by_activity.count(activity)
    results = tuple(
        _result(indicator, by_activity if indicator.activity_tests else by_organisation) for indicator in INDICATORS
    )
    components = tuple(_component(component, results) for component in Component)
    reached = sum((each.score for each in components), Decimal(0))
    attainable = sum((each.attainable for each in components), Decimal(0))
    return Score(
        as_of=as_of,
        publishers=tuple(publishers),
        activities=activities,
        current_activities=current,
        organisations=organisations,
        score=reached,
        attainable=attainable,
        percent=_rounded(Fraction(reached) * 100 / Fraction(attainable), "0.01") if attainable else None,
        components=components,
        indicators=results,
        left_out=tuple(_left_out(results, current=current, organisations=organisations)),
    )


def _result(indicator: Indicator, counter: _Counter) -> IndicatorResult:
    tallies = [(test, counter.each[indicator.id, test]) for test in indicator.tests]
    shares = [Fraction(tally.passed, tally.total) for _, tally in tallies if tally.total]
    whole = counter.whole[indicator.id]
    return IndicatorResult(
        id=indicator.id,
        name=indicator.name,
        component=indicator.component.title,
        weight=indicator.weight,
        score=_rounded(Fraction(indicator.weight) * sum(shares) / len(shares)) if shares else None,
        passed=whole.passed,
        failed=len(whole.failures),
        failures=tuple(whole.failures),
        tests=tuple(
            TestResult(
                name=name_of(test),
                description=describe(test),
                passed=tally.passed,
                failed=len(tally.failures),
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
