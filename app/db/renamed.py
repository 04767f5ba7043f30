"""What calls a record by its code, and goes with it when the code changes.

A duty of the institution is known by a key that names whom it obliges, or the milestone; waivers, moved days, alerts
and entries of calendars hang on it, and evaluations say by its code what they look at. Without this a new code would be
a duty that nobody had waived, told once more.
"""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlmodel import Session

from app.db.alerts import CalendarEvent
from app.db.base import table
from app.db.evaluations import Evaluation, Obligation
from app.domain.evaluation.institution import duties_of, milestone_key
from app.domain.evaluation.terms import Obliged

_obligation, _event, _evaluation = table(Obligation).c, table(CalendarEvent).c, table(Evaluation).c

#: how duties and evaluations call a project or pool
OF_PROJECTS = (Obliged.FUND, Obliged.FLAGSHIP)


def called_otherwise(session: Session, kinds: Collection[Obliged], before: str, after: str) -> None:
    """Records of these kinds have another code from now on."""
    words = [kind.value for kind in kinds]
    duties = select(_obligation.id, _obligation.key, _obligation.subject_kind).where(
        _obligation.project_id.is_(None), _obligation.subject_kind.in_(words), _obligation.subject == before
    )
    for row in session.execute(duties).all():
        was, becomes = duties_of(Obliged(row.subject_kind), before), duties_of(Obliged(row.subject_kind), after)
        # a milestone of a unit is about the unit, and is not called by its code
        _move(session, row.id, row.key, row.key.replace(was, becomes, 1))
        session.execute(update(table(Obligation)).where(_obligation.id == row.id).values(subject=after))
    looking = update(table(Evaluation)).where(_evaluation.scope.in_(words), _evaluation.subject == before)
    for evaluation in session.scalars(
        select(Evaluation).where(
            _evaluation.scope.in_(words), _evaluation.subject == before, _evaluation.archived_at.is_(None)
        )
    ):
        evaluation.subject = after
    session.flush()
    # what is archived does not change, but for how it calls others
    session.execute(looking.values(subject=after))


def milestone_called_otherwise(session: Session, before: tuple[str, str], after: tuple[str, str]) -> None:
    """A milestone has another strategy and code from now on."""
    was = milestone_key(*before)
    row_id = session.scalar(select(_obligation.id).where(_obligation.project_id.is_(None), _obligation.key == was))
    if row_id is not None:
        _move(session, row_id, was, milestone_key(*after))


def _move(session: Session, row_id: int, was: str, becomes: str) -> None:
    """Another key for a duty and its entry in calendars, unless one stands under that key."""
    for rows, name, own in (
        (table(Obligation), _obligation.key, _obligation.id == row_id),
        (table(CalendarEvent), _event.name, _event.name == was),
    ):
        without_project = rows.c.project_id.is_(None)
        taken = session.execute(select(rows.c.id).where(without_project, name == becomes)).first()
        if taken is None:
            session.execute(update(rows).where(without_project, own).values({name: becomes}))
