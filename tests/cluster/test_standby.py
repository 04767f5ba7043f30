"""Long reading from a standby of PostgreSQL: never older than the question, and never in the way."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, Engine, text

from app.config import Settings
from app.db import schema
from app.db.engine import Database, open_database
from app.db.unchanged import known
from app.domain.terms import Role
from app.errors import UsageError
from tests.api import Api
from tests.cluster.parts import StandbyServer
from tests.postgres import PostgresServer, binaries, in_memory

BINARIES = binaries()
pytestmark = pytest.mark.skipif(
    BINARIES is None or not (BINARIES / "pg_basebackup").exists(), reason="no pg_basebackup on this machine"
)
ASIDE = text("SELECT pg_is_in_recovery()")


@dataclass(frozen=True, kw_only=True)
class Pair:
    standby: StandbyServer
    database: Database
    api: Api


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    assert BINARIES is not None
    with PostgresServer(BINARIES, in_memory()) as primary:
        url = primary.create("paired")
        with StandbyServer(primary) as standby:
            settings = Settings(
                database_url=url, replica_url=standby.url("paired"), replica_patience=60, _env_file=None
            )  # type: ignore[call-arg]  # fmt: skip
            database = open_database(settings)
            schema.migrate(database)
            yield Pair(standby=standby, database=database, api=Api(settings, database))
            database.dispose()


def test_what_was_stored_is_in_what_is_read_aside(pair: Pair) -> None:
    for number in range(20):
        pair.api.unit(f"U{number}")
        with pair.database.read(aside=True) as session:
            assert session.scalar(ASIDE)
            assert session.scalar(text("SELECT count(*) FROM units")) == number + 1
    with pair.database.read() as session:
        assert not session.scalar(ASIDE)


def test_what_is_remembered_of_a_standby_is_no_older_than_the_question(pair: Pair) -> None:
    def units() -> int:
        with pair.database.read(aside=True) as session:
            assert session.scalar(ASIDE)
            return known(session, "units", lambda fresh: fresh.scalar(text("SELECT count(*) FROM units")) or 0)

    def begun(name: str) -> Connection:
        connection = pair.database.engine.connect()
        connection.execute(text("INSERT INTO units (code, name, version, created_at, updated_at) "
                                "VALUES (:name, 'One', 1, now(), now())"), {"name": name})  # fmt: skip
        return connection

    before = units()
    # of three that are under way the newest is stored first: the oldest and the newest of them are the same after it
    longest, second, third = begun("LONGEST"), begun("SECOND"), begun("THIRD")
    for done, each in enumerate((third, second, longest), start=1):
        each.commit()
        each.close()
        assert units() == before + done


def test_reports_and_tables_are_read_aside(pair: Pair) -> None:
    client = pair.api.client(Role.VIEWER)
    asked: list[Engine] = []
    standby = pair.database.standby
    assert standby is not None
    with pytest.MonkeyPatch.context() as patch:
        engine_for = standby.engine_for

        def noted(primary: Engine) -> Engine:
            asked.append(primary)
            return engine_for(primary)

        patch.setattr(standby, "engine_for", noted)
        assert client.get("/reports/delivery?period=2026").status_code == 200
        assert client.get("/tables/projects").status_code == 200
        assert len(asked) == 2
        assert client.get("/projects").status_code == 200
        assert len(asked) == 2


def test_a_standby_that_is_behind_or_away_is_left_alone(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    standby = pair.database.standby
    assert standby is not None
    patience, standby.patience = standby.patience, 0.1
    pair.standby.pause()
    pair.api.unit("BEHIND")
    with caplog.at_level(logging.WARNING, "earmark.database"), pair.database.read(aside=True) as session:
        assert not session.scalar(ASIDE)
        assert session.scalar(text("SELECT count(*) FROM units WHERE code = 'BEHIND'")) == 1
    assert "the standby is more than 0.1 s behind" in caplog.text
    pair.standby.go_on()
    standby.patience = patience
    with pair.database.read(aside=True) as session:
        assert session.scalar(ASIDE)
    pair.standby.__exit__()
    with caplog.at_level(logging.WARNING, "earmark.database"), pair.database.read(aside=True) as session:
        assert not session.scalar(ASIDE)
    assert "the standby cannot be read" in caplog.text


def test_only_postgresql_has_a_standby() -> None:
    settings = Settings(database_url="postgresql://u@h/d", replica_url="sqlite:///x.db", _env_file=None)  # type: ignore[call-arg]
    with pytest.raises(UsageError, match="only PostgreSQL has a standby"):
        open_database(settings)
