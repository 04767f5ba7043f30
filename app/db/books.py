"""Closed books: figures of a period that was accounted for do not change unseen, by whatever is entered later.

What is posted has its own day in an open period; a decision or a rate that is dated into closed books would change what
was reported of them. It is refused: it gets a later day, or the books are opened again with a reason. What was recorded
after the closing was never reported of them, and may be corrected.
"""

import datetime as dt

from sqlalchemy import ScalarSelect, func, select
from sqlmodel import Session

from app.db.base import table
from app.db.lookups import closed_over
from app.db.people import AuditEvent
from app.inputs import FaultList

#: what the audit trail calls a closing
CLOSING = "close-books"
_event = table(AuditEvent).c


def check_decided(session: Session, faults: FaultList, day: dt.date, *, place: str, rule: str) -> None:
    """Notes a fault at ``place`` where a decision of that day lies in closed books."""
    if (closed := closed_over(session, day)) is not None:
        faults.ask_later_day(place, rule, closed)


def moved_open(session: Session, told: FaultList, day: dt.date, *, place: str, rule: str) -> dt.date:
    """The day, or where the books are closed over it the first one that they are open for, which is remarked.

    For the day of a decision that nobody dated.
    """
    closed = closed_over(session, day)
    if closed is None:
        return day
    moved = closed + dt.timedelta(days=1)
    told.add(place, rule, f"The books are closed until {closed}: this is known from {moved} on.")
    return moved


def last_closing() -> ScalarSelect[dt.datetime | None]:
    """When the books were closed last, as the audit trail has it; NULL where it has nothing."""
    closings = select(func.max(_event.at)).where(_event.entity == "setup", _event.action == CLOSING)
    return closings.scalar_subquery()


def was_reported(session: Session, recorded_at: dt.datetime) -> bool:
    """Whether a record of that moment stood in the figures when the books were closed; where nobody knows when: yes."""
    closing: dt.datetime | None = session.scalar(select(last_closing()))
    return closing is None or recorded_at <= closing
