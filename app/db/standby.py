"""A copy of the database that PostgreSQL keeps up to date, for reading that takes long.

What is read from it is never older than the question: the primary is asked how far it has written, and the copy is
read once it has got there. A copy that does not get there in time, or cannot be reached, is left alone, and the primary
is read.
"""

import logging
import time

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

log = logging.getLogger("earmark.database")

#: seconds between two looks at how far the copy is
_PAUSE = 0.02

# where the next record goes: a transaction may have been told as stored before it was written to disk, where an office
# has chosen so
_INSERTED = text("SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_insert_lsn()::text END")
_REPLAYED = text("SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= CAST(:inserted AS pg_lsn)")


class Standby:
    """The copy, and how long one waits for it."""

    def __init__(self, engine: Engine, *, patience: float) -> None:
        """``patience``: seconds until the primary is read in its place."""
        self.engine = engine
        self.patience = patience

    def engine_for(self, primary: Engine) -> Engine:
        """The copy, once it holds all that the primary holds now; else the primary."""
        with primary.connect() as connection:
            inserted = connection.execute(_INSERTED).scalar()
        if inserted is None:
            return primary
        try:
            with self.engine.connect().execution_options(postgresql_readonly=True) as connection:
                if self._reaches(connection, inserted):
                    return self.engine
        except OperationalError as error:
            cause = str(error.orig).strip().partition("\n")[0]
            log.warning("the standby cannot be read, the primary is read in its place: %s", cause)
            return primary
        log.warning("the standby is more than %s s behind, the primary is read in its place", self.patience)
        return primary

    def _reaches(self, connection: Connection, inserted: str) -> bool:
        deadline = time.monotonic() + self.patience
        while True:
            replayed = connection.execute(_REPLAYED, {"inserted": inserted}).scalar()
            connection.rollback()
            if replayed or time.monotonic() >= deadline:
                return bool(replayed)
            time.sleep(_PAUSE)
