"""One worker at a time prepares, publishes and withdraws; another one is told."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.db.engine import Database
from app.db.leases import Held, LeaseHeld, lease

NAME = "releases"


@contextmanager
def one_at_a_time(database: Database, worker: str) -> Iterator[Held]:
    """Holds the releases for a block.

    :raises LeaseHeld: when somebody else is at them.
    """
    try:
        with lease(database, NAME, worker, patience=0) as held:
            yield held
    except LeaseHeld as error:
        raise LeaseHeld(
            "Somebody else is preparing or publishing a release at this moment. Wait until that is done, and look with "
            "`earmark release list` whether there is anything left to do."
        ) from error
