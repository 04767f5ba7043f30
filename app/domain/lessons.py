"""Which lessons speak to a project: those of projects like it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: what a lesson and a project can have in common, and how much that says: the same outcome says more than the same
#: sector, and that more than the same country
WEIGHTS = {"outcome": 3, "sector": 2, "country": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """A lesson with what it is about: pairs of sector, country, outcome or tag and a code."""

    id: int
    reference: str
    kind: str
    title: str
    text: str
    noted_on: date
    evaluation: str | None
    project: str | None
    about: frozenset[tuple[str, str]]

    def codes(self, kind: str) -> list[str]:
        return sorted(code for one, code in self.about if one == kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """How much a lesson has in common with a project."""

    lesson: Learned
    score: int
    #: such as "outcome 3" and "sector 16020"
    shared: tuple[str, ...]


def like(lessons: Iterable[Learned], project: str, about: frozenset[tuple[str, str]]) -> list[Match]:
    """Lessons that have something in common with a project, the nearest first; of equally near ones the newest.

    Each kind counts once, however many codes are shared. What the project itself taught it knows already.
    """
    found = []
    for lesson in lessons:
        shared = sorted(lesson.about & about, key=lambda pair: (-WEIGHTS.get(pair[0], 0), pair))
        score = sum(WEIGHTS.get(kind, 0) for kind in {kind for kind, _ in shared})
        if score and lesson.project != project:
            told = tuple(f"{kind} {code}" for kind, code in shared if kind in WEIGHTS)
            found.append(Match(lesson=lesson, score=score, shared=told))
    return sorted(found, key=lambda match: (-match.score, -match.lesson.noted_on.toordinal(), match.lesson.reference))
