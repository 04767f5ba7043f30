"""What part of each agreement goes to which project."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from sqlalchemy import func, select
from sqlmodel import Session

from app.db import dated
from app.db.base import table
from app.db.funding import Agreement
from app.domain.money import Money
from app.domain.promises import amounts_of, fractions
from app.reports.queries_contributions import newest_revisions
from app.reports.sums import BATCH


@dataclass(frozen=True, kw_only=True, slots=True)
class _Share:
    project_id: int
    amount: Decimal | None
    percent: Decimal | None


def parts(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> Iterator[tuple[int, int, Decimal]]:
    """Shares as known on a day: agreement, project, fraction of the agreement's amount as known on that day."""
    for agreement_id, whole, given in _given(session, as_of=as_of, recorded_at=recorded_at):
        for each, fraction in zip(given, fractions(whole.amount, given), strict=True):
            yield agreement_id, each.project_id, fraction


def shares(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> Iterator[tuple[int, int, Money]]:
    """Shares as known on a day: project, agreement, and what it gives of the agreement's amount as known on that day,
    which is stated with or without support cost as the agreement states it."""
    for agreement_id, whole, given in _given(session, as_of=as_of, recorded_at=recorded_at):
        for each, part in zip(given, amounts_of(whole.amount, given), strict=True):
            yield each.project_id, agreement_id, Money(part, whole.currency)


def _given(
    session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None
) -> Iterator[tuple[int, Money, list[_Share]]]:
    """Agreements with their amount and their shares, as known on a day."""
    known = dated.known(session, dated.SHARES, as_of=as_of, recorded_at=recorded_at)
    newest = newest_revisions(as_of, recorded_at)
    share, agreement = known.c, table(Agreement).c
    rows = session.execute(
        select(
            share.agreement_id,
            share.project_id,
            share.amount,
            share.percent,
            func.coalesce(newest.c.amount, agreement.amount).label("whole"),
            agreement.currency,
        )
        .select_from(known)
        .join(table(Agreement), agreement.id == share.agreement_id)
        .outerjoin(newest, newest.c.agreement_id == agreement.id)
        .order_by(share.agreement_id, share.id)
    )
    for (agreement_id, whole, currency), of_agreement in groupby(
        rows.yield_per(BATCH), key=lambda row: (row.agreement_id, row.whole, row.currency)
    ):
        given = [_Share(project_id=row.project_id, amount=row.amount, percent=row.percent) for row in of_agreement]
        yield agreement_id, Money(whole, currency), given
