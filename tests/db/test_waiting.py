"""Who changes what somebody else is changing waits for a while, and is then told for whom; nothing is half stored."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest

from app.config import Settings
from app.db import engine
from app.db.engine import Database
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.domain.ledger import TransactionType
from app.errors import StorageFailed
from tests import portfolio
from tests.api import Api


@pytest.fixture(autouse=True)
def _several_writers(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("one writer has the whole file on SQLite")


def test_who_waited_for_an_import_in_vain_is_told_so_and_stores_nothing(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a second for others, and room for the rest however slow the machine
    monkeypatch.setattr(engine, "_FOR_OTHERS", 1 / 30)
    client = Api(settings.model_copy(update={"statement_seconds": 30}), database).client()
    made = client.post("/projects", json={"code": "A/1", "title": "Wages", "status": "implementation"})
    address = made.headers["location"].removeprefix("/api/v1")
    with database.write("import") as session:
        spent = LedgerEntry(
            project_id=made.json()["id"], document="EX-1", type=TransactionType.EXPENDITURE, date=dt.date(2026, 3, 1),
            amount=Decimal(5), currency="USD",
        )  # fmt: skip
        session.add(spent)
        session.flush()
        answer = client.patch(address, json={"title": "Living wages"}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:earmark:problem:storage-failed")
    assert answer.json()["detail"].startswith("Somebody else is changing the same records, as an import does")
    assert client.get(address).json()["title"] == "Wages"
    assert client.patch(address, json={"title": "Living wages"}, headers={"If-Match": "*"}).status_code == 200


def test_of_two_who_wait_for_each_other_one_is_stopped_and_told_to_try_again(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        keys = [portfolio.project(session, code).id for code in ("A/1", "A/2")]
    met = Barrier(2)

    def change(name: str) -> str | None:
        order = keys if name == "anna" else keys[::-1]
        try:
            with database.write(name) as session:
                for key in order:
                    session.get_one(Project, key).title = f"Changed by {name}"
                    session.flush()
                    if key == order[0]:
                        met.wait(60)
        except StorageFailed as failure:
            return failure.message
        return None

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(change, ["anna", "boris"]))
    stopped = [message for message in told if message is not None]
    (message,) = stopped
    assert message.startswith("Two changed the same records, each waiting for the other, and this one was stopped")
    winner = "anna" if told[0] is None else "boris"
    with database.read() as session:
        assert {session.get_one(Project, key).title for key in keys} == {f"Changed by {winner}"}
