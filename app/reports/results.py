"""The report ``results``: what was achieved of what was planned, by indicator, output or outcome, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
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
    branches,
    of_one_unit,
    placed,
    unequal,
)
from app.domain.money import plain
from app.domain.periods import FiscalCalendar, Period, PeriodError, parse_periods
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.printing import percent
from app.reports.queries_results import (
    FrameworkRecord,
    TargetRecord,
    framework_items,
    framework_records,
    framework_targets,
)

DIMENSIONS = (INDICATOR, OUTPUT, OUTCOME)
NUMBER, SHARE = "number", "share of results"
DEFINITION = (
    "Results against targets: what the results frameworks of the period record by now with one column for each region "
    "({variant}). An outcome or output has the figures that are stated of it; where a framework states none they are "
    "the sums of its indicators. The total is that of the outcomes. Indicators that count something else are told and "
    "counted as above or on or below their target; their figures are in no sum that leaves them out. Sums are of one "
    "unit: that of most of what is summed. The target is the one stated for exactly the days asked for or else "
    "that of the whole framework. Where a framework calls its levels otherwise its highest stands for the outcomes and "
    "the one above the indicators for the outputs. Over target is result over target less one in percent."
)
#: columns beside which one stands for each region
_BEFORE, _AFTER = ("target", "result"), ("over_target", "indicators", "above", "on", "below")
#: what does not add up is told one by one up to so many
_TOLD = 20


def compute(session: Session, request: Request) -> ReportTable:
    """The report in one statement more than the set-up takes."""
    fiscal = calendar_of(the_setup(session))
    periods = periods_of(request.period, fiscal)
    records = framework_records(session)
    found, unread = _of_periods(framework_items(session), records, periods, fiscal)
    targets = _Targets(framework_targets(session), periods)
    frameworks = list(dict.fromkeys(item.framework for item in found))
    parts = [
        placed(
            [targets.applied(item) for item in found if item.framework == name],
            records[name].levels if name in records else (),
        )
        for name in frameworks
    ]
    chosen = [item for part in parts for item in part]
    level = next(name for name in DIMENSIONS if name in request.by)
    regions = sorted({region for item in chosen for region in item.regions})
    as_share = request.variant == SHARE
    columns = (
        *(("framework",) if len(frameworks) > 1 else ()),
        *(name for name in (OUTCOME, OUTPUT, INDICATOR) if name in request.by),
        *(("level",) if any(item.called for item in chosen) else ()),
        "title",
        *(("unit",) if any(item.unit for item in chosen) else ()),
        *_BEFORE,
        *regions,
        *_AFTER,
        *(("against_target", "baseline") if level == INDICATOR else ()),
        *targets.columns(chosen),
    )
    rows = [
        _row(branch, columns, regions, targets, as_share=as_share) for part in parts for branch in branches(part, level)
    ]
    tops = [branch for part in parts for branch in branches(part, OUTCOME)]
    counted = [branch for part in parts for branch in branches(part, INDICATOR)]
    return ReportTable(
        report="results",
        definition=DEFINITION.format(variant=request.variant),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=columns,
        rows=tuple(rows),
        totals=_totals(tops, counted, regions, as_share=as_share),
        figures=frozenset((*_BEFORE, *regions, *_AFTER, *targets.columns(chosen))),
        remarks=(*unread, *_unequal(chosen), *_lacking(chosen)),
        variant=request.variant,
    )


def _of_periods(
    items: Sequence[Item], records: Mapping[str, FrameworkRecord], periods: Sequence[Period], fiscal: FiscalCalendar
) -> tuple[list[Item], list[str]]:
    """Items of the frameworks whose time has days of the periods, and remarks on those of which no time is known."""
    names = dict.fromkeys(item.framework for item in items)
    chosen, unread = set(), []
    for name in names:
        if (record := records.get(name)) is not None:
            own: Sequence[Period] = (Period(start=record.starts_on, end=record.ends_on),)
        else:
            try:
                own = parse_periods(name, fiscal)
            except PeriodError:
                unread.append(f"The name of the framework {name} is no period: it is not shown.")
                continue
        if any(period.overlaps(each) for period in periods for each in own):
            chosen.add(name)
    return [item for item in items if item.framework in chosen], unread


class _Targets:
    """Targets that are stated for the days that are asked for, or for a region."""

    def __init__(self, targets: Sequence[TargetRecord], periods: Sequence[Period]) -> None:
        asked = (periods[0].start, periods[-1].end)
        #: (item, region) → target; region empty: everywhere
        self.stated = {
            (each.item_id, each.region): each.target
            for each in targets
            if (each.period_start, each.period_end) == asked
        }

    def applied(self, item: Item) -> Item:
        """The item with the target that is stated for the days, else with that of its whole framework."""
        return replace(item, target=self.stated.get((item.id, ""), item.target))

    def columns(self, items: Sequence[Item]) -> tuple[str, ...]:
        """A column for each region that has a target of one of the items."""
        shown = {item.id for item in items}
        regions = {region for number, region in self.stated if region and number in shown}
        return tuple(f"target_{region}" for region in sorted(regions))

    def of(self, item: Item, column: str) -> Decimal | None:
        return self.stated.get((item.id, column.removeprefix("target_")))


def _row(
    branch: Branch, columns: Sequence[str], regions: Sequence[str], targets: _Targets, *, as_share: bool
) -> dict[str, Cell]:
    item = branch.item
    cells: dict[str, Cell] = {"framework": item.framework, INDICATOR: item.code, "title": item.title, "unit": item.unit}
    cells |= {OUTCOME: branch.outcome, OUTPUT: branch.output, "level": item.called or item.level}
    cells |= {name: _plain(targets.of(item, name)) for name in columns if name.startswith("target_")}
    cells["baseline"] = item.baseline
    figures = {region: item.regions.get(region) for region in regions}
    cells |= _figures(item.target, item.result, figures, as_share=as_share)
    cells |= _marks([branch])
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
    found = [f"{sentence}." for sentence in unequal(items)]
    more = len(found) - _TOLD
    return found[:_TOLD] + ([f"{more} more do not add up."] if more > 0 else [])


def _lacking(items: Sequence[Item]) -> list[str]:
    """A sentence on indicators whose target does not say what it counts."""
    codes = [item.code for item in items if item.level == INDICATOR and item.target is not None and not _counts(item)]
    if not codes:
        return []
    named = ", ".join(codes[:_TOLD]) + (f" and {len(codes) - _TOLD} more" if len(codes) > _TOLD else "")
    return [f"Indicators whose target does not say what it counts: {named}."]


def _counts(item: Item) -> bool:
    return item.unit is not None or item.measure == PERCENTAGE


RESULTS = Report(
    name="results",
    definition=DEFINITION.format(variant="or its share of the result"),
    dimensions=DIMENSIONS,
    variants=(NUMBER, SHARE),
    compute=compute,
)
