"""The report ``delivery``: what was allocated, what was spent of it, and the rate.

One figure, one truth: a row that shows a period holds what the report of that period holds; how figures are grouped,
and what else is asked for, changes none of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import compress, count
from typing import cast

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.delivery import Variant, measured_periods, pace, rates_in_percent, sum_known
from app.domain.money import exact_sum, minor_units, plain, round_places
from app.domain.periods import FiscalCalendar, Period, PeriodKind, day_after
from app.reports import net, targets
from app.reports.attribution import rounded_rows
from app.reports.calendars import periods_of
from app.reports.choices import CHOICES, Chosen, chosen_of
from app.reports.delivery_facts import Gathered, gather
from app.reports.delivery_sums import FIELDS, Question
from app.reports.frame import Cell, Report, ReportTable, Request, Rows
from app.reports.options import number as whole_number
from app.reports.printing import percent, unrounded
from app.reports.queries_classes import FUNDS
from app.reports.spent import missing_remarks, whole_of

#: dimensions of time split the period; the others group projects and their money
TIME = ("month", "quarter", "year")
DIMENSIONS = (
    "project", "unit", "officer", "partner", "source", "outcome", "region", "unit-region", "country", "assistance",
    "sector", "category", "subcategory", "funding", FUNDS, *TIME,
)  # fmt: skip
#: what a figure is called, where that is not the name of the field of a ``Delivery``
_CALLED = {"cumulative_expenditure": "expenditure"}
#: variant → the figures that make its rate: column and field
FIGURES: Mapping[Variant, tuple[tuple[str, str], ...]] = {
    variant: tuple((_CALLED.get(field, field), field) for field in fields) for variant, fields in FIELDS.items()
}

# without commas: in CSV a line with one would be put between quotation marks and no longer begin with its "#"
DEFINITION = (
    "Delivery rate: {variant} in percent. Expenditure is transactions of type 4 and of type 3 to others; adjustments "
    "count and internal transfers do not. Allocations are the newest decisions known on the day; where they cross the "
    "period's ends they are shared out by days. {support} Every amount is converted by "
    "the rate of its own day. The rate of a month or quarter is year-to-date over the year's allocation and so are "
    "its figures; that of a group is the ratio of its sums."
)


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a number of statements that depends on neither the portfolio nor the ledger."""
    return _Asked(session, request).table()


def of_year_and_months(session: Session, request: Request) -> tuple[ReportTable, ReportTable]:
    """The report of a period, and the same by month; those of a fiscal year are gathered once.

    ``request`` has no dimension of time.
    """
    by_month = _Asked(session, replace(request, by=(*request.by, "month")))
    of_year = _Asked(session, request)
    if len(of_year.slots) == 1 and of_year.slots[0].kind is PeriodKind.YEAR:
        # the months of a year are told from the days of the year, and its allocations are cut at no other days
        gathered = by_month.gathered
        return of_year.table(gathered, first=len(by_month.slots)), by_month.table(gathered)
    return of_year.table(), by_month.table()


class _Asked:
    """What is asked of the report, and the tables that are made of what was gathered for it."""

    def __init__(self, session: Session, request: Request) -> None:
        self._session, self._request = session, request
        self._fiscal = calendar_of(the_setup(session))
        self._variant = Variant(request.variant or Variant.EXPENDITURE.value)
        self._periods = periods_of(request.period, self._fiscal)
        self._time = next((name for name in request.by if name in TIME), None)
        self._whole = whole_of(self._periods)
        #: the periods that are shown
        self.slots = _slots(self._whole, self._time, self._fiscal) if self._time else list(self._periods)
        self._groups = tuple(name for name in request.by if name not in TIME)
        self._chosen = chosen_of(session, request)

    @property
    def gathered(self) -> Gathered:
        """The figures of the periods that are shown, in their order, and of a split one as a whole at the end."""
        question = Question(
            request=self._request,
            variant=self._variant,
            groups=self._groups,
            periods=[*self.slots, self._whole] if self._time else self.slots,
            fiscal=self._fiscal,
            scope=self._chosen.scope,
            partner=self._chosen.partner,
            net=net.asked(self._request) == net.OUT,
            partner_id=self._chosen.partner_id,
        )
        return gather(self._session, question)

    def table(self, gathered: Gathered | None = None, *, first: int = 0) -> ReportTable:
        """The report; ``gathered``: figures of these and other periods, the ``first`` of these being that one."""
        found = gathered or self.gathered
        request, slots = self._request, self.slots
        places = range(first, first + len(slots) + (1 if self._time else 0))
        shown = [_Shown(found, place, self._variant, request.currency) for place in places]
        saying: set[int] = set()
        for each in shown[: len(slots)]:
            if len(saying) < len(found.keys):
                saying |= each.saying()
        all_say = len(saying) == len(found.keys)
        told = found.order if all_say else [number for number in found.order if number in saying]
        columns: dict[str, Sequence[Cell]] = {
            name: [found.keys[number][place] for number in told] for place, name in enumerate(self._groups)
        }
        aims = None
        if self._time:
            columns, totals = self._by_time(self._time, columns, shown, told, len(found.keys))
        else:
            totals = {}
            for slot, each in zip(slots, shown, strict=True):
                beside = f" {slot.label}" if len(slots) > 1 else ""
                columns |= {f"{name}{beside}": column for name, column in each.printed(told).items()}
                totals |= {f"{name}{beside}": cell for name, cell in each.totals(told).items()}
            if aims := targets.known(self._session, request, self._groups, slots):
                for place, slot in zip(places, slots, strict=True):
                    beside = f" {slot.label}" if len(slots) > 1 else ""
                    rows = [(found.keys[number][0], found.cells.cell(number, place)) for number in told]
                    of_slot = aims.columns(slot, rows, self._variant)
                    columns |= {f"{name}{beside}": cells for name, cells in of_slot.items()}
        return ReportTable(
            report="delivery",
            definition=_definition(self._variant, self._groups, self._chosen, net.SENTENCES[net.asked(request)])
            + (f" {targets.MEANING}" if aims else ""),
            period=request.period,
            periods=self._periods,
            as_of=request.as_of,
            currency=request.currency,
            columns=tuple(columns),
            rows=Rows(columns),
            totals=totals,
            figures=frozenset(columns) - set(request.by),
            remarks=(
                *found.remarks,
                *missing_remarks([found.cells.lacking(place) for place in places[: len(slots)]]),
                *_slow(request, found, told, places[len(slots) - 1], slots[-1], self._fiscal),
            ),
            rates=found.used,
            variant=self._variant.value,
        )

    def _by_time(
        self, time: str, named: Mapping[str, Sequence[Cell]], shown: Sequence["_Shown"], told: Sequence[int], count: int
    ) -> tuple[dict[str, Sequence[Cell]], dict[str, Cell]]:
        """Columns with a row for each of ``told`` in each period, and the totals; ``named``: what rows are of."""
        slots, by = self.slots, self._request.by
        places = [(number, place) for number in range(len(told)) for place in range(len(slots))]
        if by[0] == time:
            places.sort(key=lambda pair: (pair[1], pair[0]))
        printed = [each.printed(told) for each in shown[: len(slots)]]
        columns: dict[str, Sequence[Cell]] = {
            name: [column[number] for number, _ in places] for name, column in named.items()
        }
        columns[time] = [slots[place].label for _, place in places]
        columns = {name: columns[name] for name in by}
        figures = (*(name for name, _ in FIGURES[self._variant]), "rate")
        columns |= {name: [printed[place][name][number] for number, place in places] for name in figures}
        return columns, shown[-1].totals(range(count))


#: what a dimension means where its name does not say it
MEANINGS = {
    "region": "Region: that of the country recorded on the row or else by the project's countries and percentages; "
    "what is of no region is interregional.",
    "unit-region": "Unit-region: that of the responsible unit.",
    "officer": "Officer: the one named on the project now.",
    "country": "Country: as recorded on the row or else by the project's percentages.",
    "outcome": "Outcome: of the allocation or else of the project; spending follows the allocations of its fiscal year "
    "and encumbrances follow the project.",
    "sector": "Sector: as recorded on the row or else by the project's sectors and percentages; allocations and "
    "encumbrances follow the project. Of the project its purpose codes count or else its sectors of three digits.",
    "source": "Source: the agreement or own resources of the row; money that names none is not attributed.",
    "assistance": "Assistance: the type that the row names; allocations name none and are not attributed.",
    "category": "Category: what the partner of the row's agreement is; own resources have none and money that names no "
    "source is not attributed.",
    "funding": "Funding: state or non-state by what the partner of the row's agreement is; own resources have none and "
    "money that names no source is not attributed.",
    FUNDS: "Funds: RB for assessed and RBSA for unearmarked voluntary and XBDC for earmarked agreements; own resources "
    "have the name that the allocation gives. Spending that names no agreement has that of its project's allocations "
    "of the year or else of the agreements that fund it where they are all of one; so have encumbrances and "
    "theirs is the year in which they began.",
    "subcategory": "Subcategory: of the partner of the row's agreement; own resources have none and money that names "
    "no source is not attributed.",
    "partner": "Partner: of the row's agreement; own resources have none and money that names no source is not "
    "attributed.",
}
OF_VARIANTS = {
    Variant.WITH_ENCUMBRANCE: "Encumbrance is what is outstanding on the last day of the period or on the day looked "
    "from if that is earlier.",
    Variant.CUMULATIVE_RECEIPTS: "Both are counted from the beginning. What a pool passed on is received by the "
    "project and taken off the pool; it keeps the donors' shares of the pool.",
}


def _definition(variant: Variant, groups: Sequence[str], chosen: Chosen, support: str) -> str:
    told = dict.fromkeys([*groups, *(["partner"] if chosen.partner is not None else [])])
    meanings = [MEANINGS[name] for name in told if name in MEANINGS]
    of_variant = [OF_VARIANTS[variant]] if variant in OF_VARIANTS else []
    return " ".join(
        [DEFINITION.format(variant=variant.value, support=support), *chosen.sentences, *of_variant, *meanings]
    )


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


class _Shown:
    """The figures of one period as they are printed."""

    def __init__(self, gathered: Gathered, place: int, variant: Variant, currency: str) -> None:
        self._derived, self._variant, self._places = gathered.derived, variant, minor_units(currency)
        self._lacking = set(gathered.cells.lacking(place))
        self._figures = {name: gathered.cells.figures(field, place) for name, field in FIGURES[variant]}
        self._of: Sequence[int] | None = None
        self._exact: dict[str, list[Decimal | None]] = {}

    def saying(self) -> set[int]:
        """Those with a figure that is not zero; one that lacks a rate of exchange is not."""
        return self._lacking.union(*(compress(count(), figures) for figures in self._figures.values()))

    def printed(self, told: Sequence[int]) -> dict[str, Sequence[Cell]]:
        """Columns of figures, whose sums are the printed totals, and of rates."""
        exact = self._figures_of(told)
        columns: dict[str, Sequence[Cell]] = {name: self._column(figures) for name, figures in exact.items()}
        columns["rate"] = rates_in_percent(list(exact.values()), self._variant)
        return columns

    def totals(self, told: Sequence[int]) -> dict[str, Cell]:
        """The printed sums, and the rate of them."""
        # where nothing lacks a rate of exchange each figure is known
        add = sum_known if self._lacking else _sum
        sums = {name: add(figures) for name, figures in self._figures_of(told).items()}
        cells: dict[str, Cell] = {
            name: None if figure is None else self._plain(figure, round_places(figure, self._places))
            for name, figure in sums.items()
        }
        (cells["rate"],) = rates_in_percent([[figure] for figure in sums.values()], self._variant)
        return cells

    def _figures_of(self, told: Sequence[int]) -> Mapping[str, list[Decimal | None]]:
        """The figures of these; rows and totals are mostly of the same."""
        if self._of is not told:
            self._of = told
            self._exact = {
                name: figures if told == range(len(figures)) else list(map(figures.__getitem__, told))
                for name, figures in self._figures.items()
            }
        return self._exact

    def _column(self, figures: Sequence[Decimal | None]) -> Sequence[Cell]:
        known = [figure for figure in figures if figure is not None] if self._lacking else _known(figures)
        if len(known) < len(figures):
            # without a total there is nothing to sum up to
            return [None if each is None else self._plain(each, round_places(each, self._places)) for each in figures]
        if (texts := unrounded(known, self._places, derived=self._derived)) is not None:
            return texts
        rounded = rounded_rows(known, None, self._places)
        if self._derived:
            # these have the decimals that are printed, and no exponent
            return list(map(str, rounded))
        return [self._plain(figure, each) for figure, each in zip(known, rounded, strict=True)]

    def _plain(self, figure: Decimal, rounded: Decimal) -> str:
        """A figure to cents; where only sums were made and nothing is lost, as it was entered."""
        return plain(figure if not self._derived and figure == rounded else rounded)


def _known(figures: Sequence[Decimal | None]) -> Sequence[Decimal]:
    """Figures of which each is known."""
    return cast("Sequence[Decimal]", figures)


def _sum(figures: Sequence[Decimal | None]) -> Decimal | None:
    return exact_sum(_known(figures))


def _slow(
    request: Request, gathered: Gathered, told: Sequence[int], place: int, last: Period, fiscal: FiscalCalendar
) -> list[str]:
    """Where ``threshold`` is asked: rows that are projected to stay below it at the end of the last period."""
    threshold = whole_number(request, "threshold")
    found = []
    for number in told if threshold is not None else ():
        own = pace(gathered.cells.cell(number, place), last, request.as_of, fiscal)
        if own is not None and threshold is not None and own.projected < Decimal(threshold).scaleb(-2):
            rate, elapsed, projected = (percent(each.scaleb(2)) for each in (own.rate, own.elapsed, own.projected))
            named = " and ".join(str(value) for value in gathered.keys[number] if value is not None) or "all of it"
            found.append(
                f"{named}: {rate} % is delivered when {elapsed} % of the time has passed; at this pace it will be "
                f"{projected} % and below {threshold} %."
            )
    return found


DELIVERY = Report(
    name="delivery",
    definition=DEFINITION.format(variant="the variant's ratio", support=net.SENTENCES[net.IN]),
    dimensions=DIMENSIONS,
    alternatives=(frozenset(TIME),),
    variants=tuple(variant.value for variant in FIGURES),
    compute=compute,
    options=("threshold", "support_cost", *CHOICES),
)
