"""A POST with an Idempotency-Key can be repeated: it happens once, and each repetition gets the same answer."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import select, text

from app.db.people import IdempotencyKey
from app.domain.terms import Role
from app.http.once import KEPT
from tests.api import Api

UNIT = {"code": "ROAF", "name": "Regional Office for Africa"}


def test_a_repeated_request_gets_the_answer_of_the_first(api: Api) -> None:
    client = api.client()
    first = client.post("/units", json=UNIT, headers={"Idempotency-Key": "once-1"})
    again = client.post("/units", json=UNIT, headers={"Idempotency-Key": "once-1"})
    assert (first.status_code, "idempotency-replayed" in first.headers) == (201, False)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json() == first.json()
    assert [again.headers[name] for name in ("etag", "location")] == [
        first.headers[name] for name in ("etag", "location")
    ]
    assert len(client.get("/units").json()["items"]) == 1


def test_a_key_is_not_taken_for_another_request(api: Api) -> None:
    client = api.client()
    client.post("/units", json=UNIT, headers={"Idempotency-Key": "once-1"})
    answer = client.post("/units", json=UNIT | {"code": "ROAS"}, headers={"Idempotency-Key": "once-1"})
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "idempotency-key.reused")
    other_route = client.post("/officers", json=UNIT, headers={"Idempotency-Key": "once-1"})
    assert other_route.status_code == 422
    assert len(client.get("/units").json()["items"]) == 1


def test_keys_of_different_users_are_different_keys(api: Api) -> None:
    assert api.client().post("/units", json=UNIT, headers={"Idempotency-Key": "k"}).status_code == 201
    other = api.client().post("/units", json=UNIT | {"code": "ROAS"}, headers={"Idempotency-Key": "k"})
    assert other.status_code == 201


def test_a_refused_request_is_not_remembered(api: Api) -> None:
    client = api.client()
    body = {"code": "jdo", "name": "Jo Do", "email": "jo@example.org", "unit": "ROAF"}
    assert client.post("/officers", json=body, headers={"Idempotency-Key": "k"}).status_code == 422
    client.post("/units", json=UNIT)
    answer = client.post("/officers", json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (201, False)


def test_duplicates_that_come_at_once_create_one(api: Api) -> None:
    token_client = api.client()
    start = Barrier(4)

    def post(_: int) -> tuple[int, int, bool]:
        start.wait()
        answer = token_client.post("/units", json=UNIT, headers={"Idempotency-Key": "at-once"})
        return answer.status_code, answer.json()["id"], "idempotency-replayed" in answer.headers

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))
    assert {answer[:2] for answer in answers} == {(201, answers[0][1])}
    assert sorted(answer[2] for answer in answers) == [False, True, True, True]


def test_the_secret_of_a_token_is_not_stored_with_the_answer(api: Api) -> None:
    client = api.client()
    api.token(Role.VIEWER, name="anna")
    first = client.post("/tokens", json={"user": "anna"}, headers={"Idempotency-Key": "k"})
    again = client.post("/tokens", json={"user": "anna"}, headers={"Idempotency-Key": "k"})
    assert first.json()["token"].startswith("ear_")
    assert again.json() == first.json() | {"token": None}
    with api.database.read() as session:
        assert first.json()["token"] not in str(session.execute(text("SELECT body FROM idempotency_keys")).all())


def test_old_answers_are_forgotten(api: Api) -> None:
    client = api.client()
    client.post("/units", json=UNIT, headers={"Idempotency-Key": "old"})
    with api.database.write("tests") as session:
        session.scalars(select(IdempotencyKey)).one().created_at -= KEPT + dt.timedelta(seconds=1)
    client.post("/units", json=UNIT | {"code": "ROAS"}, headers={"Idempotency-Key": "new"})
    with api.database.read() as session:
        assert [row.key for row in session.scalars(select(IdempotencyKey))] == ["new"]
