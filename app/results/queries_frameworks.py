"""Reads of versions of the results framework: their targets, tags and the ways between them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, FromClause, case, func, select
from sqlmodel import Session

from app.db.base import table
from app.db.frameworks import FrameworkTag, FrameworkTarget, FrameworkWay, ResultsFramework
from app.db.programmes import CountryProgramme
from app.db.projects import Project
from app.db.results import FrameworkItem
from app.db.shapes import first_shaped, shaped
from app.db.spending import Allocation
from app.domain.framework import INDICATOR
from app.domain.outcomes import outcome_codes
from app.domain.periods import Period
from app.domain.terms import Stage
from app.http.lists import Listing, equals, sort, unless_archived

_framework, _target, _tag = table(ResultsFramework).c, table(FrameworkTarget).c, table(FrameworkTag).c
_items, _way, _project, _programme = (
    table(FrameworkItem),
    table(FrameworkWay).c,
    table(Project).c,
    table(CountryProgramme).c,
)


def items_of_code(session: Session, framework: str, code: str, level: str = "") -> Sequence[FrameworkItem]:
    """Items in use of a framework that have a code, on the level or on any."""
    item = _items.c
    statement = select(FrameworkItem).where(item.framework == framework, item.code == code, item.archived_at.is_(None))
    if level:
        statement = statement.where(item.level == level)
    return session.scalars(statement.order_by(item.level)).all()


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """The time of a framework on record, and the day on which it was closed."""

    starts_on: dt.date
    ends_on: dt.date
    closed_on: dt.date | None


def version(session: Session, name: str) -> StoredVersion | None:
    """The framework on record of that code."""
    statement = select(_framework.starts_on, _framework.ends_on, _framework.closed_on).where(_framework.code == name)
    return first_shaped(StoredVersion, session.execute(statement))


def frameworks_in_use(session: Session) -> Sequence[str]:
    """The codes of the frameworks that have items in use, in order."""
    item = _items.c
    statement = select(item.framework).where(item.archived_at.is_(None)).distinct().order_by(item.framework)
    return session.scalars(statement).all()


def levels_of(session: Session, framework: str) -> set[str]:
    """The levels that items of a framework have."""
    return set(session.scalars(select(_items.c.level).where(_items.c.framework == framework).distinct()))


def find_target(session: Session, item_id: int, period: Period, region: str) -> FrameworkTarget | None:
    return session.scalars(
        select(FrameworkTarget).where(
            _target.item_id == item_id,
            _target.period_start == period.start,
            _target.period_end == period.end,
            _target.region == region,
        )
    ).first()


def find_tag(session: Session, tag: FrameworkTag) -> FrameworkTag | None:
    """The tag on record that says the same."""
    same = [
        _tag[name].is_(None) if (value := getattr(tag, name)) is None else _tag[name] == value
        for name in ("item_id", "project_id", "programme_id", "period_start", "period_end", "source")
    ]
    return session.scalars(select(FrameworkTag).where(*same)).first()


def find_way(session: Session, from_item_id: int, to_framework: str, to_item_id: int | None) -> FrameworkWay | None:
    to = _way.to_item_id.is_(None) if to_item_id is None else _way.to_item_id == to_item_id
    return session.scalars(
        select(FrameworkWay).where(_way.from_item_id == from_item_id, _way.to_framework == to_framework, to)
    ).first()


def find_programme(session: Session, code: str) -> CountryProgramme | None:
    return session.scalars(select(CountryProgramme).where(_programme.code == code)).first()


def allocations_exist(session: Session, project_id: int, period: Period, source: str) -> bool:
    """Whether money is set aside for the project with days in the period, from the source or from any."""
    row = table(Allocation).c
    found = select(row.id).where(
        row.project_id == project_id, row.period_start <= period.end, row.period_end >= period.start
    )
    if source:
        found = found.where(row.source == source)
    return session.scalar(select(found.exists())) is True


@dataclass(frozen=True, slots=True)
class TagRecord:
    """A tag with what it is on, and the days of that."""

    item_id: int
    code: str
    project_id: int | None
    programme_id: int | None
    #: days and source of the allocations meant; None: no allocation
    period_start: dt.date | None
    period_end: dt.date | None
    source: str
    project: str | None
    programme: str | None
    #: last day of the project or the programme
    ends_on: dt.date | None
    #: the project is closed or cancelled
    over: bool


def tags_of(session: Session, framework: str) -> list[TagRecord]:
    """Tags on items of a framework, in the order of their codes."""
    statement = (
        select(
            _tag.item_id,
            _items.c.code,
            _tag.project_id,
            _tag.programme_id,
            _tag.period_start,
            _tag.period_end,
            _tag.source,
            _project.code.label("project"),
            _programme.code.label("programme"),
            func.coalesce(_project.actual_end, _project.planned_end, _programme.ends_on).label("ends_on"),
            _over().label("over"),
        )
        .join_from(table(FrameworkTag), _items, _items.c.id == _tag.item_id)
        .outerjoin(table(Project), _project.id == _tag.project_id)
        .outerjoin(table(CountryProgramme), _programme.id == _tag.programme_id)
        .where(
            _items.c.framework == framework,
            _tag.archived_at.is_(None),
            _project.archived_at.is_(None),
            _programme.archived_at.is_(None),
        )
        .order_by(_tag.id)
    )
    found = shaped(TagRecord, session.execute(statement))
    return sorted(found, key=lambda tag: (tag.code, tag.project or "", tag.programme or ""))


@dataclass(frozen=True, slots=True)
class StatedOutcome:
    """An outcome that a project states of itself."""

    outcome: str
    project_id: int
    project: str
    ends_on: dt.date | None
    over: bool


def stated_outcomes(session: Session, framework: str) -> list[StatedOutcome]:
    """Outcomes that projects state themselves and the framework has."""
    item = _items.c
    known = set(session.scalars(select(item.code).where(item.framework == framework, item.archived_at.is_(None))))
    statement = (
        select(
            _project.outcome,
            _project.id.label("project_id"),
            _project.code.label("project"),
            func.coalesce(_project.actual_end, _project.planned_end).label("ends_on"),
            _over().label("over"),
        )
        .where(_project.archived_at.is_(None), _project.outcome.is_not(None))
        .order_by(_project.outcome, _project.code)
    )
    rows = shaped(StatedOutcome, session.execute(statement))
    named = ((row, code) for row in rows for code in outcome_codes(row.outcome) if code in known)
    return sorted((replace(row, outcome=code) for row, code in named), key=lambda one: (one.outcome, one.project))


def ways_between(session: Session, framework: str, following: str) -> list[tuple[str, str | None]]:
    """(code of the one framework, code of the other or None) for every way from the one to the other."""
    to = _items.alias("to_item")
    rows = session.execute(
        select(_items.c.code, to.c.code)
        .join_from(table(FrameworkWay), _items, _items.c.id == _way.from_item_id)
        .outerjoin(to, to.c.id == _way.to_item_id)
        .where(_items.c.framework == framework, _way.to_framework == following, _way.archived_at.is_(None))
    )
    return [(row[0], row[1]) for row in rows]


def _over() -> ColumnElement[bool]:
    return func.coalesce(_project.stage.in_([Stage.CLOSED, Stage.CANCELLED]), False)


def _written(item: FromClause) -> ColumnElement[str]:
    """The code of an item as it is named: with its level where another level has the code too."""
    other = _items.alias("other")
    twice = (
        select(other.c.id)
        .where(
            other.c.framework == item.c.framework,
            other.c.code == item.c.code,
            other.c.id != item.c.id,
            other.c.archived_at.is_(None),
        )
        .exists()
    )
    return case((twice, item.c.level + ":" + item.c.code), else_=item.c.code)


def _items_with(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(func.count())
        .where(_items.c.framework == _framework.code, _items.c.archived_at.is_(None), *conditions)
        .correlate(table(ResultsFramework))
        .scalar_subquery()
    )


FRAMEWORKS = Listing(
    name="results frameworks",
    statement=select(
        _framework.id,
        _framework.code,
        _framework.title,
        _framework.starts_on,
        _framework.ends_on,
        _framework.levels,
        _framework.closed_on,
        _items_with().label("items"),
        _items_with(_items.c.level == INDICATOR, _items.c.baseline_value.is_(None)).label("without_baseline"),
        _framework.note,
        _framework.version,
        _framework.archived_at,
    ),
    key=_framework.id,
    sorts={"code": sort(_framework.code), "starts_on": sort(_framework.starts_on), "id": sort(_framework.id)},
    filters={"archived": unless_archived(_framework.archived_at)},
    usual_sort="code",
)

TARGETS = Listing(
    name="framework targets",
    statement=select(
        _target.id,
        _items.c.framework,
        _items.c.level,
        _written(_items).label("code"),
        _target.period_start,
        _target.period_end,
        _target.region,
        _target.target,
        _target.note,
        _target.version,
        _target.archived_at,
    ).join_from(table(FrameworkTarget), _items, _items.c.id == _target.item_id),
    key=_target.id,
    sorts={"id": sort(_target.id), "region": sort(_target.region), "period_start": sort(_target.period_start)},
    filters={
        "archived": unless_archived(_target.archived_at),
        "framework": equals(_items.c.framework),
        "region": equals(_target.region),
    },
    usual_sort="id",
)

TAGS = Listing(
    name="framework tags",
    statement=select(
        _tag.id,
        _items.c.framework,
        _items.c.level,
        _written(_items).label("code"),
        _items.c.title,
        _project.code.label("project"),
        _programme.code.label("country_programme"),
        _tag.period_start,
        _tag.period_end,
        _tag.source,
        _tag.note,
        _tag.version,
        _tag.archived_at,
    )
    .join_from(table(FrameworkTag), _items, _items.c.id == _tag.item_id)
    .outerjoin(table(Project), _project.id == _tag.project_id)
    .outerjoin(table(CountryProgramme), _programme.id == _tag.programme_id),
    key=_tag.id,
    sorts={"id": sort(_tag.id)},
    filters={
        "archived": unless_archived(_tag.archived_at),
        "framework": equals(_items.c.framework),
        "project": equals(_project.code),
        "country_programme": equals(_programme.code),
    },
    usual_sort="id",
)

_to = _items.alias("to_items")
WAYS = Listing(
    name="framework crosswalk",
    statement=select(
        _way.id,
        _items.c.framework.label("from_framework"),
        _written(_items).label("from_code"),
        _way.to_framework,
        case((_way.to_item_id.is_not(None), _written(_to))).label("to_code"),
        _way.note,
        _way.version,
        _way.archived_at,
    )
    .join_from(table(FrameworkWay), _items, _items.c.id == _way.from_item_id)
    .outerjoin(_to, _to.c.id == _way.to_item_id),
    key=_way.id,
    sorts={"id": sort(_way.id)},
    filters={
        "archived": unless_archived(_way.archived_at),
        "from_framework": equals(_items.c.framework),
        "to_framework": equals(_way.to_framework),
    },
    usual_sort="id",
)
