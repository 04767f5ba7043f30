"""Which allocations count: the newest decision of every line that is known on a day.

The same is asked of the database in ``app.db.allocations``, for sums over many projects.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.money import EXACT
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


_MOVING = (AllocationKind.REPHASING, AllocationKind.CARRY_OVER)


def moved(decisions: Iterable[tuple[Decision, Decimal]]) -> tuple[Decimal, date] | None:
    """By how much rephasing and carry-over changed the total together, and the day of the last of them; None: nothing
    was moved. Of one source in one currency, with the amount of each decision.

    What is moved between years leaves the total as it is: what one year gains, another one loses.
    """
    known = sorted(decisions, key=lambda pair: _rank(pair[0]))
    superseded = {decision.supersedes for decision, _ in known}
    held: dict[Hashable, Decimal] = {}
    together, last = Decimal(0), None
    for decision, amount in known:
        if decision.id in superseded:
            continue
        after = Decimal(0) if decision.withdrawn else amount
        if decision.kind in _MOVING:
            step = EXACT.subtract(after, held.get(decision.line, Decimal(0)))
            together, last = EXACT.add(together, step), decision.decided_on
        held[decision.line] = after
    return None if last is None else (together, last)


def _rank(decision: Decision) -> tuple[date, bool, int]:
    return decision.decided_on, decision.kind is not AllocationKind.ORIGINAL, decision.id
