"""Who works in batches walks through no whole table of PostgreSQL, however little the server knows of it."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import Session

from app.db.base import utc_now
from app.db.bulk import add_rows
from app.db.engine import Database, in_batches
from app.db.spending import ExchangeRate
from tests import portfolio

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
