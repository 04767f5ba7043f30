"""Targets of delivery and of indicators, and notes on slow projects, as they were known on a day."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.control import DeliveryNote, DeliveryTarget, IndicatorTarget
from app.db.organisation import Officer, Unit
from app.domain.contributions import Indicator
from app.domain.terms import TargetScope


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What is to be delivered in a period: in percent of the allocation, or an amount."""

    scope: TargetScope
    percent: Decimal | None
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What an officer says about a slow project."""

    noted_on: dt.date
    problem: str
    action: str
    owner: str
    due_on: dt.date | None
    escalated: bool


#: code of the unit or officer, and the days of the period
Whose = tuple[str, dt.date, dt.date]


def targets(
    session: Session, dimension: str, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> dict[Whose, Target]:
    """Targets of units or officers; that of a unit goes before the one it has as a field office."""
    target = table(DeliveryTarget)
    subject, link = (table(Officer), target.c.officer_id) if dimension == "officer" else (table(Unit), target.c.unit_id)
    rows = (
        select(
            subject.c.code, target.c.period_start, target.c.period_end, target.c.scope, target.c.percent,
            target.c.amount, target.c.currency,
        )
        .select_from(target)
        .join(subject, subject.c.id == link)
        .where(target.c.decided_on <= as_of)
        .order_by(target.c.decided_on, target.c.sequence, target.c.id)
    )  # fmt: skip
    if recorded_at is not None:
        rows = rows.where(target.c.recorded_at <= recorded_at)
    newest: dict[tuple[TargetScope, Whose], Target] = {}
    for code, start, end, scope, percent, amount, currency in session.execute(rows):
        newest[scope, (code, start, end)] = Target(scope=scope, percent=percent, amount=amount, currency=currency)
    standing = {place: each for place, each in newest.items() if each.percent is not None or each.amount is not None}
    found: dict[Whose, Target] = {}
    for scope in (TargetScope.FIELD_OFFICE, TargetScope.UNIT, TargetScope.OFFICER):
        found |= {whose: each for (said, whose), each in standing.items() if said is scope}
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """What is aimed at for an indicator, in percent, and what sets it."""

    percent: Decimal
    source: str | None


def aims(
    session: Session, start: dt.date, end: dt.date, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> dict[Indicator, Aim]:
    """Targets of indicators that are stated for exactly these days."""
    target = table(IndicatorTarget).c
    rows = (
        select(target.indicator, target.percent, target.source)
        .where(target.period_start == start, target.period_end == end, target.decided_on <= as_of)
        .order_by(target.decided_on, target.sequence, target.id)
    )
    if recorded_at is not None:
        rows = rows.where(target.recorded_at <= recorded_at)
    newest = {indicator: (percent, source) for indicator, percent, source in session.execute(rows)}
    return {
        indicator: Aim(percent=percent, source=source)
        for indicator, (percent, source) in newest.items()
        if percent is not None
    }


def notes(
    session: Session, start: dt.date, end: dt.date, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> dict[int, Note]:
    """By project, the newest note about a period that has days in common with these."""
    note = table(DeliveryNote).c
    rows = (
        select(note.project_id, note.noted_on, note.problem, note.action, note.owner, note.due_on, note.escalated)
        .where(note.period_start <= end, note.period_end >= start, note.noted_on <= as_of)
        .order_by(note.noted_on, note.id)
    )
    if recorded_at is not None:
        rows = rows.where(note.recorded_at <= recorded_at)
    return {
        project_id: Note(
            noted_on=noted_on, problem=problem, action=action, owner=owner, due_on=due_on, escalated=escalated
        )
        for project_id, noted_on, problem, action, owner, due_on, escalated in session.execute(rows)
    }
