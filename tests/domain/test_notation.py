"""Numbers and days are read in the notation that was said; what can mean two things is asked back with both."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.notation import (
    GROUPINGS,
    DateOrder,
    Doubt,
    Notation,
    is_as_printed,
    read_day,
    read_number,
    read_typed,
    thousands_meant,
)

NOTATIONS = [
    Notation(decimal=decimal, grouping=grouping)
    for decimal in (".", ",")
    for grouping in GROUPINGS
    if grouping != decimal
]


def written(number: Decimal, notation: Notation) -> str:
    """The number as somebody of that notation writes it."""
    whole, _, fraction = format(abs(number), "f").partition(".")
    groups = []
    while len(whole) > 3 and notation.grouping:
        whole, group = whole[:-3], whole[-3:]
        groups.insert(0, group)
    text = notation.grouping.join([whole, *groups])
    return ("-" if number < 0 else "") + text + (f"{notation.decimal}{fraction}" if fraction else "")


@pytest.mark.parametrize(
    "text",
    [
        "5th of March 2026",
        "2026-Mar-05",
        "05Mar2026",
        "2026 March 5",
        "5 de marzo de 2026",
        "Mar 5, 2026",
        "5-mars-2026",
    ],
)
def test_a_day_with_the_name_of_its_month_leaves_nothing_to_ask(text: str) -> None:
    assert read_day(text) == dt.date(2026, 3, 5)


amounts = st.decimals(
    min_value=Decimal(-(10**14)), max_value=Decimal(10**14), places=2, allow_nan=False, allow_infinity=False
)


@settings(max_examples=60)
@given(amounts, st.sampled_from(NOTATIONS))
def test_what_is_written_in_a_notation_is_read_in_it(number: Decimal, notation: Notation) -> None:
    assert read_number(written(number, notation), notation) == number


@settings(max_examples=60)
@given(amounts, st.sampled_from(NOTATIONS), st.sampled_from(NOTATIONS))
def test_another_notation_never_gives_another_number_unasked(
    number: Decimal, wrote: Notation, unsaid: Notation
) -> None:
    read = read_number(written(number, wrote))
    assert isinstance(read, Doubt) or read == number
    if isinstance(read, Doubt):
        assert any(Decimal(reading.value) == number for reading in read.readings)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1,234", ["1.234", "1234"]),
        ("1.234,50", ["1234.50"]),
        ("1,234.50", ["1234.50"]),
        ("1234,5", ["1234.5"]),
        ("500 000", ["500000"]),
        ("500\u00a0000", ["500000"]),
        ("500\u202f000,25", ["500000.25"]),
        ("1\u2019234.50", ["1234.50"]),
        ("12,34,567.00", ["1234567.00"]),
        ("1.234.567", ["1234567"]),
        ("1.23.4", []),
        ("(500)", []),
        ("USD 500", []),
        ("1e5", []),
        ("", []),
    ],
)
def test_a_number_in_no_plain_notation_is_asked_back(text: str, readings: list[str]) -> None:
    read = read_number(text)
    assert isinstance(read, Doubt)
    assert sorted(reading.value for reading in read.readings) == sorted(readings)
    assert all(value in read.question() for value in readings)


def test_a_said_notation_refuses_what_it_does_not_write() -> None:
    commas = Notation(decimal=",", grouping=".")
    assert read_number("500.000", commas) == 500000
    assert read_number("500,000", commas) == Decimal("500.000")
    assert isinstance(read_number("500.00", commas), Doubt)
    assert isinstance(read_number("1.234", Notation(decimal=",")), Doubt)


@pytest.mark.parametrize(
    ("text", "english", "french", "spanish"),
    [
        # what a language writes as thousands is thousands there; what would be three decimals is asked
        ("1,234", "1234", ("1.234", "1234"), ("1.234", "1234")),
        ("1.234", ("1.234", "1234"), ("1.234", "1234"), "1234"),
        ("-50.000", ("-50.000", "-50000"), ("-50.000", "-50000"), "-50000"),
        ("999,999", "999999", ("999.999", "999999"), ("999.999", "999999")),
        # no one groups these so
        ("0.853", "0.853", ("0.853",), ("0.853",)),
        ("0,853", ("0.853",), "0.853", "0.853"),
        ("1234.567", "1234.567", ("1234.567",), ("1234.567",)),
        ("1234,567", ("1234.567",), "1234.567", "1234.567"),
        ("1,2340", ("1.2340",), "1.2340", "1.2340"),
        ("1.2340", "1.2340", ("1.2340",), ("1.2340",)),
        ("12,34", ("12.34",), "12.34", "12.34"),
        # two signs tell which is which
        ("1,234.567", "1234.567", ("1234.567",), ("1234.567",)),
        ("1 234", ("1234",), "1234", ("1234",)),
        ("1234", "1234", "1234", "1234"),
    ],
)
def test_what_is_typed_is_read_as_its_language_writes_unless_others_would_write_thousands_so(
    text: str, english: str | tuple[str, ...], french: str | tuple[str, ...], spanish: str | tuple[str, ...]
) -> None:
    for notation, meant in (
        (Notation(decimal=".", grouping=","), english),
        (Notation(decimal=",", grouping=" "), french),
        (Notation(decimal=",", grouping="."), spanish),
    ):
        read = read_typed(text, notation)
        if isinstance(meant, str):
            assert read == Decimal(meant)
        else:
            assert isinstance(read, Doubt)
            assert {reading.value for reading in read.readings} == set(meant)


@pytest.mark.parametrize(
    ("text", "notation", "readings"),
    [
        ("1,234", Notation(decimal=",", grouping=" "), ["1234"]),
        ("1,234", Notation(decimal=",", grouping="."), ["1234"]),
        ("-1.234", Notation(decimal=".", grouping=","), ["-1234"]),
        # nothing is lost in either
        ("1,000", Notation(decimal=",", grouping=" "), ["1.000", "1000"]),
    ],
)
def test_of_a_currency_without_decimals_no_fraction_is_offered(
    text: str, notation: Notation, readings: list[str]
) -> None:
    read = read_typed(text, notation, whole=True)
    assert isinstance(read, Doubt)
    assert [reading.value for reading in read.readings] == readings


def test_a_minus_sign_of_typographers_is_a_minus() -> None:
    assert read_number("\u2212500.10") == Decimal("-500.10")


@pytest.mark.parametrize(
    ("amount", "currency", "asked"),
    [
        ("500.000", "EUR", ["500.00", "500000"]),
        ("-500.000", "EUR", ["-500.00", "-500000"]),
        ("1.234", "USD", ["1.2340", "1234"]),
        ("500.000", "JPY", ["500", "500000"]),
        # a fraction of a yen would be refused
        ("1.234", "JPY", ["written 1234"]),
        ("-1.234", "XOF", ["written -1234"]),
        ("100000.555", "EUR", ["three decimals"]),
        ("500.000", "TND", []),
        ("500.00", "EUR", []),
        ("500.1234", "EUR", []),
        ("0.853", "EUR", []),
        ("12.345", None, ["12.3450", "12345"]),
        ("1234.567", None, []),
    ],
)
def test_three_decimals_that_may_be_thousands_are_asked_back(
    amount: str, currency: str | None, asked: list[str]
) -> None:
    question = thousands_meant(Decimal(amount), currency)
    assert (question is not None) is bool(asked)
    assert all(part in (question or "") for part in asked)


@settings(max_examples=60)
@given(st.dates(dt.date(1930, 1, 1), dt.date(2190, 1, 1)), st.sampled_from(list(DateOrder)), st.sampled_from("/.-"))
def test_a_day_is_read_in_the_order_that_was_said(day: dt.date, order: DateOrder, sign: str) -> None:
    text = {
        DateOrder.ISO: day.isoformat(),
        DateOrder.DAY_FIRST: sign.join((str(day.day), str(day.month), str(day.year))),
        DateOrder.MONTH_FIRST: sign.join((f"{day.month:02}", f"{day.day:02}", str(day.year))),
        DateOrder.YEAR_FIRST: sign.join((str(day.year), str(day.month), str(day.day))),
        DateOrder.SERIAL: str((day - dt.date(1899, 12, 30)).days),
    }[order]
    assert read_day(text, order) == day
    unsaid = read_day(text)
    assert unsaid == day or (
        isinstance(unsaid, Doubt) and day.isoformat() in [reading.value for reading in unsaid.readings]
    )


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("03/04/2026", ["2026-04-03", "2026-03-04"]),
        ("31.12.2026", ["2026-12-31"]),
        ("12/31/2026", ["2026-12-31"]),
        ("2026/12/31", ["2026-12-31"]),
        ("46387", ["2026-12-31"]),
        ("2026", []),
        ("31/12/26", []),
        ("2026-02-30", []),
        ("30.2.2026", []),
    ],
)
def test_a_day_in_no_plain_order_is_asked_back(text: str, readings: list[str]) -> None:
    read = read_day(text)
    assert isinstance(read, Doubt)
    assert [reading.value for reading in read.readings] == readings


def test_a_day_that_its_order_does_not_allow_is_not_turned_round() -> None:
    read = read_day("12/31/2026", DateOrder.DAY_FIRST)
    assert isinstance(read, Doubt)
    assert [reading.notation.dates for reading in read.readings] == [DateOrder.MONTH_FIRST]


def test_one_sign_is_not_both_the_decimal_sign_and_what_parts_thousands() -> None:
    with pytest.raises(ValueError, match="one sign"):
        Notation(decimal=",", grouping=",")


@pytest.mark.parametrize(
    "text",
    [
        "1 November 2025",
        "01-Nov-2025",
        "01 Nov. 2025",
        "1st Nov 2025",
        "1 novembre 2025",
        "1 noviembre 2025",
        "1/Nov/2025",
    ],
)
def test_a_month_by_its_name_leaves_nothing_to_ask(text: str) -> None:
    assert read_day(text) == dt.date(2025, 11, 1)


@pytest.mark.parametrize(
    ("text", "month"),
    [("05-Mar-2026", 3), ("5 mai 2026", 5), ("5 juil 2026", 7), ("5 août 2026", 8), ("5 Sept 2026", 9)],
)
def test_months_are_told_by_their_beginnings(text: str, month: int) -> None:
    assert read_day(text) == dt.date(2026, month, 5)


@pytest.mark.parametrize("text", ["31 Feb 2026", "5 ju 2026", "5 jui 2026", "5 Moon 2026", "1-Nov-25"])
def test_what_is_no_month_is_not_read(text: str) -> None:
    assert isinstance(read_day(text), Doubt)


@pytest.mark.parametrize("text", ["0", "-0", "7", "-12.50", "1000.10", "0.001", "9" * 40, f"0.{'1' * 40}"])
def test_what_is_written_plainly_is_read_as_it_stands(text: str) -> None:
    assert is_as_printed(text)
    read = read_number(text)
    assert isinstance(read, Decimal)
    assert str(read) == text == str(Decimal(text))


@pytest.mark.parametrize("text", ["", "+5", "007", "1,000", "1.", ".5", " 5", "5\n", "1e3", "٥", "1'000", "9" * 41])
def test_what_is_written_in_any_other_way_is_looked_at(text: str) -> None:
    assert not is_as_printed(text)
