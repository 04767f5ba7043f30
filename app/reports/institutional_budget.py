"""The report ``institutional-budget``: the organisation's own budget and estimates by line, in columns of periods."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.db.rates import stored_rates
from app.domain.contributions import change
from app.domain.delivery import cut_by_days
from app.domain.money import Money, Rates, Total, total
from app.domain.periods import Period, day_after
from app.reports.calendars import periods_of
from app.reports.exchange import rates_used
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.giving import missing_rates
from app.reports.printing import amount, amounts, percent, shares
from app.reports.queries_budgets import BudgetFigure, budget_figures

#: the kind of figures that the organisation has in all
_TOTAL = "total"
#: kind, line and country of a row
_Key = tuple[str, ...]
DEFINITION = (
    "Institutional budget: the organisation's own budgets and estimates as decided by the day: of kind total with its "
    "lines and of kind country and expenditure and need (of outcomes). A figure whose period crosses the ends of a "
    "column is shared out by days. The share beside a period is that of the total of this period: of each of its days "
    "the figure of kind total without a line or else the sum of the lines. Each amount is converted by the rate of its "
    "value date."
)
CHANGE = "Change compares the last of the periods with the first in percent."


class _Part(NamedTuple):
    """What of a figure lies within one of the periods."""

    money: Money
    figure: BudgetFigure
    #: first of its days
    since: dt.date


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements; holds the figures of the periods."""
    periods = periods_of(request.period, calendar_of(the_setup(session)))
    first, last = min(each.start for each in periods), max(each.end for each in periods)
    figures = budget_figures(session, first, last, as_of=request.as_of, recorded_at=request.recorded_at)
    rates = stored_rates(session, recorded_at=request.recorded_at)
    parts = [_within(figures, period) for period in periods]
    names = ("kind", "line", "country")
    keys = sorted({_key(part.figure) for found in parts for part in found}, key=_order)
    titles = {_key(each): each.line_title for each in figures if each.line_title}
    columns: dict[str, list[Cell]] = {name: [key[place] or None for key in keys] for place, name in enumerate(names)}
    columns["title"] = [titles.get(key) for key in keys]
    totals: dict[str, Cell] = {}
    sums: list[Total] = []
    of_rows: list[list[Decimal | None]] = []
    of_all: list[Decimal | None] = []
    for period, found in zip(periods, parts, strict=True):
        groups: dict[_Key, list[_Part]] = defaultdict(list)
        for part in found:
            groups[_key(part.figure)].append(part)
        own = [_sum(groups[key], request, rates) if key in groups else None for key in keys]
        making = _of_total(found)
        whole = _sum(making, request, rates)
        sums += [each for each in own if each is not None]
        amounts_of = [None if each is None else each.amount for each in own]
        of_rows.append(amounts_of)
        of_all.append(whole.amount)
        columns[period.label], columns[f"share {period.label}"] = _printed(
            dict(zip(keys, amounts_of, strict=True)), {_key(part.figure) for part in making}, whole.amount, request
        )
        totals[period.label] = amount(whole.amount, request.currency, derived=True) if making else None
        totals[f"share {period.label}"] = percent(Decimal(100)) if whole.amount else None
    if len(periods) > 1:
        columns["change"] = [_change(*ends) for ends in zip(of_rows[0], of_rows[-1], strict=True)]
        totals["change"] = _change(of_all[0], of_all[-1])
    return ReportTable(
        report="institutional-budget",
        definition=" ".join((DEFINITION, *([CHANGE] if len(periods) > 1 else []))),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=tuple(columns),
        rows=tuple({name: cells[place] for name, cells in columns.items()} for place in range(len(keys))),
        totals=totals,
        figures=frozenset(columns) - {*names, "title"},
        remarks=missing_rates(sums),
        rates=rates_used(
            ((part.money.currency, part.figure.value_date) for found in parts for part in found),
            request.currency,
            rates,
        ),
    )


def _within(figures: Sequence[BudgetFigure], period: Period) -> list[_Part]:
    """What of the figures lies within a period, cut where figures that are the total themselves begin and end."""
    edges = {period.start, day_after(period.end)}
    edges |= {day for each in figures if _is_whole(each) for day in (each.period_start, day_after(each.period_end))}
    return [
        _Part(Money(part, figure.currency), figure, piece.start)
        for figure in figures
        for piece, part in cut_by_days(figure.amount, Period(start=figure.period_start, end=figure.period_end), edges)
        if piece.start in period
    ]


def _of_total(parts: Sequence[_Part]) -> list[_Part]:
    """What makes the total of a period: on days that have one the figure that is it itself, or else the lines."""
    covered = {(part.figure.period_start, part.figure.period_end) for part in parts if _is_whole(part.figure)}
    return [
        part
        for part in parts
        if part.figure.kind == _TOTAL
        and (_is_whole(part.figure) or not any(first <= part.since <= last for first, last in covered))
    ]


def _is_whole(figure: BudgetFigure) -> bool:
    return figure.kind == _TOTAL and not figure.line


def _printed(
    figures: Mapping[_Key, Decimal | None], making: Collection[_Key], whole: Decimal | None, request: Request
) -> tuple[list[Cell], list[Cell]]:
    """The amounts of a period and their shares of its total; the rows ``making`` it, and lines that come to it, sum to
    it as they are printed."""
    together: dict[tuple[str, bool], list[_Key]] = defaultdict(list)
    for key, figure in figures.items():
        if figure is not None:
            together[key[0], key in making].append(key)
    told: dict[_Key, str | None] = {}
    parts: dict[_Key, str | None] = {}
    for some in together.values():
        exact = [figures[key] for key in some]
        told |= zip(some, amounts(exact, whole, request.currency, derived=True), strict=True)
        parts |= zip(some, shares(exact, whole), strict=True)
    return [told.get(key) for key in figures], [parts.get(key) for key in figures]


def _sum(parts: Iterable[_Part], request: Request, rates: Rates) -> Total:
    return total(((part.money, part.figure.value_date) for part in parts), request.currency, rates)


def _key(figure: BudgetFigure) -> _Key:
    return figure.kind, figure.line, figure.country


def _order(key: _Key) -> tuple[bool, _Key]:
    """The total with its lines first."""
    return key[0] != _TOTAL, key


def _change(before: Decimal | None, after: Decimal | None) -> str | None:
    return None if before is None or after is None else percent(change(before, after))


INSTITUTIONAL_BUDGET = Report(
    name="institutional-budget",
    definition=DEFINITION,
    dimensions=(),
    variants=(),
    compute=compute,
)
