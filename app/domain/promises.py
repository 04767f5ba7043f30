"""What an agreement promises its projects: shares over time, and which part of the amount a share is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from app.domain.agreements import Decision
from app.domain.money import EXACT, WORKING, exact_sum

_ONE_PERCENT = Decimal("0.01")


class Part(Protocol):
    """A part of an amount: said as an amount, or else in percent."""

    @property
    def amount(self) -> Decimal | None: ...

    @property
    def percent(self) -> Decimal | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedShare:
    """What was decided on a share of an agreement; it holds until the next decision on the same share."""

    share_id: int
    project_id: int
    #: order of recording
    sequence: int
    known_on: date
    #: it gives nothing more
    withdrawn: bool
    amount: Decimal | None
    percent: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """Everything that was decided on an agreement and on its shares."""

    decisions: Sequence[Decision]
    shares: Sequence[DatedShare]


def shares_on(shares: Iterable[DatedShare], day: date | None = None) -> list[DatedShare]:
    """The shares as decided by a day (None: by now), each once, in the order of their keys."""
    newest: dict[int, DatedShare] = {}
    for each in shares:
        standing = newest.get(each.share_id)
        if day is not None and each.known_on > day:
            continue
        if standing is None or (each.known_on, each.sequence) > (standing.known_on, standing.sequence):
            newest[each.share_id] = each
    return [newest[key] for key in sorted(newest) if not newest[key].withdrawn]


def part_of(whole: Decimal, part: Part) -> Decimal:
    """A share in the agreement's currency as that states its amount, ``whole``; 0 when its size is not said."""
    if part.amount is not None:
        return part.amount
    return Decimal(0) if part.percent is None else percent_of(whole, part.percent)


def fractions(whole: Decimal, parts: Sequence[Part]) -> list[Decimal]:
    """What fraction of an agreement of amount ``whole`` each of its shares stands for, in their order.

    Shares whose size is not said take in equal parts what the others leave, one that is alone all of it; nothing when
    the others take all. Those that are said stand as they are, also where they make more than the whole. An amount is
    no part of an agreement of nothing; a percentage still is.
    """
    of = whole or Decimal(1)
    said = [part_of(of, each) if whole or each.amount is None else Decimal(0) for each in parts]
    return [WORKING.divide(each, of) for each in _filled_up(of, said, parts)]


def amounts_of(whole: Decimal, parts: Sequence[Part]) -> list[Decimal]:
    """What each share of an agreement of amount ``whole`` gives, as :func:`fractions` has it; said ones exactly."""
    return _filled_up(whole, [part_of(whole, each) for each in parts], parts)


def _filled_up(whole: Decimal, said: Sequence[Decimal], parts: Sequence[Part]) -> list[Decimal]:
    """Shares with what is ``said`` of them, and where nothing is, equal parts of what the others leave."""
    unsaid = [each.amount is None and each.percent is None for each in parts]
    if not any(unsaid):
        return list(said)
    left = max(EXACT.subtract(whole, exact_sum(said)), Decimal(0))
    equal = WORKING.divide(left, Decimal(sum(unsaid)))
    return [equal if open_ else part for part, open_ in zip(said, unsaid, strict=True)]


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """The exact part of an amount, with the decimals of the amount and more only where it needs them."""
    part = EXACT.multiply(EXACT.multiply(amount, percent), _ONE_PERCENT).normalize(EXACT)
    places = min(int(part.as_tuple().exponent), int(amount.as_tuple().exponent))
    return part.quantize(Decimal(1).scaleb(places), context=EXACT)
