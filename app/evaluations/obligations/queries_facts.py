"""Reads of what obligations are computed from: projects, their dates and budgets with history, funding, policies.

Everything comes in batches of projects, in a constant number of statements a batch.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, String, and_, cast, func, join, literal, or_, select, union
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
    WaiverTakenBack,
)
from app.db.funding import Agreement, FundingShare
from app.db.ledger import is_expenditure
from app.db.partners import Partner
from app.db.projects import Project, ProjectRevision
from app.db.spending import ExchangeRate, LedgerEntry
from app.domain.terms import AgreementStatus, Grain

_project, _revision, _share = table(Project).c, table(ProjectRevision).c, table(FundingShare).c
_agreement, _partner, _rate = table(Agreement).c, table(Partner).c, table(ExchangeRate).c
_policy, _assessed, _assessment = table(EvaluationPolicy).c, table(Assessed).c, table(Assessment).c
_evaluation, _covered = table(Evaluation).c, table(EvaluationProject).c
_obligation, _decision, _entry = table(Obligation).c, table(ObligationDecision).c, table(LedgerEntry).c
_back = table(WaiverTakenBack).c

#: as an expression, so that SQLite comes by the keys and not through the index of nearly all projects
_IS_PROJECT = cast(_project.grain, String) == Grain.PROJECT.value

#: decisions beside what took them back
_DECISIONS = table(ObligationDecision).outerjoin(table(WaiverTakenBack), _back.decision_id == _decision.id)

#: fields of a project whose history evaluation rules read
REVISED = ("planned_start", "planned_end", "actual_start", "actual_end", "total_budget", "stage")


def current_policies(session: Session) -> Sequence[Row[Any]]:
    """(id, code, document, activation_on, partner code) of the newest sequence of each policy that is not retired."""
    newer = table(EvaluationPolicy).alias("newer")
    return session.execute(
        select(
            _policy.id, _policy.code, _policy.document, _policy.activation_on, _policy.valid_to,
            _partner.code.label("partner"),
        )
        .join_from(table(EvaluationPolicy), table(Partner), _partner.id == _policy.partner_id, isouter=True)
        .where(
            _policy.retired.is_(False),
            ~select(literal(1)).where(newer.c.code == _policy.code, newer.c.sequence > _policy.sequence).exists(),
        )
        .order_by(_policy.code)
    ).all()  # fmt: skip


def newest_rate_id(session: Session) -> int:
    return session.scalar(select(func.max(_rate.id))) or 0


def currencies_rated_since(session: Session, rate_id: int) -> set[str]:
    """Currencies with rates recorded after that one."""
    return set(session.scalars(select(_rate.currency).where(_rate.id > rate_id).distinct()))


def watermark(session: Session, *, spending: bool) -> str:
    """Counts and versions of everything obligations are computed from, in one statement of index and table scans.

    ``spending``: a rule looks at the ledger.
    """
    parts: list[Any] = []
    for columns in (_project, _share, _agreement, _evaluation):
        parts.append(select(func.count(columns.id)).scalar_subquery())
        parts.append(select(func.sum(columns.version)).scalar_subquery())
    for appended in (_revision, _rate, _policy, _covered, _decision, _back, *((_entry,) if spending else ())):
        parts.append(select(func.count(appended.id)).scalar_subquery())
        parts.append(select(func.max(appended.id)).scalar_subquery())
    parts.append(select(func.count(_policy.id)).where(_policy.retired.is_(True)).scalar_subquery())
    return " ".join(str(part or 0) for part in session.execute(select(*parts)).one())


def last_assessment(session: Session) -> Assessment | None:
    """The newest recomputation that went through."""
    finished = select(Assessment).where(_assessment.watermark != "")
    return session.scalars(finished.order_by(_assessment.id.desc()).limit(1)).first()


def unfinished_assessment(session: Session) -> Assessment | None:
    """The recomputation that is under way, or was interrupted."""
    return session.scalars(select(Assessment).where(_assessment.watermark == "").limit(1)).first()


def has_facts_coming_due(session: Session, as_of: dt.date) -> bool:
    """Whether facts that were known in advance have come to count by the day."""
    return session.execute(select(_assessed.id).where(_assessed.next_on <= as_of).limit(1)).first() is not None


def _stamps(within: Callable[[ColumnElement[int]], ColumnElement[bool]], *, spending: bool) -> Any:
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
        .select_from(_DECISIONS.join(table(Obligation), _obligation.id == _decision.obligation_id))
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
        .where(_IS_PROJECT, _project.archived_at.is_(None), within(_project.id))
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
        changed = [_assessed.id.is_(None), _assessed.stamp != stamps.c.stamp, _assessed.next_on <= as_of]
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


def project_ids(session: Session, *, running_on: dt.date | None = None, batch: int = 1000) -> Iterator[list[int]]:
    """Keys of projects in batches; ``running_on``: only those that have not ended before that day."""
    after = 0
    while True:
        statement = (
            select(_project.id)
            .where(_project.id > after, _IS_PROJECT, _project.archived_at.is_(None))
            .order_by(_project.id)
            .limit(batch)
        )
        if running_on is not None:
            ended = func.coalesce(_project.actual_end, _project.planned_end)
            statement = statement.where(or_(ended.is_(None), ended >= running_on))
        ids = list(session.scalars(statement))
        if not ids:
            return
        yield ids
        after = ids[-1]


def projects(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    return session.execute(
        select(
            _project.id, _project.code, _project.stage, _project.planned_start, _project.planned_end,
            _project.actual_start, _project.actual_end, _project.total_budget, _project.budget_currency,
            _project.phase, _project.pilot, _project.mid_term_agreed,
        )
        .where(among(_project.id, ids), _IS_PROJECT, _project.archived_at.is_(None))
        .order_by(_project.id)
    ).all()  # fmt: skip


def revisions(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Revisions of the fields that rules read, in the order in which they were recorded."""
    return session.execute(
        select(
            _revision.id, _revision.project_id, _revision.field, _revision.sequence, _revision.known_on,
            _revision.value, _revision.reason,
        )
        .where(among(_revision.project_id, ids), _revision.field.in_(REVISED))
        .order_by(_revision.project_id, _revision.id)
    ).all()  # fmt: skip


def funding(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """(project_id, partner code, status, signed_on, preset) of each agreement that funds a project and stands."""
    return session.execute(
        select(
            _share.project_id, _partner.code.label("partner"), _agreement.status, _agreement.signed_on,
            _agreement.preset,
        )
        .join_from(table(FundingShare), table(Agreement), _agreement.id == _share.agreement_id)
        .join(table(Partner), _partner.id == _agreement.partner_id)
        .where(
            among(_share.project_id, ids),
            _agreement.status != AgreementStatus.CANCELLED,
            _agreement.archived_at.is_(None),
            _share.archived_at.is_(None),
        )
        .distinct()
        .order_by(_share.project_id, _partner.code, _agreement.signed_on)
    ).all()  # fmt: skip


def funders(session: Session, project_ids: Collection[int]) -> dict[int, list[str]]:
    """Codes of the partners that fund each project, in order."""
    found: dict[int, dict[str, None]] = {}
    for row in funding(session, sorted(project_ids)):
        found.setdefault(row.project_id, {})[row.partner] = None
    return {project_id: list(codes) for project_id, codes in found.items()}


def expenditure(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """(project_id, day, currency, sum) of what was spent, by day."""
    return session.execute(
        select(_entry.project_id, _entry.date, _entry.currency, func.sum(_entry.amount).label("amount"))
        .join_from(table(LedgerEntry), table(Project), _project.id == _entry.project_id)
        .where(among(_entry.project_id, ids), is_expenditure(table(LedgerEntry), table(Project)))
        .group_by(_entry.project_id, _entry.date, _entry.currency)
        .order_by(_entry.project_id, _entry.date, _entry.currency)
    ).all()


#: what tells how far an evaluation was on a day, and under which kind
EVALUATION_COLUMNS = (
    _evaluation.id,
    _evaluation.reference,
    func.coalesce(_evaluation.recorded_kind, _evaluation.kind).label("kind"),
    _evaluation.independence,
    _evaluation.status,
    _evaluation.planned_start,
    _evaluation.planned_end,
    _evaluation.started_on,
    _evaluation.completed_on,
    _evaluation.cancelled_on,
    _evaluation.status_since,
    _covered.interim_since,
)


def evaluations(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Evaluations that cover these projects, one row for each project; ``covers`` counts an evaluation's projects."""
    others = table(EvaluationProject).alias("others")
    covers = select(func.count()).where(others.c.evaluation_id == _evaluation.id).scalar_subquery()
    return session.execute(
        select(
            _covered.project_id, *EVALUATION_COLUMNS, _evaluation.budget, _evaluation.currency, covers.label("covers"),
        )
        .join_from(table(EvaluationProject), table(Evaluation), _evaluation.id == _covered.evaluation_id)
        .where(among(_covered.project_id, ids), _evaluation.archived_at.is_(None))
        .order_by(_covered.project_id, _evaluation.id)
    ).all()  # fmt: skip


OBLIGATION_COLUMNS = tuple(_obligation)


def obligations(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """All obligations kept of these projects, in the order in which they were made."""
    return session.execute(
        select(*OBLIGATION_COLUMNS).where(among(_obligation.project_id, ids)).order_by(_obligation.id)
    ).all()


DECISION_COLUMNS = (
    _decision.id,
    _decision.obligation_id,
    _decision.kind,
    _decision.reason,
    _decision.approver,
    _decision.decided_on,
    _decision.new_due_on,
    _back.decided_on.label("taken_back_on"),
    _back.reason.label("back_reason"),
    _back.approver.label("back_approver"),
)


def decisions_about(session: Session, in_force: Mapping[int, Sequence[int | None]]) -> list[tuple[int, Row[Any]]]:
    """Decisions that were recorded about each obligation or are in force about it, oldest first.

    ``in_force``: obligation → keys of the decisions that count about it; a moved date may come from its predecessor.
    """
    counting = {key for keys in in_force.values() for key in keys if key is not None}
    rows = session.execute(
        select(*DECISION_COLUMNS)
        .select_from(_DECISIONS)
        .where(or_(among(_decision.obligation_id, in_force), among(_decision.id, counting)))
        .order_by(_decision.decided_on, _decision.id)
    ).all()
    return [
        (obligation, row)
        for row in rows
        for obligation, keys in in_force.items()
        if row.obligation_id == obligation or row.id in keys
    ]


def decisions_by_key(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Decisions with these keys."""
    statement = select(*DECISION_COLUMNS).select_from(_DECISIONS).where(among(_decision.id, ids))
    return session.execute(statement).all()


def decisions_of_projects(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Decisions about these projects' obligations, with project, kind and number of what they are about."""
    return session.execute(
        select(*DECISION_COLUMNS, _obligation.project_id, _obligation.kind.label("about"), _obligation.number)
        .select_from(_DECISIONS.join(table(Obligation), _obligation.id == _decision.obligation_id))
        .where(among(_obligation.project_id, ids), _obligation.kind.is_not(None))
        .order_by(_decision.decided_on, _decision.id)
    ).all()


def assessed(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Project → key of what was noted when it was last assessed."""
    rows = session.execute(select(_assessed.project_id, _assessed.id).where(among(_assessed.project_id, ids)))
    return {row.project_id: row.id for row in rows}


def projects_changed_after(session: Session, day: dt.date, *, spending: bool) -> list[int]:
    """Projects of which something that rules read is dated after a day; ``spending``: a rule looks at the ledger."""
    dated = [
        select(_revision.project_id).where(_revision.known_on > day, _revision.field.in_(REVISED)),
        select(_project.id).where(or_(_project.actual_start > day, _project.actual_end > day)),
        select(_share.project_id)
        .join_from(table(FundingShare), table(Agreement), _agreement.id == _share.agreement_id)
        .where(_agreement.signed_on > day),
        select(_obligation.project_id)
        .join_from(table(ObligationDecision), table(Obligation), _obligation.id == _decision.obligation_id)
        .where(_decision.decided_on > day),
        select(_obligation.project_id)
        .select_from(_DECISIONS.join(table(Obligation), _obligation.id == _decision.obligation_id))
        .where(_back.decided_on > day),
    ]
    if spending:
        dated.append(select(_entry.project_id).where(_entry.date > day, _entry.project_id.is_not(None)))
    wanted = union(*dated).subquery()
    return list(
        session.scalars(
            select(_project.id)
            .where(_project.id.in_(select(wanted.c.project_id)), _IS_PROJECT, _project.archived_at.is_(None))
            .order_by(_project.id)
        )
    )
