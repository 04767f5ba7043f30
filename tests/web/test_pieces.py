"""No sentence in French or Spanish has words of English in its middle: it is whole, or stays English and is marked."""

import re

import pytest
from sqlmodel import SQLModel

from app.db.archiving import noun_of
from app.domain.terms import AllocationKind
from app.language import i18n
from app.language.heard import WORDS
from app.tabular.cells import CellKind
from app.tabular.columns import Form
from app.web import definitions
from app.web.catalogue.written import in_pieces, of_source, staying, written

OTHERS = sorted(set(i18n.LANGUAGES) - {i18n.USUAL})
_SOURCE = """
def check(row, count, codes):
    day = "" if row.day is None else f" on {row.day}"
    yield f"The project {row.code} was archived{day}: restore it first."
    told = f"{count} dataset{'' if count == 1 else 's'}"
    yield f"The organisation {row.name} has {told} in the registry."
    yield f"The records {_records(count)} mended by the import."
    yield f"The budget has {'lines but no total' if row.total is None else 'no period'}; it is left out."
    known = ", ".join(codes) or "none"
    named = ", ".join(codes) + (f" and {count} more" if count else "")
    yield f"There is no such policy in this database (in use: {known})."
    yield f"Nobody has noted the problem of these projects: {named}."

def _records(count):
    return "record was" if count == 1 else "records were"
"""


def test_a_sentence_that_is_filled_with_words_of_english_is_left_in_english() -> None:
    assert list(in_pieces(_SOURCE)) == [
        "The project %(code)s was archived%(day)s: restore it first.",
        "The organisation %(name)s has %(told)s in the registry.",
        "The records %(count)s mended by the import.",
        "The budget has %(part)s; it is left out.",
    ]
    assert list(of_source(_SOURCE)) == [
        "There is no such policy in this database (in use: %(known)s).",
        "Nobody has noted the problem of these projects: %(named)s.",
    ]


def test_no_sentence_of_the_rooms_is_filled_with_words_of_english() -> None:
    assert list(staying()) == []


def test_no_two_parts_touch_since_nobody_could_tell_where_the_first_ends() -> None:
    assert [form for form in written() if re.search(r"\)s%\(", form)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_filled_in_as_a_word_is_one_of_the_catalogue(language: str) -> None:
    words = i18n.words(language)
    kept = [noun_of(name) for name, row in SQLModel.metadata.tables.items() if "archived_at" in row.columns]
    assert len(kept) > 30
    for term in (*kept, *CellKind, *Form, *AllocationKind):
        assert words.messages.get(i18n.spelled(str(term))), term
    for word in WORDS:
        assert words.knows(word), word


@pytest.mark.parametrize(
    ("told", "french", "spanish"),
    [
        (
            "The schedule of reports 7 was archived on 2026-03-01: restore it first.",
            "Archivé le 1er mars 2026 : calendrier des rapports 7 ; rétablissez d’abord cette fiche.",
            "Archivado el 1 mar 2026: calendario de informes 7; restaure primero esta ficha.",
        ),
        (
            "The unit ROAF was archived: restore it first.",
            "Archivé : unité ROAF ; rétablissez d’abord cette fiche.",
            "Archivado: unidad ROAF; restaure primero esta ficha.",
        ),
        (
            "Row 2 has the same document: keep one of the two.",
            "La ligne 2 a la même clé (document) : gardez l’une des deux.",
            "La fila 2 tiene la misma clave (document): deje una de las dos.",
        ),
        (
            (
                "Row 2 has the same project: keep one of the two. Where both count, give this one a code of its own, "
                "such as R1-4."
            ),
            (
                "La ligne 2 a la même clé (project) : gardez l’une des deux. Si les deux comptent, donnez à celle-ci "
                "une valeur propre (code), par exemple R1-4."
            ),
            (
                "La fila 2 tiene la misma clave (project): deje una de las dos. Si cuentan ambas, dé a esta un valor "
                "propio (código), por ejemplo R1-4."
            ),
        ),
        (
            "ACME has 3 datasets in the registry.",
            "ACME a 3 jeux de données dans le registre.",
            "ACME tiene 3 conjuntos de datos en el registro.",
        ),
        (
            "An allocation of 1000.00 USD has no period; it is left out. Allocate it to a period.",
            "Une allocation de 1 000,00 USD n’a pas de période ; elle est omise. Allouez-la à une période.",
            "Una asignación de 1.000,00 USD no tiene período; se omite. Asígnela a un período.",
        ),
        (
            "There is no policy x in this database (in use: none).",
            "Il n’y a pas de politique x dans cette base (en usage : aucun).",
            "No hay ninguna política x en esta base de datos (en uso: ninguno).",
        ),
        (
            (
                "1 transaction of the file stands beside those that were entered here, which no file takes away: look "
                "whether it is told twice, and correct that here."
            ),
            (
                "1 transaction du fichier s’ajoute à celles qui ont été saisies ici, qu’aucun fichier ne retire : "
                "voyez si elle est dite deux fois, et corrigez-le ici."
            ),
            (
                "1 transacción del archivo se suma a las que se introdujeron aquí, que ningún archivo retira: mire si "
                "consta dos veces, y corríjalo aquí."
            ),
        ),
    ],
)
def test_a_sentence_is_said_whole(told: str, french: str, spanish: str) -> None:
    for language, said in (("fr", french), ("es", spanish)):
        found = definitions.told(told, i18n.words(language))
        assert found is not None
        assert re.sub("[\u00a0\u202f]", " ", found) == said


#: what is called by one word wherever it stands: language, what the English names, and a word that says another thing
_OF_ONE_WORD = (
    # who heads a unit is called that
    ("fr", r"\b[Oo]fficers?\b", r"\bresponsables?\b"),
    ("es", r"\b[Oo]fficers?\b", r"\bresponsables?\b"),
    ("fr", r"\breleases?\b", r"\b(?:une|de|la) (?:nouvelle )?publications? (?:nouvelle|que|s’est)"),
    ("es", r"\breleases?\b", r"\b(?:una|de|la) publicaci(?:ón|ones) (?:nueva|que|murió)"),
    ("fr", r"\b[Tt]ransactions?\b", r"\bopérations?\b"),
    ("es", r"\bmapping\b", r"\bmapping\b"),
    ("fr", r"IATI", r"IITA"),
    ("es", r"[Ll]iving wage", r"digno"),
    # the registry and the register of risks are called that
    ("es", r"\b[Rr]ecords?\b(?!.*\bregist(?:er|ry|ries|ers)\b)", r"\bregistros?\b"),
    ("es", r"\blog\b", r"\bregistros?\b"),
    # the last day is one of those that are meant
    ("fr", r"\bby (?:%\(\w+_on\)s|May)", r"\bavant (?:le|mai)\b"),
    ("es", r"\bby (?:%\(\w+_on\)s|May)", r"\bantes de"),
    ("fr", r"\bpublished from here\b", r"d’ici"),
)


@pytest.mark.parametrize(("language", "named", "otherwise"), _OF_ONE_WORD)
def test_a_thing_is_called_by_one_word(language: str, named: str, otherwise: str) -> None:
    messages = i18n.words(language).messages
    found = {message: said for message, said in messages.items() if isinstance(said, str) and re.search(named, message)}
    assert found
    assert {message: said for message, said in found.items() if re.search(otherwise, said)} == {}


def test_one_and_more_are_said_of_any_number() -> None:
    french = i18n.words("fr")
    said = definitions.told("Loaded totals without records, in no sum: A, B and 1 more.", french)
    assert said is not None
    assert said.replace("\u00a0", " ") == ("Totaux chargés sans fiches, dans aucune somme : A, B et 1 de plus.")
