from dataclasses import dataclass
from decimal import Decimal

import pytest

from app.domain.promises import fractions


@dataclass(frozen=True)
class Size:
    amount: Decimal | None = None
    percent: Decimal | None = None


UNSAID = Size()


def amount(figure: str) -> Size:
    return Size(amount=Decimal(figure))


def percent(figure: str) -> Size:
    return Size(percent=Decimal(figure))


@pytest.mark.parametrize(
    ("whole", "shares", "expected"),
    [
        ("100", [], []),
        ("100", [UNSAID], ["1"]),
        ("100", [UNSAID, UNSAID], ["0.5", "0.5"]),
        ("100", [percent("50"), UNSAID], ["0.5", "0.5"]),
        ("200", [UNSAID, amount("50"), percent("25"), UNSAID], ["0.25", "0.25", "0.25", "0.25"]),
        # what nobody takes is left
        ("200", [amount("50"), percent("25")], ["0.25", "0.25"]),
        # nothing is left, to the last digit
        ("3", [amount("1"), amount("1"), UNSAID, amount("1")], [None, None, "0", None]),
        ("100", [percent("80"), amount("40"), UNSAID], ["0.8", "0.4", "0"]),
        ("0", [amount("40"), percent("50"), UNSAID], ["0", "0.5", "0.5"]),
    ],
)
def test_shares_that_are_said_come_first_and_the_others_take_what_is_left(
    whole: str, shares: list[Size], expected: list[str | None]
) -> None:
    found = fractions(Decimal(whole), shares)
    assert len(found) == len(expected)
    assert [each for each, wanted in zip(found, expected, strict=True) if wanted is not None] == [
        Decimal(wanted) for wanted in expected if wanted is not None
    ]
