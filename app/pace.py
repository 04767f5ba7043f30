"""Long runs over many records without the collector's searches for cycles.

Records are trees without cycles, so reference counts free them at once; but the collector, woken by their sheer number,
would walk through a whole batch again and again.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


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
    """What stands is not searched for cycles any more.

    What the program itself has put apart, here or for another service, is searched once before it is apart again. Where
    somebody else has put something apart, as tests do, all of it is left to him.
    """

    _is_ours = False
    _turn = Lock()

    def __init__(self) -> None:
        self._is_over = False

    @classmethod
    def begin(cls) -> None:
        """What was imported stays, and is apart without a search."""
        gc.freeze()
        cls._is_ours = True

    def renew(self) -> None:
        """What stands now is apart from here on."""
        with self._turn:
            if self._is_over or (gc.get_freeze_count() and not Apart._is_ours):
                return
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            Apart._is_ours = True

    def end(self) -> None:
        """Nothing of the program is apart any more."""
        with self._turn:
            self._is_over = True
            if Apart._is_ours:
                gc.unfreeze()
                Apart._is_ours = False
