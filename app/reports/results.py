"""The report ``results``: what was achieved of what was planned, by indicator, output or outcome, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.achieved import Achieved
from app.domain.contributions import change, percent_of
from app.domain.framework import (
    INDICATOR,
    OUTCOME,
    OUTPUT,
    PERCENTAGE,
    Branch,
    Item,
    Mark,
    added,
    of_one_unit,
    placed,
    unequal,
)
from app.domain.money import plain
from app.domain.periods import FiscalCalendar, Period
from app.reports.achieved import OF_RECORDS, Grouped, grouped
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.printing import percent
from app.reports.queries_results import achieved, framework_items, framework_records, framework_targets
from app.reports.reckoned import Reckoned, counted_twice, cut, listed
from app.reports.restated import Restated, restated
from app.reports.versions import Targets, of_periods

LEVELS = (INDICATOR, OUTPUT, OUTCOME)
DIMENSIONS = (*LEVELS, *OF_RECORDS)
NUMBER, SHARE = "number", "share of results"
DEFINITION = (
    "Results against targets: what the results frameworks of the period record by now with one column for each region "
    "({variant}). An outcome or output has the figures that are stated of it; where a framework states none they are "
    "the sums of its indicators. The total is that of the outcomes. Indicators that count something else are told and "
    "counted as above or on or below their target (where it is a ceiling less than that is above); their figures are "
    "in no sum that leaves them out. Sums are of one unit: that of most of what is summed. The target is the one "
    "stated for exactly the days asked for or else that of the whole framework. Where a framework calls its levels "
    "otherwise its highest stands for the outcomes and the one above the indicators for the outputs. Basis: records "
    "where results are on record one by one (each with its quantity; those of the years in the period); groups and "
    "the total are then sums of the records and loaded totals stand beside them. Over target is result over target "
    "less one in percent. "
    "Before: results of the period that is compared with as far as the crosswalk leads to what is shown."
)
OF_RECORD = (
    "Results on record of the years in the period. Each counts once in the total; by mark and project and source it "
    "stands in each row that it belongs to. Share is the part of all results in percent. What a source brought about: "
    "a result goes back to the sources that are stated of it; where none is stated to all that its projects spent in "
    "the period. It is parted by what was spent of each (in equal parts where nothing was spent of stated sources) "
    "and not attributed where nobody knows. The parts of a result make 1: attributed sums to the number of results. "
    "Sources are RB for assessed and RBSA for unearmarked voluntary and XBDC for earmarked agreements; own resources "
    "have their own name."
)
#: columns of indicators that are told in words
_IN_WORDS = ("target_text", "result_text")
#: columns of the period that is compared with
_COMPARED = ("before", "change")
#: columns beside which one stands for each region
_BEFORE, _AFTER = ("target", "result"), ("over_target", "indicators", "above", "on", "below")


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements; what is compared takes as many again, and one for each two
    frameworks."""
    fiscal = calendar_of(the_setup(session))
    periods = periods_of(request.period, fiscal)
    taken = _taken(session, fiscal, periods)
    parts, in_period, targets = taken.parts, taken.in_period, taken.targets
    remarks = [*taken.unread, *(remark for part in parts for remark in part.remarks()), *counted_twice(in_period)]
    if set(OF_RECORDS) & set(request.by):
        homes = {branch.item.id: branch for part in parts for branch in part.branches(INDICATOR)}
        return _by_records(grouped(session, request, fiscal, in_period, homes), request, periods, remarks)
    chosen = [item for part in parts for item in part.items]
    level = next(name for name in LEVELS if name in request.by)
    regions = sorted({region for item in chosen for region in item.regions})
    as_share = request.variant == SHARE
    before = _before(session, request, fiscal, parts, level)
    columns = (
        *(("framework",) if len(parts) > 1 else ()),
        *(name for name in (OUTCOME, OUTPUT, INDICATOR) if name in request.by),
        *(("level",) if any(item.called for item in chosen) else ()),
        "title",
        *(("unit",) if any(item.unit for item in chosen) else ()),
        *_BEFORE,
        *regions,
        *_AFTER,
        *(_COMPARED if before is not None else ()),
        *(("against_target", "baseline") if level == INDICATOR else ()),
        *(name for name in _IN_WORDS if level == INDICATOR and any(getattr(item, name) for item in chosen)),
        "basis",
        *(("loaded",) if taken.on_record else ()),
        *targets.columns(chosen),
    )
    rows = [
        _row(branch, columns, regions, targets, part, before, as_share=as_share)
        for part in parts
        for branch in part.branches(level)
    ]
    tops = [branch for part in parts for branch in part.tops()]
    counted = [branch for part in parts for branch in part.branches(INDICATOR)]
    if chosen and not taken.on_record:
        remarks.append("No results are on record one by one: the figures are totals as they were loaded.")
    return ReportTable(
        report="results",
        definition=DEFINITION.format(variant=request.variant),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        columns=columns,
        rows=tuple(rows),
        totals=_totals(tops, counted, regions, as_share=as_share),
        figures=frozenset((*_BEFORE, *regions, *_AFTER, *_COMPARED, "loaded", *targets.columns(chosen))),
        remarks=(*remarks, *_unequal(chosen), *_lacking(chosen), *(() if before is None else before.remarks)),
        variant=request.variant,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taken:
    """The frameworks of some periods with what is reckoned for them."""

    parts: Sequence[Reckoned]
    on_record: Sequence[Achieved]
    in_period: Sequence[Achieved]
    targets: Targets
    unread: Sequence[str]


def _taken(session: Session, fiscal: FiscalCalendar, periods: Sequence[Period]) -> _Taken:
    records = framework_records(session)
    found, unread = of_periods(framework_items(session), records, periods, fiscal)
    targets = Targets(framework_targets(session), periods)
    frameworks = list(dict.fromkeys(item.framework for item in found))
    on_record = achieved(session, frameworks) if frameworks else []
    in_period = [each for each in on_record if any(fiscal.year(each.year).overlaps(period) for period in periods)]
    parts = [
        Reckoned.of(
            placed(
                [targets.applied(item) for item in found if item.framework == name],
                records[name].levels if name in records else (),
            ),
            on_record,
            in_period,
        )
        for name in frameworks
    ]
    return _Taken(parts=parts, on_record=on_record, in_period=in_period, targets=targets, unread=unread)


def _before(
    session: Session, request: Request, fiscal: FiscalCalendar, shown: Sequence[Reckoned], level: str
) -> Restated | None:
    """Results of the period that is compared with, by what is shown; None where none is named."""
    if (named := request.options.get("compare")) is None:
        return None
    return restated(session, _taken(session, fiscal, periods_of(named, fiscal)).parts, shown, level)


def _compared(before: Decimal | None, result: Decimal | None) -> dict[str, Cell]:
    grown = None if before is None or result is None else change(before, result)
    return {"before": _plain(before), "change": percent(grown)}


def _by_records(found: Grouped, request: Request, periods: Sequence[Period], remarks: Sequence[str]) -> ReportTable:
    return ReportTable(
        report="results",
        definition=OF_RECORD,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        columns=found.columns,
        rows=tuple(found.rows),
        totals=found.totals,
        figures=frozenset(found.columns) - set(request.by),
        remarks=(*remarks, *found.remarks),
        rates=found.rates,
        variant=request.variant,
    )


def _row(
    branch: Branch,
    columns: Sequence[str],
    regions: Sequence[str],
    targets: Targets,
    part: Reckoned,
    before: Restated | None,
    *,
    as_share: bool,
) -> dict[str, Cell]:
    item = branch.item
    earlier = None if before is None else before.results.get((item.framework, item.code))
    cells: dict[str, Cell] = {"framework": item.framework, INDICATOR: item.code, "title": item.title, "unit": item.unit}
    cells |= {OUTCOME: branch.outcome, OUTPUT: branch.output, "level": item.called or item.level}
    cells |= {name: _plain(targets.of(item, name)) for name in columns if name.startswith("target_")}
    cells["baseline"], cells["basis"], cells["loaded"] = (
        item.baseline,
        part.basis(branch),
        _plain(part.loaded.get(item.id)),
    )
    figures = {region: item.regions.get(region) for region in regions}
    cells |= _figures(item.target, item.result, figures, as_share=as_share)
    cells |= _compared(earlier, item.result)
    cells |= _marks([branch]) | {name: getattr(item, name) for name in _IN_WORDS}
    cells["against_target"] = None if item.mark is None else item.mark.value
    return {name: cells[name] for name in columns}


def _totals(
    tops: Sequence[Branch], counted: Sequence[Branch], regions: Sequence[str], *, as_share: bool
) -> dict[str, Cell]:
    same = of_one_unit([branch.item for branch in tops])
    figures = {region: added(item.regions.get(region) for item in same) for region in regions}
    target, result = (added(getattr(item, name) for item in same) for name in _BEFORE)
    lacking = sum(1 for branch in counted if branch.item.baseline is None)
    share = percent_of(Decimal(lacking), Decimal(len(counted))) if counted else None
    baselines: dict[str, Cell] = {"without_baseline": lacking, "without_baseline_share": percent(share)}
    return _figures(target, result, figures, as_share=as_share) | _marks(counted) | baselines


def _figures(
    target: Decimal | None, result: Decimal | None, regions: dict[str, Decimal | None], *, as_share: bool
) -> dict[str, Cell]:
    cells: dict[str, Cell] = {"target": _plain(target), "result": _plain(result)}
    for region, figure in regions.items():
        share = None if figure is None or result is None else percent_of(figure, result)
        cells[region] = percent(share) if as_share else _plain(figure)
    over = None if target is None or result is None else change(target, result)
    return cells | {"over_target": percent(over)}


def _plain(figure: Decimal | None) -> str | None:
    return None if figure is None else plain(figure)


def _marks(found: Sequence[Branch]) -> dict[str, Cell]:
    """How many indicators there are, and how they stand; those without target or result are in none of the three."""
    counts: dict[str, Cell] = {"indicators": sum(len(branch.indicators) for branch in found)}
    return counts | {mark.value: sum(branch.marked(mark) for branch in found) for mark in Mark}


def _unequal(items: Sequence[Item]) -> list[str]:
    return cut([f"{sentence}." for sentence in unequal(items)], "more do not add up.")


def _lacking(items: Sequence[Item]) -> list[str]:
    """A sentence on indicators whose target does not say what it counts."""
    codes = [item.code for item in items if item.level == INDICATOR and item.target is not None and not _counts(item)]
    if not codes:
        return []
    return [f"Indicators whose target does not say what it counts: {listed(codes)}."]


def _counts(item: Item) -> bool:
    return item.unit is not None or item.measure == PERCENTAGE


RESULTS = Report(
    name="results",
    definition=DEFINITION.format(variant="or its share of the result"),
    dimensions=DIMENSIONS,
    variants=(NUMBER, SHARE),
    compute=compute,
    options=("compare",),
)
