"""More who ask at once than there are connections: told in a sentence, as everything that passes."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import QueuePool

from app.db.engine import storage_faults
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
