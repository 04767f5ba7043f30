"""Spreadsheets are read as a person sees them, or refused with sheet, row and column; nothing is lost unseen."""

import contextlib
import datetime as dt
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from app.domain.notation import PLAIN
from app.errors import Fault, InvalidInput
from app.tabular import elements, styles
from app.tabular import workbook as reader
from app.tabular.cells import BrokenCell, CellKind, CellValue, SheetCell
from app.tabular.files import read_table
from app.tabular.forms import CellFault, read_cell
from app.tabular.registry import kind
from app.tabular.settings import said
from tests.tabular.books import HEADER, book, in_sheet, rewritten

KNOWN = frozenset(HEADER)
REQUIRED = frozenset({"code"})


def cells(path: Path, **words: str | int) -> list[tuple[int, dict[str, CellValue]]]:
    read = read_table(path, KNOWN, REQUIRED, said(**words))  # type: ignore[arg-type]
    return [(row.number, row.cells) for row in read.rows if not isinstance(row, Fault)]


def shown(path: Path, **words: str | int) -> list[tuple[int, dict[str, str]]]:
    return [
        (number, {name: cell if isinstance(cell, str) else getattr(cell, "seen", "?") for name, cell in row.items()})
        for number, row in cells(path, **words)
    ]


def refusal(path: Path, **words: str | int) -> Fault:
    with pytest.raises(InvalidInput) as refused:
        cells(path, **words)
    return refused.value.faults[0]


@pytest.mark.parametrize("declared", ["A1", "A1:A9", "A1:C1"])
def test_a_declared_size_that_is_too_small_hides_nothing(tmp_path: Path, declared: str) -> None:
    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1], ["A/2", "Two", 2])
    path = rewritten(
        plain, tmp_path / "b.xlsx", in_sheet(b'<dimension ref="A1:C3"', f'<dimension ref="{declared}"'.encode())
    )
    assert shown(path) == [
        (2, {"code": "A/1", "title": "One", "amount": "1"}),
        (3, {"code": "A/2", "title": "Two", "amount": "2"}),
    ]


@pytest.mark.parametrize(
    ("value", "number_format", "kind", "text", "seen"),
    [
        (0.6, "0%", CellKind.PERCENT, "60", "60%"),
        (0.125, "0.00 %", CellKind.PERCENT, "12.5", "12.5%"),
        (0.07, "0%", CellKind.PERCENT, "7", "7%"),
        (7, "0000", CellKind.NUMBER, "7", "0007"),
        (12, '"EV-"000', CellKind.NUMBER, "12", "EV-012"),
        (123456, "000-000", CellKind.NUMBER, "123456", "123-456"),
        (12345, "0000", CellKind.NUMBER, "12345", "12345"),
        (1234.5, "#,##0.00", CellKind.NUMBER, "1234.5", "1234.5"),
        (1234.5, '#,##0.00 "EUR"', CellKind.NUMBER, "1234.5", "1234.5"),
        (1234.5, "[$€-407] #,##0.00", CellKind.NUMBER, "1234.5", "1234.5"),
        (7.5, "0.00", CellKind.NUMBER, "7.5", "7.50"),
        (7.456, "0.00", CellKind.NUMBER, "7.456", "7.456"),
        (0.1 + 0.2, "General", CellKind.NUMBER, "0.3", "0.3"),
        (2002000000000, "0.00E+00", CellKind.NUMBER, "2002000000000", "2002000000000"),
        # what was typed as Mar-20 may be any day of it; a spreadsheet keeps the first
        (dt.date(2020, 3, 1), "mmm-yy", CellKind.MONTH, "2020-03-01", "2020-03-01"),
        (dt.date(2020, 3, 1), "[$-409]mmmm\\ yyyy;@", CellKind.MONTH, "2020-03-01", "2020-03-01"),
        (dt.date(2020, 1, 1), "yyyy", CellKind.MONTH, "2020-01-01", "2020-01-01"),
        (dt.date(2020, 3, 17), "mmm-yy", CellKind.DAY, "2020-03-17", "2020-03-17"),
        (dt.date(2020, 3, 1), "d mmm", CellKind.DAY, "2020-03-01", "2020-03-01"),
        (45000, "dd/mm/yyyy", CellKind.DAY, "2023-03-15", "2023-03-15"),
        (43891.5, "yyyy-mm-dd hh:mm", CellKind.MOMENT, "2020-03-01 12:00:00", "2020-03-01 12:00:00"),
        (True, "General", CellKind.TRUTH, "true", "true"),
    ],
)  # fmt: skip
def test_a_number_is_what_its_format_shows(
    tmp_path: Path, value: object, number_format: str, kind: CellKind, text: str, seen: str
) -> None:
    def fill(_workbook: Workbook, sheet: Worksheet) -> None:
        sheet["C2"] = value
        sheet["C2"].number_format = number_format

    ((_, row),) = cells(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One"], fill=fill))
    cell = row["amount"]
    assert isinstance(cell, SheetCell)
    assert (cell.kind, cell.text, cell.seen) == (kind, text, seen)


@pytest.mark.parametrize(
    ("number_format", "currency"),
    [
        ('#,##0.00 "EUR"', "EUR"),
        ("[$€-407] #,##0.00", "€"),
        ("[$EUR] #,##0.00;[Red]-[$EUR] #,##0.00", "EUR"),
        ('_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-', "€"),
        ("£#,##0.00", "£"),
        ("#,##0\\ [$kr.-406]", "kr."),
        ("[$US$-409]#,##0.00", "US$"),
        ("[Red][$-409]#,##0.00", ""),
        ("[Red]$#,##0.00", "$"),
        ("\\U\\S\\D\\ #,##0.00", "USD"),
        # a width that is left free is no sign that is seen: the style of German, French and Spanish spreadsheets
        ('_-* #,##0.00\\ _€_-;\\-* #,##0.00\\ _€_-;_-* "-"??\\ _€_-;_-@_-', ""),
        ("#,##0.00_$", ""),
        ("#,##0.00*€", ""),
        ('#,##0.00 "pcs"', ""),
        ('#,##0.00" Std."', ""),
        ('"SFr." #,##0.00', "SFr."),
        ("#,##0.00_);(#,##0.00)", ""),
        # of a format that files only name each language shows its own currency
        ('_("$"* #,##0.00_)_("$"* \\(#,##0.00\\)_("$"* "-"??_)_(@_)', ""),
        ("General", ""),
    ],
)
def test_a_currency_beside_a_number_is_seen(tmp_path: Path, number_format: str, currency: str) -> None:
    def fill(_workbook: Workbook, sheet: Worksheet) -> None:
        sheet["C2"] = 1234.5
        sheet["C2"].number_format = number_format

    ((_, row),) = cells(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One"], fill=fill))
    cell = row["amount"]
    assert isinstance(cell, SheetCell)
    assert (cell.text, cell.currency) == ("1234.5", currency)


@pytest.mark.parametrize(
    ("number_format", "amount", "side"),
    [
        ('#,##0.00" Cr"', 5, "Cr"),
        ('#,##0.00 "Dr";#,##0.00 "Cr"', 5, "Dr"),
        ('#,##0.00 "Dr";#,##0.00 "Cr"', -5, "Cr"),
        ("0.00\\ \\H", 5, "H"),
        ("#,##0.00\\ \\U\\S\\D", 5, ""),
        ("0.00\\ \\C\\r", 5, "Cr"),
        ('0.00" (Cr)"', 5, "Cr"),
        ('0.0 "h"', 5, ""),
        ("0.00_H", 5, ""),
        ('"S/" #,##0.00', 5, ""),
        ("#,##0.00;[Red]-#,##0.00", -5, ""),
    ],
)
def test_a_side_of_the_booking_beside_a_number_is_seen(
    tmp_path: Path, number_format: str, amount: int, side: str
) -> None:
    def fill(_workbook: Workbook, sheet: Worksheet) -> None:
        sheet["C2"] = amount
        sheet["C2"].number_format = number_format

    ((_, row),) = cells(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One"], fill=fill))
    cell = row["amount"]
    assert isinstance(cell, SheetCell)
    assert cell.side == side


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"])
def test_an_error_cell_is_no_text(tmp_path: Path, error: str) -> None:
    ((_, row),) = cells(book(tmp_path / "a.xlsx", HEADER, ["A/1", error, 1]))
    assert isinstance(row["title"], BrokenCell)
    assert error in row["title"].message
    assert "B2 of the sheet Sheet" in row["title"].message


@pytest.mark.parametrize(
    ("old", "new"),
    [(b't="inlineStr"><is><t>One</t></is>', 't="s"><v>²</v>'.encode()), (b'<row r="2"', '<row r="²"'.encode())],
)
def test_what_only_looks_like_a_number_is_no_place(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = rewritten(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1]), tmp_path / "b.xlsx", in_sheet(old, new))
    assert [number for number, _row in cells(path)] == [2]


def test_an_error_that_was_saved_as_text_is_no_text_either(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,title\nA/1,#N/A\n", encoding="utf-8")
    ((_, row),) = cells(path)
    assert isinstance(row["title"], BrokenCell)


def test_a_formula_without_a_stored_result_is_told(tmp_path: Path) -> None:
    ((_, row),) = cells(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", "=1+1"]))
    assert isinstance(row["amount"], BrokenCell)
    assert "C2 of the sheet Sheet holds a formula without a stored result" in row["amount"].message


def test_a_formula_with_a_stored_result_is_its_result(tmp_path: Path) -> None:
    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", "=1+1"])
    path = rewritten(plain, tmp_path / "b.xlsx", in_sheet(b"<v></v>", b"<v>2</v>").__call__)
    path = rewritten(path, tmp_path / "c.xlsx", in_sheet(b"<v/>", b"<v>2</v>"))
    path = rewritten(path, tmp_path / "d.xlsx", in_sheet(b"<v />", b"<v>2</v>"))
    assert shown(path) == [(2, {"code": "A/1", "title": "One", "amount": "2"})]


def test_the_table_is_found_on_the_sheet_that_holds_it(tmp_path: Path) -> None:
    def fill(workbook: Workbook, sheet: Worksheet) -> None:
        front = workbook.create_sheet("Read me", 0)
        front["A1"] = "How to fill this in"
        chart = workbook.create_chartsheet("Chart", 0)
        chart.add_chart(BarChart())
        hidden = workbook.create_sheet("Old", 0)
        hidden.append(HEADER)
        hidden.append(["OLD", "Old", 1])
        hidden.sheet_state = "hidden"
        workbook.active = workbook.sheetnames.index(sheet.title)

    path = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1], fill=fill)
    assert shown(path) == [(2, {"code": "A/1", "title": "One", "amount": "1"})]
    assert shown(path, sheet="old") == [(2, {"code": "OLD", "title": "Old", "amount": "1"})]
    assert "Sheets:" in refusal(path, sheet="New").message


def test_two_sheets_with_such_a_table_are_asked_back(tmp_path: Path) -> None:
    def fill(workbook: Workbook, _sheet: Worksheet) -> None:
        second = workbook.create_sheet("2027")
        second.append(HEADER)
        second.append(["A/2", "Two", 2])

    fault = refusal(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1], fill=fill))
    assert fault.rule == "table.sheets"
    assert "Sheet, 2027" in fault.message


def test_a_table_that_only_a_hidden_sheet_holds_is_not_read_unasked(tmp_path: Path) -> None:
    def fill(workbook: Workbook, sheet: Worksheet) -> None:
        workbook.create_sheet("Front")
        sheet.sheet_state = "veryHidden"
        workbook.active = 1

    fault = refusal(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1], fill=fill))
    assert (fault.rule, "--sheet" in fault.message) == ("table.hidden-sheet", True)


def test_a_column_that_nobody_sees_is_not_read_unasked(tmp_path: Path) -> None:
    def fill(_workbook: Workbook, sheet: Worksheet) -> None:
        sheet.column_dimensions["B"].hidden = True
        sheet.column_dimensions["C"].hidden = True

    fault = refusal(book(tmp_path / "a.xlsx", HEADER, ["A/1"], ["A/2", None, 1], fill=fill))
    assert (fault.row, fault.pointer, fault.rule) == (3, "/amount", "table.hidden-column")
    assert "Column C (amount) is hidden" in fault.message

    def fill_and_hide(workbook: Workbook, sheet: Worksheet) -> None:
        fill(workbook, sheet)
        sheet.row_dimensions[3].hidden = True

    path = book(tmp_path / "b.xlsx", HEADER, ["A/1"], ["A/2", None, 1], fill=fill_and_hide)
    assert refusal(path, hidden_rows="read").rule == "table.hidden-column"


def test_merged_cells_in_the_rows_are_told_and_a_merged_title_is_not(tmp_path: Path) -> None:
    def fill(_workbook: Workbook, sheet: Worksheet) -> None:
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("A3:A4")

    path = book(tmp_path / "a.xlsx", ["Projects of 2026"], HEADER, ["A/1", "One", 1], [None, "Two", 2], fill=fill)
    found = list(read_table(path, KNOWN, REQUIRED, said(header_row=2)).rows)
    faults = [each for each in found if isinstance(each, Fault)]
    assert [(fault.row, fault.column, fault.rule) for fault in faults] == [(3, "code", "table.merged")]
    assert "A3:A4 of the sheet Sheet" in faults[0].message


def test_a_header_further_down_is_pointed_at(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ["Projects of 2026"], [], HEADER, ["A/1", "One", 1])
    assert (refusal(path).row, "--header-row 3" in refusal(path).message) == (3, True)
    assert shown(path, header_row=3) == [(4, {"code": "A/1", "title": "One", "amount": "1"})]


def strict(name: str, content: bytes) -> bytes:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    content = content.replace(main, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    content = content.replace(relations, b"http://purl.oclc.org/ooxml/officeDocument/relationships")
    return content.replace(b'<c r="C2" t="n"><v>1</v></c>', b'<c r="C2" t="d"><v>2026-03-31T00:00:00</v></c>')


def test_strict_open_xml_is_read(tmp_path: Path) -> None:
    path = rewritten(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1]), tmp_path / "b.xlsx", strict)
    assert shown(path) == [(2, {"code": "A/1", "title": "One", "amount": "2026-03-31"})]


@pytest.mark.parametrize("part", ["xl/styles.xml", "docProps/core.xml", "xl/theme/theme1.xml"])
def test_parts_that_hold_no_cells_may_be_missing(tmp_path: Path, part: str) -> None:
    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1])
    path = rewritten(plain, tmp_path / "b.xlsx", lambda name, content: None if name == part else content)
    assert shown(path) == [(2, {"code": "A/1", "title": "One", "amount": "1"})]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
def test_a_workbook_without_a_needed_part_is_refused(tmp_path: Path, part: str) -> None:
    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1])
    path = rewritten(plain, tmp_path / "b.xlsx", lambda name, content: None if name == part else content)
    assert refusal(path).row == 1


def shared(name: str, content: bytes) -> bytes:
    """Keeps the title of row 2 among the workbook's texts, as spreadsheets do."""
    if name == "xl/_rels/workbook.xml.rels":
        kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
        relation = b'<Relationship Id="rId90" Type="' + kind + b'" Target="/xl/sharedStrings.xml"/>'
        return content.replace(b"</Relationships>", relation + b"</Relationships>")
    return content.replace(b't="inlineStr"><is><t>One</t></is>', b't="s"><v>1</v>')


def test_texts_of_several_formats_are_read_whole(tmp_path: Path) -> None:
    texts = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>Zero</t></si><si><r><t>Decent '
        b"</t></r><r><rPr><b/></rPr><t>work_x000A_for all</t></r><rPh sb='0' eb='1'><t>phonetic</t></rPh></si></sst>"
    )
    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1])
    path = rewritten(plain, tmp_path / "b.xlsx", shared, {"xl/sharedStrings.xml": texts})
    assert shown(path)[0][1]["title"] == "Decent work\nfor all"


def test_texts_that_went_missing_are_told_cell_by_cell(tmp_path: Path) -> None:
    path = rewritten(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1]), tmp_path / "b.xlsx", shared)
    ((_, row),) = cells(path)
    assert isinstance(row["title"], BrokenCell)
    assert "B2 of the sheet Sheet has lost its text" in row["title"].message


@pytest.mark.parametrize("lost", ["the part of the formats", "one format"])
def test_a_number_whose_format_went_missing_is_told(tmp_path: Path, lost: str) -> None:
    """Without it nobody sees that 0.6 was 60 %, and 7 the code 0007."""

    def fill(_workbook: Workbook, sheet: Worksheet) -> None:
        sheet["C2"].number_format = "0%"

    def without(name: str, content: bytes) -> bytes | None:
        if name == "xl/styles.xml":
            return content.replace(b"cellXfs", b"cellXfz") if lost == "one format" else None
        return content

    path = rewritten(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 0.6], fill=fill), tmp_path / "b.xlsx", without)
    ((_, row),) = cells(path)
    assert (row["code"], row["title"]) == ("A/1", "One")
    assert isinstance(row["amount"], BrokenCell)
    assert "C2 of the sheet Sheet has lost its format" in row["amount"].message


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        # what a spreadsheet makes of a typed 1E3, 41E10 and 0 1/2
        (1000, "0.00E+00", "1.00E+03"),
        (410000000000, "##0.0E+0", "410.0E+9"),
        (9.999, "0.00E+00", "1.00E+01"),
        (7.5, "0.0##E+0", "7.5E+0"),
        (0.5, "# ?/?", "1/2"),
        (0.5, "# ??/16", "8/16"),
        (2.9999, "# ?/?", "3"),
        (3, "#\\ ???/???", ""),
        (3.25, "#\\ ?/4", "3 1/4"),
        (-1.25, "# ??/??", "-1 1/4"),
        (0.375, "# ?/8", "3/8"),
        (1234, "00/00", "1234/1"),
        (3, "# ?/?", ""),
        (1234, '00"/"00', ""),
        (0, "0.00E+00", ""),
    ],
)
def test_a_number_that_is_shown_otherwise_than_in_digits_is_no_code(
    tmp_path: Path, value: float, number_format: str, seen: str
) -> None:
    def fill(_workbook: Workbook, sheet: Worksheet) -> None:
        sheet["C2"] = value
        sheet["C2"].number_format = number_format

    ((_, row),) = cells(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One"], fill=fill))
    cell = row["amount"]
    assert isinstance(cell, SheetCell)
    assert cell.rewritten == seen
    number = kind("transactions").column("amount")
    assert read_cell(cell, number, PLAIN) == cell.text
    text = kind("projects").column("code")
    if not seen:
        assert read_cell(cell, text, PLAIN) == cell.seen
        return
    with pytest.raises(CellFault, match=f"shows {re.escape(seen)} and holds the number {cell.text}: "):
        read_cell(cell, text, PLAIN)


def test_formatted_empty_cells_at_the_far_corner_are_no_rows(tmp_path: Path) -> None:
    def fill(_workbook: Workbook, sheet: Worksheet) -> None:
        sheet["XFD1048576"].fill = PatternFill("solid", fgColor="FFFF0000")

    path = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1], fill=fill)
    with reader.open_workbook(path) as workbook:
        # two rows are walked, not a million of them with as many empty cells as a sheet is wide
        assert [len(row[1]) for row in workbook.rows(workbook.sheets[0]) if isinstance(row, tuple)] == [3, 3]
    assert len(shown(path)) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old workbook (.xls)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 not really", "not a workbook"),
        (b"code,title\nA/1,One\n", "not a workbook"),
        (b"", "not a workbook"),
    ],
)
def test_what_is_no_open_workbook_is_refused_in_words(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert told in refusal(path).message


@pytest.mark.parametrize("name", ["a.xls", "a.csv", "a.ods"])
def test_the_content_tells_what_a_file_is_not_its_name(tmp_path: Path, name: str) -> None:
    path = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1]).rename(tmp_path / name)
    assert shown(path) == [(2, {"code": "A/1", "title": "One", "amount": "1"})]


def test_an_opendocument_spreadsheet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert ".ods" in refusal(path).message


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "SUSPECT_SIZE", 1024**2)
    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1])
    path = rewritten(plain, tmp_path / "b.xlsx", in_sheet(b"<sheetData>", b"<sheetData>" + b" " * 2 * 1024**2))
    assert refusal(path).rule == "table.size"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData><row>" + b"<c><v>1</v></c>" * 10_000 + b"</row>"),
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<x/>" * 30_000 + b"<sheetData>"),
        (
            "xl/_rels/workbook.xml.rels",
            b"</Relationships>",
            b'<Relationship Id="t" Type="x/sharedStrings" Target="texts.xml"/></Relationships>',
        ),
    ],
    ids=["one row", "what nobody asks for", "texts"],
)
def test_what_would_have_to_be_held_at_once_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, old: bytes, new: bytes
) -> None:
    monkeypatch.setattr(elements, "HELD_LIMIT", 100_000)
    monkeypatch.setattr(styles, "TEXTS_LIMIT", 100_000)
    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1])
    assert shown(plain) == [(2, {"code": "A/1", "title": "One", "amount": "1"})]
    texts = b"<sst>" + b"<si><t>abcdefghij</t></si>" * 2000 + b"</sst>"
    path = rewritten(
        plain,
        tmp_path / "b.xlsx",
        lambda name, content: content.replace(old, new) if name == part else content,
        added={"xl/texts.xml": texts},
    )
    assert refusal(path).rule == "table.size"


def test_what_was_passed_is_let_go_at_whatever_depth() -> None:
    part = b"<sheet>" + b"<a><b/><row/></a>" * 500 + b"</sheet>"
    counts = []
    for element in elements.elements(BytesIO(part), "row"):
        root = element.getroottree().getroot()
        counts.append(len(list(root.iter())))
    # a piece that is read at once stands there whole when its first row comes, and hardly any of it with its last
    assert len(counts) == 500
    assert counts[-1] <= 6


def test_a_part_that_is_kept_is_bounded_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "HELD_LIMIT", 100_000)
    part = b"<styles>" + b'<numFmt numFmtId="1"/>' * 20_000 + b"</styles>"
    assert len(list(elements.elements(BytesIO(part), "numFmt", most=len(part)))) == 20_000
    with pytest.raises(InvalidInput) as refused:
        list(elements.elements(BytesIO(part), "numFmt", most=len(part) - 1))
    assert [fault.rule for fault in refused.value.faults] == ["table.size"]


def test_tens_of_thousands_of_styles_and_links_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "HELD_LIMIT", 100_000)
    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1])
    more = {
        "xl/styles.xml": (b"</cellXfs>", b'<xf numFmtId="0" fontId="0"/>' * 5_000 + b"</cellXfs>"),
        "xl/worksheets/sheet1.xml": (
            b"</worksheet>", b"<hyperlinks>" + b'<hyperlink ref="A1"/>' * 10_000 + b"</hyperlinks></worksheet>"
        ),
    }  # fmt: skip
    path = rewritten(
        plain,
        tmp_path / "b.xlsx",
        lambda name, content: content.replace(*more[name]) if name in more else content,
    )
    assert shown(path) == [(2, {"code": "A/1", "title": "One", "amount": "1"})]


def test_entities_are_not_unfolded(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n<worksheet'
    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1])
    path = rewritten(plain, tmp_path / "b.xlsx", in_sheet(b"<worksheet", bomb))
    assert shown(path) == [(2, {"code": "A/1", "title": "One", "amount": "1"})]


def test_rows_and_cells_without_references_are_counted(tmp_path: Path) -> None:
    import re

    plain = book(tmp_path / "a.xlsx", HEADER, ["A/1", "One", 1])

    def bare(name: str, content: bytes) -> bytes:
        return re.sub(rb' r="[A-Z]*[0-9]+"', b"", content) if name == "xl/worksheets/sheet1.xml" else content

    assert shown(rewritten(plain, tmp_path / "b.xlsx", bare)) == [(2, {"code": "A/1", "title": "One", "amount": "1"})]


def test_a_value_under_no_name_is_told(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx", [None, "code", None, "title"], [None, "A/1", None, "One"], ["x", "A/2", None, "Two"]
    )
    found = list(read_table(path, KNOWN, REQUIRED).rows)
    assert [[fault.message[:8] for fault in row.faults] for row in found if not isinstance(row, Fault)] == [
        [],
        ["Column A"],
    ]


def test_a_workbook_that_counts_from_1904_gives_the_days_it_shows(tmp_path: Path) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    def fill(workbook: Workbook, sheet: Worksheet) -> None:
        workbook.epoch = CALENDAR_MAC_1904
        sheet["C2"] = dt.date(2026, 3, 31)

    assert shown(book(tmp_path / "a.xlsx", HEADER, ["A/1", "One"], fill=fill))[0][1]["amount"] == "2026-03-31"


@settings(max_examples=40)
@given(
    place=st.integers(0, 10_000),
    bytes_=st.binary(max_size=6),
    part=st.sampled_from(["sheet1", "workbook.xml", "styles"]),
)
def test_a_damaged_workbook_gives_rows_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, place: int, bytes_: bytes, part: str
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    plain = book(folder / "a.xlsx", HEADER, ["A/1", dt.date(2026, 1, 1), 1.5], ["A/2", True, "=1+1"])

    def damage(name: str, content: bytes) -> bytes:
        at = place % (len(content) + 1)
        return content[:at] + bytes_ + content[at + 1 :] if part in name else content

    path = rewritten(plain, folder / "b.xlsx", damage)
    with contextlib.suppress(InvalidInput):
        assert all(set(row) <= KNOWN for _number, row in cells(path))
