"""Whoever changes something has seen its newest state; of two at once the second is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.api import Api

UNIT = {"code": "ROAF", "name": "Regional Office for Africa"}


def test_a_change_needs_the_version_it_is_based_on(api: Api) -> None:
    client = api.client()
    made = client.post("/units", json=UNIT)
    address, tag = made.headers["location"].removeprefix("/api/v1"), made.headers["etag"]
    answer = client.patch(address, json={"name": "Africa"})
    assert (answer.status_code, answer.json()["type"]) == (428, "urn:earmark:problem:precondition-required")
    answer = client.patch(address, json={"name": "Africa"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["name"], answer.json()["version"]) == (200, "Africa", 2)
    assert answer.headers["etag"] != tag
    answer = client.patch(address, json={"name": "Europe"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["type"]) == (412, "urn:earmark:problem:stale-version")
    assert client.get(address).json()["name"] == "Africa"
    assert client.delete(address).status_code == 428
    assert client.delete(address, headers={"If-Match": tag}).status_code == 412


def test_a_change_that_changes_nothing_keeps_the_version(api: Api) -> None:
    client = api.client()
    made = client.post("/units", json=UNIT)
    address, tag = made.headers["location"].removeprefix("/api/v1"), made.headers["etag"]
    answer = client.patch(address, json={"name": UNIT["name"]}, headers={"If-Match": tag})
    assert (answer.status_code, answer.headers["etag"]) == (200, tag)


def test_what_the_caller_has_already_is_not_sent_again(api: Api) -> None:
    client = api.client()
    address = client.post("/units", json=UNIT).headers["location"].removeprefix("/api/v1")
    tag = client.get(address).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_archived_row_leaves_the_list_and_can_come_back(api: Api) -> None:
    client = api.client()
    made = client.post("/units", json=UNIT)
    address = made.headers["location"].removeprefix("/api/v1")
    gone = client.delete(address, headers={"If-Match": made.headers["etag"]})
    assert gone.json()["archived_at"] is not None
    assert client.get("/units").json()["items"] == []
    assert [unit["code"] for unit in client.get("/units", params={"archived": True}).json()["items"]] == ["ROAF"]
    back = client.post(f"{address}/restore", headers={"If-Match": gone.headers["etag"]})
    assert (back.status_code, back.json()["archived_at"]) == (200, None)


def test_of_two_officers_who_change_the_same_version_at_once_one_is_refused(api: Api) -> None:
    made = api.client().post("/units", json=UNIT)
    address, tag = made.headers["location"].removeprefix("/api/v1"), made.headers["etag"]
    clients = [api.client(), api.client()]
    start = Barrier(2)

    def change(number: int) -> int:
        start.wait()
        body = {"name": f"Name {number}"}
        return int(clients[number].patch(address, json=body, headers={"If-Match": tag}).status_code)

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(change, range(2)))
    assert sorted(statuses) == [200, 412]
    kept = api.client().get(address).json()
    assert (kept["version"], kept["name"]) == (2, f"Name {statuses.index(200)}")


def test_of_two_who_add_the_same_code_at_once_one_is_refused(api: Api) -> None:
    clients = [api.client(), api.client()]
    start = Barrier(2)

    def add(number: int) -> int:
        start.wait()
        return int(clients[number].post("/units", json=UNIT | {"name": f"Name {number}"}).status_code)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, range(2))) == [201, 409]
    assert len(api.client().get("/units").json()["items"]) == 1
