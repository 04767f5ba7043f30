"""A code that was taken over from a publication works at every door of the API; new codes are plainer."""

import pytest
from sqlmodel import select

from app.db.organisation import Setup
from app.db.projects import Project
from app.domain.terms import Grain, Role, Stage
from tests.api import Api

ADOPTED = ["XM 50 - 2019", "A&B'C+D#x?y", "a:b,c;d", "a|b", "50\n- 2019"]


@pytest.fixture
def adopted(light_api: Api) -> Api:
    with light_api.database.write("tests") as session:
        setup = session.exec(select(Setup)).one()
        for code in ADOPTED:
            session.add(
                Project(
                    code=code,
                    iati_identifier=f"XM-{code}",
                    reporting_org_id=setup.organisation_id,
                    title="Title",
                    stage=Stage.IMPLEMENTATION,
                    grain=Grain.PROJECT,
                )
            )
    return light_api


@pytest.mark.parametrize("code", ADOPTED)
def test_it_is_found_named_in_bodies_and_previewed(adopted: Api, code: str) -> None:
    from urllib.parse import quote

    client = adopted.client(Role.ADMIN)
    found = client.get("/projects", params={"code": code}).json()["items"]
    assert [item["code"] for item in found] == [code]
    body = {
        "document": "T1",
        "project": code,
        "type": "expenditure",
        "date": "2026-03-01",
        "amount": "5",
        "currency": "USD",
    }
    assert client.post("/transactions", json=body).status_code == 201
    assert [item["document"] for item in client.get("/transactions", params={"project": code}).json()["items"]] == [
        "T1"
    ]
    preview = client.get(f"/projects/{quote(code, safe='')}/iati")
    assert (preview.status_code, "held_back" in preview.json()) == (200, True)


def test_what_nobody_sees_does_not_hide_a_code(adopted: Api) -> None:
    client = adopted.client(Role.ADMIN)
    assert len(client.get("/projects", params={"code": "XM\u00a050\u200b - 2019\ufeff"}).json()["items"]) == 1
    assert client.get("/projects/XM%C2%A050 - 2019/iati").status_code == 200


def test_a_new_code_is_plain_and_the_character_is_named(light_api: Api) -> None:
    client = light_api.client(Role.ADMIN)
    answer = client.post("/projects", json={"code": "A B", "title": "Title", "status": "pipeline"})
    (fault,) = [fault for fault in answer.json()["errors"] if fault["rule"] == "code.new"]
    assert (answer.status_code, fault["pointer"]) == (422, "/code")
    assert "a space" in fault["message"]


@pytest.mark.parametrize("code", ["2.002E+15", "A\u202e21"])
def test_a_code_that_is_no_key_is_refused_with_the_character(light_api: Api, code: str) -> None:
    answer = light_api.client(Role.ADMIN).post("/projects", json={"code": code, "title": "T", "status": "pipeline"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/code")


@pytest.mark.parametrize(("amount", "readings"), [("500.000", ("500.00", "500000")), ("1,234", ("1.234", "1234"))])
def test_an_amount_in_doubt_is_asked_back_in_a_body(light_api: Api, amount: str, readings: tuple[str, str]) -> None:
    body = {"code": "P1", "title": "T", "status": "pipeline", "total_budget": amount, "currency": "EUR"}
    answer = light_api.client(Role.ADMIN).post("/projects", json=body)
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"]) == (422, "/total_budget")
    assert all(reading in fault["message"] for reading in readings)
