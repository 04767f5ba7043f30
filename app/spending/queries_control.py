"""Reads of targets of delivery and of indicators, and of notes on slow projects."""

import datetime as dt

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.control import DeliveryNote, DeliveryTarget, IndicatorTarget
from app.db.organisation import Officer, Unit
from app.db.projects import Project
from app.http.lists import Listing, at_least, at_most, equals, sort

_target, _note, _project = table(DeliveryTarget).c, table(DeliveryNote).c, table(Project).c
_indicator = table(IndicatorTarget).c
_code = func.coalesce(table(Unit).c.code, table(Officer).c.code)


def newest_target(session: Session, wanted: DeliveryTarget) -> DeliveryTarget | None:
    """The target of the same unit or officer, period and day that was recorded last."""
    names = ("scope", "period_start", "period_end", "decided_on")
    return session.scalars(
        select(DeliveryTarget)
        .where(
            *(_target[name] == getattr(wanted, name) for name in names),
            _target.unit_id.is_not_distinct_from(wanted.unit_id),
            _target.officer_id.is_not_distinct_from(wanted.officer_id),
        )
        .order_by(_target.sequence.desc())
        .limit(1)
    ).first()


def newest_indicator_target(session: Session, wanted: IndicatorTarget) -> IndicatorTarget | None:
    """The target of the same indicator, period and day that was recorded last."""
    names = ("indicator", "period_start", "period_end", "decided_on")
    return session.scalars(
        select(IndicatorTarget)
        .where(*(_indicator[name] == getattr(wanted, name) for name in names))
        .order_by(_indicator.sequence.desc())
        .limit(1)
    ).first()


def find_note(
    session: Session, project_id: int, start: dt.date, end: dt.date, noted_on: dt.date
) -> DeliveryNote | None:
    return session.scalars(
        select(DeliveryNote).where(
            _note.project_id == project_id,
            _note.period_start == start,
            _note.period_end == end,
            _note.noted_on == noted_on,
        )
    ).first()


TARGETS = Listing(
    name="targets of delivery",
    statement=select(
        _target.id, _target.scope, _code.label("code"), _target.period_start, _target.period_end, _target.decided_on,
        _target.percent, _target.amount, _target.currency, _target.note, _target.recorded_at, _target.recorded_by,
    )
    .select_from(table(DeliveryTarget))
    .outerjoin(table(Unit), table(Unit).c.id == _target.unit_id)
    .outerjoin(table(Officer), table(Officer).c.id == _target.officer_id),
    key=_target.id,
    sorts={"id": sort(_target.id), "period_start": sort(_target.period_start), "decided_on": sort(_target.decided_on)},
    filters={
        "scope": equals(_target.scope),
        "code": equals(_code),
        "period_start_from": at_least(_target.period_start),
        "period_end_to": at_most(_target.period_end),
    },
    usual_sort="id",
)  # fmt: skip

INDICATOR_TARGETS = Listing(
    name="targets of indicators",
    statement=select(
        _indicator.id, _indicator.indicator, _indicator.period_start, _indicator.period_end, _indicator.decided_on,
        _indicator.percent, _indicator.source, _indicator.note, _indicator.recorded_at, _indicator.recorded_by,
    ),
    key=_indicator.id,
    sorts={name: sort(_indicator[name]) for name in ("id", "period_start", "decided_on")},
    filters={
        "indicator": equals(_indicator.indicator),
        "period_start_from": at_least(_indicator.period_start),
        "period_end_to": at_most(_indicator.period_end),
    },
    usual_sort="id",
)  # fmt: skip

NOTES = Listing(
    name="notes on delivery",
    statement=select(
        _note.id, _project.code.label("project"), _note.period_start, _note.period_end, _note.noted_on, _note.problem,
        _note.action, _note.owner, _note.due_on, _note.obstacle, _note.escalated, _note.recorded_at, _note.recorded_by,
    )
    .select_from(table(DeliveryNote))
    .join(table(Project), _project.id == _note.project_id),
    key=_note.id,
    sorts={"id": sort(_note.id), "noted_on": sort(_note.noted_on), "project": sort(_project.code)},
    filters={
        "project": equals(_project.code),
        "escalated": lambda wanted: _note.escalated if wanted else ~_note.escalated,
        "noted_on_from": at_least(_note.noted_on),
        "noted_on_to": at_most(_note.noted_on),
    },
    usual_sort="id",
)  # fmt: skip
