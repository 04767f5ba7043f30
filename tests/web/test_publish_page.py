"""Publishing as a page: numbered steps, one button each, for publishers only."""

import re

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
