"""A database that served a test serves the next one, and nothing tells it from a new one."""

import contextlib

import psycopg

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
