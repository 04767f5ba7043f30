"""Rates of exchange as stored."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.spending import ExchangeRate
from app.domain.money import Rates


def stored_rates(
    session: Session, *, currencies: Collection[str] | None = None, recorded_at: dt.datetime | None = None
) -> Rates:
    """Rates of exchange of the currencies (None: of all); of each day the one recorded last counts.

    ``recorded_at``: what was recorded later does not count.
    """
    rate = table(ExchangeRate).c
    statement = select(rate.currency, rate.effective_on, rate.rate)
    if currencies is not None:
        statement = statement.where(rate.currency.in_(sorted(currencies)))
    if recorded_at is not None:
        statement = statement.where(rate.recorded_at <= recorded_at)
    rows = session.execute(statement.order_by(rate.currency, rate.effective_on, rate.sequence))
    return Rates.of((row.currency, row.effective_on, row.rate) for row in rows)
