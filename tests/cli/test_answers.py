"""``evaluations``, ``jobs`` and ``report``: answers in the shapes that other programs read."""

import csv
import io
import re
from decimal import Decimal

from openpyxl import load_workbook

from tests.cli.program import Program

DAY = ("--as-of", "2026-11-20")
OWED = {
    "project", "kind", "independence", "state", "window_opens", "due", "late", "reason", "rules", "officer",
    "evaluation",
}  # fmt: skip


def test_evaluations_due_are_told_in_every_form(office: Program) -> None:
    rows = office.inside("evaluations", "due", *DAY, "--within", "60", "--format", "json").json
    told = [row for row in rows if row["state"] != "cannot-tell"]
    assert [(row["project"], row["kind"], row["due"]) for row in told] == [
        ("GLO/24/01/NLD", "mid-term", "2025-07-01"),
        ("GLO/24/01/NLD", "final", "2026-12-31"),
    ]
    for row in told:
        assert set(row) >= OWED
        assert row["window_opens"] <= row["due"] <= row["late"]
        assert row["officer"] == "ana"
        assert row["evaluation"] is None
        assert row["rules"]
        assert "budget US$ 2 m" in row["reason"]
    unknown = [row for row in rows if row["state"] == "cannot-tell"]
    assert unknown
    assert {row["project"] for row in unknown} == {"RAF/24/02/NLD"}
    assert all("budget" in row["reason"] for row in unknown)
    days = [row["due"] or "9999" for row in rows]
    assert days == sorted(days)
    assert office.inside("evaluations", "due", *DAY, "--unit", "GVA", "--within", "60", "--format", "json").json == rows
    assert "There is no unit NOPE." in office.inside("evaluations", "due", "--unit", "NOPE", status=1).err
    told = office.inside("evaluations", "due", *DAY, "--format", "csv").out
    assert told.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(told.decode("utf-8-sig"))))
    assert [row["project"] for row in table].count("GLO/24/01/NLD") >= 1
    calendar = office.inside("evaluations", "due", *DAY, "--format", "ics").out
    assert calendar.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"GLO/24/01/NLD" in calendar
    shown = office.inside("evaluations", "due", *DAY, COLUMNS="140")
    assert shown.text.splitlines()[0].split()[:3] == ["project", "kind", "independence"]
    assert max(len(line) for line in shown.text.splitlines()) <= 140
    year = office.inside("evaluations", "calendar", "--year", "2026", *DAY, "--format", "json").json
    assert "GLO/24/01/NLD" in {row["project"] for row in year["rows"]}


def test_alerts_are_recorded_once(office: Program) -> None:
    first = office.inside("jobs", "run", "evaluation-alerts", *DAY, "--format", "json").json
    assert set(first) >= {"run", "as_of", "recorded", "messages"}
    assert first["as_of"] == "2026-11-20"
    assert first["recorded"]
    assert set(first["recorded"][0]) >= {"obligation", "project", "kind", "rung", "rung_date"}
    second = office.inside("jobs", "run", "evaluation-alerts", *DAY, "--format", "json").json
    assert (second["recorded"], second["messages"]) == ([], 0)
    assert second["run"] != first["run"]
    listed = office.inside("jobs", "list", "--format", "json").json
    ran = {job["job"]: job["as_of"] for job in listed["jobs"]}
    assert ran["evaluation-alerts"] == "2026-11-20"


def test_policies_are_checked_before_they_are_loaded(light_office: Program) -> None:
    assert "default" in {each["policy"] for each in light_office.inside(
        "evaluations", "policy", "list", "--format", "json"
    ).json}  # fmt: skip
    file = light_office.write("policy.yaml", "policy: p", "rules: [", "")
    for call in ("check", "load", "compare"):
        ran = light_office.inside("evaluations", "policy", call, file, status=1)
        assert ran.text + ran.err
    assert "cannot be read" in light_office.inside("evaluations", "policy", "check", "absent.yaml", status=2).err


def test_a_policy_with_a_gap_is_loaded_and_says_where_the_gap_is(light_office: Program) -> None:
    rules = [
        line
        for name, band in (("low", "under: 100"), ("high", "over: 200"))
        for line in (
            f"  - id: {name}", f"    when: {{budget: {{currency: USD, {band}}}}}", "    require: {kind: ex-post}",
            "    source: board", "    confidence: stated",
        )
    ]  # fmt: skip
    head = ("policy: gappy", "title: Gappy", "in_force: {from: 2030-01-01}", "source: board", "confidence: stated")
    file = light_office.write("gappy.yaml", *head, "rules:", *rules)
    gap = f"{file}:12: warning: between rule low and this one lies a gap, from 100 to 200"
    checked = light_office.inside("evaluations", "policy", "check", file)
    assert gap in checked.text
    assert "but look at the above" in checked.err
    loaded = light_office.inside("evaluations", "policy", "load", file)
    assert gap in loaded.err
    assert "gappy is new" in loaded.err


def test_delivery_is_told_in_every_form(office: Program) -> None:
    report = ("report", "delivery", "--period", "2025", "--as-of", "2026-11-20", "--by", "project")
    told = office.inside(*report, "--format", "json").json
    assert set(told) >= {"report", "definition", "period", "as_of", "currency", "columns", "rows", "totals"}
    assert (told["report"], told["period"], told["as_of"], told["currency"]) == (
        "delivery", "2025", "2026-11-20", "USD",
    )  # fmt: skip
    row = next(row for row in told["rows"] if row["project"] == "GLO/24/01/NLD")
    assert (row["allocation"], row["expenditure"], row["rate"]) == ("1000", "250.5", "25.05")
    assert set(row) <= set(told["columns"])
    table = list(csv.DictReader(io.StringIO(office.inside(*report, "--format", "csv").out.decode("utf-8-sig"))))
    assert table[0]["expenditure"] == "250.5"
    figures = [Decimal(row["expenditure"]) for row in table if not row["project"].startswith("#")]
    assert sum(figures) == Decimal(told["totals"]["expenditure"])
    office.inside(*report, "--format", "xlsx", "--out", "d.xlsx")
    sheet = load_workbook(office.folder / "d.xlsx")["delivery"]
    assert [cell.value for cell in sheet[1]] == told["columns"]
    assert "1,000.00       250.50" in office.inside(*report).text
    assert "delivery" in office.inside("report", "--list").text
    for wrong in (
        ("--period", "20x"),
        ("--period", "2021", "--by", "colour"),
        ("--period", "2021", "--currency", "ZZZ"),
    ):
        assert office.inside("report", "delivery", *wrong, status=1).out == b""
    assert re.search(r"Reports: .*\bdelivery\b", office.inside("report", "nope", status=1).err)
