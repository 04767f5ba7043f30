"""What reports on expenditure have in common: their whole period, and what they say of rates that are missing."""

from collections.abc import Iterable, Mapping, Sequence

from app.domain.money import MissingRate
from app.domain.periods import Period


def whole_of(periods: Sequence[Period]) -> Period:
    """The period asked for, or the span of several that follow each other."""
    if len(periods) == 1:
        return periods[0]
    return Period(start=periods[0].start, end=periods[-1].end)


def missing_remarks(lacking: Iterable[Mapping[int, Sequence[MissingRate]]]) -> tuple[str, ...]:
    """Rates of exchange that were missing, each once, and how many rows they leave without figures.

    ``lacking``: by period the numbers of the rows that lack rates, and which.
    """
    by_period = list(lacking)
    rates = {rate for found in by_period for missing in found.values() for rate in missing}
    if not rates:
        return ()
    rows = {number for found in by_period for number in found}
    how = "row lacks its" if len(rows) == 1 else "rows lack their"
    told = sorted(rates, key=lambda rate: (rate.currency, rate.day))
    return (*(f"There is {rate}." for rate in told), f"{len(rows)} {how} figures for want of a rate of exchange.")
