"""A release that copies what did not change is the one that is made from nothing, whatever changed."""

import datetime as dt
import random
from collections.abc import Callable, Collection
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlmodel import Session

from app.db.base import table
from app.db.engine import Database
from app.db.projects import Classification, Project
from app.db.publishing import Fragment
from app.domain.datasets import Split
from app.publishing.releasing import prepare as preparing
from app.publishing.releasing.outcome import Outcome
from app.publishing.releasing.spared import spared
from tests.deep import seeds
from tests.publishing.conftest import TODAY
from tests.publishing.releasing.office import Office

ROUNDS = 5
Change = Callable[[Office, Session, Project, random.Random], None]


def _title(_: Office, __: Session, project: Project, some: random.Random) -> None:
    project.title = f"Work {some.randrange(3)}"


def _code(_: Office, __: Session, project: Project, some: random.Random) -> None:
    project.code = f"X/{project.id}/{some.randrange(1000)}"


def _withheld(_: Office, __: Session, project: Project, some: random.Random) -> None:
    project.withheld_reason = some.choice([None, "safety"])


def _embargo(_: Office, __: Session, project: Project, some: random.Random) -> None:
    project.embargo_until = some.choice([None, TODAY, TODAY + dt.timedelta(days=some.randrange(4))])


def _archived(_: Office, __: Session, project: Project, ___: random.Random) -> None:
    project.archived_at = None if project.archived_at else dt.datetime.now(dt.UTC)


def _draft(_: Office, __: Session, project: Project, some: random.Random) -> None:
    project.actual_end = some.choice([None, dt.date(2026, 10, 31), dt.date(2026, 11, 1)])


def _country(_: Office, session: Session, project: Project, some: random.Random) -> None:
    where = select(Classification).where(
        table(Classification).c.project_id == project.id, table(Classification).c.kind == "country"
    )
    session.scalars(where).one().code = some.choice(["KE", "GH", "UG", "VN"])


def _new(office: Office, session: Session, _: Project, some: random.Random) -> None:
    number = session.scalar(select(func.count()).select_from(table(Project))) or 0
    parent = some.choice([None, office.project.id])
    office.add_project(session, f"{some.choice('AMZ')}/{number}", title=f"Work {some.randrange(3)}", parent_id=parent)


CHANGES: list[Change] = [_title, _code, _withheld, _embargo, _archived, _draft, _country, _new]


@pytest.mark.drawn
@pytest.mark.parametrize("seed", seeds(3))
def test_a_release_that_copies_is_the_one_that_is_made_from_nothing(
    office: Office, database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    some = random.Random(seed)
    split = list(Split)[seed % 3]
    with database.write("anna") as session:
        for _ in range(12):
            _new(office, session, office.project, some)
    office.release(split=split)
    found: list[int] = []

    def counted(*given: Any) -> Collection[int]:
        some_spared = spared(*given)
        found.extend(some_spared)
        return some_spared

    for later in range(ROUNDS):
        with database.write("anna") as session:
            every = session.scalars(select(Project).order_by(table(Project).c.id)).all()
            for project in some.sample(every, some.randrange(1, 4)):
                change = _archived if project.archived_at else some.choice(CHANGES)
                change(office, session, project, some)
        how: dict[str, Any] = {"split": split, "as_of": TODAY + dt.timedelta(days=later)}
        with monkeypatch.context() as watched:
            watched.setattr(preparing, "spared", counted)
            copied = office.prepare(**how)
        if not copied.made:
            continue
        with database.write("test") as session:
            session.execute(delete(table(Fragment)))
        with monkeypatch.context() as bare:
            bare.setattr(preparing, "spared", lambda *_: ())
            bare.setattr(Outcome, "same_as", lambda *_: None)
            anew = office.prepare(**how)
        assert _said(office, anew.number) == _said(office, copied.number)
        office.approve(number=anew.number)
        office.publish()
    assert found


def _said(office: Office, number: int) -> object:
    shown = office.shown(number)
    files = [{**file} for file in shown["files"]]
    return files, shown["rules"], shown["scores"], office.lines(number=number)
