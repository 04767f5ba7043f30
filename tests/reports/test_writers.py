"""Reports as files and over HTTP."""

import csv
import datetime as dt
import io
import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.config import Settings
from app.db.engine import Database
from app.domain.money import exact_sum
from app.domain.periods import CALENDAR_YEARS
from app.domain.terms import Role
from app.reports.attribution import Weights, rounded_rows, share_out
from app.reports.frame import RateUsed, ReportTable
from app.reports.writers import to_csv, to_xlsx
from tests.api import Api

TABLE = ReportTable(
    report="delivery",
    definition="What was spent of what was allocated.",
    period="2021",
    periods=(CALENDAR_YEARS.year(2021),),
    as_of=dt.date(2022, 1, 1),
    currency="USD",
    columns=("project", "expenditure", "rate", "due"),
    rows=(
        {"project": "=A1", "expenditure": "12345678901234567.89", "rate": None, "due": "2021-12-31"},
        {"project": "Côte d’Ivoire", "expenditure": "-1000.10", "rate": "66.67", "due": "2020-21"},
    ),
    totals={"expenditure": "12345678901233567.79", "rate": None},
    figures=frozenset({"expenditure", "rate"}),
    days=frozenset({"due"}),
    remarks=("There is no rate of CHF on or before 2021-01-01.",),
    rates=(RateUsed(currency="EUR", effective_on=dt.date(2021, 1, 1), rate=Decimal("0.8")),),
)


@pytest.mark.parametrize(
    ("currency", "amounts", "printed", "shown_as"),
    [
        ("USD", ["1000", "2.5"], ["1,000.00", "2.50", "1,002.50"], "#,##0.00"),
        ("JPY", ["100000001", "1"], ["100,000,001", "1", "100,000,002"], "#,##0"),
        ("KWD", ["1000.125", "1.234"], ["1,000.125", "1.234", "1,001.359"], "#,##0.000"),
    ],
)
def test_figures_have_the_decimals_of_their_currency(
    currency: str, amounts: list[str], printed: list[str], shown_as: str
) -> None:
    report = replace(
        TABLE,
        currency=currency,
        columns=("project", "expenditure", "rate"),
        rows=tuple({"project": "P", "expenditure": amount, "rate": "33.30"} for amount in amounts),
        totals={"expenditure": str(exact_sum(map(Decimal, amounts))), "rate": "33.30"},
    )
    text = report.as_text()
    assert re.findall(r"([0-9,.]+)  33\.30$", text, re.MULTILINE) == printed
    book = load_workbook(io.BytesIO(to_xlsx(report)))
    assert [cell.number_format for cell in book["delivery"][2]][1:] == [shown_as, "#,##0.00"]


def test_rows_in_currencies_of_their_own_are_printed_with_all_their_decimals() -> None:
    figures = {"expenditure": "1.50", "rate": "12.25"}
    report = replace(
        TABLE,
        currency="JPY",
        columns=("currency", "expenditure", "rate"),
        rows=(
            {"currency": "KWD", "expenditure": "1000.125", "rate": "1"},
            {"currency": "JPY", "expenditure": "7", "rate": "12.25"},
            {"currency": "EUR", **figures},
        ),
        totals={},
    )
    lines = [line.split() for line in report.as_text().splitlines()]
    assert [line for line in lines if line and line[0] in ("KWD", "EUR")] == [
        ["KWD", "1,000.125", "1.00"], ["EUR", "1.50", "12.25"],
    ]  # fmt: skip
    assert ["JPY", "7", "12.25"] in lines


def test_csv_is_data_only_and_says_below_what_it_is() -> None:
    content = to_csv(TABLE)
    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    data = [
        ["project", "expenditure", "rate", "due"],
        ["'=A1", "12345678901234567.89", "", "2021-12-31"],
        ["Côte d’Ivoire", "-1000.10", "66.67", "2020-21"],
    ]
    assert read[:3] == data
    assert [row for row in read if not row[0].startswith("#")] == data
    said = "\n".join(row[0] for row in read[3:])
    for part in (TABLE.definition, "2021: 2021-01-01 to 2021-12-31", "as of: 2022-01-01", "USD", TABLE.remarks[0]):
        assert part in said
    with_totals = list(csv.reader(io.StringIO(to_csv(TABLE, totals=True).decode("utf-8-sig"))))
    assert with_totals[3] == ["total", "12345678901233567.79", "", ""]


def test_a_workbook_holds_data_only_and_says_on_further_sheets_what_it_is() -> None:
    workbook = load_workbook(io.BytesIO(to_xlsx(TABLE)))
    assert workbook.sheetnames == ["delivery", "About", "Totals", "Rates"]
    sheet = workbook["delivery"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["project", "expenditure", "rate", "due"],
        ["=A1", "12345678901234567.89", None, dt.datetime(2021, 12, 31)],  # noqa: DTZ001 - a cell has no zone
        ["Côte d’Ivoire", -1000.10, 66.67, "2020-21"],
    ]
    assert (sheet["A2"].data_type, sheet["B3"].number_format, sheet.freeze_panes) == ("s", "#,##0.00", "A2")
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["C"].width
    about = {row[0].value: row[1].value for row in workbook["About"].iter_rows()}
    assert about["period"] == "2021: 2021-01-01 to 2021-12-31"
    assert (about["as of"], about["currency"], about["definition"]) == ("2022-01-01", "USD", TABLE.definition)
    assert "CHF" in str(about["remark"])
    totals = [[cell.value for cell in row] for row in workbook["Totals"].iter_rows()]
    assert totals == [["expenditure", "rate"], ["12345678901233567.79", None]]
    rates = [[cell.value for cell in row] for row in workbook["Rates"].iter_rows()]
    assert rates[1] == ["EUR", dt.datetime(2021, 1, 1), 0.8]  # noqa: DTZ001 - a cell has no zone
    assert workbook["Rates"]["B2"].is_date


def test_a_terminal_shows_the_total_below_the_rows() -> None:
    lines = TABLE.as_text().splitlines()
    assert lines[0] == "delivery · 2021: 2021-01-01 to 2021-12-31 · as of 2022-01-01 · USD"
    assert lines[-6].split() == ["=A1", "12,345,678,901,234,567.89", "2021-12-31"]
    assert lines[-5].split() == ["Côte", "d’Ivoire", "-1,000.10", "66.67", "2020-21"]
    assert lines[-3].startswith("total")
    assert lines[-2].startswith("! There is no rate of CHF")
    assert lines[-1] == "Rates used: EUR 0.8 per USD from 2021-01-01."


def test_json_names_the_days_of_the_period_and_the_rates_that_were_used() -> None:
    told = TABLE.as_dict()
    assert (told["first_day"], told["last_day"]) == ("2021-01-01", "2021-12-31")
    assert told["rates"] == [{"currency": "EUR", "effective_on": "2021-01-01", "rate": "0.8"}]
    assert "# rate: EUR 0.8 per USD from 2021-01-01" in to_csv(TABLE).decode()


AMOUNTS = st.decimals("-1e9", "1e9", places=6)


@given(AMOUNTS, st.lists(st.decimals("0.000001", "1e6", places=6), min_size=1, max_size=8))
def test_parts_sum_to_what_was_shared_out(amount: object, weights: list[object]) -> None:
    named: Weights = [(str(place), weight) for place, weight in enumerate(weights)]  # type: ignore[misc]
    parts = share_out(amount, named)  # type: ignore[arg-type]
    assert exact_sum(part for _, part in parts) == amount


@given(st.lists(AMOUNTS, max_size=30), st.integers(0, 3))
def test_rounded_rows_sum_to_the_rounded_total(figures: list[object], places: int) -> None:
    total = exact_sum(figures)  # type: ignore[arg-type]
    rounded = rounded_rows(figures, total, places)  # type: ignore[arg-type]
    step = exact_sum([]) + 1
    assert all(
        abs(after - before) <= step.scaleb(-places)  # type: ignore[operator]
        for after, before in zip(rounded, figures, strict=True)
    )
    if figures:
        assert rounded_rows([total], total, places) == [exact_sum(rounded)]


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    return Api(settings, database)


def test_reports_are_read_over_http(api: Api) -> None:
    client = api.client(Role.VIEWER)
    assert "delivery" in {item["name"] for item in client.get("/reports").json()["items"]}
    answer = client.get("/reports/delivery?period=2021&by=unit&by=year&as_of=2022-01-01")
    assert answer.status_code == 200, answer.text
    assert answer.json()["columns"] == ["unit", "year", "allocation", "expenditure", "rate"]
    assert json.loads(answer.content)["totals"] == {"allocation": "0", "expenditure": "0", "rate": None}
    again = client.get(
        "/reports/delivery?period=2021&by=unit&by=year&as_of=2022-01-01",
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert again.status_code == 304
    assert client.get("/reports/delivery?format=csv").headers["content-type"].startswith("text/csv")
    assert client.get("/reports/delivery?format=xlsx").content[:2] == b"PK"


def test_a_report_that_is_not_there_and_a_faulty_question_are_told(api: Api) -> None:
    client = api.client(Role.VIEWER)
    assert client.get("/reports/wishes").status_code == 404
    faulty = client.get("/reports/delivery?period=never")
    assert (faulty.status_code, faulty.json()["errors"][0]["pointer"]) == (422, "/query/period")
    assert api.stranger().get("/api/v1/reports").status_code == 401
