"""Every noun that can be archived: archived twice, changed while archived, restored."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from app.domain.codes import use_codelists
from tests.api import Api
from tests.portfolio import known

Body = dict[str, Any]

PROJECT = {
    "code": "P/1", "title": "Decent work", "description": "Work for all.", "status": "implementation",
    "planned_start": "2025-01-01", "planned_end": "2027-12-31",
}  # fmt: skip
PARTNER = {"code": "NLD", "name": "Netherlands", "category": "government"}
AGREEMENT = {
    "reference": "A-1", "partner": "NLD", "title": "Partnership", "preset": "project", "status": "completed",
    "signed_on": "2025-01-15", "currency": "USD", "amount": "1000",
}  # fmt: skip
EVALUATION = {"reference": "E1", "kind": "final", "independence": "self", "projects": ["P/1"], "status": "planned"}
RECOMMENDATION = {"reference": "R1", "evaluation": "E1", "text": "Hand over in time."}
UNIT = {"code": "GVA", "name": "Geneva"}


@dataclass(frozen=True, kw_only=True)
class Noun:
    """What stands at a place, and a change of it."""

    place: str
    body: Body
    change: Body
    #: what must be there first: (place, body)
    first: tuple[tuple[str, Body], ...] = field(default=())


NOUNS = {
    "project": Noun(place="/projects", body=PROJECT, change={"title": "Other work"}),
    "pool": Noun(place="/pools", body={"code": "RBSA", "title": "Pool"}, change={"title": "Other pool"}),
    "partner": Noun(place="/partners", body=PARTNER, change={"note": "Met in May"}),
    "organisation": Noun(place="/organisations", body={"name": "Ministry"}, change={"country": "KE"}),
    "agreement": Noun(
        place="/agreements", body=AGREEMENT, change={"title": "Other"}, first=(("/partners", PARTNER),)
    ),
    "share": Noun(
        place="/agreements/1/shares",
        body={"project": "P/1", "starts_on": "2025-01-01"},
        change={"ends_on": "2026-01-01"},
        first=(("/partners", PARTNER), ("/projects", PROJECT), ("/agreements", AGREEMENT | {"status": "signed"})),
    ),
    "instalment": Noun(
        place="/agreements/1/instalments",
        body={"due_on": "2026-01-01", "amount": "10"},
        change={"amount": "11"},
        first=(("/partners", PARTNER), ("/agreements", AGREEMENT)),
    ),
    "preset": Noun(
        place="/presets",
        body={
            "code": "thematic-fund", "valid_from": "2030-01-01", "instrument": "single-agency-thematic",
            "aid_type": "B032", "modality": "E", "wording": "lightly earmarked",
        },
        change={"valid_to": "2031-01-01"},
    ),
    "contact": Noun(
        place="/projects/1/contacts", body={"person": "Ana"}, change={"person": "Bea"}, first=(("/projects", PROJECT),)
    ),
    "document": Noun(
        place="/documents",
        body={
            "project": "P/1", "url": "https://example.org/a.pdf", "title": "Report", "category": "A07",
            "format": "application/pdf",
        },
        change={"title": "Other report"},
        first=(("/projects", PROJECT),),
    ),
    "result": Noun(
        place="/results", body={"project": "P/1", "result": "Laws are kept"}, change={"note": "Seen"},
        first=(("/projects", PROJECT),),
    ),
    "framework item": Noun(
        place="/framework-items",
        body={"framework": "2026-27", "level": "outcome", "code": "1", "title": "Rights"},
        change={"title": "Other rights"},
    ),
    "encumbrance": Noun(
        place="/encumbrances",
        body={"document": "EN-1", "project": "P/1", "date": "2026-01-01", "amount": "5", "currency": "USD"},
        change={"amount": "6"},
        first=(("/projects", PROJECT),),
    ),
    "institutional budget": Noun(
        place="/institutional-budgets",
        body={
            "kind": "total", "period_start": "2026-01-01", "period_end": "2026-12-31", "amount": "5",
            "currency": "USD",
        },
        change={"amount": "6"},
    ),
    "evaluation": Noun(
        place="/evaluations", body=EVALUATION, change={"status": "team"}, first=(("/projects", PROJECT),)
    ),
    "lesson": Noun(
        place="/lessons",
        body={"reference": "L", "kind": "lesson", "title": "T", "text": "L.", "noted_on": "2026-01-01"},
        change={"title": "Other"},
    ),
    "risk": Noun(
        place="/risks",
        body={"reference": "K", "project": "P/1", "cause": "C", "event": "E", "consequence": "S", "likelihood": 2,
              "impact": 2, "opened_on": "2026-01-01", "review_on": "2027-01-01"},
        change={"event": "Other"},
        first=(("/projects", PROJECT),),
    ),
    "milestone": Noun(
        place="/milestones",
        body={"strategy": "S", "code": "1", "title": "Plan", "due_on": "2027-01-01"},
        change={"title": "Plans"},
    ),
    "report": Noun(
        place="/oversight-reports",
        body={"reference": "IA-1", "overseer": "internal-audit", "title": "Audit", "issued_on": "2026-01-01"},
        change={"title": "Audit of stores"},
    ),
    "recommendation": Noun(
        place="/recommendations",
        body=RECOMMENDATION,
        change={"text": "Hand over."},
        first=(("/projects", PROJECT), ("/evaluations", EVALUATION)),
    ),
    "action": Noun(
        place="/recommendations/1/actions",
        body={"text": "Draft the plan."},
        change={"owner": "Ana"},
        first=(("/projects", PROJECT), ("/evaluations", EVALUATION), ("/recommendations", RECOMMENDATION)),
    ),
    "unit": Noun(place="/units", body=UNIT, change={"name": "Other"}),
    "officer": Noun(
        place="/officers",
        body={"code": "ana", "name": "Ana", "email": "ana@example.org", "unit": "GVA"},
        change={"name": "Bea"},
        first=(("/units", UNIT),),
    ),
    "user": Noun(place="/users", body={"name": "bob", "role": "viewer"}, change={"role": "publisher"}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def codes() -> None:
    use_codelists(known)


def added(client: Any, place: str, body: Body) -> tuple[str, str]:
    """Adds a row; gives its address and its ETag."""
    made = client.post(place, json=body)
    assert made.status_code == 201, (place, made.text)
    address = made.headers["location"].split("/api/v1")[-1]
    return address, client.get(address).headers["etag"]


@pytest.mark.parametrize("noun", NOUNS)
def test_what_is_archived_stays_so_and_unchanged_until_it_is_restored(light_api: Api, noun: str) -> None:
    case, client = NOUNS[noun], light_api.client()
    for place, body in case.first:
        added(client, place, body)
    address, tag = added(client, case.place, case.body)

    gone = client.delete(address, headers={"If-Match": tag})
    assert gone.status_code == 200, gone.text
    day = gone.json()["archived_at"]
    assert day is not None
    again = client.delete(address, headers={"If-Match": gone.headers["etag"]})
    assert (again.status_code, again.json()["archived_at"]) == (200, day)

    refused = client.patch(address, json=case.change, headers={"If-Match": again.headers["etag"]})
    assert refused.status_code == 409, refused.text
    (fault,) = refused.json()["errors"]
    assert fault["rule"] == "archived"
    assert "restore it first" in fault["message"]

    back = client.post(f"{address}/restore", headers={"If-Match": again.headers["etag"]})
    assert (back.status_code, back.json()["archived_at"]) == (200, None), back.text
    twice = client.post(f"{address}/restore", headers={"If-Match": back.headers["etag"]})
    assert (twice.status_code, twice.headers["etag"]) == (200, back.headers["etag"])
    changed = client.patch(address, json=case.change, headers={"If-Match": back.headers["etag"]})
    assert changed.status_code == 200, changed.text


def test_every_address_that_archives_has_one_that_restores(light_api: Api) -> None:
    paths: dict[str, Any] = light_api.app.openapi()["paths"]
    archiving = {path for path, methods in paths.items() if "delete" in methods}
    # a token is revoked and a feed is closed for good
    archiving -= {"/api/v1/tokens/{token_id}", "/api/v1/calendar-feeds/{feed_id}"}
    assert {f"{path}/restore" for path in archiving} <= paths.keys()
    # what is set as a whole has no change to refuse; a pool is archived as the project that it is
    changed = {path for path in archiving if "patch" in paths[path]}
    assert len(changed) == len(NOUNS) - 1
    assert len(archiving - changed) == len(SET_AS_A_WHOLE)


#: place → body; each is set by its key, and has no PATCH
SET_AS_A_WHOLE = {
    "/agreements/1/report-schedules": {"kind": "financial", "first_due": "2027-03-31"},
    "/agreements/1/reports": {"kind": "financial", "due_on": "2026-03-31"},
    "/agreements/1/conditions": {"code": "1", "text": "Office opened"},
    "/framework-agreements": {"code": "F", "partner": "NLD", "title": "Programme"},
    "/partners/1/protection-checks": {"checked_on": "2026-01-01", "result": "passed", "reason": "Seen"},
    "/results-frameworks": {"code": "P", "title": "Plan", "starts_on": "2026-01-01", "ends_on": "2027-12-31"},
    "/framework-targets": {"framework": "2026-27", "code": "1", "period": "2026", "target": "5"},
    "/framework-tags": {"framework": "2026-27", "code": "1", "country_programme": "KEN"},
    "/framework-crosswalk": {"from_framework": "2026-27", "from_code": "1", "to_framework": "2028-29"},
    "/result-records": {
        "reference": "R-1",
        "framework": "2026-27",
        "indicator": "1.1",
        "year": 2026,
        "country": "KE",
        "sentence": "Done.",
    },
    "/country-programmes": {"code": "KEN", "title": "Kenya", "country": "KE"},
    "/assistance-types": {"code": "training", "name": "Training"},
}


#: what they name
NEEDED = (
    ("/partners", PARTNER),
    ("/agreements", AGREEMENT | {"ends_on": "2027-12-31"}),
    ("/framework-items", {"framework": "2026-27", "level": "outcome", "code": "1", "title": "One"}),
    ("/framework-items", {"framework": "2026-27", "level": "indicator", "code": "1.1", "title": "One"}),
    ("/country-programmes", {"code": "KEN", "title": "Kenya", "country": "KE"}),
)


@pytest.mark.parametrize("place", SET_AS_A_WHOLE)
def test_what_is_set_as_a_whole_is_archived_and_restored(light_api: Api, place: str) -> None:
    client = light_api.client()
    for needed, first in NEEDED:
        assert client.post(needed, json=first).status_code == 201, needed
    made = client.post(place, json=SET_AS_A_WHOLE[place])
    assert made.status_code == 201, made.text
    address = f"{place}/{made.json()['id']}"
    gone = client.delete(address, headers={"If-Match": made.headers["etag"]})
    assert gone.json()["archived_at"] is not None
    back = client.post(f"{address}/restore", headers={"If-Match": gone.headers["etag"]})
    assert (back.status_code, back.json()["archived_at"]) == (200, None), back.text


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("/projects/1/contacts", {"person": "Ana"}),
        ("/documents", NOUNS["document"].body),
        ("/results", NOUNS["result"].body),
        ("/encumbrances", NOUNS["encumbrance"].body),
        (
            "/allocations",
            {
                "project": "P/1", "fiscal_year": "2026", "kind": "original", "decided_on": "2026-01-01",
                "amount": "5", "currency": "USD",
            },
        ),
        (
            "/transactions",
            {
                "document": "D-1", "project": "P/1", "type": "4", "date": "2026-01-01", "amount": "5",
                "currency": "USD",
            },
        ),
    ],
)  # fmt: skip
def test_nothing_is_added_to_an_archived_project(light_api: Api, place: str, body: Body) -> None:
    client = light_api.client()
    address, tag = added(client, "/projects", PROJECT)
    assert client.delete(address, headers={"If-Match": tag}).status_code == 200
    refused = client.post(place, json=body)
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "archived"), refused.text


@pytest.mark.parametrize("what", ["transaction", "allocation", "encumbrance", "evaluation"])
def test_a_project_with_figures_is_closed_not_archived(api: Api, what: str) -> None:
    client = api.client()
    address, tag = added(client, "/projects", PROJECT)
    money = {"project": "P/1", "amount": "5", "currency": "USD"}
    places: dict[str, tuple[str, Body]] = {
        "transaction": ("/transactions", money | {"document": "D-1", "type": "4", "date": "2026-01-01"}),
        "allocation": (
            "/allocations", money | {"fiscal_year": "2026", "kind": "original", "decided_on": "2026-01-01"},
        ),
        "encumbrance": ("/encumbrances", money | {"document": "EN-1", "date": "2026-01-01"}),
        "evaluation": ("/evaluations", EVALUATION),
    }  # fmt: skip
    place, body = places[what]
    assert client.post(place, json=body).status_code == 201
    tag = client.get(address).headers["etag"]
    refused = client.delete(address, headers={"If-Match": tag})
    assert refused.status_code == 409
    assert "close or cancel it instead" in refused.json()["errors"][0]["message"]
    assert client.get(address).json()["archived_at"] is None
