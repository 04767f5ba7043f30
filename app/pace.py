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


class Apart:
    """What stands is not searched for cycles any more. Where somebody else has put something apart before, as whoever
    holds many services in one process may, all of it is left to him."""

    def __init__(self) -> None:
        self._is_mine = False

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What stands after the block is put apart; what was before it is searched once."""
        is_free = self._is_mine or not gc.get_freeze_count()
        self.let_go()
        yield
        if is_free:
            gc.collect()
            gc.freeze()
            self._is_mine = True

    def let_go(self) -> None:
        """Nothing is apart any more."""
        if self._is_mine:
            gc.unfreeze()
            self._is_mine = False
