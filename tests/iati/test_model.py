"""The typed model: lexical text, typed views, equality by content."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iati.model
from iati.lexical import (
    LexicalError,
    format_boolean,
    format_datetime,
    format_decimal,
    parse_boolean,
    parse_date,
    parse_datetime,
    parse_decimal,
    parse_integer,
)
from iati.model import Activity, Code, IsoDate, Narrative, RecipientCountry, Transaction, Value


def test_equal_content_is_equal_whatever_way_it_was_made() -> None:
    grown = Activity()
    grown.transaction.append(Transaction(transaction_type=Code(code="2")))
    assert grown == Activity(transaction=[Transaction(transaction_type=Code(code="2"))])
    assert grown != Activity(transaction=[Transaction(transaction_type=Code(code="3"))])


def test_two_activities_do_not_share_their_lists() -> None:
    first, second = Activity(), Activity()
    first.transaction.append(Transaction())
    assert second.transaction == []


def test_field_that_the_standard_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        Narrative(colour="red")  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Narrative(text="x").colour = "red"  # type: ignore[attr-defined]


def test_setting_an_equal_amount_keeps_the_text() -> None:
    value = Value(text="1000.10")
    value.typed_text = Decimal("1000.1")
    assert value.text == "1000.10"
    value.typed_text = Decimal("1000.2")
    assert value.text == "1000.2"


def test_setting_none_removes_a_value() -> None:
    country = RecipientCountry(code="KE", percentage="50")
    country.typed_percentage = None
    assert country.percentage is None
    value = Value(text="5")
    value.typed_text = None
    assert value.text == ""
    assert value.typed_text is None


def test_text_that_is_no_number_is_told_and_can_be_replaced() -> None:
    country = RecipientCountry(code="KE", percentage="half")
    with pytest.raises(LexicalError, match="'half' is not a decimal number"):
        _ = country.typed_percentage
    country.typed_percentage = Decimal(50)
    assert country.percentage == "50"


def test_day_with_a_zone_keeps_its_text_when_the_day_is_set_again() -> None:
    day = IsoDate(iso_date="2024-02-29Z")
    assert day.typed_iso_date == date(2024, 2, 29)
    day.typed_iso_date = date(2024, 2, 29)
    assert day.iso_date == "2024-02-29Z"


def test_humanitarian_flag_reads_one_and_true_alike() -> None:
    assert Activity(humanitarian="1").typed_humanitarian is True
    assert Activity(humanitarian=" false ").typed_humanitarian is False
    assert Activity().typed_humanitarian is None


def test_level_is_a_whole_number() -> None:
    activity = Activity(hierarchy="+2")
    assert activity.typed_hierarchy == 2
    activity.typed_hierarchy = 3
    assert activity.hierarchy == "3"


@pytest.mark.parametrize("text", ["", " ", "1e3", "1,000", "NaN", "INF", "0x1", "--1", "1.2.3", "١", "."])
def test_text_is_not_a_decimal(text: str) -> None:
    with pytest.raises(LexicalError):
        parse_decimal(text)


@pytest.mark.parametrize(
    ("text", "value"), [("+7", "7"), (" .5\n", "0.5"), ("5.", "5"), ("-0.00", "0"), ("000123.4500", "123.45")]
)
def test_text_is_a_decimal(text: str, value: str) -> None:
    assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize("text", ["2024-02-30", "24-02-01", "2024-2-1", "2024-02-01T00:00:00", "2024-02-01+15:00", ""])
def test_text_is_not_a_date(text: str) -> None:
    with pytest.raises(LexicalError):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-02-29T12:00:00", datetime(2024, 2, 29, 12)),  # noqa: DTZ001 - a text without zone has none
        ("2024-02-29T12:00:00Z", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("2024-02-29T12:00:00.5+02:00", datetime(2024, 2, 29, 12, 0, 0, 500_000, timezone(timedelta(hours=2)))),
        ("2024-12-31T24:00:00Z", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00-05:30", datetime(2024, 1, 1, tzinfo=timezone(-timedelta(hours=5, minutes=30)))),
    ],
)
def test_text_is_a_moment(text: str, value: datetime) -> None:
    assert parse_datetime(text) == value


@pytest.mark.parametrize(
    "text", ["2024-02-29", "2024-02-30T00:00:00Z", "2024-01-01T24:00:01Z", "2024-01-01T10:00:00+14:30", "now"]
)
def test_text_is_not_a_moment(text: str) -> None:
    with pytest.raises(LexicalError):
        parse_datetime(text)


@pytest.mark.parametrize("text", ["TRUE", "yes", "2", ""])
def test_text_is_not_a_boolean(text: str) -> None:
    with pytest.raises(LexicalError):
        parse_boolean(text)


def test_text_is_not_a_whole_number() -> None:
    with pytest.raises(LexicalError):
        parse_integer("1.0")


def test_infinite_amount_cannot_be_written() -> None:
    with pytest.raises(LexicalError, match="finite"):
        format_decimal(Decimal("Infinity"))


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_survive_their_text(value: Decimal) -> None:
    assert parse_decimal(format_decimal(value)) == value


@given(st.datetimes(timezones=st.just(UTC) | st.none()))
def test_moments_survive_their_text(value: datetime) -> None:
    assert parse_datetime(format_datetime(value)) == value


@given(st.booleans())
def test_booleans_survive_their_text(value: bool) -> None:
    assert parse_boolean(format_boolean(value)) is value


def test_the_guide_in_the_package_is_true() -> None:
    guide = iati.model.__doc__ or ""
    code = "\n".join(line[4:] for line in guide.splitlines() if line.startswith("    "))
    names: dict[str, object] = {}
    exec(compile(code, "guide", "exec"), names)
    activity = names["activity"]
    assert isinstance(activity, Activity)
    value = activity.transaction[0].value
    assert value is not None
    assert value.text == "1000.10"
