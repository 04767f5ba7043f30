"""Every route that changes something, walked by strangers and by those who may only look."""

import logging
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from app.db.base import table
from app.db.people import AuditEvent
from app.domain.terms import Role
from tests.api import Api

#: routes outside the API: whoever holds the link of a digest may say that no more are wanted, and nothing else
_BY_LINK = {"/unsubscribe/{number}"}
#: what everybody who is signed in has for oneself, whatever the role
_ONES_OWN = {"/api/v1/views"}


def changing(api: Api) -> list[tuple[str, str]]:
    """(method, address with placeholders filled) of all that is not GET or HEAD."""
    description: dict[str, Any] = api.app.openapi()
    return [
        (method.upper(), re.sub(r"\{\w+\}", "1", path))
        for path, operations in sorted(description["paths"].items())
        for method in operations
        if method not in {"get", "head", "parameters"} and path not in _BY_LINK
    ]


def events(api: Api) -> int:
    with api.database.read() as session:
        return session.scalar(select(func.count()).select_from(table(AuditEvent))) or 0


def test_every_change_needs_a_token_and_the_right(light_api: Api) -> None:
    stranger, viewer = light_api.stranger(), light_api.client(Role.VIEWER)
    before, calls = events(light_api), changing(light_api)
    assert len(calls) > 30
    assert {method for method, _ in calls} >= {"POST", "PATCH"}
    for method, address in calls:
        headers = {"If-Match": '"1-1"', "Idempotency-Key": "k"}
        assert stranger.request(method, address, json={}, headers=headers).status_code == 401, (method, address)
        answer = viewer.request(method, f"http://testserver{address}", json={}, headers=headers)
        assert answer.status_code == (422 if address in _ONES_OWN else 403), (method, address, answer.text)
    assert events(light_api) == before


def test_tokens_never_stand_in_the_log(light_api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client = light_api.client(name="anna")
        token = client.headers["Authorization"].removeprefix("Bearer ")
        client.get("/partners", params={"sort": "nonsense"})
        client.get("/partners", headers={"Authorization": f"Bearer {token}x"})
        issued = client.post("/users", json={"name": "bob", "role": "viewer"})
        assert issued.status_code == 201
        given = client.post("/tokens", json={"user": "bob"}).json()["token"]
        light_api.stranger().get(f"/calendar/{given}.ics")
    written = "\n".join(
        f"{record.getMessage()} {record.__dict__}" for record in caplog.records if record.name != "httpx"
    )
    assert "/api/v1/partners" in written
    assert token not in written
    assert given not in written
