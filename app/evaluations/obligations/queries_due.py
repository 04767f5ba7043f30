"""Reads of obligations with the project they belong to: for the due list, the calendar, alerts and coverage."""

import datetime as dt
from array import array
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session

from app.db.among import KEYS, among, among_given
from app.db.base import Statement, table
from app.db.evaluations import Assessed, Evaluation, EvaluationProject, Obligation, ObligationDecision
from app.db.organisation import Officer, Unit
from app.db.portions import Some
from app.db.projects import Project
from app.db.shapes import shaped, streamed
from app.evaluations.obligations.queries_facts import DECISION_COLUMNS, DECISIONS, EVALUATION_COLUMNS
from app.evaluations.obligations.rows import CountingRow, CoveringRow, LabelRow, ManagedRow, OwedRow

_obligation, _project, _unit = table(Obligation).c, table(Project).c, table(Unit).c
_officer, _decision = table(Officer).c, table(ObligationDecision).c
_evaluation, _covered = table(Evaluation).c, table(EvaluationProject).c


def joined() -> Statement:
    """Obligations of projects that are not archived, with what people call the project, its unit and its officer."""
    return (
        select(
            *_obligation,
            _project.code.label("project"),
            _project.title.label("project_title"),
            _project.stage,
            _project.officer_id,
            _project.unit_id,
            _unit.code.label("unit"),
            _officer.code.label("officer"),
        )
        .join_from(table(Obligation), table(Project), _project.id == _obligation.project_id)
        .join(table(Unit), _unit.id == _project.unit_id, isouter=True)
        .join(table(Officer), _officer.id == _project.officer_id, isouter=True)
        .where(_project.archived_at.is_(None))
    )


def due_candidates(session: Session, as_of: dt.date, until: dt.date, unit: str | None) -> list[OwedRow]:
    """Open obligations whose window has opened by ``as_of`` or that fall due by ``until``, and all that cannot be told.

    Leaves out what was surely done; what was waived or moved comes along. In no order.
    """
    reached = or_(_obligation.opens_on <= as_of, _obligation.due_on <= until, _obligation.reschedule_id.is_not(None))
    # a statement for each, so that each goes by an index: the first two pass over nearly all that was ever done
    conditions = (
        (_obligation.status == "open", _obligation.done_on.is_(None), reached),
        (_obligation.status == "open", _obligation.done_on > as_of, reached),
        (_obligation.status == "cannot-tell",),
    )
    found: list[OwedRow] = []
    for each in conditions:
        statement = joined().where(*each)
        found += shaped(OwedRow, session.execute(statement if unit is None else statement.where(_unit.code == unit)))
    return found


def due_candidates_of(session: Session, some: Some, as_of: dt.date, until: dt.date) -> Iterator[OwedRow]:
    """As :func:`due_candidates`, of some projects, in their order."""
    # as an expression, so that the databases come by the projects
    status = _obligation.status.concat("")
    reached = or_(_obligation.opens_on <= as_of, _obligation.due_on <= until, _obligation.reschedule_id.is_not(None))
    undone = or_(_obligation.done_on.is_(None), _obligation.done_on > as_of)
    wanted = or_(and_(status == "open", undone, reached), status == "cannot-tell")
    return _in_order(session, some, wanted)


def falling_due_of(session: Session, some: Some, first: dt.date, last: dt.date) -> Iterator[OwedRow]:
    """What :func:`may_fall_due` says, of some projects, in their order."""
    # as expressions, so that the databases come by the projects
    status, due = _obligation.status.concat(""), func.coalesce(_obligation.due_on, first)
    wanted = or_(due.between(first, last), func.coalesce(_obligation.reschedule_id, 0) != 0)
    return _in_order(session, some, status.in_(["open", "cannot-tell"]), wanted)


def _in_order(session: Session, some: Some, *conditions: ColumnElement[bool]) -> Iterator[OwedRow]:
    statement = joined().where(some.holds(_obligation.project_id), *conditions)
    return streamed(session, OwedRow, statement.order_by(_obligation.project_id, _obligation.id), some.given)


def may_fall_due(first: dt.date, last: dt.date) -> tuple[ColumnElement[bool], ...]:
    """Conditions: stands, and falls due in the span by the rules, or has no date, or was moved."""
    return (
        _obligation.status.in_(["open", "cannot-tell"]),
        or_(
            _obligation.due_on.between(first, last),
            _obligation.due_on.is_(None),
            _obligation.reschedule_id.is_not(None),
        ),
    )


def by_ids(session: Session, ids: Sequence[int]) -> list[OwedRow]:
    return shaped(OwedRow, session.execute(joined().where(among(_obligation.id, ids)).order_by(_obligation.id)))


def in_batches(session: Session, *conditions: ColumnElement[bool], batch: int = 5000) -> Iterator[list[OwedRow]]:
    """All obligations under the conditions, by key, a batch at a time."""
    after = 0
    while True:
        statement = joined().where(_obligation.id > after, *conditions).order_by(_obligation.id).limit(batch)
        rows = shaped(OwedRow, session.execute(statement))
        if not rows:
            return
        yield rows
        after = rows[-1].id


def to_look_at(session: Session, as_of: dt.date) -> "array[int]":
    """Keys, in order, of the open obligations that the alert job has to look at by the day: eight bytes each."""
    keys = session.scalars(
        select(_obligation.id)
        .where(_obligation.status == "open", _obligation.look_on <= as_of)
        .order_by(_obligation.id)
    )
    return array("q", keys)


def still_to_look_at(session: Session, as_of: dt.date, ids: Sequence[int]) -> list[OwedRow]:
    """Those of these obligations that no other worker has looked at meanwhile, by key."""
    # as an expression, so that SQLite comes by the keys and not through the index of all that are open
    status = _obligation.status.concat("")
    statement = joined().where(among(_obligation.id, ids), status == "open", _obligation.look_on <= as_of)
    return shaped(OwedRow, session.execute(statement.order_by(_obligation.id)))


def of_officer(officer_id: int) -> ColumnElement[bool]:
    return _project.officer_id == officer_id


def of_unit(unit_id: int | None) -> ColumnElement[bool]:
    return _project.unit_id == unit_id


def evaluations_of(session: Session, ids: Sequence[int], kinds: Sequence[str]) -> list[CoveringRow]:
    """Evaluations of these kinds that cover these projects, one row for each project."""
    statement = (
        select(*EVALUATION_COLUMNS, _covered.project_id)
        .join_from(table(EvaluationProject), table(Evaluation), _evaluation.id == _covered.evaluation_id)
        # as an expression: SQLite would come by all evaluations of the kind
        .where(
            among_given(_covered.project_id), _evaluation.kind.concat("").in_(kinds), _evaluation.archived_at.is_(None)
        )
        .order_by(_covered.project_id, _evaluation.id)
    )
    return shaped(CoveringRow, session.execute(statement, {KEYS: ids}))


def evaluations_in_order(session: Session, some: Some) -> Iterator[CoveringRow]:
    """Evaluations that cover some projects, one row for each project, in the order of these."""
    statement = (
        select(*EVALUATION_COLUMNS, _covered.project_id)
        .join_from(table(EvaluationProject), table(Evaluation), _evaluation.id == _covered.evaluation_id)
        .where(some.holds(_covered.project_id), _evaluation.archived_at.is_(None))
        .order_by(_covered.project_id, _evaluation.id)
    )
    return streamed(session, CoveringRow, statement, some.given)


def decisions_in_order(session: Session, some: Some) -> Iterator[CountingRow]:
    """Decisions in force about obligations of some projects, with the project, in the order of these."""
    counts = or_(_decision.id == _obligation.waiver_id, _decision.id == _obligation.reschedule_id)
    decided = or_(_obligation.waiver_id.is_not(None), _obligation.reschedule_id.is_not(None))
    statement = (
        select(*DECISION_COLUMNS, _obligation.project_id)
        .select_from(DECISIONS.join(table(Obligation), counts))
        .where(some.holds(_obligation.project_id), decided)
        .order_by(_obligation.project_id)
    )
    return streamed(session, CountingRow, statement, some.given)


def labels_in_order(session: Session, some: Some, unit: str | None) -> Iterator[LabelRow]:
    """What people call some projects, in their order."""
    statement = (
        select(
            _project.id, _project.code.label("project"), _project.title.label("project_title"), _project.stage,
            _project.officer_id, _project.unit_id, _unit.code.label("unit"), _officer.code.label("officer"),
        )
        .join_from(table(Project), table(Unit), _unit.id == _project.unit_id, isouter=True)
        .join(table(Officer), _officer.id == _project.officer_id, isouter=True)
        .where(some.holds(_project.id))
        .order_by(_project.id)
    )  # fmt: skip
    asked = statement if unit is None else statement.where(_unit.code == unit)
    return streamed(session, LabelRow, asked, some.given)


def facts_coming(session: Session, as_of: dt.date) -> list[int]:
    """Projects of which facts known in advance come to count by the day."""
    assessed = table(Assessed).c
    return list(session.scalars(select(assessed.project_id).where(assessed.next_on <= as_of)))


def facts_coming_of(session: Session, some: Some, as_of: dt.date) -> list[int]:
    """As :func:`facts_coming`, of some projects."""
    assessed = table(Assessed).c
    # as an expression, so that the databases come by the projects
    coming = func.coalesce(assessed.next_on, dt.date.max) <= as_of
    statement = select(assessed.project_id).where(some.holds(assessed.project_id), coming)
    return list(session.scalars(statement, some.given))


def dated_in(session: Session, first: dt.date, last: dt.date) -> list[ManagedRow]:
    """Evaluations that end, or begin, in the span, by plan or in truth; one row for each evaluation."""
    covered = table(EvaluationProject).alias("covered").c
    dates = (_evaluation.completed_on, _evaluation.planned_end, _evaluation.planned_start)
    # of a cluster any of the projects tells since when it is interim
    one_of_them = select(func.min(covered.id)).where(covered.evaluation_id == _evaluation.id).scalar_subquery()
    statement = (
        select(*EVALUATION_COLUMNS, _evaluation.manager)
        .join_from(table(Evaluation), table(EvaluationProject), _covered.id == one_of_them, isouter=True)
        .where(or_(*(day.between(first, last) for day in dates)), _evaluation.archived_at.is_(None))
        .order_by(_evaluation.reference)
    )
    return shaped(ManagedRow, session.execute(statement))


def projects_of_evaluations(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """Evaluation → codes of the projects it covers, in order."""
    found: dict[int, list[str]] = {}
    for evaluation_id, code in session.execute(
        select(_covered.evaluation_id, _project.code)
        .join_from(table(EvaluationProject), table(Project), _project.id == _covered.project_id)
        .where(among(_covered.evaluation_id, ids))
        .order_by(_project.code)
    ):
        found.setdefault(evaluation_id, []).append(code)
    return found
