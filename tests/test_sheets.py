"""Tables that go out: text that stays text, cells of their own kind, a mark, and nothing held that need not be."""

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.db.audit import plain as kept
from app.language.i18n import LANGUAGES, words
from app.sheets import Cell, Sheet, csv_pieces, plain_text, safe_text, workbook_bytes, written
from iati.lexical import format_decimal

TEXT = st.text(st.sampled_from("'=+-@\t\ra1é,\";\n "), max_size=8)


@given(TEXT)
def test_text_made_safe_is_no_formula_and_comes_back(text: str) -> None:
    safe = safe_text(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert plain_text(safe) == text


def test_a_number_is_no_formula_and_a_text_that_looks_like_one_is_defused() -> None:
    assert written(Decimal("-1E+3")) == "-1000"
    assert written("-1000") == "'-1000"
    assert (written(None), written(True), written(dt.date(2021, 2, 3)), written(7)) == ("", "true", "2021-02-03", "7")


@given(st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=5))
def test_csv_is_read_back_as_it_was(rows: list[list[str]]) -> None:
    content = b"".join(csv_pieces(("=a", "b"), rows, comments=("What it is,\nin a line",)))
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert read[0] == ["'=a", "b"]
    assert [[plain_text(cell) for cell in row] for row in read[1:-1]] == rows
    assert read[-1] == ["# What it is; in a line"]
    assert content.decode().splitlines()[-1].startswith("# What it is")


@pytest.mark.parametrize(
    ("comment", "line"),
    [
        ("amounts of 1,234,567.50 or less", "# amounts of 1234567.50 or less"),
        ("countries: KE,UG", "# countries: KE;UG"),
        ('project: the “new” "Wells", 2nd phase', "# project: the “new” 'Wells'; 2nd phase"),
    ],
)
def test_a_comment_begins_its_line_whatever_it_holds(comment: str, line: str) -> None:
    content = b"".join(csv_pieces(("a", "b"), [("1", "2")], comments=(comment,))).decode("utf-8-sig")
    assert content.splitlines() == ["a,b", "1,2", line]
    assert list(csv.reader(io.StringIO(content, newline="")))[-1] == [line]


def test_rows_are_written_as_they_come() -> None:
    taken = []
    rows = ([number] for number in range(5000) if taken.append(number) is None)  # type: ignore[func-returns-value]
    pieces = csv_pieces(("number",), rows)
    next(pieces), next(pieces)
    assert 0 < len(taken) < 2000


def test_a_workbook_types_its_cells_and_keeps_the_header_in_view() -> None:
    rows: list[list[Cell]] = [
        ["=1+1", Decimal("0.10"), dt.date(2021, 2, 3), True, Decimal("1234567890123456.7"), "bell\x07"]
    ]
    rows.append(["x" * 40_000, None, None, None, None, None])
    columns = ("text", "amount", "day", "yes", "long", "odd")
    sheet = Sheet(name="a/b", columns=columns, rows=rows, formats={"amount": "0.00"})
    book = load_workbook(io.BytesIO(workbook_bytes([sheet])))
    (read,) = book.worksheets
    assert read.title == "a b"
    assert [cell.data_type for cell in read[2]] == ["s", "n", "d", "b", "s", "s"]
    assert (read["B2"].value, read["B2"].number_format, read["E2"].value) == (0.1, "0.00", "1234567890123456.7")
    assert (read.freeze_panes, read["A1"].font.bold) == ("A2", True)
    assert str(read["A3"].value).endswith("the CSV has all of it)")
    assert read.column_dimensions["E"].width >= 18


@pytest.mark.parametrize("nothing", ["-0", "-0.00"])
def test_nothing_goes_out_without_a_sign(nothing: str) -> None:
    figure, plain = Decimal(nothing), nothing.removeprefix("-")
    assert (written(figure), kept(figure), format_decimal(figure)) == (plain, plain, plain)
    content = workbook_bytes([Sheet(name="a", columns=("amount",), rows=[[figure]])])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert "<v>-" not in book.read("xl/worksheets/sheet1.xml").decode()
    for language in LANGUAGES:
        said = words(language)
        shown = said.number(figure), said.percent(figure), said.exact(figure), said.typed(figure), said.amount(figure)
        assert not any("-" in each or "\u2212" in each for each in shown)
