"""The example portfolio, loaded as users load it, flags what its scenarios are made for."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from icalendar import Calendar

from app.cli import main
from app.config import Settings, get_settings
from app.db.engine import Database
from app.domain.access import LOCAL
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.example.portfolio import FOLDER, TODAY

#: tables that evaluations depend on
KINDS = (
    "units", "officers", "partners", "pools", "agreements", "projects", "funding-shares", "revisions", "rates",
    "evaluations", "recommendations",
)  # fmt: skip

DUE = {
    ("GLO/21/12/EUR", "final"): "overdue",
    ("GLO/21/01/PAG", "final"): "overdue",
    ("GLO/21/29/DEU", "final"): "overdue",
    ("RLA/24/04/BRA", "final"): "overdue",
    ("GLO/21/17/SWE", "mid-term"): "overdue",
    ("AFG/23/01/JPN", "mid-term"): "overdue",
    ("GLO/20/80/USA", "final"): "window-open",
    ("MDA/24/01/SWE", "final"): "window-open",
    ("GLO/23/07/GBR", "final"): "window-open",
    ("GLO/21/17/SWE", "final"): "window-open",
    ("AFG/23/01/JPN", "final"): "window-open",
    ("GLO/24/10/USA", "mid-term"): "window-open",
    ("QAT/18/01/QAT", "final"): "planned",
    ("GLO/22/11/MUL", "final"): "under-way",
    ("COD/24/01/UNE", "final"): "under-way",
}
CANNOT_TELL = {"GLO/20/40/NOR": "end date", "GLO/24/87/USA": "budget", "RLA/05/50/SPA": "foresees a mid-term"}
UPCOMING = {
    "GLO/23/60/FND", "GLO/24/10/USA", "GLO/24/50/PRI", "RAF/25/02/NOR", "RAM/26/01/FIN", "GLO/27/01/BEL",
    "GLO/27/02/PRI",
}  # fmt: skip


@pytest.fixture
def loaded(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.choose_policies(session)
    for name in KINDS:
        (path,) = FOLDER.glob(f"[0-9][0-9]-{name}.csv")
        report = import_table(database, LOCAL, kind(name), path, today=TODAY)
        assert report.faults == [], name
    monkeypatch.setenv("EARMARK_DATABASE_URL", settings.database_url)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_the_example_flags_what_is_due_through_the_command_line(
    loaded: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["earmark", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0, capfd.readouterr().err
        return capfd.readouterr().out

    rows: list[dict[str, Any]] = json.loads(run("evaluations", "due", "--as-of", "2026-11-20", "--format", "json"))
    told = {(row["project"], row["kind"]): row["state"] for row in rows if row["state"] != "cannot-tell"}
    assert told == DUE
    unknown = [row for row in rows if row["state"] == "cannot-tell"]
    assert {row["project"] for row in unknown} == set(CANNOT_TELL)
    assert all(CANNOT_TELL[row["project"]] in row["missing"] for row in unknown)
    assert [row["due"] for row in rows if row["due"]] == sorted(row["due"] for row in rows if row["due"])
    assert next(row["reason"] for row in rows if row["project"] == "QAT/18/01/QAT").startswith(
        "final, independent: budget US$ 26 m (revised 2023-11-20) is over US$ 5 m; ends 2026-12-31"
    )

    ahead = json.loads(run("evaluations", "due", "--as-of", "2026-11-20", "--within", "2000", "--format", "json"))
    assert {row["project"] for row in ahead if row["state"] == "upcoming"} == UPCOMING
    unit = json.loads(run("evaluations", "due", "--as-of", "2026-11-20", "--unit", "ROAF", "--format", "json"))
    assert {row["project"] for row in unit} == {"COD/24/01/UNE"}

    calendar = Calendar.from_ical(run("evaluations", "due", "--as-of", "2026-11-20", "--format", "ics"))
    assert len(calendar.walk("VEVENT")) == len(DUE)
    assert run("evaluations", "due", "--as-of", "2026-11-20", "--format", "csv").count("overdue") == 6
    assert "GLO/21/12/EUR" in run("evaluations", "due", "--as-of", "2026-11-20")
    assert "EV-2027-001" in run("evaluations", "calendar", "--year", "2027", "--as-of", "2026-11-20")
    assert "ilo-2002" in run("evaluations", "policy", "list")

    first = json.loads(run("jobs", "run", "evaluation-alerts", "--as-of", "2026-11-20", "--format", "json"))
    assert {"obligation", "project", "kind", "rung", "rung_date"} <= set(first["recorded"][0])
    assert (first["as_of"], first["messages"]) == ("2026-11-20", 10)
    alerted = {row["project"] for row in first["recorded"]}
    assert {"GLO/27/01/BEL", "GLO/27/02/PRI"} & alerted == set(), "the pipeline is not alerted"
    assert {project for project, _ in DUE} - alerted == set()
    second = json.loads(run("jobs", "run", "evaluation-alerts", "--as-of", "2026-11-20", "--format", "json"))
    assert second == {**second, "recorded": [], "messages": 0}
    followed = json.loads(run("jobs", "run", "recommendation-alerts", "--as-of", "2026-11-20", "--format", "json"))
    assert {row["subject"] for row in followed["recorded"]} == {"response", "recommendation"}
    assert "evaluation-alerts" in run("jobs", "list")
    jobs = {row["job"]: row["outcome"] for row in json.loads(run("jobs", "list", "--format", "json"))["jobs"]}
    assert (jobs["evaluation-alerts"], jobs["tidy"]) == ("done", None)

    report = json.loads(
        run("report", "evaluations", "--period", "2026", "--as-of", "2026-11-20", "--by", "kind", "--format", "json")
    )
    assert report["columns"] == ["kind", "required", "done", "planned", "overdue", "waived", "cannot_tell"]
    finals = next(row for row in report["rows"] if row["kind"] == "final")
    assert (finals["required"], finals["planned"], finals["overdue"]) == (9, 3, 3)
