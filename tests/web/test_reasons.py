"""Reasons of the rules, as people of each language read them."""

import pytest

from app.language.i18n import words
from app.language.reasons import missing_in_words, reason_in_words, with_days
from app.publishing import sentences

REASON = (
    "mid-term, internal: runs 2023-03-01 to 2026-12-31, over 30 months; budget US$ 2,411,454 (original 2023-02-20) is "
    "over US$ 1 m and at most US$ 5 m; half-way from 2023-03-01 to 2026-12-31; rule default/large-long-mid-term, x/y-z"
)


ENGLISH = (
    "Mid-term, internal: runs 1 Mar 2023 to 31 Dec 2026, over 30 months; budget US$ 2,411,454 (original, 20 Feb 2023) "
    "is over US$ 1 m and at most US$ 5 m; half-way from 1 Mar 2023 to 31 Dec 2026"
)
FRENCH = (
    "À mi-parcours, interne\u00a0: du 1er mars 2023 au 31 déc. 2026, plus de 30 mois\u00a0; budget de "
    "2\u202f411\u202f454 USD (initiale, 20 févr. 2023)\u00a0: plus de 1\u202f000\u202f000 USD et au plus "
    "5\u202f000\u202f000 USD\u00a0; à mi-chemin entre le 1er mars 2023 et le 31 déc. 2026"
)
CONVERTED = "final, independent: budget EUR 5.5 m = US$ 6.05 m (revised 2024-06-01, rate of that day) is over US$ 5 m"
SPANISH = (
    "Final, independiente: presupuesto de 5.500.000 EUR = 6.050.000 USD (revisada, 1 jun 2024): más de 5.000.000 USD"
)


@pytest.mark.parametrize(("language", "said"), [("en", ENGLISH), ("fr", FRENCH)])
def test_a_reason_is_told_in_the_language_of_the_person(language: str, said: str) -> None:
    assert reason_in_words(REASON, words(language)) == said
    assert said.endswith(reason_in_words(REASON, words(language), facts=True))


def test_an_amount_is_written_as_the_language_writes_it() -> None:
    """No sign before the figure, and no “m” for millions, where nobody reads them so."""
    assert reason_in_words(CONVERTED, words("es")) == SPANISH
    assert reason_in_words(CONVERTED, words("en")) == CONVERTED.replace("final", "Final").replace(
        "2024-06-01, rate of that day", "1 Jun 2024"
    ).replace("(revised ", "(revised, ")


def test_what_the_cycle_asks_for_is_told_with_the_evaluation_that_has_it() -> None:
    said = reason_in_words(
        "final, self: ends 2008-12-31; at least one independent evaluation in the cycle: final EV-9 was done on "
        "2009-03-05",
        words("fr"),
    )
    assert said == (
        "Finale, auto-évaluation\u00a0: se termine le 31 déc. 2008\u00a0; au moins une évaluation du cycle doit être "
        "indépendante\u00a0: finale EV-9, faite le 5 mars 2009"
    )


def test_what_has_no_known_form_stays_with_its_days_as_people_write_them() -> None:
    english = words("en")
    assert reason_in_words("final, self: somebody said so on 2026-01-05", english) == (
        "Final, self: somebody said so on 5 Jan 2026"
    )
    assert with_days("due 2026-02-30 or 2026-02-03", english) == "due 2026-02-30 or 3 Feb 2026"
    assert missing_in_words("whether the evaluation plan foresees a mid-term; end date", words("es")) == (
        "si el plan de evaluación prevé una evaluación intermedia, fecha de fin"
    )


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (
            (
                "actual end date added (2026-03-31); country KE (Kenya) removed; transaction of 2026-02-30 changed: "
                "amount from 10 to 12 (3 times)"
            ),
            (
                "ajout\u00a0: date de fin réelle (31 mars 2026); retrait\u00a0: pays KE (Kenya); changement\u00a0: "
                "transaction du 2026-02-30, montant de 10 à 12 (3 fois)"
            ),
        ),
        (
            "The percentage “1; 2” of the sector is not between 0 and 100. Correct it.",
            "Le pourcentage «\u00a01; 2\u00a0» du secteur n’est pas entre 0 et 100. Corrigez-le.",
        ),
        ("somebody's own words of 2026-01-05: secret", "somebody's own words of 5 janv. 2026: secret"),
    ],
)
def test_what_releases_and_the_standard_say_is_known_again(kept: str, said: str) -> None:
    assert sentences.said(kept, words("fr")) == said


def test_what_a_person_typed_is_no_change_of_a_record() -> None:
    french = words("fr")
    assert sentences.said("title changed in fr", french) != "title changed in fr"
    for typed in ("Document removed", "The partner's logo removed", "wording added"):
        assert sentences.said(typed, french) == typed
