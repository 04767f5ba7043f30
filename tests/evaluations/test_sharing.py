"""Processes that share a recomputation make of it what one makes alone, and none writes what another knows better."""

import errno
import os
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.db.base import table
from app.db.engine import Database, open_database
from app.db.evaluations import Assessed, Obligation
from app.evaluations.obligations import recompute, sharing
from app.evaluations.obligations.judging import Judge, Judged
from app.evaluations.obligations.recompute import refresh
from app.evaluations.policies.shipped import shipped_text
from tests.evaluations.world import World

PROJECTS = 9


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    """Projects of which each is a batch, shared from the first one on."""
    monkeypatch.setattr(recompute, "BATCH", 1)
    monkeypatch.setattr(sharing, "_WORTH", 0)
    monkeypatch.setattr(sharing, "usable_cores", lambda: 3)
    monkeypatch.setenv("EARMARK_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    world = World(database)
    for number in range(PROJECTS):
        world.project(f"P{number}", start="2023-01-01", end="2026-12-31", budget="9000000")
    return world


def reopened() -> Database:
    """What a further process opens."""
    return open_database(Settings())


def dies(*_given: object) -> NoReturn:
    """Ends its process, as the system does where memory runs out."""
    os._exit(1)


def kept(world: World) -> list[tuple[object, ...]]:
    columns = [each for each in table(Obligation).c if each.name not in ("id", "successor_id")]
    with world.database.read() as session:
        return sorted((tuple(row) for row in session.execute(select(*columns))), key=repr)


def noted(world: World) -> int:
    with world.database.read() as session:
        return len(session.scalars(select(table(Assessed).c.id)).all())


def test_processes_that_share_keep_what_one_keeps_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Sequence[int]] = []
    asked = sharing.Sharing._asked

    def told(self: sharing.Sharing, one: Any, ids: Sequence[int]) -> bool:
        taken = asked(self, one, ids)
        left.extend([ids] if taken else [])
        return taken

    monkeypatch.setattr(sharing.Sharing, "_asked", told)
    done: list[int] = []
    outcome = refresh(world.database, world.today, progress=lambda count, _all: done.append(count), reopened=reopened)
    assert len(left) > 1, "others had a part in it"
    assert (outcome.projects, outcome.changed) == (PROJECTS, PROJECTS)
    assert done[-1] == PROJECTS
    shared = kept(world)
    assert len(shared) >= PROJECTS
    alone = refresh(world.database, world.today, thorough=True)
    assert (alone.projects, alone.changed) == (PROJECTS, 0)
    assert kept(world) == shared


def test_what_a_process_fails_to_do_is_done_here(world: World) -> None:
    outcome = refresh(world.database, world.today, reopened=dies)
    assert (outcome.projects, outcome.changed) == (PROJECTS, PROJECTS)
    assert noted(world) == PROJECTS
    assert world.refresh().projects == 0


def test_a_fault_of_whoever_watches_is_raised_and_nothing_is_told_twice(world: World) -> None:
    told: list[int] = []

    def watch(count: int, _all: int) -> None:
        told.append(count)
        if len(told) == PROJECTS // 2:
            raise ValueError("the watcher has gone")

    with pytest.raises(ValueError, match="the watcher has gone"):
        refresh(world.database, world.today, progress=watch, reopened=reopened)
    assert told == sorted(set(told))
    assert len(told) == PROJECTS // 2


def test_where_no_further_process_may_be_made_this_one_does_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    begun = sharing.workers

    def one_alone(*given: Any) -> object:
        if made:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        made.append(begun(*given))
        return made[0]

    monkeypatch.setattr(sharing, "workers", one_alone)
    assert refresh(world.database, world.today, reopened=reopened).projects == PROJECTS
    assert noted(world) == PROJECTS


def test_what_is_little_is_done_here(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_WORTH", PROJECTS)
    monkeypatch.setattr(sharing, "workers", dies)
    assert refresh(world.database, world.today, reopened=reopened).projects == PROJECTS


def after_the_first(judged: Callable[..., list[Judged]], then: Callable[[], object]) -> Callable[..., list[Judged]]:
    """Judges, and once does something between that and what is made of it."""
    left = [then]

    def judging(self: Judge, session: Session, ids: Sequence[int]) -> list[Judged]:
        found = judged(self, session, ids)
        if left:
            left.pop()()
        return found

    return judging


def test_a_run_tells_of_all_that_it_did_whatever_is_judged_in_its_midst(world: World) -> None:
    """As any page does after a change of one project."""
    world.refresh()
    changed: list[int] = []

    def seen(_done: int, _all: int) -> None:
        if len(changed) == PROJECTS // 2:
            world.decide("P0", "planned_end", "2026-08-10", "2028-12-31")
            world.refresh()
        changed.append(1)

    outcome = refresh(world.database, world.today, thorough=True, progress=seen)
    assert outcome.projects == PROJECTS


def test_what_a_policy_says_that_was_stored_meanwhile_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.refresh()
    text = shipped_text("default").replace("500000", "450000")

    def loaded() -> None:
        world.policy(text)
        world.refresh()

    monkeypatch.setattr(Judge, "judged", after_the_first(Judge.judged, loaded))
    refresh(world.database, world.today, thorough=True)
    standing = kept(world)
    assert refresh(world.database, world.today, thorough=True).changed == 0
    assert kept(world) == standing


def test_what_another_has_judged_of_newer_facts_meanwhile_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts are read before it is one's turn to write: by then somebody may have changed a project and had it judged,
    and counts on what was kept."""
    project = world.project("Q", start="2023-01-01", end="2026-12-31", budget="9000000")
    world.refresh()

    def extended() -> None:
        world.decide("Q", "planned_end", "2026-08-10", "2028-12-31")
        world.refresh()

    world.decide("Q", "planned_end", "2026-08-01", "2027-12-31")
    monkeypatch.setattr(Judge, "judged", after_the_first(Judge.judged, extended))
    refresh(world.database, world.today)
    finals = {str(row.due_on): row.status for row in world.obligations(project) if row.kind == "final"}
    assert finals == {"2026-12-31": "superseded", "2027-12-31": "superseded", "2028-12-31": "open"}
    assert world.refresh().projects == 0
