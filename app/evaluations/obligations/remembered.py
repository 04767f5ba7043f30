"""The due list as pages show it: made once for everybody, as long as nothing that it follows from has changed.

A page shows some of the rows and counts them all, and judging a hundred thousand obligations anew for each visitor
takes seconds.
"""

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from app.db.unchanged import known
from app.evaluations.obligations.due import DueRow, due


def due_remembered(session: Session, as_of: dt.date, *, within: int, unit: str | None = None) -> Sequence[DueRow]:
    """As :func:`app.evaluations.obligations.due.due`, by day; the rows are shared and stay as they are."""
    name = f"due list of {unit!r} on {as_of} within {within}"
    return known(session, name, lambda fresh: tuple(due(fresh, as_of, within=within, unit=unit)), rows=len)
