"""Engines of tests know the statements that others of this process have compiled.

Each test has a database of its own and so an engine of its own, which would compile every statement anew: a sixth of
what many tests take. A service has one engine for its life; this is what a test sees of that.
"""

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

import app.db.engine
from tests.parked import park_what_is_closed, take_parked

#: by name of dialect the first engine that was connected: its dialect knows the server
_first: dict[str, Engine] = {}


def share_statements() -> None:
    """Engines that are opened from now on share what they compile."""
    vars(app.db.engine)["create_engine"] = _create


def _create(url: URL, **options: Any) -> Engine:
    first = _first.get(url.get_backend_name())
    if first is None:
        engine = create_engine(url, query_cache_size=2000, **options)
        event.listen(engine, "connect", lambda *_: _first.setdefault(engine.dialect.name, engine))
        if url.get_backend_name() == "postgresql":
            park_what_is_closed(engine.dialect)
            take_parked(engine)
        return engine
    # a dialect asks the server what it is like, which the first one knows
    engine = create_engine(url, query_cache_size=2000, _initialize=False, **options)
    if (prepare := first.dialect.on_connect_url(url)) is not None:
        event.listen(engine, "connect", lambda connection, _: prepare(connection))
    if url.get_backend_name() == "postgresql":
        take_parked(engine)
    # what is compiled is kept by dialect and statement
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    engine.pool._dialect = first.dialect
    return engine
