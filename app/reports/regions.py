"""The report ``regions``: expenditure by region as it is recorded, and with interregional money shared out."""

from collections import defaultdict
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.delivery import Delivery, Variant, roll_up
from app.domain.regions import INTERREGIONAL
from app.reports.calendars import periods_of
from app.reports.delivery_facts import gather
from app.reports.delivery_keys import RECORDED_COUNTRY, RECORDED_REGION, Key
from app.reports.delivery_sums import Question
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.printing import amount, amounts, shares
from app.reports.spent import missing_remarks, whole_of

REGION, COUNTRY = "region", "country"
DIMENSIONS = (REGION, COUNTRY)
DEFINITION = (
    "Expenditure by region as recorded and re-attributed. Recorded is the region of the country on the row or else of "
    "the one country or region of the project: money of several countries or of none stands as interregional. "
    "Attributed shares that money out over the regions of the project's countries by their percentages; what names no "
    "country or region stays interregional. Expenditure is transactions of type 4 and of type 3 to others; adjustments "
    "count and internal transfers do not. Shares are in percent of the total. Every amount is converted by the rate of "
    "its own day."
)
VIEWS = ("recorded", "attributed")


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements; both views are shared out of the same sums."""
    fiscal = calendar_of(the_setup(session))
    periods = periods_of(request.period, fiscal)
    whole = whole_of(periods)
    by = (REGION, COUNTRY) if COUNTRY in request.by else (REGION,)
    recorded = (RECORDED_REGION, RECORDED_COUNTRY)[: len(by)]
    question = Question(
        request=request,
        variant=Variant.EXPENDITURE,
        groups=(*recorded, *by),
        periods=[whole],
        fiscal=fiscal,
        spent_only=True,
    )
    gathered = gather(session, question)
    cells: dict[str, dict[Key, list[Delivery]]] = {name: defaultdict(list) for name in VIEWS}
    for number in gathered.order:
        key, cell = gathered.keys[number], gathered.cells.cell(number, 0)
        if not cell.expenditure and not cell.missing:
            continue
        cells["recorded"][key[: len(by)]].append(cell)
        cells["attributed"][key[len(by) :]].append(cell)
    total = roll_up((cell for found in cells["recorded"].values() for cell in found), request.currency)
    keys = sorted({*cells["recorded"], *cells["attributed"]}, key=_order)
    columns: dict[str, list[Cell]] = {name: [key[place] for key in keys] for place, name in enumerate(by)}
    totals: dict[str, Cell] = {}
    rolled = {name: [roll_up(cells[name].get(key, ()), request.currency) for key in keys] for name in VIEWS}
    for name in VIEWS:
        figures: list[Decimal | None] = [cell.expenditure for cell in rolled[name]]
        columns[name] = [*amounts(figures, total.expenditure, request.currency, derived=gathered.derived)]
        columns[f"{name}_share"] = [*shares(figures, total.expenditure)]
        totals[name] = amount(total.expenditure, request.currency, derived=gathered.derived)
        totals[f"{name}_share"] = "100.00" if total.expenditure else None
    return ReportTable(
        report="regions",
        definition=DEFINITION,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=tuple(columns),
        rows=tuple({name: found[place] for name, found in columns.items()} for place in range(len(keys))),
        totals=totals,
        figures=frozenset(columns) - {REGION, COUNTRY},
        remarks=missing_remarks(
            [{place: cell.missing for place, cell in enumerate(rolled["recorded"]) if cell.missing}]
        ),
        rates=gathered.used,
    )


def _order(key: Key) -> list[tuple[bool, bool, str]]:
    """By name; interregional money, and within a region what is of no country, last."""
    return [(value == INTERREGIONAL, value is None, value or "") for value in key]


REGIONS = Report(name="regions", definition=DEFINITION, dimensions=DIMENSIONS, variants=(), compute=compute)
