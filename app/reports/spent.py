"""What reports on expenditure have in common: their whole period, and what they say of rates that are missing."""

from collections.abc import Iterable, Sequence

from app.domain.delivery import Delivery
from app.domain.periods import Period


def whole_of(periods: Sequence[Period]) -> Period:
    """The period asked for, or the span of several that follow each other."""
    if len(periods) == 1:
        return periods[0]
    return Period(start=periods[0].start, end=periods[-1].end)


def missing_remarks(totals: Iterable[Delivery], rows: Iterable[Delivery | Sequence[Delivery]]) -> tuple[str, ...]:
    """Rates of exchange that were missing, each once, and how many rows they leave without figures."""
    missing = dict.fromkeys(str(rate) for total in totals for rate in total.missing)
    if not missing:
        return ()
    each = ([row] if isinstance(row, Delivery) else row for row in rows)
    lacking = sum(1 for row in each if any(cell.missing for cell in row))
    noun = "row lacks its" if lacking == 1 else "rows lack their"
    return (*(f"There is {rate}." for rate in missing), f"{lacking} {noun} figures for want of a rate of exchange.")
