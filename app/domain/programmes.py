"""Country programmes: what a country and the organisation have agreed on for some years, and how it is anchored."""

import datetime as dt
from enum import StrEnum


class Alignment(StrEnum):
    """How a country programme goes together with the United Nations' cooperation framework of the country."""

    ALIGNED = "aligned"
    PARTLY = "partly"
    NOT_ALIGNED = "not-aligned"


def in_force(starts_on: dt.date | None, ends_on: dt.date | None, first: dt.date, last: dt.date) -> bool:
    """Whether a programme has a day among those from ``first`` to ``last``; an end that nobody said is no limit."""
    return (starts_on is None or starts_on <= last) and (ends_on is None or ends_on >= first)


def unnamed_framework(alignment: Alignment | None, framework: str | None) -> str | None:
    """A remark on a programme that is aligned with a framework which nobody names; None where there is nothing."""
    if alignment in (Alignment.ALIGNED, Alignment.PARTLY) and not framework:
        return "It is said to be aligned, and not with which cooperation framework: name it."
    return None
