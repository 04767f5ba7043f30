"""Files of other systems: a mapping says how they become ours; what it does not say is asked back, never guessed."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.base import table
from app.db.engine import Database
from app.db.spending import LedgerEntry
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import Role
from app.errors import InvalidInput
from app.tabular.mapping.apply import currencies_named
from app.tabular.mapping.load import load_mapping
from app.tabular.mapping.template import template
from app.tabular.registry import KINDS, kind
from app.tabular.service import TableReport, import_table
from app.tabular.settings import said
from tests import portfolio
from tests.api import Api
from tests.filled import filled
from tests.portfolio import TODAY
from tests.tabular.books import book

MAPPING = """
kind: transactions
source: big-ledger
file: {encoding: windows-1252, decimal: ",", grouping: ".", dates: dmy}
columns:
  document: [Beleg, Pos]
  project:
    column: Kostenträger
    remove_prefix: "P-"
    replace: {".": "/"}
  type:
    column: Art
    values: {KR: expenditure, DZ: incoming-funds}
  date: Buchungsdatum
  amount: {debit: Soll, credit: Haben, reversed_for: [incoming-funds]}
  description: Text
constants: {currency: EUR}
skip:
  - {column: Text, begins: [Summe, Übertrag]}
  - all: [{column: Art, is: "XX"}, {column: Text, contains: test}]
"""
TITLES = "Hauptbuch;;;;;;;\nBerichtszeitraum;01.01.2026 - 31.03.2026;;;;;;\n"
HEADER = "Beleg;Pos;Kostenträger;Art;Buchungsdatum;Soll;Haben;Text;Benutzer\n"


def fill(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session, closed_until=dt.date(2025, 12, 31))
        portfolio.project(session, "RAF/1")
        portfolio.project(session, "000412")


@pytest.fixture
def office(database: Database) -> Database:
    use_codelists(portfolio.known)
    filled(database, fill)
    return database


def load(
    database: Database, path: Path, mapping: str = MAPPING, name: str = "transactions", row_wise: bool = False
) -> TableReport:
    found = kind(name)
    return import_table(
        database, LOCAL, found, path, today=TODAY, mapping=load_mapping(mapping, found), row_wise=row_wise
    )


def text(folder: Path, *lines: str, encoding: str = "windows-1252", name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes((TITLES + HEADER + "".join(f"{line}\n" for line in lines)).encode(encoding))
    return path


def ledger(database: Database) -> list[tuple[str | None, str, dt.date, Decimal, str, str | None]]:
    rows = table(LedgerEntry).c
    with database.read() as session:
        found = session.execute(
            select(rows.document, rows.type, rows.date, rows.amount, rows.currency, rows.description).order_by(rows.id)
        )
        return [tuple(row) for row in found]


def test_a_file_of_the_finance_system_becomes_ours(office: Database, tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "100;1;P-RAF.1;KR;05.03.2026;1.234,50;0,00;Büromaterial;x",
        "100;2;P-RAF.1;KR;05.03.2026;;34,50-;Storno;x",
        "101;1;P-RAF.1;DZ;6.3.2026;;5.000,00;Rate;x",
        "102;1;P-RAF.1;KR;07.03.2026;100,00;20,00;Beides;x",
        ";;;;;9.999,00;;Summe 03/2026;",
        "103;1;P-RAF.1;XX;07.03.2026;1,00;;ein Test;x",
    )
    report = load(office, path)
    assert (report.faults, report.created) == ([], 4)
    assert ledger(office) == [
        ("100-1", "4", dt.date(2026, 3, 5), Decimal("1234.5"), "EUR", "Büromaterial"),
        ("100-2", "4", dt.date(2026, 3, 5), Decimal("34.5"), "EUR", "Storno"),
        ("101-1", "1", dt.date(2026, 3, 6), Decimal(5000), "EUR", "Rate"),
        ("102-1", "4", dt.date(2026, 3, 7), Decimal(80), "EUR", "Beides"),
    ]
    assert [(each.condition, each.rows, each.first) for each in report.skipped] == [
        ("Text begins Summe or Übertrag", 1, 8),
        ("Art is XX, Text contains test", 1, 9),
    ]
    again = load(office, path)
    assert (again.faults, again.unchanged, again.stored) == ([], 4, False)


def test_faults_name_the_columns_of_the_file(office: Database, tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "100;;P-RAF.1;KR;05.03.2026;1,00;;;x",
        "101;1;P-RAF.9;KR;05.03.2026;1,00;;;x",
        "102;1;P-RAF.1;QQ;05.03.2026;1,00;;;x",
        "103;1;P-RAF.1;KR;31.02.2026;viel;;;x",
        "104;1;P-RAF.1;KR;05.03.2025;1,00;;;x",
        "105;1;P-412;KR;05.03.2026;1,00;;;x",
    )
    report = load(office, path)
    assert sorted((fault.row or 0, fault.column) for fault in report.faults) == [
        (4, "Beleg + Pos"),
        (5, "Kostenträger"),
        (6, "Art"),
        (7, "Buchungsdatum"),
        (7, "Soll + Haben"),
        (8, "Buchungsdatum"),
        (9, "Kostenträger"),
    ]
    said_ = {fault.row: fault.message for fault in report.faults}
    assert "“QQ”" in said_[6]
    assert "closed until 2025-12-31" in said_[8]
    assert "000412" in said_[9], "lost zeros are asked back"
    assert ledger(office) == []
    padded = MAPPING.replace('remove_prefix: "P-"', 'remove_prefix: "P-"\n    pad: 6')
    assert load(office, text(tmp_path, "105;1;P-412;KR;05.03.2026;1,00;;;x"), padded).created == 1


def test_a_file_in_thousands_of_years_alone_is_read(office: Database, tmp_path: Path) -> None:
    mapping = MAPPING.replace(
        "{debit: Soll, credit: Haben, reversed_for: [incoming-funds]}", "{column: Soll, times: 1000}"
    )
    mapping = mapping.replace("date: Buchungsdatum", 'date: {column: Buchungsdatum, suffix: "-06-30"}')
    report = load(office, text(tmp_path, "1;1;P-RAF.1;KR;2026;12,5-;;;x", "2;1;P-RAF.1;KR;2026;1.000;;;x"), mapping)
    assert (report.faults, [str(row[3]) for row in ledger(office)]) == ([], ["-12500", "1000000"])
    with pytest.raises(InvalidInput) as refused:
        load(office, text(tmp_path), mapping.replace("date: {column", "date: {times: 2, column"))
    assert [fault.rule for fault in refused.value.faults] == ["mapping.times"]


@pytest.mark.parametrize(
    ("amount", "stored"),
    [("12,50-", "-12.50"), ("(1.012,50)", "-1012.50"), ("-3", "-3"), ("7", "7"), ("7\u00a0000-", "")],
)
def test_signs_that_accountants_write_are_read(office: Database, tmp_path: Path, amount: str, stored: str) -> None:
    mapping = MAPPING.replace("{debit: Soll, credit: Haben, reversed_for: [incoming-funds]}", "Soll")
    report = load(office, text(tmp_path, f"1;1;P-RAF.1;KR;05.03.2026;{amount};;;x"), mapping)
    assert [str(row[3]) for row in ledger(office)] == ([stored] if stored else [])
    assert bool(report.faults) is not bool(stored)


def test_a_column_may_tell_which_amounts_are_negative(office: Database, tmp_path: Path) -> None:
    mapping = MAPPING.replace(
        "{debit: Soll, credit: Haben, reversed_for: [incoming-funds]}",
        "{column: Soll, reversed: true, minus: {column: Haben, values: [S]}}",
    )
    rows = ("1;1;P-RAF.1;KR;05.03.2026;5,00;s;;x", "2;1;P-RAF.1;KR;05.03.2026;6,00;H;;x")
    assert load(office, text(tmp_path, *rows), mapping).faults == []
    assert [row[3] for row in ledger(office)] == [Decimal(5), Decimal(-6)]


def test_a_file_without_the_columns_of_its_mapping_names_what_is_near(office: Database, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("Belege;Pos;Kostenträger;Art;Buchungsdatum;Soll;Haben;Text\n", encoding="windows-1252")
    [fault] = load(office, path).faults
    assert (fault.rule, "is Belege meant?" in fault.message) == ("table.missing-column", True)


def test_every_fault_of_a_mapping_is_told_with_its_line() -> None:
    mapping = """
kind: encumbrances
sauce: x
file: {decimal: ";", dates: dym}
columns:
  document: {column: A, columns: [B]}
  projet: P
  type: {column: T, values: {KR: expendature}, others: guess}
  date: {column: D, minus: {column: X, values: y}}
  date: E
"""
    with pytest.raises(InvalidInput) as twice:
        load_mapping(mapping, kind("transactions"))
    assert [fault.message for fault in twice.value.faults] == ["Line 10: date stands twice here, first in line 9."]
    with pytest.raises(InvalidInput) as refused:
        load_mapping(mapping.replace("  date: E\n", ""), kind("transactions"))
    told = sorted((fault.pointer, fault.message.partition(":")[0]) for fault in refused.value.faults)
    assert told == [
        ("/columns/document", "Line 6"),
        ("/columns/type/others", "Line 8"),
        ("/sauce", "Line 3"),
    ]
    rest = (
        mapping.replace("sauce: x\n", "").replace("column: A, columns: [B]", "column: A").replace(", others: guess", "")
    )
    with pytest.raises(InvalidInput) as refused:
        load_mapping(rest.replace("  date: E\n", ""), kind("transactions"))
    assert {fault.pointer for fault in refused.value.faults} == {
        "/kind", "/columns", "/columns/projet", "/columns/type/values/KR", "/columns/date", "/file/decimal",
        "/file/dates",
    }  # fmt: skip


@pytest.mark.parametrize("text_", ["- a", "columns: &a {x: 1}\nskip: *a", "a: [", "x: 1\n" * 30_000, ""])
def test_what_is_no_mapping_is_refused(text_: str) -> None:
    with pytest.raises(InvalidInput):
        load_mapping(text_, kind("transactions"))


@pytest.mark.parametrize("name", [each.name for each in KINDS])
def test_a_template_can_be_read(name: str) -> None:
    use_codelists(portfolio.known)
    mapping = load_mapping(template(kind(name)), kind(name))
    assert mapping.kind == name


def test_encumbrances_and_rates_have_mappings_too(office: Database, tmp_path: Path) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("Valid from,ISO,1 USD equals\n01.01.2026,EUR,0.85300\n01.01.2026,USD,1\n", encoding="utf-8")
    mapping = (
        'file: {dates: dmy, decimal: "."}\ncolumns: {currency: ISO, effective_on: Valid from, rate: 1 USD equals}\n'
    )
    assert load(office, rates, mapping, "rates").faults == []
    bound = tmp_path / "bound.xlsx"
    book(
        bound,
        ["Open items", None],
        [None],
        ["PO", "Cost\nobject", "Day", "Open", "Cur"],
        ["4500", "RAF/1", 46100, 12.5, "USD"],
    )
    mapping = "columns: {document: PO, project: Cost object, date: Day, amount: Open, currency: Cur}\n"
    asked = load(office, bound, mapping, "encumbrances").faults
    assert [(fault.row, fault.column) for fault in asked] == [(4, "Day")]
    assert "--dates serial" in asked[0].message
    assert load(office, bound, f"file: {{dates: serial}}\n{mapping}", "encumbrances").created == 1


@pytest.mark.parametrize(("said_", "created"), [("", 0), ("read", 3), ("skip", 1)])
def test_hidden_rows_of_a_workbook_are_asked_back(office: Database, tmp_path: Path, said_: str, created: int) -> None:
    header = ["document", "project", "type", "date", "amount", "currency"]
    rows = [[f"D-{n}", "RAF/1", "expenditure", "2026-03-01", n + 1, "USD"] for n in range(3)]

    def hide(_book: object, sheet: object) -> None:
        for row in (2, 3):
            sheet.row_dimensions[row].hidden = True  # type: ignore[attr-defined]

    path = book(tmp_path / "file.xlsx", header, *rows, fill=hide)
    settings = said(hidden_rows=said_ or None)
    report = import_table(office, LOCAL, kind("transactions"), path, today=TODAY, settings=settings)
    assert report.created == (created or 1)
    assert len(ledger(office)) == created
    told = [(fault.row, fault.rule) for fault in report.faults]
    assert told == ([(2, "table.hidden")] if not said_ else [])
    assert [(each.rows, each.first) for each in report.skipped] == ([(2, 2)] if said_ == "skip" else [])


def test_the_service_sends_a_mapping_to_begin_with(light_api: Api) -> None:
    client = light_api.client(Role.VIEWER)
    answer = client.get("/tables/encumbrances/mapping-template")
    assert (answer.status_code, answer.text) == (200, template(kind("encumbrances")))
    assert client.get("/tables/nothing/mapping-template").status_code == 404


def test_the_united_nations_list_of_rates_goes_in(office: Database, tmp_path: Path) -> None:
    """It names a currency once for each country that has it, and months by their names."""
    path = tmp_path / "rates.csv"
    path.write_text(
        "Country,Currency,Code,Effective Date,Oper. Rate of Exchange\n"
        "Austria,Euro,EUR,01 Nov 2025,0.86\nFrance,Euro,EUR,01 Nov 2025,0.86\nKenya,Shilling,KES,01 Nov 2025,129.2\n",
        encoding="utf-8",
    )
    mapping = 'file: {decimal: "."}\ncolumns:\n  currency: Code\n  effective_on: Effective Date\n'
    mapping += "  rate: Oper. Rate of Exchange\n"
    report = load(office, path, mapping, "rates")
    assert (report.faults, report.created, report.unchanged) == ([], 2, 1)
    path.write_text(path.read_text().replace("France,Euro,EUR,01 Nov 2025,0.86", "France,Euro,EUR,01 Nov 2025,0.87"))
    [fault] = load(office, path, mapping, "rates").faults
    assert (fault.row, fault.rule) == (3, "table.repeated-key")


SHEET = """
kind: transactions
columns:
  document: {columns: [Period, Voucher]}
  date: Day
  amount: %s
constants: {currency: USD, project: RAF/1, type: expenditure}
skip: [{column: Period, is: "2026-02-01"}]
"""


@pytest.mark.parametrize("number_format", ["yyyy-mm-dd", "mmm-yy", "yyyy"])
def test_a_key_of_a_day_is_the_same_however_the_day_is_shown(
    office: Database, tmp_path: Path, number_format: str
) -> None:
    def show(_workbook: object, sheet: object) -> None:
        for row in (2, 3):
            sheet[f"A{row}"].number_format = number_format  # type: ignore[index]

    rows: list[list[object]] = [[dt.date(2026, month, 1), f"V{month}", dt.date(2026, 3, 5), 100] for month in (2, 3)]
    path = book(tmp_path / "file.xlsx", ["Period", "Voucher", "Day", "Amount"], *rows, fill=show)
    report = load(office, path, SHEET % "Amount")
    assert report.faults == []
    assert [row[0] for row in ledger(office)] == ["2026-03-01-V3"]


@pytest.mark.parametrize(
    "document",
    [
        "[Voucher, Day]",
        "{column: Voucher, prefix: V-}",
        "{column: Voucher, pad: 20}",
        "{column: Voucher, suffix: -1}",
        "{column: Voucher, characters: 2-16}",
        "{column: Voucher, remove_prefix: '1'}",
        "{column: Voucher, replace: {'1': A}}",
    ],
)
@pytest.mark.parametrize(
    ("voucher", "number_format", "told"),
    [
        (1234567890123456, "0", "keeps only 15 digits"),
        (1000, "0.00E+00", "shows 1.00E+03 and holds the number 1000"),
        (0.5, "# ?/?", "shows 1/2 and holds the number 0.5"),
        (True, "General", "made a truth value (true)"),
        (17, "0000", ""),
        (123456789012345, "0", ""),
    ],
)
def test_a_code_is_not_made_of_what_a_spreadsheet_has_lost(
    office: Database, tmp_path: Path, document: str, voucher: object, number_format: str, told: str
) -> None:
    """Two vouchers that differ in the sixteenth digit would be one."""

    def show(_workbook: object, sheet: object) -> None:
        sheet["B2"].number_format = number_format  # type: ignore[index]

    row: list[object] = [dt.date(2026, 3, 1), voucher, dt.date(2026, 3, 5), 100]
    path = book(tmp_path / "file.xlsx", ["Period", "Voucher", "Day", "Amount"], row, fill=show)
    report = load(office, path, (SHEET % "Amount").replace("{columns: [Period, Voucher]}", document))
    assert [told in fault.message for fault in report.faults] == ([True] if told else [])
    assert len(ledger(office)) == (not told)


def test_a_code_is_made_of_the_digits_that_a_spreadsheet_has_kept(office: Database, tmp_path: Path) -> None:
    row: list[object] = [dt.date(2026, 3, 1), 1234567890123456, dt.date(2026, 3, 5), 100]
    path = book(tmp_path / "file.xlsx", ["Period", "Voucher", "Day", "Amount"], row)
    document = "{column: Voucher, characters: 1-4, prefix: V-}"
    assert not load(office, path, (SHEET % "Amount").replace("{columns: [Period, Voucher]}", document)).faults
    assert [entry[0] for entry in ledger(office)] == ["V-1234"]


@pytest.mark.parametrize(
    ("amount", "taken"),
    [
        ("{column: Amount, minus: {column: DC, values: [H]}}", [Decimal(100), Decimal(-40)]),
        ("{column: Amount, times: 1000, minus: {column: DC, values: [H]}}", [Decimal(100000), Decimal(-40000)]),
        ("{column: Amount, times: 1000}", []),
        ("Amount", []),
    ],
)
def test_a_side_beside_an_amount_is_asked_about_unless_the_mapping_says_what_signs_mean(
    office: Database, tmp_path: Path, amount: str, taken: list[Decimal]
) -> None:
    def show(_workbook: object, sheet: object) -> None:
        sheet["D2"].number_format = '#,##0.00" S"'  # type: ignore[index]
        sheet["D3"].number_format = '#,##0.00" H"'  # type: ignore[index]

    rows: list[list[object]] = [
        [dt.date(2026, 3, 1), side, dt.date(2026, 3, 5), figure, side] for figure, side in ((100, "S"), (40, "H"))
    ]
    path = book(tmp_path / "file.xlsx", ["Period", "Voucher", "Day", "Amount", "DC"], *rows, fill=show)
    report = load(office, path, SHEET % amount, row_wise=True)
    told = [] if taken else [(2, "Amount"), (3, "Amount")]
    assert [(fault.row, fault.column) for fault in report.faults] == told
    assert [row[3] for row in ledger(office)] == taken


def test_another_currency_that_is_seen_beside_the_credit_alone_is_asked_about(office: Database, tmp_path: Path) -> None:
    def show(_workbook: object, sheet: object) -> None:
        sheet["E2"].number_format = "[$€-407] #,##0.00"  # type: ignore[index]

    row: list[object] = [dt.date(2026, 3, 1), "V", dt.date(2026, 3, 5), 100, 40]
    path = book(tmp_path / "file.xlsx", ["Period", "Voucher", "Day", "Soll", "Haben"], row, fill=show)
    report = load(office, path, SHEET % "{debit: Soll, credit: Haben}")
    assert ["in €" in fault.message for fault in report.faults] == [True]


@pytest.mark.parametrize(
    ("amount", "number_format", "figures", "told"),
    [
        ("{column: Amount, times: 1000}", "#,##0,", (2000000, None), "holds 2000000 and shows 2000:"),
        ("{column: Amount, reversed: true}", "#,##0,", (2000000, None), "holds 2000000 and shows 2000:"),
        ("{debit: Amount, credit: Credit}", "#,##0,", (2000000, None), "holds 2000000 and shows 2000:"),
        ("{debit: Amount, credit: Credit}", "#,##0,", (None, 2000000), "holds 2000000 and shows 2000:"),
        ("{debit: Amount, credit: Credit}", "#,##0,", (1000, 2000000), "holds 1000 and shows 1:"),
        ("{column: Amount, replace: {x: y}}", "#,##0,", (2000000, None), "holds 2000000 and shows 2000:"),
        ("{column: Amount, values: {'5': '6'}, others: keep}", ";;;", (7, None), "holds 7 and shows nothing of it"),
        ("{column: Amount, part: {of: ' ', number: 1}}", "0;0", (-5, None), "holds -5 and shows 5:"),
        ("{columns: [Amount, Credit]}", "0;0", (5, -5), "holds -5 and shows 5:"),
        ("{column: Amount, reversed: true}", '0 "k"', (2000, None), "shows -2000 with k"),
        ("{debit: Amount, credit: Credit}", '0 "k"', (None, 2000), "shows -2000 with k"),
        ("{debit: Amount, credit: Credit}", '0 "k"', (3000, 2000), "shows 1000 with k"),
        ("{column: Amount, replace: {x: y}}", '0 "k"', (2000, None), "shows 2000 with k"),
        ("{column: Amount, times: 1000}", '0 "k"', (2000, None), ""),
        ("{column: Amount, reversed: true}", '0 "Dr";0 "Cr"', (-2000000, None), ""),
        ("{debit: Amount, credit: Credit}", '0 "Cr"', (None, 2000000), ""),
        ("{column: Amount, times: 1000, reversed: true}", '0 "k"', (2000, None), ""),
    ],
)
def test_what_is_asked_back_without_a_mapping_is_with_one(
    office: Database, tmp_path: Path, amount: str, number_format: str, figures: tuple[object, object], told: str
) -> None:
    def show(_workbook: object, sheet: object) -> None:
        sheet["D2"].number_format = sheet["E2"].number_format = number_format  # type: ignore[index]

    row: list[object] = [dt.date(2026, 3, 1), "V", dt.date(2026, 3, 5), *figures]
    path = book(tmp_path / "file.xlsx", ["Period", "Voucher", "Day", "Amount", "Credit"], row, fill=show)
    report = load(office, path, SHEET % amount)
    assert [told in fault.message for fault in report.faults] == ([True] if told else [])
    assert [abs(row[3]) for row in ledger(office)] == ([] if told else [Decimal(2000000)])


@pytest.mark.parametrize(
    ("side", "number_format", "told"),
    [(1, '"S";"S"', "holds 1 and shows S:"), ("#N/A", "General", "#N/A"), ("H", "General", "")],
)
def test_an_amount_whose_sign_is_told_by_a_cell_that_cannot_be_read_is_asked_back(
    office: Database, tmp_path: Path, side: object, number_format: str, told: str
) -> None:
    def show(_workbook: object, sheet: object) -> None:
        sheet["E2"].number_format = number_format  # type: ignore[index]

    row: list[object] = [dt.date(2026, 3, 1), "V", dt.date(2026, 3, 5), 40, side]
    path = book(tmp_path / "file.xlsx", ["Period", "Voucher", "Day", "Amount", "DC"], row, fill=show)
    report = load(office, path, SHEET % "{column: Amount, minus: {column: DC, values: [H]}}")
    assert [told in fault.message for fault in report.faults] == ([True] if told else [])
    assert [row[3] for row in ledger(office)] == ([] if told else [Decimal(-40)])


@pytest.mark.parametrize(
    ("told", "number_format", "faulty"),
    [("#N/A", "General", True), (7, ";;;", True), (2, "0;0", False), ("no", "General", False)],
)
def test_a_row_is_not_left_out_or_taken_in_by_what_nobody_can_see(
    office: Database, tmp_path: Path, told: object, number_format: str, faulty: bool
) -> None:
    def show(_workbook: object, sheet: object) -> None:
        sheet["E2"].number_format = number_format  # type: ignore[index]

    rows: list[list[object]] = [
        [dt.date(2026, 3, 1), "V", dt.date(2026, 3, 5), 40, told],
        [dt.date(2026, 2, 1), "W", dt.date(2026, 3, 5), 40, "#N/A"],
    ]
    path = book(tmp_path / "file.xlsx", ["Period", "Voucher", "Day", "Amount", "Sort"], *rows, fill=show)
    skip = '  - all: [{column: Sort, is: ["7", x]}, {column: Amount, is: "40"}]\n'
    mapping = SHEET.replace("skip: [", "skip:\n  - ").replace('"}]', '"}') % "Amount" + skip
    report = load(office, path, mapping)
    # the second row is left out by what can be seen of it
    assert [(fault.row, fault.column) for fault in report.faults] == ([(2, "Sort")] if faulty else [])
    assert [row[3] for row in ledger(office)] == ([] if faulty else [Decimal(40)])
    assert [(each.rows, each.first) for each in report.skipped] == [(1, 3)]


def test_debit_and_credit_in_two_currencies_make_no_balance(office: Database, tmp_path: Path) -> None:
    def show(_workbook: object, sheet: object) -> None:
        for cell, sign in (("D2", "[$€-407]"), ("E2", "[$$-409]"), ("D3", "[$$-409]"), ("E3", '"USD"')):
            sheet[cell].number_format = f"{sign} #,##0.00"  # type: ignore[index]

    rows: list[list[object]] = [[dt.date(2026, 3, 1), voucher, dt.date(2026, 3, 5), 100, 40] for voucher in ("V", "W")]
    path = book(tmp_path / "file.xlsx", ["Period", "Voucher", "Day", "Soll", "Haben"], *rows, fill=show)
    report = load(office, path, SHEET % "{debit: Soll, credit: Haben}", row_wise=True)
    assert [(fault.row, "make no balance" in fault.message) for fault in report.faults] == [(2, True)]
    assert [row[3] for row in ledger(office)] == [Decimal(60)]


@pytest.mark.parametrize(
    ("debit", "credit", "taken", "told"),
    [("5,00", "0,00", 1, ""), ("0", "5,00", 0, "tells amounts in USD"), ("5,00", "1,00", 0, "EUR, USD")],
)
def test_the_name_of_the_column_that_holds_the_amount_tells_its_currency(
    office: Database, tmp_path: Path, debit: str, credit: str, taken: int, told: str
) -> None:
    path = tmp_path / "two.csv"
    path.write_text(f"Doc;Day;Soll (EUR);Haben (USD)\n1;2026-03-01;{debit};{credit}\n", encoding="utf-8")
    mapping = (
        'file: {decimal: ","}\ncolumns: {document: Doc, date: Day, amount: {debit: Soll (EUR), credit: Haben (USD)}}\n'
        "constants: {currency: EUR, project: RAF/1, type: expenditure}\n"
    )
    report = load(office, path, mapping)
    assert [told in fault.message for fault in report.faults] == [True] * (1 - taken)
    assert report.created == taken


@pytest.mark.parametrize(("written", "faults"), [("eur", 0), ("€", 0), ("Euro", 0), ("US$", 1), ("usd", 1)])
def test_a_currency_of_a_row_counts_as_it_is_meant_beside_the_name_of_the_column(
    office: Database, tmp_path: Path, written: str, faults: int
) -> None:
    path = tmp_path / "euros.csv"
    columns = "document: Doc, project: Cost, type: Kind, date: Day, amount: Amount (EUR), currency: Cur"
    path.write_text(
        f"Doc,Cost,Kind,Day,Amount (EUR),Cur\n1,RAF/1,expenditure,2026-03-01,10.50,{written}\n", encoding="utf-8"
    )
    report = load(office, path, f"columns: {{{columns}}}\n")
    told = [fault for fault in report.faults if "tells amounts in EUR" in fault.message]
    assert len(told) == faults
    assert report.created == 1 - faults


def test_a_currency_that_the_name_of_the_column_tells_is_that_of_its_rows(office: Database, tmp_path: Path) -> None:
    path = tmp_path / "euros.csv"
    columns = "document: Doc, project: Cost, type: Kind, date: Day, amount: Amount (EUR)"
    path.write_text("Doc,Cost,Kind,Day,Amount (EUR),Cur\n1,RAF/1,expenditure,2026-03-01,10.50,USD\n", encoding="utf-8")
    constant = f"columns: {{{columns}}}\nconstants: {{currency: USD}}\n"
    for mapping in (constant, f"columns: {{{columns}, currency: Cur}}\n"):
        (fault,) = load(office, path, mapping, "transactions").faults
        assert (fault.row, fault.column) == (2, "Amount (EUR)")
        assert "tells amounts in EUR, and the row is in USD" in fault.message
    assert load(office, path, constant.replace("USD", "EUR"), "transactions").created == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Betrag (EUR)", {"EUR"}), ("USD amount", {"USD"}), ("Amount in CHF", {"CHF"}), ("Amount [JPY]", {"JPY"}),
        ("ALL AMOUNTS", set()), ("Amount", set()), ("Amount in local currency", set()), ("Betrag (HW)", set()),
    ],
)  # fmt: skip
def test_names_of_columns_tell_currencies(name: str, told: set[str]) -> None:
    assert currencies_named([name]) == told
