"""Rates of support cost of agreements, as they were agreed on a day."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.funding import Agreement, AgreementRevision
from app.domain.earmarking import Category, standard_support_rate


def support_rates(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> dict[int, Decimal]:
    """By key of the agreement, its rate as a fraction of direct cost; the standard one where none was agreed."""
    agreement, revision = table(Agreement).c, table(AgreementRevision).c
    found: dict[int, tuple[Decimal | None, int]] = {
        key: (rate, category)
        for key, rate, category in session.execute(
            select(agreement.id, agreement.support_cost_rate, agreement.category)
        )
    }
    known = (
        select(revision.agreement_id, revision.support_cost_rate, revision.category)
        .where(revision.known_on <= as_of)
        .order_by(revision.agreement_id, revision.known_on, revision.sequence)
    )
    if recorded_at is not None:
        known = known.where(revision.recorded_at <= recorded_at)
    for key, rate, category in session.execute(known):
        found[key] = (rate, category if category is not None else found[key][1])
    return {key: _fraction(rate, category) for key, (rate, category) in found.items()}


def _fraction(rate: Decimal | None, category: int) -> Decimal:
    return standard_support_rate(Category(str(category))) if rate is None else rate.scaleb(-2)
