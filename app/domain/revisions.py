"""Appended values over time: which one was known on a day, and as recorded at a moment."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import plain


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """The value of one field from a decision on."""

    field: str
    #: order in which the values of this field were recorded
    sequence: int
    #: day of the decision
    known_on: dt.date
    #: text form of the value; None says that it was taken away
    value: str | None
    recorded_at: dt.datetime | None = None


def replay(
    revisions: Iterable[Revision], *, as_of: dt.date | None = None, recorded_at: dt.datetime | None = None
) -> dict[str, str | None]:
    """Field → value as known on ``as_of`` (None: whatever the day) and recorded by ``recorded_at`` (None: by now).

    The newest decision counts; of several decided on one day the one recorded last. Fields that nobody had decided
    yet are absent.
    """
    newest: dict[str, Revision] = {}
    for revision in revisions:
        if as_of is not None and revision.known_on > as_of:
            continue
        if recorded_at is not None and revision.recorded_at is not None and revision.recorded_at > recorded_at:
            continue
        standing = newest.get(revision.field)
        if standing is None or (revision.known_on, revision.sequence) > (standing.known_on, standing.sequence):
            newest[revision.field] = revision
    return {field: revision.value for field, revision in newest.items()}


def budget_text(amount: Decimal | None, currency: str | None) -> str | None:
    return None if amount is None else f"{plain(amount)} {currency}"


def read_budget(text: str | None) -> tuple[Decimal | None, str | None]:
    """Amount and currency from the text form of a total budget."""
    if text is None:
        return None, None
    amount, _, currency = text.partition(" ")
    return Decimal(amount), currency
