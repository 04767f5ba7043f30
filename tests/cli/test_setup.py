"""``earmark init``, ``db``, ``user`` and ``token``: from an empty database to a working office and back."""

import contextlib
import json
import os
import pty
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.db.engine import open_database
from app.evaluations.policies.shipped import shipped_text, template_text
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
    done = earmark.once(*INIT)
    assert done.text == ""
    assert done.err.startswith("Set up Example in ")
    assert here in done.err
    assert "None was chosen: XM-EX-1 is an identifier of examples" in done.err
    assert earmark.inside(*INIT).err.startswith("Nothing to change for Example in ")
    assert earmark.inside(*INIT, "--language", "fr").err.startswith("Changed the set-up of Example in ")
    assert earmark.inside("db", "upgrade").err.endswith(" were up to date.\n")
    checked = earmark.inside("db", "check")
    told = "Tables, references, keys, audit trail and files of releases are in order.\n"
    assert (checked.text, checked.err) == ("", told)
    assert earmark.inside("evaluations", "policy", "list").text.splitlines()[2:]


def test_the_set_up_is_asked_for_on_a_terminal(migrated_sqlite: Path, tmp_path: Path) -> None:
    (tmp_path / "e.db").write_bytes(migrated_sqlite.read_bytes())
    earmark = Program(f"sqlite:///{tmp_path / 'e.db'}", tmp_path)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "init"], env=earmark.environment, cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    # wrong answers are asked for again, and the right ones before them stay
    os.write(ours, b"XM EX\nXM-EX-1\nExample organisation\n999\n40\nCHF\n13\n4\nnowhere.yaml\n\n")
    out, err = process.communicate()
    os.close(ours)
    os.close(theirs)
    assert (process.returncode, out) == (0, b"")
    times = {
        "IATI identifier of the organisation": 2, "Name of": 1, "organisation type (": 2, "Currency of reports": 1,
        "Month in which": 2, "Evaluation policy [none]": 2,
    }  # fmt: skip
    assert {asked: err.decode().count(asked) for asked in times} == times
    assert "Set up Example organisation in the file " in err.decode()
    assert "Evaluation policy: none" in err.decode()
    with sqlite3.connect(tmp_path / "e.db") as connection:
        assert connection.execute("SELECT currency, fiscal_year_start FROM setup").fetchall() == [("CHF", 4)]
        assert connection.execute("SELECT count(*) FROM evaluation_policies").fetchone() == (0,)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--language", "xx"), "language: xx is not on the codelist Language"),
        (("--languages", "en,zz"), "languages"),
        (("--currency", "XQX"), "currency: "),
        (("--fiscal-year-start", "13"), "fiscal_year_start: Write 12 or less."),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_asked(
    migrated_sqlite: Path, tmp_path: Path, options: tuple[str, str], told: str
) -> None:
    """Whoever answered ten questions first would answer them all again."""
    (tmp_path / "e.db").write_bytes(migrated_sqlite.read_bytes())
    earmark = Program(f"sqlite:///{tmp_path / 'e.db'}", tmp_path)
    ours, theirs = pty.openpty()
    ran = subprocess.run(
        [*COMMAND, "init", *options], env=earmark.environment, cwd=tmp_path, stdin=theirs, capture_output=True,
        check=False, timeout=300,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert told in ran.stderr.decode()
    assert "IATI identifier" not in ran.stderr.decode()


@pytest.mark.parametrize(
    "options",
    [
        ("--currency", "eur"), ("--currency", "€"), ("--currency", " Euro"), ("--type", " 40"),
        ("--languages", "en,tet"),
    ],
)  # fmt: skip
def test_an_option_is_read_as_the_set_up_reads_it(
    migrated_sqlite: Path, tmp_path: Path, options: tuple[str, str]
) -> None:
    (tmp_path / "e.db").write_bytes(migrated_sqlite.read_bytes())
    earmark = Program(f"sqlite:///{tmp_path / 'e.db'}", tmp_path)
    given = dict(zip(INIT[1::2], INIT[2::2], strict=True)) | {options[0]: options[1]}
    words = [word for option in given.items() for word in option]
    earmark("init", *words, "--policy", "none")


def test_an_office_begins_with_the_policy_it_chose(migrated_sqlite: Path, tmp_path: Path) -> None:
    def begun(*options: str, init: Sequence[str] = INIT, status: int = 0) -> tuple[list[str], str]:
        (tmp_path / "p.db").write_bytes(migrated_sqlite.read_bytes())
        earmark = Program(f"sqlite:///{tmp_path / 'p.db'}", tmp_path)
        said = earmark.inside(*init, *options, status=status).err
        listed = earmark.inside("evaluations", "policy", "list", "--format", "json").json
        return [row["policy"] for row in listed], said

    # rules of another house judge nobody unasked
    for org_id in ("NL-KVK-99999999", "XM-DAC-41304", "XX-TEST-1"):
        chosen, said = begun(init=("init", "--org-id", org_id, *INIT[3:]))
        assert chosen == []
        assert "Evaluation policy: none, so no evaluation falls due." in said
        assert "None was chosen" in said
    assert begun()[0] == ["ilo-2002", "default"]
    chosen, said = begun(init=("init", "--org-id", "XM-DAC-41302", *INIT[3:]))
    assert chosen == ["ilo-2002", "default"]
    assert "those of XM-DAC-41302 itself" in said
    assert begun("--policy", "none", init=("init", "--org-id", "XM-DAC-41302", *INIT[3:]))[0] == []
    assert begun("--policy", "start")[0] == ["ilo-2002", "default"]
    chosen, said = begun("--policy", "none")
    assert chosen == []
    assert "Evaluation policy: none, so no evaluation falls due." in said
    assert "None was chosen" not in said
    assert begun("--policy", "example-fao")[0] == ["example-fao"]
    own = tmp_path / "own.yaml"
    own.write_text(template_text(), encoding="utf-8")
    assert begun("--policy", str(own))[0] == ["our-policy"]
    assert "neither none, start, a policy that ships" in begun("--policy", "nowhere", status=2)[1]


def test_who_leaves_the_identifier_of_examples_is_told_what_was_given_with_it(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    def moved(first: tuple[str, ...], *then: tuple[str, ...]) -> str:
        (tmp_path / "m.db").write_bytes(migrated_sqlite.read_bytes())
        earmark = Program(f"sqlite:///{tmp_path / 'm.db'}", tmp_path)
        earmark.inside(*first)
        return [earmark.inside(*each).err for each in then][-1]

    real = ("init", "--org-id", "NL-KVK-99999999", *INIT[3:])
    given = "given to XM-EX-1 and not chosen for NL-KVK-99999999: the evaluation policies ilo-2002, default."
    said = moved(INIT, real)
    assert given in said
    for name in ("ilo-2002", "default"):
        assert f"earmark evaluations policy retire {name}\n" in said
    assert given in moved(INIT, ("organisation", "identifier", "NL-KVK-99999999", "--reason", "Registered"))
    retire = ("evaluations", "policy", "retire", "ilo-2002")
    assert "not chosen for NL-KVK-99999999: the evaluation policies default." in moved(INIT, retire, real)
    # the house itself goes on with its own, and what is chosen now is no more merely given
    assert "STILL IN FORCE" in moved(("init", "--org-id", "XM-DAC-41302", *INIT[3:]), real)
    assert "STILL IN FORCE" not in moved(INIT, ("init", "--org-id", "XM-DAC-41302", *INIT[3:]))
    assert "STILL IN FORCE" not in moved(INIT, (*real, "--policy", "start"))
    assert "STILL IN FORCE" not in moved((*INIT, "--policy", "none"), real)
    assert "STILL IN FORCE" not in moved(INIT, ("init", "--org-id", "XM-EX-2", *INIT[3:]))


def test_a_job_without_a_policy_says_that_no_evaluation_falls_due(migrated_sqlite: Path, tmp_path: Path) -> None:
    (tmp_path / "j.db").write_bytes(migrated_sqlite.read_bytes())
    earmark = Program(f"sqlite:///{tmp_path / 'j.db'}", tmp_path)
    earmark.inside(*INIT, "--policy", "none")
    # what agreements, recommendations and risks ask for is told without any policy
    for name in ("alerts", "evaluation-alerts"):
        assert "No evaluation policy is in use, so no evaluation falls due" in earmark.inside("jobs", "run", name).err
    assert "policy" not in earmark.inside("jobs", "run", "tidy").err
    earmark.inside("evaluations", "policy", "load", "example-fao")
    assert "No evaluation policy" not in earmark.inside("jobs", "run", "alerts").err


def test_policies_are_shown_taken_over_and_retired(migrated_sqlite: Path, tmp_path: Path) -> None:
    (tmp_path / "p.db").write_bytes(migrated_sqlite.read_bytes())
    policy = ("evaluations", "policy")
    nowhere = Program(f"sqlite:///{tmp_path / 'none.db'}", tmp_path)  # looked at before one is chosen
    assert nowhere.inside(*policy, "show", "example-fao").text == shipped_text("example-fao")
    assert "example-fao" in nowhere.inside(*policy, "list").err
    assert "checked by itself" in nowhere.inside(*policy, "check", "example-fao").err
    earmark = Program(f"sqlite:///{tmp_path / 'p.db'}", tmp_path)
    earmark.inside(*INIT, "--policy", "none")
    assert earmark.inside(*policy, "show", "--template").text == template_text()
    shown = earmark.inside(*policy, "show", "example-fao")
    assert shown.text == shipped_text("example-fao")
    assert "rules nothing here" in shown.err
    assert "No evaluation policy is in use" in earmark.inside("evaluations", "due").err
    assert "No evaluation policy is in use" in earmark.inside(*policy, "list").err
    assert "example-fao is new" in earmark.inside(*policy, "load", "example-fao").err
    assert "in use" in earmark.inside(*policy, "show", "example-fao").err
    assert (
        "rules what is signed until 2030-12-31"
        in earmark.inside(*policy, "retire", "example-fao", "--last-day", "2030-12-31").err
    )
    assert earmark.inside(*policy, "list", "--format", "json").json[0]["in_force_to"] == "2030-12-31"
    assert "rules nothing any more" in earmark.inside(*policy, "retire", "example-fao").err
    assert "retired already" in earmark.inside(*policy, "retire", "example-fao", status=1).err
    assert "There is no policy nobody" in earmark.inside(*policy, "show", "nobody", status=1).err


def test_program_goes_on_with_tables_that_a_newer_one_has_brought_up_to_date(light_office: Program) -> None:
    """As while versions change: what knows every table waits for the newer program, all else is done."""
    with contextlib.closing(sqlite3.connect(light_office.url.removeprefix("sqlite:///"))) as tables, tables:
        tables.execute("UPDATE alembic_version SET version_num = '2999_01_01_newer'")
    light_office.inside("jobs", "run", "tidy")
    assert "replace this one by it" in light_office.inside("doctor").text
    for command in (("db", "upgrade"), ("db", "backup", "all.gz"), ("db", "check")):
        ran = light_office.inside(*command, status=1)
        assert "newer version of Earmark (2999_01_01_newer; this one has " in ran.text + ran.err, command


def test_every_fault_of_a_set_up_is_told_at_once(earmark: Program) -> None:
    wrong = ("init", "--org-id", "a b", "--name", "", "--type", "40", "--currency", "ZZZ", "--fiscal-year-start", "13")
    assert earmark.inside(*wrong, status=1).err.splitlines()[1:] == [
        "  org_id: An identifier holds no spaces and none of / & | ?. [string-pattern-mismatch]",
        "  name: This may not be empty. [string-too-short]",
        "  currency: ZZZ is not a currency code of ISO 4217: write one such as USD or EUR. [value-error]",
        "  fiscal_year_start: Write 12 or less. [less-than-equal]",
    ]
    unknown = earmark.inside("init", "--org-id", "XX-1", "--name", "x", "--type", "999", "--currency", "USD", status=1)
    assert "type: 999 is not on the codelist OrganisationType." in unknown.err
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


def test_claims_of_a_provider_are_explained_before_anybody_signs_in(office: Program) -> None:
    claims, rules = office.folder / "claims.json", office.folder / "rules.yaml"
    rules.write_text('roles: {officer: [field]}\nunits: {"unit-(.+)": "\\\\1"}\n')
    office.environment |= {"EARMARK_OIDC_MAPPING": str(rules), "EARMARK_OIDC_UNIT_CLAIM": "unit"}
    claims.write_text(json.dumps({"groups": ["field"], "unit": "unit-GVA"}))
    assert office.inside("user", "explain", "anna", "--claims", str(claims)).text.splitlines() == [
        "claim roles: is not there",
        "claim groups: field",
        "claim unit: unit-GVA",
        "anna would sign in as officer of GVA",
        "anna is new: the first sign-in makes the user",
    ]
    claims.write_text(json.dumps({"groups": ["field"]}))
    assert "an officer needs a unit" in office.inside("user", "explain", "anna", "--claims", str(claims), status=1).text
    claims.write_text("[]")
    assert "holds no object" in office.inside("user", "explain", "anna", "--claims", str(claims), status=2).err


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
    ran = office.inside("db", "check", status=1)
    assert ran.text.count("\n") >= 1
    assert ran.err == ""


def test_a_backup_comes_back_and_nothing_else_does(office: Program, empty_database_url: str, tmp_path: Path) -> None:
    assert "all.bak holds " in office.inside("db", "backup", "all.bak", "--files", "all.tar").err
    content = (tmp_path / "all.bak").read_bytes()
    empty = Program(empty_database_url, tmp_path)
    (tmp_path / "cut.bak").write_bytes(content[: len(content) // 2])
    assert "The backup cannot be restored: it is cut off" in empty.inside("db", "restore", "cut.bak", status=1).err
    assert "Put into " in empty.inside("db", "restore", "all.bak", "--files", "all.tar").err
    assert empty.inside("db", "archived").out == b""
    empty.inside("db", "check")
    day = ("--as-of", "2026-11-20")
    assert empty.inside("export", "activities", *day).out == office.inside("export", "activities", *day).out
    assert "The database is not empty" in office.inside("db", "restore", "all.bak", status=1).err
    for target, says in (("none/x.bak", "there is no folder none"), ("/dev/full", "The disk is full")):
        assert says in office.inside("db", "backup", target, status=1).err
    assert Path("/dev/full").is_char_device()


def test_users_tokens_and_feeds_are_listed_and_ended(office: Program) -> None:
    for name, role in (("eve", "admin"), ("bob", "viewer")):
        office.inside("user", "create", name, "--role", role)
    office.inside("token", "create", "bob")
    (token,) = office.inside("token", "list", "--user", "bob", "--format", "json").json
    assert "good no more" in office.inside("token", "revoke", str(token["id"])).err
    assert office.inside("token", "list", "--user", "bob", "--format", "json").json == []
    assert office.inside("user", "role", "bob", "officer", "--unit", "GVA").err == (
        "bob may now use Earmark as officer of GVA.\n"
    )
    rows = office.inside("user", "list", "--format", "json").json
    assert [(row["name"], row["role"], row["unit"]) for row in rows] == [
        ("eve", "admin", None),
        ("bob", "officer", "GVA"),
    ]
    assert "bob may no longer use Earmark" in office.inside("user", "disable", "bob").err
    assert [line.split()[0] for line in office.inside("user", "list").text.splitlines()[2:]] == ["eve"]
    assert len(office.inside("user", "list", "--all", "--format", "json").json) == 2
    office.inside("user", "enable", "bob")
    assert "the last administrator" in office.inside("user", "disable", "eve", status=1).err
    assert "the last administrator" in office.inside("user", "role", "eve", "viewer", status=1).err
    assert "There is no user nobody" in office.inside("user", "disable", "nobody", status=1).err
    assert office.inside("feed", "list", "--format", "json").json == []
    assert "There is no calendar feed 7" in office.inside("feed", "close", "7", status=1).err
