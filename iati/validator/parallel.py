"""Records validated by several processes, results in the order of the file."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iati.source import Extra, Fragment, SourceFault
from iati.validator.records import RecordValidator, Validated

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.context import BaseContext

#: Text that a process gets at a time: enough to outweigh the way there and back.
_BATCH_BYTES = 1 << 18
#: Batches under way for each process.
_AHEAD = 3

_validator: RecordValidator | None = None


def in_order(parts: Iterator[Fragment | Extra], validator: RecordValidator, jobs: int) -> Iterator[Validated | Extra]:
    """Validate the records among the parts, and pass on the rest where it stands.

    With more than one job the records go to that many processes in batches; never more than a few batches are held.
    """
    if jobs <= 1:
        for part in parts:
            yield part if isinstance(part, Extra) else validator.validate(part)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs, process_context(), initializer=_begin, initargs=(validator.recipe,)) as pool:
        under_way: deque[Future[list[Validated]] | Extra] = deque()
        fault: SourceFault | None = None
        batches = _batches(parts)
        while True:
            try:
                batch = next(batches, None)
            except SourceFault as found:
                fault, batch = found, None
            if batch is None:
                break
            under_way.append(batch if isinstance(batch, Extra) else pool.submit(_validate, batch))
            while len(under_way) > jobs * _AHEAD:
                yield from _results(under_way.popleft())
        while under_way:
            yield from _results(under_way.popleft())
        if fault:
            raise fault


def process_context() -> BaseContext:
    """How processes are made: forked ones begin with everything loaded, but none may be where threads hold locks."""
    from multiprocessing import get_context

    return get_context("fork" if threading.active_count() == 1 else "spawn")


def _results(item: Future[list[Validated]] | Extra) -> Iterator[Validated | Extra]:
    if isinstance(item, Extra):
        yield item
    else:
        yield from item.result()


def _batches(parts: Iterator[Fragment | Extra]) -> Iterator[list[Fragment] | Extra]:
    """Records in batches; what is no record by itself. A fault comes after the records before it."""
    batch: list[Fragment] = []
    size = 0
    fault: SourceFault | None = None
    while True:
        try:
            part = next(parts, None)
        except SourceFault as found:
            fault, part = found, None
        if batch and (part is None or isinstance(part, Extra) or size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        if part is None:
            break
        if isinstance(part, Extra):
            yield part
        else:
            batch.append(part)
            size += len(part.xml)
    if fault:
        raise fault


def _begin(recipe: dict[str, object]) -> None:
    global _validator
    _validator = RecordValidator(**recipe)  # type: ignore[arg-type]


def _validate(batch: list[Fragment]) -> list[Validated]:
    if _validator is None:
        raise RuntimeError("the process was not begun")
    results = []
    for fragment in batch:
        results.append(_validator.validate(fragment))
        if results[-1].fault:
            break
    return results
