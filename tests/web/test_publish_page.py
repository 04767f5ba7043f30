"""Publishing as a page: numbered steps, one button each, for publishers only."""

import re

from app.db.publishing import ReleaseLine
from app.domain.terms import Role
from tests.api import Api
from tests.web import example
from tests.web.people import signed_in


def states(page: str) -> list[str]:
    return re.findall(r'<li class="(\w+)"><a href="#step-', page)


def test_a_release_goes_from_step_to_step_and_back(light_api: Api) -> None:
    example.fill(light_api)
    for role in (Role.OFFICER, Role.VIEWER):
        other = signed_in(light_api, role, name=f"{role.value}-2")
        assert other.get("/publish").status_code == 403
        assert other.post("/publish/prepare").status_code == 403
    paul = signed_in(light_api, Role.PUBLISHER, name="paul")
    assert states(paul.get("/publish").text) == ["now", *["waiting"] * 5]
    assert "There is no release yet" in paul.get("/publish/releases").text
    assert paul.post("/publish/prepare", data={"note": "First"}).status_code == 303
    page = paul.get("/publish").text
    assert "Release 1 is prepared. Nothing is public yet." in page
    assert states(page) == ["done", "done", "done", "now", "waiting", "waiting"]
    assert paul.post("/publish/releases/1/publish").status_code == 409
    assert paul.post("/publish/releases/1/accept", data={"reason": "x"}).status_code == 422
    assert paul.post("/publish/releases/1/approve").status_code == 303
    assert states(paul.get("/publish").text)[3:5] == ["done", "now"]
    assert paul.post("/publish/releases/1/publish").status_code == 303
    page = paul.get("/publish").text
    assert "Release 1 is published." in page
    assert "xx-own-activities" in page
    assert light_api.stranger().get("/iati/xx-own-activities.xml").status_code == 200
    assert paul.get("/publish/releases/1").status_code == 200
    assert paul.get("/publish/releases/9").status_code == 404
    assert paul.post("/publish/look").status_code == 200
    assert paul.post("/publish/releases/1/withdraw", data={"reason": " "}).status_code == 422
    assert paul.post("/publish/releases/1/withdraw", data={"reason": "By mistake"}).status_code == 303
    assert light_api.stranger().get("/iati/xx-own-activities.xml").status_code == 410


def test_a_reason_that_was_typed_is_there_again_when_nothing_was_chosen_to_vanish(light_api: Api) -> None:
    example.fill(light_api)
    paul = signed_in(light_api, Role.PUBLISHER, name="paul")
    assert paul.post("/publish/prepare").status_code == 303
    with light_api.database.write("tests") as session:
        gone = ReleaseLine(release_id=1, ordinal=1000, kind="vanishing", subject="XX-1", words="Nobody knows it here.")
        session.add(gone)
    (line,) = re.findall(r'name="line" value="(\d+)"', paul.get("/publish").text)
    accept = "/publish/releases/1/accept"
    refused = paul.post(accept, data={"reason": "It was asked for"})
    assert (refused.status_code, "<title>Fault:" in refused.text) == (422, True)
    assert 'href="#f-line"' in refused.text
    assert 'value="It was asked for"' in refused.text
    # more digits than numbers are read from are no line
    for digits in ("9" * 5000, "9" * 20):
        assert paul.post(accept, data={"line": digits, "reason": "It was asked for"}).status_code == 422
    nothing_said = paul.post(accept, data={"line": line, "reason": " "})
    assert (nothing_said.status_code, 'href="#f-reason"' in nothing_said.text) == (422, True)
    assert f'name="line" value="{line}" checked' in nothing_said.text
    assert paul.post(accept, data={"line": line, "reason": "It was asked for"}).status_code == 303


def test_what_is_remarked_of_a_publication_stands_on_its_page_in_the_language(light_api: Api) -> None:
    example.fill(light_api)
    result = {"project": "RAF/1", "result": "Water for all", "type": "outcome", "indicators": []}
    made = light_api.client().post("/results", json=result)
    assert made.status_code == 201, made.text
    for language, told in (
        ("en", "The result “Water for all” is left out: add an indicator, which it must have."),
        ("fr", "Le résultat « Water for all » est omis : ajoutez un indicateur, il en faut un."),
        ("es", "El resultado «Water for all» se omite: añada un indicador, que debe tener."),
    ):
        officer = signed_in(light_api, Role.OFFICER, name=f"o-{language}", language=language)
        page = " ".join(officer.get("/projects/1/publication").text.split())
        assert told in page, language
        assert f'<span lang="en">{told}' not in page
