"""A process that ends itself by SIGKILL at a point of its own work, so that no clock decides where it dies.

A point is where an outside kill would make a difference: before each statement, on both sides of each commit and
rollback, and on both sides of whatever changes files, sends a mail or asks a registry. :func:`walk` counts them; given
a number it dies there, without a chance to tidy up.
"""

import os
import signal
import smtplib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

#: calls of the operating system that leave something behind, and the handing over of a mail and of a request
_CALLS = (
    (os, "fsync"),
    (os, "replace"),
    (os, "unlink"),
    (tempfile, "mkstemp"),
    (smtplib.SMTP, "data"),
    (httpx.HTTPTransport, "handle_request"),
)

#: the point at which PostgreSQL was asked to commit and has not answered
ASKED = "after asking for do_commit"


class Points:
    """Counts the points of this process; dies at number ``last`` (None: never), its name in the file ``words``."""

    def __init__(self, last: int | None, words: Path) -> None:
        self.last, self.words = last, words
        #: what each point was
        self.names: list[str] = []

    def at(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.last:
            self.words.write_text(name, encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)

    @property
    def next_is_last(self) -> bool:
        return len(self.names) + 1 == self.last

    def around(self, place: Any, name: str) -> None:
        """Makes a function of a module or class a point before and a point after it."""
        original: Callable[..., Any] = getattr(place, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            self.at(f"before {name}")
            result = original(*arguments, **options)
            self.at(f"after {name}")
            return result

        setattr(place, name, watched)


def walk(last: int | None, words: Path) -> Points:
    """Watches this process from now on, for good: only for a process that was made for it."""
    points = Points(last, words)

    @event.listens_for(Engine, "before_cursor_execute")
    def statement(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        points.at(" ".join(text.split())[:60])

    _commits(points)
    points.around(DefaultDialect, "do_rollback")
    for place, name in _CALLS:
        points.around(place, name)
    return points


def _commits(points: Points) -> None:
    """Points on both sides of a commit, and with PostgreSQL one between: asked for, and dead before the answer."""
    original = DefaultDialect.do_commit

    def commit(dialect: DefaultDialect, connection: Any) -> None:
        points.at("before do_commit")
        server = getattr(connection.driver_connection, "pgconn", None)
        if server is not None:
            if points.next_is_last:
                server.send_query(b"COMMIT")
                while server.flush():
                    pass
            points.at(ASKED)
        original(dialect, connection)
        points.at("after do_commit")

    DefaultDialect.do_commit = commit  # type: ignore[method-assign,assignment]


def is_boundary(name: str) -> bool:
    """Whether what is stored may differ on the two sides of the point; within a transaction nothing is."""
    return name.startswith(("before ", "after ")) and not name.endswith("do_rollback")
