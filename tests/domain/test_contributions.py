"""What was given and how it is tied: shares are ratios of sums, ranks tell ties, support cost is exact."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.contributions import (
    Kind,
    Tie,
    below_full_cost,
    change,
    full_cost,
    in_percent,
    indicators,
    kind_of,
    percent_of,
    ranked,
    years_in,
)
from app.domain.money import Money, exact_sum
from app.domain.periods import Period, before
from app.domain.written_periods import parse_periods

AMOUNTS = st.decimals("0.01", "1e9", places=2)
TIES = st.builds(
    Tie,
    kind=st.sampled_from(Kind),
    category=st.integers(1, 4),
    wording=st.sampled_from(["regular budget", "unearmarked", "lightly earmarked", "earmarked", None]),
    multi_annual=st.sampled_from([True, False, None]),
    predictable=st.booleans(),
    joint_un=st.booleans(),
)


@pytest.mark.parametrize(
    ("wording", "category", "kind"),
    [
        ("regular budget", 1, Kind.ASSESSED),
        ("unearmarked", 1, Kind.CORE),
        ("lightly earmarked", 2, Kind.NON_CORE),
        ("earmarked", 4, Kind.NON_CORE),
        (None, 1, Kind.CORE),
        (None, 4, Kind.NON_CORE),
    ],
)
def test_the_wording_tells_what_money_is_to_the_budget(wording: str | None, category: int, kind: Kind) -> None:
    assert kind_of(wording, category) is kind


@given(st.lists(st.tuples(TIES, AMOUNTS), max_size=8), st.lists(AMOUNTS, min_size=1, max_size=3))
def test_indicators_do_not_depend_on_how_amounts_are_grouped(
    given_: Sequence[tuple[Tie, Decimal]], parts: list[Decimal]
) -> None:
    whole = exact_sum(parts)
    for tie, _ in given_:
        split = [*given_, *((tie, part) for part in parts)]
        assert indicators(split) == indicators([(tie, whole), *given_])
    shares = indicators(given_)
    assert all(share is None or 0 <= share <= 100 for share in shares.values())


@given(st.dictionaries(st.text("ABCDE", min_size=1, max_size=3), st.sampled_from([Decimal(n) for n in range(4)])))
def test_ranks_tell_ties(amounts: dict[str, Decimal]) -> None:
    places = ranked(amounts)
    assert [place.name for place in places] == sorted(amounts, key=lambda name: (-amounts[name], name))
    for place in places:
        assert place.rank == 1 + sum(amount > place.amount for amount in amounts.values())
        assert place.tied is (sum(amount == place.amount for amount in amounts.values()) > 1)


def test_support_cost_at_less_than_full_cost_is_told() -> None:
    cost = full_cost(Money(Decimal(1070000), "USD"), gross=True, agreed_rate=Decimal("0.07"), category=4)
    assert (cost.net.amount, cost.charged.amount, cost.full.amount) == (1000000, 70000, 130000)
    assert cost.shortfall.amount == 60000
    finding = below_full_cost("NLD-1", cost)
    assert finding is not None
    assert finding.message == (
        "NLD-1 pays 7 % of support cost where full cost is 13 %: 60000.00 USD of it are borne by others."
    )
    full = full_cost(Money(Decimal(1130000), "USD"), gross=True, agreed_rate=None, category=4)
    assert (full.net.amount, full.charged.amount, full.shortfall.amount) == (1000000, 130000, 0)
    assert below_full_cost("NLD-2", full) is None
    core = full_cost(Money(Decimal(100), "USD"), gross=False, agreed_rate=None, category=1)
    assert (core.net.amount, core.charged.amount) == (100, 7)


@given(AMOUNTS, st.decimals("0", "0.99", places=4), st.booleans(), st.integers(1, 4))
def test_gross_is_net_and_charge(amount: Decimal, rate: Decimal, is_gross: bool, category: int) -> None:
    cost = full_cost(Money(amount, "USD"), gross=is_gross, agreed_rate=rate, category=category)
    if is_gross:
        assert (cost.net + cost.charged).amount == amount
    else:
        assert cost.net.amount == amount
    assert cost.shortfall.amount >= 0 or rate >= cost.standard_rate


def test_change_and_shares_of_nothing_are_no_figures() -> None:
    assert change(Decimal(0), Decimal(5)) is None
    assert change(Decimal(100), Decimal(85)) == -15
    assert percent_of(Decimal(5), Decimal(0)) is None
    assert [str(in_percent(Decimal(rate))) for rate in ("0.07", "0.10", "0.0712")] == ["7", "10", "7.12"]


@pytest.mark.parametrize(
    ("text", "expected", "years"),
    [
        ("2000..2004", "1995-01-01..1999-12-31", 5),
        ("2020-21", "2018-01-01..2019-12-31", 2),
        ("2021-Q3", "2021-04-01..2021-06-30", 1),
        ("2024-03", "2024-02-01..2024-02-29", 1),
        ("2021-01-11..2021-01-20", "2021-01-01..2021-01-10", 1),
    ],
)
def test_as_long_a_time_before(text: str, expected: str, years: int) -> None:
    periods = parse_periods(text)
    earlier = before(periods)
    assert isinstance(earlier, Period)
    assert (earlier.label, years_in(periods)) == (expected, years)
