"""Users and their tokens: a token is seen once, kept as a hash, and may end."""

import datetime as dt
import hashlib
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, text

from app.db.engine import Database
from app.db.organisation import Unit
from app.db.people import Token
from app.domain.access import LOCAL, Actor
from app.domain.terms import Role
from app.errors import Conflict, InvalidInput, NotAllowed
from app.http.access import authenticate
from app.people import service
from tests.api import Api


def test_only_the_hash_of_a_token_is_kept_and_never_shown_to_auditors(database: Database) -> None:
    with database.write("cli") as session:
        service.create_user(session, LOCAL, "anna", Role.OFFICER)
        secret = service.issue_token(session, LOCAL, "anna", 30)
    assert secret.startswith("ear_")
    assert len(secret) == 4 + 43
    digest = hashlib.sha256(secret.encode()).hexdigest()
    with database.read() as session:
        token = session.scalars(select(Token)).one()
        assert (token.hash, token.hint) == (digest, secret[:8])
        assert token.expires_at is not None
        assert token.expires_at - token.created_at == dt.timedelta(days=30)
        assert authenticate(session, secret).name == "anna"
        trail = str(session.execute(text("SELECT after FROM audit_events")).all())
        assert secret not in trail
        assert digest not in trail


def test_a_user_of_a_unit_acts_for_that_unit(database: Database) -> None:
    with database.write("cli") as session:
        unit = Unit(code="ROAF", name="Africa")
        session.add(unit)
        session.flush()
        service.create_user(session, LOCAL, "anna", Role.OFFICER, unit="ROAF")
        secret = service.issue_token(session, LOCAL, "anna", None)
    with database.read() as session:
        assert authenticate(session, secret).unit_id == unit.id


@pytest.mark.parametrize(
    ("name", "role", "unit", "rule"),
    [
        ("anna", Role.OFFICER, "NOWHERE", "unit.unknown"),
        ("anna", Role.VIEWER, "ROAF", "user.unit-of-officers"),
        ("", Role.VIEWER, None, "string-too-short"),
    ],
)
def test_a_user_that_makes_no_sense_is_refused(
    database: Database, name: str, role: Role, unit: str | None, rule: str
) -> None:
    with database.write("cli") as session:
        session.add(Unit(code="ROAF", name="Africa"))
    with pytest.raises(InvalidInput) as refused, database.write("cli") as session:
        service.create_user(session, LOCAL, name, role, unit=unit)
    assert [fault.rule for fault in refused.value.faults] == [rule]


def test_a_name_is_taken_once_and_tokens_need_a_user(database: Database) -> None:
    with database.write("cli") as session:
        service.create_user(session, LOCAL, "anna", Role.VIEWER)
    with pytest.raises(Conflict, match="There is a user anna already"), database.write("cli") as session:
        service.create_user(session, LOCAL, "anna", Role.ADMIN)
    with pytest.raises(InvalidInput) as refused, database.write("cli") as session:
        service.issue_token(session, LOCAL, "bela", None)
    assert [(fault.pointer, fault.rule) for fault in refused.value.faults] == [("/user", "user.unknown")]


def test_only_an_administrator_makes_users_and_tokens(database: Database) -> None:
    officer = Actor(name="anna", role=Role.OFFICER)
    with pytest.raises(NotAllowed), database.write("anna") as session:
        service.create_user(session, officer, "bela", Role.ADMIN)
    with pytest.raises(NotAllowed), database.write("anna") as session:
        service.issue_token(session, officer, "bela", None)


def test_a_revoked_token_opens_nothing(light_api: Api) -> None:
    client = light_api.client()
    client.post("/users", json={"name": "anna", "role": "viewer"})
    issued = client.post("/tokens", json={"user": "anna", "expires_days": 7}).json()
    header = {"Authorization": f"Bearer {issued['token']}"}
    stranger = light_api.stranger()
    assert stranger.get("/api/v1/units", headers=header).status_code == 200
    assert client.delete(f"/tokens/{issued['id']}").json()["revoked_at"] is not None
    assert stranger.get("/api/v1/units", headers=header).status_code == 401
    assert [token["hint"] for token in client.get("/tokens", params={"user": "anna"}).json()["items"]] == []
    assert client.delete("/tokens/999").status_code == 404


def test_an_administrator_cannot_lock_the_door_behind_themselves(light_api: Api) -> None:
    client = light_api.client(name="root")
    (user,) = client.get("/users", params={"name": "root"}).json()["items"]
    shown = client.get(f"/users/{user['id']}")
    answer = client.delete(f"/users/{user['id']}", headers={"If-Match": shown.headers["etag"]})
    assert (answer.status_code, "yourself" in answer.json()["detail"]) == (409, True)
    answer = client.patch(f"/users/{user['id']}", json={"name": "x"}, headers={"If-Match": shown.headers["etag"]})
    assert answer.json()["errors"][0]["rule"] == "key-fixed"


def test_the_last_administrator_stays_one(api: Api) -> None:
    admin = api.client(name="chief")
    (chief,) = admin.get("/users").json()["items"]
    address = f"/users/{chief['id']}"
    tag = admin.get(address).headers["etag"]
    for answer in (
        admin.patch(address, json={"role": "viewer"}, headers={"If-Match": tag}),
        admin.delete(address, headers={"If-Match": tag}),
    ):
        assert answer.status_code == 409, answer.text
    assert admin.patch(address, json={"role": "viewer"}, headers={"If-Match": tag}).json()["errors"] == [
        {
            "pointer": "/role", "rule": "user.last-administrator",
            "message": "chief is the last administrator: make another user one first.",
        }
    ]  # fmt: skip
    with pytest.raises(Conflict, match="last administrator"), api.database.write("cli") as session:
        service.archive_user(session, LOCAL, service.user_named(session, "chief"))
    admin.post("/users", json={"name": "deputy", "role": "admin"})
    assert admin.patch(address, json={"role": "viewer"}, headers={"If-Match": tag}).status_code == 200


def test_tokens_and_feeds_of_an_archived_user_end_for_good_and_on_record(api: Api) -> None:
    admin = api.client()
    eve = api.client(Role.EVALUATOR, name="eve")
    api.unit("ROAF")
    feed = urlsplit(eve.post("/calendar-feeds", json={"unit": "ROAF"}).json()["url"]).path
    assert api.stranger().get(feed).status_code == 200
    (listed,) = admin.get("/calendar-feeds").json()["items"]
    assert (listed["unit"], listed["recorded_by"], listed["revoked_at"]) == ("ROAF", "eve", None)
    assert eve.get("/calendar-feeds").status_code == 403
    (user,) = admin.get("/users", params={"name": "eve"}).json()["items"]
    address = f"/users/{user['id']}"
    gone = admin.delete(address, headers={"If-Match": admin.get(address).headers["etag"]})
    assert api.stranger().get(feed).status_code == 404
    assert eve.get("/units").status_code == 401
    back = admin.post(f"{address}/restore", headers={"If-Match": gone.headers["etag"]})
    assert back.status_code == 200
    assert api.stranger().get(feed).status_code == 404
    assert eve.get("/units").status_code == 401
    assert admin.get("/calendar-feeds").json()["items"] == []
    assert len(admin.get("/calendar-feeds", params={"revoked": True}).json()["items"]) == 1
    for entity in ("calendar_feeds", "tokens"):
        events = admin.get("/audit-events", params={"entity": entity, "action": "update"}).json()["items"]
        assert [event["after"]["revoked_at"] is not None for event in events] == [True]
        assert "hash" not in str(events[0]["after"])


def test_an_administrator_closes_a_feed(api: Api) -> None:
    api.unit("ROAF")
    made = api.client(Role.EVALUATOR, name="eve").post("/calendar-feeds", json={"unit": "ROAF"}).json()
    assert api.client().delete(f"/calendar-feeds/{made['id']}").status_code == 204
    assert api.stranger().get(urlsplit(made["url"]).path).status_code == 404
