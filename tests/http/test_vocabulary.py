"""One word for one thing at every door, and a question that nobody reads is refused."""

import re
from typing import Any

import pytest

from app.domain.terms import Role
from tests import portfolio
from tests.api import Api


def asked(api: Api) -> list[str]:
    """Addresses of everything that can be read below the API, placeholders filled."""
    description: dict[str, Any] = api.app.openapi()
    return [
        re.sub(r"\{\w+\}", "1", path)
        for path, operations in sorted(description["paths"].items())
        if "get" in operations and path.startswith("/api/v1/")
    ]


def test_a_parameter_that_nobody_reads_is_refused_everywhere(light_api: Api) -> None:
    client = light_api.client()
    addresses = asked(light_api)
    assert len(addresses) > 40
    for address in addresses:
        answer = client.get(f"http://testserver{address}", params={"nonsense": "1"})
        assert answer.status_code == 422, (address, answer.text)
        (fault,) = answer.json()["errors"]
        assert (fault["pointer"], fault["rule"]) == ("/query/nonsense", "unknown-field"), address
    changed = client.post("/partners", params={"dry_run": "true"}, json={})
    assert [fault["pointer"] for fault in changed.json()["errors"]] == ["/query/dry_run"]


def test_the_parameters_there_are_stand_in_the_message(light_api: Api) -> None:
    told = light_api.client().get("/projects/1/as-of", params={"date": "2026-01-01"}).json()["errors"]
    assert told[0]["message"] == "There is no parameter date here: there are as_of, recorded_at."


RESULT = {
    "project": "P", "result": "Inspectors enforce the law", "type": "outcome",
    "indicators": [{"indicator": "Inspectors trained", "measure": "percentage"}],
}  # fmt: skip


def test_what_is_written_as_a_word_is_read_as_that_word(light_api: Api) -> None:
    with light_api.database.write("tests") as session:
        portfolio.project(session, "P")
    client = light_api.client(Role.OFFICER)
    made = client.post("/results", json=RESULT)
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["type"], shown["indicators"][0]["measure"]) == ("outcome", "percentage")
    assert client.get("/results", params={"type": "outcome"}).json()["items"] == [shown]
    coded = client.post("/results", json={**RESULT, "result": "By code", "type": "2"})
    assert coded.json()["type"] == "outcome"


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"type": "goal"}, "/type", "Write one of output, outcome, impact, other."),
        (
            {"indicators": [{"indicator": "I", "measure": "percent"}]},
            "/indicators/0/measure",
            "Write one of unit, percentage, nominal, ordinal, qualitative.",
        ),
    ],
)
def test_a_wrong_word_is_told_by_the_words_of_the_template(
    light_api: Api, change: dict[str, Any], pointer: str, message: str
) -> None:
    told = light_api.client().post("/results", json={**RESULT, **change}).json()["errors"]
    assert [(fault["pointer"], fault["message"]) for fault in told] == [(pointer, message)]


def test_a_decision_is_told_under_the_word_by_which_it_was_given(light_api: Api) -> None:
    with light_api.database.write("tests") as session:
        project = portfolio.project(session, "P", planned_start="2024-01-01", planned_end="2026-12-31")
    client = light_api.client()
    decision = {"field": "planned_end", "decided_on": "2025-06-01", "value": "2028-06-30", "reason": "Extension"}
    assert client.post(f"/projects/{project.id}/revisions", json=decision).status_code == 201
    listed = client.get(f"/projects/{project.id}/revisions", params={"sort": "-decided_on"}).json()["items"]
    assert {name: listed[0][name] for name in decision} == decision
