"""The control cycle of delivery: targets, slow projects with what is done about them, obstacles that are escalated."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.config import Settings
from app.db.alerts import Alert, Message
from app.db.base import table
from app.db.engine import Database
from app.db.organisation import Unit
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import Role
from app.errors import Conflict, InvalidInput
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.reports.service import run
from app.spending.control import put_note, put_target
from app.spending.control_schemas import DeliveryNoteIn, TargetIn
from app.spending.schemas import AllocationIn, TransactionIn
from app.spending.service import put_allocation, put_transaction
from tests import portfolio
from tests.api import Api
from tests.filled import filled

JULY = dt.date(2026, 7, 1)
NOTE = {
    "project": "P/1", "period": "2026", "noted_on": "2026-06-20", "problem": "Procurement is late.",
    "action": "Order through the region", "owner": "Ann", "due_on": "2026-09-30",
}  # fmt: skip


def fill(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        unit = portfolio.unit(session, "ROAF")
        unit.head, unit.head_email = "Head", "head@unit.example.org"
        portfolio.officer(session, "ann", unit.id or 0)
        for code, spent in (("P/1", "100"), ("P/2", "200"), ("P/3", "600")):
            portfolio.project(session, code, unit="ROAF", officer="ann")
            allocation = {"project": code, "fiscal_year": "2026", "kind": "original", "decided_on": "2026-01-02"}
            body = AllocationIn.model_validate({**allocation, "amount": "1000", "currency": "USD"})
            put_allocation(session, LOCAL, body, today=portfolio.TODAY)
            posting = {"document": f"D-{code}", "project": code, "type": "4", "date": "2026-05-01", "amount": spent}
            put_transaction(
                session, LOCAL, TransactionIn.model_validate({**posting, "currency": "USD"}), today=portfolio.TODAY
            )


@pytest.fixture
def office(database: Database) -> Database:
    use_codelists(portfolio.known)
    filled(database, fill)
    return database


def target(database: Database, **values: str) -> str:
    body = {"scope": "unit", "code": "ROAF", "period": "2026", "decided_on": "2026-01-15", **values}
    with database.write("anna") as session:
        return put_target(session, LOCAL, TargetIn.model_validate(body), today=portfolio.TODAY).outcome


def note(database: Database, **values: object) -> str:
    with database.write("anna") as session:
        body = DeliveryNoteIn.model_validate({**NOTE, **values})
        return put_note(session, LOCAL, body, today=portfolio.TODAY).outcome


def by_unit(database: Database, as_of: dt.date = JULY, by: str = "unit") -> dict[str, object]:
    with database.read() as session:
        return dict(run(session, "delivery", period="2026", as_of=as_of, by=(by,)).as_dict()["rows"][0])


def slow(database: Database, as_of: dt.date = JULY, **options: str) -> dict[str, object]:
    with database.read() as session:
        return run(session, "under-delivery", period="2026", as_of=as_of, options=options).as_dict()


def test_delivery_stands_beside_its_target_as_it_was_decided_on_the_day(office: Database) -> None:
    assert "target" not in by_unit(office)
    assert target(office, scope="field-office", percent="70") == "created"
    assert by_unit(office)["target"] == "70.00"
    assert [target(office, percent="80"), target(office, percent="80")] == ["created", "unchanged"]
    assert target(office, decided_on="2026-06-01", amount="2700", currency="USD") == "created"
    shown = by_unit(office)
    assert (shown["rate"], shown["target"], shown["to_target"]) == ("30.00", "90.00", "-60.00")
    before = by_unit(office, dt.date(2026, 5, 31))
    assert (before["target"], before["to_target"]) == ("80.00", "-50.00")
    # the decision of a day is corrected, and then there is no target any more
    assert target(office, percent="75") == "updated"
    assert by_unit(office, dt.date(2026, 5, 31))["target"] == "75.00"
    assert target(office, decided_on="2026-06-30") == "created"
    assert by_unit(office)["target"] == "70.00"
    target(office, scope="officer", code="ann", percent="50.5")
    assert by_unit(office, by="officer")["to_target"] == "-20.50"


def test_a_target_that_cannot_be_is_refused_with_every_fault(office: Database) -> None:
    with pytest.raises(InvalidInput) as refused:
        target(office, code="NOWHERE", period="spring", decided_on="2027-01-01", percent="80", amount="5")
    assert [fault.pointer for fault in refused.value.faults] == [
        "/code", "/period", "/decided_on", "/amount", "/currency",
    ]  # fmt: skip


def test_slow_projects_are_listed_with_what_is_done_about_them(office: Database) -> None:
    found = slow(office)
    assert [row["project"] for row in found["rows"]] == ["P/1", "P/2"]  # type: ignore[attr-defined]
    assert "P/1, P/2" in str(found["remarks"])
    note(office)
    assert note(office) == "unchanged"
    with pytest.raises(Conflict, match="another day"):
        note(office, action="Wait")
    first, second = slow(office)["rows"]  # type: ignore[misc]
    told = ("problem", "action", "owner", "due_on", "noted_on", "escalated")
    assert [first[name] for name in told] == [
        "Procurement is late.", "Order through the region", "Ann", "2026-09-30", "2026-06-20", "no",
    ]  # fmt: skip
    assert (second["problem"], second["projected"]) == (None, "40.11")
    # before the note nobody knew
    assert slow(office, dt.date(2026, 6, 19))["totals"]["without_note"] == 2  # type: ignore[index]
    assert [row["project"] for row in slow(office, threshold="30")["rows"]] == ["P/1"]  # type: ignore[attr-defined]


def test_what_needs_somebody_higher_is_told_to_the_head_once(office: Database, settings: Settings) -> None:
    with pytest.raises(InvalidInput, match="fault"):
        note(office, escalated=True)
    note(office)
    note(office, noted_on="2026-06-25", obstacle="The bank account is blocked.", escalated=True)
    alerts = job("delivery-alerts")
    made = run_job(office, settings, alerts, JULY).content
    assert [(each["rung"], each["due"]) for each in made["recorded"]] == [("delivery-obstacle", "2026-09-30")]  # type: ignore[attr-defined]
    again = run_job(office, settings, job("alerts"), JULY + dt.timedelta(days=1)).content
    assert ([each for each in again["recorded"] if each["subject"] == "delivery"], again["messages"]) == ([], 0)  # type: ignore[attr-defined]
    with office.read() as session:
        [message] = session.scalars(select(Message))
        alert = session.scalars(select(table(Alert).c.message)).one()
    assert message.recipient == "head@unit.example.org"
    assert "P/1" in (message.subject or "")
    assert "The bank account is blocked" in (message.subject or "")
    assert "Order through the region (Ann, by 2026-09-30)" in alert
    # a newer note says how it stands: nothing is left to tell to a head who comes later
    with office.write("anna") as session:
        session.get_one(Unit, 1).head_email = "new@unit.example.org"
    note(office, noted_on="2026-07-02", action="It is solved")
    run_job(office, settings, job("alerts"), dt.date(2026, 7, 3))
    with office.read() as session:
        assert len(list(session.scalars(select(Message)))) == 1


def test_targets_and_notes_go_in_through_the_service(light_api: Api) -> None:
    client = light_api.client(Role.OFFICER)
    unit = light_api.unit("ROAF")
    with light_api.database.write("anna") as session:
        portfolio.project(session, "P/1", unit="ROAF")
    assert unit
    made = client.post("/delivery-notes", json=NOTE)
    assert (made.status_code, made.json()["period_end"]) == (201, "2026-12-31")
    body = {"scope": "unit", "code": "ROAF", "period": "2026-Q3", "decided_on": "2026-01-15", "percent": "80"}
    assert client.post("/delivery-targets", json=body).status_code == 201
    assert client.get("/delivery-targets", params={"code": "ROAF"}).json()["items"][0]["period_start"] == "2026-07-01"
    assert [each["owner"] for each in client.get("/delivery-notes", params={"project": "P/1"}).json()["items"]] == [
        "Ann"
    ]
    table_ = client.get("/tables/delivery-targets").text.splitlines()
    assert table_[1] == "unit,ROAF,2026-Q3,2026-01-15,80,,,"
