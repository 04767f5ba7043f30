"""The elements that pictures are made of."""

import datetime as dt
import textwrap
from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup, escape

#: pixels between one line of text and the next
LINE = 20
#: the narrowest place a picture has, in pixels: a page 320 wide
NARROWEST = 288
#: width of a letter on average, generously, in pixels
LETTER = 7.4
#: pixels that the text of pictures is high where the reader's browser has its ordinary size, as the style sheet has it.
#: All pixels are of that size, and stand in the markup as parts of it: with larger text the picture grows as a whole
SIZE = 13


def percent(share: Decimal) -> str:
    """A share of the width, 0 to 1, as an attribute; what lies outside is moved to the edge."""
    return f"{float(min(max(share, Decimal(0)), Decimal(1))) * 100:.2f}%".replace(".00%", "%")


def share_of(value: Decimal, most: Decimal) -> Decimal:
    return value / most if most > 0 else Decimal(0)


def share_of_time(day: dt.date, first: dt.date, last: dt.date) -> Decimal:
    days = (last - first).days
    return Decimal((day - first).days) / days if days > 0 else Decimal(0)


def fitted(text: str, width: float = NARROWEST) -> str:
    """The text as far as there is room in pixels, with its end, which tells names apart; the table has it whole."""
    room = int(width / LETTER)
    if len(text) <= room:
        return text
    end = room // 3
    head, tail = text[: room - end - 1], text[-end:]
    # between two words where one begins near enough
    if (space := tail.find(" ")) in range(len(tail) // 2) and text[-end - 1] != " ":
        tail = tail[space:]
    if (space := head.rfind(" ")) > len(head) * 2 // 3 and text[len(head)] != " ":
        head = head[:space]
    return f"{head.rstrip()}…{tail.lstrip()}"


def in_lines(text: str, width: float = NARROWEST, *, most: int = 2) -> list[str]:
    """The text in as many lines as it needs for a place of that width; what is more than ``most`` is left out."""
    room = int(width / LETTER)
    lines = textwrap.wrap(text, room) or [""]
    if len(lines) > most:
        return [*lines[: most - 1], fitted(" ".join(lines[most - 1 :]), width)]
    # lines of about the same length: a last word alone below the others looks like a name of its own
    evenly = (textwrap.wrap(text, narrower) for narrower in range(room // 2, room))
    return next((each for each in evenly if len(each) == len(lines)), lines)


def rect(kind: str, x: str, y: float, width: str, height: float, *, tip: str = "") -> Markup:
    inside = Markup("<title>{}</title>").format(tip) if tip else Markup("")
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}">{}</rect>').format(
        kind, x, long(y), width, long(height), inside
    )


def line(kind: str, x: str, top: float, bottom: float) -> Markup:
    """A line from top to bottom."""
    return Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(kind, x, x, long(top), long(bottom))


def broken(kind: str, x: str, top: float, bottom: float, *, drawn: float, left_out: float) -> Markup:
    """A line from top to bottom of pieces: so many pixels are drawn, and so many left out between them."""
    return Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}" stroke-dasharray="{} {}"/>').format(
        kind, x, x, long(top), long(bottom), long(drawn), long(left_out)
    )


def rule(kind: str, y: float) -> Markup:
    """A line across."""
    return Markup('<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>').format(kind, long(y), long(y))


def text(words: str, x: str, y: float, *, anchor: str = "start", kind: str = "") -> Markup:
    of_kind = Markup(' class="{}"').format(kind) if kind else Markup("")
    at = Markup(' text-anchor="{}"').format(anchor) if anchor != "start" else Markup("")
    return Markup('<text x="{}" y="{}"{}{}>{}</text>').format(x, long(y), at, of_kind, words)


def beside(words: str, share: Decimal, y: float, *, kind: str = "") -> Markup:
    """Text at a place along the width; near an edge it leans to the other side."""
    return text(words, percent(share), y, anchor=leaning(share, Decimal("0.35")), kind=kind)


def leaning(share: Decimal, edge: Decimal) -> str:
    """How text is held at a place along the width, so that it does not leave the picture near an edge."""
    return "start" if share < edge else "end" if share > 1 - edge else "middle"


def picture(kind: str, title: str, description: str, height: float, parts: Sequence[Markup]) -> Markup:
    """The whole picture, as wide as its place and ``height`` pixels high where text has its ordinary size."""
    return Markup('<svg class="chart {}" role="img" aria-label="{}" width="100%" height="{}">{}{}{}</svg>').format(
        kind,
        f"{title}. {description}" if description else title,
        long(height),
        Markup("<title>{}</title>").format(title),
        Markup("<desc>{}</desc>").format(description) if description else "",
        Markup("").join(escape(part) for part in parts),
    )


def long(pixels: float) -> str:
    """A length as an attribute, which follows the size of the text."""
    return f"{pixels / SIZE:.3f}".rstrip("0").rstrip(".") + "em"
