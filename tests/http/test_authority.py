"""Authority over a record, judged from every side: every route that changes something, by every role, own and other."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import html

import app.web
from app.domain.access import RIGHTS
from app.domain.terms import Role
from app.main import API
from tests.api import Api
from tests.crawl.walking import forms_of, links_of
from tests.http.authority import LINKS, REFUSED_TO_ALL, ROUTES, SIDES, Scope
from tests.http.authority_pages import (
    ASK,
    BEGUN,
    BEGUN_WITH_COMMON,
    FORMS,
    LISTS,
    NOTHING_TYPED,
    OF_ONESELF,
    OF_POLICIES,
    OF_THE_UNIT,
    PAGES,
    Pages,
    opens,
    routes_of_pages,
)
from tests.http.authority_portfolio import Portfolio
from tests.http.test_rights import changing


@pytest.fixture(scope="module")
def portfolio(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return Portfolio(migrated_sqlite, tmp_path_factory.mktemp("authority"))


def _shape(route: str) -> str:
    return re.sub(r"\{[\w:]+\}|(?<=/)1(?=/|$)", "*", route).replace(API, "")


def test_every_route_that_changes_something_has_its_line(light_api: Api) -> None:
    called = {_shape(f"{method} {path}") for method, path in changing(light_api)}
    assert called == {_shape(route) for route in [*ROUTES, *REFUSED_TO_ALL]}


def expected(route: str, who: str, side: str) -> bool:
    """Whether the caller may."""
    line = ROUTES[route]
    role = Role.OFFICER if who == OF_THE_UNIT else Role(who)
    if line.right not in RIGHTS[role]:
        return False
    if who != OF_THE_UNIT or line.scope is Scope.ALL:
        return True
    return line.scope is Scope.UNIT and side == "OWN"


@pytest.mark.parametrize("route", ROUTES)
def test_who_may_call_a_route(portfolio: Portfolio, route: str) -> None:
    told, right = {}, {}
    for who in portfolio.clients:
        for side in SIDES:
            status = portfolio.call(who, route, ROUTES[route].body, side)
            told[who, side] = status if status != 403 and status >= 300 else status != 403
            right[who, side] = expected(route, who, side)
    assert told == right


@pytest.mark.parametrize("door", LINKS)
def test_one_own_side_opens_no_door_to_the_other(portfolio: Portfolio, door: str) -> None:
    route, body = LINKS[door]
    assert portfolio.call(OF_THE_UNIT, route, body) == 403
    assert portfolio.call(Role.OFFICER.value, route, body) < 300


def test_an_own_project_spends_what_a_common_agreement_gives_it(portfolio: Portfolio) -> None:
    posting = {**ROUTES["POST /transactions"].body, "agreement": "A-COMMON"}
    assert portfolio.call(OF_THE_UNIT, "POST /transactions", posting) == 201


@pytest.fixture(scope="module")
def pages(portfolio: Portfolio) -> Pages:
    return Pages(portfolio)


def test_every_page_with_a_form_of_a_record_has_its_line(pages: Pages) -> None:
    ways = {method: [each for each in routes_of_pages() if method in each.methods] for method in ("GET", "POST")}
    both = {route.path for route in ways["GET"]} & {route.path for route in ways["POST"]}
    known = [next(route.path for route in ways["POST"] if route.path_regex.match(pages.at(address, "OWN")))
             for address in FORMS]  # fmt: skip
    assert {path for path in both if path.endswith(ASK)} - OF_POLICIES <= set(known)


@pytest.mark.parametrize("address", FORMS)
def test_a_form_opens_for_whom_its_record_may_be_changed_by(pages: Pages, address: str) -> None:
    told, right = {}, {}
    for who, browser in pages.browsers.items():
        for side in SIDES if who == OF_THE_UNIT and "{" in address else ("OWN",):
            answer = browser.get(pages.at(address, side))
            told[who, side] = answer.status_code if answer.status_code not in (200, 403) else answer.status_code == 200
            right[who, side] = opens(address, who, side)
            if answer.status_code == 403:
                assert "may change it" in answer.text or "ask an administrator" in answer.text
    assert told == right


@pytest.mark.parametrize("address", [each for each, (_, scope) in FORMS.items() if scope is Scope.UNIT])
def test_what_opens_may_be_stored_and_what_does_not_open_is_refused(pages: Pages, address: str) -> None:
    own, other = pages.at(address, "OWN"), pages.at(address, "OTHER")
    form = pages.form(OF_THE_UNIT, own)
    assert pages.sent(OF_THE_UNIT, form) != 403
    # what is empty, or was changed meanwhile, is told before whose it is; nothing of it is stored
    assert pages.sent(OF_THE_UNIT, replace(form, action=other)) in (403, 409, 422)


@pytest.mark.parametrize("address", BEGUN)
def test_a_form_begun_with_another_units_record_does_not_open(pages: Pages, address: str) -> None:
    told = {side: pages.browsers[OF_THE_UNIT].get(pages.at(address, side)).status_code for side in SIDES}
    assert told == {"OWN": 200, "OTHER": 403}
    assert pages.browsers[Role.ADMIN.value].get(pages.at(address, "OTHER")).status_code == 200
    name, _, _ = address.partition("=")
    assert pages.browsers[OF_THE_UNIT].get(f"{name}=9999").status_code == 200


def test_every_way_to_a_form_that_is_begun_has_its_line() -> None:
    templates = Path(app.web.__file__).with_name("templates").rglob("*.html")
    linked = {found for each in templates for found in re.findall(r"(/[\w/-]+/new\?\w+=)", each.read_text("utf-8"))}
    assert linked > BEGUN_WITH_COMMON
    assert linked - BEGUN_WITH_COMMON <= {each.partition("=")[0] + "=" for each in BEGUN}


def test_lists_offer_to_choose_what_may_be_stored(pages: Pages) -> None:
    offered = {}
    for who in (OF_THE_UNIT, Role.ADMIN.value):
        browser = pages.browsers[who]
        for address in LISTS:
            answer = browser.get(address)
            assert answer.status_code == 200
            page = html.fromstring(answer.text)
            links = {link for link in links_of(page, address) if link.startswith("/delivery/notes/new?")}
            links |= {f"/evaluations/new?obligation={value}" for value in page.xpath("//td/input/@value")}
            assert {link: browser.get(link).status_code for link in links} == dict.fromkeys(links, 200)
            offered[who, address] = len(links)
    viewed = html.fromstring(pages.browsers[Role.VIEWER.value].get(LISTS[0]).text)
    assert [link for link in links_of(viewed, LISTS[0]) if link.startswith("/evaluations/new")] == []
    for address in LISTS:
        assert 0 < offered[OF_THE_UNIT, address] < offered[Role.ADMIN.value, address]


@pytest.mark.parametrize("side", SIDES)
def test_no_page_offers_what_is_refused(pages: Pages, side: str) -> None:
    browser, refused, seen = pages.browsers[OF_THE_UNIT], [], set[str]()
    for address in PAGES:
        at = pages.at(address, side)
        answer = browser.get(at)
        assert answer.status_code == 200, at
        page = html.fromstring(answer.text)
        links = {link for link in links_of(page, at) if link.partition("?")[0].endswith(ASK)} - seen
        seen |= links
        refused += [(at, link) for link in links if browser.get(link).status_code == 403]
        refused += [(at, form.action) for form in forms_of(page, at)
                    if not form.action.startswith(OF_ONESELF) and pages.sent(OF_THE_UNIT, form) == 403]  # fmt: skip
    assert refused == []


@pytest.mark.parametrize("address", [*sorted(FORMS.keys() - NOTHING_TYPED), "/admin/policies/new", "/admin/books"])
def test_what_was_typed_when_the_session_had_ended_is_there_again(pages: Pages, address: str) -> None:
    at, admin = pages.at(address, "OWN"), Role.ADMIN.value
    form = pages.form(admin, at)
    assert "Bilharziasis" in pages.left_behind(admin, form, "Bilharziasis")


def test_a_button_that_was_pressed_too_late_leads_back_to_where_it_stands(pages: Pages) -> None:
    at, admin = pages.at("/projects/{project}", "OWN"), Role.ADMIN.value
    browser = pages.browsers[admin]
    cookie = browser.cookies.get("earmark")
    browser.cookies.set("earmark", "of nobody")
    try:
        for action in (f"{at}/archive", "/account/feeds", "/views"):
            for said, back in (
                (f"http://testserver{at}?as_of=x", f"{at}?as_of=x"),
                (f"http://testserver/projects/{'9' * 1000}", "/"),
                ("https://other.example/projects", "/"),
            ):
                answer = browser.post(action, headers={"Referer": said})
                assert answer.headers["location"] == "/sign-in?" + urlencode({"to": back, "why": "ended"})
    finally:
        browser.cookies.set("earmark", cookie)
