"""Results and country programmes as pages: the framework, results on record entered and changed, who may."""

import re

import pytest

from app.domain.terms import Role
from tests.api import Api
from tests.web.people import signed_in

RECORD = {"reference": "R-1", "framework": "2026-27", "indicator": "1.1.1", "year": "2026", "country": "KE",
          "sentence": "A law was passed.", "sdg": "8.8", "marks": "disability", "_once": "record"}  # fmt: skip
PROGRAMME = {"code": "KEN-26", "title": "Kenya 2026", "country": "KE", "priorities": "Rights\nJobs",
             "alignment": "aligned", "_once": "programme"}  # fmt: skip


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OFFICER])
def test_empty_pages_say_what_to_do_to_those_who_may(light_api: Api, role: Role) -> None:
    client = signed_in(light_api, role)
    for path in ("/results", "/results/records", "/country-programmes"):
        page = client.get(path)
        assert page.status_code == 200
        assert 'class="nothing"' in page.text
    for path in ("/results/records/new", "/country-programmes/new"):
        assert client.get(path).status_code == (200 if role is Role.OFFICER else 403)


def test_a_result_is_recorded_and_counts_against_its_target(api: Api) -> None:
    client, program = signed_in(api, Role.ADMIN), api.client()
    for level, code in (("outcome", "1"), ("indicator", "1.1.1")):
        item = {"framework": "2026-27", "level": level, "code": code, "title": f"Item {code}", "target": "2"}
        assert program.post("/framework-items", json=item).status_code == 201
    refused = client.post("/results/records/new", data=RECORD | {"indicator": "9", "_once": "no"})
    assert refused.status_code == 422
    assert "The framework 2026-27 has no 9." in refused.text
    project = {"code": "RAF/1", "title": "Wells", "status": "pipeline", "outcome": "1:60|8:40", "gender_marker": 2}
    assert program.post("/projects", json=project).status_code == 201
    told = client.get("/projects/1").text
    assert [text in told for text in ("1 · Item 1 (60%)", "8 (40%)", "2 – gender equality is a sign")] == [True] * 3
    made = client.post("/results/records/new", data=RECORD)
    assert made.status_code == 303, re.findall(r'class="summary".*?</div>', made.text, re.DOTALL)
    record = made.headers["location"]
    shown = client.get(record).text
    assert "A law was passed." in shown
    assert "Disability" in shown
    form = client.get(f"{record}/edit").text
    tag = re.search(r'name="_version" value="([^"]+)"', form)
    assert tag is not None
    version = tag[1].replace("&#34;", '"').replace("&quot;", '"')
    change = {**RECORD, "sentence": "Two laws were passed.", "_version": version, "_once": "change"}
    del change["reference"]
    assert client.post(f"{record}/edit", data=change).status_code == 303
    listed = client.get("/results/records", params={"mark": "disability", "outcome": "1"}).text
    assert "Two laws were passed." in listed
    assert "1 result<" in listed
    framework = client.get("/results", params={"period": "2026-27", "by": "indicator"}).text
    assert "Item 1.1.1" in framework
    assert "records" in framework

    programme = client.post("/country-programmes/new", data=PROGRAMME).headers["location"]
    shown = client.get(programme).text
    assert "Rights, Jobs" in shown
    assert "Kenya 2026" in client.get("/country-programmes").text
    assert client.get(f"{programme}/edit").status_code == 200
