"""Cells of workbooks mean what a person sees in them; where that is in doubt they are asked back."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.utils.datetime import WINDOWS_EPOCH
from sqlalchemy import select

from app.db.base import table
from app.db.engine import Database
from app.db.funding import Agreement
from app.db.projects import Project
from app.db.spending import ExchangeRate, LedgerEntry
from app.domain.access import LOCAL
from app.errors import InvalidInput
from app.language import i18n
from app.tabular import formats
from app.tabular.cells import CellKind, SheetCell
from app.tabular.registry import kind
from app.tabular.service import import_table
from app.tabular.settings import said
from app.tabular.styles import read_texts
from app.web.views.sheets import notation_of
from tests.tabular.books import book
from tests.tabular.writing import TODAY, messages, small_office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Database:
    return small_office(database, tmp_path)


def test_cells_that_a_spreadsheet_turned_into_something_else_are_told(office: Database, tmp_path: Path) -> None:
    path = book(
        tmp_path / "p.xlsx",
        ["code", "title", "status", "planned_start", "total_budget", "sectors"],
        [dt.date(2020, 3, 1), True, "pipeline", 46112, "500.000", dt.date(2026, 8, 5)],
        ["P/9", "Fine", "pipeline", dt.date(2026, 1, 1), 1.234, 16020],
    )
    report = import_table(office, LOCAL, kind("projects"), path, today=TODAY)
    assert [(fault.row, fault.column) for fault in report.faults] == [
        (2, "code"), (2, "planned_start"), (2, "sectors"), (2, "title"), (3, "total_budget"),
    ]  # fmt: skip
    assert "2020-03-01" in messages(report)
    assert "--dates serial (2026-03-31)" in messages(report)


def test_percentages_and_codes_of_a_workbook_are_what_is_seen(office: Database, tmp_path: Path) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        for cell, number_format in (("A2", "0000"), ("D2", "0%")):
            sheet[cell].number_format = number_format  # type: ignore[index]

    head = ["reference", "partner", "title", "support_cost_rate", "preset", "status", "signed_on", "currency", "amount"]
    row = [7, "NLD", "Two", 0.13, "project", "signed", dt.date(2026, 1, 1), "USD", 1130000]
    report = import_table(
        office, LOCAL, kind("agreements"), book(tmp_path / "a.xlsx", head, row, fill=fill), today=TODAY
    )
    assert messages(report) == ""
    with office.read() as session:
        found = session.scalars(select(Agreement)).one()
        assert (found.reference, str(found.support_cost_rate)) == ("0007", "13")


def test_a_shortened_number_of_a_workbook_is_its_digits(office: Database, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ["document", "project", "type", "date", "amount", "currency"],
                [200200000000001, "P/1", "expenditure", dt.date(2026, 1, 1), 5, "USD"],
                [2002000000000012, "P/1", "expenditure", dt.date(2026, 1, 1), 5, "USD"])  # fmt: skip
    report = import_table(office, LOCAL, kind("transactions"), path, today=TODAY, row_wise=True)
    assert [(fault.row, fault.column) for fault in report.faults] == [(3, "document")]
    with office.read() as session:
        assert session.scalars(select(table(LedgerEntry).c.document)).all() == ["200200000000001"]


def test_what_is_seen_beside_an_amount_and_says_otherwise_is_asked_back(office: Database, tmp_path: Path) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        shown_as = ("[$€-407] #,##0.00", '"EUR" #,##0.00', "[$$-409]#,##0.00", "#,##0.00", '#,##0.00" Cr"')
        for row, shown in enumerate(shown_as, 2):
            sheet[f"E{row}"].number_format = shown  # type: ignore[index]

    head = ["document", "project", "type", "date", "amount", "currency"]
    rows: list[list[object]] = [
        [document, "P/1", "expenditure", dt.date(2026, 1, 1), 5, currency]
        for document, currency in (("A", "USD"), ("B", "EUR"), ("C", "USD"), ("D", "USD"), ("E", "USD"))
    ]
    path = book(tmp_path / "a.xlsx", head, *rows, fill=fill)
    report = import_table(office, LOCAL, kind("transactions"), path, today=TODAY, row_wise=True)
    assert [(fault.row, fault.column) for fault in report.faults] == [(2, "amount"), (6, "amount")]
    assert "5 with Cr, a side of the booking" in messages(report)
    assert "shows its amount in €" in messages(report)
    assert "is USD" in messages(report)
    assert report.created == 3


def test_a_month_in_a_column_of_days_is_asked_back(office: Database, tmp_path: Path) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        for row in (2, 3):
            sheet[f"D{row}"].number_format = "mmm-yy"  # type: ignore[index]

    head = ["document", "project", "type", "date", "amount", "currency"]
    path = book(tmp_path / "a.xlsx", head,
                ["A", "P/1", "expenditure", dt.date(2026, 3, 1), 5, "USD"],
                ["B", "P/1", "expenditure", dt.date(2026, 3, 17), 5, "USD"], fill=fill)  # fmt: skip
    report = import_table(office, LOCAL, kind("transactions"), path, today=TODAY, row_wise=True)
    assert [(fault.row, fault.column) for fault in report.faults] == [(2, "date")]
    assert "shows 2026-03 and no day: give it a format that shows the day, such as yyyy-mm-dd" in messages(report)
    assert report.created == 1


def test_where_something_begins_in_a_month_its_first_day_is_meant(office: Database, tmp_path: Path) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        sheet["B2"].number_format = "mmm-yy"  # type: ignore[index]

    path = book(tmp_path / "a.xlsx", ["currency", "effective_on", "rate"], ["EUR", dt.date(2026, 3, 1), 1.25],
                fill=fill)  # fmt: skip
    report = import_table(office, LOCAL, kind("rates"), path, today=TODAY)
    assert messages(report) == ""
    with office.read() as session:
        assert session.scalars(select(table(ExchangeRate).c.effective_on)).all() == [dt.date(2026, 3, 1)]


def test_a_sign_that_several_currencies_have_is_asked_about_only_beside_others(
    office: Database, tmp_path: Path
) -> None:
    shown = [("[$$-80A]#,##0.00", "MXN"), ('"$" #,##0', "COP"), ("#,##0 [$kr.-40F]", "ISK"), ('"Rs" #,##0', "MUR"),
             ("£#,##0.00", "LBP"), ("£#,##0.00", "GBP"), ("$#,##0.00", "EUR"), ("£#,##0.00", "USD")]  # fmt: skip

    def fill(_workbook: object, sheet: object) -> None:
        for row, (number_format, _) in enumerate(shown, 2):
            sheet[f"E{row}"].number_format = number_format  # type: ignore[index]

    head = ["document", "project", "type", "date", "amount", "currency"]
    rows: list[list[object]] = [
        [f"D{place}", "P/1", "expenditure", dt.date(2026, 1, 1), 5, currency]
        for place, (_, currency) in enumerate(shown)
    ]
    path = book(tmp_path / "a.xlsx", head, *rows, fill=fill)
    report = import_table(office, LOCAL, kind("transactions"), path, today=TODAY, row_wise=True)
    told = [(fault.row, fault.column) for fault in report.faults if fault.rule == "table.currency"]
    assert told == [(8, "amount"), (9, "amount")]


def test_what_stands_and_is_shown_as_a_month_is_not_asked_about(office: Database, tmp_path: Path) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        sheet["C2"].number_format = "mmm-yy"  # type: ignore[index]

    with office.write("anna") as session:
        found = session.scalars(select(Project).where(table(Project).c.code == "P/1")).one()
        found.planned_end = dt.date(2027, 3, 1)
        session.add(found)
    path = book(
        tmp_path / "a.xlsx",
        ["code", "title", "planned_end", "status"],
        ["P/1", "New", dt.date(2027, 3, 1), "pipeline"],
        fill=fill,
    )
    report = import_table(office, LOCAL, kind("projects"), path, today=TODAY)
    assert messages(report) == ""
    assert (report.updated, report.created) == (1, 0)


def test_a_unit_beside_a_figure_that_is_no_money_is_no_side_of_a_booking() -> None:
    figure = SheetCell(kind=CellKind.NUMBER, text="1.25", seen="1.25", first_day=dt.date(1899, 12, 30), side="H")
    kind("rates").parse({"currency": "EUR", "effective_on": "2026-03-01", "rate": figure})
    with pytest.raises(InvalidInput) as refused:
        kind("delivery-targets").parse({"amount": figure})
    assert [fault.rule for fault in refused.value.faults if fault.column == "amount"] == ["table.cell"]


@pytest.mark.parametrize(
    ("number", "code", "instead"),
    [
        (2000000, "#,##0,", "2000"),
        (2500000, '0.0,,"M"', "2.5"),
        (-500, "0;0", "500"),
        (500, ";;;", ""),
        (500, '[>100]"large";0', "large"),
        (2000, "[>=1000]0,;0", "2"),
        # what a part for numbers below nought has in common with the one for the others is no sign
        (-500, '#,##0.00 "EUR";#,##0.00 "EUR"', "500"),
        (-500, '#,##0.00 "EUR";#,##0.00 "USD"', "500"),
        (-500, '#,##0 "(net)";#,##0 "(net)"', "500"),
        (-500, "_-* #,##0.00_-;_-* #,##0.00_-", "500"),
        (-500, "_(#,##0_);_(#,##0_)", "500"),
        (-500, "0;0*-", "500"),
        (-500, "[$-407]#,##0;[$-407]#,##0", "500"),
        (-500, "#,##0.00 [$€-407];#,##0.00 [$€-407]", "500"),
        (-500, "[Black]0;[black]0", "500"),
        (-500, "General;General", "500"),
        (-500, "General", None),
        (-500, "General;-General", None),
        (-500, '0;"minus "0', None),
        (-500, '0;"−"0', None),
        (-500, "0;△0", None),
        (-500, "[Black]0;[Red]0", None),
        (-500, '#,##0 "Dr";#,##0 "Cr"', None),
        (-500, '_("$"* #,##0_);_("$"* \\(#,##0\\);_("$"* "-"_);_(@_)', None),
        (500, '"a;b"', "a;b"),
        (0.5, "0%;0%", None),
        (-0.5, "0%;0%", "50%"),
        (-60, '0"%";0"%"', "60%"),
        (-0.5, '0%;"none"', "none"),
        (46143, "[h]:mm", "1107432:00"),
        (46143, "[hh]:mm:ss", "1107432:00:00"),
        (46143, "[mm]", "66445920"),
        (46143, "dd mmm", "05-01"),
        (46143, "[$-409]d-mmm;@", "05-01"),
        (46143, "mmmm", "05"),
        # what shows the number, however it is dressed
        (-500, "#,##0;(#,##0)", None),
        (-500, "#,##0.00;[Red]#,##0.00", None),
        (-500, '_-* #,##0.00\\ _€_-;\\-* #,##0.00\\ _€_-;_-* "-"??\\ _€_-;_-@_-', None),
        (2000, "[Red][<0]-0;[Blue][>=1000]#,##0;0", None),
        (1234567.5, "#,##0.00", None),
        (0, "0;-0;;@", None),
        (0.5, "# ?/?", None),
        (7, "[$-407]0000", None),
        (46143, "ddd dd/mm/yy", None),
        (46143, "[$-411]ge.m.d", None),
    ],
)
def test_what_is_seen_in_place_of_what_a_cell_holds(number: float, code: str, instead: str | None) -> None:
    cell = formats.number_cell(str(number), formats.number_format(code), WINDOWS_EPOCH, WINDOWS_EPOCH.date(), "Cell A2")
    assert isinstance(cell, SheetCell)
    assert cell.instead == instead


@pytest.mark.parametrize(
    ("number", "code", "multiple"),
    [
        (500, '[>999999]#,##0.0,,"M";[>999]#,##0,"K";#,##0', ""),
        (5000, '[>999999]#,##0.0,,"M";[>999]#,##0,"K";#,##0', "K"),
        (5000000, '[>999999]#,##0.0,,"M";[>999]#,##0,"K";#,##0', "M"),
        (5, '0;-0 "k"', ""),
        (-5, '0;-0 "k"', "k"),
        (0, '0 "k";-0 "k";0', ""),
        (-5, '0 "k"', "k"),
        (5, '0 "Cr"', "Cr"),
        (-5, '0 "Dr";0 "Cr"', ""),
        (5, '0 "Cr";0 "Dr"', ""),
    ],
)
def test_the_word_for_a_multiple_is_the_one_of_the_part_that_shows_the_number(
    number: float, code: str, multiple: str
) -> None:
    cell = formats.number_cell(str(number), formats.number_format(code), WINDOWS_EPOCH, WINDOWS_EPOCH.date(), "Cell A2")
    assert isinstance(cell, SheetCell)
    assert cell.multiple == multiple


def test_cells_that_show_something_else_than_they_hold_are_asked_back(office: Database, tmp_path: Path) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        shown = {"E2": "#,##0,", "E3": ";;;", "D4": "d mmm", "E5": '#,##0 "k"', "E6": '0"%"', "A7": "0.00"}
        for place, number_format in shown.items():
            sheet[place].number_format = number_format  # type: ignore[index]

    head = ["document", "project", "type", "date", "amount", "currency"]
    rows: list[list[object]] = [
        [name, "P/1", 4, dt.date(2026, 5, 1), 2000, "USD"] for name in ["A", "B", "C", "D", "E"]
    ]
    rows.append([7.5, "P/1", 4, dt.date(2026, 5, 1), 2000, "USD"])
    path = book(tmp_path / "a.xlsx", head, *rows, fill=fill)
    report = import_table(office, LOCAL, kind("transactions"), path, today=TODAY, row_wise=True)
    assert [(fault.row, fault.column) for fault in report.faults] == [
        (2, "amount"), (3, "amount"), (4, "date"), (5, "amount"), (6, "amount"),
    ]  # fmt: skip
    told = messages(report)
    assert "The cell holds 2000 and shows 2: give it a format that shows what it holds" in told
    assert "The cell holds 2000 and shows nothing of it" in told
    assert "The cell holds 2026-05-01 and shows 05-01" in told
    assert "The cell shows 2000 with k, which may be thousands or millions" in told
    assert "The cell is a percentage (2000%)" in told
    with office.read() as session:
        assert session.scalars(select(table(LedgerEntry).c.document)).all() == ["7.50"]


@pytest.mark.parametrize(("number", "stored"), [(833.333, "833.333"), (1234567.005, "1234567.005"), (12.5, "12.5")])
def test_the_option_that_a_doubtful_amount_asks_for_reads_cells_of_numbers(
    office: Database, tmp_path: Path, number: float, stored: str
) -> None:
    head = ["project", "field", "decided_on", "value", "reason"]
    change = book(tmp_path / "r.xlsx", head, ["P/1", "total_budget", dt.date(2026, 1, 1), number, "Counted anew"])
    head = ["document", "project", "type", "date", "amount", "currency"]
    posting = book(tmp_path / "t.xlsx", head, ["A", "P/1", 4, dt.date(2026, 5, 1), number, "USD"])
    for name, path in (("revisions", change), ("transactions", posting)):
        # what parts thousands in texts makes a cell's decimals no thousands, and is no answer either
        presumed = [notation_of(i18n.words(language)) for language in i18n.LANGUAGES]
        unsaid = (said(), said(grouping="."), said(decimal=","), *presumed)
        for settings in unsaid if number != 12.5 else ():
            told = messages(import_table(office, LOCAL, kind(name), path, today=TODAY, settings=settings))
            assert "--decimal . (the point parts decimals)" in told
        report = import_table(office, LOCAL, kind(name), path, today=TODAY, settings=said(decimal="."))
        assert messages(report) == ""
    with office.read() as session:
        budget = session.scalars(select(table(Project).c.total_budget).where(table(Project).c.code == "P/1")).one()
        assert (budget, session.scalars(select(table(LedgerEntry).c.amount)).all()) == (
            Decimal(stored),
            [Decimal(stored)],
        )


def test_a_whole_number_shown_with_decimals_is_that_number_wherever_a_code_may_stand(
    office: Database, tmp_path: Path
) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        for cell in ("A2", "A3", "C2", "E2", "H2"):
            sheet[cell].number_format = "0.00"  # type: ignore[index]

    head = ["document", "project", "type", "date", "amount", "currency", "description", "sector"]
    path = book(
        tmp_path / "a.xlsx",
        head,
        [7, "P/1", 4, dt.date(2026, 1, 1), 100, "USD", None, 16020],
        [7.5, "P/1", 4, dt.date(2026, 1, 1), 100, "USD"],
        [7, "P/1", 4, dt.date(2026, 1, 1), 100, "USD"],
        fill=fill,
    )
    report = import_table(office, LOCAL, kind("transactions"), path, today=TODAY)
    # 7.00 and 7 are one document, and it is not posted twice
    assert messages(report) == "4 document Row 2 has the same document: keep one of the two."
    for created in (1, 0):
        path = book(tmp_path / "b.xlsx", head[:6], [7, "P/1", 4, dt.date(2026, 1, 1), 100, "USD"], fill=fill)
        report = import_table(office, LOCAL, kind("transactions"), path, today=TODAY)
        assert (messages(report), report.created) == ("", created)
        fill = None  # type: ignore[assignment]
    with office.read() as session:
        found = session.execute(select(table(LedgerEntry).c.document, table(LedgerEntry).c.type)).all()
        assert [tuple(row) for row in found] == [("7", "4")]


def test_what_is_struck_through_is_asked_back_as_deleted(office: Database, tmp_path: Path) -> None:
    def fill(_workbook: object, sheet: object) -> None:
        for cell in ("A3", "B3", "C3", "C4"):
            sheet[cell].font = Font(strike=True)  # type: ignore[index]
        gone = TextBlock(InlineFont(strike=True), "Old")
        sheet["B5"] = CellRichText(gone, " New")  # type: ignore[index]
        sheet["B6"] = CellRichText(TextBlock(InlineFont(b=True), "Bold"), " and plain")  # type: ignore[index]

    rows: list[list[object]] = [[f"P/{number}", f"Title {number}", "pipeline"] for number in range(2, 7)]
    path = book(tmp_path / "p.xlsx", ["code", "title", "status"], *rows, fill=fill)
    report = import_table(office, LOCAL, kind("projects"), path, today=TODAY, row_wise=True)
    assert [(fault.row, fault.column) for fault in report.faults] == [(3, ""), (4, "status"), (5, "title")]
    assert "Row 3 is struck through in the workbook, as if deleted" in messages(report)
    assert report.created == 2
    skipped = import_table(office, LOCAL, kind("projects"), path, today=TODAY, settings=said(hidden_rows="skip"))
    assert [(fault.row, fault.column) for fault in skipped.faults] == [(4, "status"), (5, "title")]
    assert [(each.rows, each.first) for each in skipped.skipped] == [(1, 3)]
    # that such rows count says nothing of a row of which something is struck: old and new would be one text
    said_so = said(hidden_rows="read")
    read = import_table(office, LOCAL, kind("projects"), path, today=TODAY, settings=said_so, row_wise=True)
    assert [(fault.row, fault.column) for fault in read.faults] == [(4, "status"), (5, "title")]
    assert "A part of the cell is struck through, as if deleted" in messages(read)
    assert (read.created, read.unchanged) == (1, 2)


def test_of_a_text_struck_in_part_both_are_never_taken_and_a_struck_blank_says_nothing(
    office: Database, tmp_path: Path
) -> None:
    struck, plain = InlineFont(strike=True), InlineFont(b=True)

    def fill(_workbook: object, sheet: object) -> None:
        texts = {
            "B2": CellRichText("New", TextBlock(struck, " ")),
            "B3": CellRichText(TextBlock(struck, "\u00a0"), TextBlock(plain, "New")),
            "B4": CellRichText(TextBlock(struck, "Old"), TextBlock(plain, " New")),
            "B5": CellRichText(TextBlock(struck, "Old"), TextBlock(plain, " "), TextBlock(struck, "one")),
        }
        for place, text in texts.items():
            sheet[place] = text  # type: ignore[index]
        for place in ("A4", "C4", "A5", "C5"):
            sheet[place].font = Font(strike=True)  # type: ignore[index]

    rows: list[list[object]] = [[f"P/{number}", "", "pipeline"] for number in range(2, 6)]
    path = book(tmp_path / "p.xlsx", ["code", "title", "status"], *rows, fill=fill)
    for words, told, created in (
        ({}, [(4, "code"), (5, "")], 2),
        ({"hidden_rows": "read"}, [(4, "code")], 1),
        ({"hidden_rows": "skip"}, [(4, "code")], 0),
    ):
        report = import_table(
            office,
            LOCAL,
            kind("projects"),
            path,
            today=TODAY,
            settings=said(**words),
            row_wise=True,  # type: ignore[arg-type]
        )
        assert [(fault.row, fault.column) for fault in report.faults if fault.column in ("code", "")] == told
        assert report.created == created
    with office.read() as session:
        titles = session.scalars(select(table(Project).c.title).order_by(table(Project).c.code)).all()
    assert titles == ["One", "New", "New", "Old one"]


def test_of_texts_that_cells_share_it_is_known_how_much_is_struck_through() -> None:
    struck = "<r><rPr><strike/></rPr><t>%s</t></r>"
    items = ["<t>New</t>", struck % "Old", struck % "Old" + "<r><t> New</t></r>", struck % " " + "<r><t>New</t></r>"]
    sheet = "".join(f"<si>{item}</si>" for item in items)
    texts, found = read_texts(io.BytesIO(f"<sst>{sheet}</sst>".encode()))
    assert texts == ["New", "Old", "Old New", " New"]
    assert found == {1: True, 2: False}
