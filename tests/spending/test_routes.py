"""Money over HTTP: posted, listed, corrected by further rows."""

from typing import Any

import pytest

from app.config import Settings
from app.db.engine import Database
from tests import portfolio
from tests.api import Api
from tests.queries import count_queries


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    made = Api(settings, database)
    with database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        portfolio.pool(session, "RBSA")
    return made


POSTING: dict[str, Any] = {
    "document": "EX-1",
    "project": "P",
    "type": "expenditure",
    "date": "2026-03-31",
    "amount": "100.10",
    "currency": "USD",
}


def test_a_posting_comes_back_as_it_was_sent(api: Api) -> None:
    client = api.client()
    made = client.post("/transactions", json=POSTING)
    assert made.status_code == 201, made.text
    shown = client.get(f"/transactions/{made.json()['id']}").json()
    assert (shown["document"], shown["type"], shown["amount"]) == ("EX-1", "4", "100.10")
    assert client.post("/transactions", json=POSTING).status_code == 409


def test_a_posting_is_not_changed_but_adjusted(api: Api) -> None:
    client = api.client()
    made = client.post("/transactions", json=POSTING)
    refused = client.patch(
        f"/transactions/{made.json()['id']}", json={"amount": "5"}, headers={"If-Match": made.headers["etag"]}
    )
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["rule"] == "transaction.posted"
    adjustment = {**POSTING, "document": "EX-2", "adjusts": "EX-1", "amount": "-5", "reason": "Counted twice"}
    assert client.post("/transactions", json=adjustment).json()["adjusts"] == made.json()["id"]


def test_a_repeated_post_posts_once(api: Api) -> None:
    client = api.client()
    answers = [client.post("/transactions", json=POSTING, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(client.get("/transactions").json()["items"]) == 1


def test_transactions_are_listed_in_two_statements(api: Api, database: Database) -> None:
    client = api.client()
    for number in range(5):
        body = {**POSTING, "document": f"EX-{number}", "date": f"2026-0{number + 1}-01"}
        assert client.post("/transactions", json=body).status_code == 201
    transfer = {**POSTING, "document": "TR-1", "pool": "RBSA", "type": "disbursement"}
    assert client.post("/transactions", json=transfer).json()["project"] == "RBSA"
    for query, found in (("", 6), ("?type=4&date_from=2026-03-01", 3), ("?internal=true", 1), ("?project=RBSA", 1)):
        with count_queries(database) as statements:
            assert len(client.get(f"/transactions{query}").json()["items"]) == found
        assert len(statements) == 2


def test_the_history_of_allocations_is_shown_when_asked_for(api: Api) -> None:
    client = api.client()
    decision = {
        "project": "P",
        "fiscal_year": "2026",
        "kind": "original",
        "decided_on": "2026-01-15",
        "amount": "500",
        "currency": "USD",
    }
    first = client.post("/allocations", json=decision)
    assert first.status_code == 201, first.text
    assert client.post("/allocations", json=decision).status_code == 409
    corrected = client.put("/allocations", json={**decision, "amount": "550"})
    assert corrected.json()["supersedes"] == first.json()["id"]
    assert [item["amount"] for item in client.get("/allocations?project=P").json()["items"]] == ["550"]
    assert [item["amount"] for item in client.get("/allocations?history=true").json()["items"]] == ["500", "550"]
    gone = client.post(f"/allocations/{corrected.json()['id']}/withdraw", json={"reason": "Wrong project"})
    assert gone.status_code == 201, gone.text
    assert client.get("/allocations").json()["items"] == []


def test_an_advance_is_liquidated(api: Api) -> None:
    client = api.client()
    advance = {
        "document": "AD-1",
        "project": "P",
        "date": "2026-02-01",
        "amount": "40",
        "currency": "USD",
        "kind": "advance",
    }
    made = client.post("/encumbrances", json=advance)
    assert made.status_code == 201, made.text
    spent = {"document": "EX-1", "date": "2026-03-01", "amount": "38.5"}
    answer = client.post(
        f"/encumbrances/{made.json()['id']}/liquidate", json=spent, headers={"If-Match": made.headers["etag"]}
    )
    assert (answer.status_code, answer.json()["amount"]) == (201, "38.5")
    assert client.get("/encumbrances?open=true").json()["items"] == []


def test_rates_and_institutional_budgets_are_kept(api: Api) -> None:
    client = api.client()
    rate = {"currency": "EUR", "effective_on": "2026-01-01", "rate": "0.853"}
    assert client.post("/rates", json=rate).status_code == 201
    assert client.post("/rates", json=rate).status_code == 409
    assert client.put("/rates", json={**rate, "rate": "0.86"}).json()["sequence"] == 2
    assert len(client.get("/rates?currency=EUR").json()["items"]) == 2
    budget = {
        "kind": "country",
        "country": "KE",
        "period_start": "2026-01-01",
        "period_end": "2026-12-31",
        "amount": "7",
        "currency": "USD",
    }
    made = client.post("/institutional-budgets", json=budget)
    assert made.status_code == 201, made.text
    changed = client.patch(
        f"/institutional-budgets/{made.json()['id']}",
        json={"status": "committed"},
        headers={"If-Match": made.headers["etag"]},
    )
    assert changed.json()["status"] == "committed"
