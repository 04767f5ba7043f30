"""Registers of risk, lessons that reach projects like theirs, and evaluations through their cycle."""

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.config import Settings
from app.db.alerts import Message
from app.db.base import utc_now
from app.db.engine import Database
from app.db.lookups import row_by
from app.db.organisation import Officer
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.errors import InvalidInput
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.reports.frame import ReportTable
from app.reports.service import run
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from tests import portfolio
from tests.filled import filled
from tests.portfolio import TODAY

RISK = {
    "project": "P/1", "cause": "Elections", "event": "Nothing is signed.", "consequence": "A year is lost",
    "likelihood": "3", "impact": "5", "owner": "ann", "opened_on": "2026-01-05", "review_on": "2026-07-01",
}  # fmt: skip


def load(database: Database, folder: Path, name: str, rows: Iterable[dict[str, str]]) -> TableReport:
    path, told = folder / f"{name}.csv", list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(dict.fromkeys(column for row in told for column in row)))
        writer.writeheader()
        writer.writerows(told)
    return import_table(database, LOCAL, kind(name), path, today=TODAY)


def report(database: Database, name: str, *by: str, as_of: dt.date = TODAY, **options: str) -> ReportTable:
    with database.read() as session:
        return run(session, name, as_of=as_of, by=by, options=options)


def fill(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        for code in ("ROAF", "ROAP", "IDLE"):
            unit = portfolio.unit(session, code)
            unit.head, unit.head_email = f"Head of {code}", f"head@{code.lower()}.example.org"
            if code != "IDLE":
                officer = {"ROAF": "ann", "ROAP": "bob"}[code]
                portfolio.officer(session, officer, unit.id or 0)
        about = {"sectors": ["16020"], "countries": ["KE"], "outcome": "3"}
        portfolio.project(session, "P/1", unit="ROAF", officer="ann", status="implementation", **_shares(about))
        portfolio.project(session, "P/2", unit="ROAP", officer="bob", status="implementation")


@pytest.fixture
def office(database: Database) -> Database:
    use_codelists(portfolio.known)
    filled(database, fill)
    return database


def _shares(about: dict[str, object]) -> dict[str, object]:
    codes = {name: [{"code": code} for code in about[name]] for name in ("sectors", "countries")}  # type: ignore[union-attr,attr-defined]
    return {**codes, "outcome": about["outcome"]}


def test_registers_are_current_while_risks_are_reviewed_by_owners_who_are_there(
    office: Database, tmp_path: Path, settings: Settings
) -> None:
    rows = [
        {"reference": "K1", **RISK},
        {"reference": "K2", **RISK, "likelihood": "1", "reviewed_on": "2026-07-02", "review_on": "2027-01-01"},
        {"reference": "K3", **RISK, "project": "", "unit": "ROAP", "owner": "bob", "review_on": "2027-03-01",
         "escalated_on": "2026-11-01"},
    ]  # fmt: skip
    assert load(office, tmp_path, "risks", rows).faults == []
    table = report(office, "risks")
    shown = [(row["unit"], row["open"], row["high"], row["not_reviewed"], row["current"]) for row in table.rows]
    assert shown == [("ROAF", 2, 1, 1, "no"), ("ROAP", 1, 1, 0, "yes")]
    assert [table.totals[name] for name in ("registers", "registers_current", "current_share")] == [2, 1, "50.00"]
    assert table.remarks == ("Not reviewed in time: K1.",)
    # before there was a review to be late all registers were current
    early = report(office, "risks", as_of=dt.date(2026, 7, 1))
    assert early.totals["current_share"] == "100.00"
    # reviews are told to the owner, what is escalated to the head of the unit, each once
    told = run_job(office, settings, job("alerts"), TODAY).content["recorded"]
    assert sorted(one["rung"] for one in told) == ["risk-escalated", "risk-review", "risk-review-late"]
    assert run_job(office, settings, job("alerts"), TODAY).content["recorded"] == []
    with office.read() as session:
        assert {message.recipient for message in session.scalars(select(Message))} == {
            "ann@unit.example.org", "head@roap.example.org",
        }  # fmt: skip
    # whoever owns it leaves: that is found, and remarked when it is loaded again
    with office.write("tests") as session:
        officer = row_by(session, Officer, "code", "bob")
        assert officer is not None
        officer.archived_at = utc_now()
    again = import_table(office, LOCAL, kind("risks"), tmp_path / "risks.csv", today=TODAY)
    assert [finding.rule for finding in again.findings] == ["risk.owner-left"]
    assert (again.created, again.updated) == (0, 0)
    assert "Owned by somebody who left: K3." in report(office, "risks").remarks
    by_risk = {row["risk"]: row["finding"] for row in report(office, "risks", "risk").rows}
    assert by_risk == {"K1": "not reviewed since 2026-01-05", "K2": None, "K3": "its owner bob has left"}


def test_faults_of_risks_are_told_with_what_to_do(office: Database, tmp_path: Path) -> None:
    rows = [
        {"reference": "K1", **RISK, "unit": "ROAF"},
        {"reference": "K2", **RISK, "project": ""},
        {"reference": "K3", **RISK, "likelihood": "6"},
        {"reference": "K4", **RISK, "owner": "zoe"},
        {"reference": "K5", **RISK, "closed_on": "2025-01-01"},
    ]
    faults = load(office, tmp_path, "risks", rows).faults
    assert [(fault.row, fault.rule) for fault in faults] == [
        (2, "risk.of-whom"), (3, "risk.of-whom"), (4, "less-than-equal"), (5, "officer.unknown"),
        (6, "dates-in-order"),
    ]  # fmt: skip


def test_projects_see_what_projects_like_them_learned_the_nearest_first(office: Database, tmp_path: Path) -> None:
    said = {"kind": "lesson", "title": "T", "text": "What was learned.", "noted_on": "2026-01-31"}
    rows = [
        {"reference": "L1", **said, "countries": "KE|UG", "tags": "gender"},
        {"reference": "L2", **said, "sectors": "16020|15110", "countries": "KE"},
        {"reference": "L3", **said, "outcomes": "3", "kind": "good-practice"},
        {"reference": "L4", **said, "outcomes": "3", "noted_on": "2026-02-28"},
        {"reference": "L5", **said, "project": "P/1", "outcomes": "3"},
        {"reference": "L6", **said, "sectors": "11110"},
    ]
    assert load(office, tmp_path, "lessons", rows).faults == []
    near = report(office, "lessons", project="P/1")
    assert [(row["lesson"], row["score"], row["shared"]) for row in near.rows] == [
        ("L4", 3, "outcome 3"), ("L2", 3, "sector 16020; country KE"), ("L3", 3, "outcome 3"), ("L1", 1, "country KE"),
    ]  # fmt: skip
    assert report(office, "lessons", project="P/2").rows == ()
    counts = {row["country"]: row["lessons"] for row in report(office, "lessons", "country").rows}
    assert counts == {"KE": 2, "UG": 1}
    with pytest.raises(InvalidInput):
        report(office, "lessons", project="P/404")
    again = import_table(office, LOCAL, kind("lessons"), tmp_path / "lessons.csv", today=TODAY)
    assert (again.faults, again.created, again.updated) == ([], 0, 0)


def test_clusters_save_evaluations_and_reports_are_rated_and_tell_of_what_they_give_evidence(
    office: Database, tmp_path: Path
) -> None:
    with office.write("tests") as session:
        portfolio.partner(session, "NLD")
    said = {"kind": "final", "independence": "independent", "projects": "P/1", "status": "final",
            "completed_on": "2020-06-30", "evidence_on": "social dialogue|sdg-8"}  # fmt: skip
    rows = [{"reference": f"E{number}", **said} for number in range(20)]
    rows[0] |= {"projects": "P/1|P/2", "replaces": "6", "quality": "5", "joint_with": "NLD",
                "terms_url": "https://example.org/terms", "participants": "government|workers"}  # fmt: skip
    rows[1] |= {"projects": "P/1|P/2", "quality": "4"}
    for row in rows[:19]:
        row["evidence_on"] += "|standards"
    assert load(office, tmp_path, "evaluations", rows).faults == []
    with office.read() as session:
        table = run(session, "evaluations", period="2020", as_of=TODAY, variant="cycle")
        shown = run(session, "evaluations", period="2020", as_of=TODAY, variant="evidence")
    assert {name: table.totals[name] for name in ("clusters", "replaced", "replaced_per_cluster", "saved")} == {
        "clusters": 2, "replaced": 8, "replaced_per_cluster": "4.0", "saved": 6,
    }  # fmt: skip
    assert [table.totals[name] for name in ("joint", "rated", "quality", "with_participants_percent")] == [
        1, 2, "4.5", "5.00",
    ]  # fmt: skip
    # as it was printed: 95 percent with evidence on standards, all of them on social dialogue and the SDGs
    assert {row["evidence_on"]: row["share"] for row in shown.rows} == {
        "sdg-8": "100.00", "social dialogue": "100.00", "standards": "95.00",
    }  # fmt: skip
    wrong = [{"reference": "W", **said, "status": "draft", "completed_on": "", "quality": "3", "joint_with": "XXX"}]
    faults = load(office, tmp_path, "evaluations", wrong).faults
    assert {fault.rule for fault in faults} == {"evaluation.quality", "partner.unknown"}
