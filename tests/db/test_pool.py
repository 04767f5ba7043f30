"""Connections: more who ask at once than there are is told in a sentence, and what one keeps stays small."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, insert, text
from sqlalchemy.pool import QueuePool

from app.db.base import ROWS_AT_ONCE, table
from app.db.engine import Database, storage_faults
from app.db.partners import Organisation
from app.errors import StorageFailed


def test_who_finds_no_connection_free_is_told_to_try_again(tmp_path: Path) -> None:
    engine = create_engine(
        f"sqlite:///{tmp_path / 'x.db'}", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0
    )
    with engine.connect() as held:
        with pytest.raises(StorageFailed, match="Too many ask at once"), storage_faults():
            engine.connect()
        assert held.execute(text("SELECT 1")).scalar() == 1
    with storage_faults(), engine.connect() as free:
        assert free.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


def test_a_connection_to_a_file_keeps_no_statement_of_a_thousand_rows(database: Database) -> None:
    """It keeps the last that it ran, and there is another one for each number of rows."""
    if not database.is_sqlite:
        pytest.skip("PostgreSQL keeps statements without their rows")
    given: list[int] = []
    names = ("identifier", "name", "name_key")
    rows = [{**dict.fromkeys(names, f"X-{number}"), "former_identifiers": []} for number in range(500)]
    with database.write("tests") as session:
        watched = session.connection()
        event.listen(watched, "before_cursor_execute", lambda *call: given.append(str(call[2]).count("(?")))
        statement = insert(table(Organisation)).returning(table(Organisation).c.id)
        made = session.execute(statement, rows).all()
    assert len(made) == len(rows)
    assert max(given) == ROWS_AT_ONCE
