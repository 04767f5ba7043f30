"""How much of what is required is done: counts by state, and the share."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.domain.evaluation.terms import State
from app.domain.money import WORKING, plain, round_places


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Obligations by what became of them. What was superseded or lapsed is not required any more."""

    required: int
    done: int
    #: Planned or under way, and not overdue.
    planned: int
    #: Past their late date, planned or not.
    overdue: int
    waived: int
    #: Beside the required ones: whether they are required is not known.
    cannot_tell: int

    @property
    def percent_done(self) -> str | None:
        """Done of those required and not waived, in percent with one decimal; None when there are none."""
        asked = self.required - self.waived
        return plain(round_places(WORKING.divide(Decimal(100 * self.done), Decimal(asked)), 1)) if asked else None


def coverage(states: Iterable[State] | Mapping[State, int], *, cannot_tell: int = 0) -> Coverage:
    """The coverage of any set of obligations, given the state of each, or how many are in each state."""
    count = Counter(states)
    return Coverage(
        required=sum(count.values()) - count[State.SUPERSEDED] - count[State.LAPSED],
        done=count[State.DONE],
        planned=count[State.PLANNED] + count[State.UNDER_WAY],
        overdue=count[State.OVERDUE],
        waived=count[State.WAIVED],
        cannot_tell=cannot_tell,
    )
