"""Projects over HTTP: read, changed with versions, listed in a constant number of statements."""

from typing import Any

import pytest

from app.config import Settings
from app.db.engine import Database
from app.domain.terms import Role
from tests import portfolio
from tests.api import Api
from tests.queries import count_queries


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    return Api(settings, database)


def where(answer: Any) -> str:
    """The address of what was made, below the API."""
    return str(answer.headers["location"]).removeprefix("/api/v1")


PROJECT = {
    "code": "RAF/20/50/NLD",
    "title": "Decent work in cocoa supply chains",
    "title_fr": "Travail décent dans le cacao",
    "status": "implementation",
    "planned_start": "2024-01-01",
    "planned_end": "2027-12-31",
    "total_budget": "2500000.10",
    "currency": "USD",
    "countries": [{"code": "GH", "percentage": "40"}, {"code": "CI", "percentage": "60"}],
    "sectors": [{"code": "16020"}],
    "sdg": ["8.7"],
}


def test_a_project_comes_back_as_it_was_sent(api: Api) -> None:
    client = api.client()
    made = client.post("/projects", json=PROJECT)
    assert made.status_code == 201, made.text
    shown = client.get(where(made))
    assert shown.headers["etag"] == made.headers["etag"]
    body = shown.json()
    assert {**body, "remarks": []} == made.json()
    assert body["iati_identifier"] == "XX-OWN-RAF-20-50-NLD"
    assert body["total_budget"] == "2500000.10"
    assert body["title_translations"] == [["fr", "Travail décent dans le cacao"]]
    assert [(share["code"], share["percentage"]) for share in body["countries"]] == [("GH", "40"), ("CI", "60")]
    assert body["sdg"] == ["8.7"]


def test_every_fault_of_a_body_is_told_with_its_place(api: Api) -> None:
    faulty = {
        **PROJECT,
        "planned_end": "2023-01-01",
        "actual_start": "2999-01-01",
        "unit": "NOWHERE",
        "countries": [{"code": "GH", "percentage": "40"}, {"code": "QQ", "percentage": "50"}],
    }
    answer = api.client().post("/projects", json=faulty)
    assert answer.status_code == 422
    assert {(fault["pointer"], fault["rule"]) for fault in answer.json()["errors"]} == {
        ("/planned_end", "project.dates-order"),
        ("/actual_start", "project.future-date"),
        ("/unit", "unit.unknown"),
        ("/countries/1/code", "code.unknown"),
        ("/countries", "percentages.not-100"),
    }


def test_a_change_needs_the_version_it_is_based_on(api: Api) -> None:
    client = api.client()
    made = client.post("/projects", json=PROJECT)
    place = where(made)
    assert client.patch(place, json={"title": "Other"}).status_code == 428
    changed = client.patch(place, json={"title": "Other"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["title"]) == (200, "Other")
    late = client.patch(place, json={"title": "Late"}, headers={"If-Match": made.headers["etag"]})
    assert late.status_code == 412


def test_changed_classifications_are_a_new_version(api: Api) -> None:
    client = api.client()
    made = client.post("/projects", json=PROJECT)
    changed = client.patch(
        where(made), json={"countries": [{"code": "KE"}]}, headers={"If-Match": made.headers["etag"]}
    )
    assert [share["code"] for share in changed.json()["countries"]] == ["KE"]
    assert changed.headers["etag"] != made.headers["etag"]


def test_a_project_is_read_in_a_constant_number_of_statements(api: Api, database: Database) -> None:
    client = api.client()
    with database.write("tests") as session:
        portfolio.set_up(session)
        ids = [
            portfolio.project(session, "SMALL").id,
            portfolio.project(
                session, "LARGE", countries=[{"code": code, "percentage": "25"} for code in ("KE", "GH", "CI", "UG")]
            ).id,
        ]
    counts = []
    for project_id in ids:
        with count_queries(database) as statements:
            assert client.get(f"/projects/{project_id}").status_code == 200
        counts.append(len(statements))
    assert counts == [3, 3]


def test_a_list_costs_two_statements_whatever_its_length(api: Api, database: Database) -> None:
    client = api.client()
    with database.write("tests") as session:
        portfolio.set_up(session)
        for number in range(12):
            portfolio.project(session, f"P/{number:02}")
    for limit in (1, 12):
        with count_queries(database) as statements:
            assert len(client.get("/projects", params={"limit": limit}).json()["items"]) == limit
        assert len(statements) == 2


def test_projects_are_found_by_what_people_know_of_them(api: Api, database: Database) -> None:
    client = api.client()
    with database.write("tests") as session:
        portfolio.set_up(session)
        africa, asia = portfolio.unit(session, "AFRICA"), portfolio.unit(session, "ASIA")
        portfolio.officer(session, "aex", africa.id or 0)
        cocoa = portfolio.project(
            session,
            "COCOA",
            title="Cocoa 100%",
            title_fr="Cacao équitable",
            unit="AFRICA",
            officer="aex",
            outcome="3",
            countries=[{"code": "GH"}],
        )
        portfolio.project(session, "GARMENT", title="Garments", unit="ASIA", status="closed", actual_end="2024-01-31")
        portfolio.pool(session, "RBSA")
        dutch = portfolio.partner(session, "NLD")
        portfolio.share(session, portfolio.agreement(session, "NLD-1", dutch.id or 0).id or 0, cocoa.id or 0)
    assert asia.code == "ASIA"
    found = {
        query: [item["code"] for item in client.get(f"/projects?{query}").json()["items"]]
        for query in (
            "code=COCOA", "unit=AFRICA", "officer=aex", "outcome=3", "country=GH", "partner=NLD", "q=100%25",
            "q=Cacao%20%C3%A9quitable", "status=closed", "grain=pool", "unit=NONE", "sort=-code",
        )
    }  # fmt: skip
    assert found == {
        "code=COCOA": ["COCOA"],
        "unit=AFRICA": ["COCOA"],
        "officer=aex": ["COCOA"],
        "outcome=3": ["COCOA"],
        "country=GH": ["COCOA"],
        "partner=NLD": ["COCOA"],
        "q=100%25": ["COCOA"],
        "q=Cacao%20%C3%A9quitable": ["COCOA"],
        "status=closed": ["GARMENT"],
        "grain=pool": ["RBSA"],
        "unit=NONE": [],
        "sort=-code": ["RBSA", "GARMENT", "COCOA"],
    }
    counted = client.get("/projects/facets?unit=AFRICA").json()
    # a filter narrows what other fields count, and not its own
    assert counted["unit"] == [{"value": "AFRICA", "count": 1}, {"value": "ASIA", "count": 1}]
    assert counted["grain"] == [{"value": "project", "count": 1}]
    assert counted["officer"] == [{"value": "aex", "count": 1}]
    assert counted["country"] == [{"value": "GH", "count": 1}]


def test_an_archived_project_leaves_the_list_and_comes_back(api: Api) -> None:
    client = api.client()
    made = client.post("/projects", json=PROJECT)
    place = where(made)
    gone = client.delete(place, headers={"If-Match": made.headers["etag"]})
    assert client.get("/projects").json()["items"] == []
    assert len(client.get("/projects?archived=true").json()["items"]) == 1
    back = client.post(f"{place}/restore", headers={"If-Match": gone.headers["etag"]})
    assert back.json()["archived_at"] is None
    assert len(client.get("/projects").json()["items"]) == 1


def test_officers_change_the_projects_of_their_unit_only(api: Api) -> None:
    api.unit("ASIA")
    africa = api.unit("AFRICA")
    officer = api.client(Role.OFFICER, unit_id=africa)
    assert officer.post("/projects", json={**PROJECT, "unit": "AFRICA"}).status_code == 201
    assert officer.post("/projects", json={**PROJECT, "code": "OTHER", "unit": "ASIA"}).status_code == 403
    assert api.client(Role.VIEWER).post("/projects", json=PROJECT).status_code == 403


def test_a_place_or_contact_that_says_nothing_is_refused_with_what_to_say(api: Api) -> None:
    client = api.client()
    place = where(client.post("/projects", json=PROJECT))
    present = {"If-Match": "*"}
    items = [{"name": "Accra"}, {"exactness": "1"}]
    nowhere = client.put(f"{place}/locations", json={"items": items}, headers=present)
    assert nowhere.status_code == 422
    assert [(each["pointer"], each["rule"]) for each in nowhere.json()["errors"]] == [("/items/1", "location.empty")]
    assert client.get(f"{place}/locations").json()["items"] == []
    nobody = client.post(f"{place}/contacts", json={"released": True})
    assert (nobody.status_code, nobody.json()["errors"][0]["rule"]) == (422, "contact.empty")
    ada = client.post(f"{place}/contacts", json={"person": "Ada"})
    address = f"{place}/contacts/{ada.json()['id']}"
    assert client.patch(address, json={"person": None}, headers=present).status_code == 422
    assert client.patch(address, json={"person": None, "email": "a@example.org"}, headers=present).status_code == 200


def test_what_hangs_below_a_project_is_kept_and_shown(api: Api) -> None:
    client = api.client()
    made = client.post("/projects", json=PROJECT)
    place, tag = where(made), made.headers["etag"]
    contact = client.post(f"{place}/contacts", json={"person": "Ada", "email": "ada@unit.example.org", "type": "1"})
    assert contact.status_code == 201, contact.text
    document = client.post(
        f"{place}/documents",
        json={
            "url": "https://documents.example.org/a.pdf",
            "title": "Report",
            "category": "A07",
            "format": "application/pdf",
        },
    )
    assert document.status_code == 201, document.text
    assert client.get(f"/documents/{document.json()['id']}").json()["project"] == "RAF/20/50/NLD"
    places = client.put(
        f"{place}/locations",
        json={"items": [{"name": "Accra", "latitude": "5.6", "longitude": "-0.2"}]},
        headers={"If-Match": tag},
    )
    assert places.status_code == 200, places.text
    partners = client.put(
        f"{place}/participants",
        json={"items": [{"organisation": "GH-COA-1", "role": "4"}]},
        headers={"If-Match": places.headers["etag"]},
    )
    assert [item["organisation"] for item in partners.json()["items"]] == ["GH-COA-1"]
    links = client.put(
        f"{place}/links",
        json={"items": [{"type": "3", "identifier": "XX-OTHER-1"}]},
        headers={"If-Match": partners.headers["etag"]},
    )
    assert links.status_code == 200, links.text
    assert client.get(f"{place}/locations").json()["items"][0]["longitude"] == "-0.2"
    entities = {event["entity"] for event in client.get(f"{place}/audit").json()["items"]}
    assert {"projects", "contacts", "documents", "locations", "participants", "links"} <= entities


def test_decisions_are_recorded_and_the_past_can_be_asked_for(api: Api) -> None:
    client = api.client()
    place = where(client.post("/projects", json={**PROJECT, "decided_on": "2024-01-01"}))
    decision = {"field": "planned_end", "decided_on": "2025-06-01", "value": "2028-06-30", "reason": "Extension"}
    assert client.post(f"{place}/revisions", json=decision).status_code == 201
    assert client.post(f"{place}/revisions", json=decision).status_code == 409
    assert client.get(place).json()["planned_end"] == "2028-06-30"
    assert client.get(f"{place}/as-of?as_of=2025-05-31").json()["planned_end"] == "2027-12-31"
    assert client.get(f"{place}/as-of?as_of=2023-12-31").json()["planned_end"] is None
    known = [item["decided_on"] for item in client.get(f"{place}/revisions?field=planned_end").json()["items"]]
    assert known == ["2024-01-01", "2025-06-01"]


def test_a_pool_is_a_project_of_another_grain(api: Api) -> None:
    client = api.client()
    assert client.post("/units", json={"code": "PARDEV", "name": "Partnerships"}).status_code == 201
    account = {"code": "RBSA", "title": "Supplementary account", "unit": "PARDEV", "planned_start": "2020-01-01"}
    made = client.post("/pools", json=account)
    assert made.status_code == 201, made.text
    shown = client.get(where(made)).json()
    assert (shown["grain"], shown["unit"], shown["planned_start"]) == ("pool", "PARDEV", "2020-01-01")


def test_a_code_that_looks_like_a_formula_is_kept_and_remarked_on(api: Api) -> None:
    client = api.client()
    for place, body in (("/projects", {"status": "pipeline"}), ("/pools", {})):
        made = client.post(place, json={"code": f"=1+{len(place)}", "title": "Water", **body})
        assert made.status_code == 201, made.text
        assert [(one["rule"], one["pointer"]) for one in made.json()["remarks"]] == [("code.formula", "/code")]


@pytest.mark.parametrize("code", ["=1+1", "+1", "-A", "@x"])
@pytest.mark.parametrize("place", ["/projects", "/pools"])
def test_a_new_code_of_a_record_that_looks_like_a_formula_is_remarked_on_once(api: Api, place: str, code: str) -> None:
    client = api.client()
    made = client.post(place, json={"code": "W", "title": "Water"} | ({"status": "pipeline"} if "j" in place else {}))
    assert made.status_code == 201, made.text
    address = where(made).replace("/pools", "/projects")
    renamed = client.patch(address, json={"code": code}, headers={"If-Match": made.headers["etag"]})
    assert renamed.status_code == 200, renamed.text
    assert [(one["rule"], one["pointer"]) for one in renamed.json()["remarks"]] == [("code.formula", "/code")]
    retitled = client.patch(address, json={"title": "Wells"}, headers={"If-Match": renamed.headers["etag"]})
    assert retitled.json()["remarks"] == []


def test_the_former_names_of_a_pools_days_are_still_taken(api: Api) -> None:
    client = api.client()
    made = client.post("/pools", json={"code": "RBSA", "title": "Account", "starts_on": "2020-01-01"})
    assert made.status_code == 201, made.text
    assert client.get(where(made)).json()["planned_start"] == "2020-01-01"
    both = {"code": "RB", "title": "Account", "starts_on": "2020-01-01", "planned_start": "2021-01-01"}
    refused = client.post("/pools", json=both)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/starts_on"]
