"""Tables as people write them: other notations, pasted keys, codes of publications, lists; read or asked back."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.base import table
from app.db.engine import Database
from app.db.funding import Agreement
from app.db.organisation import Setup, Unit
from app.db.projects import Classification, Project
from app.db.results import Baseline, Indicator, Result
from app.db.spending import Allocation, LedgerEntry
from app.domain.access import LOCAL
from app.language.i18n import words
from app.sheets import csv_pieces
from app.tabular.forms import CellFault, read_cell
from app.tabular.outgoing import table_out
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from app.tabular.settings import FileSettings, said
from app.web.views.sheets import notation_of
from tests.tabular.books import book
from tests.tabular.writing import TODAY, load, messages, small_office

AGREEMENTS = "reference;partner;title;preset;status;signed_on;currency;amount\n"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Database:
    return small_office(database, tmp_path)


def amounts(database: Database) -> dict[str, str]:
    with database.read() as session:
        agreement = table(Agreement).c
        return {
            reference: str(amount)
            for reference, amount in session.execute(select(agreement.reference, agreement.amount))
        }


def agreement(amount: str, signed: str = "2026-03-01", currency: str = "EUR") -> bytes:
    return (AGREEMENTS + f"A1;NLD;Title;project;signed;{signed};{currency};{amount}\n").encode()


def test_an_amount_whose_thousands_are_in_doubt_is_asked_back_with_both_readings(
    office: Database, tmp_path: Path
) -> None:
    told = messages(load(office, "agreements", agreement("500.000"), tmp_path))
    assert "2 amount" in told
    for part in ("500.00", "500000", "--decimal .", "--grouping ."):
        assert part in told
    assert amounts(office) == {}


@pytest.mark.parametrize(
    ("amount", "words", "stored"),
    [
        ("500.000", {"grouping": "."}, "500000"),
        ("500.000", {"decimal": "."}, "500.00"),
        ("500.000,25", {"decimal": ",", "grouping": "."}, "500000.25"),
        ("500\u00a0000,25", {"decimal": ",", "grouping": "space"}, "500000.25"),
        ("500'000.25", {"grouping": "'"}, "500000.25"),
        ("500,25", {"decimal": "comma"}, "500.25"),
    ],
)
def test_an_amount_is_read_in_the_notation_that_is_said(
    office: Database, tmp_path: Path, amount: str, words: dict[str, str], stored: str
) -> None:
    report = load(office, "agreements", agreement(amount), tmp_path, **words)
    assert (messages(report), amounts(office)) == ("", {"A1": stored})


@pytest.mark.parametrize(
    ("amount", "option"),
    [
        ("500.000,25", "--decimal , --grouping ."),
        ("500,25", "--decimal ,"),
        ("500 000", "--grouping space"),
        ("1,234", "--decimal . --grouping ,"),
    ],
)
def test_a_refused_file_says_which_option_would_read_it(
    office: Database, tmp_path: Path, amount: str, option: str
) -> None:
    assert option in messages(load(office, "agreements", agreement(amount), tmp_path))


def test_a_ledger_as_systems_write_it_is_read_or_says_what_to_write(office: Database, tmp_path: Path) -> None:
    """Capital letters in the header, a title above it, bars between cells, signs behind, days in one piece, a sum."""
    ledger = "January, all\nDocument|Project|Type|Date|Amount|Currency|Value date\n"
    good = "D1|P/1|expenditure|20260131|1.234,50-|EUR|Jan 31, 2026\nD2|P/1|expenditure|20260131|(5)|EUR|20260131\n"
    told = messages(load(office, "transactions", (ledger + good).encode(), tmp_path))
    assert "names of the columns stand in row 2" in told
    read = {"header_row": 2, "decimal": ",", "grouping": ".", "dates": "ymd"}
    assert messages(load(office, "transactions", (ledger + good).encode(), tmp_path, **read)) == ""
    with office.read() as session:
        kept = session.scalars(select(LedgerEntry).order_by(LedgerEntry.document)).all()
        assert [(row.amount, str(row.date), str(row.value_date)) for row in kept] == [
            (Decimal("-1234.50"), "2026-01-31", "2026-01-31"),
            (Decimal(-5), "2026-01-31", "2026-01-31"),
        ]
    bad = (
        "D3|P/1|expenditure|2026-02-30|5 CR|EUR|\nD4|p/1|expenditure|2026-01-31 14:30|€ 5|euro|\n"
        "D5|P/1|expenditure|2026-01-31|1.2E+06|EUR|\nTotal||||5||\n"
    )
    told = messages(load(office, "transactions", (ledger + bad).encode(), tmp_path, header_row=2))
    for line in (
        "3 amount “5 CR” names a side of the booking",
        "3 date “2026-02-30” is no day of the calendar",
        "4 amount “€ 5” holds more than the amount: write 5 alone",
        "4 project There is no project p/1. Is P/1 meant?",
        "4 date “2026-01-31 14:30” holds a time of day",
        "5 amount “1.2E+06” was shortened by a spreadsheet",
        "6  The row holds a sum (“Total”)",
    ):
        assert line in told
    assert len(told.splitlines()) == 7
    unknown = "D6|p/1|expenditure|2026-01-31|5|EUR|\n"
    assert "Is P/1 meant?" in messages(
        load(office, "transactions", (ledger + unknown).encode(), tmp_path, header_row=2)
    )
    told = messages(load(office, "transactions", b"Beleg;Betrag\n1;5\n", tmp_path))
    assert told.startswith("1  None of the columns that are needed stands here")
    assert "Beleg, Betrag" in told


def test_a_currency_of_three_decimals_has_no_doubt(office: Database, tmp_path: Path) -> None:
    report = load(office, "agreements", agreement("500.000", currency="TND"), tmp_path)
    assert messages(report) == ""
    report = load(office, "agreements", agreement("1000.5", currency="JPY"), tmp_path)
    assert "round it, such as to 1001" in messages(report)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("projects", "code,title,status,total_budget,currency\nP/2,Two,pipeline,500.000,EUR\n"),
        ("projects", "code,title,status,total_budget\nP/2,Two,pipeline,1.234\n"),
        ("revisions", "project,field,decided_on,value,reason\nP/1,total_budget,2026-01-01,500.000 EUR,Why\n"),
        ("transactions", "document,project,type,date,amount,currency\nD1,P/1,expenditure,2026-01-01,500.000,USD\n"),
        ("encumbrances", "document,project,date,amount,currency\nD1,P/1,2026-01-01,500.000,USD\n"),
        (
            "allocations",
            "project,fiscal_year,kind,decided_on,amount,currency\nP/1,2026,original,2026-01-01,1.234,USD\n",
        ),
        (
            "evaluations",
            "reference,kind,independence,projects,status,budget,currency\nE1,final,self,P/1,planned,500.000,USD\n",
        ),
        (
            "institutional-budget",
            "kind,period_start,period_end,amount,currency\ntotal,2026-01-01,2026-12-31,500.000,USD\n",
        ),
        ("results", "project,result,indicator,period_start,period_end,target\nP/1,R,I,2026-01-01,2026-12-31,500.000\n"),
        ("results", 'project,result,indicator,baseline_year,baseline_value\nP/1,R,I,2026,"1,234"\n'),
    ],
)  # fmt: skip
def test_every_amount_in_every_table_is_asked_back(office: Database, tmp_path: Path, name: str, row: str) -> None:
    report = load(office, name, row.encode(), tmp_path)
    assert "can mean" in messages(report)
    assert not report.stored


def test_a_stored_amount_of_three_decimals_is_not_asked_about_again(office: Database, tmp_path: Path) -> None:
    row = b"document,project,type,date,amount,currency\nD1,P/1,expenditure,2026-01-01,500.123,TND\n"
    assert load(office, "transactions", row, tmp_path).created == 1
    assert load(office, "transactions", row, tmp_path).unchanged == 1


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        ("31.03.2026", {"dates": "dmy"}),
        ("03/31/2026", {"dates": "mdy"}),
        ("2026/03/31", {"dates": "ymd"}),
        ("46112", {"dates": "serial"}),
        ("2026-03-31 00:00:00", {}),
    ],
)
def test_a_day_is_read_in_the_order_that_is_said(
    office: Database, tmp_path: Path, signed: str, words: dict[str, str]
) -> None:
    assert messages(load(office, "agreements", agreement("5", signed), tmp_path, **words)) == ""
    with office.read() as session:
        assert session.scalars(select(table(Agreement).c.signed_on)).all() == [dt.date(2026, 3, 31)]


def test_a_day_in_doubt_is_asked_back_with_the_options(office: Database, tmp_path: Path) -> None:
    told = messages(load(office, "agreements", agreement("5", "03/04/2026"), tmp_path))
    for part in ("2026-04-03", "2026-03-04", "--dates dmy", "--dates mdy"):
        assert part in told


def test_lines_above_the_header_say_how_the_file_is_written(office: Database, tmp_path: Path) -> None:
    content = b"sep=;\r\ndecimal=,\r\ngrouping=.\r\ndates=dmy\r\n" + agreement("500.000,25", "31.03.2026")
    report = load(office, "agreements", content, tmp_path)
    assert (messages(report), amounts(office)) == ("", {"A1": "500000.25"})


def test_rows_keep_their_numbers_below_such_lines(office: Database, tmp_path: Path) -> None:
    report = load(office, "units", b"sep=;\n\ncode;name\nU1;One\nU2;\n", tmp_path)
    assert [(fault.row, fault.column) for fault in report.faults] == [(5, "name")]


def test_what_an_export_made_safe_comes_back_as_it_was(office: Database, tmp_path: Path) -> None:
    assert load(office, "units", b"code,name\nU1,'=One\nU2,'- Two\n", tmp_path).created == 2
    assert sorted(names(office)) == ["- Two", "=One"]


@pytest.mark.parametrize("content", ["<html><table></table></html>", "\ufeff<?xml version='1.0'?><Workbook/>"])
def test_a_web_page_under_another_name_is_told(office: Database, tmp_path: Path, content: str) -> None:
    assert "web page" in messages(load(office, "units", content.encode(), tmp_path))


def test_a_blank_first_line_does_not_hide_the_separator(office: Database, tmp_path: Path) -> None:
    assert load(office, "units", b"\ncode;name\nU1;One, two\n", tmp_path).created == 1


def test_a_header_further_down_is_read_where_it_is_said(office: Database, tmp_path: Path) -> None:
    content = b"Units of the office;\n;\n;code;name\n;U1;One\n"
    assert "--header-row 3" in messages(load(office, "units", content, tmp_path))
    assert load(office, "units", content, tmp_path, header_row=3).created == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_a_mark_tells_the_encoding(office: Database, tmp_path: Path, encoding: str) -> None:
    load(office, "units", "code,name\nU1,Côte d’Ivoire\n".encode(encoding), tmp_path)
    assert names(office) == ["Côte d’Ivoire"]


def test_another_encoding_is_asked_about_and_read_when_it_is_said(office: Database, tmp_path: Path) -> None:
    content = "code,name\nU1,Côte d’Ivoire\n".encode("windows-1252")
    told = messages(load(office, "units", content, tmp_path))
    assert "--encoding windows-1252 reads “Côte”" in told
    assert load(office, "units", content, tmp_path, encoding="windows-1252").created == 1
    assert names(office) == ["Côte d’Ivoire"]
    unmarked = "code,name\nU2,Two\n".encode("utf-16-le")
    assert "--encoding utf-16-le" in messages(load(office, "units", unmarked, tmp_path))


def names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(table(Unit).c.name)))


@pytest.mark.parametrize(
    "document", ["D1", "\ufeffD1", "D1\u200b", "\u202aD1", "D\u00ad1", "D1\u2060", "\u00a0D1\u2009"], ids=ascii
)
def test_a_voucher_pasted_with_characters_that_nobody_sees_is_the_same_voucher(
    office: Database, tmp_path: Path, document: str
) -> None:
    head = "document,project,type,date,amount,currency\n"
    load(office, "transactions", f"{head}D1,P/1,expenditure,2026-03-31,5,USD\n".encode(), tmp_path)
    report = load(office, "transactions", f"{head}{document},P/1,expenditure,2026-03-31,5,USD\n".encode(), tmp_path)
    assert (messages(report), report.unchanged) == ("", 1)


def test_keys_that_look_the_same_in_one_file_are_told(office: Database, tmp_path: Path) -> None:
    content = "code,name\nE\u03011,One\n\u00c91,Two\nU 2,x\n".encode()
    report = load(office, "units", content, tmp_path)
    assert [(fault.row, fault.rule) for fault in report.faults][:1] == [(3, "table.repeated-key")]
    assert "a space" not in messages(report)
    assert "4 code A new code holds no spaces" in messages(report)


@pytest.mark.parametrize("code", ["2.002E+15", "A\u202e21"], ids=ascii)
def test_a_code_that_cannot_be_a_key_is_refused_in_words(office: Database, tmp_path: Path, code: str) -> None:
    report = load(office, "projects", f"code,title,status\n{code},Title,pipeline\n".encode(), tmp_path)
    assert [(fault.row, fault.column) for fault in report.faults] == [(2, "code")]


ADOPTED = ["XM 50 - 2019", "A&B'C+D%41#x?y", "a:b", "a|b", "a,b;c", "50\n- 2019", '"quoted"']


@pytest.fixture
def adopted(office: Database) -> Database:
    """Projects whose codes were taken over from a publication."""
    with office.write("anna") as session:
        first = session.scalars(select(Project)).one()
        for code in ADOPTED:
            session.add(
                Project(
                    code=code, iati_identifier=f"XM-{code}", reporting_org_id=first.reporting_org_id, title="Title",
                    stage=first.stage, grain=first.grain,
                )
            )  # fmt: skip
    return office


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@pytest.mark.parametrize("code", ADOPTED)
def test_a_code_that_was_taken_over_works_in_every_table(adopted: Database, tmp_path: Path, code: str) -> None:
    rows = {
        "projects": f"code,title,status\n{quoted(code)},New title,pipeline\n",
        "revisions": f"project,field,decided_on,value,reason\n{quoted(code)},planned_end,2026-01-01,2028-01-01,Why\n",
        "transactions": f"document,project,type,date,amount,currency\nT1,{quoted(code)},expenditure,2026-03-01,5,USD\n",
        "evaluations": f"reference,kind,independence,projects,status\nE1,final,self,{quoted(quoted(code))},planned\n",
    }
    for name, content in rows.items():
        report = load(adopted, name, content.encode(), tmp_path)
        assert (messages(report), report.stored) == ("", True), name


@pytest.mark.parametrize("year", ["2025-26", "2025/26", "FY2026", "FY\u00a02026", "2025"])
def test_a_fiscal_year_across_two_calendar_years_is_one_year(office: Database, tmp_path: Path, year: str) -> None:
    with office.write("anna") as session:
        session.get_one(Setup, 1).fiscal_year_start = 7
    head = "project,fiscal_year,kind,decided_on,amount,currency\n"
    assert load(office, "allocations", f"{head}P/1,{year},original,2026-01-01,5,USD\n".encode(), tmp_path).created == 1
    assert load(office, "allocations", f"{head}P/1,2025,original,2026-01-01,5,USD\n".encode(), tmp_path).unchanged == 1
    with office.read() as session:
        kept = session.scalars(select(Allocation)).one()
        assert (kept.period_start, kept.period_end) == (dt.date(2025, 7, 1), dt.date(2026, 6, 30))


#: a row beside those that stand
RESULT = 'project,result,type,indicator,measure,baseline_year,baseline_value\na:b,Output,1,Other,1,2020,"£0,500"\n'


def out_and_in(office: Database, name: str, tmp_path: Path, change: tuple[str, str] = ("", "")) -> TableReport:
    """What comes of a table that went out and comes back, one cell of it changed."""
    with office.read() as session:
        table = table_out(session, kind(name))
        content = b"".join(csv_pieces(table.columns, table.rows)).decode("utf-8-sig")
    return load(office, name, content.replace(*change, 1).encode(), tmp_path)


def test_what_nobody_could_type_goes_in_again_as_it_came_and_hides_no_change(adopted: Database, tmp_path: Path) -> None:
    """Real publications hold such percentages, codes, figures and indicators."""
    with adopted.write("anna") as session:
        project = session.scalars(select(Project).where(Project.code == "a:b")).one().id or 0
        for ordinal, (group, vocabulary, code, share) in enumerate((
            ("sector", "1", "72050", "33.33333333333333"), ("sector", "1", "72050", "66.66666666666667"),
            ("sector", "7", "no goal", None), ("tag", "2", "0", None), ("tag", "3", "3.D", None),
        )):  # fmt: skip
            row = {"kind": group, "vocabulary": vocabulary, "code": code, "percentage": share and Decimal(share)}
            session.add(Classification(project_id=project, ordinal=2 * ordinal, **row))
        session.add(result := Result(project_id=project, ordinal=0, type="1", title="Output"))
        session.flush()
        for ordinal in range(2):
            indicator = Indicator(result_id=result.id or 0, ordinal=ordinal, measure="1", title="Twice")
            session.add(indicator)
            session.flush()
            session.add(Baseline(indicator_id=indicator.id or 0, ordinal=0, year=2020, value=f"£{ordinal},500"))
    for name in ("projects", "results"):
        report = out_and_in(adopted, name, tmp_path)
        assert (report.faults, report.created, report.updated) == ([], 0, 0), name
    # a change in such a row is judged by itself
    report = out_and_in(adopted, "projects", tmp_path, ("a:b,Title", "a:b,New title"))
    assert (report.faults, report.updated) == ([], 1)
    told = messages(out_and_in(adopted, "projects", tmp_path, ("72050:33.3", "72050:33.4")))
    assert "5 sectors The amount has more than 12 decimals" in told
    assert "Row 2 has the same" in messages(out_and_in(adopted, "results", tmp_path, ("£1,500", "£1,600")))
    # half a million is no five hundred that stands
    assert "“£0,500”" in messages(load(adopted, "results", RESULT.encode(), tmp_path))


def test_a_list_of_codes_holds_what_parts_lists_in_double_quotes(adopted: Database, tmp_path: Path) -> None:
    head = "reference,kind,independence,projects,status\n"
    cell = quoted('"a|b"|P/1|"""quoted"""')
    assert messages(load(adopted, "evaluations", f"{head}E1,final,self,{cell},planned\n".encode(), tmp_path)) == ""
    told = messages(load(adopted, "evaluations", f"{head}E2,final,self,a|b,planned\n".encode(), tmp_path))
    assert "There is no project a." in told


@pytest.mark.parametrize("cell", ["KE:60|UG:40", "KE:60%|UG:40 %", " KE : 60 | UG:40 |"])
def test_a_list_is_read_as_it_is_written(office: Database, tmp_path: Path, cell: str) -> None:
    report = load(office, "projects", f"code,title,status,countries\nP/1,One,pipeline,{cell}\n".encode(), tmp_path)
    assert messages(report) == ""


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("KE 60, UG 40", ""),
        ("KE:sixty|UG:40", ""),
        ("KE:60:x:y", ""),
        ("KE;UG", ""),
        ("|", "The list names nothing"),
        ("ken:60|uganda:40", "is KE (Kenya) meant?"),
        ("Côted’Ivoire", "is CI ("),
        ("uk", "is GB ("),
        ("Viet Nam", "is VN (Viet Nam) meant?"),
        ("united states of america", "is US ("),
        ("United Republic of Tanzania:60|Etiopia:40", "is ET (Ethiopia) meant?"),
        ("Korea", "Korea is not on the codelist Country."),
        ("Virgin Islands", "Virgin Islands is not on the codelist Country."),
    ],
)
def test_a_list_that_is_written_otherwise_is_told_how(office: Database, tmp_path: Path, cell: str, told: str) -> None:
    report = load(office, "projects", f'code,title,status,countries\nP/1,One,pipeline,"{cell}"\n'.encode(), tmp_path)
    assert "KE:60|UG:40" in messages(report)
    assert told in messages(report)


@pytest.mark.parametrize("amount", ["(1,234.50)", "1,234.50-", "−1,234.50"])
def test_an_amount_in_doubt_is_quoted_as_it_is_written(office: Database, tmp_path: Path, amount: str) -> None:
    head = "document;project;type;date;amount;currency\n"
    row = f"{head}A;P/1;expenditure;2026-01-01;{amount};USD\n"
    told = messages(load(office, "transactions", row.encode(), tmp_path))
    assert f"“{amount}” is read only when it is written -1234.50" in told


@pytest.mark.parametrize(
    ("language", "value"),
    [
        *(("fr", value) for value in ("1500.50", "1500.50 USD", "1.10", "3.1", "5.0", "1.5 m", "2.0 Programme")),
        *(("en", value) for value in ("1234,5", "1,10", "1 234", "1,5 percent")),
        *(("es", value) for value in ("1500.50", "3.1", "1 234")),
    ],
)
def test_a_value_that_can_mean_one_thing_only_is_left_to_the_rules_where_a_notation_is_presumed(
    language: str, value: str
) -> None:
    notation = notation_of(words(language)).notation
    assert read_cell(value, kind("revisions").column("value"), notation) == value


@pytest.mark.parametrize(
    ("language", "value"), [("fr", "1.234"), ("fr", "1,234 USD"), ("es", "1,234"), ("en", "1.234 percent")]
)
def test_a_value_that_can_mean_two_is_asked_back_where_a_notation_is_presumed(language: str, value: str) -> None:
    notation = notation_of(words(language)).notation
    with pytest.raises(CellFault, match=r"can mean 1\.234 or 1234"):
        read_cell(value, kind("revisions").column("value"), notation)


@pytest.mark.parametrize(
    ("settings", "text", "advised", "read"),
    [
        (notation_of(words("fr")), "1500.50", "1500,50", "1500.50"),
        (notation_of(words("fr")), "-1,234.5", "-1234,5", "-1234.5"),
        (notation_of(words("fr")), "1,234.567", "1234,5670", "1234.5670"),
        (notation_of(words("es")), "1 234", "1234", "1234"),
        (notation_of(words("en")), "1234,5", "1234.5", "1234.5"),
        (said(decimal=","), "1500.50", "1500,50", "1500.50"),
        (said(grouping="."), "1500.50", "1500,50", "1500.50"),
        (said(), "1.234,5", "1234.5", "1234.5"),
    ],
)
def test_what_is_advised_for_a_number_in_doubt_is_read_in_the_notation_of_its_file(
    settings: FileSettings, text: str, advised: str, read: str
) -> None:
    column = kind("transactions").column("amount")
    with pytest.raises(CellFault, match=f"“{re.escape(text)}” is read only when it is written {re.escape(advised)};"):
        read_cell(text, column, settings.notation)
    assert read_cell(advised, column, settings.notation) == read


@pytest.mark.parametrize(
    ("language", "above", "typed", "stored"),
    [
        ("fr", "decimal=,\n", "1 234,50", "1234.50"),
        ("es", "decimal=,\n", "1.234,50", "1234.50"),
        ("fr", "grouping='\n", "1'234,50", "1234.50"),
        ("fr", "grouping=none\n", "1234,50", "1234.50"),
        ("fr", "grouping=.\n", "1.234", "1234.00"),
        ("fr", "decimal=,\ngrouping=.\n", "1.234,50", "1234.50"),
        ("fr", "grouping=comma\n", "1,234.50", "1234.50"),
        ("es", "decimal=.\n", "1234.50", "1234.50"),
        ("en", "grouping=space\ndecimal=,\n", "1 234,50", "1234.50"),
        (None, "grouping=space\ndecimal=,\n", "1 234,50", "1234.50"),
        (None, "grouping=space\n", "1 234.50", "1234.50"),
    ],
)
def test_what_lines_above_the_header_say_leaves_what_is_presumed_beside_it(
    office: Database, tmp_path: Path, language: str | None, above: str, typed: str, stored: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(above.encode() + agreement(typed))
    settings = notation_of(words(language)) if language else said()
    report = import_table(office, LOCAL, kind("agreements"), path, today=TODAY, settings=settings)
    assert messages(report) == ""
    assert [Decimal(amount) for amount in amounts(office).values()] == [Decimal(stored)]


@pytest.mark.parametrize(
    ("grouping", "above", "typed", "stored"),
    [
        # a space leaves the decimal sign to the file
        ("space", "decimal=,\n", "1 234,50", "1234.50"),
        ("'", "decimal=,\n", "1'234,50", "1234.50"),
        ("space", "decimal=.\n", "1 234.50", "1234.50"),
        ("space", "", "1 234.50", "1234.50"),
        ("none", "decimal=,\ngrouping=.\n", "1234,50", "1234.50"),
        # one of the two says the other one
        (",", "decimal=,\n", "1,234.50", "1234.50"),
        (".", "decimal=.\n", "1.234,50", "1234.50"),
    ],
)
def test_what_is_said_of_thousands_leaves_the_decimal_sign_that_the_file_says(
    office: Database, tmp_path: Path, grouping: str, above: str, typed: str, stored: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(above.encode() + agreement(typed))
    report = import_table(office, LOCAL, kind("agreements"), path, today=TODAY, settings=said(grouping=grouping))
    assert messages(report) == ""
    assert [Decimal(amount) for amount in amounts(office).values()] == [Decimal(stored)]


def test_a_number_in_doubt_that_a_workbook_holds_is_told_of_options_that_answer_it(
    office: Database, tmp_path: Path
) -> None:
    header, row = agreement("").decode().splitlines()
    path = book(tmp_path / "a.xlsx", list(header.split(";")), [*row.split(";")[:-1], 1.234])
    for grouping in (None, "."):
        report = import_table(office, LOCAL, kind("agreements"), path, today=TODAY, settings=said(grouping=grouping))
        told = messages(report)
        assert "can mean 1.2340 or 1234" in told
        assert "--decimal ." in told
        assert "--grouping" not in told
    report = import_table(office, LOCAL, kind("agreements"), path, today=TODAY, settings=said(decimal="."))
    assert messages(report) == ""
    assert [Decimal(amount) for amount in amounts(office).values()] == [Decimal("1.234")]


def test_what_only_parts_thousands_leaves_a_presumed_decimal_sign_in_doubt(office: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"grouping='\n" + agreement("1,234"))
    report = import_table(office, LOCAL, kind("agreements"), path, today=TODAY, settings=notation_of(words("fr")))
    assert "“1,234” can mean 1.234 or 1234" in messages(report)
