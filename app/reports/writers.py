"""Reports as CSV and XLSX: data only, with what they are told apart from the rows."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal

from app.reports.frame import Cell, ReportTable
from app.sheets import Cell as SheetCell
from app.sheets import Sheet, csv_pieces, workbook_bytes

_WHOLE_NUMBER = "#,##0"


def to_csv(report: ReportTable, *, totals: bool = False) -> bytes:
    """Header and rows; what the figures are follows in lines that begin with ``#``.

    ``totals`` adds the total as the last row. Without it the rows are data that can be summed.
    """
    rows = _rows(report, sums=totals)
    if totals:
        rows = _with(rows, _total_row(report))
    comments = (f"{name}: {value}" for name, value in _about(report))
    return b"".join(csv_pieces(report.columns, rows, comments=comments))


def to_xlsx(report: ReportTable, *, totals: bool = False) -> bytes:
    """A workbook: the rows; what they are; the totals; and the rates of exchange that were used, if any were.

    Figures are numbers where a spreadsheet holds them exactly, else text. ``totals`` adds the total to the rows too.
    """
    dated = [name in report.days for name in report.columns]
    formats = {name: _format(report, name) for name in report.figures}
    rows = _rows(report, sums=totals)
    if any(dated):
        rows = ([*map(_dated, row, dated)] for row in _rows(report, sums=totals))
    rows = _with(rows, _total_row(report)) if totals else rows
    figures = sorted(report.totals, key=lambda name: (name not in report.columns, *_place(report, name)))
    sheets = [
        Sheet(name=report.report, columns=report.columns, rows=rows, formats=formats),
        Sheet(name="About", columns=("what", "value"), rows=_about(report)),
        Sheet(
            name="Totals",
            columns=figures,
            rows=[[_typed(report.totals[name], is_figure=True) for name in figures]],
            formats=formats,
        ),
    ]
    if report.sums:
        apart = [_cells(report, row) for place, row in enumerate(report.rows) if place in report.sums]
        sheets[-1] = Sheet(name="Totals", columns=report.columns, rows=apart, formats=formats)
    if report.rates:
        used = [(each.currency, each.effective_on, each.rate) for each in report.rates]
        sheets.append(Sheet(name="Rates", columns=("currency", "effective_on", "rate"), rows=used))
    return workbook_bytes(sheets)


def _place(report: ReportTable, name: str) -> tuple[int, ...]:
    """Where a column stands; totals that are no column stay in their own order."""
    return (report.columns.index(name),) if name in report.columns else ()


def _about(report: ReportTable) -> list[tuple[str, SheetCell]]:
    """What a reader has to know of the figures."""
    return [
        ("report", report.report),
        ("definition", report.definition),
        ("period", report.period_and_days),
        ("as of", report.as_of.isoformat()),
        *((("currency", report.currency),) if report.currency else ()),
        *((("variant", report.variant),) if report.variant else ()),
        *((name, cell) for name, cell in report.totals.items() if name not in report.columns),
        *(("remark", remark) for remark in report.remarks),
        *(("rate", str(rate)) for rate in report.rates),
    ]


def _rows(report: ReportTable, *, sums: bool) -> Iterator[list[SheetCell]]:
    """The rows; ``sums``: with those that sum up others."""
    for place, row in enumerate(report.rows):
        if sums or place not in report.sums:
            yield _cells(report, row)


def _cells(report: ReportTable, row: Mapping[str, Cell]) -> list[SheetCell]:
    return [_typed(row.get(name), is_figure=name in report.figures) for name in report.columns]


def _with(rows: Iterator[list[SheetCell]], last: list[SheetCell]) -> Iterator[list[SheetCell]]:
    yield from rows
    yield last


def _total_row(report: ReportTable) -> list[SheetCell]:
    """The totals, named in the first column if that holds no figure."""
    cells = [_typed(report.totals.get(name), is_figure=name in report.figures) for name in report.columns]
    return ["total", *cells[1:]] if report.columns[0] not in report.figures else cells


def _format(report: ReportTable, name: str) -> str:
    """How a spreadsheet shows a figure: with the decimals of its currency, a count without any."""
    places = 0 if _is_count(report, name) else report.places(name)
    return f"{_WHOLE_NUMBER}.{'0' * places}" if places else _WHOLE_NUMBER


def _is_count(report: ReportTable, name: str) -> bool:
    return all(isinstance(cell, int | None) for cell in report.cells(name))


def _dated(cell: SheetCell, is_day: bool) -> SheetCell:
    """A day as one, where the column holds days; a year or a biennium in it stays what it is."""
    if not is_day or not isinstance(cell, str):
        return cell
    try:
        return dt.date.fromisoformat(cell)
    except ValueError:
        return cell


def _typed(cell: Cell, *, is_figure: bool) -> SheetCell:
    return Decimal(cell) if is_figure and isinstance(cell, str) else cell
