"""The organisation's own budget, as decided by a day."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from app.db import dated
from app.db.base import table
from app.db.spending import InstitutionalBudget


class BudgetFigure(NamedTuple):
    """A figure of the organisation's own budget."""

    kind: str
    #: empty: of no country
    country: str
    #: reference of the line; empty: the total itself
    line: str
    line_title: str | None
    period_start: dt.date
    period_end: dt.date
    amount: Decimal
    currency: str
    #: day of its rate of exchange
    value_date: dt.date


def budget_figures(
    session: Session, first: dt.date, last: dt.date, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> list[BudgetFigure]:
    """Figures of every kind of periods with days from ``first`` to ``last``, as known on the day."""
    known, kept = dated.known(session, dated.BUDGETS, as_of=as_of, recorded_at=recorded_at), table(InstitutionalBudget)
    row = known.c
    found = session.execute(
        select(
            row.kind, row.country, row.line, kept.c.line_title, row.period_start, row.period_end, row.amount,
            row.currency, row.value_date,
        )
        .select_from(known.join(kept, kept.c.id == row.id))
        .where(row.period_start <= last, row.period_end >= first)
        .order_by(row.kind, row.line, row.country, row.period_start, row.id)
    )  # fmt: skip
    return [BudgetFigure._make(each) for each in found]
