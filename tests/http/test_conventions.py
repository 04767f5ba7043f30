"""What holds for the whole API: ways to other pages, how often a token may call, and that the description says so."""

import re
from typing import Any

import pytest

from app.config import Settings
from app.errors import UsageError
from app.http.conventions import TAGS
from app.http.limits import Limiter
from app.main import create_app
from tests.api import Api, TestClient
from tests.http.test_lists import fill

_LINK = re.compile(r'<([^>]+)>; rel="(\w+)"')


def ways(answer: Any) -> dict[str, str]:
    return {name: address for address, name in _LINK.findall(answer.headers["link"])}


@pytest.mark.parametrize("sort", ["code", "-code", "cleared_until", "-cleared_until", "-category,cleared_until"])
def test_links_lead_through_a_list_and_back(api: Api, sort: str) -> None:
    client = fill(api)
    root = api.stranger()
    root.headers.update(client.headers)

    def codes(answer: Any) -> str:
        return "".join(item["code"] for item in answer.json()["items"])

    answer = root.get(f"/api/v1/partners?sort={sort}&limit=3")
    assert set(ways(answer)) == {"first", "next"}
    pages = [codes(answer)]
    while "next" in ways(answer):
        answer = root.get(ways(answer)["next"])
        pages.append(codes(answer))
    assert [len(page) for page in pages] == [3, 3, 1]
    back = [codes(answer)]
    while "prev" in ways(answer):
        answer = root.get(ways(answer)["prev"])
        back.insert(0, codes(answer))
    assert back == pages
    assert codes(root.get(ways(answer)["first"])) == pages[0]
    assert root.get(ways(answer)["next"]).json()["items"][0]["code"] == pages[1][0]


def test_a_token_that_calls_too_often_waits_and_others_do_not(light_api: Api) -> None:
    limited = light_api.settings.model_copy(update={"api_rate": "3/hour"})
    service = create_app(limited, light_api.database)
    one, other = (light_api.client() for _ in range(2))
    client = TestClient(service)

    def call(headers: Any) -> Any:
        return client.get("/api/v1/me", headers={"Authorization": headers["authorization"]} if headers else {})

    answers = [call(one.headers) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [each.headers["ratelimit-remaining"] for each in answers] == ["2", "1", "0", "0"]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:earmark:problem:too-many-requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert refused.headers["x-request-id"] == refused.json()["request_id"]
    assert call(other.headers).status_code == 200
    # strangers count by their address, and what is no part of the API is never counted
    assert [call(None).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert {client.get("/health/live").status_code for _ in range(5)} == {200}


def test_a_rate_that_is_none_and_a_store_that_is_not_there_are_told() -> None:
    for wrong in ("many", "5/fortnight", "-1/second"):
        with pytest.raises(ValueError, match="no rate"):
            Settings(api_rate=wrong, _env_file=None)  # type: ignore[call-arg]
    with pytest.raises(UsageError, match="EARMARK_API_RATE_STORE"):
        Limiter(lambda *_: None, allowed=None, store="nowhere://x")  # type: ignore[arg-type]


def test_the_description_tells_tags_headers_and_examples(light_api: Api) -> None:
    description = light_api.app.openapi()
    schemas = description["components"]["schemas"]
    assert [name for name in schemas if "__" in name] == []
    told = {tag["name"] for tag in description["tags"]}
    used = set()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            used |= set(operation["tags"])
            if not path.startswith("/api/"):
                continue
            responses = operation["responses"]
            assert "Retry-After" in responses["429"]["headers"], path
            if "304" in responses:
                assert "ETag" in responses["200"]["headers"], path
            if "201" in responses:
                assert "Location" in responses["201"]["headers"], path
            if "/partners" in path and method == "get" and path.endswith("s"):
                assert "Link" in responses["200"]["headers"], path
    assert used == told == set(TAGS)
    assert description["servers"]
    assert description["info"]["license"]
