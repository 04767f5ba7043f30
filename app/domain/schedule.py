"""What was promised by a date and what came: receipts go to the instalments in the order in which these fall due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from app.domain.money import EXACT, MissingRate, Money, Rates, exact_sum, round_minor


class InstalmentState(StrEnum):
    """How an instalment stands on a day."""

    PAID = "paid"
    PAID_LATE = "paid late"
    PARTLY = "partly paid"
    LATE = "late"
    AHEAD = "ahead"


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """An instalment with what was received towards it."""

    due_on: date
    amount: Decimal
    received: Decimal
    #: the day on which it was complete; None while it is not
    complete_on: date | None

    def state(self, on: date) -> InstalmentState:
        """Late is what is not complete after its day; what came early or in part before it is still ahead."""
        if self.complete_on is not None:
            return InstalmentState.PAID_LATE if self.complete_on > self.due_on else InstalmentState.PAID
        if self.due_on >= on:
            return InstalmentState.PARTLY if self.received > 0 else InstalmentState.AHEAD
        return InstalmentState.PARTLY if self.received > 0 else InstalmentState.LATE

    def days_late(self, on: date) -> int:
        """Days after the due date until it was complete, or until the day looked from; 0 if it was not late."""
        return max(((self.complete_on or on) - self.due_on).days, 0)


def towards(
    receipts: Iterable[tuple[date, Money, date]], currency: str, rates: Rates
) -> tuple[list[tuple[date, Decimal]], tuple[MissingRate, ...]]:
    """Receipts (day, money, day of its rate) in the currency of their agreement, for :func:`match`, and missing rates.

    What came in another one is brought to it by the rate of its day; then all of it is as :func:`in_minor_units` says.
    What lacks a rate is left out, and the rate is named.
    """
    found: list[tuple[date, Decimal]] = []
    missing: dict[MissingRate, None] = {}
    converted = False
    for day, money, rate_day in receipts:
        converted = converted or money.currency != currency
        brought = money if money.currency == currency else rates.convert(money, currency, rate_day)
        if isinstance(brought, Money):
            found.append((day, brought.amount))
        else:
            missing[brought] = None
    return in_minor_units(found, currency) if converted else found, tuple(missing)


def in_minor_units(amounts: Iterable[tuple[date, Decimal]], currency: str) -> list[tuple[date, Decimal]]:
    """Amounts by day, of which the sum up to each day is rounded to the minor unit of the currency.

    What was shared out or converted ends in fractions of it. Nobody pays these, and nobody is late with them.
    """
    found: list[tuple[date, Decimal]] = []
    exact = rounded = Decimal(0)
    for day, amount in _by_day(amounts):
        exact = EXACT.add(exact, amount)
        upto = round_minor(exact, currency)
        found.append((day, EXACT.subtract(upto, rounded)))
        rounded = upto
    return found


def _by_day(amounts: Iterable[tuple[date, Decimal]]) -> list[tuple[date, Decimal]]:
    return [
        (day, exact_sum(amount for _, amount in same))
        for day, same in groupby(sorted(amounts), key=lambda dated: dated[0])
    ]


def match(instalments: Sequence[tuple[date, Decimal]], receipts: Sequence[tuple[date, Decimal]]) -> list[Matched]:
    """Instalments in the order of their days, each with its part of the receipts; repayments are negative receipts.

    What is received beyond the schedule stands against no instalment. An instalment counts as complete from the day on
    which the running sum of receipts last came up to what was due with it.
    """
    found = []
    due = Decimal(0)
    daily = _by_day(receipts)
    whole = exact_sum(amount for _, amount in daily)
    for due_on, amount in sorted(instalments):
        before, due = due, EXACT.add(due, amount)
        received = min(max(EXACT.subtract(whole, before), Decimal(0)), amount)
        complete_on = _reached(due, daily) if whole >= due else None
        found.append(Matched(due_on=due_on, amount=amount, received=received, complete_on=complete_on))
    return found


def _reached(due: Decimal, daily: Sequence[tuple[date, Decimal]]) -> date | None:
    """The day since which the receipts are as much as is due without falling below it again; by the end of each day,
    for what is put right on a day was never otherwise."""
    running, since = Decimal(0), None
    for day, amount in daily:
        running = EXACT.add(running, amount)
        if running < due:
            since = None
        elif since is None:
            since = day
    return since
