"""A map of the world without frontiers: land in one shape, and a circle for each country.

The projection is Equal Earth, whose areas are true; a circle's area follows its value. Where a country lies is told by
the time-zone list (``zone.tab``, public domain), which names a town in each: of the widest countries their towns'
middle counts. What no town is known of has no circle, and stands in the table beside the map.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from markupsafe import Markup

#: units of the picture
WIDTH, HEIGHT = 1000, 440
#: the largest circle, and the smallest that can be hit with a finger
_LARGEST, _SMALLEST = 34.0, 5.0
_A = (1.340264, -0.081106, 0.000893, 0.003796)
_ROOT = math.sqrt(3)
#: half the width of the projection, so that the whole earth fits
_HALF = 2.7066299836960748
#: the latitude at the upper edge
_TOP = 84.0
#: so wide that one town does not stand for them
_WIDE = frozenset({"AR", "AU", "BR", "CA", "CD", "CN", "ID", "KZ", "MN", "MX", "RU", "US"})


def place(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a place lies in the picture."""
    x, y = _projected(longitude, latitude)
    scale = WIDTH / (2 * _HALF)
    return (x + _HALF) * scale, (_projected(0, _TOP)[1] - y) * scale


def _projected(longitude: float, latitude: float) -> tuple[float, float]:
    theta = math.asin(_ROOT / 2 * math.sin(math.radians(latitude)))
    square = theta * theta
    sixth = square * square * square
    slope = _A[0] + 3 * _A[1] * square + sixth * (7 * _A[2] + 9 * _A[3] * square)
    x = 2 * math.radians(longitude) * math.cos(theta) / (_ROOT * slope)
    return x, theta * (_A[0] + _A[1] * square + sixth * (_A[2] + _A[3] * square))


@cache
def land() -> str:
    """The land as the path of a drawing; ``app.web.land`` made it."""
    return files("app.web.charts").joinpath("land.txt").read_text(encoding="ascii").strip()


@cache
def towns() -> Mapping[str, tuple[float, float]]:
    """ISO code of a country → longitude and latitude of where its circle stands."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            country, written, _ = row.split("\t")[:3]
            found.setdefault(country, []).append(_degrees(written))
    found["XK"] = [(21.17, 42.67)]  # not in the list, and in use by the Country codelist
    return {country: _middle(spots) if country in _WIDE else spots[0] for country, spots in found.items()}


def _degrees(written: str) -> tuple[float, float]:
    """Longitude and latitude of ISO 6709, such as +4230+00131."""
    match = re.fullmatch(r"([+-]\d{4}|[+-]\d{6})([+-]\d{5}|[+-]\d{7})", written)
    if match is None:
        raise ValueError(f"{written} is no place")
    return _angle(match[2], 3), _angle(match[1], 2)


def _angle(written: str, whole: int) -> float:
    digits = written[1:]
    angle = int(digits[:whole]) + int(digits[whole : whole + 2]) / 60 + int(digits[whole + 2 :] or 0) / 3600
    return -angle if written[0] == "-" else angle


def _middle(spots: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The middle of places on the globe, which a meridian does not cut."""
    x = y = z = 0.0
    for longitude, latitude in spots:
        turn, rise = math.radians(longitude), math.radians(latitude)
        x, y, z = x + math.cos(rise) * math.cos(turn), y + math.cos(rise) * math.sin(turn), z + math.sin(rise)
    return math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A country with its value, as people read it, and where its circle leads."""

    country: str
    label: str
    value: Decimal
    shown: str
    address: str


def world(title: str, description: str, dots: Sequence[Dot]) -> Markup:
    """The map; circles of small values lie on those of great ones."""
    known = towns()
    most = max((dot.value for dot in dots), default=Decimal(0))
    circles = []
    for dot in sorted(dots, key=lambda each: (-each.value, each.label)):
        if dot.country not in known or dot.value <= 0:
            continue
        x, y = place(*known[dot.country])
        size = max(math.sqrt(float(dot.value / most)) * _LARGEST, _SMALLEST)
        circles.append(
            Markup('<a href="{}" aria-label="{}"><circle cx="{}" cy="{}" r="{}"><title>{}</title></circle></a>').format(
                dot.address, f"{dot.label}: {dot.shown}", round(x), round(y), f"{size:.1f}", f"{dot.label}: {dot.shown}"
            )
        )
    return Markup(
        '<svg class="chart world" role="group" aria-label="{}" viewBox="0 0 {} {}"><title>{}</title><desc>{}</desc>'
        '<path class="land" d="{}"/>{}</svg>'
    ).format(title, WIDTH, HEIGHT, title, description, land(), Markup("").join(circles))
