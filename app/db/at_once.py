"""Two reads of one snapshot at once.

To sum up a large ledger takes PostgreSQL seconds, in which this process waits, and to take the sums over takes this
process seconds, in which PostgreSQL waits. A second connection sees what the first one sees: what is asked of it is
read while the first one is read.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from threading import Lock
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import NotSupportedError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from app.db.engine import ample_memory
from app.db.unchanged import seen_along

log = logging.getLogger("earmark.database")

_GIVE_AWAY = "SELECT pg_export_snapshot()"
_ALONE = "no second connection for a report: %s"

Value = TypeVar("Value")
#: a read that has begun; gives its value when it has ended
Begun = Callable[[], Value]


class Meanwhile:
    """Begins reads; without a second connection each is done when its value is asked for."""

    def __init__(self, session: Session, worker: ThreadPoolExecutor | None = None) -> None:
        self._session, self._worker = session, worker

    @property
    def is_beside(self) -> bool:
        """Whether what is begun goes on while others read."""
        return self._worker is not None

    def begin(self, read: Callable[[Session], Value]) -> Begun[Value]:
        """``read`` reads by the session that it is given; one after the other, in the order in which they began."""
        if self._worker is None:
            return lambda: read(self._session)
        return self._worker.submit(read, self._session).result


#: one second connection of a process: who has one and waits for another would else wait for those who do the same
_beside: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()
#: whether the server of an engine gives snapshots away
_giving: WeakKeyDictionary[Engine, bool] = WeakKeyDictionary()
_lock = Lock()


@contextmanager
def meanwhile(session: Session) -> Iterator[Meanwhile]:
    """Begins reads inside the block that see what the session sees.

    They are done on a second connection where that is PostgreSQL, the session holds one snapshot, and connections are
    free; else by the session itself, in its turn. What they read counts as read by the session.
    """
    connection = session.connection()
    with ExitStack() as stack:
        other = _second(session, connection, stack)
        if other is None:
            yield Meanwhile(session)
            return
        driver = cast("psycopg.Connection", other.connection().connection.driver_connection)
        # ends before the connection goes back
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="earmark-meanwhile") as worker:
            try:
                yield Meanwhile(other, worker)
            except BaseException:
                # nobody asks for the others any more: neither those that wait, nor the one that the server is at
                worker.shutdown(wait=False, cancel_futures=True)
                with suppress(psycopg.Error):
                    driver.cancel()
                raise


def _gives_away(engine: Engine, second: Connection) -> bool:
    """Whether a server gives snapshots away. It is asked until it says so, on the second connection: one that refuses
    ends the transaction that asked, and what the first one sees would be lost.

    :raises SQLAlchemyError: where the question itself came to grief, such as with a connection that was lost.
    """
    with _lock:
        if (gives := _giving.get(engine)) is None:
            try:
                second.exec_driver_sql(_GIVE_AWAY)
                gives = True
            except (ProgrammingError, NotSupportedError) as error:
                log.info("the server gives no snapshot away, so that reports are read in turn: %s", error)
                gives = False
            second.rollback()
            _giving[engine] = gives
    return gives


def _second(session: Session, connection: Connection, stack: ExitStack) -> Session | None:
    """A session that sees the same on a connection of its own, open until the stack ends."""
    options = connection.get_execution_options()
    if connection.dialect.name != "postgresql" or options.get("isolation_level") != "REPEATABLE READ":
        return None
    # in a savepoint no snapshot is given away
    if connection.in_nested_transaction():
        return None
    engine = connection.engine
    with _lock:
        turn = _beside.setdefault(engine, Lock())
    if not turn.acquire(blocking=False):
        return None
    stack.callback(turn.release)
    pool = engine.pool
    if isinstance(pool, QueuePool) and pool.checkedout() >= pool.size():
        return None
    with ExitStack() as opening:
        try:
            second = opening.enter_context(engine.connect().execution_options(**options))
            if not _gives_away(engine, second):
                return None
        except SQLAlchemyError as error:
            # such as where a server lets no further one in
            log.info(_ALONE, error)
            return None
        # a fault here ends the reading of the session itself, which has to know
        snapshot = connection.exec_driver_sql(_GIVE_AWAY).scalar_one()
        try:
            second.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        except SQLAlchemyError as error:
            # such as behind a pooler that leads to several servers
            log.info(_ALONE, error)
            return None
        opening.callback(second.rollback)
        other = opening.enter_context(seen_along(session, second))
        ample_memory(other)
        stack.push(opening.pop_all())
    return other
