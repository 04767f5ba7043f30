"""A small form that is refused asks once more for all that was typed there, as it asked at first."""

import re
from pathlib import Path

import pytest
from lxml import html

from app.domain.terms import Role
from app.errors import Fault
from app.language import i18n
from app.web import again
from app.web.again import ASKED, asked_again
from tests.api import Api, TestClient
from tests.web import example
from tests.web.people import signed_in

TEMPLATES = Path(again.__file__).parent / "templates"
#: forms that show themselves again
THEMSELVES = (
    "form.html",
    "sign_in.html",
    "policies/write.html",
    "spreadsheets/hand_in.html",
    "projects/corrections.html",
)
_FORM = re.compile(r'<form[^>]*method="post".*?</form>', re.DOTALL)
_FIELD = re.compile(r'<(?:input(?![^>]*type="hidden")|select|textarea)[^>]*? name="([^"{]+)"')


def test_every_field_of_a_small_form_is_known() -> None:
    found = {
        name
        for path in TEMPLATES.rglob("*.html")
        if path.relative_to(TEMPLATES).as_posix() not in THEMSELVES
        for form in _FORM.findall(path.read_text(encoding="utf-8"))
        for name in _FIELD.findall(form)
    }
    # which lines were chosen is kept, and cannot be chosen where they are not seen
    assert found - {"line"} == set(ASKED)


@pytest.mark.parametrize("language", ["fr", "es"])
def test_fields_are_called_as_the_form_calls_them_in_every_language(language: str) -> None:
    words = i18n.words(language)
    for name, asked in ASKED.items():
        assert all(words.knows(text) for text in (asked.label, *(label for _, label in asked.options))), name


def _sent(client: TestClient, address: str, data: dict[str, str]) -> html.HtmlElement:
    answer = client.post(address, data=data)
    assert answer.status_code == 422, answer.text
    return html.fromstring(answer.text)


def _labels(page: html.HtmlElement) -> set[str]:
    return {" ".join(each.text_content().split()) for each in page.xpath("//main//form//label")}


def test_all_faults_are_told_at_once_with_ways_to_their_fields(light_api: Api) -> None:
    example.fill(light_api)
    olga = signed_in(light_api, Role.ADMIN, name="olga", language="fr")
    page = _sent(olga, "/alerts/1/snooze", {"until": "soon", "reason": "x" * 1001})
    (summary,) = page.xpath("//*[@role='alert']")
    assert {each.get("href") for each in summary.xpath(".//a")} == {"#f-until", "#f-reason"}
    assert {each.text_content().partition("\xa0:")[0] for each in summary.xpath(".//a")} == _labels(page)
    assert page.findtext(".//title").startswith("Erreur")
    assert {each.get("id") for each in page.xpath("//*[@aria-invalid]")} == {"f-until", "f-reason"}
    assert page.xpath("//input[@name='until']/@type") == ["date"]
    assert "Until" not in page.text_content()


def test_what_has_no_fault_is_asked_as_well_and_may_have_one_later(light_api: Api) -> None:
    example.fill(light_api)
    olga = signed_in(light_api, Role.ADMIN, name="olga")
    page = _sent(olga, "/alerts/1/snooze", {"until": "2020-01-01", "reason": "On leave"})
    assert page.xpath("//main//input[@name='reason']/@value") == ["On leave"]
    assert not page.xpath("//main//form//input[@type='hidden'][@name='reason']")


def test_a_box_comes_back_as_a_box(light_api: Api) -> None:
    example.fill(light_api)
    olga = signed_in(light_api, Role.ADMIN, name="olga", language="es")
    page = _sent(olga, "/views", {"page": "projects", "name": "Mine", "query": "", "shared": "yes"})
    (box,) = page.xpath("//input[@name='shared']")
    assert (box.get("type"), box.get("value"), box.get("aria-invalid")) == ("checkbox", "yes", "true")
    assert box.get("aria-describedby").strip() == "f-shared-fault"
    assert "Shared" not in page.text_content()
    # without it the view is kept, under the name that stands there
    kept = {each.get("name"): each.get("value") for each in page.xpath("//main//form//input[@name!='shared']")}
    assert olga.post("/views", data=kept).status_code == 303


def test_several_lines_are_asked_for_in_several(light_api: Api) -> None:
    example.fill(light_api)
    olga = signed_in(light_api, Role.ADMIN, name="olga", language="fr")
    page = _sent(olga, "/publish/prepare", {"live": "https://example.org/\x07a.xml", "note": "x" * 2001})
    assert len(page.xpath("//main//textarea[@name='live']")) == 1
    assert len(page.xpath("//*[@role='alert']//li")) == 2
    assert "Live" not in page.text_content()


def test_nothing_is_asked_again_that_nobody_saw() -> None:
    faults = [Fault(pointer="/page", rule="view.page", message="Views are of lists.")]
    assert asked_again([("page", "x"), ("name", "Mine")], faults, i18n.words("en")) is None
