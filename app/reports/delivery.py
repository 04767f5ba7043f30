"""The report ``delivery``: what was allocated, what was spent of it, and the rate.

One figure, one truth: a row that shows a period holds what the report of that period holds; how figures are grouped,
and what else is asked for, changes none of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.delivery import Delivery, Variant, View, delivery, measured_periods, pace, roll_up
from app.domain.money import minor_units, plain
from app.domain.periods import FiscalCalendar, Period, day_after
from app.reports.attribution import rounded_rows
from app.reports.calendars import periods_of
from app.reports.delivery_facts import Key, Question, gather
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.options import number as whole_number
from app.reports.printing import percent
from app.reports.spent import missing_remarks, whole_of

#: dimensions of time split the period; the others group projects and their money
TIME = ("month", "quarter", "year")
DIMENSIONS = ("project", "unit", "officer", "partner", "source", "outcome", "region", "unit-region", "country", *TIME)
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

# without commas: in CSV a line with one would be put between quotation marks and no longer begin with its "#"
DEFINITION = (
    "Delivery rate: {variant} in percent. Expenditure is transactions of type 4 and of type 3 to others; adjustments "
    "count and internal transfers do not. Allocations are the newest decisions known on the day; where they cross the "
    "period's ends they are shared out by days. Support cost is included on both sides. Every amount is converted by "
    "the rate of its own day. The rate of a month or quarter is year-to-date over the year's allocation and so are "
    "its figures; that of a group is the ratio of its sums."
)


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a number of statements that depends on neither the portfolio nor the ledger."""
    fiscal = calendar_of(the_setup(session))
    variant = Variant(request.variant or Variant.EXPENDITURE.value)
    periods = periods_of(request.period, fiscal)
    time = next((name for name in request.by if name in TIME), None)
    whole = whole_of(periods)
    slots = _slots(whole, time, fiscal) if time else list(periods)
    groups = tuple(name for name in request.by if name not in TIME)
    asked = [*slots, whole] if time else slots
    measured = [measured_periods(period, fiscal) for period in asked]
    question = Question(request=request, variant=variant, groups=groups, measured=measured, fiscal=fiscal)
    gathered = gather(session, question)
    view = View(currency=request.currency, rates=gathered.rates, fiscal=fiscal)
    cells = {key: [delivery(sums, slot, view) for slot in slots] for key, sums in gathered.by_key.items()}
    cells = {key: row for key, row in cells.items() if any(_says_something(cell, variant) for cell in row)}
    totals = [roll_up((row[place] for row in cells.values()), request.currency) for place in range(len(slots))]
    places = minor_units(request.currency)
    shown = [
        _shown([row[place] for row in cells.values()], totals[place], variant, places, derived=gathered.derived)
        for place in range(len(slots))
    ]
    keys = list(cells)
    if time:
        rows = _rows_by_time(request.by, time, groups, keys, slots, shown)
        all_of_it = roll_up((delivery(sums, whole, view) for sums in gathered.by_key.values()), request.currency)
        columns = (*request.by, *(name for name, _ in FIGURES[variant]), "rate")
        total_cells = _figures(all_of_it, variant, places, derived=gathered.derived)
    else:
        names = [_names(slot.label if len(slots) > 1 else None, variant) for slot in slots]
        rows = [_grouped(groups, key, names, [column[number] for column in shown]) for number, key in enumerate(keys)]
        columns = (*groups, *(name for by_slot in names for name in by_slot))
        total_cells = {
            name: cell
            for by_slot, total in zip(names, totals, strict=True)
            for name, cell in zip(
                by_slot, _figures(total, variant, places, derived=gathered.derived).values(), strict=True
            )
        }
    return ReportTable(
        report="delivery",
        definition=_definition(variant, groups),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=columns,
        rows=tuple(rows),
        totals=total_cells,
        figures=frozenset(columns) - set(request.by),
        remarks=(*missing_remarks(totals, cells.values()), *_slow(request, cells, slots[-1], fiscal)),
        rates=gathered.used,
        variant=variant.value,
    )


#: what a dimension means where its name does not say it
_MEANINGS = {
    "region": "Region: that of the country recorded on the row or else by the project's countries and percentages; "
    "what is of no region is interregional.",
    "unit-region": "Unit-region: that of the responsible unit.",
    "officer": "Officer: the one named on the project now.",
    "country": "Country: as recorded on the row or else by the project's percentages.",
    "outcome": "Outcome: of the allocation or else of the project; spending follows the allocations of its fiscal year "
    "and encumbrances follow the project.",
    "source": "Source: the agreement or own resources of the row; money that names none is not attributed.",
    "partner": "Partner: of the row's agreement; own resources have none and money that names no source is not "
    "attributed.",
}
_OF_VARIANTS = {
    Variant.WITH_ENCUMBRANCE: "Encumbrance is what is outstanding on the last day of the period or on the day looked "
    "from if that is earlier.",
    Variant.CUMULATIVE_RECEIPTS: "Both are counted from the beginning. What a pool passed on is received by the "
    "project and taken off the pool; it keeps the donors' shares of the pool.",
}


def _definition(variant: Variant, groups: Sequence[str]) -> str:
    meanings = [_MEANINGS[name] for name in groups if name in _MEANINGS]
    of_variant = [_OF_VARIANTS[variant]] if variant in _OF_VARIANTS else []
    return " ".join([DEFINITION.format(variant=variant.value), *of_variant, *meanings])


def _slots(whole: Period, time: str, fiscal: FiscalCalendar) -> list[Period]:
    """The months, quarters or years of a period; where it begins or ends within one, the days of that part.

    A period that lies within one of them is its own row: a month by year is that month, with the figures it has
    anywhere else.
    """
    found = list(_split(whole, time, fiscal))
    if len(found) > 1:
        return found
    is_same = measured_periods(found[0], fiscal) == measured_periods(whole, fiscal)
    same_days = (found[0].start, found[0].end) == (whole.start, whole.end)
    return found if same_days and (is_same or time == "year") else [whole]


def _split(whole: Period, time: str, fiscal: FiscalCalendar) -> Iterator[Period]:
    finders = {"month": fiscal.month_of, "quarter": fiscal.quarter_of, "year": fiscal.year_of}
    day = whole.start
    while True:
        found = finders[time](day)
        start, end = max(found.start, whole.start), min(found.end, whole.end)
        yield found if (start, end) == (found.start, found.end) else Period(start=start, end=end)
        if found.end >= whole.end:
            return
        day = day_after(found.end)


def _says_something(cell: Delivery, variant: Variant) -> bool:
    """Whether a figure of the variant is not zero; one that lacks a rate is not."""
    return any(getattr(cell, field) != 0 for _, field in FIGURES[variant])


def _figures(cell: Delivery, variant: Variant, places: int, *, derived: bool) -> dict[str, Cell]:
    """The printed figures of one cell."""
    values: dict[str, Cell] = {}
    for name, field in FIGURES[variant]:
        figure: Decimal | None = getattr(cell, field)
        if figure is None:
            values[name] = None
        else:
            (rounded,) = rounded_rows([figure], figure, places)
            values[name] = _printed(figure, rounded, derived=derived)
    values["rate"] = cell.percent(variant)
    return values


def _printed(figure: Decimal, rounded: Decimal, *, derived: bool) -> str:
    """A figure to cents; where only sums were made and nothing is lost, as it was entered."""
    return plain(figure if not derived and figure == rounded else rounded)


def _shown(
    column: Sequence[Delivery], total: Delivery, variant: Variant, places: int, *, derived: bool
) -> list[dict[str, Cell]]:
    """The printed figures of the rows of one period; their sum is the printed total."""
    shown = [_figures(cell, variant, places, derived=derived) for cell in column]
    for name, field in FIGURES[variant]:
        whole: Decimal | None = getattr(total, field)
        if whole is None:
            continue
        exact = [getattr(cell, field) for cell in column]
        for cells, figure, rounded in zip(shown, exact, rounded_rows(exact, whole, places), strict=True):
            cells[name] = _printed(figure, rounded, derived=derived)
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
        named: dict[str, str | None] = dict(zip(groups, keys[number], strict=True))
        named[time] = slots[place].label
        rows.append({**{name: named[name] for name in by}, **shown[place][number]})
    return rows


def _slow(request: Request, cells: Mapping[Key, Sequence[Delivery]], last: Period, fiscal: FiscalCalendar) -> list[str]:
    """Where ``threshold`` is asked: rows that are projected to stay below it at the end of the last period."""
    threshold = whole_number(request, "threshold")
    found = []
    for key, row in cells.items() if threshold is not None else ():
        own = pace(row[-1], last, request.as_of, fiscal)
        if own is not None and threshold is not None and own.projected < Decimal(threshold).scaleb(-2):
            rate, elapsed, projected = (percent(each.scaleb(2)) for each in (own.rate, own.elapsed, own.projected))
            named = " and ".join(str(value) for value in key if value is not None) or "all of it"
            found.append(
                f"{named}: {rate} % is delivered when {elapsed} % of the time has passed; at this pace it will be "
                f"{projected} % and below {threshold} %."
            )
    return found


DELIVERY = Report(
    name="delivery",
    definition=DEFINITION.format(variant="the variant's ratio"),
    dimensions=DIMENSIONS,
    variants=tuple(variant.value for variant in FIGURES),
    compute=compute,
    options=("threshold",),
)
