"""An encumbrance that is changed today read otherwise yesterday, in every report, and as it was on record then."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.config import Settings
from app.db.base import table
from app.db.base import utc_now as now
from app.db.encumbrances import EncumbranceRevision
from app.db.engine import Database
from app.db.lookups import row_by
from app.db.spending import Encumbrance
from app.domain.access import LOCAL
from app.spending.schemas import EncumbranceIn, EncumbrancePatch, LiquidationIn
from app.spending.service import (
    liquidate_encumbrance,
    put_encumbrance,
    release_encumbrances,
    update_encumbrance,
)
from app.tabular.flat.queries_money import encumbrances
from tests import portfolio
from tests.api import Api

ROW = {"document": "E", "project": "P", "date": "2026-01-10", "amount": "100", "currency": "USD"}


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    made = Api(settings, database)
    with database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        put_encumbrance(session, LOCAL, EncumbranceIn.model_validate(ROW), today=dt.date(2026, 1, 10))
    return made


def bound(api: Api, as_of: str, **asked: str) -> dict[str, str]:
    query = {"period": "2026", "as_of": as_of, "variant": "(expenditure+encumbrance)/allocation", "by": "project"}
    answer = api.client().get("/reports/delivery", params=query | asked)
    assert answer.status_code == 200, answer.text
    name = asked.get("by", "project")
    return {row[name]: row["encumbrance"] for row in answer.json()["rows"]}


def change(api: Api, day: str, **values: object) -> None:
    with api.database.write("tests") as session:
        row = row_by(session, Encumbrance, "document", "E")
        assert row is not None
        update_encumbrance(
            session, LOCAL, row, EncumbrancePatch.model_validate(values), today=dt.date.fromisoformat(day)
        )


def test_an_amount_counts_from_the_day_on_which_it_was_changed(api: Api) -> None:
    change(api, "2026-03-05", amount="140")
    change(api, "2026-06-01", amount="90", currency="USD")
    days = ("2026-01-09", "2026-01-10", "2026-03-04", "2026-03-05", "2026-05-31", "2026-06-01")
    assert [bound(api, day).get("P", "0") for day in days] == ["0", "100", "100", "140", "140", "90"]
    # each month tells what was bound at its end, and those that are over say what they said
    by_month = bound(api, "2026-11-20", by="month")
    assert [by_month[f"2026-{month:02}"] for month in range(1, 8)] == ["100", "100", "140", "140", "140", "90", "90"]


def test_what_a_report_said_at_a_moment_it_says_again(api: Api) -> None:
    before = now().isoformat()
    change(api, "2026-03-05", amount="140")
    changed = now().isoformat()
    with api.database.write("tests") as session:
        # learnt later: it ended before
        assert release_encumbrances(session, LOCAL, ["E"], dt.date(2026, 2, 1)) == 1
    assert bound(api, "2026-11-20").get("P", "0") == "0"
    assert bound(api, "2026-01-31") == {"P": "100"}
    assert bound(api, "2026-11-20", recorded_at=changed) == {"P": "140"}
    assert bound(api, "2026-11-20", recorded_at=before) == {"P": "100"}


def test_a_liquidation_leaves_what_was_bound_before_it(api: Api) -> None:
    with api.database.write("tests") as session:
        row = row_by(session, Encumbrance, "document", "E")
        assert row is not None
        body = LiquidationIn.model_validate({"document": "V", "date": "2026-04-01", "amount": "60"})
        liquidate_encumbrance(session, LOCAL, row, body, today=dt.date(2026, 4, 10))
    assert bound(api, "2026-03-31") == {"P": "100"}
    assert bound(api, "2026-04-01") == {"P": "0"}


def test_it_moves_to_another_project_on_the_day_of_the_change(api: Api) -> None:
    with api.database.write("tests") as session:
        portfolio.project(session, "Q")
    change(api, "2026-03-05", project="Q")
    assert bound(api, "2026-03-04") == {"P": "100"}
    assert bound(api, "2026-03-05").get("Q") == "100"
    assert bound(api, "2026-03-05").get("P", "0") == "0"


def test_what_changes_no_figure_leaves_no_history(api: Api) -> None:
    change(api, "2026-03-05", note="A word", amount="100")
    with api.database.read() as session:
        assert session.scalars(select(EncumbranceRevision)).all() == []


def test_flat_tables_tell_the_amount_of_their_day(api: Api) -> None:
    change(api, "2026-03-05", amount="140")
    with api.database.read() as session:
        for day, amount in ((dt.date(2026, 3, 4), "100"), (dt.date(2026, 3, 5), "140"), (None, "140")):
            assert [str(row.amount) for row in session.execute(encumbrances(day))] == [amount]


def test_history_is_appended_and_never_changed(api: Api) -> None:
    change(api, "2026-03-05", amount="140")
    row = table(EncumbranceRevision).c
    with api.database.read() as session:
        told = session.execute(select(row.sequence, row.known_on, row.amount).order_by(row.sequence)).all()
    assert [(each.sequence, each.known_on, str(each.amount)) for each in told] == [
        (1, dt.date(1900, 1, 1), "100"), (2, dt.date(2026, 3, 5), "140")
    ]  # fmt: skip
