"""Waiting for a state. No test waits for a time: what is slow here is slower elsewhere."""

import time
from collections.abc import Callable


def until(reached: Callable[[], object]) -> None:
    """Returns when the state is reached, however long that takes."""
    while not reached():
        time.sleep(0.01)
