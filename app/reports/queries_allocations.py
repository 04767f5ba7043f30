"""Sums of allocations for reports."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import and_, func, select, true
from sqlmodel import Session

from app.db.allocations import effective_allocations
from app.domain.periods import Period
from app.reports.sums import BATCH, ordered


@dataclass(frozen=True, kw_only=True, slots=True)
class AllocationSum:
    """What stands allocated by decisions of one day."""

    project_id: int
    agreement_id: int | None
    source: str
    outcome: str
    country: str
    period: Period
    currency: str
    #: day of the decision, whose rate of exchange counts
    rate_day: dt.date
    amount: Decimal


def allocation_sums(
    session: Session,
    first: dt.date,
    last: dt.date,
    *,
    as_of: dt.date,
    recorded_at: dt.datetime | None,
    own_resources: bool = False,
) -> list[AllocationSum]:
    """Allocations that count on the day and whose period has days from ``first`` to ``last``.

    With ``own_resources`` only those whose source is no agreement but a named one of the organisation's own.
    """
    rows = effective_allocations(as_of, recorded_at).subquery()
    keys = [
        rows.c[name]
        for name in (
            "project_id", "agreement_id", "source", "outcome", "country", "period_start", "period_end", "currency",
            "decided_on",
        )
    ]  # fmt: skip
    of_source = and_(rows.c.agreement_id.is_(None), rows.c.source != "") if own_resources else true()
    found = session.execute(
        select(*keys, func.sum(rows.c.amount).label("amount"))
        .where(of_source)
        .where(rows.c.period_start <= last, rows.c.period_end >= first)
        .where(rows.c.period_end >= rows.c.period_start)
        .group_by(*keys)
        .order_by(*ordered(keys))
    )
    # most allocations share a few periods
    period = lru_cache(lambda start, end: Period(start=start, end=end))
    return [
        AllocationSum(
            project_id=row.project_id,
            agreement_id=row.agreement_id,
            source=row.source,
            outcome=row.outcome,
            country=row.country,
            period=period(row.period_start, row.period_end),
            currency=row.currency,
            rate_day=row.decided_on,
            amount=row.amount,
        )
        for row in found.yield_per(BATCH)
    ]
