"""Codes that look like formulas: kept, and remarked on wherever such a code is given to a new record."""

from pathlib import Path

import pytest

from app import demo
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import Role
from app.organisation.service import put_setup
from app.people.schemas import UnitIn
from app.people.service import create_unit
from app.publishing.codes import code_checker
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests.api import Api
from tests.people.test_officers import TODAY
from tests.web.people import signed_in

#: table → its header and a row, of which {} is the code
TABLES = {
    "units": ("code,name", "{},Africa"),
    "officers": ("code,name,email,unit", "{},Ann,ann@example.org,ROAF"),
    "partners": ("code,name,category", "{},Netherlands,government"),
    "pools": ("code,title", "{},Account"),
    "projects": ("code,title,status", "{},Water,pipeline"),
    "results-framework": ("framework,level,code,title", "2024-25,outcome,{},Dialogue"),
    "country-programmes": ("code,title,country", "{},Kenya,KE"),
    "assistance-types": ("code,name", "{},Experts"),
}
CODES = ["=1+1", "+A", "-X", "@y"]


@pytest.mark.parametrize("name", TABLES)
def test_each_table_remarks_once_on_codes_that_look_like_formulas(
    database: Database, tmp_path: Path, name: str
) -> None:
    use_codelists(code_checker(None))
    with database.write("anna") as session:
        put_setup(session, LOCAL, demo.ORGANISATION)
        create_unit(session, LOCAL, UnitIn(code="ROAF", name="Africa"))
    header, row = TABLES[name]
    path = tmp_path / "table.csv"
    path.write_text("\n".join([header, *(row.format(code) for code in (*CODES, "A-1"))]))

    def told() -> list[str]:
        report = import_table(database, LOCAL, kind(name), path, today=TODAY)
        assert (report.faults, report.rows) == ([], 5)
        return [fault.message for fault in report.findings if fault.rule == "code.formula"]

    assert told() == [
        f"{code} looks like a formula, and is kept as a code: mend it if what it comes to was meant." for code in CODES
    ]
    assert told() == []


@pytest.mark.parametrize("code", CODES)
def test_what_is_added_over_http_is_remarked_on_alike(light_api: Api, code: str) -> None:
    client = light_api.client()
    bodies = {
        "/units": {"name": "Africa"},
        "/officers": {"name": "Ann", "email": "ann@example.org", "unit": code},
        "/framework-items": {"framework": "2024-25", "level": "outcome", "title": "Dialogue"},
    }
    for place, body in bodies.items():
        made = client.post(place, json={"code": code, **body})
        assert made.status_code == 201, made.text
        assert [one["pointer"] for one in made.json()["remarks"] if one["rule"] == "code.formula"] == ["/code"]
        assert client.post(place, json={"code": f"A{code[1:]}", **body}).json()["remarks"] == []


def test_a_page_tells_what_is_remarked_on_the_unit_that_it_added(light_api: Api) -> None:
    admin = signed_in(light_api, Role.ADMIN)
    assert admin.post("/admin/people/units/new", data={"code": "=1+1", "name": "Africa"}).status_code == 303
    assert "=1+1 looks like a formula" in admin.get("/admin/people").text
