"""Evaluations, obligations, recommendations, policies and alerts over HTTP."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.db.alerts import Alert, AlertEvent
from app.domain.terms import Role
from tests.evaluations.served import Served
from tests.queries import count_queries


def made(served: Served, **values: Any) -> Any:
    body = {"reference": "E1", "kind": "final", "independence": "independent", "projects": ["P1"],
            "status": "planned", **values}  # fmt: skip
    answer = served.client.post("/evaluations", json=body)
    assert answer.status_code == 201, answer.text
    return answer


def test_evaluation_is_made_changed_and_archived_under_its_version(served: Served) -> None:
    served.running()
    answer = made(served, budget="40000.50", ratings=[{"criterion": "impact", "rating": 3}])
    path = urlsplit(answer.headers["location"]).path.removeprefix("/api/v1")
    assert (answer.json()["budget"], answer.json()["currency"]) == ("40000.50", "USD")
    assert served.client.patch(path, json={"status": "team"}).status_code == 428
    changed = served.client.patch(path, json={"status": "team"}, headers={"If-Match": answer.headers["etag"]})
    assert (changed.status_code, changed.json()["status"]) == (200, "team")
    stale = served.client.patch(path, json={"status": "draft"}, headers={"If-Match": answer.headers["etag"]})
    assert stale.status_code == 412
    gone = served.client.delete(path, headers={"If-Match": changed.headers["etag"]})
    assert gone.json()["archived_at"] is not None
    assert served.client.get("/evaluations").json()["items"] == []
    assert len(served.client.get("/evaluations?archived=true").json()["items"]) == 1


def test_obligation_shows_its_state_of_today_and_follows_every_change(served: Served) -> None:
    served.running()
    (item,) = served.client.get("/obligations?kind=final").json()["items"]
    assert (item["project"], item["state"], item["due"]) == ("P1", "window-open", served.ahead(60))
    made(served)
    (item,) = served.client.get("/obligations?kind=final").json()["items"]
    assert (item["state"], item["evaluation"]) == ("planned", "E1")
    served.decide("P1", "planned_end", str(served.today), served.ahead(90))
    (item,) = served.client.get("/obligations?kind=final&status=open").json()["items"]
    assert item["due"] == served.ahead(90)


def test_waiver_and_reschedule_stay_visible_with_reason_and_approver(served: Served) -> None:
    served.running()
    (item,) = served.client.get("/obligations?kind=final").json()["items"]
    moved = served.client.post(
        f"/obligations/{item['id']}/reschedule",
        json={"reason": "Flood.", "approver": "Chief", "due_on": served.ahead(100)},
    )
    assert (moved.json()["due"], moved.json()["decisions"][0]["approver"]) == (served.ahead(100), "Chief")
    waived = served.client.post(
        f"/obligations/{item['id']}/waive", json={"reason": "Covered.", "approver": "Chief"}
    ).json()
    assert waived["state"] == "waived"
    again = served.client.post(f"/obligations/{item['id']}/waive", json={"reason": "Covered.", "approver": "Other"})
    assert (again.status_code, again.json()["errors"][0]["rule"]) == (409, "obligation.waived")
    assert [one["kind"] for one in waived["decisions"]] == ["reschedule", "waiver"]
    back = served.client.post(
        f"/obligations/{item['id']}/take-back-waiver", json={"reason": "Asked for.", "approver": "Chief"}
    ).json()
    assert back["state"] != "waived"
    assert (back["decisions"][1]["taken_back_on"], back["decisions"][1]["taken_back_reason"]) == (
        str(served.today), "Asked for.",
    )  # fmt: skip
    refused = served.client.post(f"/obligations/{item['id']}/waive", json={"reason": "Covered."})
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/approver"]
    assert served.client.post("/obligations/999999/waive", json={"reason": "x", "approver": "y"}).status_code == 404


def test_same_key_waives_once(served: Served) -> None:
    served.running()
    (item,) = served.client.get("/obligations?kind=final").json()["items"]
    for _ in range(2):
        answer = served.client.post(
            f"/obligations/{item['id']}/waive",
            json={"reason": "Covered.", "approver": "Chief"},
            headers={"Idempotency-Key": "one"},
        )
    assert len(answer.json()["decisions"]) == 1


@pytest.mark.parametrize(
    ("role", "status"), [(Role.VIEWER, 403), (Role.PUBLISHER, 403), (Role.EVALUATOR, 200), (Role.OFFICER, 200)]
)
def test_only_some_roles_decide_about_obligations(served: Served, role: Role, status: int) -> None:
    served.running()
    client = served.api.client(role)
    (item,) = client.get("/obligations?kind=final").json()["items"]
    answer = client.post(f"/obligations/{item['id']}/waive", json={"reason": "x", "approver": "y"})
    assert answer.status_code == status
    assert client.post("/policies", json={"document": "policy: x"}).status_code == 403


def test_recommendations_and_their_actions_are_followed(served: Served) -> None:
    served.running()
    made(served, status="final", completed_on=served.ahead(-50))
    answer = served.client.post("/recommendations", json={"reference": "R1", "evaluation": "E1", "text": "Do it."})
    item = answer.json()
    assert (item["state"], item["age_days"], item["response_due_on"]) == ("response-overdue", 50, served.ahead(-8))
    path = f"/recommendations/{item['id']}"
    body = {"response": "accepted", "response_on": str(served.today), "due_on": served.ahead(30)}
    changed = served.client.patch(path, json=body, headers={"If-Match": answer.headers["etag"]})
    assert changed.json()["state"] == "open"
    action = served.client.post(f"{path}/actions", json={"text": "Draft.", "due_on": served.ahead(10)})
    assert action.status_code == 201
    done = served.client.patch(
        f"/recommendations/actions/{action.json()['id']}",
        json={"done_on": str(served.today)},
        headers={"If-Match": action.headers["etag"]},
    )
    assert done.json()["done_on"] == str(served.today)
    (listed,) = served.client.get(f"{path}/actions").json()["items"]
    assert listed["text"] == "Draft."
    assert served.client.get("/recommendations?status=open").json()["items"][0]["reference"] == "R1"


def test_policy_is_loaded_shown_and_taken_out_of_force(served: Served) -> None:
    text = (
        "policy: own\ntitle: Own\nsource: board\nconfidence: stated\nin_force: {from: 2026-01-01}\nrules:\n"
        "  - id: all\n    require: {kind: final}\n    source: board\n    confidence: stated\n"
    )
    answer = served.client.post("/policies", json={"document": text})
    assert (answer.status_code, answer.json()["sequence"]) == (201, 1)
    assert {item["code"] for item in served.client.get("/policies").json()["items"]} == {"own", "default", "ilo-2002"}
    retired = served.client.post(f"/policies/{answer.json()['id']}/retire", json={})
    assert retired.json()["retired"] is True
    policies = {item["code"]: item for item in served.client.get("/policies").json()["items"]}
    place = f"/policies/{policies['default']['id']}"
    before = served.client.get(place).headers["ETag"]
    early = served.client.post(f"{place}/retire", json={"last_day": "1990-01-01"})
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/last_day")
    ended = served.client.post(f"{place}/retire", json={"last_day": "2030-12-31"})
    assert (ended.json()["retired"], ended.json()["valid_to"]) == (False, "2030-12-31")
    assert served.client.get(place, headers={"If-None-Match": before}).status_code == 200
    assert served.client.post(f"{place}/retire").json()["retired"] is True, "without a body it ends whole"
    refused = served.client.post("/policies", json={"document": text.replace("kind: final", "kind: finale")})
    assert refused.status_code == 422
    assert "line 8" in refused.json()["errors"][0]["message"]


def test_alert_is_acknowledged_and_snoozed(served: Served) -> None:
    project = served.running()
    with served.database.write("tests") as session:
        alert = Alert(subject_kind="obligation", subject_id=1, project_id=project, rung="team", message="Choose.",
                      rung_on=served.today, due_on=served.today, as_of=served.today)  # fmt: skip
        session.add(alert)
    (item,) = served.client.get("/alerts?project=P1").json()["items"]
    assert (item["told"], item["acknowledged_on"]) == (True, None)
    snoozed = served.client.post(f"/alerts/{item['id']}/snooze", json={"until": served.ahead(7)})
    assert snoozed.json()["snoozed_until"] == served.ahead(7)
    late = served.client.post(f"/alerts/{item['id']}/snooze", json={"until": str(served.today)})
    assert late.status_code == 422
    assert served.client.post(f"/alerts/{item['id']}/acknowledge", json={}).json()["acknowledged_on"]
    stranger = served.api.client(Role.OFFICER, unit_id=served.api.unit("ELSEWHERE"))
    assert stranger.post(f"/alerts/{item['id']}/acknowledge", json={}).status_code == 403
    with served.database.read() as session:
        assert len(session.scalars(select(AlertEvent)).all()) == 2


def test_lists_cost_the_same_statements_for_one_and_for_many(served: Served) -> None:
    counts = []
    for more in (1, 12):
        for number in range(more):
            served.running(f"P{more}-{number}")
            made(served, reference=f"E{more}-{number}", projects=[f"P{more}-{number}"],
                 ratings=[{"criterion": "impact", "rating": 3}])  # fmt: skip
        served.client.get("/obligations")
        with count_queries(served.database) as seen:
            assert served.client.get("/obligations").status_code == 200
            assert served.client.get("/evaluations").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_moved_date_that_came_from_the_predecessor_is_shown_with_an_obligation(served: Served) -> None:
    project = served.running()
    served.refresh()
    served.reschedule(served.obligation(project).id or 0, served.ahead(200), on=served.ahead(-2))
    served.decide("P1", "planned_end", served.ahead(-1), served.ahead(100))
    answer = served.client.get("/obligations", params={"kind": "final", "status": "open"}).json()["items"]
    assert [(row["due"], [one["kind"] for one in row["decisions"]]) for row in answer] == [
        (served.ahead(200), ["reschedule"])
    ]
