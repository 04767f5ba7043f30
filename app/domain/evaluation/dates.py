"""The computation of evaluation dates. Ends are inclusive; X, the day after the end, is what durations compare."""

from datetime import date, timedelta

from app.domain.evaluation.policy import Band, Window
from app.domain.periods import add_months, day_after

#: A longer project is a date that stands for "open" (9999-12-31), not a plan to evaluate by.
LONGEST_MONTHS = 600

_DAY = timedelta(days=1)


def lasts(band: Band, start: date, end: date) -> bool:
    """Whether a project's duration lies in a band of months.

    Under n: X < start ⊕ n. Over n: X > start ⊕ n. At least and at most hold the limit, so a project that ends the day
    before start ⊕ n lasts exactly n months.
    """
    beyond = day_after(end)
    if band.lower is not None:
        limit = add_months(start, int(band.lower))
        if beyond < limit or (beyond == limit and band.lower_is == "over"):
            return False
    if band.upper is None:
        return True
    limit = add_months(start, int(band.upper))
    return beyond < limit or (beyond == limit and band.upper_is == "at_most")


def midpoint(start: date, end: date) -> date:
    """start + ⌊(end − start) / 2⌋ days."""
    return start + timedelta(days=(end - start).days // 2)


def year_end(start: date, k: int) -> date:
    """Last day of a project's k-th year: start ⊕ 12k months − 1 day."""
    return add_months(start, 12 * k) - _DAY


def review_days(start: date, end: date) -> tuple[date, ...]:
    """Last days of the project's full years, the one that falls on the end included; the k-th has ordinal k."""
    days = []
    day = year_end(start, 1)
    while day <= end:
        days.append(day)
        day = year_end(start, len(days) + 1)
    return tuple(days)


def is_near(day: date, other: date, months: int) -> bool:
    """Whether two days are at most so many months apart, counted from ``other``."""
    return add_months(other, -months) <= day <= add_months(other, months)


def window_days(anchor: date, window: Window) -> tuple[date, date, date]:
    """Opens, due and late of a window around its anchor."""
    return (
        add_months(anchor, window.opens) if window.opens else anchor,
        add_months(anchor, window.due) if window.due else anchor,
        add_months(anchor, window.late) if window.late else anchor,
    )
