"""Shares money out over a dimension where a project belongs to several of its values, without losing a digit."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import nsmallest
from itertools import count

from app.domain.money import EXACT, WORKING, exact_sum, round_places, rounded_each
from app.domain.outcomes import outcome_shares

#: value of a dimension (None: not said) and its weight
Weights = Sequence[tuple[str | None, Decimal]]

_ONE = Decimal(1)
UNSAID: Weights = ((None, _ONE),)


def whole(value: str | None) -> Weights:
    """Everything goes to one value."""
    return ((value, _ONE),)


def outcome_weights(text: str | None) -> Weights:
    """Outcomes as a project states them; what says none goes to none."""
    return outcome_shares(text) or UNSAID


def share_out(amount: Decimal, weights: Weights) -> list[tuple[str | None, Decimal]]:
    """The amount by the weights. The parts sum to it exactly: the last one takes what division leaves over."""
    if len(weights) == 1:
        return [(weights[0][0], amount)]
    total = exact_sum(weight for _, weight in weights)
    parts: list[tuple[str | None, Decimal]] = []
    left = amount
    for value, weight in weights[:-1]:
        part = WORKING.divide(EXACT.multiply(amount, weight), total)
        parts.append((value, part))
        left = EXACT.subtract(left, part)
    parts.append((weights[-1][0], left))
    return parts


@dataclass(slots=True)
class Tally:
    """Gathers weights by project and value; only positive ones can be shared out by."""

    _sums: dict[int, dict[str | None, Decimal]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, project_id: int, value: str | None, weight: Decimal) -> None:
        values = self._sums[project_id]
        values[value] = EXACT.add(values.get(value, Decimal(0)), weight)

    def weights(self) -> dict[int, Weights]:
        """By project, in an order that does not depend on that of the rows."""
        found: dict[int, Weights] = {}
        for project_id, values in self._sums.items():
            positive = [(value, weight) for value, weight in values.items() if weight > 0]
            if positive:
                found[project_id] = sorted(positive, key=lambda pair: (pair[0] is None, pair[0] or ""))
        return found


def stated_weights(
    rows: Iterable[tuple[int, str, Decimal | None]], told: Callable[[str], str | None] = str
) -> dict[int, Weights]:
    """Weights of the countries, regions or sectors that projects state, or of what they are ``told`` as, from (project,
    code, percent).

    One without percentage counts 100 when it stands alone and the same as its siblings when none has one.
    """
    by_project: dict[int, list[tuple[str, Decimal | None]]] = defaultdict(list)
    for project_id, code, percentage in rows:
        by_project[project_id].append((code, percentage))
    tally = Tally()
    for project_id, stated in by_project.items():
        given = any(percentage is not None for _, percentage in stated)
        for code, percentage in stated:
            tally.add(project_id, told(code), (percentage or Decimal(0)) if given else _ONE)
    return tally.weights()


def rounded_rows(figures: Sequence[Decimal], total: Decimal | None, places: int) -> list[Decimal]:
    """Figures to so many decimals whose sum is the total to so many decimals; None: the total is their sum.

    Each is rounded by itself; the few last units that are then too many or missing go where rounding was coarsest.

    :raises ValueError: when the figures do not sum to the total.
    """
    if not figures:
        return []
    step = _ONE.scaleb(-places)
    exact = exact_sum(figures)
    if total is None:
        total = exact
    elif abs(EXACT.subtract(exact, total)) >= step:
        raise ValueError(f"the rows sum to {exact}, not to {total}")
    rounded = rounded_each(figures, places)
    lacking = int(EXACT.divide(EXACT.subtract(round_places(total, places), exact_sum(rounded)), step))
    if not lacking:
        return rounded
    direction = 1 if lacking > 0 else -1
    errors = map(EXACT.subtract, *((rounded, figures) if direction > 0 else (figures, rounded)))
    for _, place in nsmallest(abs(lacking), zip(errors, count(), strict=False)):
        rounded[place] = EXACT.add(rounded[place], step * direction)
    return rounded


def first_known(*found: Mapping[int, Weights], project_id: int) -> Weights:
    """The weights of the first mapping that has the project."""
    for weights in found:
        if project_id in weights:
            return weights[project_id]
    return UNSAID
