"""Reads of risks, and of the units that keep a register of them."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlmodel import Session

from app.db.base import Statement, table
from app.db.organisation import Officer, Unit
from app.db.projects import Project
from app.db.risks import Risk
from app.db.shapes import shaped
from app.domain.risks import RiskFacts
from app.domain.terms import Stage
from app.http.lists import Listing, at_least, at_most, contains, equals, sort, unless_archived

_risk, _project, _unit, _officer = table(Risk).c, table(Project).c, table(Unit).c, table(Officer).c
#: the unit of a project, else its own
_unit_id = func.coalesce(_project.unit_id, _risk.unit_id)
_rating = (_risk.likelihood * _risk.impact).label("rating")
_owner_left = _officer.archived_at.is_not(None).label("owner_left")

RISKS = Listing(
    name="risks",
    statement=select(
        _risk.id, _risk.version, _risk.reference, _project.code.label("project"),
        case((_project.id.is_(None), _unit.code)).label("unit"), _risk.cause, _risk.event, _risk.consequence,
        _risk.likelihood, _risk.impact, _rating, _officer.code.label("owner"), _owner_left, _risk.response,
        _risk.opened_on, _risk.review_on, _risk.reviewed_on, _risk.escalated_on, _risk.closed_on, _risk.note,
        _risk.archived_at,
    )
    .join_from(table(Risk), table(Project), _project.id == _risk.project_id, isouter=True)
    .join(table(Unit), _unit.id == _unit_id, isouter=True)
    .join(table(Officer), _officer.id == _risk.owner_id, isouter=True),
    key=_risk.id,
    sorts={
        "reference": sort(_risk.reference),
        "review_on": sort(_risk.review_on),
        "opened_on": sort(_risk.opened_on),
        "id": sort(_risk.id),
    },
    filters={
        "archived": unless_archived(_risk.archived_at),
        "reference": equals(_risk.reference),
        "project": equals(_project.code),
        "unit": equals(_unit.code),
        "owner": equals(_officer.code),
        "rating_from": at_least(_rating.element),
        "review_from": at_least(_risk.review_on),
        "review_to": at_most(_risk.review_on),
        "q": contains(_risk.reference, _risk.cause, _risk.event, _risk.consequence),
    },
    usual_sort="review_on",
)  # fmt: skip


def risk_by_reference(session: Session, reference: str) -> Risk | None:
    return session.scalars(select(Risk).where(_risk.reference == reference)).one_or_none()


def _facts() -> Statement:
    return (
        select(
            _risk.reference, _unit.code.label("unit"), _project.code.label("project"), _risk.likelihood, _risk.impact,
            _risk.opened_on, _risk.review_on, _risk.reviewed_on, _risk.escalated_on, _risk.closed_on,
            _officer.code.label("owner"), _owner_left,
        )
        .join_from(table(Risk), table(Project), _project.id == _risk.project_id, isouter=True)
        .join(table(Unit), _unit.id == _unit_id, isouter=True)
        .join(table(Officer), _officer.id == _risk.owner_id, isouter=True)
        .where(_risk.archived_at.is_(None), _project.archived_at.is_(None))
    )  # fmt: skip


def risks(session: Session) -> list[RiskFacts]:
    """Every risk in use, by reference."""
    return [RiskFacts(**row._mapping) for row in session.execute(_facts().order_by(_risk.reference))]


def units_at_work(session: Session) -> set[str]:
    """Units that have projects under way."""
    running = (Stage.IMPLEMENTATION, Stage.FINALISATION)
    return set(
        session.scalars(
            select(_unit.code)
            .join_from(table(Project), table(Unit), _unit.id == _project.unit_id)
            .where(_project.stage.in_(running), _project.archived_at.is_(None), _unit.archived_at.is_(None))
            .distinct()
        )
    )


@dataclass(frozen=True, slots=True)
class Watched:
    """An open risk with whom alerts about it go to."""

    id: int
    reference: str
    event: str
    project: str | None
    unit: str | None
    unit_id: int | None
    owner_id: int | None
    review_on: dt.date
    escalated_on: dt.date | None


def _watched(as_of: dt.date) -> Statement:
    return (
        select(
            _risk.id, _risk.reference, _risk.event, _project.code.label("project"), _unit.code.label("unit"),
            _unit_id.label("unit_id"), _risk.owner_id, _risk.review_on, _risk.escalated_on,
        )
        .join_from(table(Risk), table(Project), _project.id == _risk.project_id, isouter=True)
        .join(table(Unit), _unit.id == _unit_id, isouter=True)
        .where(
            _risk.archived_at.is_(None),
            _project.archived_at.is_(None),
            _risk.opened_on <= as_of,
            func.coalesce(_risk.closed_on, dt.date.max) > as_of,
        )
    )  # fmt: skip


def open_risks(session: Session, as_of: dt.date, after: int, limit: int) -> list[Watched]:
    """Open risks by key."""
    rows = session.execute(_watched(as_of).where(_risk.id > after).order_by(_risk.id).limit(limit))
    return shaped(Watched, rows)


def watched(session: Session, ids: Collection[int], as_of: dt.date) -> dict[int, Watched]:
    """Those of these risks that are open, by their keys."""
    rows = session.execute(_watched(as_of).where(_risk.id.in_(ids)))
    return {row.id: row for row in shaped(Watched, rows)}
