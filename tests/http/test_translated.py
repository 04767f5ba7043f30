"""Texts in any language the organisation publishes in: the same names in bodies, tables and answers."""

from pathlib import Path
from typing import Any

import pytest

from app.db.engine import Database
from app.domain.access import LOCAL
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.api import Api
from tests.portfolio import TODAY

PROJECT = {"code": "P", "title": "Work", "status": "pipeline", "title_fr": "Travail", "title_nl": "Werk",
           "description_de": "Arbeit"}  # fmt: skip
PARTNER = {"code": "NLD", "name": "Netherlands", "category": "government", "name_nl": "Nederland"}


@pytest.mark.parametrize(
    ("address", "body", "change"),
    [
        ("/projects", PROJECT, {"title_nl": "Arbeid", "title_pt": "Trabalho"}),
        ("/pools", {"code": "RBSA", "title": "Pool", "title_nl": "Pot"}, {}),
        ("/partners", PARTNER, {"name_nl": "Koninkrijk der Nederlanden"}),
        ("/organisations", {"name": "Ministry", "name_sw": "Wizara"}, {"name_sw": None}),
        ("/documents", {"title": "Report", "title_nl": "Verslag", "url": "https://example.org/1", "category": "A07",
                        "format": "text/html"}, {"title_nl": "Rapport"}),
    ],
)  # fmt: skip
def test_a_text_is_read_under_the_name_by_which_it_was_given(
    light_api: Api, address: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    client = light_api.client()
    made = client.post(address, json=body)
    assert made.status_code == 201, made.text
    texts = {name: text for name, text in body.items() if "_" in name}
    assert {name: made.json().get(name) for name in texts} == texts
    if change:
        place = f"{address}/{made.json()['id']}"
        changed = client.patch(place, json=change, headers={"If-Match": made.headers["etag"]})
        assert changed.status_code == 200, changed.text
        wanted = texts | change
        assert {name: client.get(place).json().get(name) for name in wanted} == wanted


@pytest.mark.parametrize("name", ["title_zz", "titel_nl", "name_nl", "title_"])
def test_what_is_no_language_or_no_text_is_no_field(light_api: Api, name: str) -> None:
    told = light_api.client().post("/projects", json={**PROJECT, name: 5}).json()["errors"]
    assert [(fault["pointer"], fault["rule"]) for fault in told] == [(f"/{name}", "unknown-field")]


def test_a_table_has_a_column_for_any_language(database: Database, tmp_path: Path) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
    file = tmp_path / "projects.csv"
    file.write_text("code,title,title_nl,description_de,status\nP,Work,Werk,Arbeit,pipeline\n", encoding="utf-8")
    assert import_table(database, LOCAL, kind("projects"), file, today=TODAY).faults == []
    assert import_table(database, LOCAL, kind("projects"), file, today=TODAY).unchanged == 1
    file.write_text("code,title,title_zz,name_nl,status\nP,Work,x,y,pipeline\n", encoding="utf-8")
    refused = import_table(database, LOCAL, kind("projects"), file, today=TODAY).faults
    assert [(fault.column, fault.rule) for fault in refused] == [
        ("title_zz", "table.unknown-column"), ("name_nl", "table.unknown-column"),
    ]  # fmt: skip
