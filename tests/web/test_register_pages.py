"""Registers of risk, lessons, audits and assessments, and milestones as pages: entered, judged, kept, and who may."""

import re

import pytest

from app.domain.terms import Role
from tests.api import Api, TestClient
from tests.web import example
from tests.web.people import signed_in

RISK = {"reference": "RSK-1", "project": "RAF/1", "cause": "Elections come early", "event": "Nothing is signed",
        "consequence": "Training is late", "likelihood": "4", "impact": "4", "owner": "ann", "opened_on": "2026-01-02",
        "review_on": "2026-02-01"}  # fmt: skip
LESSON = {"reference": "LL-1", "kind": "lesson", "title": "Train first", "text": "Nobody used it.",
          "noted_on": "2026-01-02", "sectors": "14030", "countries": "KE", "tags": "law"}  # fmt: skip
REPORT = {"reference": "NLD-2025", "overseer": "donor-assessment", "title": "Scorecard", "issued_on": "2026-01-05",
          "series": "Scorecard", "scale_min": "1", "scale_max": "4"}  # fmt: skip
MILESTONE = {"strategy": "Strategy 2026-29", "code": "1.1", "title": "Evaluations in clusters", "due_on": "2026-03-31"}
NEW = {"/risks": RISK, "/lessons": LESSON, "/oversight-reports": REPORT, "/milestones": MILESTONE}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OFFICER])
def test_empty_registers_say_what_to_do_to_those_who_may(light_api: Api, role: Role) -> None:
    client = signed_in(light_api, role)
    for path in NEW:
        page = client.get(path)
        assert page.status_code == 200
        assert 'class="nothing"' in page.text
        assert client.get(f"{path}/new").status_code == (200 if role is Role.OFFICER else 403)
    assert "No scores are on record yet" in client.get("/oversight-reports/compared").text


def _stored(client: TestClient, path: str, body: dict[str, str]) -> str:
    answer = client.post(path, data=body | {"_once": path})
    assert answer.status_code == 303, re.findall(r'class="summary".*?</div>', answer.text, re.DOTALL)
    return answer.headers["location"]


def _version(client: TestClient, path: str) -> str:
    found = re.search(r'name="_version" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1].replace("&#34;", '"').replace("&quot;", '"')


def test_registers_are_kept_from_the_pages(api: Api) -> None:
    example.fill(api)
    client = signed_in(api, Role.ADMIN, name="keeper")
    made = {path: _stored(client, f"{path}/new", body) for path, body in NEW.items()}

    # an officer of another unit reads them, and is offered nothing that would be refused
    stranger = signed_in(api, Role.OFFICER, name="elsewhere", unit_id=api.unit("ELSE"))
    for path in made.values():
        assert [text in stranger.get(path).text for text in ("/edit", "/archive")] == [False, False], path
        assert stranger.get(f"{path}/edit").status_code == 403

    # a fault repeats what was typed, whatever signs it holds
    odd = client.post("/risks/new", data=RISK | {"reference": "RSK-2", "unit": "100%s", "project": "", "_once": "odd"})
    assert (odd.status_code, "There is no unit 100%s." in odd.text) == (422, True)

    # a risk of a project shows there and in the register, with what it asks for; reviewed, it asks for less
    for path in ("/risks", made["/risks"], "/projects/1/risks"):
        shown = client.get(path).text
        assert [text in shown for text in ("Nothing is signed", "not reviewed in time", "high")] == [True] * 3, path
    assert client.get("/risks/new?project=RAF%2F1").text.count('value="RAF/1"') == 1
    risk = made["/risks"]
    review = {"reviewed_on": "2026-06-01", "likelihood": "2", "impact": "4", "owner": "ann", "review_on": "2999-01-01"}
    _stored(client, f"{risk}/review", review | {"_version": _version(client, f"{risk}/review")})
    for button, told in (("escalate", "The head of the unit sees to it"), ("close", "The risk is closed."),
                         ("archive", "It is out of use."), ("restore", "It is in use again.")):  # fmt: skip
        _stored(client, f"{risk}/{button}", {"_version": _version(client, risk)})
        assert told in client.get(risk).text
    assert client.post(f"{risk}/archive", data={"_version": '"1-1"'}).status_code == 409

    # a lesson is found by what it is about, and told to projects like the one that learned it
    assert "Train first" in client.get("/lessons", params={"sector": "14030"}).text
    assert "No lesson fits" in client.get("/lessons", params={"tag": "other"}).text
    assert "Train first" in client.get("/projects/1").text
    change = LESSON | {"title": "Train before the law", "_version": _version(client, f"{made['/lessons']}/edit")}
    assert "Train before the law" in client.get(_stored(client, f"{made['/lessons']}/edit", change)).text

    # scores are entered on the page, or over HTTP; a total that is no mean is a judgement
    path, items = f"{made['/oversight-reports']}/scores", [("Told", "2"), ("Shared", "2"), ("", "4")]
    scores: dict[str, list[str]] = {
        "scores.section": ["1"] * 3, "scores.aspect": ["Results"] * 3, "scores.item": [item for item, _ in items],
        "scores.score": [score for _, score in items], "_version": [_version(client, path)],
    }  # fmt: skip
    refused = client.post(path, data=scores | {"scores.score": ["2", "9", "4"], "_once": ["high"]})
    assert (refused.status_code, "lies outside the scale from 1 to 4" in refused.text) == (422, True)
    assert client.post(path, data=scores | {"_once": ["scores"]}).headers["location"] == made["/oversight-reports"]
    assert client.get(path).text.count('value="Results"') == 3
    # the next one of the series asks for the same items
    later = REPORT | {"reference": "NLD-2026", "issued_on": "2026-06-05"}
    answer = client.post("/oversight-reports/new", data=later | {"_once": "later"})
    assert client.get(f"{answer.headers['location']}/scores").text.count('value="Results"') == 3
    for path in (made["/oversight-reports"], "/oversight-reports/compared?series=Scorecard"):
        shown = client.get(path).text
        assert [text in shown for text in ("Told", "a judgement")] == [True, True], path
    assert 'value="NLD-2025"' in client.get("/recommendations/new?report=NLD-2025").text

    # a milestone that nobody told of is overdue until somebody does
    milestone = made["/milestones"]
    assert "Overdue" in client.get("/milestones").text
    institution = client.get("/evaluations/institution?obliged=organisation&state=overdue").text
    assert [text in institution for text in (MILESTONE["title"], "overdue", ">Organisation<")] == [True] * 3
    told = MILESTONE | {"result": "partly", "reported_on": "2026-04-01"}
    _stored(client, f"{milestone}/edit", told | {"_version": _version(client, f"{milestone}/edit")})
    assert "partly achieved" in client.get(milestone).text
    assert MILESTONE["title"] not in client.get("/evaluations/institution?state=overdue").text
    assert MILESTONE["title"] in client.get("/evaluations/institution?state=done").text
