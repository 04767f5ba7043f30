"""Closed books: nobody posts into them, by whatever door; they are opened again with a reason, which is kept."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from app.config import Settings
from app.db.dated import InstitutionalBudgetRevision
from app.db.engine import Database
from app.db.people import AuditEvent
from app.domain.access import LOCAL, Role
from app.errors import InvalidInput
from app.funding.presets import ship_presets
from app.funding.schemas import AgreementIn
from app.funding.service import put_agreement
from app.inputs import validated
from app.organisation.books import set_books
from app.organisation.schemas import BooksIn
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.api import Api
from tests.web.people import FROM_HERE, signed_in

TODAY = dt.date(2026, 11, 20)
POSTING = {"project": "P", "type": "expenditure", "date": "2025-06-30", "amount": "10", "currency": "USD"}
BOUND = {"project": "P", "date": "2025-06-30", "amount": "10", "currency": "USD"}


def close(session: Session, day: str | None, reason: str | None = None) -> None:
    set_books(session, LOCAL, validated(BooksIn, {"closed_until": day, "reason": reason}), today=TODAY)


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    made = Api(settings, database)
    with database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        portfolio.project(session, "Q")
    return made


def test_a_day_that_is_not_over_is_not_closed_and_opening_again_needs_a_reason(database: Database) -> None:
    with database.write("tests") as session:
        setup = portfolio.set_up(session)
        with pytest.raises(InvalidInput) as refused:
            close(session, "2026-11-20")
        assert [fault.rule for fault in refused.value.faults] == ["books.future-date"]
        close(session, "2025-12-31")
        for day in ("2025-06-30", None):
            with pytest.raises(InvalidInput) as refused:
                close(session, day)
            assert [fault.rule for fault in refused.value.faults] == ["books.reason"]
        assert setup.closed_until == dt.date(2025, 12, 31)
        close(session, "2025-06-30", "The auditors asked for it")
        assert setup.closed_until == dt.date(2025, 6, 30)
        events = session.exec(select(AuditEvent).where(AuditEvent.action.endswith("-books"))).all()  # type: ignore[attr-defined]
        assert [(event.action, (event.after or {}).get("reason")) for event in events] == [
            ("close-books", None),
            ("open-books", "The auditors asked for it"),
        ]


def test_nothing_is_posted_into_closed_books_over_http(api: Api) -> None:
    client = api.client()
    kept = client.post("/transactions", json=POSTING | {"document": "D-1"})
    assert kept.status_code == 201
    assert client.get("/books").json() == {"closed_until": None}
    assert client.put("/books", json={"closed_until": "2025-12-31"}).json() == {"closed_until": "2025-12-31"}
    correction = POSTING | {"document": "D-2", "amount": "-10", "adjusts": "D-1", "reason": "Booked twice"}
    for body in (POSTING | {"document": "D-3"}, correction):
        refused = client.post("/transactions", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (422, "transaction.closed-period")
    assert client.post("/transactions", json=correction | {"date": "2026-01-15"}).status_code == 201
    assert client.put("/books", json={"closed_until": None}).status_code == 422
    for body in ({}, {"reason": "Late voucher"}):
        left_out = client.put("/books", json=body)
        assert (left_out.status_code, left_out.json()["errors"][0]["rule"]) == (422, "required"), "opens nothing"
    assert client.get("/books").json() == {"closed_until": "2025-12-31"}
    assert client.put("/books", json={"closed_until": None, "reason": "Late voucher"}).status_code == 200
    assert client.post("/transactions", json=POSTING | {"document": "D-3"}).status_code == 201


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ({"amount": "5"}, ["encumbrance.closed-period"]),
        ({"date": "2026-01-05"}, ["encumbrance.closed-period"]),
        ({"project": "Q"}, ["encumbrance.closed-period"]),
        ({"released_on": "2025-12-31"}, ["encumbrance.closed-period"]),
        ({"released_on": "2026-01-05"}, []),
        ({"note": "Seen"}, []),
    ],
)
def test_what_bound_money_in_closed_books_only_ends_after_them(
    api: Api, values: dict[str, Any], rules: list[str]
) -> None:
    client = api.client()
    made = client.post("/encumbrances", json=BOUND | {"document": "E-1"})
    assert made.status_code == 201, made.text
    client.put("/books", json={"closed_until": "2025-12-31"})
    held = {"If-Match": made.headers["etag"]}
    path = f"/encumbrances/{made.json()['id']}"
    refused = client.patch(path, json=values, headers=held)
    assert [fault["rule"] for fault in refused.json().get("errors", [])] == rules
    if rules:
        assert client.delete(path, headers=held).status_code == 409
        new = client.post("/encumbrances", json=BOUND | {"document": "E-2"})
        assert new.json()["errors"][0]["rule"] == "encumbrance.closed-period"


#: what is decided or holds from a day: path, body, field of the day, what tells another figure of the same day
DATED: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "/allocations": (
        {"project": "P", "fiscal_year": "2025", "source": "RB", "kind": "original", "amount": "10", "currency": "USD"},
        "decided_on",
        {"amount": "20"},
    ),
    "/rates": ({"currency": "EUR", "rate": "0.8"}, "effective_on", {"rate": "0.9"}),
    "/institutional-budgets": (
        {"kind": "total", "period_start": "2025-01-01", "period_end": "2025-12-31", "amount": "10", "currency": "USD"},
        "decided_on",
        {"amount": "20"},
    ),
    "/agreements/A/shares": ({"project": "P", "percent": "10"}, "decided_on", {"percent": "20"}),
    "/agreements/A/amendments": ({"reason": "More", "amount": "1100"}, "decided_on", {"amount": "1200"}),
    "/agreements/A/repurposings": (
        {"reason": "Asked for", "consent": "not-needed", "earmarked_for": "Peru"},
        "decided_on",
        {"earmarked_for": "Kenya"},
    ),
}


@pytest.mark.parametrize("path", DATED)
def test_no_decision_and_no_rate_is_dated_into_closed_books(api: Api, path: str) -> None:
    body, day, _ = DATED[path]
    with api.database.write("tests") as session:
        ship_presets(session)
        portfolio.partner(session, "NLD")
        signed = {"status": "signed", "signed_on": "2024-01-01", "currency": "USD", "amount": "1000"}
        body_of = AgreementIn.model_validate(
            {"reference": "A", "partner": "NLD", "title": "A", "preset": "project", **signed}
        )
        agreement = put_agreement(session, LOCAL, body_of, today=TODAY).row
        where = path.replace("/A/", f"/{agreement.id}/")
    client = api.client()
    client.post("/rates", json={"currency": "EUR", "effective_on": "2025-01-01", "rate": "0.7"})
    client.put("/books", json={"closed_until": "2025-12-31"})
    refused = client.post(where, json=body | {day: "2025-12-31"})
    assert refused.status_code == 422, refused.text
    (fault,) = refused.json()["errors"]
    assert (fault["pointer"], fault["rule"].partition(".")[2]) == (f"/{day}", "closed-period")
    taken = client.post(where, json=body | {day: "2026-01-01"})
    assert taken.status_code == 201, taken.text


@pytest.mark.parametrize("path", ["/allocations", "/rates"])
def test_what_stands_in_closed_books_is_told_again_but_not_corrected(api: Api, path: str) -> None:
    body, day, other = DATED[path]
    client = api.client()
    stands = body | {day: "2025-06-30"}
    assert client.put(path, json=stands).status_code == 200
    client.put("/books", json={"closed_until": "2025-12-31"})
    assert client.put(path, json=stands).status_code == 200
    refused = client.put(path, json=stands | other)
    assert (refused.status_code, refused.json()["errors"][0]["rule"].partition(".")[2]) == (422, "closed-period")
    client.put("/books", json={"closed_until": None, "reason": "The rate was misread"})
    assert client.put(path, json=stands | other).status_code == 200


def test_a_rate_that_was_missing_in_closed_books_may_come_but_none_beside_one_that_was_used(
    api: Api, tmp_path: Path
) -> None:
    client = api.client()
    client.post("/rates", json={"currency": "EUR", "effective_on": "2025-06-01", "rate": "0.8"})
    client.put("/books", json={"closed_until": "2025-12-31"})
    path = tmp_path / "rates.csv"
    path.write_text(
        "currency,effective_on,rate\nKES,2025-01-01,129\nKES,2025-07-01,130\nEUR,2025-01-01,0.9\nEUR,2025-02-01,0.7\n"
        "EUR,2025-06-01,0.8\nEUR,2025-06-02,0.9\nEUR,2025-06-01,0.9\n",
        encoding="utf-8",
    )
    told = import_table(api.database, LOCAL, kind("rates"), path, today=TODAY, row_wise=True)
    assert [(fault.row, fault.rule) for fault in told.faults] == [(7, "rate.closed-period"), (8, "table.repeated-key")]
    assert (told.created, told.unchanged) == (4, 1)


def test_an_allocation_of_closed_books_is_not_withdrawn_but_decided_anew(api: Api) -> None:
    client = api.client()
    body = DATED["/allocations"][0]
    made = client.post("/allocations", json=body | {"decided_on": "2025-06-30"}).json()
    client.put("/books", json={"closed_until": "2025-12-31"})
    refused = client.post(f"/allocations/{made['id']}/withdraw", json={"reason": "Never was"})
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "allocation.closed-period")
    anew = client.post("/allocations", json=body | {"decided_on": "2026-01-01", "kind": "revised", "amount": "0"})
    assert anew.status_code == 201


def test_a_budget_of_a_closed_year_that_nobody_dates_is_known_from_the_first_open_day(api: Api) -> None:
    client = api.client()
    client.put("/books", json={"closed_until": "2025-12-31"})
    made = client.post("/institutional-budgets", json=DATED["/institutional-budgets"][0])
    assert made.status_code == 201, made.text
    with api.database.read() as session:
        told = session.exec(select(InstitutionalBudgetRevision)).one()
        assert told.known_on == dt.date(2026, 1, 1)


def test_an_administrator_closes_the_books_on_a_page(api: Api) -> None:
    admin = signed_in(api, Role.ADMIN)
    assert "Close the books" in admin.get("/admin").text
    stored = admin.post("/admin/books", data={"closed_until": "2025-12-31"}, headers=FROM_HERE)
    assert (stored.status_code, stored.headers["location"]) == (303, "/admin")
    assert "2025-12-31" in admin.get("/admin/books").text
    assert "the books are closed until 31 Dec 2025" in admin.get("/admin").text
    refused = admin.post("/admin/books", data={"closed_until": ""}, headers=FROM_HERE)
    assert refused.status_code == 422
    assert "say why they are opened again" in refused.text
    officer = signed_in(api, Role.OFFICER)
    assert officer.get("/admin/books").status_code == 403
    assert officer.post("/admin/books", data={"closed_until": ""}, headers=FROM_HERE).status_code == 403
