"""Killed processes and full disks: nothing half-written, and the same command completes the work."""

import sqlite3
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.cli.program import Program
from tests.postgres import PostgresServer

ROWS = 3000


def units(program: Program) -> str:
    return program.write("units.csv", "code,name", *(f"U{number},Unit {number}" for number in range(ROWS)))


def is_writing(program: Program, server: PostgresServer | None) -> bool:
    """Whether some process holds an open transaction that has written."""
    if server is None:
        path = program.url.removeprefix("sqlite:///")
        wal = Path(f"{path}-wal")
        with sqlite3.connect(path, timeout=0, isolation_level=None) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return wal.exists()
            connection.execute("ROLLBACK")
            return False
    name = make_url(program.url).database or ""
    with psycopg.connect(server.dsn(name)) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
        ).fetchone()
    return found is not None and found[0] > 0


@pytest.mark.slow
def test_killed_import_of_a_table_leaves_nothing_and_completes_when_repeated(
    office: Program, request: pytest.FixtureRequest
) -> None:
    server = None if office.url.startswith("sqlite") else request.getfixturevalue("postgres")
    file = units(office)
    process = office.start("import", "csv", "units", file)
    deadline = time.monotonic() + 60
    while not is_writing(office, server) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    office.inside("db", "check")
    # had any row stayed, it would not be new now
    again = office.inside("import", "csv", "units", file, "--format", "json").json
    assert (again["created"], again["unchanged"], again["faults"]) == (ROWS, 0, [])
    office.inside("db", "check")


def test_full_disk_is_told_and_leaves_the_database_as_it_was(light_office: Program) -> None:
    file = units(light_office)
    told = light_office("import", "csv", "units", file, status=1, largest_file=300_000)
    assert "nothing was stored" in told.err
    assert light_office.inside("db", "check").text == ""
    assert light_office.inside("import", "csv", "units", file, "--format", "json").json["created"] == ROWS
