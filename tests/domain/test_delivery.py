from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.delivery import (
    Allocation,
    Delivery,
    DeliveryFacts,
    Encumbrance,
    LedgerEntry,
    Variant,
    View,
    delivery,
    pace,
    pace_findings,
    roll_up,
)
from app.domain.money import MissingRate, Money, Rates, exact_sum
from app.domain.periods import CALENDAR_YEARS, FiscalCalendar, Period, parse_period
from app.domain.terms import AllocationKind, EncumbranceKind

YEAR = CALENDAR_YEARS.year(2021)
END = View(as_of=date(2021, 12, 31), currency="USD", with_support_cost=True)


def usd(figure: str | int) -> Money:
    return Money(Decimal(figure), "USD")


def allocated(figure: str | int, decided: str = "2021-01-01", period: Period = YEAR, line: str = "A") -> Allocation:
    return Allocation(
        line=line,
        period=period,
        kind=AllocationKind.ORIGINAL,
        decided_on=date.fromisoformat(decided),
        money=usd(figure),
    )


def spent(figure: str | int, posted: str, code: str = "4") -> LedgerEntry:
    return LedgerEntry(type=code, posted_on=date.fromisoformat(posted), money=usd(figure))


def test_the_rate_is_expenditure_over_allocation() -> None:
    facts = DeliveryFacts(
        allocations=(allocated(1000),),
        ledger=(spent(500, "2021-03-01"), spent("333.335", "2021-12-31", code="3")),
    )
    found = delivery(facts, YEAR, END)
    assert (found.allocation, found.expenditure) == (1000, Decimal("833.335"))
    assert found.ratio() == Decimal("0.833335")
    assert found.percent() == "83.33"
    assert found.percent(places=4) == "83.3335"


def test_internal_transfers_receipts_commitments_and_advances_are_not_expenditure() -> None:
    facts = DeliveryFacts(
        allocations=(allocated(100),),
        ledger=(
            replace(spent(50, "2021-03-01", code="3"), is_internal=True),
            spent(70, "2021-03-01", code="1"),
            spent(80, "2021-03-01", code="2"),
            spent(90, "2021-03-01", code="11"),
        ),
        encumbrances=(Encumbrance(kind=EncumbranceKind.ADVANCE, recorded_for=date(2021, 3, 1), money=usd(40)),),
    )
    found = delivery(facts, YEAR, END)
    assert found.expenditure == 0
    assert found.percent(Variant.WITH_ENCUMBRANCE) == "0.00"


def test_without_allocation_there_is_no_rate_and_not_zero() -> None:
    found = delivery(DeliveryFacts(ledger=(spent(5, "2021-03-01"),)), YEAR, END)
    assert (found.ratio(), found.percent()) == (None, None)
    assert found.expenditure == 5


def test_a_rate_above_100_percent_is_legal() -> None:
    facts = DeliveryFacts(allocations=(allocated(100),), ledger=(spent(150, "2021-03-01"),))
    assert delivery(facts, YEAR, END).percent() == "150.00"


def test_an_adjustment_counts_where_it_is_posted_and_nets_the_rest() -> None:
    facts = DeliveryFacts(allocations=(allocated(100),), ledger=(spent(60, "2021-03-01"), spent(-10, "2021-11-01")))
    assert delivery(facts, YEAR, END).percent() == "50.00"
    assert delivery(facts, YEAR, replace(END, as_of=date(2021, 10, 31))).percent() == "60.00"


@pytest.mark.parametrize(
    ("as_of", "allocation"),
    [("2021-01-31", None), ("2021-02-01", "100"), ("2021-06-30", "100"), ("2021-07-01", "250"), ("2030-01-01", "250")],
)
def test_an_allocation_counts_from_the_day_it_was_decided(as_of: str, allocation: str | None) -> None:
    facts = DeliveryFacts(
        allocations=(
            allocated(100, "2021-02-01"),
            replace(allocated(250, "2021-07-01"), kind=AllocationKind.REVISED, sequence=1),
        )
    )
    found = delivery(facts, YEAR, replace(END, as_of=date.fromisoformat(as_of)))
    assert found.allocation == (0 if allocation is None else Decimal(allocation))
    assert (found.ratio() is None) == (allocation is None)


def test_of_two_decisions_on_one_day_the_later_in_sequence_counts_whatever_the_order_of_rows() -> None:
    first, second = allocated(100), replace(allocated(200), sequence=1)
    for rows in ((first, second), (second, first)):
        assert delivery(DeliveryFacts(allocations=rows), YEAR, END).allocation == 200


def test_of_a_revised_and_an_original_decision_on_one_day_the_revised_one_counts() -> None:
    original, revised = replace(allocated(100), sequence=1), replace(allocated(200), kind=AllocationKind.REVISED)
    for rows in ((original, revised), (revised, original)):
        assert delivery(DeliveryFacts(allocations=rows), YEAR, END).allocation == 200


def test_lines_add_up() -> None:
    facts = DeliveryFacts(allocations=(allocated(100, line="A"), allocated(50, line="B")))
    assert delivery(facts, YEAR, END).allocation == 150


def test_the_figure_as_recorded_leaves_out_what_was_entered_later() -> None:
    entered = datetime(2022, 2, 1, tzinfo=UTC)
    facts = DeliveryFacts(
        allocations=(allocated(100),), ledger=(replace(spent(60, "2021-03-01"), recorded_at=entered),)
    )
    before = replace(END, recorded_by=datetime(2022, 1, 31, tzinfo=UTC))
    assert delivery(facts, YEAR, before).expenditure == 0
    assert delivery(facts, YEAR, replace(END, recorded_by=entered)).expenditure == 60


@pytest.mark.parametrize(
    ("period", "expenditure"),
    [("2021-01", 10), ("2021-03", 60), ("2021-Q1", 60), ("2021-Q2", 60), ("2021-12", 100), ("2021", 100)],
)
def test_a_month_or_quarter_is_year_to_date_over_the_years_allocation(period: str, expenditure: int) -> None:
    facts = DeliveryFacts(
        allocations=(allocated(200),),
        ledger=(spent(10, "2021-01-05"), spent(50, "2021-03-31"), spent(40, "2021-12-01"), spent(7, "2020-12-31")),
    )
    found = delivery(facts, parse_period(period), END)
    assert (found.allocation, found.expenditure) == (200, expenditure)


def test_year_to_date_begins_with_the_fiscal_year() -> None:
    july = FiscalCalendar(first_month=7)
    facts = DeliveryFacts(
        allocations=(allocated(100, period=july.year(2021)),),
        ledger=(spent(10, "2021-06-30"), spent(20, "2021-07-01"), spent(30, "2022-01-31")),
    )
    view = replace(END, as_of=date(2022, 12, 31), fiscal=july)
    assert delivery(facts, parse_period("2022-01", july), view).percent() == "50.00"


def test_an_allocation_across_years_is_split_by_days_and_the_parts_sum() -> None:
    across = Period(start=date(2020, 7, 1), end=date(2021, 6, 30))
    facts = DeliveryFacts(allocations=(allocated("100.00", "2020-06-01", period=across),))
    parts = [delivery(facts, CALENDAR_YEARS.year(year), END).allocation for year in (2020, 2021)]
    assert parts == [Decimal("50.41"), Decimal("49.59")]
    assert delivery(facts, parse_period("2020-21"), END).allocation == 100


def test_support_cost_is_in_or_out_on_both_sides() -> None:
    facts = DeliveryFacts(
        allocations=(replace(allocated(1130), support_cost=Decimal(130)),),
        ledger=(spent(500, "2021-03-01"), replace(spent(65, "2021-03-01"), is_support_cost=True)),
    )
    inside, outside = delivery(facts, YEAR, END), delivery(facts, YEAR, replace(END, with_support_cost=False))
    assert (inside.allocation, inside.expenditure) == (1130, 565)
    assert (outside.allocation, outside.expenditure) == (1000, 500)


def test_encumbrances_count_only_in_their_variant_and_liquidations_take_them_off() -> None:
    facts = DeliveryFacts(
        allocations=(allocated(100),),
        ledger=(spent(40, "2021-03-01"),),
        encumbrances=(
            Encumbrance(kind=EncumbranceKind.ENCUMBRANCE, recorded_for=date(2021, 2, 1), money=usd(30)),
            Encumbrance(kind=EncumbranceKind.ENCUMBRANCE, recorded_for=date(2021, 5, 1), money=usd(-10)),
        ),
    )
    found = delivery(facts, YEAR, END)
    assert (found.percent(), found.percent(Variant.WITH_ENCUMBRANCE)) == ("40.00", "60.00")


def test_cumulative_delivery_takes_everything_since_the_beginning() -> None:
    facts = DeliveryFacts(
        allocations=(allocated(100),),
        ledger=(
            spent(200, "2019-01-01", code="1"),
            spent(50, "2020-05-01"),
            spent(40, "2021-05-01"),
            spent(40, "2022-05-01"),
        ),
    )
    found = delivery(facts, YEAR, replace(END, as_of=date(2023, 1, 1)))
    assert found.percent(Variant.CUMULATIVE_RECEIPTS) == "45.00"
    assert found.percent() == "40.00"


def test_a_refund_lowers_receipts_and_without_receipts_there_is_no_rate() -> None:
    facts = DeliveryFacts(ledger=(spent(10, "2021-01-01", code="1"), spent(-10, "2021-02-01", code="1")))
    assert delivery(facts, YEAR, END).percent(Variant.CUMULATIVE_RECEIPTS) is None


def test_money_through_a_pool_is_received_once_in_the_roll_up() -> None:
    pool = DeliveryFacts(
        ledger=(
            spent(100, "2021-01-01", code="1"),
            replace(spent(60, "2021-02-01", code="3"), is_internal=True),
        )
    )
    project = DeliveryFacts(
        ledger=(replace(spent(60, "2021-02-01", code="1"), is_internal=True), spent(30, "2021-03-01"))
    )
    both = [delivery(facts, YEAR, END) for facts in (pool, project)]
    assert [one.receipts for one in both] == [40, 60]
    together = roll_up(both, "USD")
    assert (together.receipts, together.expenditure) == (100, 30)


def test_a_roll_up_is_the_ratio_of_sums_and_not_the_mean_of_ratios() -> None:
    small = Delivery(currency="USD", allocation=Decimal(10), expenditure=Decimal(10))
    large = Delivery(currency="USD", allocation=Decimal(90), expenditure=Decimal(0))
    assert roll_up([small, large], "USD").percent() == "10.00"
    assert roll_up([], "USD").percent() is None


def test_a_roll_up_of_two_currencies_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="EUR"):
        roll_up([Delivery(currency="USD", allocation=Decimal(1), expenditure=Decimal(1))], "EUR")


def test_amounts_are_converted_by_the_rate_of_their_own_day() -> None:
    rates = Rates.of([("EUR", date(2021, 1, 1), Decimal("0.8")), ("EUR", date(2021, 6, 1), Decimal("0.5"))])
    facts = DeliveryFacts(
        allocations=(replace(allocated(0), money=Money(Decimal(80), "EUR")),),
        ledger=(
            replace(spent(0, "2021-07-01"), money=Money(Decimal(10), "EUR")),
            replace(spent(0, "2021-07-01"), money=Money(Decimal(16), "EUR"), value_date=date(2021, 5, 31)),
        ),
    )
    assert delivery(facts, YEAR, replace(END, rates=rates)).percent() == "40.00"


def test_a_missing_rate_leaves_no_figure_and_is_named_also_in_the_roll_up() -> None:
    facts = DeliveryFacts(
        allocations=(allocated(100),), ledger=(replace(spent(0, "2021-07-01"), money=Money(Decimal(10), "EUR")),)
    )
    found = delivery(facts, YEAR, END)
    lacking = (MissingRate(currency="EUR", day=date(2021, 7, 1)),)
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
    ledger = tuple(LedgerEntry(type="4", posted_on=day, money=Money(amount, "USD")) for amount, day in rows)
    parts = [DeliveryFacts(ledger=ledger[:cut]), DeliveryFacts(ledger=ledger[cut:])]
    whole = delivery(DeliveryFacts(ledger=ledger), YEAR, END)
    assert roll_up([delivery(part, YEAR, END) for part in parts], "USD") == whole
    assert whole.expenditure == exact_sum(amount for amount, day in rows if day in YEAR)


def test_pace_projects_to_the_end_of_the_period() -> None:
    facts = DeliveryFacts(allocations=(allocated(365),), ledger=(spent(73, "2021-03-01"),))
    measured = pace(facts, YEAR, replace(END, as_of=date(2021, 5, 26)))  # day 146 of 365
    assert (measured.elapsed, measured.spent) == (Decimal("0.4"), Decimal("0.2"))
    assert (measured.projected, measured.projected_percent) == (Decimal("182.5"), "50.0")
    (finding,) = pace_findings(measured, subject="P", period=YEAR)
    assert finding.rule == "delivery.below-threshold"
    assert "50.0 % of the allocation of 2021" in finding.message
    assert "under 70 % (40 % of the time has passed)" in finding.message


@pytest.mark.parametrize(("expenditure", "findings"), [("69.99", 1), ("70", 0), ("70.01", 0)])
def test_a_projection_on_the_threshold_is_fine(expenditure: str, findings: int) -> None:
    facts = DeliveryFacts(allocations=(allocated(100),), ledger=(spent(expenditure, "2021-03-01"),))
    assert len(pace_findings(pace(facts, YEAR, END), subject="P", period=YEAR)) == findings


def test_before_the_period_begins_nothing_is_projected() -> None:
    facts = DeliveryFacts(allocations=(allocated(100, "2020-01-01"),))
    measured = pace(facts, YEAR, replace(END, as_of=date(2020, 12, 31)))
    assert (measured.elapsed, measured.projected, measured.projected_rate) == (0, None, None)
    assert measured.projected_percent is None
    assert pace_findings(measured, subject="P", period=YEAR) == ()


def test_without_allocation_there_is_a_projection_but_no_finding() -> None:
    measured = pace(DeliveryFacts(ledger=(spent(10, "2021-01-01"),)), YEAR, END)
    assert (measured.projected, measured.spent, measured.projected_rate) == (10, None, None)
    assert pace_findings(measured, subject="P", period=YEAR) == ()


def test_a_quarter_is_paced_against_its_year() -> None:
    facts = DeliveryFacts(allocations=(allocated(365),), ledger=(spent(90, "2021-03-01"),))
    measured = pace(facts, parse_period("2021-Q1"), END)
    assert (measured.projected, measured.projected_percent) == (365, "100.0")
