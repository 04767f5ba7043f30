"""Results on record as results of the activity: what was reached in a year, by indicator of the framework."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from app.domain.achieved import as_seen
from app.domain.framework import OUTPUT, PERCENTAGE, QUALITATIVE
from app.domain.money import exact_sum, plain
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.queries_achieved import Group, Shown
from app.publishing.exporting.rows import ProjectRow, Rows, of
from app.publishing.mapping.results import INDICATOR, MEASUREMENT, PERIOD, RESULT
from iati.model import Result

#: IATI result types
_OUTPUT, _OUTCOME, _OTHER = "1", "2", "9"
_MEASURES = {PERCENTAGE: "2", QUALITATIVE: "5"}
_UNIT = "1"
#: characters of sentences that an actual value tells
_SAID = 2000


def put_achieved(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """The results that are on record of a project, beside its logframe.

    An indicator that its logframe, or the file that it came from, has already is told there and not again.
    """
    results = [each for each in rows.achieved.get(project["id"], ()) if composed.days.reached(each.starts_on)]
    if not results:
        return
    told = {
        as_seen(indicator["title"])
        for result in of(rows.results, project["id"])
        if result["archived_at"] is None
        for indicator in of(rows.indicators, result["id"])
    }
    doubled = sorted({each.title for each in results if as_seen(each.title) in told})
    if doubled:
        names = ", ".join(f"“{title}”" for title in doubled)
        composed.notes.append(f"Results on record of {names} are not added: the activity's own results have them.")
    left = [each for each in results if as_seen(each.title) not in told]
    for above, own in _by_group(left, rows.groups):
        composed.put("result", _result(above, own), "")


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
    for (_code, title, measure), own in groupby(results, lambda each: (each.code, each.title, _measure(each))):
        indicator = INDICATOR.render(
            {
                "measure": measure,
                "ascending": None,
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


def _measure(result: Shown) -> str:
    return _MEASURES.get(result.measure or "", _UNIT)


def _actual(measure: str, reached: Sequence[Shown]) -> dict[str, object]:
    """What was reached in a year: how much, and in words; one that is told in words has no number."""
    said = " ".join(each.sentence.strip() for each in reached)
    value = None if measure == _MEASURES[QUALITATIVE] else plain(exact_sum(each.quantity for each in reached))
    return {"value": value, "comment": said[:_SAID], "dimensions": None}
