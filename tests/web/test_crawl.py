"""Every link of every page leads somewhere, whoever follows it, in every language."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from app.db.organisation import Setup
from app.domain.terms import Role
from app.language import i18n
from app.web import limits
from tests.api import Api, TestClient
from tests.web import example
from tests.web.people import FROM_HERE, link, stranger

#: what programs are for, and what signs out
_ELSEWHERE = ("/docs", "/openapi", "/static/", "/metrics", "/health", "/api/", "/iati")
#: pages of a list beyond these are like those before
_MOST = 150


def crawl(client: TestClient) -> dict[str, int]:
    """Address → status of every page that can be reached from the first one."""
    found: dict[str, int] = {}
    shapes: set[str] = set()
    pending = ["/"]
    while pending and len(found) < _MOST:
        address = pending.pop(0)
        path = urlsplit(address).path
        # one address of each shape: other filters of the same list show the same page
        shape = path + "?" + ",".join(sorted(re.findall(r"[?&](\w+)=", address)))
        if shape in shapes or not address.startswith("/") or path.startswith(_ELSEWHERE):
            continue
        shapes.add(shape)
        answer = client.get(address)
        found[address] = answer.status_code
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert not re.search(r">\s*None\s*<|\bundefined\b", answer.text), address
            pending += [urljoin(address, unescape(href)) for href in re.findall(r'href="([^"#]+)', answer.text)]
    return found


def browser(api: Api, name: str, language: str) -> TestClient:
    limits.forget()
    client = stranger(api, language)
    assert client.post(link(api, name), headers=FROM_HERE).status_code == 303
    return client


@pytest.mark.parametrize(("role", "language"), list(zip(Role, (*i18n.LANGUAGES, *i18n.LANGUAGES), strict=False)))
def test_every_link_leads_somewhere(light_api: Api, role: Role, language: str) -> None:
    example.fill(light_api)
    found = crawl(browser(light_api, role.value, language))
    assert {address: status for address, status in found.items() if status >= 400} == {}
    assert len(found) > 20


def test_pages_of_an_empty_database_say_what_to_do_first(light_api: Api) -> None:
    with light_api.database.write("tests") as session:
        example.portfolio.set_up(session)
    from tests.web.people import signed_in

    found = crawl(signed_in(light_api, Role.ADMIN))
    assert {address: status for address, status in found.items() if status >= 400} == {}
    assert "There are no projects yet" in signed_in(light_api, Role.OFFICER).get("/projects").text


def test_before_there_is_an_organisation_each_page_says_what_to_do_first(light_api: Api) -> None:
    from tests.web.people import signed_in

    with light_api.database.write("tests") as session:
        session.delete(session.get_one(Setup, 1))
    browser = signed_in(light_api, Role.ADMIN, language="fr")
    for address in ("/delivery", "/results", "/evaluations/coverage"):
        answer = browser.get(address)
        assert answer.status_code == 503, address
        assert "<code>earmark init</code>" in answer.text
        assert "Réessayez" not in answer.text


def test_a_page_makes_the_same_number_of_statements_however_long_its_list(light_api: Api) -> None:
    from app.projects.schemas import ProjectIn
    from app.projects.service import create_project
    from tests.queries import count_queries

    example.fill(light_api)
    client = browser(light_api, "admin", "en")

    def statements(first: int, last: int) -> int:
        """Of the first look at the list after projects were added."""
        with light_api.database.write("tests") as session:
            for number in range(first, last):
                body = ProjectIn.model_validate(example.PROJECT | {"code": f"RAF/2/{number}"})
                create_project(session, example.LOCAL, body, today=example.DAY)
        with count_queries(light_api.database) as counted:
            client.get("/projects")
        return len(counted)

    statements(0, 1)
    assert statements(1, 2) == statements(2, 30)
