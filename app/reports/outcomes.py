"""The report ``outcomes``: what was budgeted for each outcome from each source of funds, and what was spent of it."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import percent_of
from app.domain.delivery import Delivery, Variant, roll_up
from app.domain.framework import OUTCOME, OUTPUT, Item, code_order, home_of
from app.reports.calendars import periods_of
from app.reports.delivery_facts import gather
from app.reports.delivery_keys import Key
from app.reports.delivery_sums import Question
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.printing import amount, amounts, percent
from app.reports.queries_classes import FUNDS
from app.reports.queries_results import framework_items, framework_records
from app.reports.reckoned import listed
from app.reports.spent import missing_remarks, whole_of
from app.reports.versions import of_periods

SOURCE = "source"
DIMENSIONS = (SOURCE, OUTPUT, OUTCOME)
DEFINITION = (
    "Budget and expenditure by outcome and source of funds. Budget is the newest allocations known on the day: where "
    "they cross the period's ends they are shared out by days. Expenditure is transactions of type 4 and of type 3 to "
    "others; adjustments count and internal transfers do not. The outcome is that of the allocation or else of the "
    "project; spending follows the allocations of its fiscal year. The source is RB for assessed and RBSA for "
    "unearmarked voluntary and XBDC for earmarked agreements; own resources have the name that the allocation gives. "
    "Spending that names no agreement has the source of its project's allocations of the year or else of the "
    "agreements that fund it where they are all of one. Rate is expenditure over budget in percent and empty without "
    "a budget. Share is the part of the outcome's expenditure. Support cost is included. Every amount is converted by "
    "the rate of its own day."
)


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements."""
    fiscal = calendar_of(the_setup(session))
    periods = periods_of(request.period, fiscal)
    whole = whole_of(periods)
    question = Question(
        request=request,
        variant=Variant.EXPENDITURE,
        groups=(OUTCOME, FUNDS),
        periods=[whole],
        fiscal=fiscal,
    )
    gathered = gather(session, question)
    every = framework_items(session)
    # the same code means another thing in each framework; where none is of the period, any may tell
    of_time, _ = of_periods(every, framework_records(session), periods, fiscal)
    items = of_time or every
    named: dict[str, None] = {}
    # by the outcome alone a row has one source; the output is told where the code is one of an output
    names = (OUTCOME, *(name for name in (OUTPUT, SOURCE) if name in request.by))
    groups: dict[Key, list[Delivery]] = {}
    of_outcome: dict[str | None, list[Delivery]] = {}
    for number in gathered.order:
        (code, source), cell = gathered.keys[number], gathered.cells.cell(number, 0)
        if not cell.missing and not cell.allocation and not cell.expenditure:
            continue
        if code is not None:
            named[code] = None
        outcome, output = (None, None) if code is None else home_of(code, items)
        said = {OUTCOME: outcome, OUTPUT: output, SOURCE: source}
        groups.setdefault(tuple(said[name] for name in names), []).append(cell)
        of_outcome.setdefault(outcome, []).append(cell)
    keys = sorted(groups, key=lambda key: [(value is None, value or "") for value in key])
    cells = [roll_up(groups[key], request.currency) for key in keys]
    outcomes = {name: roll_up(found, request.currency) for name, found in of_outcome.items()}
    total = roll_up(cells, request.currency)
    columns: dict[str, Sequence[Cell]] = {name: [key[place] for key in keys] for place, name in enumerate(names)}
    for name, field in (("budget", "allocation"), ("expenditure", "expenditure")):
        figures = [getattr(cell, field) for cell in cells]
        columns[name] = amounts(figures, getattr(total, field), request.currency, derived=gathered.derived)
    # nothing was budgeted, which is not the same as a budget of nothing
    columns["budget"] = [
        shown if cell.allocation != 0 else None for shown, cell in zip(columns["budget"], cells, strict=True)
    ]
    columns["rate"] = [cell.percent() for cell in cells]
    columns["share"] = [_share(cell, outcomes[key[0]]) for key, cell in zip(keys, cells, strict=True)]
    return ReportTable(
        report="outcomes",
        definition=DEFINITION,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=tuple(columns),
        rows=tuple({name: found[place] for name, found in columns.items()} for place in range(len(keys))),
        totals={
            "budget": amount(total.allocation, request.currency, derived=gathered.derived),
            "expenditure": amount(total.expenditure, request.currency, derived=gathered.derived),
            "rate": total.percent(),
        },
        figures=frozenset({"budget", "expenditure", "rate", "share"}),
        remarks=(
            *missing_remarks([{place: cell.missing for place, cell in enumerate(cells) if cell.missing}]),
            *_unknown(named, of_time),
        ),
        rates=gathered.used,
    )


def _unknown(named: Iterable[str], items: Sequence[Item]) -> tuple[str, ...]:
    """A sentence on codes that projects or allocations name, and no framework of the period has."""
    known = {item.code for item in items}
    strange = sorted((code for code in named if code not in known), key=code_order) if items else []
    if not strange:
        return ()
    frameworks = " or ".join(dict.fromkeys(item.framework for item in items))
    return (f"Projects or allocations name outcomes that {frameworks} does not know: {listed(strange)}.",)


def _share(cell: Delivery, outcome: Delivery) -> str | None:
    if cell.expenditure is None or not outcome.expenditure:
        return None
    return percent(percent_of(cell.expenditure, outcome.expenditure))


OUTCOMES = Report(
    name="outcomes",
    definition=DEFINITION,
    dimensions=DIMENSIONS,
    variants=(),
    compute=compute,
)
