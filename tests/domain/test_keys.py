"""Keys are what people see: what looks the same is the same, and what is not seen does not count."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.keys import (
    NotAKey,
    alike,
    formula_told,
    named,
    new_code_refused,
    seen,
    seen_or_as_it_is,
    without_marks,
)

UNSEEN = ["\ufeff", "\u200b", "\u200d", "\u202a", "\u200e", "\u2066", "\u00ad", "\u2060", "\u180e", "\ufe0f"]
SPACES = ["\u00a0", "\u2009", "\u202f", "\u3000", "\t", "\u2007"]


@pytest.mark.parametrize("unseen", UNSEEN)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_nobody_sees_does_not_make_another_key(unseen: str, place: int) -> None:
    text = "D1"
    assert seen(text[:place] + unseen + text[place:]) == "D1"


@pytest.mark.parametrize("space", SPACES)
def test_every_kind_of_space_is_a_space(space: str) -> None:
    assert seen(f"{space}D{space}1{space}") == "D 1"


def test_composed_and_decomposed_letters_are_one() -> None:
    assert seen("E\u03011") == seen("\u00c91") == "\u00c91"


def test_line_breaks_of_every_system_are_one() -> None:
    assert seen("50\r\n- 2019") == seen("50\r- 2019") == seen("50\u2028- 2019") == "50\n- 2019"


@pytest.mark.parametrize("text", ["2.002E+15", "2,002E+15", "1e+20"])
def test_a_number_that_a_spreadsheet_shortened_is_refused(text: str) -> None:
    with pytest.raises(NotAKey, match="format its column as text"):
        seen(text)


@pytest.mark.parametrize("text", ["A\u202e21", "A\u202d1", "A\x001", "A\x85\x8f"])
def test_what_changes_the_look_of_the_rest_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(NotAKey, match=r"U\+"):
        seen(text)


@settings(max_examples=150)
@given(st.text(max_size=30))
def test_a_key_seen_again_is_the_same_key(text: str) -> None:
    key = seen_or_as_it_is(text)
    assert seen_or_as_it_is(key) == key
    assert without_marks(without_marks(text)) == without_marks(text)


@settings(max_examples=100)
@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20), st.sampled_from([*UNSEEN, ""]))
def test_the_two_forms_of_letters_meet(text: str, unseen: str) -> None:
    forms = {seen_or_as_it_is(unicodedata.normalize(form, text) + unseen) for form in ("NFC", "NFD")}
    assert len(forms) == 1


@pytest.mark.parametrize("code", ["RAF/20/50/NLD", "A-1", "\u00c91", "A.1_2"])
def test_codes_that_may_be_given(code: str) -> None:
    assert new_code_refused(code) is None


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("A B", "a space"),
        ("A|B", "“|”"),
        ("A:B", "“:”"),
        ("A\nB", "U+000A"),
        ("A&B", "“&”"),
        ("-", "a letter or a figure"),
        ("/", "neither"),
    ],
)
def test_codes_that_may_not_be_given_name_the_character(code: str, told: str) -> None:
    assert told in (new_code_refused(code) or "")


def test_a_code_that_looks_like_a_formula_is_told() -> None:
    assert new_code_refused("=1+1") is None
    assert "looks like a formula" in (formula_told("=1+1") or "")
    assert formula_told("A=1") is None


def test_characters_are_named_as_people_can_look_them_up() -> None:
    assert named("\u202e") == "U+202E (right-to-left override)"


@pytest.mark.parametrize(
    ("key", "looks"),
    [
        ("PRJ-\u04101", "PRJ-A1"),
        ("PRJ-\u03bd", "PRJ-v"),
        ("\uff351", "U1"),
        ("A\u00b2", "A\u00b2"),
        ("\u00bd", "\u00bd"),
    ],
)
def test_a_key_looks_like_that_of_a_plain_keyboard(key: str, looks: str) -> None:
    assert alike(key) == looks
