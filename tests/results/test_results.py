"""Logframes of projects and the results framework: by rows of tables and over HTTP."""

from typing import Any

import pytest
from sqlmodel import Session

from app.config import Settings
from app.db.engine import Database
from app.domain.access import LOCAL, Actor
from app.domain.terms import Role
from app.errors import InvalidInput, NotAllowed
from app.results import logframe
from app.results.schemas import FrameworkIn, ResultIn
from app.results.service import put_framework, put_result
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
