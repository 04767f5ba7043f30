"""How a JavaScript program reads numbers, dates and white space.

The official validator is one, and its verdict on odd values follows from that: an empty percentage is 0, ``1e2`` is a
number in one rule and not in another, a date without zone is midnight UTC. These functions read values the same way, so
that the same values pass and fail. Nothing here is for money: percentages are added as doubles because there they are.
"""

from __future__ import annotations

import math
import re
from calendar import timegm
from functools import lru_cache

#: White space that String.prototype.trim removes.
SPACES = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_RADIX = re.compile(r"0(?:[xX]([0-9a-fA-F]+)|[oO]([0-7]+)|[bB]([01]+))\Z")
_XPATH_NUMBER = re.compile(r"\s*-?[0-9]*\.?[0-9]+\s*\Z")


@lru_cache(maxsize=4096)
def to_number(text: str) -> float:
    """``Number(text)``: empty is 0, what is no number is NaN."""
    bare = text.strip(SPACES)
    if not bare:
        return 0.0
    if _DECIMAL.match(bare):
        return float(bare)
    if bare.lstrip("+-") == "Infinity" and len(bare) <= 9:
        return -math.inf if bare.startswith("-") else math.inf
    radix = _RADIX.match(bare)
    if radix:
        return float(int(bare, 0))
    return math.nan


@lru_cache(maxsize=4096)
def xpath_number(text: str) -> float:
    """XPath's ``number(text)`` as the official validator's XPath engine has it: neither exponent nor plus sign."""
    return float(text) if _XPATH_NUMBER.match(text) else math.nan


def sum_equals(texts: list[str], wanted: int) -> tuple[bool, float]:
    """Whether the texts add up to a number after rounding to four decimals, and what they add up to."""
    total = 0.0
    for text in texts:
        total += to_number(text)
    if math.isnan(total) or math.isinf(total):
        return False, total
    rounded = float(f"{total:.4f}")
    return rounded == wanted, rounded


def sum_in_words(total: float) -> str:
    """A sum as :func:`sum_equals` has it, with all of its decimals: 100.0002 is not called 100, and what has no sum is
    said to have none."""
    return f"{total:.4f}".rstrip("0").rstrip(".") if math.isfinite(total) else "no number"


_ISO = re.compile(
    r"([+-][0-9]{6}|[0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?\Z"
)
_LOOSE = re.compile(
    r"\s*([0-9]{1,4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,4})"
    r"(?:[T\s]+([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]+))?)?)?\s*(Z|UTC|GMT)?\s*\Z",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def to_instant(text: str) -> float | None:
    """Milliseconds since 1970 of ``new Date(text)`` in a program whose clock is UTC; None for no valid date."""
    found = _ISO.match(text)
    if found:
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        if found[1] == "-000000":
            return None
    else:
        loose = _LOOSE.match(text)
        if not loose:
            return None
        year, month, day, hour, minute, second, fraction, _utc = loose.groups()
        zone = None
        if len(year) < 3:
            year, month, day = day, year, month
            if len(year) < 3:
                year = str(int(year) + (2000 if int(year) < 50 else 1900))
    return _instant(
        int(year), int(month or 1), int(day or 1), (int(hour or 0), int(minute or 0), int(second or 0)), fraction, zone
    )


def _instant(
    year: int, month: int, day: int, time: tuple[int, int, int], fraction: str | None, zone: str | None
) -> float | None:
    hour, minute, second = time
    late = hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second))
    if not 1 <= month <= 12 or not 1 <= day <= 31 or late or not -271821 <= year <= 275760:
        return None
    # The day of a month that is too short runs over into the next one.
    shift = 400 * (year // 400 - 5)
    days = timegm((year - shift, month, 1, 0, 0, 0)) // 86400 + 146097 * (shift // 400) + day - 1
    offset = 0
    if zone and zone != "Z":
        sign, digits = (-1 if zone[0] == "-" else 1), zone[1:].replace(":", "")
        offset = sign * (int(digits[:2]) * 60 + int(digits[2:]))
    seconds = days * 86400 + hour * 3600 + (minute - offset) * 60 + second
    return seconds * 1000.0 + (float(f"0.{fraction}") * 1000 // 1 if fraction else 0)


def whole_days(start: float, end: float) -> int:
    """Whole days from one instant to another, rounded towards zero."""
    return int((end - start) / 86_400_000)
