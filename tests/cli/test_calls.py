"""How the command line is called: what is wrong usage, where what is printed, which settings do not fit."""

import subprocess

import pytest

from app import __version__
from tests.cli.program import COMMAND, Program


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nope",), "No such command 'nope'"),
        (("init", "--nope"), "No such option: --nope"),
        (("user", "create", "anna", "--role", "boss"), "'boss' is not one of 'viewer', 'officer'"),
        (
            ("evaluations", "due", "--as-of", "01/02/2026"),
            "“01/02/2026” can mean 2026-02-01 or 2026-01-02: write the one that is meant",
        ),
        (("evaluations", "due", "--as-of", "20-1-1"), "'20-1-1' is not a date: write it as 2026-11-20"),
        (("evaluations", "due", "--as-of", "9999-12-31"), "9999-12-31 is not in the years 1900 to 2999"),
        (("evaluations", "policy", "show", "\udcff"), "holds bytes that are no text"),
        (("import", "csv", "nope"), "There is no kind 'nope'. Kinds: units, officers, partners"),
        (("import", "iati", "absent.xml"), "there is no such file: absent.xml"),
        (("validate", "absent.xml"), "there is no such file: absent.xml"),
        (("jobs", "run", "nope"), "There is no job 'nope'. Jobs: evaluation-alerts"),
        (("report", "delivery", "--format", "pdf"), "--format takes table, json, csv, xlsx, not 'pdf'"),
    ],
)
def test_a_call_that_makes_no_sense_ends_with_2_and_a_sentence(
    light_office: Program, arguments: tuple[str, ...], says: str
) -> None:
    ran = light_office.inside(*arguments, status=2)
    assert says in ran.err
    assert ran.out == b""


def test_a_process_ends_with_the_same_status_and_explains_itself(light_office: Program) -> None:
    assert "No such command 'nope'" in light_office("nope", status=2).err
    shown = light_office("evaluations", status=2)
    assert "policy" in shown.text + shown.err
    assert light_office("--version").text.split() == ["earmark", __version__]


@pytest.mark.parametrize(
    ("settings", "status", "says"),
    [
        ({"EARMARK_DATABASE_URL": "nonsense"}, 2, "EARMARK_DATABASE_URL is not a database address"),
        ({"EARMARK_DATABASE_URL": "mysql://x/y"}, 2, "must begin with sqlite:/// or postgresql+psycopg://"),
        ({"EARMARK_DATABASE_URL": "sqlite:////proc/none/e.db"}, 1, "The folder of the database /proc/none/e.db"),
        ({"EARMARK_DATABASE_URL": "postgresql+psycopg://u:pst@127.0.0.1:1/x"}, 1, "The database cannot be reached"),
        (
            {"EARMARK_TIMEZONE": "Mars/Base", "EARMARK_SMTP_PORT": "many"},
            2,
            "'Mars/Base' is not a time zone: write one such as Africa/Nairobi.; EARMARK_SMTP_PORT: Write a whole",
        ),
    ],
)
def test_settings_that_do_not_fit_are_told_by_their_names(
    light_office: Program, settings: dict[str, str], status: int, says: str
) -> None:
    ran = light_office.inside("db", "check", status=status, **settings)
    assert says in ran.err
    assert "pst" not in ran.err
    assert ran.out == b""


def test_output_that_cannot_be_written_is_told_in_a_sentence(light_office: Program) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        ran = light_office("report", "delivery", "--period", "2025", "--format", "json", stdout=full, status=1)
    assert ran.err == "This could not be stored or read: The output cannot be used: No space left on device.\n"


def test_a_reader_that_goes_away_is_no_reason_to_complain(light_office: Program) -> None:
    command = ("sh", "-c", 'exec 2>&1; "$@" | head -1', "sh", *COMMAND, "codelists", "show", "Country")
    done = subprocess.run(command, env=light_office.environment, capture_output=True, check=True)
    assert done.stdout.decode().split() == ["code", "name", "name_fr", "category", "status"]
