"""Reports as CSV and XLSX."""

import csv
import io
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from app.reports.frame import Cell, ReportTable

#: digits that a spreadsheet's number holds exactly
_EXACT_DIGITS = 15
# what a spreadsheet would take for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(report: ReportTable) -> bytes:
    """UTF-8 with a byte-order mark, so that spreadsheets read it: header, rows, and the total as the last row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(report.columns)
    for row in (*report.rows, _total(report)):
        writer.writerow([_safe(row.get(name), name in report.figures) for name in report.columns])
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(report: ReportTable) -> bytes:
    """A workbook with the table on the first sheet and its definition, period, day and currency on the second.

    Figures are numbers where a spreadsheet holds them exactly, else text.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(report.report[:31])
    bold = Font(bold=True)

    def cell(value: Any, *, is_bold: bool = False) -> Any:
        made = WriteOnlyCell(sheet, value=value)
        if is_bold:
            made.font = bold
        if isinstance(value, str):
            made.data_type = "s"
        return made

    sheet.append([cell(name, is_bold=True) for name in report.columns])
    for row in report.rows:
        sheet.append([cell(_number(row.get(name), name in report.figures)) for name in report.columns])
    total = _total(report)
    sheet.append([cell(_number(total.get(name), name in report.figures), is_bold=True) for name in report.columns])
    about = workbook.create_sheet("about")
    facts = (
        ("report", report.report),
        ("definition", report.definition),
        ("period", report.period),
        ("as of", report.as_of.isoformat()),
        ("currency", report.currency),
        *((("variant", report.variant),) if report.variant else ()),
        *(("remark", remark) for remark in report.remarks),
    )
    for name, value in facts:
        about.append([WriteOnlyCell(about, value=name), WriteOnlyCell(about, value=value)])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _total(report: ReportTable) -> dict[str, Cell]:
    """The totals as a row, named in the first column."""
    first = report.columns[0]
    return {**report.totals, first: "total"} if first not in report.figures else dict(report.totals)


def _safe(cell: Cell, is_figure: bool) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if not is_figure and text.startswith(_FORMULA) else text


def _number(cell: Cell, is_figure: bool) -> Cell | Decimal:
    if not is_figure or not isinstance(cell, str):
        return cell
    figure = Decimal(cell)
    return figure if len(figure.as_tuple().digits) <= _EXACT_DIGITS else cell
