"""Saved views by program: one's own set as a whole, those of the unit seen beside them."""

from app.domain.terms import Role
from tests.api import Api
from tests.web import example
from tests.web.people import signed_in


def test_views_are_kept_by_program_and_seen_on_the_page(light_api: Api) -> None:
    example.fill(light_api)
    program, browser = light_api.client(), signed_in(light_api, Role.OFFICER, name="olga")
    items = [{"name": "Closed", "query": "status=closed"}, {"name": "Wells", "query": "q=wells"}]
    kept = program.put("/views", json={"page": "projects", "items": items})
    assert kept.status_code == 200, kept.text
    assert [(each["name"], each["query"]) for each in kept.json()["items"]] == [
        ("Closed", "status=closed"),
        ("Wells", "q=wells"),
    ]
    assert program.put("/views", json={"page": "projects", "items": items[1:]}).status_code == 200
    assert [each["name"] for each in program.get("/views", params={"page": "projects"}).json()["items"]] == ["Wells"]

    twice = program.put("/views", json={"page": "projects", "items": [items[0], items[0]]})
    unshared = program.put("/views", json={"page": "projects", "items": [items[0] | {"shared": True}]})
    assert [answer.json()["errors"][0]["pointer"] for answer in (twice, unshared)] == [
        "/items/1/name",
        "/items/0/shared",
    ]

    mailed = program.put("/views", json={"page": "projects", "items": [items[0] | {"digest": "day"}]})
    assert mailed.json()["errors"][0]["rule"] == "view.no-address"

    # what somebody else keeps is theirs alone
    assert browser.post("/views", data={"page": "projects", "name": "Mine", "query": "q=mine"}).status_code == 303
    assert [each["name"] for each in program.get("/views").json()["items"]] == ["Wells"]
    assert "Mine" in browser.get("/projects").text
