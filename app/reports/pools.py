"""Whose money a pool passes on: it keeps the donors' shares of the pool."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import WORKING, exact_sum
from app.reports.attribution import UNSAID, Weights


@dataclass(frozen=True, kw_only=True, slots=True)
class Inflow:
    """Money that came into a pool, or, of funding shares, that is to come."""

    pool: int
    #: None: the row names none
    agreement: int | None
    #: another pool that passed it on
    passed_on_by: int | None
    #: in one currency; None: there is no rate of exchange
    amount: Decimal | None


def donor_weights(received: Iterable[Inflow], shares: Iterable[Inflow]) -> dict[int, Weights]:
    """By pool the agreements (keys as text; None: not told) its money came from, with their weights.

    What came in counts; where nothing did, the funding shares of the pool. A pool whose receipts lack a rate of
    exchange is not told, because a guess would show one donor's money as another's.
    """
    by_pool: dict[int, list[Inflow]] = defaultdict(list)
    for inflow in received:
        by_pool[inflow.pool].append(inflow)
    promised: dict[int, list[Inflow]] = defaultdict(list)
    for inflow in shares:
        promised[inflow.pool].append(inflow)
    found: dict[int, Weights] = {}
    for pool in sorted({*by_pool, *promised}):
        _weights(pool, by_pool, promised, found, frozenset())
    return found


def _weights(
    pool: int,
    received: Mapping[int, list[Inflow]],
    promised: Mapping[int, list[Inflow]],
    found: dict[int, Weights],
    above: frozenset[int],
) -> Weights:
    """The weights of a pool, those of the pools that fill it before; a circle of pools tells nothing."""
    if pool in found:
        return found[pool]
    if pool in above:
        return UNSAID
    inflows = received.get(pool) or promised.get(pool) or []
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for inflow in inflows:
        if inflow.amount is None:
            sums = defaultdict(Decimal)
            break
        if inflow.agreement is None and inflow.passed_on_by is not None:
            parts = _weights(inflow.passed_on_by, received, promised, found, above | {pool})
            whole = exact_sum(weight for _, weight in parts)
            for agreement, weight in parts:
                part = WORKING.divide(WORKING.multiply(inflow.amount, weight), whole)
                sums[agreement] = WORKING.add(sums[agreement], part)
        else:
            agreement = None if inflow.agreement is None else str(inflow.agreement)
            sums[agreement] = WORKING.add(sums[agreement], inflow.amount)
    positive = [(agreement, weight) for agreement, weight in sums.items() if weight > 0]
    weights: Weights = sorted(positive, key=lambda pair: (pair[0] is None, pair[0] or "")) or UNSAID
    if not above:
        found[pool] = weights
    return weights
