"""Definitions of reports, their remarks and messages of the program are said in the language, or marked as English."""

import pytest

from app.domain.terms import Role
from app.language.i18n import words
from app.reports.registry import REPORTS
from app.web.definitions import defined, spoken, taken_apart
from tests.api import Api
from tests.web import example
from tests.web.people import signed_in

OTHERS = ("fr", "es")


@pytest.mark.parametrize("language", OTHERS)
def test_definitions_of_reports_are_said_in_the_language(language: str) -> None:
    # those of variants are told of the variant, without the word before them
    told = [sentence.partition("Variant ")[0] for report in REPORTS for sentence in taken_apart(report.definition)]
    assert [each for each in told if each and "lang=" in defined(each, words(language))] == []


def test_what_a_report_fills_in_is_said_too() -> None:
    found = defined("Delivery rate: expenditure/allocation in percent. 2 rows lack their figures for want of a rate of "
                    "exchange. There is no rate of EUR on or before 2026-01-02.", words("fr"))  # fmt: skip
    assert found == (
        "Taux d’exécution\u00a0: dépenses sur allocation, en pour cent. 2 lignes n’ont pas leurs chiffres, faute de "
        "taux de change. Il n’y a pas de taux de EUR au 2 janv. 2026 ou avant."
    )


def test_what_stays_english_is_read_aloud_in_english_and_is_escaped() -> None:
    sentence = "Nobody <b>knows</b> this sentence."
    marked = '<span lang="en">Nobody &lt;b&gt;knows&lt;/b&gt; this sentence.</span>'
    assert [str(spoken(sentence, words(language))) for language in OTHERS] == [marked, marked]
    assert str(defined(sentence, words("es"))) == marked
    assert str(spoken(sentence, words("en"))) == "Nobody &lt;b&gt;knows&lt;/b&gt; this sentence."


@pytest.mark.parametrize("path", ["/reports/delivery?period=2026", "/reports/earmarking?period=2026", "/delivery",
                                  "/evaluations/coverage", "/partners/1/briefing"])  # fmt: skip
def test_a_page_of_figures_says_in_french_how_they_are_made(light_api: Api, path: str) -> None:
    example.fill(light_api)
    page = signed_in(light_api, Role.VIEWER, name="vera", language="fr").get(path)
    assert page.status_code == 200
    assert 'lang="en"' not in page.text.partition("<main")[2]


def test_a_fault_of_an_address_names_its_field_in_words(light_api: Api) -> None:
    answer = signed_in(light_api, Role.VIEWER, name="vera", language="es").get("/projects?status=soon")
    assert answer.status_code == 422
    assert "<strong>Estado</strong>" in answer.text
