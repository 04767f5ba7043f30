"""The report ``expenditure``: what was spent, by where, for what and from what, in columns of periods, with shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from itertools import compress, count

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import change, mean, percent_of, years_in
from app.domain.delivery import Variant, added, sum_known
from app.domain.periods import Period
from app.reports import net
from app.reports.approvals import EACH_SHARE, SHARES, YEARLY
from app.reports.calendars import periods_of
from app.reports.choices import CHOICES, chosen_of
from app.reports.delivery import MEANINGS
from app.reports.delivery_facts import Gathered, gather
from app.reports.delivery_keys import RECORDED_COUNTRY, RECORDED_REGION, Key
from app.reports.delivery_sums import Question
from app.reports.frame import Cell, Report, ReportTable, Request, Rows
from app.reports.giving import OTHERS
from app.reports.options import number as whole_number
from app.reports.printing import amount, amounts, percent, shares
from app.reports.queries_classes import FUNDS
from app.reports.spent import missing_remarks

DIMENSIONS = (
    FUNDS, "region", RECORDED_REGION, "country", RECORDED_COUNTRY, "assistance", "sector", "outcome", "category",
    "subcategory", "funding", "partner", "source", "unit", "unit-region", "officer", "project",
)  # fmt: skip

# without commas: in CSV a line with one would be put between quotation marks and no longer begin with its "#"
DEFINITION = (
    "Expenditure: transactions of type 4 and of type 3 to others; adjustments count and internal transfers do not. "
    "The largest come first. The figures of a month or quarter are its own and not year-to-date. The average is per "
    "year and per column for periods other than years; the share is that of the total. {support} Every amount is "
    "converted by the rate of its own day."
)
CHANGE = "Change compares the last of the periods with the first in percent."
RECORDED = (
    "Recorded-region and recorded-country: of the country on the row or else of the one country or region of the "
    "project; money of several countries or of none is interregional."
)


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a number of statements that depends on neither the portfolio nor the ledger."""
    fiscal = calendar_of(the_setup(session))
    periods = periods_of(request.period, fiscal)
    top, chosen = whole_number(request, "top"), chosen_of(session, request)
    gathered = gather(
        session,
        Question(
            request=request,
            variant=Variant.EXPENDITURE,
            groups=request.by,
            # without their sort: a month's own figures are asked for, not those of the year to date
            periods=[Period(start=each.start, end=each.end) for each in periods],
            fiscal=fiscal,
            scope=chosen.scope,
            partner=chosen.partner,
            partner_id=chosen.partner_id,
            spent_only=True,
            net=net.asked(request) == net.OUT,
        ),
    )
    spent = _Spent(gathered, len(periods))
    rows = spent.largest_first(top)
    # where cents are left over they go to the rows that get them in the report on delivery, which is in another order
    usual = spent.in_usual_order(rows)
    back = sorted(range(len(usual)), key=usual.__getitem__)
    columns: dict[str, Sequence[Cell]] = {
        name: [_named(key, place) for key, _ in rows] for place, name in enumerate(request.by)
    }
    totals: dict[str, Cell] = {}

    def put(name: str, figures: Sequence[Decimal | None], whole: Decimal | None, *, derived: bool) -> None:
        printed = amounts([figures[place] for place in usual], whole, request.currency, derived=derived)
        columns[name] = list(map(printed.__getitem__, back))
        totals[name] = amount(whole, request.currency, derived=derived)

    def put_share(name: str, figures: Sequence[Decimal | None], whole: Decimal | None) -> None:
        columns[name] = shares(figures, whole)
        totals[name] = percent(percent_of(whole, whole)) if whole else None

    everyone = [number for _, numbers in rows for number in numbers]
    for place, period in enumerate(periods):
        figures, whole = spent.of_each(rows, place), spent.of(everyone, place)
        put(period.label, figures, whole, derived=gathered.derived)
        if request.variant == SHARES:
            put_share(f"share {period.label}", figures, whole)
    wholes, whole = spent.of_each(rows), spent.of(everyone)
    years = years_in(periods)
    put("total", wholes, whole, derived=gathered.derived)
    averages = [None if each is None else mean(each, years) for each in (*wholes, whole)]
    put("average", averages[:-1], averages[-1], derived=True)
    put_share("share", wholes, whole)
    if len(periods) > 1:
        last = len(periods) - 1
        columns["change"] = list(map(_change, spent.of_each(rows, 0), spent.of_each(rows, last)))
        totals["change"] = _change(spent.of(everyone, 0), spent.of(everyone, last))
    return ReportTable(
        report="expenditure",
        definition=" ".join(
            (
                DEFINITION.format(support=net.SENTENCES[net.asked(request)]),
                *chosen.sentences,
                *([EACH_SHARE] if request.variant == SHARES else []),
                *([CHANGE] if len(periods) > 1 else []),
                *_meanings(request.by, partner=chosen.partner is not None),
            )
        ),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=tuple(columns),
        rows=Rows(columns),
        totals=totals,
        figures=frozenset(columns) - set(request.by),
        remarks=(
            *gathered.remarks,
            *missing_remarks([gathered.cells.lacking(place) for place in range(len(periods))]),
        ),
        rates=gathered.used,
        variant=request.variant,
    )


def _named(key: Key | None, place: int) -> str | None:
    """A value of a row; that of all the others stands in the first of its columns."""
    if key is None:
        return None if place else OTHERS
    return key[place]


def _meanings(by: Sequence[str], *, partner: bool) -> list[str]:
    """What the dimensions mean, in sentences."""
    told = dict.fromkeys([*by, *(["partner"] if partner else [])])
    recorded = [] if {RECORDED_REGION, RECORDED_COUNTRY}.isdisjoint(told) else [RECORDED]
    return [*(MEANINGS[name] for name in told if name in MEANINGS), *recorded]


def _change(before: Decimal | None, after: Decimal | None) -> str | None:
    return None if before is None or after is None else percent(change(before, after))


@dataclass(frozen=True)
class _Spent:
    """What was gathered, by the numbers of its keys."""

    gathered: Gathered
    #: how many periods there are
    count: int

    @cached_property
    def _by_period(self) -> list[list[Decimal | None]]:
        return [self.gathered.cells.figures("expenditure", place) for place in range(self.count)]

    @cached_property
    def _in_all(self) -> list[Decimal | None]:
        nothing: list[Decimal | None] = [Decimal(0)] * len(self.gathered.keys)
        return reduce(added, self._by_period, nothing)

    def of(self, numbers: Sequence[int], place: int | None = None) -> Decimal | None:
        """What was spent in a period, or in all; None where a rate of exchange is missing."""
        figures = self._figures(place)
        return sum_known([figures[number] for number in numbers])

    def of_each(
        self, rows: Sequence[tuple[Key | None, Sequence[int]]], place: int | None = None
    ) -> list[Decimal | None]:
        """The same of each row."""
        figures = self._figures(place)
        # one stands alone mostly, and there may be a hundred thousand
        return [figures[own[0]] if len(own) == 1 else sum_known([figures[each] for each in own]) for _, own in rows]

    def _figures(self, place: int | None) -> Sequence[Decimal | None]:
        return self._in_all if place is None else self._by_period[place]

    def largest_first(self, top: int | None) -> list[tuple[Key | None, list[int]]]:
        """Keys with the numbers of what stands under them, in the printed order; beyond ``top`` they are one without a
        key. What says nothing in any period is left out."""
        saying = {number for place in range(self.count) for number in self.gathered.cells.lacking(place)}
        saying.update(*(compress(count(), figures) for figures in self._by_period))
        found = [number for number in self.gathered.order if number in saying]
        sums = self._in_all
        order = sorted(found, key=lambda number: (sums[number] is None, -(sums[number] or Decimal(0))))
        kept = order if top is None else order[:top]
        rows: list[tuple[Key | None, list[int]]] = [(self.gathered.keys[number], [number]) for number in kept]
        left = order[len(kept) :]
        return [*rows, (None, left)] if left else rows

    def in_usual_order(self, rows: Sequence[tuple[Key | None, Sequence[int]]]) -> list[int]:
        """Places of the rows in the order of their keys, all the others last."""
        places = {number: place for place, number in enumerate(self.gathered.order)}
        return sorted(range(len(rows)), key=lambda row: (rows[row][0] is None, places[rows[row][1][0]]))


EXPENDITURE = Report(
    name="expenditure",
    definition=DEFINITION.format(support=net.SENTENCES[net.IN]),
    dimensions=DIMENSIONS,
    variants=(YEARLY, SHARES),
    compute=compute,
    options=("top", "support_cost", *CHOICES),
)
