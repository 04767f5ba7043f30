"""Tables go out with the columns of their import; imported again they change nothing."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest

from app import demo
from app.config import Settings
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import Role
from app.founding import found
from app.organisation.service import put_setup
from app.publishing.codes import code_checker
from app.sheets import Sheet, csv_pieces, workbook_bytes
from app.tabular.outgoing import table_out
from app.tabular.registry import KINDS, kind
from app.tabular.service import import_table
from tests.api import Api
from tests.queries import count_queries
from tests.tabular.conftest import Example

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    return Api(settings, database)


def content_of(database: Database, name: str, format_: str = "csv") -> bytes:
    with database.read() as session:
        table = table_out(session, kind(name))
        if format_ == "xlsx":
            return workbook_bytes([Sheet(name=name, columns=table.columns, rows=table.rows)])
        return b"".join(csv_pieces(table.columns, table.rows))


@pytest.mark.slow
def test_every_kind_of_table_goes_in_again_unchanged(example: Example, tmp_path: Path) -> None:
    office = example.database
    workbooks = {"projects", "transactions", "results-framework"}
    for each in KINDS:
        for format_ in ("csv", "xlsx") if each.name in workbooks else ("csv",):
            path = tmp_path / f"{each.name}.{format_}"
            path.write_bytes(content_of(office, each.name, format_))
            report = import_table(office, LOCAL, each, path, today=TODAY)
            assert (report.faults, report.created, report.updated) == ([], 0, 0), path.name
            # the example has no drafts, whose table is looked at where drafts are
            assert report.rows or each.name == "corrections", path.name
    with office.read() as session, count_queries(office) as statements:
        list(table_out(session, kind("projects")).rows)
    assert len(statements) <= 4


def test_text_that_looks_like_a_formula_is_defused_on_the_way_out_and_read_as_it_was(
    database: Database, tmp_path: Path
) -> None:
    use_codelists(code_checker(None))
    with database.write("anna") as session:
        put_setup(session, LOCAL, demo.ORGANISATION)
    (tmp_path / "units.csv").write_text('code,name,note\n=1+2,-Ünit,\'=said so\nU2,"a, ""b""",\n', encoding="utf-8")
    assert import_table(database, LOCAL, kind("units"), tmp_path / "units.csv", today=TODAY).faults == []
    for format_ in ("csv", "xlsx"):
        content = content_of(database, "units", format_)
        path = tmp_path / f"again.{format_}"
        path.write_bytes(content)
        assert import_table(database, LOCAL, kind("units"), path, today=TODAY).unchanged == 2
    read = list(csv.reader(io.StringIO(content_of(database, "units").decode("utf-8-sig"))))
    assert read[1][:2] == ["'=1+2", "'-Ünit"]


def test_days_that_spreadsheets_count_in_two_ways_go_in_again(database: Database, tmp_path: Path) -> None:
    use_codelists(code_checker(None))
    with database.write("anna") as session:
        found(session, LOCAL, demo.ORGANISATION, ())
    (tmp_path / "presets.xlsx").write_bytes(content_of(database, "presets", "xlsx"))
    report = import_table(database, LOCAL, kind("presets"), tmp_path / "presets.xlsx", today=TODAY)
    assert (report.faults, report.created, report.updated) == ([], 0, 0), "those that ship hold from 1 January 1900"
    assert report.unchanged >= 10


def test_tables_are_sent_over_http(api: Api) -> None:
    client = api.client(Role.VIEWER)
    kinds = {item["name"]: item["columns"] for item in client.get("/tables").json()["items"]}
    assert set(kinds) == {each.name for each in KINDS}
    answer = client.get("/tables/units")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.decode("utf-8-sig").split("\r\n")[0].split(",") == kinds["units"]
    assert client.get("/tables/units", params={"format": "xlsx"}).content[:2] == b"PK"
    assert client.get("/tables/wishes").status_code == 404
    assert client.get("/tables/units", params={"form": "csv"}).status_code == 422
    assert api.stranger().get("/api/v1/tables").status_code == 401
