"""What was given and how it is tied: kinds of money, shares, ranks, change between periods, full cost.

Approvals are the amounts of agreements signed: an agreement counts on the day of its signature, and what a later
amendment adds or takes away on the day of the amendment. Usually only voluntary non-core money counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.earmarking import Category, Wording, standard_support_rate, support_cost_of_gross, support_cost_of_net
from app.domain.findings import Finding, Severity
from app.domain.money import EXACT, WORKING, Money, exact_sum, plain, round_places
from app.domain.periods import Period, PeriodKind
from app.domain.told import Figure, Told


class Kind(StrEnum):
    """What a contribution is to the organisation's budget."""

    ASSESSED = "assessed"
    #: voluntary and unearmarked: the supplementary account of the regular budget
    CORE = "rbsa"
    NON_CORE = "non-core"


#: what may be asked for → the kinds that count
KINDS: Mapping[str, frozenset[Kind]] = {
    "non-core": frozenset({Kind.NON_CORE}),
    "rbsa": frozenset({Kind.CORE}),
    "voluntary": frozenset({Kind.NON_CORE, Kind.CORE}),
    "assessed": frozenset({Kind.ASSESSED}),
    "all": frozenset(Kind),
}
VOLUNTARY = KINDS["voluntary"]


class Basis(StrEnum):
    """Which amounts of an agreement are looked at."""

    APPROVALS = "approvals"
    RECEIPTS = "receipts"
    EXPENDITURE = "expenditure"


def kind_of(wording: str | None, category: int) -> Kind:
    """From the organisation's own wording of the earmarking; where none is kept, unearmarked money is core."""
    if wording == Wording.REGULAR_BUDGET:
        return Kind.ASSESSED
    unearmarked = str(category) == Category.UNEARMARKED if wording is None else wording == Wording.UNEARMARKED
    return Kind.CORE if unearmarked else Kind.NON_CORE


@dataclass(frozen=True, kw_only=True, slots=True)
class Tie:
    """How the money of an agreement is tied, as far as the shares of earmarking ask."""

    kind: Kind
    category: int
    wording: str | None
    #: None: a day is not known
    multi_annual: bool | None
    predictable: bool
    joint_un: bool


def is_softly(tie: Tie) -> bool:
    """Unearmarked or softly earmarked: categories 1 and 2 of the Grand Bargain."""
    return str(tie.category) in (Category.UNEARMARKED, Category.SOFTLY_EARMARKED)


def is_lightly(tie: Tie) -> bool:
    """Unearmarked or lightly earmarked in the organisation's own words."""
    return tie.wording in (Wording.UNEARMARKED, Wording.LIGHTLY_EARMARKED)


class Indicator(StrEnum):
    """What a governing body sets a target for, under the names that the report gives."""

    UNEARMARKED_AND_SOFTLY = "unearmarked_and_softly_share"
    UNEARMARKED_AND_LIGHTLY = "unearmarked_and_lightly_share"
    MULTI_ANNUAL = "multi_annual_share"
    PREDICTABLE = "predictable_share"
    JOINT_UN = "joint_un_share"
    VOLUNTARY = "voluntary_share"


#: indicator → whether the money of an agreement counts; each is a share of voluntary money
INDICATORS: Mapping[Indicator, Callable[[Tie], bool]] = {
    Indicator.UNEARMARKED_AND_SOFTLY: is_softly,
    Indicator.UNEARMARKED_AND_LIGHTLY: is_lightly,
    Indicator.MULTI_ANNUAL: lambda tie: bool(tie.multi_annual),
    Indicator.PREDICTABLE: lambda tie: tie.predictable,
    Indicator.JOINT_UN: lambda tie: tie.joint_un,
}


def indicators(given: Sequence[tuple[Tie, Decimal]]) -> dict[Indicator, Decimal | None]:
    """Percentages of voluntary money, and ``voluntary_share`` of all money; None where there is nothing to divide by.

    A share is the ratio of sums, so that it does not depend on how the amounts are grouped.
    """
    voluntary = [(tie, amount) for tie, amount in given if tie.kind in VOLUNTARY]
    whole = exact_sum(amount for _, amount in voluntary)
    found = {
        name: percent_of(exact_sum(amount for tie, amount in voluntary if counts(tie)), whole)
        for name, counts in INDICATORS.items()
    }
    found[Indicator.VOLUNTARY] = percent_of(whole, exact_sum(amount for _, amount in given))
    return found


def percent_of(part: Decimal, whole: Decimal) -> Decimal | None:
    """The part in percent of the whole; None of nothing."""
    return WORKING.divide(EXACT.multiply(part, _HUNDRED), whole) if whole else None


def change(before: Decimal, after: Decimal) -> Decimal | None:
    """By how many percent a figure grew; None where there was nothing before."""
    if before <= 0:
        return None
    return WORKING.divide(EXACT.multiply(EXACT.subtract(after, before), _HUNDRED), before)


def yearly_growth(before: Decimal, after: Decimal, months: int) -> Decimal | None:
    """By how many percent a figure grew in each year, were it the same in all; ``months`` lie between the two.

    None where one of the two is nothing or less.
    """
    if before <= 0 or after <= 0 or months <= 0:
        return None
    factor = WORKING.power(WORKING.divide(after, before), WORKING.divide(Decimal(12), Decimal(months)))
    return WORKING.multiply(WORKING.subtract(factor, Decimal(1)), _HUNDRED)


def mean(amount: Decimal, number: int) -> Decimal:
    """An amount per period."""
    return WORKING.divide(amount, Decimal(number))


def years_in(periods: Iterable[Period]) -> int:
    """By how many an amount of the periods is divided for their average: years, of a biennium two; else columns."""
    return sum(2 if period.kind is PeriodKind.BIENNIUM else 1 for period in periods)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """A place in a ranking."""

    #: places of equals are the same, and the next one leaves theirs out
    rank: int
    name: str
    amount: Decimal
    #: whether others have the same amount
    tied: bool


def ranked(amounts: Mapping[str, Decimal]) -> list[Ranked]:
    """The largest first; equals share a rank and follow each other in the order of their names."""
    names = sorted(amounts, key=lambda name: (-amounts[name], name))
    found: list[Ranked] = []
    for place, name in enumerate(names):
        amount = amounts[name]
        before = found[-1] if found and found[-1].amount == amount else None
        after = place + 1 < len(names) and amounts[names[place + 1]] == amount
        rank = place + 1 if before is None else before.rank
        found.append(Ranked(rank=rank, name=name, amount=amount, tied=after or before is not None))
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class FullCost:
    """The support cost of an agreement beside that of full cost, on the same direct cost."""

    net: Money
    charged: Money
    #: what the standard rate would charge
    full: Money
    #: what lacks; never below zero
    shortfall: Money
    #: fractions: 0.13 is 13 %
    agreed_rate: Decimal
    standard_rate: Decimal


def full_cost(amount: Money, *, gross: bool, agreed_rate: Decimal | None, category: int) -> FullCost:
    """An amount of an agreement taken apart; ``agreed_rate`` None: the standard rate was agreed.

    1,130,000 gross at 13 % is 1,000,000 of direct cost; at 7 % the same direct cost lacks 60,000.
    """
    standard = standard_support_rate(Category(str(category)))
    agreed = standard if agreed_rate is None else agreed_rate
    parts = support_cost_of_gross(amount, agreed) if gross else support_cost_of_net(amount, agreed)
    full = parts.net.times(standard)
    lacking = full - parts.charge
    return FullCost(
        net=parts.net,
        charged=parts.charge,
        full=full,
        shortfall=lacking if standard > agreed else Money(Decimal(0), amount.currency),
        agreed_rate=agreed,
        standard_rate=standard,
    )


def below_full_cost(reference: str, cost: FullCost) -> Finding | None:
    """A finding when a donor pays less than full cost."""
    if cost.agreed_rate >= cost.standard_rate:
        return None
    agreed, standard = (plain(in_percent(rate)) for rate in (cost.agreed_rate, cost.standard_rate))
    message = Told(
        "%(agreement)s pays %(agreed)s %% of support cost where full cost is %(standard)s %%: %(shortfall)s "
        "%(currency)s of it are borne by others.",
        agreement=reference,
        agreed=Figure(agreed),
        standard=Figure(standard),
        shortfall=Figure(plain(cost.shortfall.rounded())),
        currency=cost.shortfall.currency,
    )
    return Finding(
        rule="agreement.below-full-cost",
        severity=Severity.WARNING,
        subject=reference,
        message=message,
        pointer="/support_cost_rate",
    )


def in_percent(fraction: Decimal) -> Decimal:
    """A rate as it was agreed, without needless noughts: 0.0700 is 7."""
    percents = EXACT.multiply(fraction, _HUNDRED)
    whole = round_places(percents, 0)
    return whole if whole == percents else percents.normalize(EXACT)


_HUNDRED = Decimal(100)
