"""Closed books: figures of a period that was accounted for do not change unseen, by whatever is entered later.

What is posted has its own day in an open period; a decision or a rate that is dated into closed books would change what
was reported of them. It is refused: it gets a later day, or the books are opened again with a reason.
"""

import datetime as dt

from sqlmodel import Session

from app.db.lookups import closed_over
from app.inputs import FaultList


def check_decided(session: Session, faults: FaultList, day: dt.date, *, place: str, rule: str) -> None:
    """Notes a fault at ``place`` where a decision of that day lies in closed books."""
    if (closed := closed_over(session, day)) is not None:
        faults.ask_later_day(place, rule, closed)


def first_open(session: Session, day: dt.date) -> dt.date:
    """The day, or where the books are closed over it the first one that they are open for."""
    closed = closed_over(session, day)
    return day if closed is None else closed + dt.timedelta(days=1)
