"""What a mapping says of a code holds for the number, whatever noughts its cell shows behind the point."""

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
from app.tabular.mapping.load import load_mapping
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from tests import portfolio
from tests.filled import filled
from tests.portfolio import TODAY
from tests.tabular.books import book

COLUMNS = {"document": "Doc", "project": "{column: Doc, values: {}, others: empty, when_empty: RAF/1}", "date": "Day"}
CONSTANTS = "constants: {currency: USD, type: expenditure}\n"


def fill(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session, closed_until=dt.date(2025, 12, 31))
        portfolio.project(session, "RAF/1")


@pytest.fixture
def office(database: Database) -> Database:
    use_codelists(portfolio.known)
    filled(database, fill)
    return database


def _load(office: Database, folder: Path, mapping: str, shown: str, **cells: float) -> TableReport:
    """One row with a document 7, a Kind 4 and a Sign 1, each in the format ``shown``."""
    held = {"Doc": 7, "Day": dt.date(2026, 3, 5), "Amount": 40, "Kind": 4, "Sign": 1, **cells}

    def show(_workbook: object, sheet: object) -> None:
        for place, name in enumerate(held):
            if name != "Day":
                sheet.cell(2, place + 1).number_format = shown  # type: ignore[attr-defined]

    path = book(folder / "file.xlsx", list(held), list(held.values()), fill=show)
    found = kind("transactions")
    return import_table(office, LOCAL, found, path, today=TODAY, mapping=load_mapping(mapping, found))


def _mapping(constants: str = CONSTANTS, more: str = "", **columns: str) -> str:
    lines = "".join(f"  {name}: {text}\n" for name, text in ({**COLUMNS, "amount": "Amount"} | columns).items())
    return f"columns:\n{lines}{constants}{more}"


def _posted(office: Database) -> list[tuple[str, str, Decimal]]:
    rows = table(LedgerEntry).c
    with office.read() as session:
        return [tuple(row) for row in session.execute(select(rows.document, rows.type, rows.amount).order_by(rows.id))]


@pytest.mark.parametrize("shown", ["0.00", "0.0", "General", "#,##0.00", "0"])
@pytest.mark.parametrize("written", ["", ".00"])
def test_a_sign_a_type_and_a_condition_are_told_by_the_number(
    office: Database, tmp_path: Path, shown: str, written: str
) -> None:
    kinds = f'{{column: Kind, values: {{"4{written}": expenditure}}, others: skip}}'
    plain = CONSTANTS.replace(", type: expenditure", "")
    minus = _mapping(amount=f'{{column: Amount, minus: {{column: Sign, values: ["1{written}"]}}}}')
    assert _load(office, tmp_path, minus, shown, Doc=1).created == 1
    assert _load(office, tmp_path, _mapping(plain, type=kinds), shown, Doc=2).created == 1
    codes = _mapping(plain, type="Kind", amount='{column: Amount, reversed_for: ["4"]}')
    assert _load(office, tmp_path, codes, shown, Doc=3).created == 1
    assert _posted(office) == [("1", "4", Decimal(-40)), ("2", "4", Decimal(40)), ("3", "4", Decimal(-40))]
    for condition in (f'is: "1{written}"', 'begins: "1"', 'contains: "1"'):
        report = _load(office, tmp_path, _mapping(more=f"skip: [{{column: Sign, {condition}}}]\n"), shown, Doc=4)
        assert (report.created, [each.rows for each in report.skipped]) == (0, [1]), condition
    kept = _mapping(more=f'skip: [{{column: Sign, is_not: "1{written}"}}]\n')
    assert _load(office, tmp_path, kept, shown, Doc=5).created == 1


def test_what_a_condition_says_of_the_point_is_what_is_seen(office: Database, tmp_path: Path) -> None:
    group = _mapping(more='skip: [{column: Kind, begins: "4."}]\n')
    assert _load(office, tmp_path, group, "0.00").created == 0
    assert _load(office, tmp_path, group, "0.00", Kind=4.1).created == 0
    assert _load(office, tmp_path, group, "0").created == 1


def test_a_number_with_decimals_is_named_with_and_without_its_noughts(office: Database, tmp_path: Path) -> None:
    for written in ("4.5", "4.50"):
        skip = _mapping(more=f'skip: [{{column: Kind, is: "{written}"}}]\n')
        assert _load(office, tmp_path, skip, "0.00", Kind=4.5).created == 0


def test_a_code_with_noughts_before_it_is_not_the_number(office: Database, tmp_path: Path) -> None:
    skip = 'skip: [{column: Kind, is: "%s"}]\n'
    assert _load(office, tmp_path, _mapping(more=skip % "4"), "0000", Doc=1).created == 1
    assert _load(office, tmp_path, _mapping(more=skip % "0004"), "0000", Doc=2).created == 0


@pytest.mark.parametrize(
    ("document", "stored"),
    [
        ("Doc", "7"),
        ("{column: Doc, pad: 4}", "0007"),
        ('{column: Doc, prefix: "V-"}', "V-7"),
        ('{column: Doc, replace: {"7": "V7"}}', "V7"),
        ('{column: Doc, remove_suffix: ".00"}', "7"),
        ('{column: Doc, replace: {".": "-"}}', "7-00"),
        ('{column: Doc, part: {of: ".", number: 1}, pad: 3}', "007"),
        ('{column: Doc, part: {of: ".", number: 2}}', "00"),
        ("{columns: [Doc, Kind]}", "7-4"),
        ("{columns: [Doc, Kind], joined_by: '/', prefix: V}", "V7/4"),
    ],
)
def test_a_key_made_of_whole_numbers_has_no_decimals_unless_the_mapping_means_those(
    office: Database, tmp_path: Path, document: str, stored: str
) -> None:
    assert _load(office, tmp_path, _mapping(document=document), "0.00").faults == []
    assert [row[0] for row in _posted(office)] == [stored]


@pytest.mark.parametrize("shown", [("0", "0.00"), ("0.00", "0"), ("General", "0.000")])
def test_another_format_posts_no_document_twice(office: Database, tmp_path: Path, shown: tuple[str, str]) -> None:
    reports = [_load(office, tmp_path, _mapping(), each) for each in shown]
    assert [(report.created, report.unchanged) for report in reports] == [(1, 0), (0, 1)]
    assert _posted(office) == [("7", "4", Decimal(40))]


@pytest.mark.parametrize("said", ["60%", "60 %", "0.6", "0.60"])
def test_a_percentage_is_named_as_it_is_seen_or_as_its_cell_holds_it(
    office: Database, tmp_path: Path, said: str
) -> None:
    skip = f'skip: [{{column: Kind, is: "{said}"}}]\n'
    assert _load(office, tmp_path, _mapping(more=skip), "0%", Kind=0.6).created == 0
