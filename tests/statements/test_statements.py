"""Statements of delivery: made once, never changed, and beside today's figures with the reasons of each difference."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.db.base import table
from app.db.control import DeliveryStatement, DeliveryStatementRow
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.periods import FiscalCalendar
from app.domain.terms import Role
from app.errors import Conflict, NotFound
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.language import i18n
from app.reports.service import run
from app.spending.schemas import AllocationIn, EncumbranceIn, RateIn, TransactionIn
from app.spending.service import put_allocation, put_encumbrance, put_rate, put_transaction
from app.statements import queries
from app.statements.compare import compare
from app.statements.service import make
from tests import portfolio
from tests.api import Api
from tests.filled import filled
from tests.processes import forking
from tests.statements.child import freeze

APRIL = dt.date(2026, 4, 3)
LATER = dt.date(2026, 6, 15)


def post(database: Database, document: str, amount: str, *, project: str = "P/1", date: str = "2026-03-10") -> None:
    body = {"document": document, "project": project, "type": "4", "date": date, "amount": amount, "currency": "USD"}
    with database.write("anna") as session:
        put_transaction(session, LOCAL, TransactionIn.model_validate(body), today=portfolio.TODAY)


def allocate(database: Database, amount: str, decided_on: str, *, project: str = "P/1", reason: str = "") -> None:
    body = {
        "project": project, "fiscal_year": "2026", "kind": "revised", "decided_on": decided_on, "amount": amount,
        "currency": "USD", "reason": reason or None,
    }  # fmt: skip
    with database.write("anna") as session:
        put_allocation(session, LOCAL, AllocationIn.model_validate(body), today=portfolio.TODAY)


def bind(database: Database, amount: str, date: str = "2026-02-01") -> None:
    body = {"document": f"EN-{amount}", "project": "P/1", "date": date, "amount": amount, "currency": "USD"}
    with database.write("anna") as session:
        put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(body), today=portfolio.TODAY)


def fill(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        unit = portfolio.unit(session, "ROAF")
        portfolio.officer(session, "ann", unit.id or 0)
        portfolio.project(session, "P/1", unit="ROAF", officer="ann")
        portfolio.project(session, "P/2")
    allocate(database, "1000", "2026-01-01")
    allocate(database, "500", "2026-01-01", project="P/2")
    post(database, "D-1", "250")
    post(database, "D-2", "50", project="P/2", date="2026-01-20")
    post(database, "D-3", "70", date="2026-04-02")
    bind(database, "40")


@pytest.fixture
def office(database: Database) -> Database:
    use_codelists(portfolio.known)
    filled(database, fill)
    return database


def told(database: Database, period: str) -> dict[str, object]:
    """Everything a statement says."""
    with database.read() as session:
        statement = queries.named(session, period)
        rows = [row.model_dump() for row in queries.rows(session, statement.id or 0)]
        return {**statement.model_dump(), "rows": rows}


def test_the_job_makes_last_month_and_last_year_once(office: Database, settings: Settings) -> None:
    made = run_job(office, settings, job("delivery-statements"), APRIL).content["recorded"]
    assert made == [
        {"period": "2026-03", "as_of": "2026-04-03", "rate": "20.00"},
        {"period": "2025", "as_of": "2026-04-03", "rate": None},
    ]
    again = run_job(office, settings, job("delivery-statements"), APRIL + dt.timedelta(days=20))
    assert again.content["recorded"] == []
    statement = told(office, "2026-03")
    assert (statement["allocation"], statement["expenditure"], statement["encumbrance"]) == (1500, 300, 40)
    rows = statement["rows"]
    assert isinstance(rows, list)
    assert [(r["project"], r["unit"], r["officer"], r["allocation"], r["expenditure"], r["rate"]) for r in rows] == [
        ("P/1", "ROAF", "ann", 1000, 250, "25.00"),
        ("P/2", None, None, 500, 50, "10.00"),
    ]
    with office.write("anna") as session, pytest.raises(Conflict, match="not over"):
        make(session, FiscalCalendar().month(2026, 4), as_of=APRIL, actor="anna")


def test_of_two_who_freeze_a_month_at_once_one_makes_it_and_the_other_is_told(
    office: Database, settings: Settings
) -> None:
    start, told = forking.Barrier(2), forking.Queue()
    given = {"database_url": settings.database_url}
    pair = [forking.Process(target=freeze, args=(given, "2026-03", "2026-04-03", start, told)) for _ in range(2)]
    for process in pair:
        process.start()
    answers = sorted(told.get() for _ in pair)
    for process in pair:
        process.join()
    assert [status for status, _ in answers] == [0, 1]
    assert "The statement of 2026-03 is made" in answers[0][1]
    assert "There is a statement of 2026-03 already" in answers[1][1]
    with office.read() as session:
        assert [each.period for each in queries.statements(session)] == ["2026-03"]


def test_what_changed_since_is_told_row_by_row_with_reasons(office: Database, settings: Settings) -> None:
    run_job(office, settings, job("delivery-statements"), APRIL)
    before = told(office, "2026-03")
    post(office, "D-4", "30", date="2026-03-31")
    post(office, "D-1", "240")
    allocate(office, "1200", "2026-05-02", reason="Carry-over")
    bind(office, "15", "2026-03-05")
    post(office, "D-5", "9", date="2026-05-01")
    with office.read() as session:
        found = compare(session, queries.named(session, "2026-03"), LATER).as_dict()
        shown = run(session, "delivery", period="2026-03", as_of=LATER, by=("project",)).as_dict()
    assert found["changes"] == [
        {
            "project": "P/1",
            "then": {"allocation": "1000", "expenditure": "250", "encumbrance": "40", "rate": "25.00"},
            "now": {"allocation": "1200", "expenditure": "270", "encumbrance": "55", "rate": "22.50"},
            "reasons": [
                "1 late posting: 30 USD",
                "1 adjustment: -10 USD",
                "allocation revised to 1200 USD on 2026-05-02 (Carry-over)",
                "encumbrances +15",
            ],
        }
    ]
    reasons: list[str] = found["changes"][0]["reasons"]  # type: ignore[index]
    assert [i18n.words("es").said(reason) for reason in reasons] == [
        "1 asiento tardío: 30 USD",
        "1 ajuste: -10 USD",
        "asignación revisada a 1.200 USD el 2 may 2026 (Carry-over)",
        "compromisos +15",
    ]
    assert (found["unchanged"], shown["rows"][0]["rate"]) == (1, "22.50")
    assert told(office, "2026-03") == before
    with office.read() as session:
        same = compare(session, queries.named(session, "2025"), LATER)
    assert (same.changes, same.unchanged) == ((), 0)


@pytest.mark.parametrize("row_class", [DeliveryStatement, DeliveryStatementRow])
def test_the_database_refuses_to_change_a_statement(
    office: Database, settings: Settings, row_class: type[DeliveryStatement | DeliveryStatementRow]
) -> None:
    run_job(office, settings, job("delivery-statements"), APRIL)
    target = table(row_class)
    for statement in (update(target).values(expenditure=Decimal(0)), delete(target)):
        with pytest.raises(DBAPIError, match="appended and never changed"), office.write("anna") as session:
            session.execute(statement)


_CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["post", "correct", "allocate", "bind"]),
        st.integers(min_value=1, max_value=900),
        st.integers(min_value=1, max_value=28),
    ),
    max_size=6,
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=_CHANGES)
def test_a_statement_never_changes_whatever_happens_later(
    office: Database, settings: Settings, changes: list[tuple[str, int, int]]
) -> None:
    run_job(office, settings, job("delivery-statements"), APRIL)
    before = told(office, "2026-03")
    for number, (what, amount, day) in enumerate(changes):
        match what:
            case "post":
                with office.read() as session:
                    known = queries.newest(session).entry
                post(office, f"L-{known}-{number}", str(amount), date=f"2026-03-{day:02}")
            case "correct":
                post(office, "D-1", str(amount))
            case "allocate":
                allocate(office, str(amount), f"2026-05-{day:02}")
            case _:
                bind(office, str(amount), f"2026-03-{day:02}")
        run_job(office, settings, job("delivery-statements"), LATER)
    assert told(office, "2026-03") == before
    with office.read() as session:
        found = compare(session, queries.named(session, "2026-03"), portfolio.TODAY)
        shown = run(session, "delivery", period="2026-03", as_of=portfolio.TODAY, by=("project",)).as_dict()
    now = {change.project: change.now for change in found.changes}
    for row in shown["rows"]:
        if row["project"] in now:
            assert now[row["project"]].expenditure == Decimal(row["expenditure"])
            assert now[row["project"]].allocation == Decimal(row["allocation"])
    assert all(change.reasons and change.reasons != ("other records changed",) for change in found.changes)


def test_statements_are_shown_by_the_service(light_api: Api) -> None:
    client = light_api.client(Role.VIEWER)
    with light_api.database.write("anna") as session:
        portfolio.project(session, "P/1")
    allocate(light_api.database, "100", "2026-01-01")
    post(light_api.database, "D-1", "40")
    run_job(light_api.database, light_api.settings, job("delivery-statements"), APRIL)
    listed = client.get("/delivery-statements", params={"kind": "month"}).json()["items"]
    assert [(each["period"], each["expenditure"], each["rate"]) for each in listed] == [("2026-03", "40", "40.00")]
    place = f"/delivery-statements/{listed[0]['id']}"
    assert client.get(place).json()["as_of"] == "2026-04-03"
    assert [row["project"] for row in client.get(f"{place}/rows").json()["items"]] == ["P/1"]
    post(light_api.database, "D-2", "5")
    found = client.get(f"{place}/comparison", params={"as_of": "2026-05-01"}).json()
    assert [change["reasons"] for change in found["changes"]] == [["1 late posting: 5 USD"]]
    assert client.get("/delivery-statements/999/rows").status_code == 404


def test_a_period_without_a_statement_names_those_there_are(office: Database, settings: Settings) -> None:
    run_job(office, settings, job("delivery-statements"), APRIL)
    with office.read() as session, pytest.raises(NotFound, match="2026-03, 2025"):
        queries.named(session, "2026-02")


def test_a_rate_that_was_corrected_is_a_reason_why_figures_are_others_now(office: Database, settings: Settings) -> None:
    with office.write("anna") as session:
        put_rate(
            session, LOCAL, RateIn.model_validate({"currency": "EUR", "effective_on": "2026-01-01", "rate": "0.8"})
        )
        body = {
            "document": "D-9",
            "project": "P/1",
            "type": "4",
            "date": "2026-03-10",
            "amount": "80",
            "currency": "EUR",
        }
        put_transaction(session, LOCAL, TransactionIn.model_validate(body), today=portfolio.TODAY)
    run_job(office, settings, job("delivery-statements"), APRIL)
    with office.write("anna") as session:
        put_rate(
            session, LOCAL, RateIn.model_validate({"currency": "EUR", "effective_on": "2026-03-01", "rate": "0.5"})
        )
    with office.read() as session:
        (changed,) = compare(session, queries.named(session, "2026-03"), LATER).as_dict()["changes"]
    # 250 and 80 euro, which were 100 dollars and are 160
    assert (changed["then"]["expenditure"], changed["now"]["expenditure"]) == ("350.00", "410.00")
    assert changed["reasons"] == ["rates of exchange of EUR were recorded since"]
