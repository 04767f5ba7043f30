"""A new key that differs from a standing one in capital letters alone is asked back, at every door."""

from pathlib import Path

import pytest

from app.db.engine import Database
from app.domain.codes import use_codelists
from app.domain.datasets import WHOLE, dataset_name, told_apart
from app.publishing.codes import code_checker, meant_code
from tests.api import Api
from tests.cli.office import fill
from tests.filled import filled
from tests.portfolio import set_up
from tests.tabular.test_meant import PROJECTS, put

END = ",T,D,implementation,2026-01-01,2026-12-31,USD,GVA,KE,16020\n"
TELLS = "There is P001 already, which differs in capital letters alone"


@pytest.fixture
def office(database: Database) -> Database:
    filled(database, fill)
    use_codelists(code_checker(None), meant_code)
    return database


def test_a_table_makes_no_second_project_of_a_code_in_small_letters(office: Database, tmp_path: Path) -> None:
    assert put(office, "projects", f"{PROJECTS}P001{END}", tmp_path).created == 1
    (fault,) = put(office, "projects", f"{PROJECTS}p001{END}", tmp_path).faults
    assert (fault.row, fault.column, fault.rule) == (2, "code", "key.other-capitals")
    assert fault.message.startswith(TELLS)
    # the same in one file, in either order, and with letters beyond the plain keyboard
    for first, second in (("q-1", "Q-1"), ("Été/1", "été/1"), ("ЖИТЛО/1", "житло/1")):
        faults = put(office, "projects", f"{PROJECTS}{first}{END}{second}{END}", tmp_path).faults
        assert [(each.row, each.rule) for each in faults] == [(3, "key.other-capitals")]


def test_a_row_that_is_refused_stands_in_nobodys_way(office: Database, tmp_path: Path) -> None:
    rows = f"{PROJECTS}q-1{END.replace('GVA', 'NOUNIT')}Q-1{END}"
    faults = put(office, "projects", rows, tmp_path).faults
    # the second one can be stored, and the first one differs from it
    assert [(each.row, each.rule) for each in faults] == [(2, "key.other-capitals"), (2, "unit.unknown")]


@pytest.mark.parametrize(
    ("name", "header", "row", "column"),
    [
        ("partners", "code,name,category", "{},Name {},private_sector", "code"),
        ("units", "code,name", "{},Unit", "code"),
        ("officers", "code,name,email,unit", "{},Officer,o@example.org,GVA", "code"),
        ("pools", "code,title", "{},Pool", "code"),
        ("evaluations", "reference,projects,kind,independence,status", "{},GLO/24/01/NLD,final,self,planned",
         "reference"),
    ],
)  # fmt: skip
def test_so_do_all_tables_whose_keys_people_make(
    office: Database, tmp_path: Path, name: str, header: str, row: str, column: str
) -> None:
    rows = "\n".join([header, row.format("Kx-1", "a"), row.format("kX-1", "b")]) + "\n"
    report = put(office, name, rows, tmp_path)
    assert [(each.row, each.column, each.rule) for each in report.faults] == [(3, column, "key.other-capitals")]


def test_programs_are_asked_too_and_may_change_the_letters_of_a_code(api: Api) -> None:
    with api.database.write("tests") as session:
        set_up(session)
    admin = api.client()
    body = {"title": "T", "description": "D", "status": "implementation"}
    assert admin.post("/projects", json=body | {"code": "P001"}).status_code == 201
    (fault,) = admin.post("/projects", json=body | {"code": "p001"}).json()["errors"]
    assert (fault["pointer"], fault["rule"]) == ("/code", "key.other-capitals")
    assert fault["message"].startswith(TELLS)
    other = body | {"code": "X-2", "iati_identifier": "XX-OWN-p001"}
    (fault,) = admin.post("/projects", json=other).json()["errors"]
    assert (fault["pointer"], fault["rule"]) == ("/iati_identifier", "project.identifier-capitals")
    assert admin.post("/projects", json=body | {"code": "X-2"}).status_code == 201
    tag = {"If-Match": admin.get("/projects/2").headers["ETag"]}
    (fault,) = admin.patch("/projects/2", json={"code": "p001"}, headers=tag).json()["errors"]
    assert fault["rule"] == "key.other-capitals"
    tag = {"If-Match": admin.get("/projects/1").headers["ETag"]}
    changed = admin.patch("/projects/1", json={"code": "p001"}, headers=tag).json()
    assert (changed["code"], changed["iati_identifier"]) == ("p001", changed["iati_identifier"].replace("P001", "p001"))
    assert admin.post("/users", json={"name": "Anna", "role": "viewer"}).status_code == 201
    (fault,) = admin.post("/users", json={"name": "ANNA", "role": "viewer"}).json()["errors"]
    assert (fault["pointer"], fault["rule"]) == ("/name", "key.other-capitals")


def test_publishers_that_differ_in_capital_letters_never_share_a_dataset() -> None:
    plain = {dataset_name(each, WHOLE) for each in ("XX-Abc", "XX-ABC")}
    assert len(plain) == 1
    apart = {dataset_name(told_apart(each), WHOLE).casefold() for each in ("XX-Abc", "XX-ABC")}
    assert len(apart) == 2
