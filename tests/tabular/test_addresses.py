"""Addresses of documents are judged where they are typed."""

from pathlib import Path

from app.db.engine import Database
from tests.cli.office import fill
from tests.filled import filled
from tests.tabular.test_meant import put

HEADER = "project,url,title,category,format\n"


def test_an_address_that_tells_a_password_or_names_no_host_is_refused(database: Database, tmp_path: Path) -> None:
    filled(database, fill)
    rows = "".join(
        f"GLO/24/01/NLD,{url},Report,A07,application/pdf\n"
        for url in ("http://user:pw@x.org/a", "http:///a", "HTTPS://x.org/A", " HTTPS://x.org/B")
    )
    faults = put(database, "documents", HEADER + rows, tmp_path).faults
    assert [(each.row, each.column) for each in faults] == [(2, "url"), (3, "url")]
    assert "everybody could read it" in faults[0].message
    assert put(database, "documents", HEADER + rows.splitlines()[2] + "\n", tmp_path).created == 1
