"""What part of each agreement goes to which project."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session

from app.db import dated
from app.db.base import table
from app.db.funding import Agreement
from app.domain.money import WORKING
from app.reports.sums import BATCH


def parts(session: Session, *, as_of: dt.date, recorded_at: dt.datetime | None) -> Iterator[tuple[int, int, Decimal]]:
    """Shares as known on a day: agreement, project, fraction of the agreement's amount (none said: all)."""
    share, agreement = dated.known(session, dated.SHARES, as_of=as_of, recorded_at=recorded_at).c, table(Agreement)
    rows = session.execute(
        select(share.agreement_id, share.project_id, share.amount, share.percent, agreement.c.amount)
        .join(agreement, agreement.c.id == share.agreement_id)
        .order_by(share.agreement_id, share.id)
    )
    for agreement_id, project_id, amount, percent, whole in rows.yield_per(BATCH):
        if amount is not None:
            yield agreement_id, project_id, WORKING.divide(amount, whole) if whole else Decimal(0)
        else:
            yield agreement_id, project_id, Decimal(1) if percent is None else percent.scaleb(-2)
