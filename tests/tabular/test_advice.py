"""What is no amount, no day and no region says what to write instead."""

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain.advice import amount_advice, day_advice
from app.inputs import Day
from app.results.schemas import Regions


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("=5+5", "is a formula"),
        ("1234,-", "such as 1234.00"),
        ("DR 12.00", "names a side"),
        ("١٢", "in the digits 0 to 9"),
        ("12 USD", "write 12 alone"),
        ("USD 500", "write 500 alone"),
        ("500 SEK", "write 500 alone"),
        ("1.5k", "write all digits"),
        ("2 Mio. EUR", "write all digits"),
        ("50%", "is a share"),
        ("--5", ""),
        ("n/a", ""),
    ],
)
def test_what_is_no_amount_says_what_to_write(text: str, told: str) -> None:
    assert told in amount_advice(text) if told else amount_advice(text) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-W10-4", "written 2026-03-05"),
        ("29.02.2025", "no day of the calendar"),
        ("31 April 2026", ""),
        ("March 2026", "names no day"),
        ("٢٠٢٦-٠٣-٠٥", "in the digits 0 to 9"),
    ],
)
def test_what_is_no_day_says_what_to_write(text: str, told: str) -> None:
    assert told in day_advice(text) if told else day_advice(text) == ""


@pytest.mark.parametrize("day", ["0026-03-05", "1899-12-30", "9999-12-31"])
def test_a_year_that_nobody_means_is_told_at_every_door(day: str) -> None:
    with pytest.raises(ValidationError, match=f"{day} is not in the years 1900 to 2999"):
        TypeAdapter(Day).validate_python(day)


def test_columns_of_regions_are_named_as_people_call_them() -> None:
    read = TypeAdapter(Regions).validate_python
    named = {"Asia and the Pacific": "3", "Europe & Central Asia": "2", "ARAB STATES": "1", "Pacific Islands": "4"}
    assert list(read(named)) == ["asia_pacific", "europe_central_asia", "arab_states", "Pacific Islands"]
    with pytest.raises(ValidationError, match="Africa and africa are the same region"):
        read({"Africa": "1", "africa": "2"})
    with pytest.raises(ValidationError, match="“Result” is no region"):
        read({"Result": "1"})
