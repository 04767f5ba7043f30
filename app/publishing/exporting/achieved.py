"""Results on record as results of the activity: what was reached in a year, by indicator of the framework."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from app.domain.achieved import as_seen
from app.domain.framework import LOWER, OUTPUT, PERCENTAGE, QUALITATIVE
from app.domain.money import exact_sum, plain
from app.domain.terms import Origin
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.queries_achieved import Group, Shown
from app.publishing.exporting.rows import ProjectRow, Rows
from app.publishing.mapping.results import INDICATOR, MEASUREMENT, PERIOD, RESULT
from iati.model import Indicator, Result

#: IATI result types
_OUTPUT, _OUTCOME, _OTHER = "1", "2", "9"
_MEASURES = {PERCENTAGE: "2", QUALITATIVE: "5"}
_UNIT = "1"
#: characters of sentences that an actual value tells
_SAID = 2000


def put_achieved(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """The results that are on record of a project, in its logframe and beside it.

    An indicator that its logframe, or the file that it came from, has already is told there and not again. Where the
    logframe of a project that is kept here has a period without an actual, such as one that states the target alone,
    the records of the years within it are its actual.
    """
    results = [each for each in rows.achieved.get(project["id"], ()) if composed.days.reached(each.starts_on)]
    if not results:
        return
    told: dict[str, list[Indicator]] = {}
    for element in composed.elements("result", Result):
        for indicator in element.indicator:
            told.setdefault(as_seen(str(INDICATOR.extract(indicator, "")["title"])), []).append(indicator)
    doubled = set()
    for title, own in groupby(sorted(results, key=_title), _title):
        if title in told:
            of_one = sorted(own, key=lambda each: (each.starts_on, each.framework, each.code))
            fed = _feed(told[title], of_one) if project["origin"] is Origin.OWN else []
            doubled |= {each.title for each in of_one if each not in fed}
    if doubled:
        names = ", ".join(f"“{title}”" for title in sorted(doubled))
        composed.notes.append(f"Results on record of {names} are not added: the activity's own results have them.")
    left = [each for each in results if _title(each) not in told]
    for above, found in _by_group(left, rows.groups):
        composed.put("result", _result(above, found), "")


def _title(result: Shown) -> str:
    return as_seen(result.title)


def _feed(indicators: Sequence[Indicator], results: Sequence[Shown]) -> list[Shown]:
    """Makes the results actuals of the periods that hold their years and have none yet; gives those that were used.

    Percentages of several records make no sum: they are told where a period has one of them.
    """
    used = []
    for indicator in indicators:
        measure = indicator.measure or _UNIT
        for period in indicator.period:
            days = PERIOD.extract(period, "")
            start, end = days["starts_on"], days["ends_on"]
            if period.actual or start is None or end is None:
                continue
            inside = [each for each in results if start <= each.starts_on and each.ends_on <= end]
            if inside and (measure != _MEASURES[PERCENTAGE] or len(inside) == 1):
                period.actual.append(MEASUREMENT.render(_actual(measure, inside)))
                used += inside
    return used


def _by_group(results: Sequence[Shown], groups: Sequence[Group]) -> Iterator[tuple[Group, list[Shown]]]:
    """Results below what stands right above their indicators; an indicator below nothing stands for itself."""
    known: dict[tuple[str, str], Group] = {}
    for group in groups:
        # of two levels with one code the lower one stands right above
        if group.level == OUTPUT or (group.framework, group.code) not in known:
            known[group.framework, group.code] = group
    found: dict[Group, list[Shown]] = {}
    for each in results:
        parts = each.code.split(".")
        above = (known.get((each.framework, ".".join(parts[:length]))) for length in range(len(parts) - 1, 0, -1))
        own = Group(each.framework, "indicator", each.code, each.title)
        found.setdefault(next((group for group in above if group is not None), own), []).append(each)
    yield from found.items()


def _result(above: Group, results: Sequence[Shown]) -> Result:
    kind = _OUTPUT if above.level == OUTPUT else _OTHER if above.level == "indicator" else _OUTCOME
    result = RESULT.render(
        {"type": kind, "aggregation": None, "title": above.title, "title_translations": [], "description": None}
    )
    for (_code, title, measure, better), own in groupby(results, _indicator_of):
        indicator = INDICATOR.render(
            {
                "measure": measure,
                "ascending": None if better is None else better != LOWER,
                "aggregation": None,
                "title": title,
                "title_translations": [],
                "description": None,
            }
        )
        for (start, end), of_year in groupby(own, lambda each: (each.starts_on, each.ends_on)):
            reached = list(of_year)
            period = PERIOD.render({"starts_on": start, "ends_on": end})
            period.actual.append(MEASUREMENT.render(_actual(measure, reached)))
            indicator.period.append(period)
        result.indicator.append(indicator)
    return result


def _indicator_of(result: Shown) -> tuple[str, str, str, str | None]:
    return result.code, result.title, _measure(result), result.better


def _measure(result: Shown) -> str:
    return _MEASURES.get(result.measure or "", _UNIT)


def _actual(measure: str, reached: Sequence[Shown]) -> dict[str, object]:
    """What was reached in a year: how much, and in words; one that is told in words has no number."""
    said = " ".join(each.sentence.strip() for each in reached)
    value = None if measure == _MEASURES[QUALITATIVE] else plain(exact_sum(each.quantity for each in reached))
    return {"value": value, "comment": said[:_SAID], "dimensions": None}
