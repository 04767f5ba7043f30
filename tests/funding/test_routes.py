"""Agreements over HTTP, with what hangs below them."""

from app.db.projects import Project
from app.domain.terms import Role, Stage
from tests.api import Api, TestClient

AGREEMENT = {
    "reference": "NLD-1", "partner": "NLD", "title": "Living wages", "preset": "project", "status": "signed",
    "signed_on": "2026-01-15", "currency": "EUR", "amount": "1000.10",
}  # fmt: skip


def ready(api: Api) -> TestClient:
    """A client with partner NLD, projects A/1 and B/2 and agreement 1."""
    client = api.client()
    client.post("/partners", json={"code": "NLD", "name": "Netherlands", "category": "government"})
    with api.database.write("tests") as session:
        for code in ("A/1", "B/2"):
            session.add(
                Project(
                    code=code,
                    iati_identifier=f"XX-OWN-{code.replace('/', '-')}",
                    reporting_org_id=api.organisation_id or 0,
                    title=code,
                    stage=Stage.IMPLEMENTATION,
                )
            )
    assert client.post("/agreements", json=AGREEMENT).status_code == 201
    return client


def test_amounts_come_out_as_they_went_in(light_api: Api) -> None:
    shown = ready(light_api).get("/agreements/1").json()
    assert (shown["amount"], shown["modality"], shown["category"], shown["gross"]) == ("1000.10", "I", 4, True)
    assert shown["support_cost_rate"] is None


def test_an_amount_that_was_rounded_before_it_came_is_refused(light_api: Api) -> None:
    client = ready(light_api)
    # a nought that a table of approvals prints
    assert client.post("/agreements", json=AGREEMENT | {"reference": "NIL", "amount": "0"}).json()["amount"] == "0"
    for amount in (1000.1, "1e3", "NaN", "-5", "1000000000000000", True, None):
        answer = client.post("/agreements", json=AGREEMENT | {"reference": "X", "amount": amount})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/amount"), amount


def test_agreements_are_found_by_what_they_fund(light_api: Api) -> None:
    client = ready(light_api)
    client.post("/agreements", json=AGREEMENT | {"reference": "NLD-2", "status": "pledged", "signed_on": None})
    client.post("/agreements/2/shares", json={"project": "B/2", "percent": "100"})
    found = {
        str(query): [item["reference"] for item in client.get("/agreements", params=query).json()["items"]]
        for query in ({"project": "B/2"}, {"status": "signed"}, {"category": 4, "sort": "-reference"}, {"partner": "X"})
    }
    assert list(found.values()) == [["NLD-2"], ["NLD-1"], ["NLD-2", "NLD-1"], []]


def test_shares_of_an_agreement_are_kept_below_it(light_api: Api) -> None:
    client = ready(light_api)
    made = client.post("/agreements/1/shares", json={"project": "A/1", "amount": "600.10"})
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/agreements/1/shares/1")
    assert client.post("/agreements/1/shares", json={"project": "A/1", "amount": "1"}).status_code == 409
    too_much = client.post("/agreements/1/shares", json={"project": "B/2", "amount": "400.01"})
    assert (too_much.status_code, "400.00 is left" in too_much.json()["errors"][0]["message"]) == (422, True)
    changed = client.patch("/agreements/1/shares/1", json={"amount": "500"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["amount"]) == (200, "500")
    assert client.get("/agreements/2/shares/1").status_code == 404
    ended = client.delete("/agreements/1/shares/1", headers={"If-Match": changed.headers["etag"]})
    assert ended.json()["archived_at"] is not None
    assert client.get("/agreements/1/shares").json()["items"] == []
    assert client.get("/agreements/9/shares").status_code == 404


def test_instalments_of_an_agreement_are_kept_below_it(light_api: Api) -> None:
    client = ready(light_api)
    made = client.post("/agreements/1/instalments", json={"due_on": "2026-06-30", "amount": "500"})
    assert made.status_code == 201
    assert client.post("/agreements/1/instalments", json={"due_on": "2026-06-30", "amount": "1"}).status_code == 409
    client.post("/agreements/1/instalments", json={"due_on": "2026-03-31", "amount": "100"})
    clash = client.patch(
        "/agreements/1/instalments/1", json={"due_on": "2026-03-31"}, headers={"If-Match": made.headers["etag"]}
    )
    assert clash.status_code == 409
    days = [item["due_on"] for item in client.get("/agreements/1/instalments").json()["items"]]
    assert days == ["2026-03-31", "2026-06-30"]


def test_what_was_decided_on_an_agreement_can_be_read(light_api: Api) -> None:
    client = ready(light_api)
    tag = client.get("/agreements/1").headers["etag"]
    body = {"amount": "2000", "decided_on": "2026-03-01", "reason": "Topped up"}
    assert client.patch("/agreements/1", json=body, headers={"If-Match": tag}).json()["version"] == 2
    items = client.get("/agreements/1/revisions").json()["items"]
    assert [(item["sequence"], item["decided_on"], item["amount"], item["reason"]) for item in items] == [
        (1, "2026-01-15", "1000.10", "Entered as signed"),
        (2, "2026-03-01", "2000", "Topped up"),
    ]


def test_the_organisation_offers_its_own_presets_from_a_day_on(light_api: Api) -> None:
    client = ready(light_api)
    preset = {
        "code": "project", "valid_from": "2026-02-01", "instrument": "project-specific", "aid_type": "C01",
        "modality": "L", "wording": "earmarked",
    }  # fmt: skip
    assert light_api.client(Role.OFFICER).post("/presets", json=preset).status_code == 403
    contradiction = client.post("/presets", json=preset | {"modality": "C"})
    assert {fault["rule"] for fault in contradiction.json()["errors"]} == {
        "earmarking.unearmarked-but-not-core",
        "earmarking.instrument-of-category",
    }
    assert client.post("/presets", json=preset).status_code == 201
    assert client.post("/presets", json=preset).status_code == 409
    later = AGREEMENT | {"reference": "NLD-2", "signed_on": "2026-02-01"}
    assert client.post("/agreements", json=later).json()["modality"] == "L"
    # before that day the organisation's own list offers nothing of this name
    assert client.post("/agreements", json=AGREEMENT | {"reference": "NLD-3"}).status_code == 422
