"""Lists are bounded, filtered, sorted and paged the same way everywhere, at the same cost on every page."""

import datetime as dt
from typing import Any

import pytest

from app.db.partners import Organisation, Partner
from app.domain.terms import PartnerCategory, Screening
from tests.api import Api, TestClient
from tests.queries import count_queries

#: code → day until which the partner is cleared; several share a day, some have none
CLEARED = {
    "A": None, "B": dt.date(2027, 1, 1), "C": dt.date(2026, 1, 1), "D": None, "E": dt.date(2027, 1, 1),
    "F": dt.date(2026, 6, 1), "G": None,
}  # fmt: skip


def fill(api: Api) -> TestClient:
    with api.database.write("tests") as session:
        for code, day in CLEARED.items():
            organisation = Organisation(name=f"Partner 100% {code}", name_key=f"partner 100% {code.lower()}")
            session.add(organisation)
            session.flush()
            session.add(
                Partner(
                    code=code,
                    organisation_id=organisation.id or 0,
                    category=PartnerCategory.FOUNDATION if code < "D" else PartnerCategory.IFI,
                    screening=Screening.CLEARED if day else Screening.PENDING,
                    cleared_until=day,
                )
            )
    return api.client()


def walk(client: TestClient, **params: Any) -> list[list[str]]:
    """The codes of every page."""
    pages = []
    cursor = None
    while True:
        answer = client.get("/partners", params={**params, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        pages.append([item["code"] for item in answer.json()["items"]])
        cursor = answer.json()["next"]
        if cursor is None:
            return pages


def test_pages_follow_one_another_in_the_order_asked_for(api: Api) -> None:
    client = fill(api)
    expected = {
        "code": ["ABC", "DEF", "G"],
        "-code": ["GFE", "DCB", "A"],
        # empty values come last in both directions; of equals the key decides
        "cleared_until": ["CFB", "EAD", "G"],
        "-cleared_until": ["BEF", "CAD", "G"],
        "category,-code": ["CBA", "GFE", "D"],
        "-category,cleared_until": ["FED", "GCB", "A"],
    }
    found = {sort: ["".join(page) for page in walk(client, limit=3, sort=sort)] for sort in expected}
    assert found == expected


def test_a_page_is_not_disturbed_by_rows_added_before_it(api: Api) -> None:
    client = fill(api)
    first = client.get("/partners", params={"limit": 3}).json()
    client.post("/partners", json={"code": "AA", "name": "New", "category": "ifi"})
    second = client.get("/partners", params={"limit": 3, "cursor": first["next"]}).json()
    assert [item["code"] for item in second["items"]] == ["D", "E", "F"]


def test_filters_narrow_the_list_and_may_be_combined(api: Api) -> None:
    client = fill(api)
    assert walk(client, category="ifi") == [["D", "E", "F", "G"]]
    assert walk(client, category=["ifi", "foundation"], screening="cleared") == [["B", "C", "E", "F"]]
    assert walk(client, cleared_until_from="2026-06-01", cleared_until_to="2026-12-31") == [["F"]]
    assert walk(client, q="partner 100% g") == [["G"]]
    assert walk(client, q="PARTNER 100% g") == [["G"]]
    assert walk(client, q="100_") == [[]]
    # what escapes them is itself no sign of anything
    assert walk(client, q="100/%") == [[]]


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"limit": 0}, "/query/limit"),
        ({"limit": 201}, "/query/limit"),
        ({"sort": "colour"}, "/query/sort"),
        ({"colour": "red"}, "/query/colour"),
        ({"category": "nobody"}, "/query/category/0"),
        ({"cleared_until_from": "2026-02-30"}, "/query/cleared_until_from"),
        ({"cursor": "!"}, "/query/cursor"),
        ({"cursor": "ä"}, "/query/cursor"),
        ({"cursor": "AAAA"}, "/query/cursor"),
    ],
)
def test_what_a_list_does_not_know_is_a_fault(light_api: Api, params: dict[str, Any], pointer: str) -> None:
    answer = light_api.client().get("/partners", params=params)
    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, [pointer])


def test_numbers_and_moments_that_no_database_holds_are_faults(light_api: Api) -> None:
    client = light_api.client()
    for path, said in (
        ("messages", "created_from=2999-12-31"), ("registry/calls", "at_to=2999-12-31"),
        ("registry/calls", f"status={10**30}"), ("result-records", f"year={10**30}"),
        ("result-records", f"gender_marker={10**30}"),
    ):  # fmt: skip
        assert client.get(f"/{path}?{said}").status_code == 422, said


def test_a_cursor_belongs_to_its_list_its_order_and_its_filters(light_api: Api) -> None:
    client = fill(light_api)
    cursor = client.get("/partners", params={"limit": 3, "sort": "code"}).json()["next"]
    assert client.get("/partners", params={"cursor": cursor, "sort": "code"}).status_code == 200
    for params in ({"sort": "-code"}, {"category": "ifi"}, {"sort": "name"}):
        answer = client.get("/partners", params={"cursor": cursor, **params})
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "cursor")
    assert client.get("/organisations", params={"cursor": cursor}).status_code == 422
    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        answer = client.get("/partners", params={"cursor": changed, "sort": "code"})
        assert answer.status_code == 422


def test_a_page_costs_the_same_number_of_statements_whatever_its_size(light_api: Api) -> None:
    client = fill(light_api)
    counts = []
    for limit in (1, 7):
        with count_queries(light_api.database) as statements:
            client.get("/partners", params={"limit": limit, "sort": "name"})
        counts.append(len(statements))
    # the token, then the page
    assert counts == [2, 2]


def test_an_unchanged_list_need_not_be_sent_again(light_api: Api) -> None:
    client = fill(light_api)
    tag = client.get("/partners").headers["etag"]
    again = client.get("/partners", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    client.post("/partners", json={"code": "AA", "name": "New", "category": "ifi"})
    assert client.get("/partners", headers={"If-None-Match": tag}).status_code == 200
