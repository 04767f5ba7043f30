"""A large portfolio is summed in two halves at once, and says what it says when it is summed at a time."""

import datetime as dt
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlmodel import Session

from app.db.at_once import meanwhile
from app.db.engine import Database
from app.db.spending import Encumbrance, ExchangeRate
from app.db.unchanged import known
from app.domain.delivery import Variant
from app.errors import StorageFailed
from app.reports import delivery_sums
from app.reports.service import run
from tests.filled import filled as put_there
from tests.queries import count_queries
from tests.reports.test_by_portion import ACTIVE, KEYS, TODAY, allocate, fill, post


def put_in(database: Database) -> None:
    """Projects in three portions; postings and allocations in two currencies, some of which lacks a rate."""
    chance = random.Random(7)
    with database.write("test") as session:
        fill(session)
        day, rate = dt.date(2026, 2, 1), Decimal("0.9")
        session.add(ExchangeRate(currency="EUR", effective_on=day, rate=rate, recorded_by="tests"))
        for number in range(150):
            post(session, chance)
            allocate(session, chance)
            began = dt.date(chance.choice((2025, 2026)), chance.randint(1, 6), 1)
            row = Encumbrance(
                document=f"E{number}",
                project_id=chance.choice(ACTIVE),
                date=began,
                amount=Decimal(number),
                currency="USD",
            )
            if number < 10:
                # of some projects none ends in the first year
                row.released_on = began + dt.timedelta(days=20)
            session.add(row)


@pytest.fixture
def filled(database: Database) -> Database:
    put_there(database, put_in)
    return database


def is_beside(session: Session) -> bool:
    with meanwhile(session) as aside:
        return aside.is_beside


@pytest.mark.parametrize("variant", list(Variant))
@pytest.mark.parametrize(
    ("by", "period"), [(("project",), "2025..2026"), (("unit", "project"), "2026"), (("project", "month"), "2026")]
)
def test_in_halves_as_at_a_time(
    filled: Database, variant: Variant, by: tuple[str, ...], period: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.read() as session:
        plain = run(session, "delivery", period=period, as_of=TODAY, by=by, variant=variant.value)
        monkeypatch.setattr(delivery_sums, "_LARGE", 2)
        with count_queries(filled) as statements:
            halved = run(session, "delivery", period=period, as_of=TODAY, by=by, variant=variant.value)
    assert halved == plain
    assert len(plain.rows) >= len(KEYS) - 1
    halves = sum("project_id <" in statement and "sum(" in statement for statement in statements)
    # spending, and what it is compared with where that is receipts
    assert halves == (0 if filled.is_sqlite else 4 if variant is Variant.CUMULATIVE_RECEIPTS else 2)


def test_projects_below_their_pace_in_halves_as_at_a_time(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled.read() as session:
        plain = run(session, "under-delivery", period="2026", as_of=TODAY)
        monkeypatch.setattr(delivery_sums, "_LARGE", 2)
        assert run(session, "under-delivery", period="2026", as_of=TODAY) == plain
    assert plain.rows


@pytest.fixture
def postgresql(filled: Database) -> Database:
    if filled.is_sqlite:
        pytest.skip("of SQLite everything is read in its turn")
    return filled


def count_of(session: Session) -> int:
    return int(session.connection().exec_driver_sql("SELECT count(*) FROM ledger_entries").scalar_one())


def test_both_see_the_same_snapshot(postgresql: Database) -> None:
    chance = random.Random(8)
    with postgresql.read() as session:
        before = count_of(session)
        with postgresql.write("test") as other:
            post(other, chance)
        with meanwhile(session) as aside:
            assert aside.is_beside
            assert aside.begin(count_of)() == before


def test_what_is_read_aside_is_known_to_be_read(postgresql: Database) -> None:
    def read(session: Session) -> int:
        with meanwhile(session) as aside:
            assert aside.is_beside
            return aside.begin(count_of)()

    def look() -> int:
        with postgresql.read() as session:
            return known(session, "counted aside", read)

    before = look()
    assert look() == before
    with postgresql.write("test") as session:
        post(session, random.Random(9))
    assert look() == before + 1


def test_one_at_a_time_reads_aside_and_others_in_their_turn(postgresql: Database) -> None:
    with postgresql.read() as one, postgresql.read() as two:
        with meanwhile(one) as aside:
            assert aside.is_beside
            with meanwhile(two) as later:
                assert not later.is_beside
                assert later.begin(count_of)() == aside.begin(count_of)()
        assert is_beside(two), "the turn was given back"


def test_who_writes_reads_what_it_wrote(postgresql: Database) -> None:
    with postgresql.write("test") as session:
        post(session, random.Random(10))
        with meanwhile(session) as aside:
            assert not aside.is_beside
            assert aside.begin(count_of)() == count_of(session)


def test_without_free_connections_all_is_read_in_turn(postgresql: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgresql.read() as session:
        monkeypatch.setattr(postgresql.engine.pool, "size", lambda: 1)
        assert not is_beside(session)
        monkeypatch.undo()
        assert is_beside(session)


@pytest.fixture
def of_no_snapshots(postgresql: Database) -> Iterator[Database]:
    """A server that lets nobody take a snapshot along, as some poolers and providers do."""
    engine = postgresql.engine

    def say(*statements: str) -> None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for each in statements:
                connection.exec_driver_sql(each)
        engine.dispose()

    def read_alone(connection: psycopg.Connection, _record: object) -> None:
        connection.execute("SET ROLE reader")
        connection.commit()

    function = "FUNCTION pg_export_snapshot()"
    say("CREATE ROLE reader", "GRANT pg_read_all_data TO reader", f"REVOKE EXECUTE ON {function} FROM PUBLIC")
    event.listen(engine, "connect", read_alone)
    yield postgresql
    event.remove(engine, "connect", read_alone)
    engine.dispose()
    say(f"GRANT EXECUTE ON {function} TO PUBLIC", "DROP ROLE reader")


def test_where_no_snapshot_is_given_away_all_is_read_in_turn(
    of_no_snapshots: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_sums, "_LARGE", 2)
    for _ in range(2):
        with of_no_snapshots.read() as session:
            assert not is_beside(session)
            assert run(session, "delivery", period="2025..2026", as_of=TODAY, by=("project",)).rows


@contextmanager
def coming_to_grief(database: Database, backend: str) -> Iterator[None]:
    """The next time that the server is asked for a snapshot it ends the statement, or the connection."""
    left = [f"SELECT {backend}(pg_backend_pid())"]

    def ask(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        return (left.pop() if left and "pg_export_snapshot" in statement else statement), parameters

    event.listen(database.engine, "before_cursor_execute", ask, retval=True)
    try:
        yield
        assert not left
    finally:
        event.remove(database.engine, "before_cursor_execute", ask)


ENDED = ("pg_cancel_backend", "pg_terminate_backend")


@pytest.mark.parametrize("backend", ENDED)
def test_a_question_that_came_to_grief_is_no_answer(postgresql: Database, backend: str) -> None:
    with postgresql.read() as session:
        with coming_to_grief(postgresql, backend):
            assert not is_beside(session)
        assert count_of(session), "this report is read in turn"
    with postgresql.read() as session:
        assert is_beside(session), "the next one is not"


@pytest.mark.parametrize("backend", ENDED)
def test_a_fault_that_ends_the_reading_itself_is_told(postgresql: Database, backend: str) -> None:
    with postgresql.read() as session:
        assert is_beside(session)
    with pytest.raises(StorageFailed), postgresql.read() as session, coming_to_grief(postgresql, backend):
        is_beside(session)
    with postgresql.read() as session:
        assert is_beside(session), "the turn was given back"


def test_a_fault_aside_is_told_and_the_connection_given_back(postgresql: Database) -> None:
    def fail(_session: Session) -> int:
        raise ValueError("no")

    with postgresql.read() as session:
        with pytest.raises(ValueError, match="no"), meanwhile(session) as aside:
            aside.begin(fail)()
        assert postgresql.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
        assert is_beside(session)


def test_after_a_fault_here_nothing_aside_is_waited_for(postgresql: Database) -> None:
    asked: list[str] = []

    def asleep(session: Session) -> None:
        asked.append("asleep")
        session.connection().exec_driver_sql("SELECT pg_sleep(3600)")

    with pytest.raises(RuntimeError, match="here"), postgresql.read() as session, meanwhile(session) as aside:
        assert aside.is_beside
        aside.begin(asleep)
        aside.begin(asleep)
        while not asked:
            time.sleep(0.01)
        raise RuntimeError("here")
    assert asked == ["asleep"]
    with postgresql.read() as session:
        assert is_beside(session), "the turn was given back"
