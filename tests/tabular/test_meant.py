"""What is written otherwise than it is called, and rows of which one cell cannot be read."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.projects import Project
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.publishing.codes import code_checker, meant_code
from app.tabular.account import TableReport
from app.tabular.columns import Form
from app.tabular.kinds import Kind
from app.tabular.outgoing import table_out
from app.tabular.registry import KINDS, kind
from app.tabular.service import import_table
from tests.api import Api
from tests.cli.office import TODAY, fill
from tests.filled import filled
from tests.portfolio import set_up

ER = "\u0420"  # Cyrillic, and looks like P
PROJECTS = "code,title,description,status,planned_start,planned_end,currency,unit,countries,sectors\n"
LEDGER = "document,project,type,date,amount,currency\n"


def put(database: Database, name: str, rows: str, folder: Path) -> TableReport:
    path = folder / "table.csv"
    path.write_text(rows, encoding="utf-8")
    return import_table(database, LOCAL, kind(name), path, today=TODAY)


def told(database: Database, name: str, rows: str, folder: Path) -> dict[str, str]:
    """What is wrong, by column."""
    return {fault.column: fault.message for fault in put(database, name, rows, folder).faults}


@pytest.fixture
def office(database: Database) -> Database:
    filled(database, fill)
    use_codelists(code_checker(None), meant_code)
    return database


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("us dollar", "Is USD meant?"),
        ("$", "may be USD/CAD/AUD"),
        ("C$", "may be CAD/NIO"),
        ("FCFA", "may be XOF/XAF"),
        ("¥", "may be JPY/CNY"),
        ("XXQ", "XXQ is not a currency code"),
    ],
)
def test_a_currency_that_is_no_code_is_asked_back_with_what_may_be_meant(
    office: Database, tmp_path: Path, written: str, asked: str
) -> None:
    row = f"X/1,Title,Text,implementation,2026-01-01,2026-12-31,{written},GVA,KE,16020\n"
    assert asked in told(office, "projects", PROJECTS + row, tmp_path)["currency"]


@pytest.mark.parametrize(("written", "read"), [("usd", "USD"), ("Eur", "EUR"), ("€", "EUR"), ("US$", "USD")])
def test_a_currency_that_can_be_one_only_is_read(office: Database, tmp_path: Path, written: str, read: str) -> None:
    row = f"X/1,Title,Text,implementation,2026-01-01,2026-12-31,{written},GVA,KE,16020,5\n"
    assert told(office, "projects", PROJECTS.replace("\n", ",total_budget\n") + row, tmp_path) == {}
    with office.read() as session:
        assert session.scalars(select(Project.budget_currency).where(Project.code == "X/1")).one() == read


@pytest.mark.parametrize(
    ("column", "written", "asked"),
    [
        ("language", "EN", "is en (English) meant?"),
        ("category", "a07", "is A07 (Review of project performance and evaluation) meant?"),
        ("format", "pdf", "is application/pdf meant?"),
        ("format", ".DOCX", "is application/vnd.openxmlformats-officedocument.wordprocessingml.document meant?"),
        ("format", "Text/HTML", "is text/html meant?"),
    ],
)
def test_a_code_of_a_list_in_other_letters_is_asked_back(
    office: Database, tmp_path: Path, column: str, written: str, asked: str
) -> None:
    cells = {"project": "P/1", "url": "https://x.org/a.pdf", "title": "T", "category": "A07"}
    cells |= {"format": "application/pdf", "language": "en", column: written}
    rows = f"{','.join(cells)}\n{','.join(cells.values())}\n"
    assert told(office, "documents", rows, tmp_path)[column].endswith(asked)


def test_a_key_in_other_letters_is_the_same_key(office: Database, tmp_path: Path) -> None:
    rates = "currency,effective_on,rate\nEUR,2026-01-01,0.9\neur,2026-01-01,0.8\n"
    assert [fault.rule for fault in put(office, "rates", rates, tmp_path).faults] == ["table.repeated-key"]
    budgets = (
        "project,fiscal_year,kind,decided_on,amount,currency\n"
        "GLO/24/01/NLD,2026,revised,2026-01-01,5,USD\nGLO/24/01/NLD,2026,Revised,2026-01-01,6,USD\n"
    )
    assert [fault.rule for fault in put(office, "allocations", budgets, tmp_path).faults] == ["table.repeated-key"]


@pytest.mark.parametrize(
    ("name", "header", "row", "column", "word"),
    [
        ("projects", "code,title,description,status", "X/1,T,D,Implementation", "status", "implementation"),
        ("agreements", "reference,partner,title,preset,status,currency,amount", "X,NLD,T,project,Pledged,USD,5",
         "status", "pledged"),
        ("evaluations", "reference,kind,independence,projects,status", "E,Mid Term,self,GLO/24/01/NLD,planned",
         "kind", "mid-term"),
        ("partners", "code,name,category", "X,Name,PRIVATE_SECTOR", "category", "private-sector"),
        ("allocations", "project,fiscal_year,kind,decided_on,amount,currency",
         "GLO/24/01/NLD,2026,Revised,2026-01-01,5,USD", "kind", "revised"),
    ],
)  # fmt: skip
def test_a_word_in_other_letters_is_read(
    office: Database, tmp_path: Path, name: str, header: str, row: str, column: str, word: str
) -> None:
    assert told(office, name, f"{header}\n{row}\n", tmp_path) == {}
    with office.read() as session:
        table = table_out(session, kind(name))
        assert word in {str(each[table.columns.index(column)]) for each in table.rows}


def test_a_country_in_letters_of_another_alphabet_is_asked_back(office: Database, tmp_path: Path) -> None:
    row = "X/1,T,D,implementation,2026-01-01,2026-12-31,USD,GVA,\u041a\u0415,16020\n"
    assert "is KE (Kenya) meant?" in told(office, "projects", PROJECTS + row, tmp_path)["countries"]


def test_a_reference_that_looks_like_a_known_code_names_the_letter(office: Database, tmp_path: Path) -> None:
    rows = LEDGER + "D-2,GL\u041e/24/01/NLD,expenditure,2026-01-31,5,USD\n"
    message = told(office, "transactions", rows, tmp_path)["project"]
    assert "Is GLO/24/01/NLD meant?" in message
    assert "U+041E (cyrillic capital letter o)" in message


@pytest.mark.parametrize(
    ("name", "rows", "column"),
    [
        ("projects", f"{PROJECTS}GL\u041e/24/01/NLD,T,D,pipeline,2026-01-01,2026-12-31,USD,GVA,KE,16020\n", "code"),
        ("partners", "code,name,category\nNL\uff24,Somebody else,government\n", "code"),
        ("units", "code,name\nGV\u0410,Unit\n", "code"),
        ("officers", "code,name,email,unit\n\u0430na,Another,b@example.org,GVA\n", "code"),
        ("agreements", "reference,partner,title,preset,status,currency,amount\nA\u20131,NLD,T,project,pledged,USD,5\n",
         "reference"),
        ("transactions", f"{LEDGER}D\u20111,GLO/24/01/NLD,4,2025-03-01,250.5,USD\n", "document"),
    ],
)  # fmt: skip
def test_a_new_key_that_looks_like_a_known_one_is_refused_with_the_character(
    office: Database, tmp_path: Path, name: str, rows: str, column: str
) -> None:
    found = told(office, name, rows, tmp_path)
    assert list(found) == [column]
    assert "which looks the same" in found[column]
    assert "is U+" in found[column]


def test_two_new_keys_of_a_file_that_look_the_same_are_refused_in_either_order(
    office: Database, tmp_path: Path
) -> None:
    end = ",T,D,implementation,2026-01-01,2026-12-31,USD,GVA,KE,16020\n"
    for first, second in ((f"{ER}/7", "P/7"), ("P/7", f"{ER}/7")):
        report = put(office, "projects", f"{PROJECTS}{first}{end}{second}{end}", tmp_path)
        assert [(fault.row, fault.column, fault.rule) for fault in report.faults] == [(3, "code", "key.looks-alike")]


def test_keys_of_another_alphabet_that_look_like_none_go_in(office: Database, tmp_path: Path) -> None:
    end = ",T,D,implementation,2026-01-01,2026-12-31,USD,GVA,KE,16020\n"
    report = put(office, "projects", f"{PROJECTS}{ER}/7{end}ЖИТЛО/1{end}", tmp_path)
    assert (report.created, report.faults) == (2, [])
    again = put(office, "projects", f"{PROJECTS}{ER}/7{end}ЖИТЛО/1{end}", tmp_path)
    assert (again.unchanged, again.faults) == (2, [])


def test_programs_are_asked_the_same(api: Api) -> None:
    with api.database.write("tests") as session:
        set_up(session)
    admin = api.client()
    assert admin.post("/units", json={"code": "U1", "name": "One"}).status_code == 201
    refused = admin.post("/units", json={"code": "\uff351", "name": "Two"}).json()["errors"]
    assert [(fault["pointer"], fault["rule"]) for fault in refused] == [("/code", "key.looks-alike")]
    body = {
        "code": "X/1",
        "title": "T",
        "description": "D",
        "status": "Implementation",
        "currency": "usd",
        "unit": "u1",
    }
    asked = admin.get("/projects?status=Implementation").json()["errors"]
    assert [fault["message"] for fault in asked] == ["Is implementation meant? Capital letters count."]
    errors = {fault["pointer"]: fault["message"] for fault in admin.post("/projects", json=body).json()["errors"]}
    assert errors == {"/unit": "There is no unit u1. Is U1 meant? Capital letters count."}
    made = admin.post("/projects", json=body | {"unit": "U1", "total_budget": "5"}).json()
    assert (made["status"], made["currency"]) == ("implementation", "USD")
    tag = admin.get("/projects/1").headers["ETag"]
    patched = admin.patch("/projects/1", json={"status": "Closed"}, headers={"If-Match": tag}).json()["errors"]
    assert [fault["rule"] for fault in patched] == ["project.closed-without-end"]
    body = {"reference": "E", "kind": "Mid Term", "independence": "SELF", "projects": ["X/1"], "status": "planned",
            "ratings": [{"criterion": "Relevance", "rating": 3}]}  # fmt: skip
    assert admin.post("/evaluations", json=body).json()["kind"] == "mid-term"


def test_a_code_that_looks_like_another_is_mended_and_no_voucher_counts_twice(api: Api) -> None:
    with api.database.write("tests") as session:
        set_up(session)
    admin = api.client()
    body = {"code": "PRJ-\u04101", "title": "T", "description": "D", "status": "implementation", "currency": "USD"}
    assert admin.post("/projects", json=body).status_code == 201
    tag = {"If-Match": admin.get("/projects/1").headers["ETag"]}
    assert admin.patch("/projects/1", json={"code": "PRJ-A1"}, headers=tag).json()["code"] == "PRJ-A1"
    voucher = {"project": "PRJ-A1", "type": "4", "date": "2026-03-01", "amount": "5", "currency": "USD"}
    assert admin.post("/transactions", json=voucher | {"document": "INV-A1"}).status_code == 201
    again = admin.post("/transactions", json=voucher | {"document": "INV-\u04101"}).json()["errors"]
    assert [fault["rule"] for fault in again] == ["key.looks-alike"]


def _broken(of: Kind, row: dict[str, str]) -> str | None:
    """The column whose cell is written so that nobody can read it."""
    forms = (Form.DAY, Form.NUMBER, Form.WHOLE, Form.PERCENT)
    return next((name for name in row if of.column(name).form in forms and not of.column(name).is_list), None)


@pytest.mark.parametrize("name", [each.name for each in KINDS])
def test_a_row_with_a_cell_that_cannot_be_read_is_told_the_codes_that_nobody_knows_too(
    database: Database, tmp_path: Path, name: str
) -> None:
    """The example of the template, in a database where nothing stands: most codes of it are unknown."""
    use_codelists(code_checker(None))
    with database.write("tests") as session:
        set_up(session)
    header, example, _ = kind(name).template()
    row = {column: cell for column, cell in zip(header, example, strict=True) if cell}

    def unknown(cells: dict[str, str]) -> set[str]:
        rows = "\n".join(
            ";".join('"' + each.replace('"', '""') + '"' for each in line) for line in (cells, cells.values())
        )
        return {fault.column for fault in put(database, name, rows + "\n", tmp_path).faults if "unknown" in fault.rule}

    broken = _broken(kind(name), row)
    if broken is None:
        pytest.skip("every cell of it can be read")
    assert unknown(row | {broken: "31/31/x"}) == unknown(row) - {broken}
