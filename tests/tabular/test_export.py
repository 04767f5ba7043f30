"""Tables go out with the columns of their import; imported again they change nothing."""

import datetime as dt
from pathlib import Path

import pytest

from app import demo
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.organisation.service import put_setup
from app.publishing.codes import code_checker
from app.sheets import Sheet, csv_pieces, workbook_bytes
from app.tabular.outgoing import table_out
from app.tabular.registry import KINDS, kind
from app.tabular.service import import_table
from tests.queries import count_queries

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def office(database: Database) -> Database:
    """The example portfolio."""
    use_codelists(code_checker(None))
    with database.write("anna") as session:
        put_setup(session, LOCAL, demo.ORGANISATION)
    for path in sorted(demo.PORTFOLIO.glob("*.csv")):
        assert import_table(database, LOCAL, kind(path.stem.split("-", 1)[1]), path, today=TODAY).faults == []
    return database


def content_of(database: Database, name: str, format_: str = "csv") -> bytes:
    with database.read() as session:
        table = table_out(session, kind(name))
        if format_ == "xlsx":
            return workbook_bytes([Sheet(name=name, columns=table.columns, rows=table.rows)])
        return b"".join(csv_pieces(table.columns, table.rows))


def test_every_kind_of_table_goes_in_again_unchanged(office: Database, tmp_path: Path) -> None:
    for each in KINDS:
        for format_ in ("csv", "xlsx"):
            path = tmp_path / f"{each.name}.{format_}"
            path.write_bytes(content_of(office, each.name, format_))
            report = import_table(office, LOCAL, each, path, today=TODAY)
            assert (report.faults, report.created, report.updated) == ([], 0, 0), path.name
            assert report.rows, path.name
    with office.read() as session, count_queries(office) as statements:
        list(table_out(session, kind("projects")).rows)
    assert len(statements) <= 4
