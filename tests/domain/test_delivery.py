"""Rates of delivery from sums: which sums count in a period, and what is made of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.delivery import (
    Allocated,
    Bound,
    Column,
    Dated,
    Delivery,
    DeliverySums,
    Received,
    Spent,
    Variant,
    View,
    cut_by_days,
    delivery,
    roll_up,
)
from app.domain.money import MissingRate, Money, Rates, exact_sum
from app.domain.periods import CALENDAR_YEARS, FiscalCalendar, Period
from app.domain.written_periods import parse_period

YEAR = CALENDAR_YEARS.year(2021)
END = View(currency="USD")
Sum = TypeVar("Sum", bound=Dated)


def usd(figure: str | int) -> Money:
    return Money(Decimal(figure), "USD")


def allocated(figure: str | int, period: Period = YEAR, decided: str = "2021-01-01") -> Allocated:
    return Allocated(period=period, money=usd(figure), rate_day=date.fromisoformat(decided))


def dated(kind: type[Sum], *rows: tuple[str | int, str]) -> Sequence[Sum]:
    """Sums from (amount, day)."""
    days = [(usd(figure), date.fromisoformat(day)) for figure, day in rows]
    return tuple(kind(since=day, money=money, rate_day=day) for money, day in days)


def test_the_rate_is_expenditure_over_allocation() -> None:
    sums = DeliverySums(
        allocated=(allocated(1000),), spent=dated(Spent, (500, "2021-03-01"), ("333.335", "2021-12-31"))
    )
    found = delivery(sums, YEAR, END)
    assert (found.allocation, found.expenditure) == (1000, Decimal("833.335"))
    assert found.ratio() == Decimal("0.833335")
    assert found.percent() == "83.33"
    assert found.percent(places=4) == "83.3335"


def test_without_allocation_there_is_no_rate_and_not_zero() -> None:
    found = delivery(DeliverySums(spent=dated(Spent, (5, "2021-03-01"))), YEAR, END)
    assert (found.ratio(), found.percent()) == (None, None)
    assert found.expenditure == 5


def test_a_rate_above_100_percent_is_legal() -> None:
    sums = DeliverySums(allocated=(allocated(100),), spent=dated(Spent, (150, "2021-03-01")))
    assert delivery(sums, YEAR, END).percent() == "150.00"


def test_what_was_spent_outside_the_period_does_not_count_in_it() -> None:
    spent = dated(Spent, (60, "2020-12-31"), (-10, "2021-11-01"), (5, "2022-01-01"))
    found = delivery(DeliverySums(allocated=(allocated(100),), spent=spent), YEAR, END)
    assert (found.expenditure, found.cumulative_expenditure) == (-10, 50)


@pytest.mark.parametrize(
    ("period", "expenditure"),
    [("2021-01", 10), ("2021-03", 60), ("2021-Q1", 60), ("2021-Q2", 60), ("2021-12", 100), ("2021", 100)],
)
def test_a_month_or_quarter_is_year_to_date_over_the_years_allocation(period: str, expenditure: int) -> None:
    spent = dated(Spent, (10, "2021-01-05"), (50, "2021-03-31"), (40, "2021-12-01"), (7, "2020-12-31"))
    found = delivery(DeliverySums(allocated=(allocated(200),), spent=spent), parse_period(period), END)
    assert (found.allocation, found.expenditure) == (200, expenditure)


def test_year_to_date_begins_with_the_fiscal_year() -> None:
    july = FiscalCalendar(first_month=7)
    spent = dated(Spent, (10, "2021-06-30"), (20, "2021-07-01"), (30, "2022-01-31"))
    sums = DeliverySums(allocated=(allocated(100, july.year(2021)),), spent=spent)
    assert delivery(sums, parse_period("2022-01", july), replace(END, fiscal=july)).percent() == "50.00"


def test_an_allocation_across_years_is_cut_by_days_and_the_parts_sum() -> None:
    across = Period(start=date(2020, 7, 1), end=date(2021, 6, 30))
    pieces = tuple(
        allocated(str(piece), period) for period, piece in cut_by_days(Decimal(100), across, [date(2021, 1, 1)])
    )
    sums = DeliverySums(allocated=pieces)
    parts = [delivery(sums, CALENDAR_YEARS.year(year), END).allocation for year in (2020, 2021)]
    assert parts == [Decimal("50.41"), Decimal("49.59")]
    assert delivery(sums, parse_period("2020-21"), END).allocation == 100


@given(
    amount=st.decimals("-1e9", "1e9", places=4),
    edges=st.lists(st.dates(date(2020, 1, 1), date(2022, 12, 31)), max_size=12),
    other=st.lists(st.dates(date(2020, 1, 1), date(2022, 12, 31)), max_size=12),
)
def test_what_lies_between_two_edges_comes_to_the_same_whatever_other_edges_there_are(
    amount: Decimal, edges: list[date], other: list[date]
) -> None:
    biennium = parse_period("2020-21")
    few, many = cut_by_days(amount, biennium, edges), cut_by_days(amount, biennium, [*edges, *other])
    assert exact_sum(piece for _, piece in many) == amount
    for period, piece in few:
        assert piece == exact_sum(part for inner, part in many if inner.overlaps(period))


def test_encumbrances_are_what_is_outstanding_on_the_last_day() -> None:
    bound = dated(Bound, (20, "2019-12-01"), (30, "2021-02-01"), (-10, "2021-05-01"), (7, "2022-01-01"))
    sums = DeliverySums(allocated=(allocated(100),), spent=dated(Spent, (40, "2021-03-01")), bound=bound)
    found = delivery(sums, YEAR, END)
    assert found.encumbrance == 40
    assert (found.percent(), found.percent(Variant.WITH_ENCUMBRANCE)) == ("40.00", "80.00")


def test_cumulative_delivery_takes_everything_since_the_beginning() -> None:
    sums = DeliverySums(
        allocated=(allocated(100),),
        spent=dated(Spent, (50, "2020-05-01"), (40, "2021-05-01"), (40, "2022-05-01")),
        received=dated(Received, (200, "2019-01-01"), (9, "2022-01-01")),
    )
    found = delivery(sums, YEAR, END)
    assert found.percent(Variant.CUMULATIVE_RECEIPTS) == "45.00"
    assert found.percent() == "40.00"


def test_a_refund_lowers_receipts_and_without_receipts_there_is_no_rate() -> None:
    sums = DeliverySums(received=dated(Received, (10, "2021-01-01"), (-10, "2021-02-01")))
    assert delivery(sums, YEAR, END).percent(Variant.CUMULATIVE_RECEIPTS) is None


def test_money_through_a_pool_is_received_once_in_the_roll_up() -> None:
    pool = DeliverySums(received=dated(Received, (100, "2021-01-01"), (-60, "2021-02-01")))
    project = DeliverySums(received=dated(Received, (60, "2021-02-01")), spent=dated(Spent, (30, "2021-03-01")))
    both = [delivery(sums, YEAR, END) for sums in (pool, project)]
    assert [one.receipts for one in both] == [40, 60]
    together = roll_up(both, "USD")
    assert (together.receipts, together.expenditure) == (100, 30)


def test_amounts_are_converted_by_the_rate_of_their_own_day() -> None:
    rates = Rates.of([("EUR", date(2021, 1, 1), Decimal("0.8")), ("EUR", date(2021, 6, 1), Decimal("0.5"))])
    euro = Money(Decimal(16), "EUR")
    sums = DeliverySums(
        allocated=(replace(allocated(0), money=Money(Decimal(80), "EUR")),),
        spent=(
            Spent(since=date(2021, 7, 1), money=Money(Decimal(10), "EUR"), rate_day=date(2021, 7, 1)),
            Spent(since=date(2021, 7, 1), money=euro, rate_day=date(2021, 5, 31)),
        ),
        bound=(
            Bound(since=date(2021, 2, 1), money=euro, rate_day=date(2021, 2, 1)),
            Bound(since=date(2021, 8, 1), money=-euro, rate_day=date(2021, 2, 1)),
        ),
    )
    found = delivery(sums, YEAR, replace(END, rates=rates))
    assert (found.percent(), found.encumbrance) == ("40.00", 0)


def test_a_missing_rate_leaves_no_figure_and_is_named_also_in_the_roll_up() -> None:
    day = date(2021, 7, 1)
    sums = DeliverySums(
        allocated=(allocated(100),), spent=(Spent(since=day, money=Money(Decimal(10), "EUR"), rate_day=day),)
    )
    found = delivery(sums, YEAR, END)
    lacking = (MissingRate(currency="EUR", day=day),)
    assert (found.percent(), found.percent(Variant.WITH_ENCUMBRANCE), found.missing) == (None, None, lacking)
    whole = roll_up([found, Delivery(currency="USD", allocation=Decimal(1), expenditure=Decimal(1))], "USD")
    assert (whole.percent(), whole.missing) == (None, lacking)


money = st.decimals(-(10**9), 10**9, places=4)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(money, st.dates(date(2020, 1, 1), date(2022, 12, 31))), max_size=30),
    cut=st.integers(0, 30),
)
def test_the_roll_up_of_any_partition_is_the_whole(rows: list[tuple[Decimal, date]], cut: int) -> None:
    spent = tuple(Spent(since=day, money=Money(amount, "USD"), rate_day=day) for amount, day in rows)
    parts = [DeliverySums(spent=spent[:cut]), DeliverySums(spent=spent[cut:])]
    whole = delivery(DeliverySums(spent=spent), YEAR, END)
    assert roll_up([delivery(part, YEAR, END) for part in parts], "USD") == whole
    assert whole.expenditure == exact_sum(amount for amount, day in rows if day in YEAR)


def test_a_roll_up_is_the_ratio_of_sums_and_not_the_mean_of_ratios() -> None:
    small = Delivery(currency="USD", allocation=Decimal(10), expenditure=Decimal(10))
    large = Delivery(currency="USD", allocation=Decimal(90), expenditure=Decimal(0))
    assert roll_up([small, large], "USD").percent() == "10.00"
    assert roll_up([], "USD").percent() is None


def test_a_roll_up_of_two_currencies_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="EUR"):
        roll_up([Delivery(currency="USD", allocation=Decimal(1), expenditure=Decimal(1))], "EUR")


def test_amounts_of_many_come_to_what_they_come_to_one_by_one() -> None:
    rates = Rates.of([("EUR", date(2020, 1, 1), Decimal("0.7"))])
    day, amounts = date(2021, 3, 3), [Decimal("10.50"), Decimal(-3)]
    many, single = Column("USD"), Column("USD")
    single.add(1, Decimal(100), "EUR", day)
    many.add_each([1, 2], [Decimal(60), Decimal("0.70")], "EUR", day)
    many.add_each([1], [Decimal(40)], "EUR", day)
    single.add(2, Decimal("0.70"), "EUR", day)
    many.add_each([1, 2], amounts, "USD", day)
    many.add_each([2, 0], amounts, "USD", day)
    for who, amount in ((1, "10.50"), (2, "-3"), (2, "10.50"), (0, "-3")):
        single.add(who, Decimal(amount), "USD", date(2021, 3, 3))
    assert (
        many.settled(3, rates)
        == single.settled(3, rates)
        == [-3, Decimal("153.35714285714285714285714285714285714285714285714"), Decimal("8.50")]
    )
    assert many.converted == [("EUR", date(2021, 3, 3))]
