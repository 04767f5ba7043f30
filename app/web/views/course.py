"""The figures of the organisation over some years, each with its course as a small picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from app.language.i18n import Words, mark
from app.reports.frame import Cell, ReportTable
from app.web.charts.bars import sparkline


@dataclass(frozen=True, kw_only=True)
class Course:
    """A figure with its values year by year; a year that says nothing is empty."""

    label: str
    #: the report that it is of, with what is asked of it
    address: str
    shown: Sequence[str]
    #: None: fewer than two years say something
    picture: Markup | None

    @property
    def newest(self) -> str:
        return next((text for text in reversed(self.shown) if text), "–")


def courses(
    years: Sequence[str], approvals: ReportTable, delivery: ReportTable, evaluations: ReportTable, words: Words
) -> list[Course]:
    """What was approved and spent, how much of the money that was set aside was spent, and evaluations done."""
    by_year, owed = _by_year(delivery), _by_year(evaluations)
    span = f"{years[0]}..{years[-1]}"

    def course(label: str, address: str, values: Sequence[Cell], *, rate: bool = False) -> Course:
        shown = [_shown(value, words, rate=rate) for value in values]
        told = [Decimal(value) for value in values if value not in (None, "")]
        picture = sparkline(words.gettext(label), f"{shown[0]} – {shown[-1]}", told) if len(told) > 1 else None
        return Course(label=label, address=address, shown=shown, picture=picture)

    return [
        course(mark("Approved"), f"/reports/approvals?period={span}", [approvals.totals.get(year) for year in years]),
        course(
            mark("Spent"),
            f"/reports/delivery?by=year&period={span}",
            [by_year.get(year, {}).get("expenditure") for year in years],
        ),
        course(
            mark("Delivery rate"),
            f"/reports/delivery?by=year&period={span}",
            [by_year.get(year, {}).get("rate") for year in years],
            rate=True,
        ),
        course(
            mark("Evaluations done"),
            f"/reports/evaluations?by=year&period={span}",
            [owed.get(year, {}).get("done") for year in years],
        ),
    ]


def _by_year(table: ReportTable) -> Mapping[str, Mapping[str, Cell]]:
    return {str(row["year"]): row for row in table.rows}


def _shown(value: Cell, words: Words, *, rate: bool) -> str:
    if value is None or value == "":
        return ""
    return words.rate(Decimal(value)) if rate else words.rounded(Decimal(value))
