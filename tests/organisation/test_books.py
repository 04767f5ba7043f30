"""Closed books: nobody posts into them, by whatever door; they are opened again with a reason, which is kept."""

import datetime as dt
from typing import Any

import pytest
from sqlmodel import Session, select

from app.config import Settings
from app.db.engine import Database
from app.db.people import AuditEvent
from app.domain.access import LOCAL, Role
from app.errors import InvalidInput
from app.inputs import validated
from app.organisation.books import set_books
from app.organisation.schemas import BooksIn
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
