"""The logframe of an activity: its results with their indicators, and what was planned and reached."""

from app.domain import results
from app.domain.terms import Origin
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.rows import ProjectRow, Rows, of
from app.publishing.exporting.rows_of_results import IndicatorRow, MeasuredRow, PeriodRow, ResultRow
from app.publishing.mapping.results import BASELINE, INDICATOR, MEASUREMENT, PERIOD, RESULT
from app.publishing.mapping.written import Unmade, Written
from iati.model import Indicator, Period, Result

_RESULT, _INDICATOR = Written(RESULT, "result"), Written(INDICATOR, "indicator", 2)
_BASELINE, _PERIOD = Written(BASELINE, "baseline", 3), Written(PERIOD, "period", 3)
_TARGET, _ACTUAL = Written(MEASUREMENT, "target", 4), Written(MEASUREMENT, "actual", 4)


def put_results(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """The logframe. One that is kept here says words of qualitative indicators as comments, and a value that goes with
    no measure holds the activity back."""
    own = project["origin"] is Origin.OWN
    for each in of(rows.results, project["id"]):
        if each["archived_at"] is not None:
            continue
        indicators = of(rows.indicators, each["id"])
        for indicator in indicators if own else ():
            composed.held_back.extend(_measured(indicator, rows))
        if own and not indicators:
            composed.remarks.append(f"The result “{each['title']}” is left out: add an indicator, which it must have.")
        else:
            composed.put("result", _Logframe(each, rows), "results", each["id"])


def _measured(indicator: IndicatorRow, rows: Rows) -> list[str]:
    """Puts the values of an indicator where its measure wants them, and tells which cannot be published."""
    faults = [
        f"The baseline of {each['year']} of the indicator “{indicator['title']}” {reason}"
        for each in of(rows.baselines, indicator["id"])
        if (reason := _unpublishable(indicator["measure"], each))
    ]
    for period in of(rows.periods, indicator["id"]):
        for each in of(rows.values, period["id"]):
            if reason := _unpublishable(indicator["measure"], each):
                name = f"The {each['kind']} of {period['starts_on']} to {period['ends_on']}"
                faults.append(f"{name} of the indicator “{indicator['title']}” {reason}")
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

    __slots__ = ("_result", "_rows")

    def __init__(self, result: ResultRow, rows: Rows) -> None:
        self._result, self._rows = result, rows

    def element(self) -> Result:
        row, rows = self._result, self._rows
        result = RESULT.build(row, row["remainder"])
        result.indicator += [_indicator(each, rows) for each in of(rows.indicators, row["id"])]
        return result

    def xml(self) -> str:
        row, rows = self._result, self._rows
        if row["remainder"] is not None:
            return _RESULT.whole(self.element())
        return _RESULT.xml(row, "".join([_indicator_xml(each, rows) for each in of(rows.indicators, row["id"])]))


def _indicator(row: IndicatorRow, rows: Rows) -> Indicator:
    indicator = INDICATOR.build(row, row["remainder"])
    indicator.baseline += [BASELINE.build(each, each["remainder"]) for each in of(rows.baselines, row["id"])]
    indicator.period += [_period(each, rows) for each in of(rows.periods, row["id"])]
    return indicator


def _period(row: PeriodRow, rows: Rows) -> Period:
    period = PERIOD.build(row, row["remainder"])
    for value in of(rows.values, row["id"]):
        kept = period.target if value["kind"] == "target" else period.actual
        kept.append(MEASUREMENT.build(value, value["remainder"]))
    return period


# The same as XML. What has a remainder is made with everything below it; below what has none is looked at each by
# itself.


def _indicator_xml(row: IndicatorRow, rows: Rows) -> str:
    if row["remainder"] is not None:
        return _INDICATOR.whole(_indicator(row, rows))
    baselines = [_BASELINE.built(each, each["remainder"]) for each in of(rows.baselines, row["id"])]
    periods = [_period_xml(each, rows) for each in of(rows.periods, row["id"])]
    return _INDICATOR.xml(row, "".join(baselines + periods))


def _period_xml(row: PeriodRow, rows: Rows) -> str:
    if row["remainder"] is not None:
        return _PERIOD.whole(_period(row, rows))
    values = of(rows.values, row["id"])
    targets = [_TARGET.built(each, each["remainder"]) for each in values if each["kind"] == "target"]
    actuals = [_ACTUAL.built(each, each["remainder"]) for each in values if each["kind"] != "target"]
    return _PERIOD.xml(row, "".join(targets + actuals))
