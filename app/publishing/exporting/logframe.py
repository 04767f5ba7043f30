"""The logframe of an activity: its results with their indicators, and what was planned and reached."""

from typing import NamedTuple

from app.domain import results
from app.domain.terms import Origin
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.rows import ProjectRow, Rows, of
from app.publishing.exporting.rows_of_results import (
    BaselineRow,
    IndicatorRow,
    MeasuredRow,
    PeriodRow,
    ResultRow,
    ValueRow,
)
from app.publishing.mapping.results import BASELINE, INDICATOR, MEASUREMENT, PERIOD, RESULT
from app.publishing.mapping.written import Unmade, Written
from iati.model import Indicator, Period, Result

_RESULT, _INDICATOR = Written(RESULT, "result"), Written(INDICATOR, "indicator", 2)
_BASELINE, _PERIOD = Written(BASELINE, "baseline", 3), Written(PERIOD, "period", 3)
_TARGET, _ACTUAL = Written(MEASUREMENT, "target", 4), Written(MEASUREMENT, "actual", 4)


class _Period(NamedTuple):
    """A period with what was planned and reached in it."""

    row: PeriodRow
    values: list[ValueRow]


class _Indicator(NamedTuple):
    """An indicator with everything below it."""

    row: IndicatorRow
    baselines: list[BaselineRow]
    periods: list[_Period]


def put_results(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """The logframe. One that is kept here says words of qualitative indicators as comments, and a value that goes with
    no measure holds the activity back."""
    own = project["origin"] is Origin.OWN
    for each in of(rows.results, project["id"]):
        if each["archived_at"] is not None:
            continue
        indicators = [_below(indicator, rows) for indicator in of(rows.indicators, each["id"])]
        for indicator in indicators if own else ():
            composed.held_back.extend(_measured(indicator))
        if own and not indicators:
            composed.remarks.append(f"The result “{each['title']}” is left out: add an indicator, which it must have.")
        else:
            composed.put("result", _Logframe(each, indicators), "results", each["id"])


def _below(indicator: IndicatorRow, rows: Rows) -> _Indicator:
    key = indicator["id"]
    periods = [_Period(each, of(rows.values, each["id"])) for each in of(rows.periods, key)]
    return _Indicator(indicator, of(rows.baselines, key), periods)


def _measured(indicator: _Indicator) -> list[str]:
    """Puts the values of an indicator where its measure wants them, and tells which cannot be published."""
    row, baselines, periods = indicator
    measure, title = row["measure"], row["title"]
    faults = [
        f"The baseline of {each['year']} of the indicator “{title}” {reason}"
        for each in baselines
        if (reason := _unpublishable(measure, each))
    ]
    for period, values in periods:
        for each in values:
            if reason := _unpublishable(measure, each):
                name = f"The {each['kind']} of {period['starts_on']} to {period['ends_on']}"
                faults.append(f"{name} of the indicator “{title}” {reason}")
    return faults


def _unpublishable(measure: str, columns: MeasuredRow) -> str | None:
    """Why a baseline, target or actual cannot be published; words of a qualitative one become its comment."""
    value = columns["value"]
    if measure == results.QUALITATIVE:
        columns["value"], columns["comment"] = results.kept(measure, value, columns["comment"])
    elif value is None:
        return "has no value, although it is measured in numbers: add it."
    elif said := results.value_fault(measure, value):
        return f"cannot be published. {said}"
    return None


class _Logframe(Unmade):
    """A result with everything below it."""

    __slots__ = ("_indicators", "_result")

    def __init__(self, result: ResultRow, indicators: list[_Indicator]) -> None:
        self._result, self._indicators = result, indicators

    def element(self) -> Result:
        row = self._result
        result = RESULT.build(row, row["remainder"])
        result.indicator += map(_indicator, self._indicators)
        return result

    def xml(self) -> str:
        row = self._result
        if row["remainder"] is not None:
            return _RESULT.whole(self.element())
        return _RESULT.xml(row, "".join(map(_indicator_xml, self._indicators)))


def _indicator(each: _Indicator) -> Indicator:
    row, baselines, periods = each
    indicator = INDICATOR.build(row, row["remainder"])
    indicator.baseline += [BASELINE.build(each, each["remainder"]) for each in baselines]
    indicator.period += map(_period, periods)
    return indicator


def _period(each: _Period) -> Period:
    row, values = each
    period = PERIOD.build(row, row["remainder"])
    for value in values:
        kept = period.target if value["kind"] == "target" else period.actual
        kept.append(MEASUREMENT.build(value, value["remainder"]))
    return period


# The same as XML. What has a remainder is made with everything below it; below what has none is looked at each by
# itself.


def _indicator_xml(each: _Indicator) -> str:
    row, baselines, periods = each
    if row["remainder"] is not None:
        return _INDICATOR.whole(_indicator(each))
    inside = [_BASELINE.built(each, each["remainder"]) for each in baselines]
    return _INDICATOR.xml(row, "".join([*inside, *map(_period_xml, periods)]))


def _period_xml(each: _Period) -> str:
    row, values = each
    if row["remainder"] is not None:
        return _PERIOD.whole(_period(each))
    targets = [_TARGET.built(each, each["remainder"]) for each in values if each["kind"] == "target"]
    actuals = [_ACTUAL.built(each, each["remainder"]) for each in values if each["kind"] != "target"]
    return _PERIOD.xml(row, "".join(targets + actuals))
