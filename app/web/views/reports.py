"""Reports as their pages show them: which figure is drawn, and what columns and groups are called."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import quote

from markupsafe import Markup

from app.domain.contributions import KINDS, Basis, Indicator
from app.domain.regions import INTERREGIONAL, REGIONS
from app.domain.terms import PartnerCategory
from app.domain.told import Told
from app.language.i18n import Words, mark, spelled
from app.reports.frame import Cell, ReportTable
from app.reports.net import IN, OUT
from app.reports.registry import REPORTS
from app.reports.results import SHARE
from app.web.charts.bars import Bar, Column, Part, bars, stacked, whole

#: bars that are drawn at most; the table has the others
DRAWN = 12
#: rows on the page; files have all
SHOWN = 200
#: columns beyond which a table is set closer
WIDE = 8

#: report → (the figure that is drawn, the figure that is its mark)
DRAWN_FIGURES: Mapping[str, tuple[str, str]] = {
    "approvals": ("total", ""),
    "contributors": ("amount", ""),
    "country-programmes": ("programmes", ""),
    "delivery": ("rate", "target"),
    "earmarking": ("amount", ""),
    "evaluations": ("done", "required"),
    "expenditure": ("total", ""),
    "outcomes": ("expenditure", "budget"),
    "pipeline": ("signed", "needed"),
    "portfolio": ("projects", ""),
    "recommendations": ("accepted", "recommendations"),
    "regions": ("attributed", ""),
    "results": ("result", "target"),
    "support-cost": ("charged", ""),
    "under-delivery": ("projected", ""),
}
#: columns by which rows are told apart: what they say nothing of is a group too
_GROUPS = frozenset(
    {"unit", "officer", "partner", "outcome", "region", "country", "source", "sector", "category", "funding", "year"}
)
#: what is called a row of those that name none, such as projects without a unit
NOBODY = mark("None named")
#: what is longer is a sentence, and no term
_LONGEST_WORD = 30
_IN_ONE = mark("Amounts in %(currency)s.")
_OF_ROWS = mark("Amounts in the currency of their row.")
_OF_AGREEMENTS = mark("Amounts of agreements in the currency of their row, the others in %(currency)s.")
_REGIONS = frozenset((*REGIONS, INTERREGIONAL))
#: parts of a whole
_WHOLES = frozenset({"earmarking"})

#: names of reports, columns and options beyond those of forms and tables
WORDS = (
    mark("Agreement findings"), mark("Finding"), mark("Subject"), mark("Message"), mark("Agreements due"),
    mark("Days late"), mark("Duty"), mark("Within"), mark("Approvals"), mark("Average"), mark("Objective"),
    mark("Top"), mark("Growth"), mark("Compare"), mark("Assessments"), mark("Contributors"), mark("Rank"),
    mark("Cumulative share"),
    mark("Basis"), mark("Programmes"), mark("Aligned"), mark("Not aligned"), mark("Unknown"), mark("Aligned share"),
    mark("Unit region"), mark("Month"), mark("Quarter"), mark("Threshold"), mark("Unearmarked or softly earmarked"),
    mark("Unearmarked or lightly earmarked"), mark("Multi-annual share"), mark("Predictable share"),
    mark("Joint UN share"), mark("Voluntary share"), mark("Outcomes"), mark("Output"), mark("Partner briefing"),
    mark("Needed"), mark("Gap"), mark("Stage"), mark("Unanswered"), mark("Plan overdue"), mark("In time"),
    mark("Months to answer"), mark("Months to plan"), mark("Months to close"), mark("Addressed percent"),
    mark("Deferred percent"), mark("In time percent"), mark("Outstanding percent"), mark("Age"),
    mark("Recorded share"), mark("Attributed"), mark("Attributed share"), mark("Over target"), mark("Indicators"),
    mark("Above"), mark("On"), mark("Below"), mark("Against target"), mark("Agreed rate"), mark("Standard rate"),
    mark("Net"), mark("Charged"), mark("Shortfall"), mark("Under delivery"), mark("Projected"), mark("Without note"),
    mark("By year"), mark("Africa"), mark("Americas"), mark("Arab States"), mark("Asia and the Pacific"),
    mark("Europe and Central Asia"), mark("Interregional"), mark("Unearmarked"), mark("Softly earmarked"),
    mark("Earmarked"), mark("Tightly earmarked"), mark("Share"), mark("Variation"), mark("Total"),
    mark("All others"),
    mark("Below full cost"), mark("Over allocated"), mark("Unprotected"), mark("Current"), mark("Current share"),
    mark("High"), mark("Registers"), mark("Registers current"), mark("No register"), mark("Not reviewed"),
    mark("Owner left"), mark("Risk"), mark("Judgements"), mark("Items"), mark("Aspects"), mark("A judgement"),
    mark("The rounded mean"), mark("Total is"), mark("Evidence"), mark("Whose duty"), mark("Share of results"),
    mark("Without baseline"), mark("Without baseline share"), mark("Number"), mark("Lesson"), mark("Good practice"),
    mark("Expenditure/allocation"), mark("(expenditure+encumbrance)/allocation"),
    mark("Cumulative expenditure/receipts"), mark("Sentence"), mark("Receipts"), mark("Opening"), mark("Agreed"),
    mark("Open"), mark("Due"), mark("Late"), mark("At signature"), mark("At receipt"), mark("Exchange gain"),
    mark("Countries"), mark("Before"), mark("Target text"), mark("Result text"), mark("Non-State"),
    mark("To target"), mark("Locally mobilised"), mark("Share of locally mobilised"), mark("Local share"),
    mark("Reports due"), mark("On time"), mark("Sent late"), mark("Not sent"), mark("On time share"),
    mark("Clusters"), mark("Replaced"), mark("Replaced per cluster"), mark("Saved"), mark("Joint"), mark("Rated"),
    mark("With terms of reference"), mark("With participants"), mark("Not achieved"), mark("Not told"),
    mark("Share achieved fully"), mark("Share achieved fully or partly"),
    mark("Institutional budget"), mark("Funds"), mark("Joint UN"), mark("Size"), mark("Signed"), mark("Started"),
    mark("Ended"), mark("Recorded region"), mark("Recorded country"), mark("By amount"), mark("Ranks by year"),
    mark("Shares by year"), mark("Plan"), mark("Done percent"), mark("Done in period"), mark("State"),
)  # fmt: skip


#: what may stand for an option, in words
_MEANT: Mapping[str, str] = {
    "non-core": mark("Voluntary, non-core"),
    "rbsa": mark("Voluntary, core (RBSA)"),
    "voluntary": mark("All voluntary money"),
    "assessed": mark("Assessed"),
    "all": mark("All money"),
    "approvals": mark("Approvals"),
    "receipts": mark("Receipts"),
    "expenditure": mark("Expenditure"),
    "in": mark("Included"),
    "out": mark("Left out"),
}
_BASIS = ("basis", tuple(basis.value for basis in Basis))
_KIND = ("kind", tuple(KINDS))
_CATEGORY = ("category", tuple(category.value for category in PartnerCategory))
#: report → its options with what may stand for them; for others people type
CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "approvals": dict([_KIND, _CATEGORY]),
    "contributors": dict([_KIND, _BASIS, _CATEGORY]),
    "delivery": {"support_cost": (IN, OUT)},
    "earmarking": dict([_KIND, _BASIS, _CATEGORY]),
    "expenditure": {"support_cost": (IN, OUT)},
    "partner-briefing": dict([_BASIS]),
    "receipts": dict([_KIND]),
}


def choices(report: str) -> dict[str, list[tuple[str, str]]]:
    """Option of a report → what may stand for it, each with what it means."""
    return {
        option: [(value, _MEANT.get(value) or spelled(value)) for value in values]
        for option, values in CHOICES.get(report, {}).items()
    }


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of a report: its cells as people read them."""

    cells: tuple[str, ...]
    #: where each cell leads; empty: nowhere
    addresses: tuple[str, ...]


#: columns whose cells are records → the page that finds one by its code
_PAGES: Mapping[str, str] = {
    "project": "/projects?code=",
    "agreement": "/agreements?reference=",
    "evaluation": "/evaluations/planned?reference=",
}
#: columns with codes between strokes, each of which has a name of its own
_SEVERAL = frozenset({"sectors", "countries", "outcomes"})


#: sources of funds that are kinds of agreement → what they are called
SOURCES: Mapping[str, str] = {
    "RB": mark("Assessed contributions (RB)"),
    "RBSA": mark("Unearmarked voluntary contributions (RBSA)"),
    "XBDC": mark("Earmarked contributions (XBDC)"),
}


#: figures that elsewhere are called as a day is
_AMOUNTS = {"due": mark("Fallen due")}
#: names of columns are of small letters; with a period behind where there are several
_REFERENCE = re.compile(r"^\S*[^a-z0-9_ ]|^[0-9]+\S")
#: names of dimensions with strokes between, which nobody gave
_OF_DIMENSIONS = frozenset(name for report in REPORTS for name in report.dimensions)
_TARGET, _TO_TARGET = mark("Target: %(region)s"), mark("To target: %(region)s")
#: indicators that may have a target
_SHARES = frozenset(indicator.value for indicator in Indicator)


def heading(name: str, words: Words, *, is_figure: bool = False) -> str:
    """What a column is called."""
    if is_figure and name in _AMOUNTS:
        return words.gettext(_AMOUNTS[name])
    kind, _, region = name.partition("_")
    if kind == "target" and region in REGIONS:
        return words.gettext(_TARGET) % {"region": words.word(region)}
    if name.endswith("_target") and (share := name.removesuffix("_target").removesuffix("_to") + "_share") in _SHARES:
        wanted = _TO_TARGET if name.endswith("_to_target") else _TARGET
        return words.gettext(wanted) % {"region": words.word(share)}
    if _REFERENCE.search(name) and name not in _OF_DIMENSIONS:
        # what somebody gave a name to is called by that
        return name
    figure, _, period = name.partition(" ")
    # one of several periods, such as rate 2025
    return f"{words.word(figure)} {period}" if period[:1].isdigit() or period[:2] == "FY" else words.word(name)


def time_of(report: ReportTable, words: Words) -> str:
    """The period with its days: 2026 · 1 Jan 2026 – 31 Dec 2026; the days alone where the period is called by them."""
    first, last = report.periods[0].start, report.periods[-1].end
    days = words.day(first) if first == last else f"{words.day(first)} – {words.day(last)}"
    # as it is typed there are two points between
    named = report.period_and_days.partition(":")[0].replace("..", "–")
    return days if named[:10] in (first.isoformat(), last.isoformat()) else f"{named} · {days}"


def currency_told(report: ReportTable, words: Words) -> str:
    """In which currency amounts are; nothing where there are none."""
    by_row = "currency" in report.columns
    if not report.currency:
        return words.gettext(_OF_ROWS) if by_row else ""
    return words.gettext(_OF_AGREEMENTS if by_row else _IN_ONE) % {"currency": report.currency}


def label_of(row: Mapping[str, Cell], report: ReportTable, names: Mapping[str, Mapping[str, str]], words: Words) -> str:
    """What a row is called: its cells that are no figures."""
    told = [
        named(name, row.get(name), names, words, days=report.days)
        for name in report.columns
        if name not in report.figures and name not in ("rank", "message")
    ]
    return " · ".join(text for text in told[:2] if text) or words.gettext(NOBODY)


def named(
    column: str, cell: Cell, names: Mapping[str, Mapping[str, str]], words: Words, *, days: Collection[str] = ()
) -> str:
    """A cell that is no figure, in words where a word is known; ``days``: the columns that hold days."""
    if isinstance(cell, Told):
        return words.said(cell)
    text = "" if cell is None else str(cell)
    if text in names.get(column, {}):
        return names[column][text]
    if column == "source" and text in SOURCES:
        return words.gettext(SOURCES[text])
    if column in _SEVERAL:
        known = names.get(column, {})
        return ", ".join(known.get(code, code) for code in text.split("|"))
    if column in days and len(text) == 10:
        return words.day(text)
    spelt = (
        words.word(text) if text and text == text.lower() and text[0].isalpha() and len(text) <= _LONGEST_WORD else text
    )
    return spelt if words.knows(spelt) or spelt != text else text


def shown(report: ReportTable) -> ReportTable:
    """The report without the columns of a wide table in which nothing stands; files have them all."""
    if len(report.columns) <= WIDE:
        return report
    said = [
        name
        for name in report.columns
        if any(cell not in (None, "") for cell in (report.totals.get(name), *report.cells(name)))
    ]
    return replace(report, columns=tuple(said))


def lines(report: ReportTable, names: Mapping[str, Mapping[str, str]], words: Words) -> list[Line]:
    return [
        Line(cells=_cells(row, report, names, words), addresses=_addresses(row, report)) for row in report.rows[:SHOWN]
    ]


def _addresses(row: Mapping[str, Cell], report: ReportTable) -> tuple[str, ...]:
    """The pages of the records that the cells name."""
    return tuple(
        _PAGES[name] + quote(str(row[name]), safe="")
        if name in _PAGES and name not in report.figures and row.get(name)
        else ""
        for name in report.columns
    )


def total(report: ReportTable, words: Words) -> Line | None:
    """The row of totals; None where nothing is summed."""
    cells = [
        _figure(report, name, report.totals.get(name), words) if name in report.figures else ""
        for name in report.columns
    ]
    return Line(cells=tuple(cells), addresses=("",) * len(cells)) if any(cells) else None


def beside(report: ReportTable, words: Words) -> list[tuple[str, str]]:
    """Totals that stand in no column, such as the share of softly earmarked money, and what they are called."""
    return [
        (heading(name, words), _figure(report, name, cell, words))
        for name, cell in report.totals.items()
        if name not in report.columns and cell is not None
    ]


def _cells(
    row: Mapping[str, Cell], report: ReportTable, names: Mapping[str, Mapping[str, str]], words: Words
) -> tuple[str, ...]:
    return tuple(
        _figure(report, name, row.get(name), words)
        if name in report.figures
        else named(name, row.get(name), names, words, days=report.days)
        or (words.gettext(NOBODY) if name in _GROUPS else "")
        for name in report.columns
    )


def _figure(report: ReportTable, name: str, cell: Cell, words: Words) -> str:
    if cell is None or cell == "":
        return ""
    value = Decimal(cell)
    if is_rate(report, name):
        return words.percent(round(value, 1))
    return words.number(round(value) if value == value.to_integral_value() or abs(value) >= 1000 else round(value, 2))


def is_rate(table: ReportTable, name: str) -> bool:
    """Whether a figure of a report is in percent; where there are several periods, the name of one stands behind it."""
    report, name = table.report, name.partition(" ")[0]
    if report == "assessments":
        # of scores, which are on scales of their own
        return False
    if report == "delivery" and name == "target":
        # what is wanted is told as the rate is; how far it is from there, in points
        return True
    if report == "results" and table.variant == SHARE and name in _REGIONS:
        return True
    if report == "earmarking" and name.endswith("_target"):
        return not name.endswith("_to_target")
    return (
        name in ("rate", "share", "change", "growth", "over_target", "projected", "threshold")
        or name.startswith("share_of_")
        or name.endswith(("_share", "_percent", "_rate"))
    )


def picture(report: ReportTable, title: str, names: Mapping[str, Mapping[str, str]], words: Words) -> Markup | None:
    """The figure of the report that tells most, drawn; None where there is nothing to compare."""
    figure, target = DRAWN_FIGURES.get(report.report, ("", ""))
    rows = [row for row in report.rows if row.get(figure) not in (None, "")]
    if len(rows) < 2 or figure not in report.figures:
        return None
    years = [name for name in report.columns if name.isdigit() and len(name) == 4]
    if report.report == "approvals" and 1 < len(years) <= 12:
        return _by_year(report, rows, years, title, names, words)
    if report.report in _WHOLES:
        parts = [
            Part(
                label=label_of(row, report, names, words),
                value=max(_decimal(row.get(figure)), Decimal(0)),
                shown=words.percent(round(_decimal(row.get("share")), 1)),
            )
            for row in rows[:DRAWN]
        ]
        return whole(title, time_of(report, words), parts)
    rows = sorted(rows, key=lambda row: -_decimal(row.get(figure)))[:DRAWN]
    drawn = [
        Bar(
            label=label_of(row, report, names, words),
            value=_decimal(row.get(figure)),
            shown=_of(report, row.get(figure), row.get(target), figure, words),
            target=_decimal(row.get(target)) if target and row.get(target) not in (None, "") else None,
        )
        for row in rows
    ]
    most = max(Decimal(100), *(bar.value for bar in drawn)) if is_rate(report, figure) else None
    return bars(title, words.word(figure), drawn, most=most)


def _of(report: ReportTable, cell: Cell, of: Cell, figure: str, words: Words) -> str:
    """A count beside what it is of; any other figure as it is."""
    shown = _figure(report, figure, cell, words)
    return f"{shown} / {words.number(of)}" if isinstance(cell, int) and isinstance(of, int) else shown


def _by_year(
    report: ReportTable,
    rows: Sequence[Mapping[str, Cell]],
    years: Sequence[str],
    title: str,
    names: Mapping[str, Mapping[str, str]],
    words: Words,
) -> Markup:
    """Columns of years, each of the five largest groups and all others."""
    ordered = sorted(rows, key=lambda row: -_decimal(row.get("total")))
    first, rest = ordered[:5], ordered[5:]
    columns = []
    for year in years:
        values = [max(_decimal(row.get(year)), Decimal(0)) for row in first]
        if rest:
            values.append(max(sum((_decimal(row.get(year)) for row in rest), Decimal()), Decimal(0)))
        columns.append(Column(label=year, values=values, shown=words.compact(sum(values, Decimal()))))
    called = [label_of(row, report, names, words) for row in first] + ([words.gettext("Others")] if rest else [])
    return stacked(title, time_of(report, words), called, columns)


def _decimal(cell: Cell) -> Decimal:
    return Decimal(0) if cell is None or cell == "" else Decimal(cell)
