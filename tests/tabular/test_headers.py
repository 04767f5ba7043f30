"""Names of columns that stand where one does not look first: below titles, in two rows, with a mistake in one."""

from pathlib import Path

import pytest

from app.db.engine import Database
from app.domain.access import LOCAL
from app.tabular.mapping.load import load_mapping
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from tests import portfolio
from tests.portfolio import TODAY
from tests.tabular.books import book

MAPPING = """
kind: transactions
source: ledger
file: {separator: ";", decimal: ",", grouping: ".", dates: dmy}
columns:
  document: Voucher
  project: Project
  type: {column: Type, values: {KR: expenditure}}
  date: DATE
  amount: {debit: DEBIT, credit: CREDIT}
constants: {currency: EUR}
"""
TITLES = "Journal of the year\nPeriod;01.01.2026 - 31.03.2026\n\n"
ROW = "7;P;KR;05.03.2026;1.234,56;;Seminar\n"


@pytest.fixture
def office(database: Database) -> Database:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
    return database


def read(
    office: Database, path: Path, *, date: str = "Date", debit: str = "Debit", credit: str = "Credit"
) -> TableReport:
    text = MAPPING.replace("DATE", date).replace("DEBIT", debit).replace("CREDIT", credit)
    found = kind("transactions")
    return import_table(office, LOCAL, found, path, mapping=load_mapping(text, found), today=TODAY)


def told(report: TableReport) -> list[tuple[int | None, str]]:
    return [(fault.row, str(fault.message)) for fault in report.faults]


def test_a_name_that_is_mistyped_is_told_of_the_row_that_has_the_others(office: Database, tmp_path: Path) -> None:
    path = tmp_path / "journal.csv"
    path.write_text(TITLES + "Voucher;Project;Type;Date;Debit;Credit;Text\n" + ROW, encoding="utf-8")
    ((row, message),) = told(read(office, path, date="Datum"))
    assert row == 4
    assert message.startswith("The mapping names a column Datum that the file does not have: is Date meant? ")


@pytest.mark.parametrize(
    ("upper", "lower", "names"),
    [
        ("Voucher;Project;Type;Date;Amount;;Text", ";;;;Debit;Credit;", {}),
        ("Voucher;Project;Type;Posting;Debit;Credit;Text", ";;;date;;;", {"date": "Posting date"}),
        (
            "Voucher;Project;Type;Date;Debit;Credit;Text",
            ";;;;EUR;EUR;",
            {"debit": "Debit EUR", "credit": "Credit EUR"},
        ),
        ("Voucher;Project;Type;Date;Debit;;Credit", ";;;;;;", {}),
    ],
)
def test_names_that_stand_in_two_rows_are_read_together(
    office: Database, tmp_path: Path, upper: str, lower: str, names: dict[str, str]
) -> None:
    path = tmp_path / "journal.csv"
    path.write_text(f"{TITLES}{upper}\n{lower}\n{ROW}", encoding="utf-8")
    report = read(office, path, **names)
    assert (report.created, told(report)) == (1, [])


def test_a_name_above_several_columns_names_none_of_them_alone(office: Database, tmp_path: Path) -> None:
    path = tmp_path / "journal.csv"
    upper, lower = ";;;;Debit;;Credit", "Voucher;Project;Type;Date;2025;2026;"
    path.write_text(f"{TITLES}{upper}\n{lower}\n{ROW}", encoding="utf-8")
    report = read(office, path)
    assert report.created == 0
    assert told(report)


def test_names_in_merged_cells_of_a_workbook_are_read_together(office: Database, tmp_path: Path) -> None:
    path = book(
        tmp_path / "journal.xlsx",
        ["Voucher", "Project", "Type", "Date", "Amount", "", "Text"],
        ["", "", "", "", "Debit", "Credit", ""],
        ["7", "P", "KR", "2026-03-05", "1234,56", "", "Seminar"],
    )
    report = read(office, path)
    assert (report.created, told(report)) == (1, [])


def test_a_table_of_ours_below_titles_is_found_although_a_column_of_it_is_not_known(
    office: Database, tmp_path: Path
) -> None:
    path = tmp_path / "ours.csv"
    lines = "Our journal\ndocument,project,type,date,amount,currency,Colour\n7,P,4,2026-03-05,5,EUR,red\n"
    path.write_text(lines, encoding="utf-8")
    report = import_table(office, LOCAL, kind("transactions"), path, today=TODAY)
    assert told(report) == [
        (2, "The names of the columns stand in row 2: say --header-row 2, or delete the rows above it.")
    ]
