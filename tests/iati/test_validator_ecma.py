"""Numbers and dates as the official program reads them."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iati.validator.ecma import sum_equals, sum_in_words, to_instant, to_number, whole_days, xpath_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 0), (" ", 0), ("\u00a012\n", 12), ("1e2", 100), ("+7", 7), (".5", 0.5), ("5.", 5), ("0x10", 16), ("0b11", 3),
     ("-Infinity", -math.inf)],
)  # fmt: skip
def test_numbers_of_the_language(text: str, number: float) -> None:
    assert to_number(text) == number


@pytest.mark.parametrize("text", ["abc", "1,000", "1 000", "1_000", "nan", "inf", "--1", "0x", "1e", "١"])
def test_what_is_no_number(text: str) -> None:
    assert math.isnan(to_number(text))


@pytest.mark.parametrize(("text", "number"), [(" 100 ", 100), ("-1.50", -1.5), (".5", 0.5), ("007", 7)])
def test_numbers_in_conditions(text: str, number: float) -> None:
    assert xpath_number(text) == number


@pytest.mark.parametrize("text", ["", "1e2", "+7", "5.", "x"])
def test_what_is_no_number_in_conditions(text: str) -> None:
    assert math.isnan(xpath_number(text))


def test_sums_are_rounded_to_four_decimals() -> None:
    assert sum_equals(["33.33333"] * 3, 100) == (True, 100.0)
    assert sum_equals(["33.3333"] * 3, 100) == (False, 99.9999)
    assert sum_equals([], 100) == (False, 0.0)
    assert sum_equals(["x"], 100)[0] is False


@pytest.mark.parametrize(
    ("texts", "words"),
    [(["60", "40.0002"], "100.0002"), (["99.9999"], "99.9999"), (["100", "20"], "120"), ([], "0"), (["0.5"], "0.5"),
     (["1234567.25"], "1234567.25"), (["x"], "no number")],
)  # fmt: skip
def test_a_sum_that_is_not_what_it_should_be_never_reads_as_if_it_were(texts: list[str], words: str) -> None:
    assert sum_in_words(sum_equals(texts, 100)[1]) == words


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_a_day_is_midnight_utc(day: date) -> None:
    expected = (datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(
        milliseconds=1
    )
    assert to_instant(day.isoformat()) == expected
    assert to_instant(f"{day.isoformat()}Z") == expected


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.integers(-12 * 60, 14 * 60))  # noqa: DTZ001
def test_a_moment_with_a_zone_is_that_moment(moment: datetime, offset: int) -> None:
    zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    given_moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    expected = (given_moment - timedelta(minutes=offset)).replace(tzinfo=UTC).timestamp() * 1000
    assert to_instant(given_moment.isoformat(timespec="milliseconds") + zone) == pytest.approx(expected, abs=0.5)


def test_a_day_that_a_month_does_not_have_runs_over() -> None:
    assert to_instant("2023-02-30") == to_instant("2023-03-02")


@pytest.mark.parametrize("text", ["", "soon", "2023-13-01", "2023-01-32", "2023-01-01T25:00:00", "2023-01-01+05:00"])
def test_what_is_no_date(text: str) -> None:
    assert to_instant(text) is None


@pytest.mark.parametrize("text", ["2023/3/2", "3/2/2023", " 2023-03-02 ", "2023-3-2"])
def test_loose_dates_are_read_too(text: str) -> None:
    assert to_instant(text) == to_instant("2023-03-02")


@given(st.dates(), st.dates())
def test_whole_days_between_days(first: date, second: date) -> None:
    start, end = to_instant(first.isoformat()), to_instant(second.isoformat())
    assert start is not None
    assert end is not None
    assert whole_days(start, end) == (second - first).days
