"""Authority over a record, judged from every side: every route that changes something, by every role, own and other."""

import re
from pathlib import Path

import pytest

from app.domain.access import RIGHTS
from app.domain.terms import Role
from app.main import API
from tests.api import Api
from tests.http.authority import LINKS, REFUSED_TO_ALL, ROUTES, SIDES, Scope
from tests.http.authority_portfolio import Portfolio
from tests.http.test_rights import changing

OF_THE_UNIT = "officer of the unit"


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
