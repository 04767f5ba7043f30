"""Dates, budget, officer and stage of a project: appended values; the newest decision stands on the project."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from app.db import revisions as db_revisions
from app.db.projects import ProjectRevision
from app.db.revisions import DATES, values
from app.domain.revisions import LifeCycle, read_budget, replay
from app.domain.terms import Stage
from app.projects import queries


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectState:
    """What was known of a project on a day."""

    code: str
    as_of: dt.date
    recorded_at: dt.datetime | None
    stage: Stage | None = None
    planned_start: dt.date | None = None
    planned_end: dt.date | None = None
    actual_start: dt.date | None = None
    actual_end: dt.date | None = None
    total_budget: Decimal | None = None
    budget_currency: str | None = None
    #: code of the officer
    officer: str | None = None


def state(
    code: str, revisions: Iterable[ProjectRevision], as_of: dt.date, recorded_at: dt.datetime | None
) -> ProjectState:
    """What the revisions say was known on a day."""
    known = replay(values(revisions), as_of=as_of, recorded_at=recorded_at)
    amount, currency = read_budget(known.get("total_budget"))
    dates = {name: dt.date.fromisoformat(text) for name in DATES if (text := known.get(name)) is not None}
    stage = known.get("stage")
    life = LifeCycle(stage=None if stage is None else Stage(stage), **dates).as_of(as_of)
    return ProjectState(
        code=code,
        as_of=as_of,
        recorded_at=recorded_at,
        stage=life.stage,
        total_budget=amount,
        budget_currency=currency,
        officer=known.get("officer"),
        **{name: getattr(life, name) for name in DATES},
    )


def project_as_of(
    session: Session, project_id: int, as_of: dt.date, recorded_at: dt.datetime | None = None
) -> ProjectState:
    """The project as known on ``as_of`` and recorded by ``recorded_at`` (None: by now). Two queries.

    :raises NotFound: when there is no such project.
    """
    project = queries.get_project(session, project_id)
    return state(project.code, db_revisions.revisions(session, project_id), as_of, recorded_at)
