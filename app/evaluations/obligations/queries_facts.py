"""Reads of what obligations are computed from: projects, their dates and budgets with history, funding, policies.

What is read of some projects comes in their order, in one statement, however many they are; little of it is held.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from sqlalchemy import String, cast, func, or_, select, union
from sqlmodel import Session

from app.db.agreements import gives
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
from app.db.portions import Some, Where
from app.db.projects import Project, ProjectRevision
from app.db.shapes import shaped, streamed
from app.db.spending import ExchangeRate, LedgerEntry
from app.domain.partners import parts_of
from app.domain.terms import AgreementStatus, Grain
from app.evaluations.obligations.rows import (
    BudgetedRow,
    DecisionRow,
    FundingRow,
    ObligationRow,
    ProjectDecisionRow,
    ProjectRow,
    RevisionRow,
    SpentRow,
)

_project, _revision, _share = table(Project).c, table(ProjectRevision).c, table(FundingShare).c
_agreement, _partner, _rate = table(Agreement).c, table(Partner).c, table(ExchangeRate).c
_policy, _assessed, _assessment = table(EvaluationPolicy).c, table(Assessed).c, table(Assessment).c
_evaluation, _covered = table(Evaluation).c, table(EvaluationProject).c
_obligation, _decision, _entry = table(Obligation).c, table(ObligationDecision).c, table(LedgerEntry).c
_back = table(WaiverTakenBack).c

#: as an expression, so that SQLite comes by the keys and not through the index of nearly all projects
IS_PROJECT = cast(_project.grain, String) == Grain.PROJECT.value

#: decisions beside what took them back
DECISIONS = table(ObligationDecision).outerjoin(table(WaiverTakenBack), _back.decision_id == _decision.id)

#: fields of a project whose history evaluation rules read
REVISED = ("planned_start", "planned_end", "actual_start", "actual_end", "total_budget", "stage")


def project_ids(
    session: Session, *, running_on: dt.date | None = None, batch: int = 1000, after: int = 0
) -> Iterator[list[int]]:
    """Keys of projects in batches, from the one after ``after`` on; ``running_on``: only those that have not ended
    before that day."""
    while True:
        statement = (
            select(_project.id)
            .where(_project.id > after, IS_PROJECT, _project.archived_at.is_(None))
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


def keys_of(session: Session, some: Some) -> list[int]:
    """Keys of some projects of which obligations are kept, rising."""
    kept = select(_project.id).where(some.holds(_project.id), IS_PROJECT, _project.archived_at.is_(None))
    return list(session.scalars(kept.order_by(_project.id), some.given))


def projects(session: Session, some: Some) -> Iterator[ProjectRow]:
    statement = (
        select(
            _project.id, _project.code, _project.stage, _project.planned_start, _project.planned_end,
            _project.actual_start, _project.actual_end, _project.total_budget, _project.budget_currency,
            _project.phase, _project.pilot, _project.mid_term_agreed,
        )
        .where(some.holds(_project.id), IS_PROJECT, _project.archived_at.is_(None))
        .order_by(_project.id)
    )  # fmt: skip
    return streamed(session, ProjectRow, statement, some.given)


def revisions(session: Session, some: Some) -> Iterator[RevisionRow]:
    """Revisions of the fields that rules read, in the order in which they were recorded."""
    statement = (
        select(
            _revision.id, _revision.project_id, _revision.field, _revision.sequence, _revision.known_on,
            _revision.value, _revision.reason,
        )
        .where(some.holds(_revision.project_id), _revision.field.in_(REVISED))
        .order_by(_revision.project_id, _revision.id)
    )  # fmt: skip
    return streamed(session, RevisionRow, statement, some.given)


@dataclass(frozen=True, slots=True)
class _SharedRow:
    """An agreement that funds a project, with all its partners."""

    project_id: int
    partner: str
    #: partners beside the first, as a JSON list
    further: str
    status: AgreementStatus
    signed_on: dt.date | None
    preset: str | None


def funding(session: Session, some: Some) -> Iterator[FundingRow]:
    """Each agreement that funds one of these projects and stands, once for each of its partners."""
    further = cast(_agreement.further_partners, String).label("further")
    statement = (
        select(
            _share.project_id, _partner.code.label("partner"), further, _agreement.status, _agreement.signed_on,
            _agreement.preset,
        )
        .join_from(table(FundingShare), table(Agreement), _agreement.id == _share.agreement_id)
        .join(table(Partner), _partner.id == _agreement.partner_id)
        .where(
            some.holds(_share.project_id),
            _agreement.status != AgreementStatus.CANCELLED,
            _agreement.archived_at.is_(None),
            _share.archived_at.is_(None),
        )
        .distinct()
        .order_by(_share.project_id, _partner.code, _agreement.signed_on)
    )  # fmt: skip
    return (
        FundingRow(
            project_id=row.project_id,
            partner=partner,
            status=row.status,
            signed_on=row.signed_on,
            preset=row.preset,
        )
        for row in streamed(session, _SharedRow, statement, some.given)
        for partner, _ in parts_of(row.partner, json.loads(row.further))
    )


def funders(session: Session, some: Some) -> dict[int, list[str]]:
    """Codes of the partners that fund each of some projects, in order."""
    return {
        project_id: list(dict.fromkeys(row.partner for row in own))
        for project_id, own in groupby(funding(session, some), key=attrgetter("project_id"))
    }


def funded_by(partner_id: int) -> Some:
    """The projects that agreements fund which have the partner, as the first or a further one."""
    funded = select(_share.project_id).join(table(Agreement), _agreement.id == _share.agreement_id)
    funded = funded.where(gives(partner_id))
    return Where(lambda project_id: project_id.in_(funded))


def expenditure(session: Session, some: Some) -> Iterator[SpentRow]:
    """What was spent, by day and currency."""
    statement = (
        select(_entry.project_id, _entry.date, _entry.currency, func.sum(_entry.amount).label("amount"))
        .join_from(table(LedgerEntry), table(Project), _project.id == _entry.project_id)
        .where(some.holds(_entry.project_id), is_expenditure(table(LedgerEntry), table(Project)))
        .group_by(_entry.project_id, _entry.date, _entry.currency)
        .order_by(_entry.project_id, _entry.date, _entry.currency)
    )
    return streamed(session, SpentRow, statement, some.given)


#: the columns of an :class:`EvaluationRow`
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


def evaluations(session: Session, some: Some) -> Iterator[BudgetedRow]:
    """Evaluations that cover these projects, one row for each project."""
    others = table(EvaluationProject).alias("others")
    covers = select(func.count()).where(others.c.evaluation_id == _evaluation.id).scalar_subquery()
    statement = (
        select(
            *EVALUATION_COLUMNS, _covered.project_id, _evaluation.budget, _evaluation.currency, covers.label("covers"),
        )
        .join_from(table(EvaluationProject), table(Evaluation), _evaluation.id == _covered.evaluation_id)
        .where(some.holds(_covered.project_id), _evaluation.archived_at.is_(None))
        .order_by(_covered.project_id, _evaluation.id)
    )  # fmt: skip
    return streamed(session, BudgetedRow, statement, some.given)


def obligations(session: Session, some: Some) -> Iterator[ObligationRow]:
    """All obligations kept of these projects, in their order and that in which they were made."""
    statement = select(*_obligation).where(some.holds(_obligation.project_id))
    statement = statement.order_by(_obligation.project_id, _obligation.id)
    return streamed(session, ObligationRow, statement, some.given)


#: the columns of a :class:`DecisionRow`
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


def decisions_about(session: Session, in_force: Mapping[int, Sequence[int | None]]) -> list[tuple[int, DecisionRow]]:
    """Decisions that were recorded about each obligation or are in force about it, oldest first.

    ``in_force``: obligation → keys of the decisions that count about it; a moved date may come from its predecessor.
    """
    counting = {key for keys in in_force.values() for key in keys if key is not None}
    statement = (
        select(*DECISION_COLUMNS)
        .select_from(DECISIONS)
        .where(or_(among(_decision.obligation_id, in_force), among(_decision.id, counting)))
        .order_by(_decision.decided_on, _decision.id)
    )
    return [
        (obligation, row)
        for row in shaped(DecisionRow, session.execute(statement))
        for obligation, keys in in_force.items()
        if row.obligation_id == obligation or row.id in keys
    ]


def decisions_by_key(session: Session, ids: Sequence[int]) -> list[DecisionRow]:
    """Decisions with these keys."""
    statement = select(*DECISION_COLUMNS).select_from(DECISIONS).where(among(_decision.id, ids))
    return shaped(DecisionRow, session.execute(statement))


def decisions_of_projects(session: Session, some: Some) -> Iterator[ProjectDecisionRow]:
    """Decisions about these projects' obligations, with project, kind and number of what they are about."""
    statement = (
        select(*DECISION_COLUMNS, _obligation.project_id, _obligation.kind.label("about"), _obligation.number)
        .select_from(DECISIONS.join(table(Obligation), _obligation.id == _decision.obligation_id))
        .where(some.holds(_obligation.project_id), _obligation.kind.is_not(None))
        .order_by(_obligation.project_id, _decision.decided_on, _decision.id)
    )
    return streamed(session, ProjectDecisionRow, statement, some.given)


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
        .select_from(DECISIONS.join(table(Obligation), _obligation.id == _decision.obligation_id))
        .where(_back.decided_on > day),
    ]
    if spending:
        dated.append(select(_entry.project_id).where(_entry.date > day, _entry.project_id.is_not(None)))
    wanted = union(*dated).subquery()
    return list(
        session.scalars(
            select(_project.id)
            .where(_project.id.in_(select(wanted.c.project_id)), IS_PROJECT, _project.archived_at.is_(None))
            .order_by(_project.id)
        )
    )
