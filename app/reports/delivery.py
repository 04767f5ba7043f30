"""The report ``delivery``: what was allocated, what was spent of it, and the rate."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from app.db.lookups import the_setup
from app.domain.delivery import Delivery, DeliveryFacts, Variant, View, delivery, measured_periods, roll_up
from app.domain.money import minor_units, plain
from app.domain.periods import FiscalCalendar, Period, PeriodKind, day_after
from app.reports.attribution import rounded_rows
from app.reports.calendars import calendar_of, periods_of
from app.reports.delivery_facts import Key, facts_by_key
from app.reports.frame import Cell, Report, ReportTable, Request

#: dimensions of time split the period; the others group projects and their money
TIME = ("month", "quarter", "year")
DIMENSIONS = ("project", "unit", "officer", "partner", "source", "outcome", "region", "country", *TIME)
#: variant → the figures that make its rate: column and field of a ``Delivery``
FIGURES: Mapping[Variant, tuple[tuple[str, str], ...]] = {
    Variant.EXPENDITURE: (("allocation", "allocation"), ("expenditure", "expenditure")),
    Variant.WITH_ENCUMBRANCE: (
        ("allocation", "allocation"),
        ("expenditure", "expenditure"),
        ("encumbrance", "encumbrance"),
    ),
    Variant.CUMULATIVE_RECEIPTS: (("receipts", "receipts"), ("expenditure", "cumulative_expenditure")),
}

DEFINITION = (
    "Delivery rate: {variant}, in percent. Expenditure is transactions of type 4, and of type 3 to others, net of "
    "adjustments, without internal transfers; allocations are the newest decisions known on the day, shared out by "
    "days where they cross the period's ends. Support cost is included on both sides. The rate of a month or quarter "
    "is year-to-date over the year's allocation; that of a group is the ratio of its sums."
)

Cells = dict[Key, list[Delivery]]


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a number of statements that depends on neither the portfolio nor the ledger."""
    fiscal = calendar_of(the_setup(session))
    variant = Variant(request.variant or Variant.EXPENDITURE.value)
    periods = periods_of(request.period, fiscal)
    time = next((name for name in request.by if name in TIME), None)
    slots = [slot for period in periods for slot in _split(period, time, fiscal)] if time else list(periods)
    groups = tuple(name for name in request.by if name not in TIME)
    measured = [measured_periods(slot, fiscal) for slot in (*slots, *periods)]
    gathered = facts_by_key(session, request, groups, measured, from_the_beginning=_is_cumulative(variant))
    view = View(
        as_of=request.as_of, currency=request.currency, rates=gathered.rates, fiscal=fiscal, with_support_cost=True
    )
    cells = {key: [delivery(facts, slot, view) for slot in slots] for key, facts in gathered.by_key.items()}
    cells = {key: row for key, row in cells.items() if any(_says_something(cell, variant) for cell in row)}
    totals = [roll_up((row[place] for row in cells.values()), request.currency) for place in range(len(slots))]
    places = minor_units(request.currency) if gathered.derived else None
    shown = [
        _shown([row[place] for row in cells.values()], totals[place], variant, places) for place in range(len(slots))
    ]
    keys = list(cells)
    if time:
        rows = _rows_by_time(request.by, time, groups, keys, slots, shown)
        whole = _whole_period(gathered.by_key, periods, view, request)
        columns = (*request.by, *(name for name, _ in FIGURES[variant]), "rate")
        total_cells = _figures(whole, variant, places) if whole else {}
    else:
        names = [_names(slot.label if len(slots) > 1 else None, variant) for slot in slots]
        rows = [_grouped(groups, key, names, [column[number] for column in shown]) for number, key in enumerate(keys)]
        columns = (*groups, *(name for by_slot in names for name in by_slot))
        total_cells = {
            name: cell
            for by_slot, total in zip(names, totals, strict=True)
            for name, cell in zip(by_slot, _figures(total, variant, places).values(), strict=True)
        }
    return ReportTable(
        report="delivery",
        definition=_definition(variant, groups),
        period=request.period,
        as_of=request.as_of,
        currency=request.currency,
        columns=columns,
        rows=tuple(rows),
        totals=total_cells,
        figures=frozenset(columns) - set(request.by),
        remarks=_remarks(totals, cells),
        variant=variant.value,
    )


#: what a dimension means where its name does not say it
_MEANINGS = {
    "region": "Region: that of the responsible unit.",
    "officer": "Officer: the one named on the project now.",
    "country": "Country: as recorded on the row, else by the project's percentages.",
    "outcome": "Outcome: of the allocation, else of the project; spending follows the allocations of the period.",
    "source": "Source: the agreement or own resources of the row; spending that names none follows the allocations "
    "of the period, else the funding shares.",
    "partner": "Partner: of the row's agreement; spending that names none follows the allocations of the period, "
    "else the funding shares; own resources have none.",
}


def _definition(variant: Variant, groups: Sequence[str]) -> str:
    meanings = [_MEANINGS[name] for name in groups if name in _MEANINGS]
    return " ".join([DEFINITION.format(variant=variant.value), *meanings])


def _is_cumulative(variant: Variant) -> bool:
    return variant is Variant.CUMULATIVE_RECEIPTS


def _split(period: Period, time: str, fiscal: FiscalCalendar) -> Iterator[Period]:
    """The months, quarters or years of a period, none reaching beyond its ends."""
    finders = {"month": fiscal.month_of, "quarter": fiscal.quarter_of, "year": fiscal.year_of}
    day = period.start
    while True:
        found = finders[time](day)
        start, end = max(found.start, period.start), min(found.end, period.end)
        yield (
            found
            if (start, end) == (found.start, found.end)
            else Period(
                start=start, end=end, kind=PeriodKind.RANGE if time == "year" else found.kind, label=found.label
            )
        )
        if found.end >= period.end:
            return
        day = day_after(found.end)


def _says_something(cell: Delivery, variant: Variant) -> bool:
    """Whether a figure of the variant is not zero; one that lacks a rate is not."""
    return any(getattr(cell, field) != 0 for _, field in FIGURES[variant])


def _figures(cell: Delivery, variant: Variant, places: int | None) -> dict[str, Cell]:
    """The printed figures of one cell; ``places`` is None where nothing was computed but sums."""
    values: dict[str, Cell] = {}
    for name, field in FIGURES[variant]:
        figure: Decimal | None = getattr(cell, field)
        if figure is not None and places is not None:
            (figure,) = rounded_rows([figure], figure, places)
        values[name] = None if figure is None else plain(figure)
    values["rate"] = cell.percent(variant)
    return values


def _shown(column: Sequence[Delivery], total: Delivery, variant: Variant, places: int | None) -> list[dict[str, Cell]]:
    """The printed figures of the rows of one period; their sum is the printed total."""
    shown = [_figures(cell, variant, places) for cell in column]
    if places is None:
        return shown
    for name, field in FIGURES[variant]:
        whole: Decimal | None = getattr(total, field)
        if whole is None:
            continue
        rounded = rounded_rows([getattr(cell, field) for cell in column], whole, places)
        for cells, figure in zip(shown, rounded, strict=True):
            cells[name] = plain(figure)
    return shown


def _names(label: str | None, variant: Variant) -> list[str]:
    """Names of the columns of one period."""
    names = [*(name for name, _ in FIGURES[variant]), "rate"]
    return names if label is None else [f"{name} {label}" for name in names]


def _grouped(
    groups: Sequence[str], key: Key, names: Sequence[Sequence[str]], figures: Sequence[dict[str, Cell]]
) -> dict[str, Cell]:
    row: dict[str, Cell] = dict(zip(groups, key, strict=True))
    for by_slot, cells in zip(names, figures, strict=True):
        row.update(zip(by_slot, cells.values(), strict=True))
    return row


def _rows_by_time(
    by: Sequence[str],
    time: str,
    groups: Sequence[str],
    keys: Sequence[Key],
    slots: Sequence[Period],
    shown: Sequence[Sequence[dict[str, Cell]]],
) -> list[dict[str, Cell]]:
    """A row for each key and stretch of time, ordered as the dimensions were given."""
    rows: list[dict[str, Cell]] = []
    places = [(number, place) for number in range(len(keys)) for place in range(len(slots))]
    if by[0] == time:
        places.sort(key=lambda pair: (pair[1], pair[0]))
    for number, place in places:
        named: dict[str, Any] = dict(zip(groups, keys[number], strict=True))
        named[time] = slots[place].label
        rows.append({**{name: named[name] for name in by}, **shown[place][number]})
    return rows


def _whole_period(
    facts: Mapping[Key, DeliveryFacts], periods: Sequence[Period], view: View, request: Request
) -> Delivery | None:
    """The total of a report by time: that of the period asked for; several have none in common."""
    if len(periods) != 1:
        return None
    return roll_up((delivery(one, periods[0], view) for one in facts.values()), request.currency)


def _remarks(totals: Sequence[Delivery], cells: Cells) -> tuple[str, ...]:
    """Rates of exchange that were missing, each once, and which rows they leave without figures."""
    missing = dict.fromkeys(str(rate) for total in totals for rate in total.missing)
    rows = sum(1 for row in cells.values() if any(cell.missing for cell in row))
    if not missing:
        return ()
    noun = "row lacks its" if rows == 1 else "rows lack their"
    return (*(f"There is {rate}." for rate in missing), f"{rows} {noun} figures for want of a rate of exchange.")


DELIVERY = Report(
    name="delivery",
    definition=DEFINITION.format(variant="the variant's ratio"),
    dimensions=DIMENSIONS,
    variants=tuple(variant.value for variant in FIGURES),
    compute=compute,
)
