"""Files people have: any separator, any column order, spreadsheets; and what is no table is refused with its place."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from app.errors import Fault, InvalidInput, UsageError
from app.tabular.cells import BrokenCell, CellValue
from app.tabular.files import read_table

KNOWN = frozenset({"code", "title", "amount"})
REQUIRED = frozenset({"code"})


def rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    found: list[tuple[int, dict[str, str]]] = []
    faults: list[Fault] = []
    for row in read_table(path, KNOWN, REQUIRED).rows:
        if isinstance(row, Fault):
            faults.append(row)
        else:
            faults += row.faults
            found.append((row.number, {name: text(cell) for name, cell in row.cells.items()}))
    if faults:
        raise InvalidInput(faults)
    return found


def text(cell: CellValue) -> str:
    return cell if isinstance(cell, str) else cell.message if isinstance(cell, BrokenCell) else cell.text


def refusal(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        rows(path)
    return [(fault.place, fault.rule) for fault in refused.value.faults]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_separator_is_told_from_the_header(tmp_path: Path, separator: str, mark: str) -> None:
    path = tmp_path / "t.csv"
    lines = [["title", "code"], ["Été; au, Niger", "A/1"], [], ["", "A/2"]]
    quoted = "\r\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines)
    path.write_text(mark + quoted, encoding="utf-8")
    assert rows(path) == [(2, {"title": "Été; au, Niger", "code": "A/1"}), (4, {"code": "A/2"})]


def test_cells_in_single_quotation_marks_are_read_as_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("'title','code'\n'Clean, safe water','A/1'\n'It''s','A/2'\n", encoding="utf-8")
    assert rows(path)[1:] == [(3, {"title": "It's", "code": "A/2"})]
    # looking goes once over the line, however many spaces there are
    path.write_text("title,code" + " " * 30_000 + "\n'Rights' now,A/1\n", encoding="utf-8")
    assert rows(path) == [(2, {"title": "'Rights' now", "code": "A/1"})]


def test_a_row_keeps_its_number_when_cells_above_have_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('code,title\nA/1,"two\nlines"\nA/2,x\n', encoding="utf-8")
    assert [number for number, _ in rows(path)] == [2, 4]


def test_every_fault_of_a_header_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("title,colour,title\nx,y,z\n", encoding="utf-8")
    assert refusal(path) == [
        ("row 1, column colour", "table.unknown-column"),
        ("row 1, column title", "table.repeated-column"),
        ("row 1", "table.missing-column"),
    ]


@pytest.mark.parametrize(
    ("content", "place", "rule"),
    [
        (b"", "row 1", "table.empty"),
        (b"code\nA/1\nB\xe9\n", "row 3", "table.encoding"),
        (b"code\nA\x00\n", "row 1", "table.binary"),
        (b"code,title\nA/1,x,too many\n", "row 2", "table.cells"),
        (b'code,title\nA/1,"never closed\n', "row 2", "table.format"),
        (b"code,title\nA/1,x\n \xc2\xa0, \ncode,title\n", "row 4", "table.repeated-header"),
        (b'[{"code": "A/1"}]', "row 1", "table.format"),
        (b"\x1f\x8b\x08\x00", "row 1", "table.format"),
        (b"%PDF-1.7\n", "row 1", "table.format"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(tmp_path: Path, content: bytes, place: str, rule: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert refusal(path) == [(place, rule)]


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_table(tmp_path / "absent.csv", KNOWN, REQUIRED)


def test_a_workbook_gives_what_was_typed(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["code", "title", "amount", None])
    sheet.append(["A/1", dt.date(2021, 3, 1), 1000.1])
    sheet.append([None, None, None])
    sheet.append(["A/2", True, 12])
    book.save(tmp_path / "t.xlsx")
    assert rows(tmp_path / "t.xlsx") == [
        (2, {"code": "A/1", "title": "2021-03-01", "amount": "1000.1"}),
        (4, {"code": "A/2", "title": "true", "amount": "12"}),
    ]


def test_a_file_that_only_says_it_is_a_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 not really")
    assert refusal(tmp_path / "t.xlsx") == [("row 1", "table.format")]


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_a_fault(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "t.csv"
    path.write_bytes(content)
    assert outcome(path) in {"rows", "fault"}


def outcome(path: Path) -> str:
    try:
        return "rows" if all(set(cells) <= KNOWN for _number, cells in rows(path)) else "strange"
    except InvalidInput as error:
        return "fault" if error.faults else "no fault"
