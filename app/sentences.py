"""What pydantic finds wrong, in sentences that tell what to do. Its own are about types of a program."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from pydantic_core import ErrorDetails, ValidationError

from app.domain.currency_signs import unknown_currency
from app.domain.keys import NEW_CODES
from app.domain.told import Told

#: what a pattern asks for, in words
FORMS: Final = {
    r"^[^\s/&|?]+$": "An identifier holds no spaces and none of / & | ?",
    r"^[^\s|:&?\\,;]+$": NEW_CODES,
    r"^\S+$": "A code holds no spaces.",
    r"^[0-9]{1,2}(\.[0-9a-z]{1,2})?$": "Write the number of a goal or target, such as 8 or 8.5.",
    "^[A-Z]{3}$": "Write the three capital letters of ISO 4217, such as USD.",
    "^[a-z]{2,3}$": "Write a language as two or three small letters, such as en.",
    r"^https?://[^\s]+$": "Write a web address that begins with https:// or http://.",
    r"^(https?|ftp)://[^\s]+$": "Write an address that begins with https://, http:// or ftp://.",
    r"^[^@\s]+@[^@\s]+$": "Write a mail address, such as name@example.org.",
    r"^[^@\s<>,;]+@[^@\s<>,;]+$": "Write a mail address, such as name@example.org.",
    r"^-?[0-9]{1,2}(\.[0-9]{1,12})?$": "Write degrees with a decimal point, such as -12.05.",
    r"^-?[0-9]{1,3}(\.[0-9]{1,12})?$": "Write degrees with a decimal point, such as -77.04.",
}

#: kind of error → sentence; its part is the limit that the type has
SENTENCES: Final = {
    "missing": "This is required.",
    "extra_forbidden": "There is no such field here: leave it out or correct its name.",
    "string_too_short": "Write at least %(min_length)s characters.",
    "string_too_long": "Write at most %(max_length)s characters.",
    "string_type": "Write this as text.",
    "string_unicode": "Half of a character is missing here: write it again.",
    "enum": "Write one of %(expected)s.",
    "literal_error": "Write one of %(expected)s.",
    "int_parsing": "Write a whole number.",
    "int_parsing_size": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "int_type": "Write a whole number.",
    "finite_number": "Write a whole number.",
    "bool_parsing": "Write true or false.",
    "bool_type": "Write true or false.",
    "greater_than": "Write more than %(gt)s.",
    "greater_than_equal": "Write %(ge)s or more.",
    "less_than": "Write less than %(lt)s.",
    "less_than_equal": "Write %(le)s or less.",
    "too_short": "Send at least %(min_length)s of these.",
    "too_long": "Send at most %(max_length)s of these.",
    "list_type": "Send a list here.",
    "dict_type": "Send an object with fields here.",
    "model_type": "Send an object with fields here.",
    "model_attributes_type": "Send an object with fields here.",
}


def said(found: ErrorDetails) -> str:
    """One of pydantic's errors as a sentence that tells what to do."""
    kind, context = found["type"], found.get("ctx") or {}
    if kind in ("enum", "literal_error") and (word := meant_of(found.get("input"), str(context.get("expected", "")))):
        return Told("Is %(word)s meant? Capital letters count.", word=word)
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "This may not be empty."
    if kind == "string_pattern_mismatch" and "://" in context["pattern"] and _SPACED.match(str(found.get("input"))):
        return "An address holds no spaces: write %20 where one belongs."
    if kind == "string_pattern_mismatch":
        if context["pattern"] == "^[A-Z]{3}$" and (told := unknown_currency(str(found.get("input")))):
            return told
        return FORMS.get(context["pattern"], f"This does not have the form {context['pattern']}").rstrip(".") + "."
    if (sentence := SENTENCES.get(kind)) is not None:
        # a length is a number as people read it; another limit may be a year, which has no groups
        parts = {name: each if name.endswith("_length") else _choice(str(each)) for name, each in context.items()}
        return Told(sentence, **{name: each for name, each in parts.items() if f"%({name})s" in sentence})
    return str(found["msg"]).removeprefix("Value error, ").rstrip(".") + "."


def _choice(text: str) -> str:
    """What may be written instead: ``'a', 'b' or 'c'``, whose last word is of a language."""
    names, found, last = text.rpartition(" or ")
    return Told("%(names)s or %(last)s", names=names, last=last) if found and _QUOTED.fullmatch(last) else text


_SPACED: Final = re.compile(r"(https?|ftp)://\S.*\s", re.DOTALL)
_QUOTED: Final = re.compile("'([^']*)'")


def meant_of(text: object, expected: str) -> str:
    """The one of the expected words that a text is, written with other letters, spaces or lines; empty: none is."""
    if not isinstance(text, str):
        return ""
    found = [word for word in _QUOTED.findall(expected) if _plain(word) == _plain(text)]
    return found[0] if len(found) == 1 and found[0] != text else ""


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", "-", unicodedata.normalize("NFKC", word).strip()).casefold()


def with_words(values: object, error: ValidationError) -> object | None:
    """What was sent, with the words that were meant in their own letters; None where there are none."""
    mended: object = None
    for found in error.errors(include_url=False):
        if found["type"] not in ("enum", "literal_error"):
            continue
        word = meant_of(found["input"], str(found.get("ctx", {}).get("expected", "")))
        if word and isinstance(values, dict):
            mended = _set(values if mended is None else mended, found["loc"], found["input"], word)
    return mended


def _set(values: object, place: Sequence[int | str], before: object, after: str) -> object:
    """A copy of the values with another one at a place, which may also be the name of a kind of value."""
    if not place:
        return after if values == before else values
    step_, *rest = place
    match values:
        case dict() if step_ in values:
            return {**values, step_: _set(values[step_], rest, before, after)}
        case list() if isinstance(step_, int) and step_ < len(values):
            return [*values[:step_], _set(values[step_], rest, before, after), *values[step_ + 1 :]]
    return _set(values, rest, before, after)
