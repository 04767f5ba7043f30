"""Nobody meets a page half in another language."""

import ast
import re
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.terms import EvaluationStatus, Role
from app.domain.told import Figure, Told
from app.http import root
from app.language import i18n
from app.language.reasons import with_days
from app.people.schemas import UserIn
from app.publishing.codes import names_of
from app.publishing.sector_names import sectors_in
from app.web import definitions
from app.web.catalogue import files
from app.web.views.public import sector_names
from tests import portfolio
from tests.api import Api
from tests.web.people import signed_in, stranger

OTHERS = sorted(set(i18n.LANGUAGES) - {i18n.USUAL})
_FILLED = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated(language: str) -> None:
    assert files.missing(language) == [], "run: python -m app.web.catalogue NAME, and translate what it added"


@pytest.mark.parametrize("language", OTHERS)
def test_translations_fill_in_what_the_message_fills_in(language: str) -> None:
    for message, translation in i18n.words(language).messages.items():
        for text in [translation] if isinstance(translation, str) else translation:
            assert set(_FILLED.findall(text)) - {"num"} == set(_FILLED.findall(message)) - {"num"}, message


@pytest.mark.parametrize(
    ("language", "other_words"),
    [
        ("fr", ("préréglage", "fichier d’organisation", "bailleur", "comptes sont clos ")),
        (
            "es",
            (
                "tasa de cambio",
                "cuota de financiación",
                "cuotas de financiación",
                "modalidad predefinida",
                "coste",
                "programa insignia",
                "programa emblemático",
                "libros están cerrados",
            ),
        ),
    ],
)
def test_one_thing_has_one_word(language: str, other_words: tuple[str, ...]) -> None:
    for message, translation in i18n.words(language).messages.items():
        for text in [translation] if isinstance(translation, str) else translation:
            assert not [word for word in other_words if word in text.lower()], message


@pytest.mark.parametrize("name", ["Sector", "SectorCategory"])
def test_every_sector_has_a_spanish_name(name: str) -> None:
    english, spanish = names_of(name, withdrawn=True), sectors_in(name, "es")
    assert set(english) == set(spanish)
    assert all(text == text.strip() and text[0].isupper() for text in spanish.values())
    assert not [code for code, text in spanish.items() if text == english[code] and len(text) > len("Biomasa")]


def test_pages_name_codes_that_nobody_is_to_choose_any_more() -> None:
    root = Path(i18n.__file__).parents[1] / "web"
    lacking = [
        (str(path.relative_to(root)), node.lineno)
        for path in sorted(root.rglob("*.py"))
        # what can be chosen
        if path.name != "offers.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "names_of"
        if "withdrawn" not in {each.arg for each in node.keywords}
    ]
    assert lacking == []
    assert sector_names(i18n.words("en"))["230"] == "ENERGY GENERATION AND SUPPLY"
    assert sector_names(i18n.words("es"))["430"] == "Otras actividades multisectoriales"


#: what is called alike in two languages, or by its name alone
_ALIKE = {
    "Bilateral", "AidData", "Regional", "National", "Agro-industries", "Prisons", "Police", "Culture", "Nutrition",
    "Immigration", "Privatisation", "Communications", "Agriculture", "Construction", "Conditions", "Population",
    "Finalisation", "Budget",
    "Asia, regional", "Melanesia, regional", "Micronesia, regional",
}  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "es"])
@pytest.mark.parametrize(
    "name",
    [
        "ActivityScope", "ActivityStatus", "AidType", "CollaborationType", "DocumentCategory", "FlowType", "TiedStatus",
        "FinanceType", "OrganisationType", "OrganisationRole", "Region", "RegionVocabulary", "SectorVocabulary",
        "SectorCategory", "Sector", "TransactionType", "PolicyMarker", "PolicySignificance", "UNSDG-Goals",
        "EarmarkingCategory", "EarmarkingModality", "Language",
    ],
)  # fmt: skip
def test_what_pages_show_of_a_codelist_has_words_of_the_language(name: str, language: str) -> None:
    words = i18n.words(language)
    english, own = names_of(name, withdrawn=True), names_of(name, language, withdrawn=True)
    lacking = {
        code: text
        for code, text in own.items()
        if text == english[code] and words.gettext(text) == text and text not in _ALIKE
    }
    # there are languages that the world knows by one name
    assert len(lacking) <= (60 if name == "Language" else 0), lacking


def test_forms_that_change_something_are_called_alike_in_spanish() -> None:
    messages = i18n.words("es").messages
    titles = [text for message, text in messages.items() if re.fullmatch(r"Change (the|an?) \w+", message)]
    assert titles
    assert {str(text).partition(" ")[0] for text in titles} == {"Modificar"}
    assert messages["none yet"] == "por definir"


def test_a_person_chooses_a_language_and_keeps_it(light_api: Api) -> None:
    anna = signed_in(light_api, Role.OFFICER, language="es")
    assert '<html lang="es">' in anna.get("/projects").text
    assert anna.post("/language", data={"language": "fr", "to": "/projects"}).headers["location"] == "/projects"
    page = anna.get("/projects").text
    assert '<html lang="fr">' in page
    assert "<h1>Portefeuille</h1>" in page
    anna.cookies.delete("earmark-language")
    assert '<html lang="fr">' in anna.get("/projects").text


def test_a_choice_is_told_in_the_language_to_its_last_word(light_api: Api) -> None:
    refused = signed_in(light_api, Role.VIEWER, language="fr").get("/projects?status=wandering")
    assert refused.status_code == 422
    assert "&#39;cancelled&#39; ou &#39;suspended&#39;" in refused.text
    assert (
        light_api.client()
        .get("/projects", params={"status": "x"})
        .json()["errors"][0]["message"]
        .endswith("'cancelled' or 'suspended'.")
    )


def test_a_stranger_is_spoken_to_as_the_browser_asks(light_api: Api) -> None:
    for asked, spoken in (("fr-CH, fr;q=0.9, en;q=0.8", "fr"), ("de, es;q=0.5", "es"), ("", "en"), ("xx;q=no", "en")):
        assert f'<html lang="{spoken}">' in stranger(light_api, asked).get("/sign-in").text


def test_numbers_and_days_are_written_as_people_write_them() -> None:
    french, spanish, english = (i18n.words(language) for language in ("fr", "es", "en"))
    amount = Decimal("1234567.50")
    assert english.amount(amount, "USD") == "1,234,567.50 USD"
    assert french.amount(amount) == "1\u202f234\u202f567,50"
    assert spanish.amount(amount) == "1.234.567,50"
    assert french.day("2026-03-01") == "1er mars 2026"
    assert (
        french.said(Told("%(sum)s of %(what)s", sum=Figure("1234.50"), what=Told("Project")))
        == "1\u202f234,50 of Projet"
    )
    assert (french.percent("60"), english.percent("60")) == ("60\u00a0%", "60%")


@pytest.mark.parametrize(
    "kept",
    [
        "https://example.org/2026-10-31/report.pdf",
        "https://example.org/a;2026-10-31",
        "https://example.org/r(2026-10-31).pdf",
        "XM-DAC-7-2026-10-31",
        "D:2026-10-31",
        "NLD.2026-10-31",
        "2026-10-31.csv",
        "?day=2026-10-31",
        "“Minutes 2026-10-31 final.pdf”",
        "“2026-10-31”",
        "'2026-10-31'",
        "2026-10-31..2026-12-31",
        "2026-10-31...2026-12-31",
    ],
)
def test_a_day_is_written_out_where_it_is_a_word_and_nowhere_else(kept: str) -> None:
    told = f"It ended on 2026-10-31 (or 2026-10-31); see {kept}, or 2026-10-31."
    french = told.replace("on 2026-10-31", "on 31 oct. 2026").replace("or 2026-10-31", "or 31 oct. 2026")
    assert with_days(told, i18n.words("fr")) == french


def test_no_line_ends_before_the_sign_of_a_percentage_and_what_is_filled_in_is_no_sign() -> None:
    for language in OTHERS:
        for message in i18n.words(language).messages.values():
            for text in [message] if isinstance(message, str) else message:
                assert not re.search(r" %(?!\()", text), text
    told = Told("of %(share)s %% and of %(name)s", share=Figure("7.5"), name="X")
    assert i18n.words("en").said(told) == "of 7.5\u00a0% and of X"


def test_french_has_the_apostrophe_of_printers() -> None:
    straight = [
        text
        for message in i18n.words("fr").messages.values()
        for text in ([message] if isinstance(message, str) else message)
        if re.search(r"\w'\w", text)
    ]
    assert straight == []


@pytest.mark.parametrize(
    ("count", "said"),
    [(None, ""), (999, "1\u00a0ko"), (12_753, "12,8\u00a0ko"), (792_926, "793\u00a0ko"), (2_500_000, "2,5\u00a0Mo")],
)
def test_a_small_file_is_not_told_to_be_empty(count: int | None, said: str) -> None:
    assert i18n.words("fr").size(count) == said


def test_a_list_that_is_cut_says_how_many_are_left_out_in_the_language() -> None:
    remark = "Indicators whose target does not say what it counts: 1.1.1, 1.1.2 and 69 more."
    told = definitions.defined(remark, i18n.words("fr"))
    assert "1.1.1, 1.1.2 et 69 de plus" in told
    assert 'lang="en"' not in told
    slow = (
        "X/1: 41.5 % is delivered when 90.68 % of the time has passed; at this pace it will be 45.00 % and below 70 %."
    )
    assert "41,5\u00a0% sont exécutés" in definitions.defined(slow, i18n.words("fr"))


def test_the_hints_of_the_form_of_users_are_translated() -> None:
    hints = [field.description for field in UserIn.model_fields.values() if field.description]
    assert hints
    assert [hint for hint in hints if not i18n.words("es").knows(hint)] == []


def test_the_state_of_an_evaluation_agrees_with_its_noun() -> None:
    for language, said in (("es", ["Prevista", "Divulgada"]), ("fr", ["Prévue", "Publiée"])):
        words = i18n.words(language)
        states = EvaluationStatus.PLANNED, EvaluationStatus.DISCLOSED
        assert [words.ladder(each) for each in states] == said
        assert words.gettext("Planned dates") != "Planned dates"


def test_the_start_page_says_what_each_part_is_in_the_language(light_api: Api) -> None:
    for language in ("fr", "es"):
        page = stranger(light_api, language).get("/").text
        assert [part.about for part in root.parts("") if part.about.partition("`")[0] in page] == []
        assert "<code>earmark token create NAME</code>" in page


def test_a_target_that_the_list_has_in_english_alone_is_marked_so(light_api: Api) -> None:
    with light_api.database.write("tests") as session:
        portfolio.set_up(session)
        key = portfolio.project(session, "P1", sdg=["8.8", "8"]).id
    pages = {language: signed_in(light_api, name=language, language=language).get(f"/projects/{key}").text
             for language in ("en", "fr", "es")}  # fmt: skip
    assert '<span lang="en">8.8 · ' in pages["es"]
    assert "8 · Objetivo 8." in pages["es"]
    assert [language for language in ("en", "fr") if '<span lang="en">8' in pages[language]] == []


def test_programs_are_told_the_names_of_a_list_in_spanish(light_api: Api) -> None:
    found = light_api.client(Role.OFFICER).get("/codelists/SectorCategory", params={"lang": "es", "q": "430"})
    assert found.status_code == 200, found.text
    assert found.json()["items"] == [{"code": "430", "name": "Otras actividades multisectoriales"}]


@pytest.mark.parametrize(("language", "fact"), [("fr", "aucun pour l’instant"), ("es", "ninguno por ahora")])
def test_what_is_no_task_is_not_said_to_be_one(language: str, fact: str) -> None:
    assert i18n.words(language).gettext("none so far") == fact
    page = (Path(i18n.__file__).parents[1] / "web/templates/evaluations/evaluation.html").read_text("utf-8")
    for label in ("Projects", "Money set aside"):
        (line,) = [each for each in page.splitlines() if f'<dt>{{{{ _("{label}") }}}}</dt>' in each]
        assert '_("none so far")' in line
        assert '_("none yet")' not in line
