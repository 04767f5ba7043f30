"""Results as they are recorded: one record for each, what marks it, and which money it goes back to."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.money import EXACT, WORKING, exact_sum

#: money, and results, of no known source
NOT_ATTRIBUTED = "not attributed"
_SPACE = re.compile(r"\s+")


class Mark(StrEnum):
    """What a result is marked as, beside its gender marker, its SDGs and its South–South form."""

    DISABILITY = "disability"
    HIV = "hiv"
    INDIGENOUS_PEOPLES = "indigenous-peoples"
    #: it answered a crisis, such as a pandemic
    CRISIS = "crisis"


@dataclass(frozen=True, kw_only=True, slots=True)
class Achieved:
    """A result on record; each counts once, whatever its quantity."""

    id: int
    reference: str
    #: key of the indicator
    item_id: int
    year: int
    country: str | None
    region: str
    sentence: str
    #: how much of the indicator's unit it is
    quantity: Decimal
    gender_marker: int | None
    sdg: Sequence[str]
    marks: Sequence[str]
    south_south: str | None
    #: sources of funds that are stated of it
    sources: Sequence[str]
    programme: str | None
    #: codes of the projects that brought it about
    projects: Sequence[str]


def marks_of(result: Achieved) -> list[str]:
    """Every mark of a result by its name: ``gender-marker-2``, ``sdg-8``, ``crisis``, ``south-south``."""
    gender = "gender-marker-unset" if result.gender_marker is None else f"gender-marker-{result.gender_marker}"
    goals = sorted({int(target.split(".")[0]) for target in result.sdg})
    return [
        gender,
        *sorted(result.marks),
        *(f"sdg-{goal}" for goal in goals),
        *(("south-south",) if result.south_south else ()),
    ]


def attributed(stated: Sequence[str], money: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The parts of one result that go back to sources of funds; they make 1.

    ``money``: what its projects spent in the period by source. Where sources are stated the result is that of these
    alone: by what was spent of them, in equal parts where nothing was. Where none is stated it follows all that was
    spent, and where nothing was spent nobody knows.
    """
    weights = {source: spent for source, spent in money.items() if spent > 0 and (not stated or source in stated)}
    if not weights and stated:
        weights = {source: Decimal(1) for source in stated}
    whole = exact_sum(weights.values())
    if not weights:
        return {NOT_ATTRIBUTED: Decimal(1)}
    return {source: WORKING.divide(spent, whole) for source, spent in weights.items()}


def summed(parts: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Money of several projects by source."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        for source, spent in part.items():
            found[source] = EXACT.add(found[source], spent)
    return dict(found)


def as_seen(sentence: str) -> str:
    """A sentence as it is compared: without regard to case, spaces and the mark at its end."""
    return _SPACE.sub(" ", sentence).strip().rstrip(".").casefold()


def alike(results: Sequence[Achieved]) -> list[tuple[Achieved, Achieved]]:
    """Pairs that say the same of the same indicator, place and year, and name different projects.

    Two projects that worked together tell of one result: it would count twice.
    """
    first: dict[tuple[object, ...], Achieved] = {}
    found = []
    for result in results:
        if not result.projects:
            continue
        place = (result.item_id, result.year, result.country, result.region, as_seen(result.sentence))
        other = first.setdefault(place, result)
        if other is not result and set(other.projects) != set(result.projects):
            found.append((other, result))
    return found
