"""Exchange rates as stored."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.spending import ExchangeRate


def rates_of(session: Session, currencies: Collection[str]) -> list[tuple[str, dt.date, Any]]:
    """Rates of exchange of the currencies, of each day the newest recorded last."""
    rate = table(ExchangeRate).c
    rows = session.execute(
        select(rate.currency, rate.effective_on, rate.rate)
        .where(rate.currency.in_(sorted(currencies)))
        .order_by(rate.currency, rate.effective_on, rate.sequence)
    )
    return [(row[0], row[1], row[2]) for row in rows]
