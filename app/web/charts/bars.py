"""Figures side by side: bars with a target, parts of a whole, columns of parts over time, and the course of a few."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from markupsafe import Markup

from app.web.charts.svg import (
    LETTER,
    LINE,
    NARROWEST,
    fitted,
    in_lines,
    leaning,
    line,
    long,
    percent,
    picture,
    rect,
    rule,
    share_of,
    text,
)

#: share of the width that bars take at most; the figures stand in the rest, and the longest has its place there
_ROOM = Decimal("0.68")
_BESIDE = Decimal("0.02")
_THICK = 14
#: from one line of a long name to the next
_BELOW = 16
_MOST_LINES = 3
#: colours there are for parts; the sixth is for all others
TONES = 6


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A figure with its name; ``shown`` is the figure as people read it."""

    label: str
    value: Decimal
    shown: str
    #: a mark on the bar, on the same scale
    target: Decimal | None = None
    #: "", "good", "warn" or "bad"
    tone: str = ""


def bars(title: str, description: str, given: Sequence[Bar], *, most: Decimal | None = None) -> Markup:
    """One bar under the other, longest where the value is greatest; what is below zero has no bar, but its figure."""
    marks = [bar.target for bar in given if bar.target is not None]
    scale = most if most is not None else max([bar.value for bar in given] + marks, default=Decimal(0))
    longest = max((len(bar.shown) for bar in given), default=0)
    room = max(Decimal("0.2"), min(_ROOM, 1 - Decimal((longest + 1) * LETTER) / NARROWEST))
    parts: list[Markup] = []
    top = 0
    for bar in given:
        named = in_lines(bar.label, most=_MOST_LINES)
        for place, words in enumerate(named):
            parts.append(text(words, "0", top + 15 + place * _BELOW))
        top += (len(named) - 1) * _BELOW
        parts.append(rect("track", "0", top + LINE, percent(room), _THICK))
        length = share_of(max(bar.value, Decimal(0)), scale) * room
        parts.append(rect(f"bar {bar.tone}".strip(), "0", top + LINE, percent(min(length, room)), _THICK))
        if bar.target is not None:
            parts.append(line("target", percent(share_of(bar.target, scale) * room), top + LINE - 3, top + LINE + 17))
        # behind its bar, and not at the far edge of a wide picture
        parts.append(text(bar.shown, percent(room + _BESIDE), top + LINE + 12, kind="figure"))
        top += LINE + _THICK + 10
    return picture("bars", title, description, top, parts)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a whole."""

    label: str
    value: Decimal
    shown: str


def whole(title: str, description: str, given: Sequence[Part]) -> Markup:
    """One bar of a hundred percent, and below it what each colour means with its figure. Parts are not below zero."""
    total = sum((part.value for part in given), Decimal())
    parts, start = [], Decimal(0)
    for place, part in enumerate(given):
        share = share_of(part.value, total)
        parts.append(rect(_tone(place), percent(start), 0, percent(share), 28, tip=f"{part.label}: {part.shown}"))
        start += share
        parts += _key(_tone(place), 40 + place * 22, part.label, part.shown)
    return picture("whole", title, description, 40 + len(given) * 22, parts)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A period with its parts, in the order of the names."""

    label: str
    values: Sequence[Decimal]
    #: the sum as people read it
    shown: str


def stacked(
    title: str, description: str, names: Sequence[str], columns: Sequence[Column], *, tones: Sequence[str] = ()
) -> Markup:
    """Columns over time, each of parts that lie on one another; below what each colour means.

    ``tones``: "good", "warn", "bad" or "faint" for the parts, where their colour says what they are.
    """
    kinds = [*tones, *map(_tone, range(len(tones), len(names)))]
    high, low, width = 24, 164, Decimal(1) / max(len(columns), 1)
    scale = max((sum(column.values, Decimal()) for column in columns), default=Decimal(0))
    parts = [rule("axis", low)]
    # a sum needs about fifty pixels, and one at the edge half as many more: in a narrow place some are left
    # out, and the table has them
    step = max(1, ceil(len(columns) / 4 - 0.5))
    for place, column in enumerate(columns):
        left, base = width * place + width / 8, float(low)
        for tone, value in enumerate(column.values):
            height = float(share_of(max(value, Decimal(0)), scale)) * (low - high)
            base -= height
            tip = f"{column.label}, {names[tone]}"
            parts.append(rect(kinds[tone], percent(left), base, percent(width * 3 / 4), height, tip=tip))
        if (len(columns) - 1 - place) % step == 0:
            middle = width * place + width / 2
            anchor = leaning(middle, Decimal("0.1"))
            # what leans has the edge, or it would lie on its neighbour in a narrow place
            x = percent({"start": Decimal(0), "end": Decimal(1)}.get(anchor, middle))
            # all in one line above the highest column: a sum is wider than its column, and would lie on the next one
            parts.append(text(column.shown, x, high - 8, anchor=anchor, kind="figure"))
            parts.append(text(column.label, x, low + 17, anchor=anchor))
    start = low + 28
    for place, name in enumerate(names):
        parts += _key(kinds[place], start + place * 22, name, "")
    return picture("stacked", title, description, start + len(names) * 22, parts)


def sparkline(title: str, description: str, values: Sequence[Decimal]) -> Markup:
    """The course of a few values, without a scale; beside it stands the newest one in words."""
    least, most = min(values, default=Decimal(0)), max(values, default=Decimal(0))
    steps = max(len(values) - 1, 1)
    points = " ".join(
        f"{place * 100 / steps:.1f},{26 - float(share_of(value - least, most - least)) * 22:.1f}"
        for place, value in enumerate(values)
    )
    return Markup(
        '<svg class="chart spark" role="img" aria-label="{}" viewBox="0 0 100 30" preserveAspectRatio="none" '
        'width="100" height="30"><title>{}</title><desc>{}</desc><polyline points="{}"/></svg>'
    ).format(f"{title}. {description}", title, description, points)


def _tone(place: int) -> str:
    return f"part-{min(place, TONES - 1) + 1}"


def _key(kind: str, top: float, label: str, shown: str) -> list[Markup]:
    # between its colour and its figure
    room = NARROWEST - 28 - ((len(shown) + 1) * LETTER if shown else 0)
    named = text(fitted(label, room), long(20), top + 13)
    found = [rect(kind, "0", top + 2, long(12), 12), named]
    return [*found, text(shown, "100%", top + 13, anchor="end", kind="figure")] if shown else found
