"""A line for every page with a form of a record: whose it is, and browsers of everybody, of two units' records."""

import datetime as dt
import shutil
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules

from fastapi.routing import APIRoute
from lxml import html
from sqlalchemy import select

from app.db.engine import open_database
from app.db.pages import WebSession
from app.db.spending import Allocation
from app.domain.access import LOCAL, RIGHTS, Right
from app.domain.terms import AllocationKind, Role
from app.main import create_app
from app.web import limits, routes
from app.web.signin.once import make_link
from tests.api import TestClient
from tests.crawl.walking import Form, forms_of
from tests.http.authority import SIDES, Scope
from tests.http.authority_portfolio import Portfolio, filled, settings_of
from tests.web.people import AS_BROWSER, FROM_HERE

OF_THE_UNIT = "officer of the unit"
_W, _E, _A = Right.WRITE, Right.EVALUATE, Right.ADMINISTER
_BELOW = ("allocations", "transactions", "encumbrances", "documents", "decisions")
_PARTS = ("amendments", "instalments", "shares", "report-schedules", "reports", "conditions")
_PEOPLE = ("users", "units", "officers")
#: every page with a form of a record → the right it asks for, and whose it is
FORMS: dict[str, tuple[Right, Scope]] = {
    "/projects/new": (_W, Scope.ALL),
    "/projects/{project}/edit": (_W, Scope.UNIT),
    **{f"/projects/{{project}}/{name}/new": (_W, Scope.UNIT) for name in _BELOW},
    "/projects/{project}/evaluations/new": (_E, Scope.UNIT),
    "/projects/{project}/transactions/{transaction}/adjust": (_W, Scope.UNIT),
    "/projects/{draft}/corrections": (_W, Scope.UNIT),
    "/encumbrances/new": (_W, Scope.ALL),
    "/encumbrances/{encumbrance}/edit": (_W, Scope.UNIT),
    "/encumbrances/{encumbrance}/liquidate": (_W, Scope.UNIT),
    "/agreements/new": (_W, Scope.ALL),
    "/agreements/{agreement}/edit": (_W, Scope.UNIT),
    **{f"/agreements/{{agreement}}/{name}/new": (_W, Scope.UNIT) for name in _PARTS},
    "/partners/new": (_W, Scope.ALL),
    "/partners/{partner}/edit": (_W, Scope.ALL),
    "/evaluations/new": (_E, Scope.ALL),
    "/evaluations/{evaluation}/edit": (_E, Scope.UNIT),
    "/evaluations/duties/{obligation}/waive": (_E, Scope.UNIT),
    "/evaluations/duties/{obligation}/reschedule": (_E, Scope.UNIT),
    "/evaluations/duties/{waived}/take-back-waiver": (_E, Scope.UNIT),
    "/recommendations/new": (_E, Scope.ALL),
    "/recommendations/{recommendation}/edit": (_E, Scope.UNIT),
    "/recommendations/{recommendation}/actions/new": (_E, Scope.UNIT),
    "/recommendations/{recommendation}/actions/{action}/edit": (_E, Scope.UNIT),
    "/results/records/new": (_W, Scope.ALL),
    "/results/records/{record}/edit": (_W, Scope.UNIT),
    "/country-programmes/new": (_W, Scope.ALL),
    "/country-programmes/{programme}/edit": (_W, Scope.ALL),
    "/delivery/notes/new": (_W, Scope.ALL),
    "/risks/new": (_W, Scope.ALL),
    "/risks/{risk}/edit": (_W, Scope.UNIT),
    "/risks/{risk}/review": (_W, Scope.UNIT),
    "/lessons/new": (_E, Scope.ALL),
    "/lessons/{lesson}/edit": (_E, Scope.UNIT),
    "/milestones/new": (_E, Scope.ALL),
    "/milestones/{milestone}/edit": (_E, Scope.UNIT),
    "/oversight-reports/new": (_E, Scope.ALL),
    "/oversight-reports/{oversight}/edit": (_E, Scope.UNIT),
    "/oversight-reports/{oversight}/scores": (_E, Scope.UNIT),
    **{f"/admin/people/{name}/new": (_A, Scope.WHOLE) for name in _PEOPLE},
    "/admin/people/users/{user}/edit": (_A, Scope.WHOLE),
    "/admin/people/units/{unit}/edit": (_A, Scope.WHOLE),
    "/admin/people/officers/{officer}/edit": (_A, Scope.WHOLE),
}
#: this draft has faults without a field
NOTHING_TYPED = {"/projects/{draft}/corrections"}
#: pages of records whose buttons are followed
PAGES = (
    "/projects/{project}", "/projects/{project}/money", "/projects/{project}/evaluations",
    "/projects/{project}/documents", "/projects/{project}/history", "/projects/{project}/results",
    "/projects/{project}/risks", "/projects/{draft}", "/projects/{draft}/publication", "/agreements/{agreement}",
    "/evaluations/{evaluation}", "/evaluations/duties/{obligation}", "/evaluations/duties/{waived}",
    "/recommendations/{recommendation}", "/results/records/{record}", "/risks/{risk}", "/lessons/{lesson}",
    "/milestones/{milestone}", "/oversight-reports/{oversight}", "/alerts?all=yes", "/partners/{partner}",
    "/country-programmes/{programme}", "/encumbrances/{encumbrance}",
)  # fmt: skip
#: lists of what can be chosen or noted at once
LISTS = ("/evaluations?within=3650", "/delivery?by=project&period=2026")
#: new forms that the address begins with a record of one side
BEGUN = (
    "/recommendations/new?evaluation=E-{side}", "/recommendations/new?report=IA-{side}",
    "/lessons/new?evaluation=E-{side}", "/lessons/new?project={side}/1", "/risks/new?project={side}/1",
    "/risks/new?unit={side}", "/results/records/new?projects={side}/1", "/delivery/notes/new?project={side}/1",
    "/encumbrances/new?project={side}/1", "/evaluations/new?project={side}/1",
    "/evaluations/new?obligation={obligation}",
)  # fmt: skip
#: of a record that belongs to no unit
BEGUN_WITH_COMMON = {"/agreements/new?partner=", "/admin/policies/new?example="}
#: how addresses of forms end
ASK = (
    "/edit",
    "/new",
    "/adjust",
    "/scores",
    "/review",
    "/corrections",
    "/liquidate",
    "/waive",
    "/reschedule",
    "/take-back-waiver",
)
#: a text that anybody with the right may try, and that changes no record
OF_POLICIES = {"/admin/policies/new", "/admin/policies/{policy_id}/edit"}
#: forms of the person, not of a record
OF_ONESELF = ("/sign-out", "/language", "/demo/", "/views")


class Pages:
    """Browsers of every role and of an officer of one of the two units."""

    def __init__(self, portfolio: Portfolio) -> None:
        path = portfolio.path.with_name("pages.db")
        shutil.copy(portfolio.path, path)
        self.nouns = portfolio.nouns
        self.database = open_database(settings_of(path))
        self.app = create_app(settings_of(path), self.database)
        with self.database.write("tests") as session:
            # of what is allocated nothing is spent
            for side in SIDES:
                session.add(
                    Allocation(project_id=int(self.nouns[side]["second"]), source="RB", kind=AllocationKind.ORIGINAL,
                               period_start=dt.date(2026, 1, 1), period_end=dt.date(2026, 12, 31), currency="USD",
                               decided_on=dt.date(2026, 1, 1), amount=Decimal(100))
                )  # fmt: skip
        self.browsers = {who: self._signed_in(name) for who, name in _names()}

    def _signed_in(self, name: str) -> TestClient:
        limits.forget()
        client = TestClient(self.app, headers=AS_BROWSER | FROM_HERE, follow_redirects=False)
        with self.database.write("tests") as session:
            link = make_link(session, LOCAL, name)
        assert client.post(link).status_code == 303
        return client

    def at(self, address: str, side: str) -> str:
        return str(filled(address, self.nouns[side]))

    def form(self, who: str, address: str) -> Form:
        """The form of the page that is sent to where it stands."""
        page = html.fromstring(self.browsers[who].get(address).text)
        return next(form for form in forms_of(page, address) if form.action == address)

    def left_behind(self, who: str, form: Form, word: str) -> str:
        """The page that somebody comes to who signs in again, by a new link, after the form was sent too late."""
        browser = self.browsers[who]
        with self.database.write("tests") as session:
            for row in session.scalars(select(WebSession)):
                row.seen_at -= dt.timedelta(hours=9)
            link = make_link(session, LOCAL, dict(_names())[who])
        answer = browser.post(form.action, data=dict((*((name, word) for name, _ in form.fields), *form.hidden)))
        assert answer.headers["location"].endswith("&why=kept"), form.action
        limits.forget()
        arrived = browser.post(link)
        return browser.get(arrived.headers["location"]).text

    def sent(self, who: str, form: Form) -> int:
        """The status of the answer to a form that is sent as it stands."""
        data = dict((*form.fields, *form.hidden))
        return self.browsers[who].post(form.action, data=data).status_code


def _names() -> Iterator[tuple[str, str]]:
    yield from ((role.value, role.value) for role in (Role.ADMIN, Role.EVALUATOR, Role.VIEWER))
    yield OF_THE_UNIT, "of the unit"


def opens(address: str, who: str, side: str) -> bool:
    right, scope = FORMS[address]
    role = Role.OFFICER if who == OF_THE_UNIT else Role(who)
    return right in RIGHTS[role] and not (who == OF_THE_UNIT and scope is Scope.UNIT and side == "OTHER")


def routes_of_pages() -> Iterator[APIRoute]:
    for found in iter_modules(routes.__path__):
        router = getattr(import_module(f"{routes.__name__}.{found.name}"), "router", None)
        yield from (route for route in router.routes if isinstance(route, APIRoute)) if router is not None else ()
