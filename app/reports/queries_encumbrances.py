"""Sums of encumbrances for reports."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.spending import Encumbrance
from app.domain.terms import EncumbranceKind
from app.reports.sums import interval, ordered, rate_day


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundSum:
    """Encumbrances that began in an interval of time; below zero those that ended in it."""

    project_id: int
    interval: int
    currency: str
    #: day on which they began, whose rate of exchange counts; None where none is needed
    rate_day: dt.date | None
    amount: Decimal


def bound_sums(session: Session, starts: Sequence[dt.date], *, until: dt.date, currency: str) -> list[BoundSum]:
    """Encumbrances (advances apart) that began by the day, less those that ended by it, by project and interval."""
    row = table(Encumbrance)
    found: list[BoundSum] = []
    for day, sign in ((row.c.date, 1), (row.c.released_on, -1)):
        rows = (
            select(
                row.c.project_id,
                interval(day, starts).label("interval"),
                row.c.currency,
                rate_day(row.c.currency, row.c.date, currency).label("rate_day"),
                row.c.amount,
            )
            .where(
                row.c.kind == EncumbranceKind.ENCUMBRANCE,
                row.c.archived_at.is_(None),
                row.c.date <= until,
                day <= until,
            )
            .subquery()
        )
        keys = [column for column in rows.c if column.name != "amount"]
        sums = session.execute(
            select(*keys, func.sum(rows.c.amount).label("amount")).group_by(*keys).order_by(*ordered(keys))
        )
        found += [
            BoundSum(
                project_id=each.project_id,
                interval=each.interval,
                currency=each.currency,
                rate_day=each.rate_day,
                amount=each.amount * sign,
            )
            for each in sums
        ]
    return found
