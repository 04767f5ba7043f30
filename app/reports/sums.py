"""What sums made in the database have in common: intervals of time, the day of their rate, one order."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, cast, literal, null, true

#: rows fetched at a time
BATCH = 5000


def interval(day: ColumnElement[dt.date], starts: Sequence[dt.date]) -> ColumnElement[int]:
    """Number of the interval a day falls into: 0 before the first start, n from the n-th on."""
    later = [(day < start, literal(number)) for number, start in enumerate(starts)]
    return case(*later, else_=literal(len(starts))) if later else literal(0)


def intervals(
    day: ColumnElement[dt.date], starts: Sequence[dt.date], since: dt.date | None, until: dt.date
) -> dict[int, ColumnElement[bool]]:
    """By number of :func:`interval`, whether a day falls into that one; only those that hold days of the span."""
    if not starts:
        return {0: true()}
    found = {0: day < starts[0], len(starts): day >= starts[-1]}
    found |= {number: and_(day >= start, day < end) for number, (start, end) in enumerate(pairwise(starts), 1)}
    first = 0 if since is None else bisect_right(starts, since)
    return {number: found[number] for number in range(first, bisect_right(starts, until) + 1)}


def rate_day(currency: ColumnElement[str], day: ColumnElement[dt.date], reported: str) -> ColumnElement[dt.date]:
    """Amounts in the reported currency need no rate, so their days need not be told apart."""
    return case((currency == reported, cast(null(), Date)), else_=day)


def ordered(keys: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """An order that both databases agree on: empty values first."""
    return [part for key in keys for part in (key.is_not(None), key)]
