"""A database that served a test serves the next one, and nothing tells it from a new one."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from app.config import Settings
from app.db.engine import Database, open_database
from app.db.organisation import Unit
from app.db.tables import metadata
from tests import portfolio
from tests.filled import copy_tables, filled
from tests.postgres import PostgresServer


def test_a_database_that_comes_back_is_like_a_new_one(postgres: PostgresServer) -> None:
    name = postgres.lend()
    with psycopg.connect(postgres.dsn(name)) as new:
        notes = new.execute("SELECT ctid, * FROM stamps").fetchall()
        assert notes
    with contextlib.closing(psycopg.connect(postgres.dsn(name))) as used:
        used.execute(
            "INSERT INTO units (version, created_at, updated_at, code, name) VALUES (1, now(), now(), 'A', 'A')"
        )
        used.commit()
        # whoever is still in the middle of something is shown out
        used.execute("SELECT 1 FROM units")
        postgres.take_back(name)
    again = postgres.lend()
    # what a test stores is no reason to make another, which takes as long as many a test
    assert again == name
    with psycopg.connect(postgres.dsn(again)) as fresh:
        assert fresh.execute("SELECT ctid, * FROM stamps").fetchall() == notes
        assert fresh.execute("SELECT count(*) FROM units").fetchone() == (0,)
        assert fresh.execute("SELECT nextval('units_id_seq')").fetchone() == (1,)
        assert fresh.execute("SELECT reltuples FROM pg_class WHERE relname = 'units'").fetchone() == (-1,)
        fresh.execute("DROP TABLE units CASCADE")
    postgres.take_back(again)
    with psycopg.connect(postgres.dsn(third := postgres.lend())) as whole:
        assert whole.execute("SELECT count(*) FROM units").fetchone() == (0,)
    postgres.take_back(third)


def test_a_database_that_held_much_serves_no_other(postgres: PostgresServer) -> None:
    name = postgres.lend()
    with psycopg.connect(postgres.dsn(name)) as used:
        used.execute(
            "INSERT INTO units (version, created_at, updated_at, code, name) "
            "SELECT 1, now(), now(), n::text, 'A' FROM generate_series(1, 20000) AS n"
        )
    postgres.take_back(name)
    again = postgres.lend()
    assert again != name
    postgres.take_back(again)


def test_a_connection_goes_from_one_test_to_the_next_like_a_new_one(postgres: PostgresServer) -> None:
    settings = Settings(database_url=postgres.url(name := postgres.lend()))
    asked = "SELECT pg_backend_pid()"
    first = open_database(settings)
    with first.engine.connect() as connection:
        backend = connection.scalar(text(asked))
        for left in (
            "SET statement_timeout = 1234",
            "CREATE TEMPORARY TABLE mine (n int)",
            "PREPARE mine AS SELECT 1",
            "SELECT pg_advisory_lock(42)",
        ):
            connection.exec_driver_sql(left)
        connection.commit()
    first.dispose()
    again = open_database(settings)
    with again.engine.connect() as connection:
        assert connection.scalar(text(asked)) == backend
        shown = [connection.scalar(text(f"SHOW {each}")) for each in ("statement_timeout", "plan_cache_mode")]
        assert shown == ["0", "force_custom_plan"]
        assert connection.scalar(text("SELECT to_regclass('mine')")) is None
        for held in ("pg_prepared_statements WHERE name = 'mine'", "pg_locks WHERE locktype = 'advisory'"):
            assert connection.scalar(text(f"SELECT count(*) FROM {held}")) == 0
    again.dispose()
    postgres.take_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Database]]:
    """Two databases with all tables and nothing in them."""
    if request.param == "sqlite":
        migrated: Path = request.getfixturevalue("migrated_sqlite")
        paths = [tmp_path / "one.db", tmp_path / "two.db"]
        for path in paths:
            copy_tables(migrated, path)
        found = [open_database(Settings(database_url=f"sqlite:///{path}")) for path in paths]
        yield found
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        names = [server.lend(), server.lend()]
        found = [open_database(Settings(database_url=server.url(name))) for name in names]
        yield found
    for database in found:
        database.dispose()
    if request.param == "postgresql":
        for name in names:
            server.take_back(name)


def test_what_is_copied_is_what_was_filled(two: list[Database]) -> None:
    times: list[str] = []

    def fill(database: Database) -> int | None:
        times.append("filled")
        with database.write("tests") as session:
            portfolio.set_up(session)
            return portfolio.unit(session, "ROAF").id

    came_of_it = [filled(database, fill) for database in two]
    assert (times, came_of_it[0]) == (["filled"], came_of_it[1])
    for table in metadata.sorted_tables:
        rows = []
        for database in two:
            with database.read() as session:
                rows.append(sorted(map(repr, session.execute(table.select()))))
        assert rows[0] == rows[1], table.name
    following = []
    for database in two:
        with database.write("tests") as session:
            session.add(unit := Unit(code="ROAP", name="Asia"))
            session.flush()
            following.append(unit.id)
    assert following == [(came_of_it[0] or 0) + 1] * 2
