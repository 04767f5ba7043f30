"""Records validated by several processes, results in the order of the file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from iati.batches import batches
from iati.processes import usable_cores, workers
from iati.source import Extra, Fragment, SourceFault
from iati.validator.records import RecordValidator, Validated

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

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
