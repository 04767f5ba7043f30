"""Who works in batches walks through no whole table of PostgreSQL, however little the server knows of it."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlmodel import Session

from app.config import Settings
from app.db.base import utc_now
from app.db.bulk import add_rows
from app.db.engine import Database, in_batches, open_database
from app.db.spending import ExchangeRate
from app.errors import StorageFailed
from tests import portfolio
from tests.postgres import PostgresServer

RATES = [("EUR", dt.date(2026, 1, 1), 1, Decimal("0.9"), utc_now(), "anna")]
_ASKED = "EXPLAIN SELECT * FROM ledger_entries WHERE project_id = ANY('{1,2,3}'::bigint[])"


def plan(session: Session) -> str:
    return "\n".join(row[0] for row in session.execute(text(_ASKED)))


def test_rows_are_found_by_their_keys_inside_the_block(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        # a file is read by its indexes anyway, and through a small cache
        with database.read() as session:
            usual = session.scalar(text("PRAGMA cache_size"))
            with in_batches(session):
                assert session.scalar(text("PRAGMA cache_size")) == -16384
            assert session.scalar(text("PRAGMA cache_size")) == usual != -16384
        return
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
    with database.read() as session:
        with in_batches(session):
            assert "Index" in plan(session)
            assert "Seq Scan" not in plan(session)
        assert session.scalar(text("SHOW enable_seqscan")) == "on"
    with database.write("anna") as session:
        with in_batches(session):
            add_rows(
                session,
                ExchangeRate,
                ("currency", "effective_on", "sequence", "rate", "recorded_at", "recorded_by"),
                RATES,
            )
            assert "Seq Scan" not in plan(session), "rows that are added inside the block leave it as it is"
        assert session.scalar(text("SHOW enable_seqscan")) == "on"


def test_who_loses_the_server_inside_the_block_is_told_so(postgres: PostgresServer) -> None:
    name = postgres.lend()
    database = open_database(Settings(database_url=postgres.url(name)))
    end = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(StorageFailed), database.write("anna") as session, in_batches(session):
        session.execute(end)
    with database.read() as session, in_batches(session):
        assert "Seq Scan" not in plan(session)
    database.dispose()
    postgres.take_back(name)
