"""A number in an address that no record can have is one of no record, whatever the database would make of it."""

import pytest

from tests.api import Api
from tests.http.authority_pages import routes_of_pages
from tests.web import example
from tests.web.people import signed_in

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
