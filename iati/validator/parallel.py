"""Records validated by several processes, results in the order of the file."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iati.batches import batches
from iati.source import Extra, Fragment, SourceFault
from iati.validator.records import RecordValidator, Validated

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.context import BaseContext

#: Batches under way for each process.
_AHEAD = 3

_validator: RecordValidator | None = None


def in_order(parts: Iterator[Fragment | Extra], validator: RecordValidator, jobs: int) -> Iterator[Validated | Extra]:
    """Validate the records among the parts, and pass on the rest where it stands.

    With more than one job the records go to that many processes in batches; never more than a few batches are held.
    """
    if jobs <= 1:
        for batch in batches(parts):
            if isinstance(batch, Extra):
                yield batch
            else:
                yield from validator.validate_all(batch)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs, process_context(), initializer=_begin, initargs=(validator.recipe,)) as pool:
        under_way: deque[Future[list[Validated]] | Extra] = deque()
        fault: SourceFault | None = None
        waiting = batches(parts)
        while True:
            try:
                item = next(waiting, None)
            except SourceFault as found:
                fault, item = found, None
            if item is None:
                break
            under_way.append(item if isinstance(item, Extra) else pool.submit(_validate, item))
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


def _begin(recipe: dict[str, object]) -> None:
    global _validator
    _validator = RecordValidator(**recipe)  # type: ignore[arg-type]


def _validate(batch: list[Fragment]) -> list[Validated]:
    if _validator is None:
        raise RuntimeError("the process was not begun")
    return _validator.validate_all(batch)
