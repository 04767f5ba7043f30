"""Framework agreements: whether an agreement keeps to the period of the one above it."""

from datetime import date


def outside_of(first: date | None, last: date | None, starts_on: date | None, ends_on: date | None) -> str | None:
    """In which way a period lies outside that of a framework agreement, in words; None: it lies within."""
    if starts_on is not None and first is not None and starts_on < first:
        return f"starts on {starts_on}, before {first}, the first day of"
    if ends_on is not None and last is not None and ends_on > last:
        return f"ends on {ends_on}, after {last}, the last day of"
    return None
