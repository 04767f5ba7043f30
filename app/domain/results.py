"""How an indicator's measure and its values go together: numbers are counted, words are described."""

import re

#: IATI indicator measure of what is told in words
QUALITATIVE = "5"

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_PERCENT = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*%")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[,.'’\s][0-9]{3})+(?:[.,][0-9]+)?")


def is_number(text: str) -> bool:
    """Whether a text may be published as the value of an indicator that is measured in numbers."""
    return _NUMBER.fullmatch(text) is not None


def value_fault(measure: str, text: str) -> str | None:
    """What to do about a value that does not go with the measure; None when it does."""
    if measure == QUALITATIVE or is_number(text):
        return None
    if percent := _PERCENT.fullmatch(text):
        return f"Write the number alone, {percent[1]}: that it is a percentage is said by the measure."
    if _GROUPED.fullmatch(text):
        return f"“{text}” is not a number for every reader: write it without marks between thousands, such as 1000.5."
    return (
        f"“{text[:100]}” is not a number: write digits with a decimal point only, or make the indicator qualitative, "
        "whose values are words."
    )


def baseline_fault(year: int | None, last_year: int | None) -> str | None:
    """What to do about a baseline of a year behind what is measured against it; None when it is none.

    ``last_year``: the last year in which anything is measured, where that is known.
    """
    if year is None or last_year is None or year <= last_year:
        return None
    return f"A baseline is what stood before: {year} lies behind the last year that is measured, {last_year}."


def kept(measure: str, text: str | None, comment: str | None = None) -> tuple[str | None, str | None]:
    """(value, comment) as they are stored: what a qualitative indicator says in words is a comment and no value."""
    if measure != QUALITATIVE:
        return text, comment
    said = [part for part in (text, comment) if part is not None]
    return None, ": ".join(dict.fromkeys(said)) or None


def told(measure: str, value: str | None, comment: str | None) -> str | None:
    """The value as people entered it."""
    return comment if value is None and measure == QUALITATIVE else value
