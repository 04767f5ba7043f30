"""Batches of projects judged and kept by several processes, whoever is free.

Each goes through its batch as one alone would: it reads and replays by itself, which is nearly all of it, and takes its
turn to write. So a portfolio is judged in the time of its share, on the processors that there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

from app.db.engine import Database
from app.evaluations.obligations.keeping import Done, Work
from app.processes import usable_cores, workers

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

#: batches that one process does before others are worth their beginning
_WORTH = 4
#: processes that can share: they write in turn, which takes a quarter of the time of one
_MOST = 4
#: batches that a further process has before it, so that it never waits for the next
_AHEAD = 2


class _Further:
    """A further process, with the batches that it has before it, the next one first."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool
        self.asked: deque[tuple[Sequence[int], Future[Done]]] = deque()


class Sharing:
    """Takes batches, and does them here or has them done; what a further process fails to do is done here, and no more
    is asked of it. ``reopened`` opens the database there; it is a function of a module. None: there is no such process.
    """

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
        self._wanted = 0 if reopened is None else min(usable_cores(), _MOST) - 1
        self._further: list[_Further] = []
        self._begun = 0
        #: what was done so far
        self.done = Done()

    def __enter__(self) -> Self:
        return self

    def batch(self, ids: Sequence[int]) -> None:
        """Does this batch, or leaves it to another process."""
        self._begun += 1
        if self._wanted and self._begun > _WORTH:
            self._begin()
        for one in list(self._further):
            while one.asked and one.asked[0][1].done():
                self._take(one)
        free = [one for one in self._further if len(one.asked) < _AHEAD]
        if not free or not self._asked(min(free, key=lambda one: len(one.asked)), ids):
            self._here(ids)

    def _begin(self) -> None:
        """Makes the further processes, as many as the system allows."""
        # a connection belongs to one process
        self._database.dispose()
        while self._wanted:
            self._wanted -= 1
            try:
                self._further.append(_Further(workers(1, _begin, self._work, self._reopened)))
            except (OSError, NotImplementedError, ValueError):
                self._wanted = 0

    def _asked(self, one: _Further, ids: Sequence[int]) -> bool:
        try:
            one.asked.append((ids, one.pool.submit(_batch, ids)))
        except RuntimeError:  # it has died
            self._without(one)
            return False
        return True

    def _take(self, one: _Further) -> None:
        """Counts the next batch of a process, or does it here."""
        _, done = one.asked[0]
        if done.exception() is not None:
            self._without(one)
            return
        one.asked.popleft()
        self._count(done.result())

    def _without(self, one: _Further) -> None:
        """Goes on without a process, and does here what was asked of it; what it did store is found as it is."""
        asked, one.asked = one.asked, deque()
        self._further.remove(one)
        one.pool.shutdown(cancel_futures=True)
        for ids, done in asked:
            # where it was not the process that failed, it fails here as well
            if done.cancelled() or done.exception() is not None:
                self._here(ids)
            else:
                self._count(done.result())

    def _here(self, ids: Sequence[int]) -> None:
        self._count(self._work.batch(self._database, ids))

    def _count(self, done: Done) -> None:
        self.done = self.done + done
        self._progress(self.done.projects, 0)

    def __exit__(self, fault: type[BaseException] | None, *_: object) -> None:
        try:
            for one in list(self._further) if fault is None else ():
                while one.asked:
                    self._take(one)
        finally:
            for one in self._further:
                one.pool.shutdown(cancel_futures=True)


#: what a further process was begun with
_given: tuple[Work, Database] | None = None


def _begin(work: Work, reopened: Callable[[], Database]) -> None:
    global _given
    _given = work, reopened()


def _batch(ids: Sequence[int]) -> Done:
    if _given is None:
        raise RuntimeError("the process was not begun")
    work, database = _given
    return work.batch(database, ids)
