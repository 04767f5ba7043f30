"""Releases over HTTP: the same steps as on the command line, by publishers."""

import pytest

from app.domain.terms import Role
from tests.api import Api


@pytest.fixture
def office(api: Api) -> Api:
    admin = api.client()
    budget = {
        "kind": "total",
        "period_start": "2026-01-01",
        "period_end": "2026-12-31",
        "amount": "5",
        "currency": "USD",
    }
    assert admin.post("/institutional-budgets", json=budget).status_code == 201
    return api


def test_release_goes_its_way_over_http(office: Api) -> None:
    anna = office.client(Role.PUBLISHER, name="anna")
    made = anna.post("/releases", json={"as_of": "2026-11-20", "note": "First"})
    assert (made.status_code, made.json()["state"], made.json()["prepared_by"]) == (201, "prepared", "anna")
    address = f"/releases/{made.json()['id']}"
    assert made.headers["location"].endswith(address)
    assert anna.post("/releases", json={"as_of": "2026-11-20"}).status_code == 200
    assert anna.post(f"{address}/publish", json={}).status_code == 409
    assert anna.post(f"{address}/approve", json={"accept": [99], "reason": "x"}).status_code == 422
    assert anna.post(f"{address}/approve", json={}).json()["approved_by"] == "anna"
    planned = anna.post(f"{address}/publish", json={"dry_run": True}).json()
    assert [row["outcome"] for row in planned["outcomes"]] == ["published"]
    world = office.stranger()
    assert world.get("/iati/xx-own-organisation.xml").status_code == 404
    done = anna.post(f"{address}/publish", json={}).json()
    assert (done["failed"], done["nothing_to_do"]) == (False, False)
    assert b"XX-OWN" in world.get("/iati/xx-own-organisation.xml").content
    assert anna.post(f"{address}/publish", json={}).json()["nothing_to_do"] is True
    listed = anna.get("/releases?state=published").json()["items"]
    assert [(each["number"], each["account"]["counts"]["files"]) for each in listed] == [(1, 1)]
    assert anna.get(address).json()["files"][0]["dataset"] == "xx-own-organisation"
    assert anna.get(f"{address}/lines?kind=withheld").json()["items"] == []
    assert anna.get("/redactions/withheld?as_of=2026-11-20").json() == {
        "as_of": "2026-11-20", "withheld": [], "next": None,
    }  # fmt: skip
    assert anna.get("/redactions/withheld?project=NONE").status_code == 404
    project = {"code": "P1", "title": "Skills", "status": "implementation"}
    assert office.client().post("/projects", json=project).status_code == 201
    assert anna.post("/redactions", json={"project": "P1", "reason": "Safety"}).status_code == 201
    (withheld,) = anna.get("/redactions/withheld?project=P1").json()["withheld"]
    assert (withheld["part"], withheld["reason"], withheld["by"]) == ("project", "Safety", "anna")
    assert office.client().post("/projects", json={**project, "code": "P2"}).status_code == 201
    assert anna.post("/redactions", json={"project": "P2", "reason": "Safety"}).status_code == 201
    # paged and given as a file as its neighbours are
    pages = [anna.get("/redactions/withheld?limit=1&count=true")]
    pages += [anna.get(pages[0].links["next"]["url"].removeprefix("/api/v1"))]
    pages += [anna.get(pages[1].links["prev"]["url"].removeprefix("/api/v1"))]
    assert [[each["project"] for each in page.json()["withheld"]] for page in pages] == [["P1"], ["P2"], ["P1"]]
    assert (pages[0].json()["count"], pages[1].json()["next"], pages[2].headers["ETag"]) == (
        2, None, pages[0].headers["ETag"],
    )  # fmt: skip
    assert anna.get("/redactions/withheld?format=csv").text.splitlines()[2].startswith("P2,project,,Safety,,anna,")
    for wrong in ("cursor=abc", "sort=project", f"project=P1&cursor={pages[0].json()['next']}"):
        assert anna.get(f"/redactions/withheld?{wrong}").status_code == 422
    taken = anna.post(f"{address}/withdraw", json={"reason": "by mistake"}).json()
    assert [row["outcome"] for row in taken["outcomes"]] == ["withdrawn"]
    assert world.get("/iati/xx-own-organisation.xml").status_code == 410


def test_files_of_the_server_are_not_read_for_callers(office: Api) -> None:
    anna = office.client(Role.PUBLISHER)
    refused = anna.post("/releases", json={"live": ["/etc", "http://127.0.0.1:9/a.xml"]})
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/live/0", "/live/1"]
