"""A process that ends itself by SIGKILL at a point of its own work, so that no clock decides where it dies.

A point is where an outside kill would make a difference: before each statement, on both sides of each commit and
rollback, and on both sides of whatever changes files or sends a mail. :func:`walk` counts them; given a number it dies
there, without a chance to tidy up.
"""

import os
import signal
import smtplib
import tempfile
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

#: calls of the operating system that leave something behind, and the handing over of a mail
_FILES = (
    (os, "fsync"),
    (os, "replace"),
    (os, "unlink"),
    (tempfile, "mkstemp"),
    (smtplib.SMTP, "data"),
)


class Points:
    """Counts the points of this process; dies at number ``last`` (None: never)."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        #: what each point was
        self.names: list[str] = []

    def at(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, place: Any, name: str) -> None:
        """Makes a function of a module or class a point before and a point after it."""
        original: Callable[..., Any] = getattr(place, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            self.at(f"before {name}")
            result = original(*arguments, **options)
            self.at(f"after {name}")
            return result

        setattr(place, name, watched)


def walk(last: int | None) -> Points:
    """Watches this process from now on, for good: only for a process that was made for it."""
    points = Points(last)

    @event.listens_for(Engine, "before_cursor_execute")
    def statement(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        points.at(" ".join(text.split())[:60])

    points.around(DefaultDialect, "do_commit")
    points.around(DefaultDialect, "do_rollback")
    for place, name in _FILES:
        points.around(place, name)
    return points


def is_boundary(name: str) -> bool:
    """Whether what is stored may differ on the two sides of the point; within a transaction nothing is."""
    return name.startswith(("before ", "after ")) and not name.endswith("do_rollback")
