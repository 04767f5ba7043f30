"""Which rates of exchange the figures of a report rest on."""

import datetime as dt
from collections.abc import Iterable

from app.domain.money import Rates
from app.reports.frame import RateUsed


def rates_used(dated: Iterable[tuple[str, dt.date]], currency: str, rates: Rates) -> tuple[RateUsed, ...]:
    """The rates by which amounts of (currency, day of the rate) come to ``currency``, each once, in order."""
    used: set[RateUsed] = set()
    for of, day in set(dated):
        if of == currency:
            continue
        for name in (of, currency):
            effective, rate = rates.effective_on(name, day), rates.on(name, day)
            if effective is not None and rate is not None:
                used.add(RateUsed(currency=name, effective_on=effective, rate=rate))
    return in_order(used)


def in_order(rates: Iterable[RateUsed]) -> tuple[RateUsed, ...]:
    """Rates, each once, by currency and day."""
    return tuple(sorted(set(rates), key=lambda each: (each.currency, each.effective_on)))
