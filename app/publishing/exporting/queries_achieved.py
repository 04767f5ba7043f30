"""Results on record of projects, with the indicators of the results framework that they are of."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.lookups import calendar_of, the_setup
from app.db.records import ResultRecord, ResultRecordProject
from app.db.results import FrameworkItem
from app.db.shapes import shaped


@dataclass(frozen=True, slots=True)
class _Stored:
    project_id: int
    record_id: int
    framework: str
    code: str
    title: str
    unit: str | None
    measure: str | None
    better: str | None
    year: int
    quantity: Decimal
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A result that a project shows, once however many records tell of it."""

    framework: str
    code: str
    title: str
    unit: str | None
    measure: str | None
    #: lower: its target is a ceiling
    better: str | None
    #: first and last day of its year
    starts_on: dt.date
    ends_on: dt.date
    quantity: Decimal
    sentence: str


@dataclass(frozen=True, slots=True)
class Group:
    """What stands above indicators in a framework."""

    framework: str
    level: str
    code: str
    title: str


def achieved(session: Session, keys: Sequence[int]) -> dict[int, list[Shown]]:
    """Results by project, in the order of their indicators and years. One statement where there are none."""
    record, link, item = table(ResultRecord), table(ResultRecordProject).c, table(FrameworkItem).c
    counted = record.alias("counted")
    statement = (
        select(
            link.project_id,
            counted.c.id.label("record_id"),
            item.framework,
            item.code,
            item.title,
            item.unit,
            item.measure,
            item.better,
            counted.c.year,
            counted.c.quantity,
            counted.c.sentence,
        )
        .join_from(table(ResultRecordProject), record, record.c.id == link.record_id)
        # a record that repeats another shows that one
        .join(counted, counted.c.id == func.coalesce(record.c.same_as_id, record.c.id))
        .join(table(FrameworkItem), item.id == counted.c.item_id)
        .where(
            link.project_id.in_(keys),
            record.c.archived_at.is_(None),
            counted.c.archived_at.is_(None),
            item.archived_at.is_(None),
        )
        .order_by(link.project_id, item.framework, item.code, counted.c.year, counted.c.reference)
        .distinct()
        .add_columns(counted.c.reference)
    )
    rows = [_Stored(*row[:-1]) for row in session.execute(statement)]
    if not rows:
        return {}
    fiscal = calendar_of(the_setup(session))
    found: dict[int, list[Shown]] = {}
    for row in rows:
        year = fiscal.year(row.year)
        found.setdefault(row.project_id, []).append(
            Shown(
                framework=row.framework,
                code=row.code,
                title=row.title,
                unit=row.unit,
                measure=row.measure,
                better=row.better,
                starts_on=year.start,
                ends_on=year.end,
                quantity=row.quantity,
                sentence=row.sentence,
            )
        )
    return found


def groups(session: Session, frameworks: Sequence[str]) -> list[Group]:
    """What stands above the indicators of some frameworks."""
    item = table(FrameworkItem).c
    statement = select(item.framework, item.level, item.code, item.title).where(
        item.framework.in_(frameworks), item.level != "indicator", item.archived_at.is_(None)
    )
    return shaped(Group, session.execute(statement.order_by(item.framework, item.code)))
