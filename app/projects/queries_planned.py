"""Statements about payments that are planned to other organisations."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlmodel import Session

from app.db.base import table
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.spending import PlannedPayment
from app.domain.terms import AllocationKind

_planned = table(PlannedPayment).c


def planned_payments(session: Session, project_id: int) -> Sequence[tuple[PlannedPayment, Organisation | None]]:
    """Those of a project with who is to be paid: of a file in its order, then those entered here by their days."""
    statement = (
        select(PlannedPayment, Organisation)
        .join(table(Organisation), table(Organisation).c.id == _planned.receiver_id, isouter=True)
        .where(_planned.project_id == project_id)
        .order_by(_planned.ordinal.is_(None), _planned.ordinal, _planned.period_start, _planned.id)
    )
    return [(found[0], found[1]) for found in session.execute(statement)]


def find_planned(
    session: Session, project_id: int, receiver_id: int | None, period_start: dt.date, kind: AllocationKind
) -> PlannedPayment | None:
    """The payment to somebody that is planned from a day on."""
    return session.scalars(
        select(PlannedPayment)
        .where(
            _planned.project_id == project_id,
            _planned.receiver_id == receiver_id,
            _planned.period_start == period_start,
            _planned.kind == kind,
        )
        .order_by(_planned.id)
    ).first()


def as_table() -> Select[tuple[object, ...]]:
    """All that were entered here, as rows of a table; those of a published file are in that file."""
    project, receiver = table(Project), table(Organisation)
    return (
        select(
            project.c.code.label("project"),
            func.coalesce(receiver.c.identifier, receiver.c.name).label("receiver"),
            _planned.value_date.label("decided_on"),
            *(
                _planned[name]
                for name in (
                    "period_start", "period_end", "amount", "currency", "kind", "receiver_activity", "note",
                )
            ),
        )
        .join_from(table(PlannedPayment), project, project.c.id == _planned.project_id)
        .join(receiver, receiver.c.id == _planned.receiver_id)
        .where(_planned.ordinal.is_(None), project.c.archived_at.is_(None))
        .order_by(project.c.code, _planned.period_start, _planned.id)
    )  # fmt: skip
