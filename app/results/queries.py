"""Reads of logframes and of the results framework."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.projects import Project
from app.db.results import Baseline, FrameworkItem, Indicator, IndicatorPeriod, PeriodValue, Result
from app.http.lists import Listing, contains, equals, sort, unless_archived


def find_project(session: Session, code: str) -> Project | None:
    return session.scalars(select(Project).where(table(Project).c.code == code)).first()


def find_result(session: Session, project_id: int, title: str) -> Result | None:
    result = table(Result).c
    return session.scalars(
        select(Result)
        .where(result.project_id == project_id, result.title == title, result.archived_at.is_(None))
        .order_by(result.ordinal, result.id)
    ).first()


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


_project, _result, _item = table(Project).c, table(Result).c, table(FrameworkItem).c

RESULTS = Listing(
    name="results",
    statement=select(
        _result.id,
        _project.code.label("project"),
        _result.title.label("result"),
        _result.type,
        _result.description,
        _result.note,
        _result.version,
        _result.archived_at,
    ).join_from(table(Result), table(Project), _project.id == _result.project_id),
    key=_result.id,
    sorts={"id": sort(_result.id), "project": sort(_project.code), "result": sort(_result.title)},
    filters={
        "archived": unless_archived(_result.archived_at),
        "project": equals(_project.code),
        "type": equals(_result.type),
        "q": contains(_result.title),
    },
    usual_sort="id",
)

FRAMEWORK = Listing(
    name="framework items",
    statement=select(
        _item.id,
        _item.framework,
        _item.level,
        _item.code,
        _item.title,
        _item.target,
        _item.result_total,
        _item.regions,
        _item.note,
        _item.unit,
        _item.measure,
        _item.target_text,
        _item.baseline_year,
        _item.baseline_value,
        _item.result_text,
        _item.better,
        _item.version,
        _item.archived_at,
    ),
    key=_item.id,
    sorts={"id": sort(_item.id), "framework": sort(_item.framework), "code": sort(_item.code)},
    filters={
        "archived": unless_archived(_item.archived_at),
        "framework": equals(_item.framework),
        "level": equals(_item.level),
        "code": equals(_item.code),
    },
    usual_sort="framework,code",
)
