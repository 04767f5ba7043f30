"""Statements that tell of which projects the facts have changed since they were last assessed."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from app.db.base import table
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
from app.db.programmes import CountryProgramme
from app.db.projects import Project, ProjectRevision
from app.db.shapes import first_shaped
from app.db.spending import ExchangeRate, LedgerEntry
from app.db.unchanged import known
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


def watermark(session: Session, *, spending: bool) -> str:
    """Counts and versions of everything obligations are computed from, as the session sees it.

    ``spending``: a rule looks at the ledger. One statement of index and table scans, where any of them was changed.
    """
    return known(session, f"watermark of obligations {spending}", lambda fresh: _watermark(fresh, spending=spending))


#: what is kept of obligations: another version of the program, which keeps less, notes another watermark
_KEPT = "done"


def _watermark(session: Session, *, spending: bool) -> str:
    parts: list[ScalarSelect[int]] = []
    for columns in (_project, _share, _agreement, _evaluation, _unit, _programme, _milestone):
        parts.append(select(func.count(columns.id)).scalar_subquery())
        parts.append(select(func.sum(columns.version)).scalar_subquery())
    for appended in (_revision, _rate, _policy, _covered, _decision, _back, *((_entry,) if spending else ())):
        parts.append(select(func.count(appended.id)).scalar_subquery())
        parts.append(select(func.max(appended.id)).scalar_subquery())
    parts.append(select(func.count(_policy.id)).where(_policy.retired.is_(True)).scalar_subquery())
    return " ".join([_KEPT, *(str(part or 0) for part in session.execute(select(*parts)).one())])


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


def has_facts_coming_due(session: Session, as_of: dt.date) -> bool:
    """Whether facts that were known in advance have come to count by the day."""
    return session.execute(select(_assessed.id).where(_assessed.next_on <= as_of).limit(1)).first() is not None


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


def outdated_projects(
    session: Session,
    after: int,
    upto: int,
    as_of: dt.date,
    *,
    currencies: set[str],
    everything: bool,
    spending: bool,
) -> list[int]:
    """Projects with keys after ``after`` up to ``upto`` whose facts differ from those last assessed.

    ``currencies``: rates of these have changed; ``everything``: all projects; ``spending``: a rule looks at the ledger.
    """
    stamps = _stamps(lambda key: and_(key > after, key <= upto), spending=spending)
    statement = select(stamps.c.id).order_by(stamps.c.id)
    if not everything:
        told = [_assessed.done_stamp.is_(None), _assessed.done_stamp != stamps.c.stamp]
        changed = [_assessed.id.is_(None), _assessed.stamp != stamps.c.stamp, *told, _assessed.next_on <= as_of]
        if currencies:
            rated = _project.budget_currency.in_(sorted(currencies))
            changed.append(select(literal(1)).where(_project.id == stamps.c.id, rated).exists())
        joined = _assessed.project_id == stamps.c.id
        statement = statement.join(table(Assessed), joined, isouter=True).where(or_(*changed))
    return list(session.scalars(statement))


def stamps_of(session: Session, ids: Sequence[int], *, spending: bool) -> dict[int, str]:
    """The present stamps of these projects; ``spending``: a rule looks at the ledger."""
    stamps = _stamps(lambda key: among(key, ids), spending=spending)
    return {row.id: row.stamp for row in session.execute(select(stamps.c.id, stamps.c.stamp))}


def assessed(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Project → key of what was noted when it was last assessed."""
    rows = session.execute(select(_assessed.project_id, _assessed.id).where(among(_assessed.project_id, ids)))
    return {row.project_id: row.id for row in rows}
