"""Each report, by each of its dimensions and variants, says the same as JSON, CSV, XLSX and on a terminal."""

import csv
import datetime as dt
import io
import random
from collections.abc import Iterator, Mapping
from decimal import Decimal

import openpyxl
import pytest

from app.db.engine import Database
from app.db.spending import Encumbrance, ExchangeRate
from app.reports.frame import Cell, ReportTable
from app.reports.registry import REPORTS
from app.reports.service import run
from app.reports.writers import to_csv, to_xlsx
from tests import portfolio
from tests.filled import filled
from tests.reports.test_by_portion import ACTIVE, TODAY, allocate, fill, post

PERIOD = "2025..2026"


def put(database: Database) -> None:
    chance = random.Random(3)
    with database.write("test") as session:
        fill(session)
        for agreement, project in ((1, ACTIVE[0]), (2, ACTIVE[1])):
            portfolio.share(session, agreement, project)
        day, rate = dt.date(2024, 1, 1), Decimal("0.9")
        session.add(ExchangeRate(currency="EUR", effective_on=day, rate=rate, recorded_by="tests"))
        for number in range(40):
            post(session, chance)
            allocate(session, chance)
            post(session, chance, type="1", receiver_activity=None)
            began, amount = dt.date(2026, chance.randint(1, 6), 1), Decimal(chance.randint(1, 99))
            row = Encumbrance(document=f"E{number}", project_id=ACTIVE[0], date=began, amount=amount, currency="EUR")
            session.add(row)


@pytest.fixture
def office(database: Database) -> Database:
    filled(database, put)
    return database


def tables(database: Database) -> Iterator[ReportTable]:
    for report in REPORTS:
        options = {"partner": "FI"} if report.name == "partner-briefing" else {}
        groups: list[tuple[str, ...]] = [(name,) for name in report.dimensions]
        for by in groups or [()]:
            for variant in report.variants or (None,):
                named = () if variant in report.own_rows else by
                with database.read() as session:
                    yield run(
                        session, report.name, period=PERIOD, as_of=TODAY, by=named, variant=variant, options=options
                    )


def data(table: ReportTable) -> list[Mapping[str, Cell]]:
    """The rows that files hold: what sums up others stands apart in them."""
    return [row for place, row in enumerate(table.rows) if place not in table.sums]


def test_files_hold_what_json_says(office: Database) -> None:
    rows = 0
    for table in tables(office):
        said = table.as_dict()
        assert said["rows"] == [dict(row) for row in table.rows]
        # as programs read it that leave out lines which begin with #, and know of quotation marks only afterwards
        lines = to_csv(table).decode("utf-8-sig").split("\r\n")
        names, *read = csv.reader([line for line in lines if line and not line.startswith("#")])
        assert names == list(table.columns)
        expected = data(table)
        rows += len(expected)
        assert len(read) == len(expected), table.report
        book = openpyxl.load_workbook(io.BytesIO(to_xlsx(table)))
        header, *cells = book[table.report[:31]].iter_rows(values_only=True)
        assert header == table.columns
        assert len(cells) == len(expected), table.report
        for line, values, row in zip(read, cells, expected, strict=True):
            for name, text, value in zip(table.columns, line, values, strict=True):
                where = f"{table.report} {table.variant} {name}"
                cell = row.get(name)
                if name in table.figures and isinstance(cell, str):
                    assert Decimal(text) == Decimal(cell), where
                    assert value is not None, where
                    assert Decimal(str(value)) == Decimal(cell), where
                elif cell is None:
                    assert text == "", where
                    assert value is None, where
                elif name in table.days and isinstance(value, dt.datetime):
                    assert value.date().isoformat() == cell == text, where
                else:
                    assert text.lstrip("'") == str(cell).lstrip("'"), where
                    assert str(value).lstrip("'") == str(cell).lstrip("'"), where
    assert rows > 200


def test_a_terminal_shows_every_row_and_its_totals(office: Database) -> None:
    for table in tables(office):
        lines = table.as_text().splitlines()
        rules = [place for place, line in enumerate(lines) if line.startswith("─")]
        assert rules[1] - rules[0] - 1 == len(table.rows), table.report
        for shown, row in zip(lines[rules[0] + 1 : rules[1]], table.rows, strict=True):
            for name in table.figures:
                cell = row.get(name)
                if isinstance(cell, str):
                    figures = {text.replace(",", "") for text in shown.split()}
                    assert any(is_figure(text) and Decimal(text) == Decimal(cell) for text in figures), shown


def is_figure(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
