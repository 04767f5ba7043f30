"""Evaluations as pages: what is owed and why, planned and waived from there, and followed up."""

import re

import pytest

from app.domain.terms import Role
from app.evaluations.policies.service import put_policy
from app.evaluations.policies.shipped import shipped_text
from tests.api import Api
from tests.queries import count_queries
from tests.web.people import signed_in

PATHS = [
    "/evaluations", "/evaluations?state=overdue", "/evaluations/all", "/evaluations/calendar", "/evaluations/coverage",
    "/evaluations/planned", "/recommendations", "/admin/policies",
]  # fmt: skip
#: letters that no database takes, and what people paste
HOSTILE = ["x" * 10_000, "a\x00b", "\udc80", "<script>alert(1)</script>", "1.234,56"]


def owed(api: Api, projects: int = 1, *, start: int = 0) -> None:
    """Projects that owe evaluations by the policy that ships."""
    client = api.client(name=f"maker-{start}-{projects}")
    if not start:
        from app.domain.access import LOCAL

        with api.database.write("tests") as session:
            put_policy(session, LOCAL, shipped_text("default"), today=None)
    for number in range(start, start + projects):
        body = {"code": f"E{number}", "title": f"Evaluated {number}", "status": "implementation",
                "planned_start": "2024-01-01", "planned_end": "2026-12-31", "total_budget": "6000000",
                "currency": "USD"}  # fmt: skip
        answer = client.post("/projects", json=body)
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_look_and_empty_lists_say_what_to_do(light_api: Api, role: Role) -> None:
    client = signed_in(light_api, role)
    for path in PATHS:
        page = client.get(path)
        assert page.status_code == 200, path
        assert 'class="nothing"' in page.text, path
        assert "None" not in re.sub(r"<[^>]+>", " ", page.text), path


def test_what_is_owed_is_planned_and_followed_up_from_its_page(api: Api) -> None:
    owed(api)
    client = signed_in(api, Role.ADMIN)
    page = client.get("/evaluations?within=3650").text
    assert "Evaluated 0" in page
    assert "<svg" in page
    duty = re.findall(r'href="(/evaluations/duties/\d+)"', page)[-1]
    shown = client.get(duty).text
    assert "Evaluation by size of budget" in shown
    key = duty.rpartition("/")[2]
    form = client.get(f"/evaluations/new?obligation={key}").text
    assert "E0" in form
    once = re.findall(r'name="_once" value="([^"]+)"', form)[0]
    planned = {"_once": once, "reference": "EV-1", "kind": "final", "independence": "independent", "projects": "E0",
               "status": "planned", "planned_end": "2026-12-31"}  # fmt: skip
    refused = client.post("/evaluations/new", data=planned | {"planned_start": "2027-05-01"})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    stored = client.post("/evaluations/new", data=planned)
    assert stored.status_code == 303, stored.text
    evaluation = stored.headers["location"]
    assert "The evaluation is stored." in client.get(evaluation).text
    # a second press of the button stores nothing new
    assert client.post("/evaluations/new", data=planned).headers["location"] == evaluation

    edit = client.get(f"{evaluation}/edit").text
    version = re.findall(r'name="_version" value="([^"]+)"', edit)[0].replace("&#34;", '"')
    done = planned | {"_once": "two", "_version": version, "status": "disclosed", "completed_on": "2026-10-01",
                      "budget": "40000", "currency": "USD"}  # fmt: skip
    answer = client.post(f"{evaluation}/edit", data=done)
    assert answer.status_code == 303, re.findall(r'class="summary".*?</div>', answer.text, re.DOTALL)
    stale = client.post(f"{evaluation}/edit", data=done | {"_once": "three", "manager": "Ana"})
    assert stale.status_code == 409
    assert "Ana" in stale.text

    recommended = {"_once": "four", "reference": "R1", "evaluation": "EV-1", "text": "Hand over the tools."}
    one = client.post("/recommendations/new", data=recommended)
    assert one.status_code == 303, one.text
    recommendation = one.headers["location"]
    assert "Hand over the tools." in client.get(evaluation).text
    action = client.post(f"{recommendation}/actions/new", data={"_once": "five", "text": "Write the plan."})
    assert action.status_code == 303
    assert "Write the plan." in client.get(recommendation).text
    assert "Hand over the tools." in client.get("/recommendations").text


def test_a_waiver_is_stored_with_its_reason_and_taken_back(light_api: Api) -> None:
    owed(light_api)
    client = signed_in(light_api, Role.ADMIN)
    duty = re.findall(r'href="(/evaluations/duties/\d+)"', client.get("/evaluations?within=3650").text)[-1]
    empty = client.post(f"{duty}/waive", data={"_once": "one"})
    assert empty.status_code == 422
    assert empty.text.count("This is required.") == 4
    body = {"reason": "Covered by a cluster.", "approver": "Head of evaluation"}
    assert client.post(f"{duty}/waive", data=body | {"_once": "two"}).status_code == 303
    shown = client.get(duty).text
    assert "Waived" in shown
    assert "Covered by a cluster." in shown
    # the list is remembered as long as nothing changes, and no longer
    assert duty not in client.get("/evaluations?within=3650").text
    again = client.post(f"{duty}/waive", data=body | {"_once": "three"})
    assert again.status_code == 409
    assert client.post(f"{duty}/take-back-waiver", data=body | {"_once": "four"}).status_code == 303
    assert "Move the due date" in client.get(duty).text
    assert duty in client.get("/evaluations?within=3650").text
    moved = {**body, "_once": "five", "due_on": "2027-06-30"}
    assert client.post(f"{duty}/reschedule", data=moved).status_code == 303
    assert "30 Jun 2027" in client.get(duty).text
    assert "30 Jun 2027" in client.get("/evaluations?within=3650").text


@pytest.mark.parametrize("path", ["/evaluations/new", "/recommendations/new"])
def test_whatever_is_sent_is_told_and_never_breaks_a_page(light_api: Api, path: str) -> None:
    client = signed_in(light_api, Role.ADMIN)
    assert client.post(path, data={"_once": "empty"}).status_code == 422
    names = ("reference", "kind", "independence", "projects", "status", "budget", "ratings.rating", "text",
             "evaluation", "planned_start")  # fmt: skip
    for number, text in enumerate(HOSTILE):
        sent = {name: text.encode("utf-8", "surrogatepass") for name in names} | {"_once": f"h{number}"}
        assert client.post(path, data=sent).status_code == 422, text[:10]


def test_who_may_not_evaluate_is_refused(light_api: Api) -> None:
    owed(light_api)
    client = signed_in(light_api, Role.VIEWER)
    duty = re.findall(r'href="(/evaluations/duties/\d+)"', client.get("/evaluations?within=3650").text)[-1]
    for path in ("/evaluations/new", "/recommendations/new", f"{duty}/waive", f"{duty}/reschedule"):
        assert client.get(path).status_code == 403, path
        assert client.post(path, data={"_once": path}).status_code == 403, path
    assert "Waive" not in client.get(duty).text
    for path in ("/evaluations/99999", "/evaluations/duties/99999", "/recommendations/99999", "/evaluations/x"):
        assert client.get(path).status_code == 404, path


def test_the_number_of_statements_does_not_follow_the_portfolio(light_api: Api) -> None:
    client = signed_in(light_api, Role.ADMIN, language="fr")
    counts = []
    for start, number in ((0, 1), (1, 4)):
        owed(light_api, number, start=start)
        client.get("/evaluations")
        for path in ("/evaluations?within=3650", "/evaluations/all", "/evaluations/calendar", "/evaluations/coverage"):
            with count_queries(light_api.database) as seen:
                page = client.get(path)
            assert page.status_code == 200
            assert len(page.content) < 60_000
            counts.append(len(seen))
    assert counts[:4] == counts[4:]


def test_work_says_what_is_not_known_of_a_duty_that_cannot_be_told(light_api: Api) -> None:
    owed(light_api)
    body = {"code": "N", "title": "Nobody knows its budget", "status": "implementation",
            "planned_start": "2024-01-01", "planned_end": "2026-12-31"}  # fmt: skip
    assert light_api.client(name="maker").post("/projects", json=body).status_code == 201
    page = signed_in(light_api, Role.ADMIN).get("/").text
    assert "not known: budget" in page
