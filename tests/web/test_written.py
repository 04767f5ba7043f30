"""What rooms write themselves, mostly faults, is known again on pages and said in the language of the person."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from markupsafe import Markup, escape

import app
from app.domain.advice import amount_advice
from app.domain.notation import beyond_minor_units, read_day, read_number, thousands_meant
from app.domain.periods import FiscalCalendar, PeriodError
from app.domain.terms import Role
from app.domain.written_periods import parse_period
from app.language import i18n
from app.language.heard import EXPECTED
from app.publishing import sentences
from app.sentences import FORMS
from app.web import definitions
from app.web.catalogue.written import of_source, with_options, written
from app.web.labels import labelled
from app.web.views import sheets
from tests.api import Api
from tests.web import example
from tests.web.people import signed_in

APP = Path(app.__file__).parent
_SOURCE = '''
"""A docstring is no sentence of a fault."""
def check(project, day):
    log.info(f"The project {project.code} was looked at on {day}.")
    yield Told("The project %(code)s is told otherwise.", code=project.code)
    yield f"There is no project {project.code}."
    yield f"{project.code} grew by 5 % before {project.start} and after {later(day)} it did not."
    yield "Write the day as it stands in the calendar."
    yield "too short"
'''


def test_sentences_are_found_with_names_where_something_is_filled_in() -> None:
    assert list(of_source(_SOURCE)) == [
        "There is no project %(which)s.",
        "%(code)s grew by 5 %% before %(start)s and after %(day)s it did not.",
        "Write the day as it stands in the calendar.",
    ]


@pytest.mark.parametrize("language", sorted(set(i18n.LANGUAGES) - {i18n.USUAL}))
def test_every_sentence_of_a_room_is_said_in_the_language(language: str) -> None:
    words = i18n.words(language)
    forms = list(written())
    assert len(forms) > 600
    kinds = {
        "day": "2026-01-31",
        "count": "3",
        "rate": "7",
        "share": "7",
        "points": "7",
        "years": "2026-27",
        "iso": "KE",
        "noun": "project",
    }
    for form in forms:
        parts = {name: kinds.get(name, "X1") for name in re.findall(r"%\((\w+)\)s", form)}
        assert definitions.told(form % parts if parts else form, words) is not None, form


def test_what_is_filled_in_is_written_as_people_write_it() -> None:
    told = "The shares of the agreement would make 1250.50 of 1000 USD: 20 is left."
    assert definitions.told(told, i18n.words("es")) == (
        "Las partes del acuerdo sumarían 1.250,50 de 1.000 USD: quedan 20."
    )
    early = "planned_end (2026-01-01) is before planned_start (2026-02-01): correct one of them."
    assert "(1er janv. 2026)" in str(definitions.told(early, i18n.words("fr")))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("“due” is 5; expected a date such as 2005-12-01", "«due» es 5; se esperaba una fecha como 2005-12-01"),
        ("KEN is not on the codelist Country: is KE (Kenya) meant?", "¿se trata de KE (Kenya)?"),
        ("rule x ends before it is valid", "la regla x termina antes de valer"),
    ],
)
def test_what_the_checker_and_the_codelists_tell_is_said_as_well(told: str, said: str) -> None:
    assert said in str(definitions.told(told, i18n.words("es")))


def test_lists_of_currencies_are_said_in_the_language() -> None:
    words = i18n.words("fr")
    told = (
        "The name of the column tells amounts in CHF or EUR or GBP, and the row is in USD: say in the mapping where "
        "the currency stands, or rename the column."
    )
    assert "des montants en CHF ou EUR ou GBP, et la ligne est en USD" in str(definitions.told(told, words))
    told = (
        "The names of the columns tell amounts in EUR, USD, which make no balance: keep each currency in rows of "
        "its own."
    )
    assert "des montants en EUR, USD, ce qui" in str(definitions.told(told, words))


def test_no_page_tells_a_pattern_of_programs() -> None:
    rooms = [*APP.rglob("schemas*.py"), APP / "inputs.py", APP / "results" / "records.py"]
    patterns = [each for path in rooms for each in re.findall(r'pattern=r?"([^"]+)"', path.read_text())]
    assert len(patterns) > 10
    # of a view only programs send it
    assert {each for each in patterns if each not in FORMS} <= {r"^[a-z]{1,30}(/[a-z-]{1,30})?$"}


def test_a_form_tells_its_faults_in_french_and_marks_no_english(light_api: Api) -> None:
    example.fill(light_api)
    olga = signed_in(light_api, Role.ADMIN, name="olga", language="fr")
    typed = {
        "code": "RAF/2", "title": "Wells\x00", "status": "implementation", "unit": "NOWHERE",
        "planned_start": "2027-01-01", "planned_end": "2026-01-01",
    }  # fmt: skip
    page = olga.post("/projects/new", data=typed)
    assert page.status_code == 422
    assert "Le caractère U+0000 ne peut être conservé en XML" in page.text
    page = olga.post("/projects/new", data={**typed, "title": "Wells", "total_budget": "zz"})
    assert "Écrivez le montant en chiffres, par exemple 1234,5." in page.text
    assert 'lang="en"' not in page.text.partition("<main")[2]


@pytest.mark.parametrize(
    "told",
    [
        "The column status is needed.",
        "The workbook is protected with a password: save it without one.",
        "Write the amount in digits, such as 1000.10.",
        "There is no partner NOBODY.",
    ],
)
def test_a_fault_of_a_table_that_is_said_in_the_language_is_not_read_aloud_as_english(told: str) -> None:
    french = i18n.words("fr")
    assert "lang=" not in definitions.spoken(sheets.for_pages(told, french), french)
    assert 'lang="en"' in definitions.spoken(sheets.for_pages("A fault nobody wrote.", french), french)


@pytest.mark.parametrize("language", sorted(set(i18n.LANGUAGES) - {i18n.USUAL}))
def test_whatever_a_table_is_told_with_options_of_a_command_is_said_without_them(language: str) -> None:
    words, found = i18n.words(language), 0
    for path in sorted((APP / "tabular").rglob("*.py")):
        for sentence in with_options(path.read_text(encoding="utf-8")):
            found += 1
            shown = sheets.for_pages(re.sub(r"%\(\w+\)s", "X1", sentence), words)
            assert "--" not in shown, sentence
            assert "lang=" not in definitions.spoken(shown, words), sentence
    assert found >= 8


def test_rows_and_columns_that_make_no_balance_are_told_in_french() -> None:
    told = "Rows 3 to 5 are hidden in the workbook, perhaps by a filter: show what is meant, or say --hidden-rows read."
    assert sheets.for_pages(told, i18n.words("fr")) == (
        "Les lignes 3 à 5 sont masquées dans le classeur, peut-être par un filtre. Affichez-les, ou choisissez "
        "ci-dessous si elles comptent."
    )
    told = "Soll is shown in € and Haben in $, which make no balance: keep each currency in rows of its own."
    assert "Soll est affiché en € et Haben en $" in sheets.for_pages(told, i18n.words("fr"))


def test_what_is_typed_is_not_tried_out_in_all_its_parts() -> None:
    for heard in (i18n.words("fr").written, sentences.HEARD):
        for pattern, form in heard._patterns:
            tried = re.sub(r"\(\?>\(\?P<\w+>\.\*\?\)", "", pattern.pattern).count(".*?")
            # of three one begins with a word of ours, or stands beside the next one
            assert tried <= 3, form


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("There is no project 1.2.", "Il n’y a pas de projet 1.2."),
        # what follows is no part of the key, and has no form of its own
        ("There is no project 7. Nobody wrote this sentence.", None),
        (
            "There is no project raf. Is RAF meant? Capital letters count.",
            "Il n’y a pas de projet raf. S’agit-il de RAF ? Les majuscules comptent.",
        ),
        (
            "There is no unit 7. Is 07 or 007 meant? Capital letters count.",
            "Il n’y a pas d’unité 7. S’agit-il de 07 ou 007 ? Les majuscules comptent.",
        ),
        (
            "Is 07 or 007 meant? A spreadsheet drops zeros at the front: format the column as text.",
            "Est-ce 07 ou 007 ? Un tableur supprime les zéros en tête : mettez la colonne au format texte.",
        ),
        (
            "There is no unit \u0410. Is A meant? It looks the same. The sign “\u0410” here is U+0410 (a).",
            "Il n’y a pas d’unité \u0410. Est-ce A ? L’apparence est la même. Le signe « \u0410 » est ici U+0410 (a).",
        ),
        (
            "The country KE stands twice: keep one with the sum of both.",
            "En double : pays KE ; gardez une seule ligne avec la somme des deux.",
        ),
        (
            "The disk is full: nothing was stored. Free some space and try again.",
            "Le disque est plein : rien n’a été enregistré. Libérez de l’espace et réessayez.",
        ),
        ("There is no agreement A: it counts as own resources of that name until there is one.", None),
        (
            "The agreement is signed: complete or cancel it first.",
            "L’accord est signé : achevez-le ou annulez-le d’abord.",
        ),
        (
            "A project in implementation cannot go to pipeline; it can go to closed, cancelled.",
            "Un projet à l’étape mise en œuvre ne peut passer à en préparation ; il peut passer à clôturé, annulé.",
        ),
    ],
)
def test_keys_are_told_from_sentences_and_terms_are_said_in_the_language(told: str, said: str | None) -> None:
    found = definitions.told(told, i18n.words("fr"))
    assert (None if found is None else found.replace("\u202f", " ").replace("\xa0", " ")) == said


@pytest.mark.parametrize(
    ("room", "form"),
    [
        ("db/engine.py", "The disk is full: nothing was stored. Free some space and try again."),
        ("publishing/exporting/compose.py", "The project has no title."),
        ("publishing/importing/known.py", "This activity is archived here; it was not changed."),
        ("publishing/registering/checking.py", "%(name)s has %(count)s datasets in the registry."),
        ("http/once.py", "This key came with another request before: use a new key for a new request."),
        # what never varies stands in the sentence as it is
        ("domain/outcomes.py", "Write one outcome by its code, or each of several with its percentage, as 1:60|2:40."),
    ],
)
def test_every_room_is_one_whose_sentences_come_to_pages(room: str, form: str) -> None:
    assert form in of_source((APP / room).read_text())
    assert form in set(written())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "“Planned end” (1 Jan 2026) is before “Planned start” (1 Feb 2026): correct one of them."),
        ("fr", "«\u202fFin prévue\u202f» (1er janv. 2026) précède «\u202fDébut prévu\u202f»"),
        ("es", "«Fin previsto» (1 ene 2026)"),
    ],
)
def test_a_fault_at_a_form_calls_fields_as_the_form_does(language: str, said: str) -> None:
    words = i18n.words(language)
    told = "planned_end (2026-01-01) is before planned_start (2026-02-01): correct one of them."
    found = str(labelled(definitions.spoken(told, words), words, {"planned_start", "planned_end"})).replace(
        "\xa0", "\u202f"
    )
    assert said in found, found


@pytest.mark.parametrize(
    "kept",
    [
        # keys, addresses and what is quoted
        "There is no project planned_end-7, “planned_end” or https://example.org/planned_end.",
        "« planned_end » n'est pas un chiffre.",
        "«\u202fplanned_end\u202f» n'est pas un chiffre.",
        '"planned_end" is no figure.',
        "https://example.org/x?a=1&planned_end=2&b=planned_end",
        # a command
        "Run `earmark set planned_end` and look.",
        # names of other fields, and words of lists
        "There is a user due_on already.",
        "A region such as africa or arab_states.",
    ],
)
def test_nothing_but_a_name_of_a_field_gets_a_label(kept: str) -> None:
    for language in i18n.LANGUAGES:
        told = escape(kept)
        assert labelled(told, i18n.words(language), {"planned_end"}) == told


def test_labels_stand_in_text_and_not_in_the_marks_of_a_page() -> None:
    told = Markup('<a href="/x?a=1&amp;planned_end=2" title="planned_end">planned_end &lt;b&gt;</a> and `planned_end`.')
    found = labelled(told, i18n.words("en"), {"planned_end"})
    assert str(found) == (
        '<a href="/x?a=1&amp;planned_end=2" title="planned_end">“Planned end” &lt;b&gt;</a> and “Planned end”.'
    )
    assert labelled(told, i18n.words("en"), ()) == told


def test_a_value_that_reads_as_a_field_stays_as_it_was_typed(light_api: Api) -> None:
    example.fill(light_api)
    olga = signed_in(light_api, Role.ADMIN, name="olga")
    new = {"code": "RAF/9", "title": "Wells", "status": "pipeline", "unit": "planned_end"}
    page = olga.post("/projects/new", data=new | {"_once": "1"})
    assert page.status_code == 422
    assert "planned_end" in re.sub(r"<[^>]*>", "", page.text)
    assert "“Planned end”" not in page.text


def test_a_form_offers_no_english_examples(light_api: Api) -> None:
    example.fill(light_api)
    olga = signed_in(light_api, Role.ADMIN, name="olga", language="fr")
    page = olga.get("/projects/1/transactions/new").text
    assert "Exemple : 12500,5" in page.replace("\xa0", " ").replace("\u202f", " ")
    page = olga.get("/risks/new").text
    assert "Exemple : Des élections sont convoquées de façon anticipée" in page.replace("\xa0", " ")


@pytest.mark.parametrize(
    "asked",
    [
        f"{thousands_meant(Decimal('500.000'), 'USD')}.",
        f"{thousands_meant(Decimal('500.000'), 'JPY')}; or say how the file is written: --grouping .",
        f"{thousands_meant(Decimal('1234.500'), 'USD')}.",
        f"{thousands_meant(Decimal('1234.567'), 'USD')}.",
        f"{thousands_meant(Decimal('1234.567'), 'JPY')}.",
        f"{thousands_meant(Decimal('1.000'), None)}.",
        f"{beyond_minor_units(Decimal('100.5'), 'JPY')}.",
        f"{read_day('03/04/2026').question()}.",  # type: ignore[union-attr]
        f"{read_number('1,234').question()}; or say how the file is written: --decimal ,",  # type: ignore[union-attr]
        *map(amount_advice, ("5 %", "=1+1", "1e3", "n/a", "##", "12345678901234567")),
    ],
)
def test_what_is_asked_back_about_a_figure_or_day_is_said_in_french(asked: str) -> None:
    told = sheets.for_pages(asked, i18n.words("fr"))
    assert told.startswith("«")
    assert not {"can", "mean", "or", "write", "is", "say"} & set(re.findall(r"\w+", told))


@pytest.mark.parametrize("language", ["fr", "es"])
@pytest.mark.parametrize("typed", ["1,234", "100,000", "1,234,567", "2021-01-01", "1 or 2", "none", "2 and 3 more"])
@pytest.mark.parametrize(
    "form",
    [
        "“%(text)s” is not a date of the calendar.",
        "“%(text)s” can mean 12 or 13: write the one that is meant.",
        "“%(written)s” leaves the century open: write the year with four digits.",
        "The project has a result “%(title)s” already.",
        "“%(name)s” is no region: leave the column out, or correct its name.",
    ],
)
def test_what_is_quoted_stays_as_it_was_written(language: str, typed: str, form: str) -> None:
    sentence = form % dict.fromkeys(("text", "written", "title", "name"), typed)
    told = i18n.words(language).written.said(sentence, i18n.words(language))
    assert told != sentence
    assert [each.strip() for each in re.findall("[“«](.*?)[”»]", told)] == [typed]


@pytest.mark.parametrize("text", ["soon", "2026-13"])
@pytest.mark.parametrize("first_month", [1, 7])
def test_how_a_period_is_written_is_said_in_french(text: str, first_month: int) -> None:
    with pytest.raises(PeriodError) as refused:
        parse_period(text, FiscalCalendar(first_month=first_month))
    told = sheets.for_pages(f"{refused.value}.", i18n.words("fr"))
    assert told.startswith("«")
    assert "écrivez 20" in told


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            (
                "ke is not on the codelist Country: is KE (Kenya) meant? "
                "A list is written KE:60|UG:40; what holds | or : itself goes into double quotes."
            ),
            (
                "ke n’est pas dans la liste de codes Country : s’agit-il de KE (Kenya) ? "
                "Une liste s’écrit KE:60|UG:40 ; ce qui contient lui-même | ou : se met entre guillemets doubles."
            ),
        ),
        (
            "There is no project P/1;P/2. A list is written A|B; what holds | or : itself goes into double quotes.",
            (
                "Il n’y a pas de projet P/1;P/2. Une liste s’écrit A|B ; ce qui contient lui-même | ou : se met entre "
                "guillemets doubles."
            ),
        ),
        (
            "Write one of 'pledged', 'signed' or 'completed'.",
            "Écrivez l’une de ces valeurs : 'pledged', 'signed' ou 'completed'.",
        ),
        (
            "“http://[x]” cannot be published: write a web address such as https://www.example.org/report.pdf.",
            "« http://[x] » ne peut être publié : écrivez une adresse web telle que https://www.example.org/report.pdf.",
        ),
        (
            "“Projet” is not a preset offered on 2026-11-27; those that ship are assessed, rbsa.",
            "« Projet » n’est pas un modèle proposé le 27 nov. 2026 ; ceux qui sont fournis sont assessed, rbsa.",
        ),
    ],
)
def test_no_piece_of_a_fault_stays_english_on_a_french_page(fault: str, said: str) -> None:
    told = sheets.for_pages(fault, i18n.words("fr"))
    assert re.sub("[\u00a0\u202f]", " ", told) == said


def test_what_the_standard_expects_is_known_by_its_words() -> None:
    source = (APP.parent / "iati" / "lexical.py").read_text(encoding="utf-8")
    assert set(re.findall(r'LexicalError\([^"\n]*"([^"]+)"\)', source)) == set(EXPECTED)


@pytest.mark.parametrize("language", ["fr", "es"])
def test_amounts_beside_each_other_are_written_alike(language: str) -> None:
    sentence = (
        "The instalments of NLD-1 make 1250000.5 of 1000000.25 USD: amend the agreement, or correct the instalment "
        "that is too much."
    )
    words = i18n.words(language)
    told = words.written.said(sentence, words)
    assert words.number(Decimal("1250000.5")) in told
    assert words.number(Decimal("1000000.25")) in told
