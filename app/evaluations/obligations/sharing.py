"""Batches of projects judged and kept by several processes, whoever is free.

Each goes through its batch as one alone would: it reads and replays by itself, which is nearly all of it, and takes its
turn to write. So a portfolio is judged in the time of its share, on the processors that there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Self

from app.db.engine import Database
from app.errors import StorageFailed
from app.evaluations.obligations.keeping import Work
from app.processes import usable_cores, workers

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

#: batches that one process does before others are worth their beginning
_WORTH = 4
#: processes that can share: they write in turn, which takes a quarter of the time of one
_MOST = 4
#: batches that a further process has before it, so that it never waits for the next
_AHEAD = 2


class Sharing:
    """Takes batches, and does them here or has them done. ``reopened`` opens the database in a further process; it is
    a function of a module. None: there is no such process."""

    def __init__(
        self,
        work: Work,
        database: Database,
        reopened: Callable[[], Database] | None,
        progress: Callable[[int, int], None],
    ) -> None:
        self._work = work
        self._database = database
        self._reopened = reopened
        self._progress = progress
        self._further = 0 if reopened is None else min(usable_cores(), _MOST) - 1
        self._pool: ProcessPoolExecutor | None = None
        self._under_way: list[Future[int]] = []
        #: batches that were begun, and projects that were judged
        self._begun = self._projects = 0

    def __enter__(self) -> Self:
        return self

    def batch(self, ids: Sequence[int]) -> None:
        """Does this batch, or leaves it to another process."""
        self._begun += 1
        if self._further and self._begun > _WORTH and self._submitted(ids):
            return
        self._told(self._work.batch(self._database, ids))

    def _submitted(self, ids: Sequence[int]) -> bool:
        """Whether another process has it before it."""
        try:
            if self._pool is None:
                # a connection belongs to one process
                self._database.dispose()
                self._pool = workers(self._further, _begin, self._work, self._reopened)
            self._collect(wait=False)
            if len(self._under_way) >= self._further * _AHEAD:
                return False
            self._under_way.append(self._pool.submit(_batch, ids))
        except (OSError, NotImplementedError, ValueError):
            # the system allows no further process, or none that can be talked to
            self._further = 0
            return False
        return True

    def _collect(self, *, wait: bool) -> None:
        waiting = []
        for one in self._under_way:
            if not (wait or one.done()):
                waiting.append(one)
                continue
            try:
                self._told(one.result())
            except BrokenProcessPool as error:
                raise StorageFailed(
                    "A process that judges projects died, and with it what it had not stored yet: is there enough "
                    "memory? Run the command again; it goes on where it stopped."
                ) from error
        self._under_way = waiting

    def _told(self, projects: int) -> None:
        self._projects += projects
        self._progress(self._projects, 0)

    def __exit__(self, fault: type[BaseException] | None, *_: object) -> None:
        try:
            if fault is None:
                self._collect(wait=True)
        finally:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)


#: what a further process was begun with
_given: tuple[Work, Database] | None = None


def _begin(work: Work, reopened: Callable[[], Database]) -> None:
    global _given
    _given = work, reopened()


def _batch(ids: Sequence[int]) -> int:
    if _given is None:
        raise RuntimeError("the process was not begun")
    work, database = _given
    return work.batch(database, ids)
