"""Who reads by keys walks through no whole table of PostgreSQL, however little the server knows of it."""

from sqlalchemy import text
from sqlmodel import Session

from app.db.engine import Database, read_by_key
from tests import portfolio

_ASKED = "EXPLAIN SELECT * FROM ledger_entries WHERE project_id = ANY('{1,2,3}'::bigint[])"


def plan(session: Session) -> str:
    return "\n".join(row[0] for row in session.execute(text(_ASKED)))


def test_rows_are_found_by_their_keys_until_the_transaction_ends(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        with database.read() as session:
            # a file is read by its indexes anyway
            read_by_key(session)
        return
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
    with database.read() as session:
        read_by_key(session)
        assert "Index" in plan(session)
        assert "Seq Scan" not in plan(session)
    with database.read() as session:
        assert session.scalar(text("SHOW enable_seqscan")) == "on"
