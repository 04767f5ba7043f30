"""The report on results, against a printed framework: 896 results where 874 were planned, in five regions."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.framework import Item, branches
from app.reports.frame import ReportTable
from app.reports.service import run
from app.results.items import put_framework
from app.results.schemas import FrameworkIn
from tests import portfolio
from tests.api import Api
from tests.filled import filled
from tests.portfolio import TODAY
from tests.queries import count_queries

GOLDEN = Path(__file__).parents[1] / "golden" / "results.csv"
REGIONS = ("africa", "americas", "arab_states", "asia_pacific", "europe_central_asia")
#: where the print says something else than its own table
MISPRINTS = {
    ("share", "arab_states"): "printed 8 and computed 9.2",
    ("share", "europe_central_asia"): "printed 11 and computed 11.6",
}


def put(database: Database, rows: list[dict[str, Any]]) -> Database:
    with database.write("tests") as session:
        portfolio.set_up(session)
        for row in rows:
            body = {name: value for name, value in row.items() if value not in ("", None) and name not in REGIONS}
            body["regions"] = {region: row[region] for region in REGIONS if row.get(region)}
            put_framework(session, LOCAL, FrameworkIn.model_validate(body))
    return database


def golden() -> list[dict[str, Any]]:
    with GOLDEN.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def results(database: Database, *by: str, period: str = "2020-21", variant: str | None = None) -> ReportTable:
    with database.read() as session:
        return run(session, "results", period=period, as_of=TODAY, by=by, variant=variant)


@pytest.fixture(scope="module")
def framework(shared_database: Database) -> Database:
    return put(shared_database, golden())


@pytest.fixture
def growing(database: Database) -> Database:
    """The same, to be added to."""
    use_codelists(portfolio.known)
    filled(database, put_golden)
    return database


def put_golden(database: Database) -> None:
    put(database, golden())


@pytest.mark.parametrize("by", [(), ("output",), ("outcome",), ("outcome", "indicator")])
def test_the_total_is_that_of_the_outcomes_whatever_the_rows_are(framework: Database, by: tuple[str, ...]) -> None:
    totals = results(framework, *by).totals
    assert {name: totals[name] for name in ("target", "result", *REGIONS)} == {
        "target": "874", "result": "896", "africa": "329", "americas": "186", "arab_states": "82",
        "asia_pacific": "195", "europe_central_asia": "104",
    }  # fmt: skip
    assert totals["over_target"] == "2.52"


def test_shares_of_regions_are_as_printed_but_for_two_misprints(framework: Database) -> None:
    printed = dict(zip(REGIONS, (37, 21, 8, 22, 11), strict=True))
    totals = results(framework, variant="share of results").totals
    apart = {region for region in REGIONS if abs(Decimal(str(totals[region])) - printed[region]) > Decimal("0.5")}
    assert apart == {region for _, region in MISPRINTS}


def test_outcomes_say_how_many_indicators_are_above_on_and_below_target(framework: Database) -> None:
    rows = {row["outcome"]: row for row in results(framework, "outcome").rows}
    assert list(rows)[:9] == ["1", "2", "3", "4", "5", "6", "7", "8", "A"]
    figures = ("result", "target", "over_target", "indicators", "above", "on", "below")
    assert [rows["1"][name] for name in figures] == ["199", "179", "11.17", 8, 5, 0, 3]
    assert [rows["5"][name] for name in figures[3:]] == [8, 3, 2, 3]
    assert [rows["8"][name] for name in figures[3:]] == [3, 1, 2, 0]
    assert [rows["7"][name] for name in figures[3:]] == [11, 4, 0, 7]
    assert rows["6"]["result"] == "59"
    assert rows["6"]["target"] == "84"
    # what counts something else has no total
    assert [rows["A"][name] for name in figures[:3]] == [None, None, None]


def test_an_indicator_of_another_unit_is_told_and_in_no_sum(framework: Database) -> None:
    rows = {row["indicator"]: row for row in results(framework).rows}
    assert (rows["2.2.1"]["result"], rows["2.2.1"]["against_target"]) == ("44", "below")
    outputs = {row["output"]: row for row in results(framework, "output").rows}
    assert outputs["2.2"]["result"] is None
    assert outputs["2.3"]["result"] == "22"
    assert outputs["2.3"]["indicators"] == 2


def test_ratifications_and_pairs_of_outputs_come_from_the_rows(framework: Database) -> None:
    rows = {row["output"]: row for row in results(framework, "outcome", "output").rows}
    assert [rows["2.1"][region] for region in REGIONS] == ["36", "21", "5", "9", "24"]
    assert int(str(rows["1.1"]["result"])) + int(str(rows["1.2"]["result"])) == 115
    assert {rows["1.1"]["outcome"], rows["2.1"]["outcome"]} == {"1", "2"}


def test_another_biennium_is_another_framework(growing: Database) -> None:
    row = {"framework": "2022-23", "level": "indicator", "code": "1.1.1", "title": "Later", "target": "3"}
    put(growing, [row, {**row, "framework": "Draft"}])
    assert [row["title"] for row in results(growing, period="2022").rows] == ["Later"]
    both = results(growing, "outcome", period="2020..2022")
    assert both.columns[0] == "framework"
    assert {row["framework"] for row in both.rows} == {"2020-21", "2022-23"}
    assert both.totals["target"] == "877"
    assert "The name of the framework Draft is no period: it is not shown." in both.remarks
    assert results(growing, period="2019").rows == ()


def test_statements_do_not_follow_the_rows(growing: Database) -> None:
    with count_queries(growing) as seen:
        results(growing, "outcome")
    before = len(seen)
    put(growing, [{**row, "framework": "2022-23"} for row in golden()[:60]])
    with count_queries(growing) as seen:
        results(growing, "outcome", period="2020..2023")
    assert len(seen) == before


def test_the_interface_gives_the_same_figures(settings: Settings, database: Database) -> None:
    api = Api(settings, database)
    put(database, golden())
    answer = api.client().get("/reports/results", params={"period": "2020-21", "by": "outcome"}).json()
    assert answer["totals"]["result"] == "896"
    assert answer["rows"][0]["africa"] == "60"


def item(level: str, code: str, target: int | None = None) -> Item:
    figure = None if target is None else Decimal(target)
    return Item(framework="2020-21", level=level, code=code, title=code, target=figure, result=None)


@pytest.mark.parametrize(
    ("items", "outcomes"),
    [
        # nothing is said of groups: they are made up and summed
        ([item("indicator", "1.1.1", 3), item("indicator", "1.2.1", 4), item("indicator", "10.1.1", 5)], [7, 5]),
        # an outcome without figures of its own is the sum of what its outputs state
        ([item("outcome", "1"), item("output", "1.1", 9), item("indicator", "1.1.1", 3)], [9]),
        # where others state theirs, one without has none
        ([item("outcome", "1", 2), item("outcome", "2"), item("indicator", "2.1.1", 3)], [2, None]),
        # an output of nothing but its name, beside one that states its figure, is left out of the outcome
        ([item("output", "1.1", 2), item("output", "1.2"), item("indicator", "1.2.1", 3)], [2]),
    ],
)
def test_figures_of_a_group_are_stated_or_summed(items: list[Item], outcomes: list[int | None]) -> None:
    assert [branch.item.target for branch in branches(items, "outcome")] == outcomes


def test_what_counts_something_else_is_in_no_sum(database: Database) -> None:
    rows = [
        {"framework": "2020-21", "level": "indicator", "code": code, "title": code, "target": target, "unit": unit,
         "result_total": "5", "africa": "5"}
        for code, target, unit in (
            ("1.1.1", "4", "countries"), ("1.1.2", "6", "countries"),
            # a share is no rival of a count, and two counts of one frequency have no sum
            ("1.2.1", "3", "countries"), ("1.2.2", "90", "percent"),
            ("1.3.1", "7", "laws"), ("1.3.2", "8", "persons"),
        )
    ]  # fmt: skip
    put(database, rows)
    with database.read() as session:
        table = run(session, "results", period="2020-21", as_of=TODAY, by=("output",))
    assert "unit" in table.columns
    assert [(row["output"], row["unit"], row["target"], row["africa"]) for row in table.rows] == [
        ("1.1", "countries", "10", "10"),
        ("1.2", "countries", "3", "5"),
        ("1.3", None, None, None),
    ]
    assert table.totals["target"] == "13"
    # a ceiling is met by what stays below it, and what is told in words stands in words
    ceilings = [
        {"framework": "2020-21", "level": "indicator", "code": code, "title": code, "target": "3", "unit": "months",
         "result_total": result, "better": "lower"}
        for code, result in (("B.1.1", "11.4"), ("B.1.2", "2"), ("B.1.3", "3"))
    ]  # fmt: skip
    words = {"measure": "qualitative", "target_text": "Unmodified", "result_text": "Achieved for both years"}
    put(database, [*ceilings, {"framework": "2020-21", "level": "indicator", "code": "B.2", "title": "Audit"} | words])
    with database.read() as session:
        told = run(session, "results", period="2020-21", as_of=TODAY, by=("indicator",))
    by_code = {row["indicator"]: row for row in told.rows}
    marks = {code: by_code[code]["against_target"] for code in ("B.1.1", "B.1.2", "B.1.3", "B.2")}
    assert marks == {"B.1.1": "below", "B.1.2": "above", "B.1.3": "on", "B.2": None}
    assert [by_code["B.2"][name] for name in ("target_text", "result_text")] == [
        "Unmodified", "Achieved for both years",
    ]  # fmt: skip
