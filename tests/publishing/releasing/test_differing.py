"""What differs between a record and what was public of it, in words."""

import pytest

from app.publishing.releasing.differing import differs

RECORD = (
    "<iati-activity{of_all}>\n    <iati-identifier>XM-EX-1</iati-identifier>\n"
    "    <title>\n        <narrative{of_it}>{text}</narrative>\n    </title>\n</iati-activity>"
)


@pytest.mark.parametrize(
    ("of_all", "of_it", "told"),
    [
        (' xml:lang="es"', "", "es"),
        (' xml:lang="es"', ' xml:lang="fr"', "fr"),
        ("", ' xml:lang="fr"', "fr"),
        ("", "", "the default language"),
    ],
)
def test_a_text_is_told_by_its_language_or_by_that_of_its_record(of_all: str, of_it: str, told: str) -> None:
    one, other = (RECORD.format(of_all=of_all, of_it=of_it, text=text).encode() for text in ("One", "Other"))
    found = differs(one, other)
    assert found.said == (f"title changed in {told}",)
