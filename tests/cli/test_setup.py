"""``earmark init``, ``db``, ``user`` and ``token``: from an empty database to a working office and back."""

import os
import pty
import sqlite3
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.db.engine import open_database
from tests.cli.program import COMMAND, Program

TAMPER = "UPDATE audit_events SET actor = 'nobody' WHERE entity = 'users'"
INIT = ("init", "--org-id", "XM-EX-1", "--name", "Example", "--type", "40", "--currency", "USD")


def execute(program: Program, *statements: str) -> None:
    database = open_database(Settings(database_url=program.url, _env_file=None))  # type: ignore[call-arg]
    try:
        with database.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        database.dispose()


def test_an_office_is_set_up_from_nothing(empty_database_url: str, tmp_path: Path) -> None:
    earmark = Program(empty_database_url, tmp_path)
    address = make_url(empty_database_url)
    here = f"the file {address.database}" if empty_database_url.startswith("sqlite") else f"database {address.database}"
    for call in (("evaluations", "due"), ("export", "activities"), ("user", "create", "x", "--role", "viewer")):
        ran = earmark.inside(*call, status=1)
        assert "The database has no tables yet: run `earmark init`." in ran.err
        assert here in ran.err
        assert ran.err.endswith("EARMARK_DATABASE_URL names another.\n")
    assert earmark.inside("db", "check", status=1).text == "there are no tables yet: run `earmark db upgrade`\n"
    done = earmark(*INIT)
    assert done.text == ""
    assert done.err.startswith("Set up Example in ")
    assert here in done.err
    assert earmark.inside(*INIT).err.startswith("Nothing to change for Example in ")
    assert earmark.inside(*INIT, "--language", "fr").err.startswith("Changed the set-up of Example in ")
    assert earmark.inside("db", "upgrade").err.endswith(" were up to date.\n")
    checked = earmark.inside("db", "check")
    assert (checked.text, checked.err) == ("", "Tables, references and audit trail are in order.\n")
    assert earmark.inside("evaluations", "policy", "list").text.splitlines()[2:]


def test_the_set_up_is_asked_for_on_a_terminal(migrated_sqlite: Path, tmp_path: Path) -> None:
    (tmp_path / "e.db").write_bytes(migrated_sqlite.read_bytes())
    earmark = Program(f"sqlite:///{tmp_path / 'e.db'}", tmp_path)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "init"], env=earmark.environment, cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    os.write(ours, b"XM-EX-1\nExample organisation\n40\nCHF\n")
    out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert (process.returncode, out) == (0, b"")
    for asked in ("IATI identifier of the organisation", "Name of", "organisation type", "Currency of reports"):
        assert asked in err.decode()
    assert "Set up Example organisation in the file " in err.decode()
    with sqlite3.connect(tmp_path / "e.db") as connection:
        assert connection.execute("SELECT currency FROM setup").fetchall() == [("CHF",)]


def test_every_fault_of_a_set_up_is_told_at_once(earmark: Program) -> None:
    wrong = ("init", "--org-id", "a b", "--name", "", "--type", "40", "--currency", "ZZZ", "--fiscal-year-start", "13")
    assert earmark.inside(*wrong, status=1).err.splitlines()[1:] == [
        "  org_id: An identifier holds no spaces and none of / & | ?. [string-pattern-mismatch]",
        "  name: This may not be empty. [string-too-short]",
        "  currency: ZZZ is not a currency code of ISO 4217. [value-error]",
        "  fiscal_year_start: Write 12 or less. [less-than-equal]",
    ]
    unknown = earmark.inside("init", "--org-id", "XX-1", "--name", "x", "--type", "999", "--currency", "USD", status=1)
    assert "type: '999' is not in the codelist OrganisationType." in unknown.err
    assert "init needs --org-id, --name, --type, --currency" in earmark.inside("init", status=2).err


def test_a_token_is_printed_once_and_is_no_secret_to_nobody_else(office: Program) -> None:
    assert (
        "There is no unit NOPE."
        in office.inside("user", "create", "anna", "--role", "officer", "--unit", "NOPE", status=1).err
    )
    office.inside("user", "create", "anna", "--role", "officer", "--unit", "GVA")
    assert "There is a user anna already." in office.inside("user", "create", "anna", "--role", "viewer", status=1).err
    assert "There is no user bob." in office.inside("token", "create", "bob", status=1).err
    ran = office.inside("token", "create", "anna", "--expires", "30")
    token = ran.text.strip()
    assert token.startswith("ear_")
    assert len(token) >= 40
    assert ran.err == ""
    office.inside("db", "backup", "all.bak")
    backup = subprocess.run(["gzip", "-dc", office.folder / "all.bak"], capture_output=True, check=True).stdout
    assert b"anna" in backup
    assert token.encode() not in backup


def test_a_check_finds_what_somebody_changed_behind_the_back_of_the_program(office: Program) -> None:
    office.inside("user", "create", "anna", "--role", "viewer")
    office.inside("db", "check")
    with pytest.raises(DBAPIError, match="appended and never changed"):
        execute(office, TAMPER)
    guard = (
        "DROP TRIGGER audit_events_append_only_update"
        if office.url.startswith("sqlite")
        else "ALTER TABLE audit_events DISABLE TRIGGER USER"
    )
    execute(office, guard, TAMPER)
    ran = office("db", "check", status=1)
    assert ran.text.count("\n") >= 1
    assert ran.err == ""


def test_a_backup_comes_back_and_nothing_else_does(office: Program, empty_database_url: str, tmp_path: Path) -> None:
    assert office.inside("db", "backup", "all.bak").err.endswith(" rows are in all.bak.\n")
    content = (tmp_path / "all.bak").read_bytes()
    empty = Program(empty_database_url, tmp_path)
    (tmp_path / "cut.bak").write_bytes(content[: len(content) // 2])
    assert "The backup cannot be restored: it is cut off" in empty.inside("db", "restore", "cut.bak", status=1).err
    empty.inside("db", "restore", "all.bak")
    empty.inside("db", "check")
    day = ("--as-of", "2026-11-20")
    assert empty.inside("export", "activities", *day).out == office.inside("export", "activities", *day).out
    assert "The database is not empty" in office.inside("db", "restore", "all.bak", status=1).err
    for target, says in (("none/x.bak", "there is no folder none"), ("/dev/full", "The disk is full")):
        assert says in office.inside("db", "backup", target, status=1).err
    assert Path("/dev/full").is_char_device()
