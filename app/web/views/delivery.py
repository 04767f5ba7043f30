"""The matrix of delivery: groups by month, with a mark where the pace is too slow."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.delivery import Delivery, Pace, pace
from app.domain.periods import FiscalCalendar, Period
from app.reports.calendars import periods_of
from app.reports.frame import Cell, ReportTable

#: groups that a page shows: those with the largest allocations
MOST = 40
#: percent of the allocation; what is projected to stay below is marked
THRESHOLD = Decimal(70)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Delivery of a group in a period. Amounts are in the currency of the report, None where a rate is missing."""

    allocation: Decimal | None
    expenditure: Decimal | None
    #: percent
    rate: Decimal | None
    pace: Pace | None

    @property
    def is_slow(self) -> bool:
        return self.pace is not None and self.pace.projected * 100 < THRESHOLD


@dataclass(frozen=True, kw_only=True)
class Line:
    """A group: its code, as people call it, and where it leads."""

    code: str
    label: str
    address: str | None
    #: by month, in the order of the matrix; None where nothing was allocated or spent
    months: Sequence[Figure | None]
    year: Figure


@dataclass(frozen=True, kw_only=True)
class Matrix:
    months: Sequence[Period]
    lines: Sequence[Line]
    total: Figure
    #: groups that are left out, for there are too many for a page
    more: int


def figure_of(row: Mapping[str, Cell], period: Period, on: dt.date, currency: str, fiscal: FiscalCalendar) -> Figure:
    """The figures of a row of the report on delivery, with their pace."""
    allocation, expenditure, rate = (_decimal(row.get(name)) for name in ("allocation", "expenditure", "rate"))
    cell = Delivery(currency=currency, allocation=allocation, expenditure=expenditure)
    return Figure(allocation=allocation, expenditure=expenditure, rate=rate, pace=pace(cell, period, on, fiscal))


def matrix(
    by_month: ReportTable,
    by_year: ReportTable,
    dimension: str,
    fiscal: FiscalCalendar,
    labels: Mapping[str, str],
    addresses: Mapping[str, str],
) -> Matrix:
    """The two reports as one table; months that have not begun on the day looked from are left out."""
    on, year = by_year.as_of, by_year.periods[0]
    found: dict[tuple[str, str], Figure] = {}
    months: dict[str, Period] = {}
    for row in by_month.rows:
        label = str(row["month"])
        period = months.get(label) or periods_of(label, fiscal)[0]
        months[label] = period
        if period.start <= on:
            key = (str(row[dimension] or ""), label)
            found[key] = figure_of(row, period, on, by_month.currency, fiscal)
    shown = sorted((period for period in months.values() if period.start <= on), key=lambda period: period.start)
    lines = [
        Line(
            code=code,
            label=labels.get(code, code),
            address=addresses.get(code),
            months=[found.get((code, period.label)) for period in shown],
            year=figure_of(row, year, on, by_year.currency, fiscal),
        )
        for row in largest(by_year)
        for code in [str(row[dimension] or "")]
    ]
    return Matrix(
        months=shown,
        lines=lines,
        total=figure_of(by_year.totals, year, on, by_year.currency, fiscal),
        more=max(len(by_year.rows) - MOST, 0),
    )


def largest(report: ReportTable) -> list[dict[str, Cell]]:
    """The rows for a page, in the order of the report."""
    if len(report.rows) <= MOST:
        return list(report.rows)
    allocated = [_decimal(cell) or Decimal(0) for cell in report.cells("allocation")]
    ranked = sorted(range(len(allocated)), key=allocated.__getitem__, reverse=True)
    return [report.rows[place] for place in sorted(ranked[:MOST])]


def _decimal(cell: Cell) -> Decimal | None:
    return None if cell is None else Decimal(cell)
