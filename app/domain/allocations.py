"""Which allocations count: the newest decision of every line that is known on a day.

The same is asked of the database in ``app.db.allocations``, for sums over many projects.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.terms import AllocationKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A decision on an allocation: a full new value, not a difference."""

    #: rises in the order of recording
    id: int
    #: what decisions revise: project, source, outcome, country and the period decided on
    line: Hashable
    kind: AllocationKind
    decided_on: date
    #: takes the place of this decision (a corrected figure)
    supersedes: int | None = None
    #: the figure is no longer stated by its source
    withdrawn: bool = False


def standing(decisions: Iterable[Decision], as_of: date) -> list[Decision]:
    """The decision that counts of every line, in the order of their ids.

    Of several on one day a revised one counts before an original one, then the one recorded last. A decision that
    another one, known by then, supersedes does not count, nor does a line whose newest decision is a withdrawal.
    """
    known = [decision for decision in decisions if decision.decided_on <= as_of]
    superseded = {decision.supersedes for decision in known}
    newest: dict[Hashable, Decision] = {}
    for decision in known:
        if decision.id in superseded:
            continue
        present = newest.get(decision.line)
        if present is None or _rank(decision) > _rank(present):
            newest[decision.line] = decision
    return sorted((each for each in newest.values() if not each.withdrawn), key=lambda each: each.id)


def _rank(decision: Decision) -> tuple[date, bool, int]:
    return decision.decided_on, decision.kind is not AllocationKind.ORIGINAL, decision.id
