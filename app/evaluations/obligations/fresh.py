"""What readers of obligations call first: :func:`fresh` brings them in line with the facts, once for all who ask.

Many ask at the same time, and somebody always stores something meanwhile. Those of one process do not each recompute,
and wait for their turn with a connection in hand: one recomputes, and all who came before it began take part in it.
"""

import datetime as dt
from collections.abc import Callable
from threading import Condition, Lock
from weakref import WeakKeyDictionary

from app.db.engine import Database
from app.evaluations.obligations.recompute import refresh


class Shared:
    """Runs of something that many want: who asks gets one that began after asking, his own or another's."""

    def __init__(self) -> None:
        self._turn = Condition()
        #: numbers of the last run that began, and of the last that ended well
        self._begun = self._done = 0
        self._running = False
        #: how many wait
        self.waiting = 0

    def run(self, work: Callable[[], object]) -> None:
        """Returns when ``work`` was done from beginning to end since the call; a fault is raised to who ran it."""
        with self._turn:
            wanted = self._begun + 1
            while self._running and self._done < wanted:
                self.waiting += 1
                self._turn.wait()
                self.waiting -= 1
            if self._done >= wanted:
                return
            self._begun += 1
            mine, self._running = self._begun, True
        try:
            work()
        except BaseException:
            self._end(self._done)
            raise
        self._end(mine)

    def _end(self, done: int) -> None:
        with self._turn:
            self._done, self._running = done, False
            self._turn.notify_all()


_lock = Lock()
#: by database, of the last day that was asked for
_runs: WeakKeyDictionary[Database, tuple[dt.date, Shared]] = WeakKeyDictionary()


def fresh(database: Database, as_of: dt.date) -> None:
    """Obligations as of a day say what the facts say that were stored before the call."""
    with _lock:
        day, shared = _runs.get(database, (None, None))
        if shared is None or day != as_of:
            shared = Shared()
            _runs[database] = (as_of, shared)
    shared.run(lambda: refresh(database, as_of))
