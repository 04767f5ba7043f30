"""Processes that share work."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import BaseContext


def usable_cores() -> int:
    """How many processes of this one's may run at the same time; 1 where it may have none."""
    from multiprocessing import current_process

    if current_process().daemon:
        return 1
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system tells
        return os.cpu_count() or 1


def workers(jobs: int, begin: Callable[..., None] | None = None, *given: object) -> ProcessPoolExecutor:
    """So many processes to share work. Each calls ``begin`` with what is ``given``, and ends when this one does,
    however that is. Where one dies, results raise BrokenProcessPool.

    Raises OSError where the system allows no further process, or not so many: then there is none.
    """
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(jobs, process_context(), initializer=_begin_with_parent, initargs=(begin, given))
    try:
        # the first call makes them
        pool.submit(os.getpid)
    except OSError:
        # nobody would tell those that were made to end, and this process would wait for them at its own end
        for process in list((pool._processes or {}).values()):
            process.kill()
            process.join()
        raise
    return pool


def process_context() -> BaseContext:
    """How processes are made: forked ones begin with everything loaded, but none may be where threads hold locks."""
    from multiprocessing import get_context

    return get_context("fork" if threading.active_count() == 1 else "spawn")


def _begin_with_parent(begin: Callable[..., None] | None, given: tuple[object, ...]) -> None:
    """In a process that was made: it ends when it is told to or left alone; keys are for whoever made it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if begin is not None:
        begin(*given)


def _end_with_parent() -> None:
    """Waits for the end of the process that made this one; one that was killed can tell nobody."""
    from multiprocessing import parent_process

    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)
