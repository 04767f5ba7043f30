"""Logframes of projects and the results framework: by rows of tables and over HTTP."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from app.config import Settings
from app.db.engine import Database
from app.db.results import PeriodValue
from app.domain.access import LOCAL, Actor
from app.domain.terms import Role
from app.errors import InvalidInput, NotAllowed
from app.results import logframe
from app.results.items import put_framework
from app.results.schemas import FrameworkIn, ResultIn
from app.results.service import put_result
from tests import portfolio
from tests.api import Api
from tests.queries import count_queries

ROW = {
    "project": "P", "result": "Inspectors enforce the law", "type": "outcome", "indicator": "Inspectors trained",
    "measure": "unit", "baseline_year": "2024", "baseline_value": "0", "period_start": "2026-01-01",
    "period_end": "2026-12-31", "target": "120", "actual": "95",
}  # fmt: skip


def put(session: Session, **values: Any) -> Any:
    return put_result(session, LOCAL, ResultIn.model_validate({**ROW, **values}))


def shown(session: Session, result_id: int) -> list[tuple[str, list[tuple[str | None, str | None]]]]:
    """Indicators with target and actual of each period."""
    found = []
    for indicator in logframe.load(session, [result_id])[result_id]:
        values = [(period.value("target"), period.value("actual")) for period in indicator.periods]
        found.append((indicator.row.title, [(a and a.value, b and b.value) for a, b in values]))
    return found


def test_each_row_is_a_period_of_an_indicator(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        later = {"period_start": "2027-01-01", "period_end": "2027-12-31", "target": "200"}
        rows: list[dict[str, Any]] = [{}, later, {"indicator": "Visits made"}, {"actual": "96"}]
        puts = [put(session, **values) for values in rows]
        assert [one.outcome for one in puts] == ["created", "created", "created", "updated"]
        assert len({one.row.id for one in puts}) == 1
        assert shown(session, puts[0].row.id) == [
            ("Inspectors trained", [("120", "96"), ("200", "95")]),
            ("Visits made", [("120", "95")]),
        ]
        assert [put(session, **values).outcome for values in rows[1:]] == ["unchanged"] * 3


def test_notes_of_the_rows_of_a_result_are_gathered_once(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        for note in ("As published.", "Illustrative.", "As published."):
            row = put(session, note=note).row
        assert row.note == "As published.\nIllustrative."


def test_a_row_that_cannot_be_is_refused(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        with pytest.raises(InvalidInput) as error:
            put(session, project="NONE", period_end="2025-01-01", baseline_year=None)
        assert {fault.pointer for fault in error.value.faults} == {"/project", "/period_end", "/baseline_year"}


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"target": "many"}, {"/target"}),
        ({"target": "5 persons", "actual": "about 95"}, {"/target", "/actual"}),
        ({"measure": "percentage", "baseline_value": "10%", "target": "50 %"}, {"/baseline_value", "/target"}),
        ({"measure": "ordinal", "actual": "High"}, {"/actual"}),
        ({"baseline_value": None}, {"/baseline_value"}),
        ({"baseline_year": "2099"}, {"/baseline_year"}),
        ({"baseline_year": "2026"}, set()),
        # periods of later years may follow in later rows, up to the end of the project
        ({"baseline_year": "2027"}, set()),
        ({"baseline_year": "2028"}, {"/baseline_year"}),
        (
            {"baseline_year": "2099", "period_start": None, "period_end": None, "target": None, "actual": None},
            {"/baseline_year"},
        ),
        ({"period_start": None}, {"/period_start"}),
        ({"period_end": None, "actual": None}, {"/period_end"}),
        ({"measure": "qualitative", "target": "50%", "actual": "High", "baseline_value": None}, set()),
        ({"target": "-0.5", "actual": "1000"}, set()),
    ],
)
def test_values_go_with_the_measure(database: Database, values: dict[str, Any], places: set[str]) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P", planned_start="2026-01-01", planned_end="2027-12-31")
        if not places:
            assert put(session, **values).outcome == "created"
            return
        with pytest.raises(InvalidInput) as error:
            put(session, **values)
        assert {fault.pointer for fault in error.value.faults} == places


def test_a_row_that_names_no_measure_is_judged_by_that_of_its_indicator(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        put(session, measure="qualitative", baseline_value="Low", target="High", actual="Medium")
        row = {name: value for name, value in ROW.items() if name != "measure"}
        body = {**row, "baseline_value": "Low", "target": "Very high", "actual": "Medium"}
        assert put_result(session, LOCAL, ResultIn.model_validate(body)).outcome == "updated"
        assert put_result(session, LOCAL, ResultIn.model_validate(body)).outcome == "unchanged"


ITEM = {
    "framework": "2026-27", "level": "indicator", "code": "1.1.2", "title": "Inspectorates modernised", "target": "15",
    "regions": {"africa": "4", "americas": "3.50"},
}  # fmt: skip


def test_a_framework_item_is_known_by_framework_level_and_code(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        puts = [
            put_framework(session, LOCAL, FrameworkIn.model_validate({**ITEM, **values}))
            for values in ({}, {}, {"regions": {"africa": "5"}}, {"level": "output"})
        ]
        assert [one.outcome for one in puts] == ["created", "unchanged", "updated", "created"]
        assert dict(puts[0].row.regions) == {"africa": "5"}
        own = portfolio.unit(session, "OWN")
        with pytest.raises(NotAllowed):
            put_framework(session, Actor(name="b", role=Role.OFFICER, unit_id=own.id), FrameworkIn.model_validate(ITEM))


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    made = Api(settings, database)
    with database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
    return made


def result(number: int, indicators: int) -> dict[str, Any]:
    return {
        "project": "P",
        "result": f"Result {number}",
        "type": "output",
        "indicators": [
            {
                "indicator": f"Indicator {place}",
                "baseline": {"year": 2024, "value": "0"},
                "periods": [{"period_start": "2026-01-01", "period_end": "2026-12-31", "target": "5"}],
            }
            for place in range(indicators)
        ],
    }


def test_a_result_is_added_and_changed_whole(api: Api) -> None:
    client = api.client()
    made = client.post("/results", json=result(1, 2))
    assert made.status_code == 201, made.text
    assert client.post("/results", json=result(1, 2)).status_code == 409
    wanted = [{"indicator": "Indicator 1", "periods": []}, {"indicator": "New"}]
    changed = client.patch(
        f"/results/{made.json()['id']}", json={"indicators": wanted}, headers={"If-Match": made.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    body = changed.json()
    assert [(one["indicator"], one["baseline"], one["periods"]) for one in body["indicators"]] == [
        ("Indicator 1", None, []),
        ("New", None, []),
    ]
    assert body["version"] > made.json()["version"]
    assert client.get(f"/results/{made.json()['id']}").json() == body


def test_words_of_a_qualitative_indicator_are_kept_as_comments_and_told_as_values(api: Api, database: Database) -> None:
    client = api.client()
    days = {"period_start": "2026-01-01", "period_end": "2026-12-31"}
    indicator = {
        "indicator": "Quality of inspection",
        "measure": "qualitative",
        "baseline": {"year": 2024, "value": "Low", "comment": "few visits"},
        "periods": [{**days, "target": "High", "actual": None}],
    }
    made = client.post("/results", json={**result(1, 0), "indicators": [indicator]})
    assert made.status_code == 201, made.text
    (told,) = made.json()["indicators"]
    assert told["baseline"] == {"year": 2024, "value": "Low: few visits", "comment": "Low: few visits"}
    assert told["periods"] == [{**days, "target": "High", "actual": None}]
    with database.read() as session:
        assert [(row.value, row.comment) for row in session.scalars(select(PeriodValue))] == [(None, "High")]
    again = {name: told[name] for name in ("indicator", "measure", "baseline", "periods")}
    changed = client.patch(
        f"/results/{made.json()['id']}", json={"indicators": [again]}, headers={"If-Match": made.headers["etag"]}
    )
    assert changed.json()["indicators"] == [told]


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"baseline": {"year": 2024}}, ["/indicators/0/baseline/value"]),
        ({"baseline": {"year": 2024, "value": "10%"}}, ["/indicators/0/baseline/value"]),
        ({"periods": [{"target": "5"}]}, ["/indicators/0/periods/0"]),
        (
            {"periods": [{"period_start": "2026-01-01", "period_end": "2026-12-31", "actual": "1,000"}]},
            ["/indicators/0/periods/0/actual"],
        ),
    ],
)
def test_a_value_that_cannot_be_published_is_refused_with_its_place(
    api: Api, change: dict[str, Any], pointers: list[str]
) -> None:
    body = {**result(1, 0), "indicators": [{"indicator": "Trained", **change}]}
    refused = api.client().post("/results", json=body)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == pointers


def test_results_are_listed_with_their_indicators_in_six_statements(api: Api, database: Database) -> None:
    client = api.client()
    for number in range(4):
        assert client.post("/results", json=result(number, number + 1)).status_code == 201
    for limit in (1, 4):
        with count_queries(database) as statements:
            assert len(client.get(f"/results?limit={limit}").json()["items"]) == limit
        assert len(statements) == 6


def test_framework_items_are_kept_over_http(api: Api) -> None:
    client = api.client()
    made = client.post("/framework-items", json=ITEM)
    assert made.status_code == 201, made.text
    changed = client.patch(
        f"/framework-items/{made.json()['id']}", json={"result_total": "9"}, headers={"If-Match": made.headers["etag"]}
    )
    assert (changed.json()["result_total"], changed.json()["regions"]) == ("9", ITEM["regions"])
    assert [item["code"] for item in client.get("/framework-items?level=indicator").json()["items"]] == ["1.1.2"]
