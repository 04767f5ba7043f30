"""A policy is written on its page: checked, compared with those in use, stored, changed and taken out of force."""

from html import unescape

from app.domain.terms import Role
from tests.api import Api
from tests.http.authority import POLICY
from tests.web import example
from tests.web.people import signed_in

EXTERNAL = POLICY.replace("independence: self", "independence: external")
WRONG = POLICY.replace("kind: final", "kind: finale")


def test_a_policy_is_looked_at_before_it_is_stored(light_api: Api) -> None:
    example.fill(light_api)
    evaluator, admin = signed_in(light_api, Role.EVALUATOR, name="eve"), signed_in(light_api, Role.ADMIN, name="adam")

    refused = evaluator.post("/admin/policies/new", data={"document": WRONG, "what": "check"})
    assert refused.status_code == 422
    assert [text in refused.text for text in ("Line 6", "finale")] == [True, True]
    compared = evaluator.post("/admin/policies/new", data={"document": EXTERNAL, "what": "compare"}).text
    assert [text in compared for text in ("can be stored", "1 running project was looked at", "Wells")] == [True] * 3
    assert 'value="store"' not in compared
    assert evaluator.post("/admin/policies/new", data={"document": POLICY, "what": "store"}).status_code == 403

    # the same over HTTP
    program = light_api.client()
    checked = program.post("/policies/check", json={"document": WRONG}).json()
    assert (checked["loadable"], [each["line"] for each in checked["findings"]]) == (False, [6])
    found = program.post("/policies/compare", json={"document": EXTERNAL, "most": 1}).json()
    assert (found["policy"], found["looked_at"], [each["project"] for each in found["projects"]]) == (
        "new",
        1,
        ["RAF/1"],
    )
    rest = program.post("/policies/compare", json={"document": EXTERNAL, "after": found["next"]}).json()
    assert (rest["looked_at"], rest["next"], rest["projects"]) == (0, None, [])
    assert program.post("/policies/compare", json={"document": WRONG}).status_code == 422

    first = admin.post("/admin/policies/new", data={"document": POLICY, "what": "store", "_once": "1"})
    again = admin.post("/admin/policies/new", data={"document": POLICY, "what": "store", "_once": "1"})
    assert (first.status_code, again.headers["location"]) == (303, first.headers["location"])
    second = admin.post("/admin/policies/new", data={"document": EXTERNAL, "what": "store", "_once": "2"})
    shown = admin.get(second.headers["location"]).text
    assert [text in shown for text in ("What changed in this version", "independence: self")] == [True, True]
    assert admin.post(f"{second.headers['location']}/retire", data={"_once": "3"}).status_code == 303
    assert "Retired" in admin.get(second.headers["location"]).text


IN_WORDS = """
policy: words
title: Words
in_force: {from: 2020-01-01}
source: A test
confidence: stated
rules:
  - id: large
    when:
      budget: {currency: USD, basis: revised, over: 1000000, at_most: 5000000}
      duration_months: {at_least: 18}
      pilot: true
      phase_at_least: 2
      funding: [thematic-fund]
    require: {kind: final, independence: independent}
    source: section 3.1
    confidence: inferred
  - id: all
    require: {kind: mid-term, mode: if-agreed, independence: internal}
    source: section 3.2
    confidence: stated
duties:
  - id: thematic
    title: One theme a year
    obliges: theme
    codes: [Skills]
    every: year
    times: 2
    require: {kind: thematic, independence: independent}
    source: section 4
    confidence: stated
"""


def test_the_rules_of_a_policy_are_told_in_words_beside_its_text(light_api: Api) -> None:
    example.fill(light_api)
    admin = signed_in(light_api, Role.ADMIN, name="adam")
    stored = admin.post("/admin/policies/new", data={"document": IN_WORDS, "what": "store", "_once": "1"})
    assert stored.status_code == 303, stored.text
    told = {
        "en": (
            "Budget over US$\u00a01\u00a0m and at most US$\u00a05\u00a0m",
            "runs at least 18 months", "a pilot", "phase 2 or a later one",
            "funded by: thematic fund", "Every project", "If agreed", "Inferred", "One theme a year", "× 2",
        ),
        "fr": (
            "Budget\u00a0: plus de 1\u202f000\u202f000\u00a0USD et au plus 5\u202f000\u202f000\u00a0USD",
            "durée en mois\u00a0: au moins 18", "projet pilote", "phase 2 ou ultérieure",
            "financé par\u00a0: fonds thématique", "Tout projet", "Si convenu", "Déduit",
        ),
        "es": (
            "Presupuesto: más de 1.000.000\u00a0USD y a lo sumo 5.000.000\u00a0USD", "duración en meses: al menos 18",
            "proyecto piloto", "fase 2 o posterior", "financiado con: fondo temático", "Todos los proyectos",
        ),
    }  # fmt: skip
    for language, sentences in told.items():
        viewer = signed_in(light_api, Role.VIEWER, name=language, language=language)
        page = unescape(viewer.get(stored.headers["location"]).text)
        assert [each for each in sentences if each not in page] == []
        # and the text as it was written
        assert "duration_months: {at_least: 18}" in page


def test_a_text_with_a_character_that_nothing_holds_is_shown_again_with_what_to_do(light_api: Api) -> None:
    example.fill(light_api)
    admin = signed_in(light_api, Role.ADMIN, name="ada")
    for what in ("check", "compare", "store"):
        answer = admin.post("/admin/policies/new", data={"document": "policy: mine\x00\n", "what": what, "_once": what})
        assert answer.status_code == 422
        assert "The character U+0000 cannot be kept in XML: take it out." in answer.text
        assert "policy: mine" in answer.text.partition("<textarea")[2]
