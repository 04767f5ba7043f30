from decimal import Decimal

import pytest

from app.domain.shares import Share, faulty_places, faulty_sectors


def share(kind: str, code: str, percentage: str | None = None, vocabulary: str | None = None) -> Share:
    figure = None if percentage is None else Decimal(percentage)
    return Share(kind=kind, code=code, percentage=figure, vocabulary=vocabulary)


@pytest.mark.parametrize(
    "shares",
    [
        [],
        [share("country", "KE")],
        [share("country", "KE", "100")],
        [share("country", "KE", "60"), share("country", "UG", "40")],
        [share("country", "KE", "60"), share("region", "298", "40")],
        # beside the same countries, the regions of each vocabulary make the rest
        [share("country", "KE", "60"), share("region", "298", "40"), share("region", "AF", "40", "99")],
    ],
)
def test_places_that_make_100_are_right(shares: list[Share]) -> None:
    assert faulty_places(shares) == []


@pytest.mark.parametrize(
    ("shares", "problem"),
    [
        ([share("country", "KE", "60")], "make 60, not 100"),
        ([share("country", "KE", "33.33")] * 1 + [share("country", "UG", "66.66")], "make 99.99, not 100"),
        ([share("country", "KE", "60"), share("country", "UG")], "add those of UG"),
        ([share("country", "KE", "60"), share("region", "298", "30")], "(vocabulary 1) make 90"),
    ],
)
def test_places_that_do_not_make_100_are_told(shares: list[Share], problem: str) -> None:
    (message,) = faulty_places(shares)
    assert problem in message


def test_a_country_that_stands_twice_is_told() -> None:
    assert faulty_places([share("country", "KE", "50"), share("country", "KE", "50")]) == [
        "The country KE stands twice: keep one with the sum of both."
    ]


def test_each_vocabulary_of_sectors_makes_100_by_itself() -> None:
    sectors = [share("sector", "16020", "100"), share("sector", "x", "50", "99"), share("sector", "y", "50", "99")]
    assert faulty_sectors(sectors) == []
    (message,) = faulty_sectors(sectors[:-1])
    assert "(vocabulary 99) make 50, not 100" in message


def test_an_unusual_vocabulary_is_not_confused_with_the_usual_one() -> None:
    assert faulty_sectors([share("sector", "1", "100"), share("sector", "1", "100", "2")]) == []
    assert len(faulty_sectors([share("sector", "1", "50"), share("sector", "1", "50", "1")])) == 1
