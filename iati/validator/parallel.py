"""Processes that share work, and records validated by several of them, results in the order of the file."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from iati.batches import batches
from iati.source import Extra, Fragment, SourceFault
from iati.validator.records import RecordValidator, Validated

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.context import BaseContext

#: Text of the records that are judged together. Of more their trees take memory, and no less time.
_BATCH_BYTES = 1 << 16
#: Batches under way for each process.
_AHEAD = 3
#: Bytes of a file that are worth a process: what is less is done before another has begun.
_WORTH = 2 << 20


class WorkerDied(Exception):
    """One of the processes that shared the work died."""

    def __init__(self) -> None:
        super().__init__(
            "A process that shared the work died: is there enough memory? With --jobs 1 there is no further one."
        )


_validator: RecordValidator | None = None


def jobs_for(size: int) -> int:
    """How many processes share a source of so many bytes where nobody says: no more than it deserves, nor than may
    run at the same time."""
    return max(1, min(usable_cores(), size // _WORTH))


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
    however that is. Where one dies, results raise BrokenProcessPool."""
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(jobs, process_context(), initializer=_begin_with_parent, initargs=(begin, given))


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


def in_order(parts: Iterator[Fragment | Extra], validator: RecordValidator, jobs: int) -> Iterator[Validated | Extra]:
    """Validate the records among the parts, and pass on the rest where it stands.

    With more than one job the records go to that many processes in batches; never more than a few batches are held.
    Where the system allows no further process, this one does it all. Raises WorkerDied when one of them dies.
    """
    pool = None
    if jobs > 1:
        with suppress(OSError, NotImplementedError, ValueError):
            pool = workers(jobs, _begin, validator.recipe)
    if pool is None:
        for batch in batches(parts, _BATCH_BYTES):
            if isinstance(batch, Extra):
                yield batch
            else:
                yield from validator.validate_all(batch)
        return
    from concurrent.futures import BrokenExecutor  # loaded where there are processes: it takes a MiB

    try:
        with pool:
            yield from _shared(parts, pool, jobs * _AHEAD)
    except BrokenExecutor as error:
        raise WorkerDied from error


def _shared(parts: Iterator[Fragment | Extra], pool: ProcessPoolExecutor, ahead: int) -> Iterator[Validated | Extra]:
    """The parts in their order, the records among them validated by the pool, of which so many batches are ahead."""
    under_way: deque[Future[list[Validated]] | Extra] = deque()
    fault: SourceFault | None = None
    waiting = batches(parts, _BATCH_BYTES)
    while True:
        try:
            item = next(waiting, None)
        except SourceFault as found:
            fault, item = found, None
        if item is None:
            break
        under_way.append(item if isinstance(item, Extra) else pool.submit(_validate, item))
        while len(under_way) > ahead:
            yield from _results(under_way.popleft())
    while under_way:
        yield from _results(under_way.popleft())
    if fault:
        raise fault


def _results(item: Future[list[Validated]] | Extra) -> Iterator[Validated | Extra]:
    if isinstance(item, Extra):
        yield item
    else:
        yield from item.result()


def _begin(recipe: dict[str, object]) -> None:
    global _validator
    _validator = RecordValidator(**recipe)  # type: ignore[arg-type]


def _validate(batch: list[Fragment]) -> list[Validated]:
    if _validator is None:
        raise RuntimeError("the process was not begun")
    return _validator.validate_all(batch)
