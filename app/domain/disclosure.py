"""What is not told to the world, and why: one rule for activities, documents and transactions, one for partners."""

import datetime as dt
from collections.abc import Callable

from app.domain.terms import Screening


def withheld(
    reason: str | None, embargo_until: dt.date | None = None, *, reached: Callable[[dt.date | None], bool]
) -> str | None:
    """Why a record is not published on a day; None when it is.

    A reason that somebody gave holds until it is taken away, an embargo until its day has come. ``reached`` says
    whether a day has come (no day always has); it is asked only where the answer decides.
    """
    if reason:
        return reason
    return None if reached(embargo_until) else f"under embargo until {embargo_until}"


def unscreened(screening: Screening) -> str | None:
    """Why neither name nor money of a partner is published, in words that follow the partner's name; None when it is.

    A clearance that ran out bars new signatures only: what was signed under it was published rightly.
    """
    match screening:
        case Screening.PENDING:
            return "whose screening is pending"
        case Screening.REFUSED:
            return "whose screening was refused"
    return None


def cleared_before(screening: Screening, cleared_until: dt.date | None, day: dt.date) -> bool:
    """Whether the clearance of a partner had ended when it signed on the day; one without an end lasts."""
    return screening is Screening.CLEARED and cleared_until is not None and cleared_until < day
