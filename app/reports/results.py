"""The report ``results``: what was achieved of what was planned, by indicator, output or outcome, and where."""

from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import change, percent_of
from app.domain.framework import INDICATOR, OUTCOME, OUTPUT, Branch, Item, Mark, added, branches, of_one_unit, unequal
from app.domain.money import plain
from app.domain.periods import FiscalCalendar, Period, PeriodError, parse_periods
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.printing import percent
from app.reports.queries_results import framework_items

DIMENSIONS = (INDICATOR, OUTPUT, OUTCOME)
NUMBER, SHARE = "number", "share of results"
DEFINITION = (
    "Results against targets: what the results frameworks of the period record by now with one column for each region "
    "({variant}). An outcome or output has the figures that are stated of it; where a framework states none they are "
    "the sums of its indicators. The total is that of the outcomes. Indicators that count something else are told and "
    "counted as above or on or below their target; their figures are in no sum that leaves them out. Sums are of one "
    "unit: that of most of what is summed. Over target is result over target less one in percent."
)
#: columns beside which one stands for each region
_BEFORE, _AFTER = ("target", "result"), ("over_target", "indicators", "above", "on", "below")
#: what does not add up is told one by one up to so many
_TOLD = 20


def compute(session: Session, request: Request) -> ReportTable:
    """The report in one statement more than the set-up takes."""
    fiscal = calendar_of(the_setup(session))
    periods = periods_of(request.period, fiscal)
    items = framework_items(session)
    chosen, unread = _of_periods(items, periods, fiscal)
    frameworks = list(dict.fromkeys(item.framework for item in chosen))
    parts = [[item for item in chosen if item.framework == name] for name in frameworks]
    level = next(name for name in DIMENSIONS if name in request.by)
    regions = sorted({region for item in chosen for region in item.regions})
    as_share = request.variant == SHARE
    columns = (
        *(("framework",) if len(frameworks) > 1 else ()),
        *(name for name in (OUTCOME, OUTPUT, INDICATOR) if name in request.by),
        "title",
        *(("unit",) if any(item.unit for item in chosen) else ()),
        *_BEFORE,
        *regions,
        *_AFTER,
        *(("against_target",) if level == INDICATOR else ()),
    )
    rows = [_row(branch, columns, regions, as_share=as_share) for part in parts for branch in branches(part, level)]
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
        figures=frozenset((*_BEFORE, *regions, *_AFTER)),
        remarks=(*unread, *_unequal(chosen)),
        variant=request.variant,
    )


def _of_periods(
    items: Sequence[Item], periods: Sequence[Period], fiscal: FiscalCalendar
) -> tuple[list[Item], list[str]]:
    """Items of the frameworks whose time has days of the periods, and remarks on those whose name tells no time."""
    names = dict.fromkeys(item.framework for item in items)
    chosen, unread = set(), []
    for name in names:
        try:
            own = parse_periods(name, fiscal)
        except PeriodError:
            unread.append(f"The name of the framework {name} is no period: it is not shown.")
            continue
        if any(period.overlaps(each) for period in periods for each in own):
            chosen.add(name)
    return [item for item in items if item.framework in chosen], unread


def _row(branch: Branch, columns: Sequence[str], regions: Sequence[str], *, as_share: bool) -> dict[str, Cell]:
    item = branch.item
    cells: dict[str, Cell] = {"framework": item.framework, INDICATOR: item.code, "title": item.title, "unit": item.unit}
    cells |= {OUTCOME: branch.outcome, OUTPUT: branch.output}
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
    return _figures(target, result, figures, as_share=as_share) | _marks(counted)


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


RESULTS = Report(
    name="results",
    definition=DEFINITION.format(variant="or its share of the result"),
    dimensions=DIMENSIONS,
    variants=(NUMBER, SHARE),
    compute=compute,
)
