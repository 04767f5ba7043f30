"""896 results loaded one by one give the printed totals, regions, counts on target, marks and unearmarked share."""

import datetime as dt
from decimal import Decimal

import pytest

from app.config import Settings
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.achieved import NOT_ATTRIBUTED, attributed
from app.reports.frame import ReportTable
from app.reports.service import run
from app.results.items import put_framework
from app.results.schemas import FrameworkIn
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.api import Api
from tests.results.achieved import COUNTRIES, MARKED, UNEARMARKED, framework, table

DAY = dt.date(2026, 11, 20)
REGIONS = {"africa": 329, "americas": 186, "arab_states": 82, "asia_pacific": 195, "europe_central_asia": 104}


@pytest.fixture(scope="module")
def achieved(shared_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Database:
    with shared_database.write("tests") as session:
        portfolio.set_up(session)
        for row in framework():
            body = {name: text for name, text in row.items() if text and name not in COUNTRIES}
            body_ = {**body, "regions": {region: row[region] for region in COUNTRIES if row[region]}}
            put_framework(session, LOCAL, FrameworkIn.model_validate(body_))
    path = tmp_path_factory.mktemp("achieved") / "records.csv"
    path.write_text(table(), encoding="utf-8")
    stored = import_table(shared_database, LOCAL, kind("result-records"), path, today=DAY)
    assert (stored.faults, stored.findings, stored.created) == ([], [], 896)
    return shared_database


def told(database: Database, *by: str, period: str = "2020-21", variant: str | None = None) -> ReportTable:
    with database.read() as session:
        return run(session, "results", period=period, as_of=DAY, by=by, variant=variant)


def test_totals_and_regions_are_those_that_were_printed(achieved: Database) -> None:
    table = told(achieved, "outcome")
    assert {name: table.totals[name] for name in REGIONS} == {name: str(count) for name, count in REGIONS.items()}
    assert (table.totals["result"], table.totals["target"], table.totals["over_target"]) == ("896", "874", "2.52")
    rows = {str(row["outcome"]): row for row in table.rows}
    assert [(code, rows[code]["result"]) for code in "12345678"] == [
        ("1", "199"), ("2", "117"), ("3", "102"), ("4", "90"), ("5", "92"), ("6", "59"), ("7", "167"), ("8", "70"),
    ]  # fmt: skip
    assert {row["basis"] for row in table.rows if str(row["outcome"]).isdecimal()} == {"records"}
    assert (rows["A"]["basis"], rows["1"]["loaded"]) == (None, "199")
    alone = next(remark for remark in table.remarks if remark.startswith("Loaded totals without records"))
    assert "2.2.1" in alone
    by_region = told(achieved, "region")
    assert {row["region"]: row["results"] for row in by_region.rows} == REGIONS
    assert by_region.rows[0]["share"] == "36.72"
    assert (by_region.rows[0]["countries"], by_region.totals["countries"]) == (1, 5)
    years = [told(achieved, "outcome", period=year).totals["result"] for year in ("2020", "2021")]
    assert sum(int(str(year)) for year in years) == 896


def test_indicators_on_and_above_target_are_those_that_were_printed(achieved: Database) -> None:
    rows = {str(row["outcome"]): row for row in told(achieved, "outcome").rows}
    counts = {code: (rows[code]["above"], rows[code]["on"], rows[code]["indicators"]) for code in "134578"}
    assert counts == {"1": (5, 0, 8), "3": (3, 0, 7), "4": (3, 0, 4), "5": (3, 2, 8), "7": (4, 0, 11), "8": (1, 2, 3)}
    output = next(row for row in told(achieved, "output").rows if row["output"] == "1.1")
    assert max(REGIONS, key=lambda region: Decimal(str(output[region] or 0))) == "americas"


def test_marks_and_unearmarked_money_are_those_that_were_printed(achieved: Database) -> None:
    rows = {str(row["mark"]): row for row in told(achieved, "mark").rows}
    assert {name: rows[name]["results"] for name in MARKED} == MARKED
    printed = {"gender-marker-3": 6, "gender-marker-2": 48, "gender-marker-1": 46, "disability": 20, "hiv": 12,
               "indigenous-peoples": 9, "crisis": 45}  # fmt: skip
    assert {name: round(Decimal(str(rows[name]["share"]))) for name in printed} == printed
    assert Decimal(str(rows["sdg-8"]["share"])) > 60
    by_source = told(achieved, "outcome", "source")
    unearmarked = {row["outcome"]: row["results"] for row in by_source.rows if row["source"] == "RBSA"}
    assert unearmarked == UNEARMARKED
    assert sum(UNEARMARKED.values()) == 92
    assert sum(Decimal(str(row["attributed"])) for row in by_source.rows) == 896
    assert by_source.totals["attributed"] == "896"


RECORD = {"framework": "2026-27", "indicator": "1.1.1", "year": 2026, "country": "KE", "sentence": "A law was passed."}


def test_a_result_of_two_projects_counts_once_and_goes_back_to_their_money(
    settings: Settings, database: Database
) -> None:
    client = Api(settings, database).client()
    with database.write("anna") as session:
        portfolio.set_up(session)
        for code in ("P", "Q"):
            portfolio.project(session, code)
    for partner, preset, reference in (("CORE", "rbsa", "A-CORE"), ("DON", "project", "A-DON")):
        client.post("/partners", json={"code": partner, "name": partner, "category": "government"})
        body = {"reference": reference, "partner": partner, "title": "A", "preset": preset, "status": "signed",
                "signed_on": "2026-01-01", "currency": "USD", "amount": "1000"}  # fmt: skip
        assert client.post("/agreements", json=body).status_code == 201
    for number, (project, agreement, amount) in enumerate((("P", "A-CORE", "30"), ("P", "A-DON", "60"),
                                                           ("Q", "A-DON", "30"))):  # fmt: skip
        body = {"document": f"T-{number}", "project": project, "agreement": agreement, "type": "expenditure",
                "date": "2026-03-01", "amount": amount, "currency": "USD"}  # fmt: skip
        assert client.post("/transactions", json=body).status_code == 201
    for level, code in (("output", "1.1"), ("indicator", "1.1.1")):
        item = {"framework": "2026-27", "level": level, "code": code, "title": code, "target": "2", "unit": "results"}
        assert client.post("/framework-items", json=item).status_code == 201

    def put(reference: str, **values: object) -> list[str]:
        """Rules of the faults, or none."""
        answer = client.post("/result-records", json={"reference": reference, **RECORD, **values})
        return [] if answer.status_code == 201 else [fault["rule"] for fault in answer.json()["errors"]]

    def source() -> dict[object, tuple[object, object]]:
        table = told(database, "source", period="2026")
        assert table.totals["attributed"] == f"{table.totals['results']}"
        return {row["source"]: (row["results"], row["attributed"]) for row in table.rows}

    assert put("R-1", projects=["P"]) == []
    assert put("R-2", projects=["Q"]) == []
    assert told(database, "indicator", period="2026").rows[0]["result"] == "2"
    assert [remark for remark in told(database, "project", period="2026").remarks if "R-2 says what R-1" in remark]
    assert source() == {"RBSA": (1, "0.33"), "XBDC": (2, "1.67")}
    # one result of two projects: it counts once, and their money is looked at together
    assert put("R-2", projects=["Q"], same_as="R-1") == []
    table = told(database, "project", period="2026")
    assert [(row["project"], row["results"]) for row in table.rows] == [("P", 1), ("Q", 1)]
    assert (table.totals["results"], table.remarks) == (1, ())
    assert source() == {"RBSA": (1, "0.25"), "XBDC": (1, "0.75")}
    # what is stated goes first: an agreement by its kind, or a source by name; and without money nobody knows
    assert put("R-3", sources=["A-CORE"], sentence="Another law.") == []
    assert put("R-4", region="africa", country=None, sentence="A third one.") == []
    assert source()[NOT_ATTRIBUTED] == (1, "1.00")
    assert source()["RBSA"] == (2, "1.25")

    wrong = {"year": 2025, "country": "XX", "projects": ["NONE"], "sdg": ["99.9"], "country_programme": "NONE"}
    assert set(put("R-5", **wrong)) == {
        "result.year", "country.unknown", "project.unknown", "code.unknown", "programme.unknown",
    }  # fmt: skip
    assert put("R-5", indicator="1.1") == ["result.indicator"]
    assert put("R-5", country="KE", region="americas") == ["result.region"]
    assert put("R-5", same_as="R-2") == ["result.same"]
    version = {"code": "2026-27", "title": "T", "starts_on": "2026-01-01", "ends_on": "2027-12-31"}
    assert client.post("/results-frameworks", json=version | {"closed_on": "2027-12-31"}).status_code == 201
    assert put("R-5") == ["framework.closed"]
    assert put("R-1", sentence="Something else.") == ["framework.closed"]
    assert put("R-1", projects=["P"]) == []
    (shown,) = client.get("/result-records", params={"project": "Q"}).json()["items"]
    assert (shown["reference"], shown["same_as"], shown["region"]) == ("R-2", "R-1", "africa")


@pytest.mark.parametrize(
    ("stated", "money", "parts"),
    [
        ([], {}, {NOT_ATTRIBUTED: 1}),
        ([], {"RB": 1, "RBSA": 3}, {"RB": Decimal("0.25"), "RBSA": Decimal("0.75")}),
        (["RBSA"], {"RB": 1, "RBSA": 3}, {"RBSA": 1}),
        (["RBSA", "XBDC"], {"RB": 1}, {"RBSA": Decimal("0.5"), "XBDC": Decimal("0.5")}),
        ([], {"RB": -1, "RBSA": 2}, {"RBSA": 1}),
    ],
)
def test_a_result_goes_back_to_what_is_stated_or_to_what_was_spent(
    stated: list[str], money: dict[str, int], parts: dict[str, Decimal]
) -> None:
    assert attributed(stated, {source: Decimal(spent) for source, spent in money.items()}) == parts
