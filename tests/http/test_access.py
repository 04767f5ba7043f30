"""A token opens what its role allows, until it expires or is revoked."""

import datetime as dt

import pytest
from sqlalchemy import column, select

from app.db.base import utc_now
from app.db.people import Token, User
from app.domain.access import RIGHTS, Right
from app.domain.terms import Role
from app.http.access import token_hash
from tests.api import Api

PARTNER = {"code": "NLD", "name": "Netherlands", "category": "government"}


def with_token(api: Api, token: str) -> int:
    answer = api.stranger().get("/api/v1/partners", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


def test_without_a_token_nothing_is_shown(light_api: Api) -> None:
    answer = light_api.stranger().get("/api/v1/partners")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="earmark"')
    assert answer.json()["type"] == "urn:earmark:problem:not-authenticated"
    assert with_token(light_api, "ear_unknown") == 401


def test_a_token_is_good_until_it_expires_or_is_revoked(api: Api) -> None:
    token = api.token(Role.VIEWER)
    assert with_token(api, token) == 200
    for change in ({"expires_at": utc_now() - dt.timedelta(seconds=1)}, {"revoked_at": utc_now()}):
        with api.database.write("tests") as session:
            row = session.scalars(select(Token).where(column("hash") == token_hash(token))).one()
            row.expires_at, row.revoked_at = change.get("expires_at"), change.get("revoked_at")
        assert with_token(api, token) == 401


def test_the_tokens_of_an_archived_user_are_good_no_more(api: Api) -> None:
    token = api.token(Role.VIEWER, name="gone")
    with api.database.write("tests") as session:
        session.scalars(select(User).where(column("name") == "gone")).one().archived_at = utc_now()
    assert with_token(api, token) == 401


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.VIEWER, 403), (Role.EVALUATOR, 403), (Role.PUBLISHER, 403), (Role.OFFICER, 201), (Role.ADMIN, 201)],
)
def test_only_officers_and_administrators_add_partners(light_api: Api, role: Role, status: int) -> None:
    answer = light_api.client(role).post("/partners", json=PARTNER)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["type"] == "urn:earmark:problem:not-allowed"
        assert light_api.client().get("/partners").json()["items"] == []


@pytest.mark.parametrize("path", ["/users", "/tokens", "/audit-events"])
def test_only_administrators_see_users_tokens_and_the_trail(light_api: Api, path: str) -> None:
    assert light_api.client(Role.OFFICER).get(path).status_code == 403
    assert light_api.client(Role.ADMIN).get(path).status_code == 200


def test_every_role_may_read_and_only_the_administrator_everything() -> None:
    assert all(Right.READ in rights for rights in RIGHTS.values())
    assert [role for role, rights in RIGHTS.items() if rights == frozenset(Right)] == [Role.ADMIN]


def test_the_author_of_a_change_stands_in_the_audit_trail(light_api: Api) -> None:
    light_api.client(Role.OFFICER, name="anna").post("/partners", json=PARTNER)
    events = light_api.client().get("/audit-events", params={"entity": "partners"}).json()["items"]
    assert [(event["actor"], event["action"], event["after"]["code"]) for event in events] == [
        ("anna", "create", "NLD")
    ]
