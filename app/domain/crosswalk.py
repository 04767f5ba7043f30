"""From one results framework to the next: where a tag goes, and why one cannot be carried."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """What a code of one framework has become in another; ``to`` None: it was given up."""

    source: str
    to: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """Where a tag goes: a code of the new framework, or the reason why it goes nowhere."""

    to: str | None
    #: the code of the old framework whose way was taken: that of the tag, or one above it
    by: str
    reason: str = ""


def ways_by_source(ways: Iterable[Way]) -> dict[str, list[Way]]:
    found: dict[str, list[Way]] = {}
    for way in ways:
        found.setdefault(way.source, []).append(way)
    return found


def carry(code: str, ways: Mapping[str, Sequence[Way]]) -> Carried:
    """Where a tag on a code goes by the ways from there, or else by those of the code above it.

    A code that became several is never decided by guess, and one that was given up goes nowhere.
    """
    parts = code.split(".")
    for length in range(len(parts), 0, -1):
        by = ".".join(parts[:length])
        if by not in ways:
            continue
        targets = sorted({way.to for way in ways[by] if way.to is not None})
        if len(targets) > 1:
            return Carried(to=None, by=by, reason=f"{by} became {', '.join(targets)}: choose one for it.")
        if not targets:
            return Carried(to=None, by=by, reason=f"{by} was given up: nothing follows it.")
        return Carried(to=targets[0], by=by)
    return Carried(to=None, by=code, reason=f"No way leads from {code}: add one to the crosswalk.")
