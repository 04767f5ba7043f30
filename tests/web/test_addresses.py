"""A number in an address that no record can have is one of no record, whatever the database would make of it."""

import pytest

from tests.api import Api
from tests.http.authority_pages import routes_of_pages
from tests.web import example
from tests.web.people import signed_in, stranger

#: no database keeps it
NUMBER = 10**30


@pytest.fixture
def api(light_api: Api) -> Api:
    example.fill(light_api)
    return light_api


def test_numbers_of_records_in_addresses_are_numbers_that_records_have() -> None:
    unbounded = {
        f"{route.path}: {parameter.name}"
        for route in routes_of_pages()
        for parameter in route.dependant.path_params
        if parameter.field_info.annotation is int
        and not any(hasattr(limit, "le") for limit in parameter.field_info.metadata)
    }
    assert unbounded == set()


@pytest.mark.parametrize(
    "address",
    ["/agreements", "/partners", "/evaluations", "/recommendations", "/evaluations/duties", "/spreadsheets/imports"],
)
def test_a_number_beyond_all_records_is_not_found(api: Api, address: str) -> None:
    page = signed_in(api, name="dora").get(f"{address}/{NUMBER}")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("/projects/%00", "NUL"),
        ("/projects?q=%00", "NUL"),
        ("/projects/CAF%C9", "UTF-8"),
        ("/projects?q=caf%e9", "UTF-8"),
        ("/nowhere/%C9", "UTF-8"),
        ("/public/partners/%00x", "NUL"),
        ("/help/%FF%FE", "UTF-8"),
        ("/sign-in?to=%ff", "UTF-8"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_an_address_that_cannot_be_read_is_told_on_a_page(api: Api, asked: str, told: str, language: str) -> None:
    for browser in (signed_in(api, name="dora", language=language), stranger(api, language)):
        for method in ("GET", "POST"):
            page = browser.request(method, asked)
            assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (422, "text/html")
            assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]
            main = page.text.partition("<main")[2]
            assert told in main
            assert {"en": "does not fit", "fr": "ne convient pas", "es": "no es válido"}[language] in main
            assert not any(sign in page.text for sign in "\0\N{REPLACEMENT CHARACTER}")
            assert f'<html lang="{language}">' in page.text


def test_programs_are_told_of_an_address_that_cannot_be_read_as_of_any_other_fault(api: Api) -> None:
    browser = stranger(api, "fr")
    for asked in ("/api/v1/partners/%00", "/api/v1/partners?q=%ff", "/docs?x=%00", "/calendar/%00.ics"):
        assert browser.get(asked).headers["content-type"] == "application/problem+json"
    told = browser.get("/projects/%00", headers={"Accept": "*/*"})
    assert (told.status_code, told.headers["content-type"]) == (422, "application/problem+json")
    assert told.json()["errors"][0]["rule"] == "null-character"
