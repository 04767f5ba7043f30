"""Readers who ask at the same time share the work of bringing obligations up to date."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.evaluations.obligations.fresh import Shared


def test_all_who_ask_while_one_is_at_work_share_the_next_run() -> None:
    shared, go_on, runs = Shared(), threading.Event(), list[int]()

    def work() -> None:
        runs.append(len(runs))
        assert go_on.wait(60)

    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(shared.run, work)
        until(lambda: runs == [0])
        others = [pool.submit(shared.run, work) for _ in range(8)]
        until(lambda: shared.waiting == 8)
        go_on.set()
        for each in (first, *others):
            each.result(60)
    # the run under way when they asked may have looked before what they stored: they want one that begins later
    assert runs == [0, 1]
    shared.run(work)
    assert runs == [0, 1, 2]


def test_a_run_that_fails_is_nobodys_answer_but_of_who_made_it() -> None:
    shared, go_on, runs = Shared(), threading.Event(), list[str]()

    def fails() -> None:
        runs.append("fails")
        assert go_on.wait(60)
        raise RuntimeError("away")

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(shared.run, fails)
        until(lambda: runs == ["fails"])
        others = [pool.submit(shared.run, lambda: runs.append("works")) for _ in range(2)]
        until(lambda: shared.waiting == 2)
        go_on.set()
        with pytest.raises(RuntimeError, match="away"):
            first.result(60)
        for each in others:
            each.result(60)
    assert runs == ["fails", "works"]


def until(state: Callable[[], bool]) -> None:
    """Waits for a state of other threads."""
    for _ in range(60_000):
        if state():
            return
        time.sleep(0.001)
    raise AssertionError("the state was not reached")
