"""A change of an encumbrance has a day of its own, a slip of the same day is a correction, and the books hold."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from httpx import Response
from sqlalchemy import update

from app import clock
from app.config import Settings
from app.db.base import table, utc_now
from app.db.encumbrances import EncumbranceRevision
from app.db.engine import Database
from app.db.lookups import the_setup
from app.db.spending import Encumbrance
from app.domain.access import LOCAL
from app.spending.schemas import EncumbranceIn, EncumbrancePatch
from app.spending.service import put_encumbrance, release_encumbrances, update_encumbrance
from app.tabular.flat.queries_money import encumbrances
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.api import Api
from tests.queries import count_queries
from tests.reports.test_encumbrances_changed import ROW, bound, change

LATE = "2026-11-20"


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    made = Api(settings, database)
    with database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        portfolio.project(session, "Q")
        put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(ROW), today=dt.date(2026, 1, 10))
    return made


def put(api: Api, day: dt.date, **values: str) -> str:
    with api.database.write("tests") as session:
        return put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(ROW | values), today=day).outcome


def by_month(api: Api, as_of: str = LATE) -> list[str]:
    """What was bound at the end of the first six months of 2026."""
    found = bound(api, as_of, by="month")
    return [found.get(f"2026-{month:02}", "0") for month in range(1, 7)]


def close(api: Api, day: dt.date) -> None:
    with api.database.write("tests") as session:
        the_setup(session).closed_until = day


def faults(answer: Response) -> set[tuple[str, str]]:
    return {(each["pointer"], each["rule"]) for each in answer.json()["errors"]}


def patch(api: Api, **body: str) -> Response:
    client = api.client()
    seen = client.get("/encumbrances/1").headers["etag"]
    return client.patch("/encumbrances/1", json=body, headers={"If-Match": seen})


def test_a_slip_that_is_mended_on_the_same_day_was_never_bound(api: Api) -> None:
    client = api.client()
    slip = {"document": "S", "project": "Q", "date": "2026-01-10", "amount": "1000000", "currency": "USD"}
    made = client.post("/encumbrances", json=slip)
    assert made.status_code == 201, made.text
    recorded = utc_now().isoformat()
    address = f"/encumbrances/{made.json()['id']}"
    first = client.patch(address, json={"amount": "90"}, headers={"If-Match": made.headers["etag"]})
    assert first.status_code == 200, first.text
    again = client.patch(address, json={"amount": "100"}, headers={"If-Match": first.headers["etag"]})
    assert again.status_code == 200, again.text
    assert by_month(api) == ["200"] * 6
    assert bound(api, "2026-06-30")["Q"] == "100"
    # what was on record until then is told still
    assert bound(api, LATE, recorded_at=recorded)["Q"] == "1000000"


def test_a_slip_of_a_change_is_mended_from_the_day_of_the_change_on(api: Api) -> None:
    today = clock.today(api.settings)
    patched = patch(api, amount="1400", changed_on="2026-03-05")
    assert patched.status_code == 200, patched.text
    put(api, today, amount="140")
    assert by_month(api) == ["100", "100", "140", "140", "140", "140"]


def test_an_end_of_the_same_day_makes_no_slip_of_what_was_recorded_before(api: Api) -> None:
    with api.database.write("tests") as session:
        session.execute(update(table(Encumbrance)).values(created_at=dt.datetime(2026, 1, 10, 9, tzinfo=dt.UTC)))
    today = clock.today(api.settings)
    with api.database.write("tests") as session:
        assert release_encumbrances(session, LOCAL, ["E"], today) == 1
    put(api, today, amount="140", released_on=today.isoformat())
    # it bound 100 until today, and nothing since
    assert by_month(api) == ["100"] * 6
    with api.database.write("tests") as session:
        row = session.get_one(Encumbrance, 1)
        update_encumbrance(session, LOCAL, row, EncumbrancePatch.model_validate({"released_on": None}), today=today)
    assert by_month(api) == ["100"] * 6
    assert bound(api, today.isoformat())["P"] == "140"


def test_the_day_of_a_record_is_one_of_the_organisation(api: Api) -> None:
    api.database.zone = ZoneInfo("Pacific/Kiritimati")
    with api.database.write("tests") as session:
        # the 11th there
        session.execute(update(table(Encumbrance)).values(created_at=dt.datetime(2026, 1, 10, 20, tzinfo=dt.UTC)))
    put(api, dt.date(2026, 1, 11), amount="7")
    assert bound(api, "2026-01-10") == {"P": "7"}


def test_a_month_end_file_that_comes_later_tells_its_own_day(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "march.csv"
    file.write_text(
        "document,project,date,amount,currency,changed_on\n"
        "E,P,2026-01-10,40,USD,2026-03-31\n"
        "N,P,2026-03-15,60,USD,2026-03-31\n"
    )
    for updated in (1, 0):
        report = import_table(api.database, LOCAL, kind("encumbrances"), file, today=dt.date(2026, 4, 2))
        assert (report.faults, report.created, report.updated) == ([], updated, updated)
    assert by_month(api) == ["100", "100", "100", "100", "100", "100"]
    assert bound(api, "2026-03-30")["P"] == "160"
    # a day that is learnt after a later one leaves what stands
    change(api, "2026-06-10", amount="30")
    put(api, dt.date(2026, 6, 11), amount="50", changed_on="2026-05-02")
    assert by_month(api) == ["100", "100", "100", "100", "110", "90"]
    assert api.client().get("/encumbrances/1").json()["amount"] == "30"


def test_closed_books_take_a_change_of_an_open_day_alone(api: Api) -> None:
    close(api, dt.date(2026, 3, 31))
    refused = patch(api, amount="40")
    assert refused.status_code == 422
    assert faults(refused) == {("/amount", "encumbrance.closed-period")}
    refused = patch(api, amount="40", changed_on="2026-03-31")
    assert faults(refused) == {("/changed_on", "encumbrance.closed-period")}
    refused = patch(api, amount="40", changed_on="2100-01-01")
    assert faults(refused) == {("/changed_on", "encumbrance.future-date")}
    taken = patch(api, amount="40", project="Q", changed_on="2026-04-01")
    assert taken.status_code == 200, taken.text
    assert by_month(api) == ["100", "100", "100", "40", "40", "40"]
    assert bound(api, "2026-03-31") == {"P": "100"}


def test_a_flat_table_tells_project_and_days_as_reports_do(api: Api) -> None:
    with api.database.write("tests") as session:
        portfolio.project(session, "R")
        moved = {"project": "Q", "date": "2026-03-01"}
        update_encumbrance(
            session, LOCAL, session.get_one(Encumbrance, 1), EncumbrancePatch.model_validate(moved),
            today=dt.date(2026, 3, 5),
        )  # fmt: skip

    def rows(day: dt.date | None) -> list[tuple[str, dt.date, str]]:
        with api.database.read() as session:
            return [(row.activity, row.date, str(row.amount)) for row in session.execute(encumbrances(day))]

    first, last = dt.date(2026, 1, 10), dt.date(2026, 3, 1)
    assert rows(dt.date(2026, 1, 9)) == []
    for day in (first, dt.date(2026, 2, 1), dt.date(2026, 3, 4)):
        assert rows(day) == [("P", first, "100")]
        assert bound(api, day.isoformat()).get("P") == "100"
    assert rows(dt.date(2026, 3, 5)) == rows(None) == [("Q", last, "100")]


def test_what_ends_before_it_begins_bound_nothing_in_any_month(api: Api) -> None:
    put(api, dt.date(2026, 3, 10), document="L", date="2026-03-10")
    with api.database.write("tests") as session:
        assert release_encumbrances(session, LOCAL, ["L"], dt.date(2026, 1, 31)) == 1
    assert by_month(api) == ["100"] * 6
    # as a release of before today was kept
    with api.database.write("tests") as session:
        told = {"encumbrance_id": 1, "project_id": 1, "amount": Decimal(100), "currency": "USD", "kind": "encumbrance"}
        for sequence, known_on in ((1, dt.date(1900, 1, 1)), (2, dt.date(2026, 1, 5))):
            session.add(
                EncumbranceRevision.model_validate(
                    {**told, "date": dt.date(2026, 1, 10), "sequence": sequence, "known_on": known_on,
                     "released_on": None if sequence == 1 else dt.date(2026, 1, 10), "recorded_by": "tests"})
            )  # fmt: skip
        session.execute(
            update(table(Encumbrance)).where(table(Encumbrance).c.id == 1).values(released_on=dt.date(2026, 1, 10))
        )
    assert by_month(api) == ["0"] * 6


def test_an_end_that_is_taken_back_leaves_every_month_as_it_was(api: Api) -> None:
    change(api, "2026-03-05", amount="140")
    with api.database.write("tests") as session:
        release_encumbrances(session, LOCAL, ["E"], dt.date(2026, 2, 1))
    assert by_month(api) == ["100", "0", "0", "0", "0", "0"]
    change(api, "2026-04-10", released_on=None)
    assert by_month(api) == ["100", "100", "140", "140", "140", "140"]


def test_many_are_ended_and_changed_by_a_constant_number_of_statements(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"

    def load(count: int, amount: str) -> int:
        rows = [f"M{number},P,2026-02-01,{amount},USD\n" for number in range(count)]
        file.write_text("document,project,date,amount,currency\n" + "".join(rows))
        with count_queries(api.database) as statements:
            report = import_table(api.database, LOCAL, kind("encumbrances"), file, today=dt.date(2026, 4, 2))
        assert report.faults == []
        return len(statements)

    def taken(count: int) -> Mapping[str, int]:
        found = {"created": load(count, "10"), "changed": load(count, "20")}
        with count_queries(api.database) as statements, api.database.write("tests") as session:
            assert release_encumbrances(session, LOCAL, [f"M{each}" for each in range(count)], dt.date(2026, 5, 1))
        found["ended"] = len(statements)
        with api.database.write("tests") as session:
            session.execute(update(table(Encumbrance)).values(released_on=None))
        return found

    few, many = taken(20), taken(200)
    # SQLite stores 64 rows by a statement
    assert {name: most for name, most in many.items() if most > few[name] + 15} == {}, few
