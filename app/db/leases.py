"""A piece of work for one worker at a time: leases in the database, with fences.

A lease runs out when its holder stops renewing it, and is taken over at once when its holder's process, on this
machine, is gone. Every transaction of the work renews the lease and is refused when another holder has it by now, so
that a worker which was only slow (suspended, or with a clock that jumped) writes nothing after its time. The time is
that of the database server, so that no worker takes over what another has because their clocks differ.
"""

import datetime as dt
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlmodel import Session

from app.db import queries_leases
from app.db.engine import Database
from app.errors import Conflict

#: how long a lease lasts without being renewed
LASTS = dt.timedelta(seconds=60)
#: how often one waits for the lease of another worker
_PAUSE = 0.2

_HOST = socket.gethostname().replace(":", "-")


class LeaseHeld(Conflict):
    """Another worker is at it."""

    title = "Another worker does this"


class LeaseLost(Conflict):
    """Another worker took the work over; what this one was about to write is refused."""

    title = "Another worker took this over"


def worker_name() -> str:
    """A name for this worker that tells its machine and process."""
    return f"{_HOST}:{os.getpid()}:{secrets.token_hex(4)}"


def is_of_here(worker: str) -> bool:
    """Whether the worker runs, or ran, on this machine."""
    return worker.partition(":")[0] == _HOST


def is_of_this_process(worker: str) -> bool:
    return worker.startswith(f"{_HOST}:{os.getpid()}:")


def is_gone(worker: str) -> bool:
    """Whether the worker ran on this machine and its process is no more."""
    host, _, rest = worker.partition(":")
    number = rest.partition(":")[0]
    if host != _HOST or not number.isdigit() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_dead(int(number))


def _is_dead(number: int) -> bool:
    """Whether a process that still has its number has ended and nobody has asked after it (Linux)."""
    try:
        with open(f"/proc/{number}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] in ("Z", "X")
    except OSError:
        return False


def clock_of(database: Database) -> Callable[[], dt.datetime]:
    """A clock that all workers on this database agree about: its server's, asked once, and the time since then.

    Of the two clocks of this machine the one counts that has gone further: one stands still while it sleeps.
    """
    with database.read() as session:
        began, steady, wall = queries_leases.now(session), time.monotonic(), time.time()
    return lambda: began + dt.timedelta(seconds=max(time.monotonic() - steady, time.time() - wall))


@dataclass(slots=True)
class Held:
    """A lease in hand."""

    database: Database
    name: str
    holder: str
    fence: int
    renewed_at: float

    def guard(self, session: Session) -> None:
        """Renews the lease within a transaction of the work.

        :raises LeaseLost: when another holder has it by now.
        """
        if not queries_leases.keep_lease(session, self.name, self.holder, self.fence, LASTS):
            raise LeaseLost(f"Another worker has taken {self.name} over: nothing more is written here.")
        self.renewed_at = time.monotonic()

    def renew(self) -> None:
        """Renews the lease now and then, from within long work."""
        if time.monotonic() - self.renewed_at > LASTS.total_seconds() / 4:
            with self.database.write(self.holder) as session:
                self.guard(session)


@contextmanager
def lease(database: Database, name: str, holder: str, *, patience: float) -> Iterator[Held]:
    """Holds the lease of that name for a block; waits ``patience`` seconds for another holder.

    :raises LeaseHeld: when another holder keeps it for longer.
    """
    deadline = time.monotonic() + patience
    while (fence := _take(database, name, holder)) is None:
        if time.monotonic() >= deadline:
            raise LeaseHeld(f"Another worker is at {name}.")
        time.sleep(_PAUSE)
    held = Held(database, name, holder, fence, time.monotonic())
    try:
        yield held
    finally:
        with database.write(holder) as session:
            queries_leases.keep_lease(session, name, holder, held.fence, dt.timedelta())


def _take(database: Database, name: str, holder: str) -> int | None:
    """The fence of the lease, if it could be had."""
    with database.write(holder) as session:
        seen = queries_leases.lease(session, name)
        if seen is None:
            return 1 if queries_leases.make_lease(session, name, holder, LASTS) else None
        if not seen.ended and not is_gone(seen.holder):
            return None
        return seen.fence + 1 if queries_leases.take_lease(session, name, seen, holder, LASTS) else None
