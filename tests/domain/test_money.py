from datetime import date
from decimal import Decimal, Inexact
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.money import (
    CURRENCIES,
    MINOR_UNITS,
    NO_RATES,
    WORKING,
    MissingRate,
    Money,
    Rates,
    Total,
    exact_sum,
    in_percent,
    percentages,
    plain,
    round_minor,
    round_places,
    rounded_each,
    total,
)

RATES = Rates.of(
    [
        ("EUR", date(2024, 2, 1), Decimal("0.92")),
        ("EUR", date(2024, 1, 1), Decimal("0.90")),
        ("CHF", date(2024, 1, 1), Decimal("0.84")),
        ("JPY", date(2024, 1, 1), Decimal("141.3")),
    ]
)
figures = st.decimals(min_value=-(10**18), max_value=10**18, places=12, allow_nan=False, allow_infinity=False)


def test_local_units_are_divided_by_the_rate() -> None:
    assert RATES.convert(Money(Decimal("450"), "EUR"), "USD", date(2024, 1, 15)) == Money(Decimal("500"), "USD")


def test_dollars_are_multiplied_by_the_rate() -> None:
    assert RATES.convert(Money(Decimal("500"), "USD"), "EUR", date(2024, 1, 15)) == Money(Decimal("450"), "EUR")


def test_a_cross_rate_goes_through_the_dollar() -> None:
    converted = RATES.convert(Money(Decimal("90"), "EUR"), "CHF", date(2024, 1, 15))
    assert converted == Money(Decimal("84"), "CHF")


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2024, 1, 1), Decimal("0.90")),
        (date(2024, 1, 31), Decimal("0.90")),
        (date(2024, 2, 1), Decimal("0.92")),
        (date(2030, 1, 1), Decimal("0.92")),
        (date(2023, 12, 31), None),
    ],
)
def test_the_rate_of_a_day_is_the_newest_effective_on_or_before_it(day: date, rate: Decimal | None) -> None:
    assert RATES.on("EUR", day) == rate


def test_the_effective_date_of_a_rate_can_be_shown() -> None:
    assert RATES.effective_on("EUR", date(2024, 3, 1)) == date(2024, 2, 1)
    assert RATES.effective_on("EUR", date(2023, 3, 1)) is None
    assert RATES.effective_on("XYZ", date(2024, 3, 1)) is None


@pytest.mark.parametrize(("source", "target", "lacking"), [("XOF", "USD", "XOF"), ("USD", "XOF", "XOF")])
def test_a_missing_rate_is_told_and_not_guessed(source: str, target: str, lacking: str) -> None:
    day = date(2024, 1, 15)
    assert RATES.convert(Money(Decimal(1), source), target, day) == MissingRate(currency=lacking, day=day)


def test_money_in_its_own_currency_needs_no_rate_and_keeps_every_digit() -> None:
    money = Money(Decimal("0.123456789012"), "XOF")
    assert NO_RATES.convert(money, "XOF", date(2024, 1, 1)) is money


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1)])
def test_a_rate_that_is_not_above_zero_is_refused(rate: Decimal) -> None:
    with pytest.raises(ValueError, match="above zero"):
        Rates.of([("EUR", date(2024, 1, 1), rate)])


def test_of_two_rates_on_one_day_the_later_row_counts() -> None:
    rates = Rates.of([("EUR", date(2024, 1, 1), Decimal("0.9")), ("EUR", date(2024, 1, 1), Decimal("0.8"))])
    assert rates.on("EUR", date(2024, 1, 1)) == Decimal("0.8")


@settings(deadline=None)
@given(st.lists(figures, max_size=50))
def test_sums_do_not_depend_on_the_order(amounts: list[Decimal]) -> None:
    assert exact_sum(amounts) == exact_sum(reversed(amounts))
    assert exact_sum([*amounts, *(amount.copy_negate() for amount in amounts)]) == 0


def test_a_sum_keeps_digits_the_usual_context_would_lose() -> None:
    amounts = [Decimal("123456789012345678"), Decimal("0.123456789012")]
    assert exact_sum(amounts) == Decimal("123456789012345678.123456789012")


def test_a_sum_that_would_lose_a_digit_raises() -> None:
    with pytest.raises(Inexact):
        exact_sum([Decimal("1e390"), Decimal("1e-30")])


def test_money_adds_subtracts_and_multiplies_exactly() -> None:
    one = Money(Decimal("1000000000000000000.000000000001"), "USD")
    assert (one + one).amount == Decimal("2000000000000000000.000000000002")
    assert (one - one).amount == 0
    assert (-one).amount == one.amount.copy_negate()
    assert one.times(Decimal("0.13")).amount == Decimal("130000000000000000.00000000000013")
    assert Money(Decimal(1), "USD") < one


def test_money_of_two_currencies_does_not_add() -> None:
    with pytest.raises(ValueError, match="convert first"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "EUR")


@pytest.mark.parametrize("amount", [1.5, Decimal("NaN"), Decimal("Infinity"), 3])
def test_money_is_made_of_finite_decimals_only(amount: object) -> None:
    with pytest.raises(TypeError, match="finite Decimal"):
        Money(amount, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "currency", "printed"),
    [
        ("1.005", "USD", "1.01"),
        ("-1.005", "USD", "-1.01"),
        ("1234.5", "JPY", "1235"),
        ("1.00005", "KWD", "1.000"),
        ("1.0005", "KWD", "1.001"),
        ("123456789012345678901234567890.126", "USD", "123456789012345678901234567890.13"),
    ],
)
def test_rounding_is_to_the_minor_unit_of_the_currency(amount: str, currency: str, printed: str) -> None:
    assert plain(round_minor(Decimal(amount), currency)) == printed
    assert Money(Decimal(amount), currency).rounded() == Decimal(printed)


def test_every_currency_with_an_unusual_minor_unit_is_a_currency() -> None:
    assert MINOR_UNITS.keys() <= CURRENCIES
    assert {"USD", "EUR", "CHF", "XOF", "XDR"} <= CURRENCIES
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)


def test_a_total_converts_each_amount_by_the_rate_of_its_day() -> None:
    rows = [
        (Money(Decimal("90"), "EUR"), date(2024, 1, 15)),
        (Money(Decimal("92"), "EUR"), date(2024, 2, 15)),
        (Money(Decimal("0.000000000001"), "USD"), date(2024, 1, 1)),
    ]
    assert total(rows, "USD", RATES) == Total(currency="USD", amount=Decimal("200.000000000001"))


def test_a_total_that_lacks_rates_has_no_figure_and_names_each_once() -> None:
    day = date(2023, 1, 1)
    rows = [(Money(Decimal(1), "EUR"), day), (Money(Decimal(2), "EUR"), day), (Money(Decimal(3), "USD"), day)]
    found = total(rows, "USD", RATES)
    assert found.amount is None
    assert found.missing == (MissingRate(currency="EUR", day=day),)
    assert str(found.missing[0]) == "no rate of EUR on or before 2023-01-01"


def test_a_total_into_a_currency_without_rate_names_that_currency() -> None:
    found = total([(Money(Decimal(3), "USD"), date(2023, 1, 1))], "EUR", RATES)
    assert found.missing == (MissingRate(currency="EUR", day=date(2023, 1, 1)),)


@pytest.mark.parametrize(
    ("weights", "places", "expected"),
    [
        (["1", "1", "1"], 2, ["33.34", "33.33", "33.33"]),
        (["33.33", "33.33", "33.33"], 2, ["33.34", "33.33", "33.33"]),
        (["1", "2"], 0, ["33", "67"]),
        (["60", "40"], 2, ["60.00", "40.00"]),
        (["5"], 2, ["100.00"]),
        (["1", "0"], 1, ["100.0", "0.0"]),
    ],
)
def test_percentages_make_100_as_printed(weights: list[str], places: int, expected: list[str]) -> None:
    assert [plain(share) for share in percentages([Decimal(w) for w in weights], places=places)] == expected


@settings(deadline=None)
@given(
    weights=st.lists(st.decimals(0, 10**9, places=4), min_size=1, max_size=40).filter(any),
    places=st.integers(0, 6),
)
def test_percentages_always_make_100_and_stay_within_a_step_of_the_true_share(
    weights: list[Decimal], places: int
) -> None:
    shares = percentages(weights, places=places)
    whole = exact_sum(weights)
    assert exact_sum(shares) == 100
    for weight, share in zip(weights, shares, strict=True):
        assert abs(share - weight * 100 / whole) <= Decimal(1).scaleb(-places)


@pytest.mark.parametrize(
    ("weights", "complaint"), [(["-1", "2"], "negative"), (["0", "0"], "nothing"), ([], "nothing")]
)
def test_shares_of_nothing_and_negative_shares_are_refused(weights: list[str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        percentages([Decimal(weight) for weight in weights])


def test_an_amount_without_a_currency_is_told_as_such() -> None:
    missing = MissingRate(currency="", day=date(2026, 3, 1))
    assert str(missing) == (
        "no rate for an amount of 2026-03-01 that has no currency: give it one, or its activity a default"
    )


@given(st.fractions(min_value=-(10**6), max_value=10**12, max_denominator=10**9), st.integers(0, 4))
def test_a_percentage_is_rounded_to_its_decimals_with_halves_away_from_zero(ratio: Fraction, places: int) -> None:
    told = WORKING.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    (text,) = in_percent([told], places)
    units = abs(ratio) * 100 * 10**places
    whole = (2 * units.numerator + units.denominator) // (2 * units.denominator)
    assert text is not None
    assert Fraction(text) * 10**places == (whole if ratio > 0 else -whole)
    assert "E" not in text
    assert len(text.partition(".")[2]) == places


@pytest.mark.parametrize("places", [0, 1, 2])
@pytest.mark.parametrize("figure", ["-0.004", "-0", "-0.000000001", "-0.0001"])
def test_what_rounds_to_nothing_from_below_has_no_sign(figure: str, places: int) -> None:
    nothing = plain(Decimal(0).scaleb(-places))
    assert str(round_places(Decimal(figure), places)) == nothing
    assert [str(each) for each in rounded_each([Decimal(figure)], places)] == [nothing]
    assert in_percent([Decimal(figure).scaleb(-2)], places) == [nothing]
    assert str(Money(Decimal(0), "USD").times(Decimal(figure)).amount).startswith("0")
    assert not plain(Decimal(f"-0.{'0' * places}")).startswith("-")
    assert plain(Decimal("-0.004")) == "-0.004"
