"""A column of amounts that rounding leaves as they are is printed as each of them is by itself."""

import random
from decimal import Decimal

import pytest

from app.domain.money import minor_units
from app.reports.printing import amount, amounts, unrounded

SAMPLES = (
    "0",
    "-0",
    "0.5",
    "-3.25",
    "12",
    "12.50",
    "12.500",
    "0.001",
    "1E+3",
    "1E-7",
    "99999999999999999999.99",
    "7.125",
)


@pytest.mark.parametrize("currency", ["JPY", "USD", "KWD", "UYW"])
@pytest.mark.parametrize("derived", [False, True])
def test_a_column_is_printed_as_each_of_its_amounts(currency: str, *, derived: bool) -> None:
    chance, places = random.Random(1), minor_units(currency)
    alike = 0
    for _ in range(400):
        figures = [Decimal(chance.choice(SAMPLES)) for _ in range(chance.randint(0, 4))]
        each = [amount(figure, currency, derived=derived) for figure in figures]
        texts = unrounded(figures, places, derived=derived)
        finer = any("E" in str(figure) or len(str(figure).partition(".")[2]) > places for figure in figures)
        assert (texts is None) == finer
        if texts is not None:
            alike += 1
            assert texts == each
            assert amounts(figures, sum(figures, Decimal(0)), currency, derived=derived) == each
        assert amounts([*figures, None], None, currency, derived=derived) == [*each, None]
    assert alike > 30
