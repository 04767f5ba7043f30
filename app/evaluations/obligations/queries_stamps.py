"""Statements that tell of which projects the facts have changed since they were last assessed."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    String,
    Subquery,
    and_,
    cast,
    func,
    join,
    literal,
    or_,
    select,
)
from sqlmodel import Session

from app.db.among import among
from app.db.base import Statement, table
from app.db.evaluations import (
    Assessed,
    Assessment,
    Evaluation,
    EvaluationPolicy,
    EvaluationProject,
    Obligation,
    ObligationDecision,
    StrategyMilestone,
    WaiverTakenBack,
)
from app.db.funding import Agreement, FundingShare
from app.db.organisation import Unit
from app.db.portions import NUMBER, Portions, of_portions
from app.db.programmes import CountryProgramme
from app.db.projects import Project, ProjectRevision
from app.db.shapes import first_shaped
from app.db.spending import ExchangeRate, LedgerEntry
from app.db.unchanged import known, known_by_portion
from app.evaluations.obligations.queries_facts import DECISIONS, IS_PROJECT

_project, _revision, _share = table(Project).c, table(ProjectRevision).c, table(FundingShare).c
_agreement, _rate, _entry = table(Agreement).c, table(ExchangeRate).c, table(LedgerEntry).c
_policy, _assessed, _assessment = table(EvaluationPolicy).c, table(Assessed).c, table(Assessment).c
_evaluation, _covered = table(Evaluation).c, table(EvaluationProject).c
#: what duties of the institution follow from, beside policies and evaluations
_unit = table(Unit).c
_programme, _milestone = table(CountryProgramme).c, table(StrategyMilestone).c
_obligation, _decision, _back = table(Obligation).c, table(ObligationDecision).c, table(WaiverTakenBack).c


def newest_rate_id(session: Session) -> int:
    return session.scalar(select(func.max(_rate.id))) or 0


def currencies_rated_since(session: Session, rate_id: int) -> set[str]:
    """Currencies with rates recorded after that one."""
    return set(session.scalars(select(_rate.currency).where(_rate.id > rate_id).distinct()))


def judged_by(session: Session) -> Sequence[int]:
    """What rises with each policy and rate that is stored, and with each policy that is retired."""
    newest = select(func.max(_policy.id)).scalar_subquery()
    retired = select(func.count(_policy.id)).where(_policy.retired.is_(True)).scalar_subquery()
    rated = select(func.max(_rate.id)).scalar_subquery()
    return [part or 0 for part in session.execute(select(newest, retired, rated)).one()]


def watermark(session: Session, *, spending: bool) -> str:
    """Counts and versions of everything obligations are computed from, as the session sees it.

    ``spending``: a rule looks at the ledger. One statement of index and table scans, where any of them was changed.
    """
    return known(session, f"watermark of obligations {spending}", lambda fresh: _watermark(fresh, spending=spending))


#: what is kept of obligations: another version of the program, which keeps less, notes another watermark
_KEPT = "done"


def _watermark(session: Session, *, spending: bool) -> str:
    counted = _counted_of_portions(spending=spending)

    def read(fresh: Session, portions: Portions) -> Mapping[int, Sequence[int]]:
        return {number: [part or 0 for part in parts] for number, *parts in fresh.execute(counted, portions.given)}

    of_projects = known_by_portion(
        session,
        f"watermark of obligations by portion {spending}",
        read,
        _put_together,
        within={"projects", "funding_shares", "project_revisions", "ledger_entries"},
    )
    own = known(session, "watermark of obligations beside projects", _beside_projects)
    projects, shares, revisions, entries = (of_projects[place : place + 2] for place in range(0, 8, 2))
    # in the order in which processes of other versions note them
    told = [*projects, *shares, *own[:10], *revisions, *own[10:20], *(entries if spending else ()), *own[20:]]
    return " ".join([_KEPT, *map(str, told)])


def _beside_projects(session: Session) -> list[int]:
    parts: list[ScalarSelect[int]] = []
    for columns in (_agreement, _evaluation, _unit, _programme, _milestone):
        parts.append(select(func.count(columns.id)).scalar_subquery())
        parts.append(select(func.sum(columns.version)).scalar_subquery())
    for appended in (_rate, _policy, _covered, _decision, _back):
        parts.append(select(func.count(appended.id)).scalar_subquery())
        parts.append(select(func.max(appended.id)).scalar_subquery())
    parts.append(select(func.count(_policy.id)).where(_policy.retired.is_(True)).scalar_subquery())
    return [part or 0 for part in session.execute(select(*parts)).one()]


@cache
def _counted_of_portions(*, spending: bool) -> Statement:
    """Of each portion of the projects: numbers of rows, each with a sum of versions or the highest key."""
    versioned, appended = ((_project, _project.id), (_share, _share.project_id)), [_revision]
    parts: list[ScalarSelect[int]] = []
    for columns, key in versioned:
        parts.append(select(func.count(columns.id)).where(of_portions(key)).scalar_subquery())
        parts.append(select(func.sum(columns.version)).where(of_portions(key)).scalar_subquery())
    for columns in [*appended, *([_entry] if spending else ())]:
        parts.append(select(func.count(columns.id)).where(of_portions(columns.project_id)).scalar_subquery())
        # of the mere key PostgreSQL would look for the highest from the end of all rows, through those of others
        highest = func.max(columns.id + 0)
        parts.append(select(highest).where(of_portions(columns.project_id)).scalar_subquery())
    return select(NUMBER, *parts)


def _put_together(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    """Numbers and sums of versions are added up; of keys the highest stands."""
    columns = zip(*parts, strict=True)
    return [max(column) if place in _HIGHEST else sum(column) for place, column in enumerate(columns)] or [0] * 8


#: places of the highest keys among the parts of a portion
_HIGHEST = (5, 7)


@dataclass(frozen=True, slots=True)
class Finished:
    """A recomputation that went through; see :class:`app.db.evaluations.Assessment`."""

    id: int
    as_of: dt.date
    watermark: str
    rulebook: str
    rate_id: int


def last_assessment(session: Session) -> Finished | None:
    """The newest recomputation that went through."""
    finished = select(*(_assessment[name] for name in Finished.__match_args__)).where(_assessment.watermark != "")
    return first_shaped(Finished, session.execute(finished.order_by(_assessment.id.desc()).limit(1)))


def unfinished_assessment(session: Session) -> Assessment | None:
    """The recomputation that is under way, or was interrupted."""
    return session.scalars(select(Assessment).where(_assessment.watermark == "").limit(1)).first()


def coming_due(session: Session, as_of: dt.date) -> list[int]:
    """Keys of the projects of which facts that were known in advance have come to count by the day, rising."""
    joined = join(table(Assessed), table(Project), _project.id == _assessed.project_id)
    kept = select(_project.id).select_from(joined)
    kept = kept.where(_assessed.next_on <= as_of, IS_PROJECT, _project.archived_at.is_(None))
    # put in order here: for an order by its keys SQLite would go through all projects, and mostly there are none
    return sorted(session.scalars(kept))


def _stamps(within: Callable[[ColumnElement[int]], ColumnElement[bool]], *, spending: bool) -> Subquery:
    """Project id → versions of the rows its facts come from, as text; ``within`` narrows the projects.

    ``spending``: a rule looks at the ledger.
    """
    funded = func.count(_share.id) * 1_000_003 + func.sum(_share.id + _share.version * 31 + _agreement.version * 7)
    funding = (
        select(_share.project_id, funded.label("sum"))
        .join_from(table(FundingShare), table(Agreement), _agreement.id == _share.agreement_id)
        .where(within(_share.project_id))
        .group_by(_share.project_id)
        .subquery()
    )
    covering = func.count(_covered.id) * 1_000_003 + func.sum(_covered.id + _evaluation.version * 31)
    evaluated = (
        select(_covered.project_id, covering.label("sum"))
        .join_from(table(EvaluationProject), table(Evaluation), _evaluation.id == _covered.evaluation_id)
        .where(within(_covered.project_id))
        .group_by(_covered.project_id)
        .subquery()
    )
    decided = (
        select(_revision.project_id, func.max(_revision.id).label("newest"))
        .where(within(_revision.project_id))
        .group_by(_revision.project_id)
        .subquery()
    )
    approved = (
        select(
            _obligation.project_id,
            (func.max(_decision.id) * 1_000_003 + func.coalesce(func.max(_back.id), 0)).label("newest"),
        )
        .select_from(DECISIONS.join(table(Obligation), _obligation.id == _decision.obligation_id))
        .where(within(_obligation.project_id))
        .group_by(_obligation.project_id)
        .subquery()
    )
    figures = [_project.version, decided.c.newest, funding.c.sum, evaluated.c.sum, approved.c.newest]
    joined = (
        join(table(Project), funding, funding.c.project_id == _project.id, isouter=True)
        .join(evaluated, evaluated.c.project_id == _project.id, isouter=True)
        .join(decided, decided.c.project_id == _project.id, isouter=True)
        .join(approved, approved.c.project_id == _project.id, isouter=True)
    )
    if spending:
        posted = (
            select(_entry.project_id, (func.count(_entry.id) * 1_000_003 + func.max(_entry.id)).label("sum"))
            .where(_entry.project_id.is_not(None), within(_entry.project_id))
            .group_by(_entry.project_id)
            .subquery()
        )
        figures.append(posted.c.sum)
        joined = joined.join(posted, posted.c.project_id == _project.id, isouter=True)
    stamp: ColumnElement[str] = literal("")
    for figure in figures:
        stamp = stamp + "." + cast(cast(func.coalesce(figure, 0), BigInteger), String)
    return (
        select(_project.id, stamp.label("stamp"))
        .select_from(joined)
        .where(IS_PROJECT, _project.archived_at.is_(None), within(_project.id))
        .subquery()
    )


def last_of_range(session: Session, after: int, size: int) -> int | None:
    """Key of the last of the next ``size`` projects after key ``after``; None when there are none."""
    following = select(_project.id).where(_project.id > after).order_by(_project.id).limit(size).subquery()
    last: int | None = session.scalar(select(func.max(following.c.id)))
    return last


def projects_of_range(session: Session, after: int, upto: int) -> list[int]:
    """Projects with keys after ``after`` up to ``upto`` of which obligations are kept."""
    within = and_(_project.id > after, _project.id <= upto)
    kept = select(_project.id).where(IS_PROJECT, _project.archived_at.is_(None), within)
    return list(session.scalars(kept.order_by(_project.id)))


def _reckons_in(project: ColumnElement[int], currencies: Sequence[str], *, spending: bool) -> ColumnElement[bool]:
    """Whether what rules say of the project stands on a rate of one of these currencies: that of its total budget, now
    or at any time, of what was set aside for evaluations, or, where a rule looks at the ledger, of what was spent."""
    in_revision = or_(*(_revision.value.endswith(f" {currency}", autoescape=True) for currency in currencies))
    stands_on = [
        select(literal(1)).where(_project.id == project, _project.budget_currency.in_(currencies)),
        select(literal(1)).where(_revision.project_id == project, _revision.field == "total_budget", in_revision),
        select(literal(1))
        .join_from(table(EvaluationProject), table(Evaluation), _evaluation.id == _covered.evaluation_id)
        .where(_covered.project_id == project, _evaluation.currency.in_(currencies)),
    ]
    if spending:
        stands_on.append(select(literal(1)).where(_entry.project_id == project, _entry.currency.in_(currencies)))
    return or_(*(one.exists() for one in stands_on))


def _outdated(stamps: Subquery, as_of: dt.date, currencies: Sequence[str], *, spending: bool) -> Statement:
    # told of these too, a database need not go through those of all projects
    last = select(*_assessed).where(of_portions(_assessed.project_id)).subquery("last")
    told = [last.c.done_stamp.is_(None), last.c.done_stamp != stamps.c.stamp]
    changed = [last.c.id.is_(None), last.c.stamp != stamps.c.stamp, *told, last.c.next_on <= as_of]
    if currencies:
        changed.append(_reckons_in(stamps.c.id, currencies, spending=spending))
    compared = select(stamps.c.id).join(last, last.c.project_id == stamps.c.id, isouter=True)
    return compared.where(or_(*changed)).order_by(stamps.c.id)


def outdated_by_portion(session: Session, as_of: dt.date, *, currencies: set[str], spending: bool) -> list[int]:
    """Projects whose facts differ from those last assessed; only those portions of all projects are compared of which
    anything was stored since they last were.

    ``currencies``: rates of these have changed; ``spending``: a rule looks at the ledger.
    """
    rated = tuple(sorted(currencies))
    statement = _outdated_of_portions(as_of, rated, spending=spending)

    def read(fresh: Session, portions: Portions) -> Mapping[int, Sequence[int]]:
        return dict(portions.apart(list[int](fresh.scalars(statement, portions.given)), int))

    found: Sequence[int] = known_by_portion(
            session,
            f"outdated obligations by portion on {as_of} {rated} {spending}",
            read,
            _one_after_another,
            within={
                "assessed_projects", "funding_shares", "ledger_entries", "obligations", "project_revisions", "projects",
            },
            rows=len,
        )  # fmt: skip
    return list(found)


def _one_after_another(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    return list(chain.from_iterable(parts))


@lru_cache(maxsize=8)
def _outdated_of_portions(as_of: dt.date, currencies: tuple[str, ...], *, spending: bool) -> Statement:
    return _outdated(_stamps(of_portions, spending=spending), as_of, currencies, spending=spending)


def stamps_of(session: Session, ids: Sequence[int], *, spending: bool) -> dict[int, str]:
    """The present stamps of these projects; ``spending``: a rule looks at the ledger."""
    stamps = _stamps(lambda key: among(key, ids), spending=spending)
    return {row.id: row.stamp for row in session.execute(select(stamps.c.id, stamps.c.stamp))}


#: key of what was noted of a project when it was last assessed, and the stamp that was noted
Stamped: TypeAlias = tuple[int, str]


def assessed(session: Session, ids: Sequence[int]) -> dict[int, Stamped]:
    """What was noted of each of these projects that were assessed."""
    noted = select(_assessed.project_id, _assessed.id, _assessed.stamp).where(among(_assessed.project_id, ids))
    return {project_id: (key, stamp) for project_id, key, stamp in session.execute(noted)}
