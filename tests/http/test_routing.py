"""Routers that are passed by find every route that others find."""

import warnings

import pytest
from fastapi import APIRouter, FastAPI

from app.http.routing import Router
from app.main import API, OTHERS, ROUTERS

with warnings.catch_warnings():
    # it would rather have the successor of httpx, which the program does not use
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PATHS = ("/things", "/things/{key}", "/things/{key}/parts", "/other-things.csv", "/.well-known/thing", "")


def service(kind: type[APIRouter], *, root_path: str = "") -> TestClient:
    """A service of three routers: one below a prefix, one with any first word, and one at the root."""
    noun, anything, at_root = kind(prefix="/nouns"), kind(), kind()
    for path in PATHS:
        for router in (noun, at_root):
            router.add_api_route(path or ("" if router is noun else "/"), lambda path=path: path)
    anything.add_api_route("/{name}.txt", lambda name: f"text {name}", methods=["POST"])
    made = FastAPI()
    made.include_router(noun, prefix="/api/v1")
    made.include_router(anything)
    made.include_router(at_root)
    # what is added later is found too
    at_root.add_api_route("/late", lambda: "late")
    return TestClient(made, root_path=root_path, follow_redirects=False)


@pytest.mark.parametrize("root_path", ["", "/earmark/office/all"])
def test_each_address_is_answered_as_if_every_router_had_been_asked(root_path: str) -> None:
    ours, plain = service(Router, root_path=root_path), service(APIRouter, root_path=root_path)
    addresses = [
        "/", "/things", "/things/", "/things/a%2Fb", "/things/1/parts", "/other-things.csv", "/.well-known/thing",
        "/a.txt", "/late", "/nouns", "/api/v1/nouns", "/api/v1/nouns/", "/api/v1/nouns/things/7",
        "/api/v1/things", "/api/v1", "//things", "/Things", "/nowhere/things", "/a/b/c/things",
    ]  # fmt: skip
    for address in addresses:
        for method in ("GET", "POST", "HEAD"):
            said = [
                (answer.status_code, answer.text, answer.headers.get("location"))
                for answer in (each.request(method, root_path + address) for each in (ours, plain))
            ]
            assert said[0] == said[1], (method, address)
    assert ours.get(f"{root_path}/late").json() == "late"
    assert ours.post(f"{root_path}/a.txt?name=a").json() == "text a"
    assert ours.get(f"{root_path}/api/v1/nouns/things/7").json() == "/things/{key}"


def test_a_root_that_an_address_only_begins_like_is_none() -> None:
    assert service(Router, root_path="/th").get("/things").json() == "/things"


def test_every_router_of_the_service_is_passed_by_where_it_has_nothing() -> None:
    assert [each for each in (*ROUTERS, *OTHERS) if not isinstance(each, Router)] == []
    assert API.count("/") == 2
