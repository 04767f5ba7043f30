"""Reads of logframes and of the results framework."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.projects import Project
from app.db.results import Baseline, FrameworkItem, Indicator, IndicatorPeriod, PeriodValue, Result
from app.errors import NotFound


def find_project(session: Session, code: str) -> Project | None:
    return session.scalars(select(Project).where(table(Project).c.code == code)).first()


def get_project(session: Session, project_id: int) -> Project:
    if (found := session.get(Project, project_id)) is None:
        raise NotFound(f"There is no project {project_id}.")
    return found


def find_result(session: Session, project_id: int, title: str) -> Result | None:
    result = table(Result).c
    return session.scalars(
        select(Result)
        .where(result.project_id == project_id, result.title == title, result.archived_at.is_(None))
        .order_by(result.ordinal, result.id)
    ).first()


def get_result(session: Session, result_id: int) -> Result:
    if (found := session.get(Result, result_id)) is None:
        raise NotFound(f"There is no result {result_id}.")
    return found


def results(session: Session, project_id: int) -> Sequence[Result]:
    result = table(Result).c
    return session.scalars(
        select(Result)
        .where(result.project_id == project_id, result.archived_at.is_(None))
        .order_by(result.ordinal, result.id)
    ).all()


def next_result(session: Session, project_id: int) -> int:
    """The place after the project's last result."""
    last = session.scalar(select(func.max(table(Result).c.ordinal)).where(table(Result).c.project_id == project_id))
    return 0 if last is None else last + 1


def indicators(session: Session, result_ids: Collection[int]) -> Sequence[Indicator]:
    row = table(Indicator).c
    return session.scalars(
        select(Indicator).where(row.result_id.in_(sorted(result_ids))).order_by(row.result_id, row.ordinal, row.id)
    ).all()


def baselines(session: Session, indicator_ids: Collection[int]) -> Sequence[Baseline]:
    row = table(Baseline).c
    return session.scalars(
        select(Baseline).where(row.indicator_id.in_(sorted(indicator_ids))).order_by(row.indicator_id, row.ordinal)
    ).all()


def periods(session: Session, indicator_ids: Collection[int]) -> Sequence[IndicatorPeriod]:
    row = table(IndicatorPeriod).c
    return session.scalars(
        select(IndicatorPeriod)
        .where(row.indicator_id.in_(sorted(indicator_ids)))
        .order_by(row.indicator_id, row.ordinal, row.id)
    ).all()


def values(session: Session, period_ids: Collection[int]) -> Sequence[PeriodValue]:
    row = table(PeriodValue).c
    return session.scalars(
        select(PeriodValue)
        .where(row.period_id.in_(sorted(period_ids)))
        .order_by(row.period_id, row.kind, row.ordinal, row.id)
    ).all()


def find_item(session: Session, framework: str, level: str, code: str) -> FrameworkItem | None:
    item = table(FrameworkItem).c
    return session.scalars(
        select(FrameworkItem).where(item.framework == framework, item.level == level, item.code == code)
    ).first()


def get_item(session: Session, item_id: int) -> FrameworkItem:
    if (found := session.get(FrameworkItem, item_id)) is None:
        raise NotFound(f"There is no item {item_id} of a results framework.")
    return found
