"""Rows of many keys are found by an index, also where the server would walk through the whole table for them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

_HELD = "earmark_by_keys"


@contextmanager
def by_keys(connection: Connection) -> Iterator[None]:
    """Inside the block PostgreSQL finds rows by their keys, and walks through no whole table; blocks may lie in others.

    Before a server has counted a table, which it does a minute or more after it was filled, it takes the rows that are
    asked for to be most of it, and walks through all of it for each thousand.
    """
    # asked once: a connection that was lost inside the block has none any more
    info = connection.info
    if connection.dialect.name != "postgresql" or info.get(_HELD):
        yield
        return
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    info[_HELD] = True
    try:
        yield
    finally:
        info.pop(_HELD, None)
    # what failed is taken back by whoever asked for it, and this with it
    connection.exec_driver_sql("SET LOCAL enable_seqscan = on")
