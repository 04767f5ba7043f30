"""What is no amount, no day and no region says what to write instead."""

import re
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain.advice import amount_advice, day_advice, is_sum
from app.domain.notation import Notation
from app.funding.schemas_duties import Address
from app.inputs import Amount, Day, NewCode, Percentage, PeriodText, faults
from app.organisation.schemas import SetupIn
from app.results.schemas import Regions
from app.tabular.columns import Column, Form
from app.tabular.forms import CellFault, read_cell


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
        ("–5", "has U+2013 (en dash) in place of its sign: write -5."),
        ("\uff0d5", "has U+FF0D (fullwidth hyphen-minus) in place of its sign: write -5."),
        ("\uff0b5", "write +5."),
        ("–", "is no amount"),
        ("−.5", "write -0.5"),
        ("1e2", "was shortened by a spreadsheet"),
        (".5", "write 0.5"),
        ("5,", "write 5."),
        ("1..2", ""),
        ("(-5)", ""),
        ("9" * 50, "check it"),
        ("<b>5</b>", ""),
        ("n/a", "leave it empty"),
        ("########", "column is too narrow"),
        ("'500'", "write 500 without"),
    ],
)
def test_what_is_no_amount_says_what_to_write(text: str, told: str) -> None:
    assert told in amount_advice(text) if told else amount_advice(text) == ""


@pytest.mark.parametrize("text", ["1e2", "\u22121.5E+06"])
def test_what_no_spreadsheet_wrote_is_not_told_of_one(text: str) -> None:
    assert amount_advice(text, in_table=False) == f"“{text}” is an amount in short: write all of its digits."
    with pytest.raises(ValidationError, match="in short"):
        TypeAdapter(Amount).validate_python(text)


@pytest.mark.parametrize("minus", ["-", "\u2212"])
def test_a_typographic_minus_is_read_as_one_at_every_door(minus: str) -> None:
    for text in (f"{minus}1000.50", f"1000.50{minus}", f"{minus}   1000.50", f" {minus}\u00a01000.50 "):
        assert TypeAdapter(Amount).validate_python(text) == Decimal("-1000.50")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("12o0,50", "a decimal comma, such as 1000,10"),
        (",5", "write 0,5"),
        ("500,-", "such as 500,00"),
        ("n/a", "leave it empty"),
        ("1..2", "a decimal comma, such as 1000,10"),
    ],
)
@pytest.mark.parametrize("notation", [Notation(decimal=","), Notation(grouping=".")])
def test_where_a_file_has_the_decimal_comma_nobody_is_told_of_a_point(text: str, told: str, notation: Notation) -> None:
    column = Column(form=Form.NUMBER)
    with pytest.raises(CellFault) as raised:
        read_cell(text, column, notation)
    assert told in str(raised.value)
    assert "point" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("########", "column is too narrow"),
        ("45000.25", "a day with a time"),
        ("2026-W10-4", "written 2026-03-05"),
        ("29.02.2025", "no day of the calendar"),
        ("31 April 2026", "no day of the calendar"),
        ("2026-02-30 10:00", "no day of the calendar"),
        ("1.3.26", "leaves the century open"),
        ("Easter", ""),
        ("March 2026", "names no day"),
        ("Q1 2026", "names no day"),
        ("“5 March”", "write 5 March without"),
        ("tbc", "leave it empty"),
        ("٢٠٢٦-٠٣-٠٥", "in the digits 0 to 9"),
    ],
)
def test_what_is_no_day_says_what_to_write(text: str, told: str) -> None:
    assert told in day_advice(text) if told else day_advice(text) == ""


@pytest.mark.parametrize("day", ["0026-03-05", "1899-12-30", "9999-12-31"])
def test_a_year_that_nobody_means_is_told_at_every_door(day: str) -> None:
    with pytest.raises(ValidationError, match=f"{day} is not in the years 1900 to 2999"):
        TypeAdapter(Day).validate_python(day)


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        (Amount, "1.5k", "write all digits"),
        (Amount, "USD 500", "write 500 alone"),
        (Percentage, "60 of 100", "is no percentage"),
        (Percentage, "12..5", "^Write a percentage"),
        (Percentage, "1/2", "write one figure"),
        (Percentage, "५०", "in the digits 0 to 9"),
        (Day, "1.3.26", "leaves the century open"),
        (PeriodText, "9999", "is not in the years"),
        (NewCode, "A\ufffe", "U\\+FFFE"),
        (Address, "http://example.org/\x01", "U\\+0001"),
        (SetupIn, None, "Send an object"),
    ],
)
def test_a_body_is_told_what_a_table_is_told(kind: object, text: object, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(text)
    assert re.search(told, faults(refused.value)[0].message)


def test_columns_of_regions_are_named_as_people_call_them() -> None:
    read = TypeAdapter(Regions).validate_python
    named = {"Asia and the Pacific": "3", "Europe & Central Asia": "2", "ARAB STATES": "1", "Pacific Islands": "4"}
    assert list(read(named)) == ["asia_pacific", "europe_central_asia", "arab_states", "Pacific Islands"]
    with pytest.raises(ValidationError, match="Africa and africa are the same region"):
        read({"Africa": "1", "africa": "2"})
    with pytest.raises(ValidationError, match="“Result” is no region"):
        read({"Result": "1"})


@pytest.mark.parametrize(
    "word",
    ["Total", "Grand total:", "Total général", "Sous-total", "Total general", "Total Geral", "Totale complessivo",
     "Ergebnis", "Gesamtergebnis", "Zwischensumme", "Eindtotaal", "Suma total"],
)  # fmt: skip
def test_a_line_of_sums_is_known_as_spreadsheets_call_it(word: str) -> None:
    assert is_sum(word)
    assert not is_sum(f"{word} of the first phase")
