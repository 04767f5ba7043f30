"""Browsers of people of each role, signed in by one-time links as people are."""

from app.db.people import User
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.web import limits
from app.web.signin.once import make_link
from tests.api import Api, TestClient

#: what a browser sends with a form of our own pages
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
AS_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def stranger(api: Api, language: str = "en") -> TestClient:
    """A browser of nobody."""
    headers = AS_BROWSER | {"Accept-Language": language}
    return TestClient(api.app, headers=headers, follow_redirects=False)


def link(api: Api, name: str) -> str:
    with api.database.write("tests") as session:
        return make_link(session, LOCAL, name)


def user(api: Api, role: Role, *, name: str | None = None, unit_id: int | None = None) -> str:
    named = name or role.value
    with api.database.write("tests") as session:
        session.add(User(name=named, role=role, unit_id=unit_id))
    return named


def signed_in(
    api: Api, role: Role = Role.ADMIN, *, name: str | None = None, unit_id: int | None = None, language: str = "en"
) -> TestClient:
    """A browser of a new user with the role, who has just signed in."""
    limits.forget()
    client = stranger(api, language)
    found = user(api, role, name=name, unit_id=unit_id)
    answer = client.post(link(api, found), headers=FROM_HERE)
    assert answer.status_code == 303, answer.text
    client.headers.update(FROM_HERE)
    return client
