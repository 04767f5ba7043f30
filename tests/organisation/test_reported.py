"""What was reported of closed books: no change of agreements, instalments and rates tells other figures of them."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlmodel import select

from app import clock
from app.config import Settings
from app.db.base import table
from app.db.dated import InstalmentRevision
from app.db.engine import Database
from app.domain.access import LOCAL, Role
from app.funding.presets import ship_presets
from app.reports.service import run
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.api import Api
from tests.web.people import FROM_HERE, signed_in

CLOSED = dt.date(2025, 12, 31)
OPEN = {"signed_on": "2026-02-01"}
RULE = "agreement.closed-period"
A = {"reference": "A", "partner": "NLD", "title": "A", "preset": "project", "currency": "USD", "amount": "1000"}
SIGNED = {**A, "status": "signed", "signed_on": "2024-01-01", "ends_on": "2026-06-30"}
ENDED = {**SIGNED, "ends_on": "2025-06-30"}


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    made = Api(settings, database)
    with database.write("tests") as session:
        portfolio.set_up(session)
        ship_presets(session)
        portfolio.project(session, "P")
        for code in ("NLD", "SWE"):
            portfolio.partner(session, code)
    return made


def post(api: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    made = api.client().post(path, json=body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def close(api: Api) -> None:
    assert api.client().put("/books", json={"closed_until": str(CLOSED)}).status_code == 200


def patch(api: Api, agreement: dict[str, Any], body: dict[str, Any]) -> Response:
    path = f"/agreements/{agreement['id']}"
    client = api.client()
    changed: Response = client.patch(path, json=body, headers={"If-Match": client.get(path).headers["etag"]})
    return changed


def decided(api: Api, agreement: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What was decided: (day, status, amount) each, in the order of recording."""
    found = api.client().get(f"/agreements/{agreement['id']}/revisions").json()["items"]
    told = sorted(found, key=lambda each: each["sequence"])
    return [(each["decided_on"], each["status"], each["amount"]) for each in told]


def approved(api: Api, as_of: dt.date = CLOSED) -> list[tuple[object, ...]]:
    """Approvals by partner and year, as they were known on a day."""
    return told(api, "approvals", as_of)


def told(api: Api, name: str, as_of: dt.date = CLOSED) -> list[tuple[object, ...]]:
    """A report of the years 2024 and 2025, as of a day."""
    with api.database.read() as session:
        return [tuple(row) for row in run(session, name, period="2024-2025", as_of=as_of).rows]


def refused(answer: Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault["pointer"], fault["rule"]) for fault in answer.json()["errors"]]


@pytest.mark.parametrize(
    "terms", [{"amount": "5000"}, {"gross": False, "support_cost_rate": "0"}, {"ends_on": "2025-09-30"}]
)
def test_what_changes_with_the_end_of_an_agreement_is_decided_today(api: Api, terms: dict[str, Any]) -> None:
    agreement = post(api, "/agreements", ENDED)
    close(api)
    before = approved(api)
    assert patch(api, agreement, {"status": "completed", **terms}).status_code == 200
    assert decided(api, agreement) == [
        ("2024-01-01", "signed", "1000"),
        ("2026-01-01", "completed", "1000"),
        (str(clock.today(api.settings)), "completed", terms.get("amount", "1000")),
    ]
    assert approved(api) == before


def test_what_is_completed_ended_on_its_last_day_where_the_books_are_open(api: Api) -> None:
    agreement = post(api, "/agreements", ENDED)
    assert patch(api, agreement, {"status": "completed", "amount": "5000"}).status_code == 200
    assert decided(api, agreement)[1:] == [
        ("2025-06-30", "completed", "1000"),
        (str(clock.today(api.settings)), "completed", "5000"),
    ]


def test_what_is_said_of_a_day_of_closed_books_is_refused_of_an_agreement_without_shares(api: Api) -> None:
    agreement = post(api, "/agreements", SIGNED)
    close(api)
    answer = patch(api, agreement, {"amount": "5000", "decided_on": "2025-12-31"})
    assert refused(answer) == [("/decided_on", RULE)]
    assert patch(api, agreement, {"amount": "5000", "decided_on": "2026-01-01"}).status_code == 200


@pytest.mark.parametrize(
    ("before", "after"), [("2024-01-01", "2025-05-05"), ("2024-01-01", "2026-02-01"), ("2026-02-01", "2025-05-05")]
)
def test_a_signature_moves_neither_from_nor_into_closed_books(api: Api, before: str, after: str) -> None:
    agreement = post(api, "/agreements", {**SIGNED, "signed_on": before})
    close(api)
    answer = patch(api, agreement, {"signed_on": after})
    assert refused(answer) == [("/signed_on", RULE)]
    assert "an administrator opens them again with a reason" in answer.text
    api.client().put("/books", json={"closed_until": None, "reason": "The day was misread"})
    assert patch(api, agreement, {"signed_on": after}).status_code == 200


@pytest.mark.parametrize(("field", "value"), [("currency", "EUR"), ("partner", "SWE")])
def test_who_gave_and_in_which_currency_stays_as_it_was_reported(api: Api, field: str, value: str) -> None:
    old, new = post(api, "/agreements", SIGNED), post(api, "/agreements", {**SIGNED, "reference": "B", **OPEN})
    pledge = post(api, "/agreements", {**A, "reference": "C", "status": "pledged", "decided_on": "2025-02-01"})
    close(api)
    before = approved(api)
    for agreement in (old, pledge):
        answer = patch(api, agreement, {field: value})
        assert refused(answer) == [(f"/{field}", RULE)]
        assert "cancel the agreement" in answer.text
    assert approved(api) == before
    assert patch(api, new, {field: value}).status_code == 200


def test_what_was_entered_after_the_closing_was_not_reported_and_is_corrected(api: Api) -> None:
    close(api)
    agreement = post(api, "/agreements", SIGNED)
    for values in ({"currency": "EUR"}, {"partner": "SWE"}, {"signed_on": "2025-05-05"}):
        assert patch(api, agreement, values).status_code == 200, values


def test_an_instalment_is_not_decided_in_closed_books(api: Api) -> None:
    agreement = post(api, "/agreements", SIGNED)
    instalment = {"due_on": "2025-06-30", "amount": "100"}
    path = f"/agreements/{agreement['id']}/instalments"
    post(api, path, {**instalment, "due_on": "2025-05-31"})
    close(api)
    answer = api.client().post(path, json={**instalment, "decided_on": "2025-02-01"})
    assert refused(answer) == [("/decided_on", RULE)]
    before = told(api, "earmarking")
    post(api, path, {**instalment, "decided_on": "2026-02-01"})
    post(api, path, {**instalment, "due_on": "2025-07-31"})
    assert told(api, "earmarking") == before
    with api.database.read() as session:
        rows = session.exec(select(InstalmentRevision).order_by(table(InstalmentRevision).c.id)).all()
        assert [str(row.known_on) for row in rows] == ["2024-01-01", "2026-02-01", "2026-01-01"]


def rows(api: Api, tmp_path: Path, name: str, text: str) -> list[tuple[int, str, str]]:
    """Imports a table; gives what was remarked of it: (row, rule, message)."""
    path = tmp_path / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    done = import_table(api.database, LOCAL, kind(name), path, today=clock.today(api.settings))
    assert not done.faults
    return [(each.row, each.rule, each.message) for each in done.findings if each.rule.endswith("closed-period")]


def test_an_old_signature_of_a_table_goes_in_with_a_remark(api: Api, tmp_path: Path) -> None:
    post(api, "/agreements", {**A, "reference": "B", "status": "pledged", "decided_on": "2025-02-01"})
    allocation = {"project": "P", "fiscal_year": "2025", "source": "A", "kind": "original", "amount": "10"}
    post(api, "/allocations", {**allocation, "currency": "USD", "decided_on": "2025-01-01"})
    close(api)
    head = "reference,partner,title,preset,status,signed_on,decided_on,currency,amount\n"
    of_then = "and the books are closed until 2025-12-31: what was"
    of_them = "allocations that were decided in books that are closed until 2025-12-31"
    assert rows(
        api,
        tmp_path,
        "agreements",
        head
        + "A,NLD,A,project,signed,2024-01-01,,USD,1000\n"
        + "B,NLD,A,project,signed,2025-03-01,,USD,1000\n"
        + "C,NLD,A,project,pledged,,2025-04-01,USD,1000\n"
        + "D,NLD,A,project,signed,2026-01-01,,USD,1000\n",
    ) == [
        (2, RULE, f"A takes over {of_them}: delivery by partner is no longer what was reported of them."),
        (2, RULE, f"A was signed on 2024-01-01, {of_then} approved then is more than was reported."),
        (3, RULE, f"B was signed on 2025-03-01, {of_then} approved then is more than was reported."),
        (4, RULE, f"C was pledged on 2025-04-01, {of_then} pledged then is more than was reported."),
    ]
    assert rows(api, tmp_path, "instalments", "agreement,due_on,amount\nA,2024-06-30,10\n") == [
        (2, RULE, "The books are closed until 2025-12-31: this is known from 2026-01-01 on.")
    ]


def test_rates_that_were_missing_come_one_by_one_and_are_corrected(api: Api) -> None:
    client = api.client()
    client.post("/rates", json={"currency": "EUR", "effective_on": "2025-06-01", "rate": "0.8"})
    close(api)
    for day, rate in (("2025-01-01", "129"), ("2025-02-01", "130"), ("2025-03-01", "13")):
        post(api, "/rates", {"currency": "KES", "effective_on": day, "rate": rate})
    better = {"currency": "KES", "effective_on": "2025-03-01", "rate": "131"}
    assert client.put("/rates", json=better).status_code == 200
    post(api, "/rates", {"currency": "EUR", "effective_on": "2025-05-01", "rate": "0.7"})
    beside = {"currency": "EUR", "effective_on": "2025-07-01", "rate": "0.7"}
    assert refused(client.post("/rates", json=beside)) == [("/effective_on", "rate.closed-period")]
    # what stands when they are closed again was reported by then
    client.put("/books", json={"closed_until": "2026-01-31"})
    again = {"currency": "KES", "effective_on": "2025-04-01", "rate": "131"}
    assert refused(client.post("/rates", json=again)) == [("/effective_on", "rate.closed-period")]


def remarked(answer: Response) -> list[tuple[str, str]]:
    assert answer.status_code in (200, 201), answer.text
    return [(each["pointer"], each["rule"]) for each in answer.json()["remarks"]]


def test_the_api_remarks_what_was_told_otherwise_of_closed_books(api: Api) -> None:
    client = api.client()
    reported = post(api, "/agreements", ENDED)
    pledge = post(api, "/agreements", {**A, "reference": "B", "status": "pledged", "decided_on": "2025-02-01"})
    assert (reported["remarks"], pledge["remarks"]) == ([], [])
    close(api)
    assert remarked(client.post("/agreements", json={**SIGNED, "reference": "C"})) == [("/signed_on", RULE)]
    assert remarked(client.post("/agreements", json={**SIGNED, **OPEN, "reference": "D"})) == []
    assert remarked(patch(api, pledge, {"status": "signed", "signed_on": "2025-05-05"})) == [("/signed_on", RULE)]
    # what has no history: others join, and an office tells that it raised the money
    joined = patch(api, reported, {"further_partners": ["SWE:40"], "mobilised_locally": True})
    assert remarked(joined) == [("/further_partners", RULE), ("/mobilised_locally", RULE)]
    assert remarked(patch(api, reported, {"status": "completed"})) == [("/decided_on", RULE)]
    assert "remarks" not in client.get(f"/agreements/{reported['id']}").json()


def test_the_api_remarks_a_moved_day_of_instalments_and_budgets(api: Api) -> None:
    client = api.client()
    path = f"/agreements/{post(api, '/agreements', SIGNED)['id']}/instalments"
    budget = {
        "kind": "total",
        "period_start": "2025-01-01",
        "period_end": "2025-12-31",
        "amount": "7",
        "currency": "USD",
    }
    assert post(api, path, {"due_on": "2025-05-31", "amount": "100"})["remarks"] == []
    close(api)
    made = post(api, path, {"due_on": "2025-06-30", "amount": "100"})
    assert [(each["pointer"], each["rule"]) for each in made["remarks"]] == [("/decided_on", RULE)]
    assert "this is known from 2026-01-01 on" in made["remarks"][0]["message"]
    one = f"{path}/{made['id']}"
    assert "remarks" not in client.get(one).json()
    changed = client.patch(one, json={"note": "Late"}, headers={"If-Match": client.get(one).headers["etag"]})
    assert changed.json()["remarks"] == []
    made = post(api, "/institutional-budgets", budget)
    assert [each["pointer"] for each in made["remarks"]] == ["/decided_on"]
    one = f"/institutional-budgets/{made['id']}"
    assert "remarks" not in client.get(one).json()
    changed = client.patch(one, json={"note": "Late"}, headers={"If-Match": client.get(one).headers["etag"]})
    assert changed.json()["remarks"] == []


def test_pages_remark_it_as_well(api: Api) -> None:
    close(api)
    officer = signed_in(api, Role.OFFICER)
    stored = officer.post("/agreements/new", data=SIGNED, headers=FROM_HERE)
    assert stored.status_code == 303, stored.text
    address = stored.headers["location"]
    shown = officer.get(address).text
    assert "The agreement is stored. A was signed on 1 Jan 2024, and the books are closed until 31 Dec 2025" in shown
    instalment = {"due_on": "2025-06-30", "amount": "10"}
    stored = officer.post(f"{address}/instalments/new", data=instalment, headers=FROM_HERE)
    assert stored.status_code == 303, stored.text
    assert "this is known from 1 Jan 2026 on" in officer.get(address).text
