"""Long runs over many records without the collector's searches for cycles.

Records are trees without cycles, so reference counts free them at once; but the collector, woken by their sheer number,
would walk through a whole batch again and again.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_searches() -> Iterator[None]:
    """The collector rests inside the block; call :func:`breathe` between batches."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def breathe() -> None:
    """Frees the few cycles that a batch has left; looks only at what was made since the last time."""
    gc.collect(0)


@contextmanager
def kept_apart() -> Iterator[None]:
    """What stands after the block is not searched for cycles any more; what stood apart before it is, once."""
    gc.unfreeze()
    yield
    gc.collect()
    gc.freeze()
