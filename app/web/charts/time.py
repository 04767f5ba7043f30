"""Figures against time: how fast money is spent, and windows of evaluations."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from app.web.charts.svg import (
    LINE,
    beside,
    broken,
    fitted,
    leaning,
    line,
    percent,
    picture,
    rect,
    share_of,
    share_of_time,
    text,
)

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class PaceWords:
    """What stands in the picture, in the reader's language, with the figures in it."""

    spent: str
    allocated: str
    elapsed: str
    projected: str


def pace(
    title: str, words: PaceWords, *, rate: Decimal, elapsed: Decimal, projected: Decimal, tone: str = ""
) -> Markup:
    """What is spent of an allocation beside the share of its time that has passed, and where this pace leads.

    Shares are of the allocation, 1 for all of it; the picture ends at the allocation or at what is projected, and at
    one and a half allocations at most.
    """
    most = min(max(Decimal(1), projected, rate), Decimal("1.5"))
    ends = share_of(Decimal(1), most)
    passed, spent, leads = (min(share_of(each, most), Decimal(1)) for each in (elapsed, rate, projected))
    top = 2 * LINE + 4
    parts = [
        text(fitted(words.spent), "0", 15, kind="strong"),
        text(fitted(words.allocated), "0", 15 + LINE),
        rect("track", "0", top, percent(ends), 26),
        rect("lead", "0", top + 8, percent(leads), 10),
        rect(f"bar {tone}".strip(), "0", top, percent(max(spent, Decimal(0))), 26),
        line("target", percent(ends), top - 3, top + 29),
        line("now", percent(passed), top - 3, top + 44),
        beside(fitted(words.elapsed, 190), passed, top + 58),
        text(fitted(words.projected), "0", top + 58 + LINE),
    ]
    sentence = f"{words.spent}; {words.allocated}; {words.elapsed}; {words.projected}"
    return picture("pace", title, sentence, top + 66 + LINE, parts)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Something with a day on which it is due, in a window of time."""

    label: str
    opens: dt.date
    due: dt.date
    closes: dt.date
    tone: str = ""


def timeline(title: str, description: str, windows: Sequence[Window], today: dt.date) -> Markup:
    """Windows under one another on one scale of time with a mark on the day that each is due, and today's line.

    Lines of years and of today are drawn beside the windows, and not through their names, which stand between them.
    """
    days = [day for window in windows for day in (window.opens, window.closes)] + [today]
    first, last = min(days), max(days)
    margin = max((last - first) // 20, 30 * _DAY)
    first, last = first - margin, last + margin
    height = LINE + len(windows) * (LINE + 18) + 6
    parts = []
    beside_windows = {"top": 2 * LINE - 3, "bottom": height - 3, "drawn": 18, "left_out": LINE}
    years = list(range(first.year + 1, last.year + 1))
    step = max(1, -(-len(years) // 5))
    for place, year in enumerate(years):
        at = share_of_time(dt.date(year, 1, 1), first, last)
        if windows:
            parts.append(broken("grid", percent(at), **beside_windows))
        if place % step == 0:
            parts.append(text(str(year), percent(at), 14, anchor=leaning(at, Decimal("0.08")), kind="scale"))
    for place, window in enumerate(windows):
        top = LINE + place * (LINE + 18)
        opens, closes = (share_of_time(day, first, last) for day in (window.opens, window.closes))
        width = max(closes - opens, Decimal("0.01"))
        parts.append(rect(f"window {window.tone}".strip(), percent(opens), top + LINE, percent(width), 12))
        due = percent(share_of_time(window.due, first, last))
        parts.append(line("target", due, top + LINE - 3, top + LINE + 15))
        parts.append(text(fitted(window.label), "0", top + 13, kind="named"))
    if windows:
        parts.append(broken("today", percent(share_of_time(today, first, last)), **beside_windows))
    return picture("timeline", title, description, height, parts)
