"""Writes of recomputation: obligations changed, made and succeeded, and what was assessed. Bulk statements."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import delete, insert, select, text, update
from sqlmodel import Session

from app.db.alerts import Alert
from app.db.among import among
from app.db.base import table
from app.db.bulk import change_rows
from app.db.evaluations import Assessed, Assessment, Evaluation, EvaluationProject, Obligation, ObligationDecision
from app.db.together import once
from app.domain.evaluation.terms import Kind

_obligation, _decision, _alert = table(Obligation).c, table(ObligationDecision).c, table(Alert).c
_evaluation, _covered = table(Evaluation).c, table(EvaluationProject).c

#: the alert job looks at once
NOW = dt.date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Noted:
    """What is noted of a project when it was assessed."""

    project_id: int
    #: of what it was replayed from
    stamp: str
    assessed_on: dt.date
    #: day on which a fact known in advance comes to count
    next_on: dt.date | None
    policy: str | None
    findings: list[dict[str, str]]


_NOTED = tuple(each.name for each in fields(Noted) if each.name != "project_id")


def take_turns(session: Session) -> None:
    """Holds other recomputations back until this transaction ends (writers on SQLite take turns anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('earmark:obligations'))"))


def kept_assessment(session: Session, row_id: int) -> Assessment:
    """The row of a recomputation that went through, to be written again."""
    return session.get_one(Assessment, row_id)


def change_obligations(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Sets the given columns of obligations; each row names its key in ``row_id``. Rows of one call share columns."""
    change_rows(session, Obligation, rows)


def add_obligations(session: Session, rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Adds obligations; gives their keys in the same order."""
    if not rows:
        return []
    statement = insert(table(Obligation)).returning(_obligation.id, sort_by_parameter_order=True)
    return list(session.connection().execute(statement, [dict(row) for row in rows]).scalars())


def referred_to(session: Session, ids: Collection[int]) -> set[int]:
    """Those of these obligations that people have decided about, or were told of: they stay on record."""
    if not ids:
        return set()
    decided = select(_decision.obligation_id).where(among(_decision.obligation_id, ids))
    told = select(_alert.subject_id).where(_alert.subject_kind == "obligation", among(_alert.subject_id, ids))
    return {*session.scalars(decided), *session.scalars(told)}


def retire(session: Session, ids: Collection[int], reason: str, day: dt.date) -> None:
    """Obligations that the facts do not know, and that stay on record, stand no more."""
    if ids:
        session.execute(
            update(table(Obligation))
            .where(among(_obligation.id, ids))
            .values(status="lapsed", status_reason=reason, ended_on=day, successor_id=None)
        )


def remove(session: Session, ids: Collection[int]) -> None:
    """Obligations that the facts do not know, and that nothing refers to, go."""
    if ids:
        session.execute(update(table(Obligation)).where(among(_obligation.successor_id, ids)).values(successor_id=None))
        session.execute(delete(table(Obligation)).where(among(_obligation.id, ids)))


def mark_interims(session: Session, since: Mapping[tuple[int, int], dt.date | None]) -> None:
    """Notes since when evaluations count as interim for a project, by (evaluation, project).

    An evaluation that does for any project is shown as interim; one that does for none is what it was recorded as.
    """
    if not since:
        return
    evaluations = {evaluation for evaluation, _ in since}
    covered = session.scalars(select(EvaluationProject).where(among(_covered.evaluation_id, evaluations))).all()
    interim = set()
    for row in covered:
        place = (row.evaluation_id, row.project_id)
        if place in since:
            row.interim_since = since[place]
        if row.interim_since is not None:
            interim.add(row.evaluation_id)
    for evaluation in session.scalars(select(Evaluation).where(among(_evaluation.id, evaluations))).all():
        if evaluation.id in interim and evaluation.recorded_kind is None:
            evaluation.kind, evaluation.recorded_kind = Kind.INTERIM.value, evaluation.kind
        elif evaluation.id not in interim and evaluation.recorded_kind is not None:
            evaluation.kind, evaluation.recorded_kind = evaluation.recorded_kind, None
    session.flush()


def keep_assessed(session: Session, rows: Sequence[Noted], known: Mapping[int, int]) -> None:
    """Notes what was assessed; ``known``: project → key of what was noted before."""
    new: list[dict[str, object]] = []
    old: list[dict[str, object]] = []
    for row in rows:
        said = {"done_stamp": row.stamp} | {name: getattr(row, name) for name in _NOTED}
        if row.project_id in known:
            old.append({"row_id": known[row.project_id], **said})
        else:
            new.append({"project_id": row.project_id, **said})
    if new:
        session.connection().execute(insert(table(Assessed)), new)
    change_rows(session, Assessed, old)


def look_again(session: Session, project_ids: Iterable[int]) -> None:
    """Has the alert job look at the obligations of these projects at its next run; it passes over what has ended."""
    once(session, _look_again, set(project_ids))


def look_at_institution_again(session: Session) -> None:
    """The same for what the institution owes."""
    session.execute(update(table(Obligation)).where(_obligation.project_id.is_(None)).values(look_on=NOW))


def _look_again(session: Session, project_ids: Collection[int]) -> None:
    ids = sorted(project_ids)
    for start in range(0, len(ids), 500):
        session.execute(
            update(table(Obligation)).where(_obligation.project_id.in_(ids[start : start + 500])).values(look_on=NOW)
        )
