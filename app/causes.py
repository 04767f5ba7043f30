"""What is being done at this moment, by one name: the id of a request, or of the run of a job.

Whatever comes of it carries the name: every line of the log, spans of a trace, and messages in the outbox, which tell
it again when they are sent, by another process, perhaps much later.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_cause: ContextVar[str] = ContextVar("cause", default="")


def cause() -> str:
    """The name; empty outside of requests and jobs, as in a command."""
    return _cause.get()


@contextmanager
def caused_by(name: str) -> Iterator[None]:
    """Whatever is done inside, in this thread and in those that it asks, is done for that cause."""
    token = _cause.set(name)
    try:
        yield
    finally:
        _cause.reset(token)
