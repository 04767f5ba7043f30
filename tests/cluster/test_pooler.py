"""What is done every day, through PgBouncer in transaction mode, as a role that owns nothing."""

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.config import Settings
from app.db import schema
from app.db.engine import Database, open_database
from app.deploy import text_of
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.errors import StorageFailed
from app.http.queries import database_figures
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.publishing.codes import code_checker
from app.publishing.service import export_activities
from app.reports.service import run
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests.api import Api
from tests.cluster.parts import Pooler
from tests.postgres import PostgresServer
from tests.web import example

pytestmark = pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="no pgbouncer on this machine")

DAY = dt.date(2026, 11, 20)


@dataclass(frozen=True, kw_only=True)
class Office:
    """A database with its roles, migrated by its owner, and used by the service through the pooler."""

    server: PostgresServer
    pooler: Pooler
    settings: Settings
    database: Database


@pytest.fixture(scope="module")
def office(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    name = "pooled"
    postgres.create(name)
    with psycopg.connect(postgres.dsn(name), autocommit=True) as connection:
        connection.execute(text_of("postgresql").encode())
    owner = open_database(Settings(database_url=postgres.url(name).replace("earmark@", "earmark_owner@")))
    schema.migrate(owner)
    owner.dispose()
    with psycopg.connect(postgres.dsn(name), autocommit=True) as connection:
        connection.execute(text_of("postgresql").encode())
    # two connections for everybody, so that no transaction can count on the one before it
    settings = text_of("pgbouncer").replace("default_pool_size = 20", "default_pool_size = 2")
    with Pooler(postgres.home / "pooler", postgres.home, settings, user=postgres.user) as pooler:
        chosen = Settings(
            database_url=pooler.url(name).replace("earmark@", "earmark_service@"), database_pooler=True,
            release_store=tmp_path_factory.mktemp("store"), _env_file=None,
        )  # type: ignore[call-arg]  # fmt: skip
        database = open_database(chosen)
        yield Office(server=postgres, pooler=pooler, settings=chosen, database=database)
        database.dispose()
    postgres.drop(name)


def test_a_portfolio_is_entered_imported_published_judged_and_reported(office: Office, tmp_path: Path) -> None:
    use_codelists(code_checker(tmp_path))
    example.fill(Api(office.settings, office.database))
    ledger = tmp_path / "ledger.csv"
    lines = [f"EX-{number},RAF/1,expenditure,2026-01-{number % 28 + 1:02},10.00,USD" for number in range(2, 600)]
    ledger.write_text("document,project,type,date,amount,currency\n" + "\n".join(lines), encoding="utf-8")
    report = import_table(office.database, LOCAL, kind("transactions"), ledger, today=DAY)
    assert (report.faults, report.created) == ([], 598)
    assert export_activities(office.database, tmp_path / "activities.xml", as_of=DAY).written == 1
    run_job(office.database, office.settings, job("alerts"), DAY)
    with office.database.read(aside=True) as session:
        table = run(session, "delivery", period="2026", as_of=DAY, by=("unit",))
        figures = database_figures(session, dt.datetime.now(dt.UTC))
    assert [row["expenditure"] for row in table.as_dict()["rows"]] == ["130980.50"]
    assert [(each.job, each.failed) for each in figures.jobs] == [("alerts", False)]
    assert schema.damages(office.database) == []


def test_settings_of_one_transaction_do_not_reach_the_next(office: Office) -> None:
    limit = text("SELECT current_setting('statement_timeout')")
    with office.database.read(seconds=7) as session:
        assert session.scalar(limit) == "7s"
        assert session.scalar(text("SELECT current_setting('jit')")) == "off"
    for _ in range(4):
        with office.database.read() as session:
            assert session.scalar(limit) == "0"


def test_a_statement_that_takes_too_long_is_ended_with_a_sentence(office: Office) -> None:
    with (
        pytest.raises(StorageFailed, match="took longer than the service lets one question take"),
        office.database.read(seconds=0.05) as session,
    ):
        session.execute(text("SELECT pg_sleep(600)"))


def test_the_service_makes_and_drops_nothing(office: Office) -> None:
    for statement in ("CREATE TABLE more (id int)", "DROP TABLE projects", "TRUNCATE audit_events"):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), office.database.write("x") as s:
            s.execute(text(statement))


def test_analysts_read_all_but_what_people_sign_in_with(office: Office) -> None:
    dsn = office.server.dsn("pooled").replace("user=earmark", "user=earmark_analyst")
    with psycopg.connect(dsn, autocommit=True) as connection:
        # whether other tests have made projects by now is not the question
        assert connection.execute("SELECT count(*) >= 0 FROM projects").fetchone() == (True,)
        for name in ("tokens", "sessions", "passwords", "sign_in_links", "idempotency_keys", "calendar_feeds"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {name}".encode())
        with pytest.raises(psycopg.Error, match=r"read-only|permission denied"):
            connection.execute("DELETE FROM projects")


def test_a_pooler_that_starts_again_costs_nothing_that_was_stored(office: Office) -> None:
    count = text("SELECT count(*) FROM projects")
    with office.database.read() as session:
        before = session.scalar(count)
    office.pooler.__exit__()
    with pytest.raises(StorageFailed, match="cannot be reached"), office.database.read() as session:
        session.scalar(count)
    office.pooler.start()
    with office.database.read() as session:
        assert session.scalar(count) == before


def test_a_server_that_takes_no_changes_is_told_as_one_that_is_away(office: Office) -> None:
    with pytest.raises(StorageFailed, match="takes no changes just now"), office.database.write("x") as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.execute(text("DELETE FROM idempotency_keys"))
