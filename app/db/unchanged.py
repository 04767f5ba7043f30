"""What was read once and is known to stand, as long as nothing at all was stored in the database.

Both databases tell that in well under a millisecond, and exactly, whoever stored something and on whichever machine.
PostgreSQL names the transactions that a snapshot sees: two that see the same ones see the same rows. SQLite counts for
each connection what others have stored, and what the connection itself has changed.

This is the first question. Where something was stored, a second one that looks at the tables concerned tells whether it
matters: it is made once for a snapshot, however often it is asked.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from app.db.engine import WRITE

Value = TypeVar("Value")
#: by name: how the database stood, and what was read of it; the last one that was asked for stands at the end
_Known = OrderedDict[str, tuple[str, object]]

#: under which name a connection to SQLite keeps what it knows
_KNOWN = "earmark_known"
_of_snapshots: WeakKeyDictionary[Engine, _Known] = WeakKeyDictionary()
_lock = Lock()
#: so many are kept
_MOST = 64


def known(
    session: Session, name: str, read: Callable[[], Value], *, keep: Callable[[Value], bool] = lambda _value: True
) -> Value:
    """What ``read`` gives of what the session sees; it is asked only where something was stored since.

    ``name`` stands for the function and all its arguments. The value is shared and stays as it is; what is too large to
    ``keep`` is read each time. A session that writes reads for itself, for it sees what is not stored yet.
    """
    connection = session.connection()
    if connection.get_execution_options().get(WRITE):
        return read()
    if (stamp := _stamp(connection)) is None:
        return read()
    with _lock:
        kept = _kept(connection)
        found = kept.get(name)
    if found is not None and found[0] == stamp:
        return cast("Value", found[1])
    value = read()
    if not keep(value):
        return value
    with _lock:
        kept[name] = (stamp, value)
        kept.move_to_end(name)
        while len(kept) > _MOST:
            kept.popitem(last=False)
    return value


def _kept(connection: Connection) -> _Known:
    if connection.dialect.name == "sqlite":
        own: _Known = connection.info.setdefault(_KNOWN, OrderedDict())
        return own
    return _of_snapshots.setdefault(connection.engine, OrderedDict())


def _stamp(connection: Connection) -> str | None:
    """How the database stands that the connection sees; None where that cannot be told.

    A standby does not name the transactions under way among those it knows: there it is told only while there are none.
    """
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        others = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
        return f"{others} {driver.total_changes}"
    snapshot, standby = connection.exec_driver_sql("SELECT pg_current_snapshot()::text, pg_is_in_recovery()").one()
    first, last, _under_way = str(snapshot).split(":")
    return None if standby and first != last else str(snapshot)
