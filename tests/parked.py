"""Connections to databases that are lent go from one test to the next, each like a new one.

A backend of PostgreSQL that begins knows none of the tables. To learn of them again was most of what the servers of the
tests did: a twentieth of a second for each connection, of which the suite makes thousands.
"""

import os
from collections import defaultdict
from threading import Lock
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import Dialect

#: how databases are called that are lent
LENT = "lent"
#: how many connections are kept of each
_KEPT = 3
#: what the driver makes of itself, and does not tell the server
_OF_DRIVER = {"context", "prepare_threshold"}

#: by server and name of database: connections, each with what it was made with
_parked: dict[tuple[str, str], list[tuple[dict[str, Any], PGconn]]] = defaultdict(list)
#: threads of a test connect at once; held for no longer than a look
_turn = Lock()
#: what the process held that this one was forked from: it is not this one's to speak to, nor to close
_of_others: list[object] = []


def _begin_anew() -> None:
    global _turn
    _turn = Lock()
    _of_others.extend(_parked.values())
    _parked.clear()


os.register_at_fork(after_in_child=_begin_anew)


def take_parked(engine: Engine) -> None:
    """An engine takes a connection that is parked before it makes one; it has a dialect of its own until then."""

    @event.listens_for(engine, "do_connect")
    def take(dialect: Dialect, _record: object, _given: object, wanted: dict[str, Any]) -> Any:
        place = str(wanted.get("host")), str(wanted.get("dbname"))
        if not place[1].startswith(LENT):
            return None
        to_server = {key: value for key, value in wanted.items() if key not in _OF_DRIVER}
        with _turn:
            here = _parked[place]
            found = next((index for index, (made_with, _) in enumerate(here) if made_with == to_server), None)
            parked = None if found is None else here.pop(found)[1]
        if parked is None:
            connection: Any = dialect.connect(**wanted)
        else:
            # nothing that the driver had learnt or was told of it stays
            connection = psycopg.Connection(parked)
            context = wanted.get("context")
            connection._adapters = psycopg.adapt.AdaptersMap(context.adapters) if context else None
            connection.prepare_threshold = wanted.get("prepare_threshold", 5)
        vars(connection)["parked_at"] = place, to_server
        return connection


def park_what_is_closed(dialect: Dialect) -> None:
    """What engines of a dialect took by :func:`take_parked` and close is parked."""
    close = dialect.do_close

    def park_or_close(connection: Any) -> None:
        if not _park(connection):
            close(connection)

    vars(dialect).update(do_close=park_or_close, do_terminate=close)


def _park(connection: Any) -> bool:
    place, to_server = vars(connection).get("parked_at", (None, None))
    if place is None or connection.closed or len(_parked[place]) >= _KEPT:
        return False
    try:
        if connection.info.transaction_status != TransactionStatus.IDLE:
            connection.rollback()
        connection.autocommit = True
        # settings, locks, prepared statements, plans, temporary tables, cursors, what is listened to
        connection.execute("DISCARD ALL")
    except psycopg.Error:
        return False
    _parked[place].append((to_server, connection.pgconn))
    # to its owner it is closed: who speaks to it still is told so by an error
    del connection.pgconn
    return True


def backends(host: str, database: str) -> list[int]:
    """The processes of a server that connections are parked to."""
    return [connection.backend_pid for _, connection in _parked[host, database]]


def close_parked(host: str, database: str | None = None) -> None:
    """Closes what leads to a database; without one, to any of the server."""
    for place in [place for place in _parked if place[0] == host and database in (None, place[1])]:
        for _, connection in _parked.pop(place):
            connection.finish()
