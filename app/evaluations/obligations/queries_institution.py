"""Reads of duties of the institution: whom they can oblige, milestones, evaluations that serve, and the rows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlmodel import Session

from app.db.base import Statement, table
from app.db.evaluations import Evaluation, EvaluationProject, Obligation, StrategyMilestone
from app.db.organisation import Unit
from app.db.programmes import CountryProgramme
from app.db.projects import Project
from app.db.shapes import shaped
from app.domain.evaluation.institution import Milestone, Scoped, Subject
from app.domain.evaluation.terms import OF_THE_INSTITUTION, Obliged
from app.domain.terms import Grain
from app.evaluations.obligations.facts import evaluation_facts
from app.evaluations.obligations.queries_facts import EVALUATION_COLUMNS
from app.evaluations.obligations.rows import EvaluationRow, InstitutionRow, ObligationRow

_obligation, _unit, _project = table(Obligation).c, table(Unit).c, table(Project).c
_milestone, _programme = table(StrategyMilestone).c, table(CountryProgramme).c
_evaluation, _covered = table(Evaluation).c, table(EvaluationProject).c


def subjects(session: Session, kinds: Mapping[Obliged, Sequence[str]]) -> dict[Obliged, list[Subject]]:
    """Those that duties of these kinds can oblige; a statement for each kind. Flagships only by their codes."""
    found: dict[Obliged, list[Subject]] = {}
    if Obliged.UNIT in kinds:
        rows = session.execute(select(_unit.code, _unit.name).where(_unit.archived_at.is_(None)).order_by(_unit.code))
        found[Obliged.UNIT] = [Subject(obliged=Obliged.UNIT, code=code, name=name, unit=code) for code, name in rows]
    if Obliged.COUNTRY_PROGRAMME in kinds:
        programmes = session.execute(
            select(_programme.code, _programme.title, _programme.starts_on, _programme.ends_on)
            .where(_programme.archived_at.is_(None))
            .order_by(_programme.code)
        )
        found[Obliged.COUNTRY_PROGRAMME] = [
            Subject(obliged=Obliged.COUNTRY_PROGRAMME, code=code, name=title, first=first, last=last)
            for code, title, first, last in programmes
        ]
    if Obliged.FUND in kinds:
        found[Obliged.FUND] = _projects(session, Obliged.FUND, _project.grain == Grain.POOL)
    if kinds.get(Obliged.FLAGSHIP):
        found[Obliged.FLAGSHIP] = _projects(session, Obliged.FLAGSHIP, _project.code.in_(kinds[Obliged.FLAGSHIP]))
    return found


def _projects(session: Session, obliged: Obliged, condition: ColumnElement[bool]) -> list[Subject]:
    rows = session.execute(
        select(
            _project.code, _project.title, func.coalesce(_project.actual_start, _project.planned_start),
            func.coalesce(_project.actual_end, _project.planned_end), _unit.code.label("unit"),
        )
        .join_from(table(Project), table(Unit), _unit.id == _project.unit_id, isouter=True)
        .where(condition, _project.archived_at.is_(None))
        .order_by(_project.code)
    )  # fmt: skip
    return [
        Subject(obliged=obliged, code=code, name=title, first=first, last=last, unit=unit)
        for code, title, first, last, unit in rows
    ]


def milestones(session: Session) -> list[Milestone]:
    rows = session.execute(
        select(
            _milestone.strategy, _milestone.code, _milestone.title, _milestone.due_on, _unit.code.label("unit"),
            _milestone.result, _milestone.reported_on,
        )
        .join_from(table(StrategyMilestone), table(Unit), _unit.id == _milestone.unit_id, isouter=True)
        .where(_milestone.archived_at.is_(None))
        .order_by(_milestone.due_on, _milestone.id)
    )  # fmt: skip
    return [
        Milestone(strategy=strategy, code=code, title=title, due=due, unit=unit, result=result, reported_on=reported_on)
        for strategy, code, title, due, unit, result, reported_on in rows
    ]


def scoped_evaluations(session: Session, codes: Sequence[str]) -> list[Scoped]:
    """Evaluations of more than projects, and those that cover these projects or pools; two statements."""
    covering = (
        select(_covered.evaluation_id)
        .join_from(table(EvaluationProject), table(Project), _project.id == _covered.project_id)
        .where(_project.code.in_(codes))
    )
    interim = (
        select(func.min(_covered.interim_since))
        .where(_covered.evaluation_id == _evaluation.id)
        .correlate(table(Evaluation))
        .scalar_subquery()
        .label("interim_since")
    )
    wanted = or_(
        _evaluation.scope != "project",
        _evaluation.kind.in_([kind.value for kind in OF_THE_INSTITUTION]),
        _evaluation.id.in_(covering),
    )
    statement = (
        select(*EVALUATION_COLUMNS[:-1], interim, _evaluation.scope, _evaluation.subject)
        .where(wanted, _evaluation.archived_at.is_(None))
        .order_by(_evaluation.id)
    )
    rows = session.execute(statement).all()
    covers: dict[int, set[str]] = defaultdict(set)
    if codes and rows:
        pairs = (
            select(_covered.evaluation_id, _project.code)
            .join_from(table(EvaluationProject), table(Project), _project.id == _covered.project_id)
            .where(_project.code.in_(codes))
        )
        for evaluation_id, code in session.execute(pairs):
            covers[evaluation_id].add(code)
    return [
        Scoped(
            facts=evaluation_facts(EvaluationRow(*row[:-2])),
            scope=row.scope,
            subject=row.subject,
            covers=frozenset(covers[row.id]),
        )
        for row in rows
    ]


def unit_ids(session: Session) -> dict[str, int]:
    """Keys of units by their codes."""
    return {row.code: row.id for row in session.execute(select(_unit.code, _unit.id))}


def kept(session: Session) -> list[ObligationRow]:
    """All rows of duties of the institution."""
    statement = select(*_obligation).where(_obligation.project_id.is_(None)).order_by(_obligation.id)
    return shaped(ObligationRow, session.execute(statement))


def _joined() -> Statement:
    label = case((_obligation.subject == "", _obligation.subject_kind), else_=_obligation.subject_kind + " " +
                 _obligation.subject).label("label")  # fmt: skip
    return (
        select(*_obligation, label, _unit.code.label("unit"))
        .join_from(table(Obligation), table(Unit), _unit.id == _obligation.duty_unit_id, isouter=True)
        .where(_obligation.project_id.is_(None))
    )


def rows(session: Session, *conditions: ColumnElement[bool]) -> list[tuple[ObligationRow, InstitutionRow]]:
    """Rows under the conditions by due date: as they are kept, and in the words in which they are shown."""
    found = []
    for row in session.execute(_joined().where(*conditions).order_by(_obligation.due_on, _obligation.id)):
        own = ObligationRow(*row[:-2])
        if own.opens_on is None or own.due_on is None or own.kind is None or own.subject_kind is None:
            continue
        shown = InstitutionRow(
            id=own.id, key=own.key, kind=own.kind, number=own.number, independence=own.independence or "",
            status=own.status, opens_on=own.opens_on, due_on=own.due_on, late_on=own.late_on,
            reason=own.reason, rules=own.rules,
            activation_on=own.activation_on, look_on=own.look_on, status_reason=own.status_reason, project=row.label,
            project_title=own.title or "", subject_kind=own.subject_kind, subject=own.subject or "",
            unit_id=own.duty_unit_id, unit=row.unit,
        )  # fmt: skip
        found.append((own, shown))
    return found


def of_keys(ids: Sequence[int]) -> ColumnElement[bool]:
    return _obligation.id.in_(ids)


def standing() -> ColumnElement[bool]:
    """Those that stand."""
    # as an expression, so that SQLite comes by those without a project and not through all that is open
    return _obligation.status.concat("") == "open"


def of_unit(unit: str) -> ColumnElement[bool]:
    return _unit.code == unit


def of_unit_id(unit_id: int) -> ColumnElement[bool]:
    return _obligation.duty_unit_id == unit_id


def among_dates(first: dt.date, last: dt.date) -> ColumnElement[bool]:
    return or_(_obligation.due_on.between(first, last), _obligation.reschedule_id.is_not(None))


def to_look_at(as_of: dt.date) -> ColumnElement[bool]:
    return _obligation.look_on <= as_of
