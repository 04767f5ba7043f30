"""Recommendations of audits and assessments beside those of evaluations: deadlines, times, shares, scorecards."""

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import select

from app import demo
from app.config import Settings
from app.db.alerts import Alert, Message
from app.db.engine import Database
from app.db.evaluations import Recommendation
from app.domain.access import LOCAL
from app.errors import InvalidInput
from app.evaluations.oversight import create_oversight_report
from app.evaluations.schemas_oversight import OversightReportBody
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.reports.frame import ReportTable
from app.reports.service import run
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from tests import portfolio
from tests.portfolio import TODAY

ISSUED = dt.date(2024, 1, 15)
#: what was printed of the follow-up of internal audit: 11.4 months on average until the plan of action, 98.5 percent
#: of what was accepted addressed (though not within six months), 1.5 percent deferred
PRINTED = {"months_to_plan": "11.4", "addressed_percent": "98.50", "deferred_percent": "1.50"}
REPORT = "IA-2024-01"


def load(database: Database, folder: Path, name: str, rows: Iterable[dict[str, str]]) -> TableReport:
    path, told = folder / f"{name}.csv", list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(dict.fromkeys(column for row in told for column in row)))
        writer.writeheader()
        writer.writerows(told)
    return import_table(database, LOCAL, kind(name), path, today=TODAY)


def report(database: Database, name: str, as_of: dt.date = TODAY, *by: str, **options: str) -> ReportTable:
    with database.read() as session:
        return run(session, name, as_of=as_of, by=by, options=options)


def audited() -> list[dict[str, str]]:
    """200 recommendations that were accepted: 197 are addressed, none of them within six months, three are put off."""
    rows = []
    for number in range(200):
        planned = ISSUED + dt.timedelta(days=327 + number % 41)
        row = {
            "reference": f"{REPORT}-R{number}", "report": REPORT, "text": "Reconcile the advances every month.",
            "response": "accepted", "response_on": "2024-03-15", "owner": "ann", "plan_on": planned.isoformat(),
            "status": "verified", "done_on": "2025-02-14", "verified_on": "2025-03-31", "verified_by": "Audit",
        }  # fmt: skip
        if number >= 197:
            row |= {"status": "deferred", "done_on": "", "verified_on": "", "verified_by": "", "due_on": "2027-06-30"}
        rows.append(row)
    return rows


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Database:
    with database.write("tests") as session:
        portfolio.set_up(session)
        unit = portfolio.unit(session, "ROAF")
        unit.head, unit.head_email = "Head", "head@unit.example.org"
        portfolio.officer(session, "ann", unit.id or 0)
        portfolio.partner(session, "NLD")
    audit = {"reference": REPORT, "overseer": "internal-audit", "title": "Advances", "issued_on": ISSUED.isoformat(),
             "unit": "ROAF"}  # fmt: skip
    assert load(database, tmp_path, "oversight-reports", [audit]).faults == []
    return database


def test_follow_up_of_audits_is_counted_from_the_recommendations_as_it_was_printed(
    office: Database, tmp_path: Path
) -> None:
    assert load(office, tmp_path, "recommendations", audited()).created == 200
    table = report(office, "recommendations")
    assert {name: table.totals[name] for name in PRINTED} == PRINTED
    assert (table.totals["recommendations"], table.totals["in_time"], table.totals["in_time_percent"]) == (
        200, 0, "0.00",
    )  # fmt: skip
    assert table.totals["months_to_close"] == "13.0"
    assert [row["overseer"] for row in table.rows] == ["internal-audit"]
    by_state = {row["state"]: row["recommendations"] for row in report(office, "recommendations", TODAY, "state").rows}
    assert by_state == {"verified": 197, "deferred": 3}
    # on a day of the past it stands as it was known
    early = report(office, "recommendations", dt.date(2024, 6, 30), "unit", "year")
    assert [(row["unit"], row["year"], row["closed"], row["plan_overdue"]) for row in early.rows] == [
        ("ROAF", "2024", 0, 200),
    ]  # fmt: skip
    assert early.totals["months_to_plan"] is None
    # what goes out goes in again unchanged
    again = import_table(office, LOCAL, kind("recommendations"), tmp_path / "recommendations.csv", today=TODAY)
    assert (again.faults, again.created, again.updated) == ([], 0, 0)


def test_a_recommendation_without_response_is_told_and_each_deadline_has_its_ladder(
    office: Database, tmp_path: Path, settings: Settings
) -> None:
    audit = {"reference": "IA-2", "overseer": "internal-audit", "title": "Stores", "issued_on": "2026-05-15",
             "unit": "ROAF"}  # fmt: skip
    load(office, tmp_path, "oversight-reports", [audit])
    said = {"report": "IA-2", "text": "Count the stores."}
    rows = [
        {"reference": "R1", **said},
        {"reference": "R2", **said, "response": "accepted", "response_on": "2026-06-01", "owner": "ann"},
        {"reference": "R3", **said, "response": "deferred", "response_on": "2026-06-01", "due_on": "2027-12-31"},
        {"reference": "R4", **said, "response": "rejected", "response_on": "2026-06-01"},
    ]
    stored = load(office, tmp_path, "recommendations", rows)
    assert (stored.faults, stored.findings) == ([], []), "what is deferred has its day"
    put_off = load(office, tmp_path, "recommendations", [rows[2] | {"due_on": "-"}])
    assert [each.rule for each in put_off.findings] == ["recommendation.deferred-to-no-day"]
    load(office, tmp_path, "recommendations", rows)
    states = {row["state"]: row["recommendations"] for row in report(office, "recommendations", TODAY, "state").rows}
    assert states == {"response-overdue": 1, "overdue": 1, "deferred": 1, "rejected": 1}
    table = report(office, "recommendations")
    assert "1 has no response, and the day for it has passed." in table.remarks
    assert "2 have no plan of action, and the day for it has passed." in table.remarks
    run_job(office, settings, job("recommendation-alerts"), dt.date(2026, 11, 20))
    with office.read() as session:
        found = select(Alert.subject_kind, Alert.rung, Alert.due_on, Recommendation.reference).join(
            Recommendation, Recommendation.id == Alert.subject_id
        )
        told = {tuple(row) for row in session.execute(found)}
        recipients = {message.recipient for message in session.scalars(select(Message))}
    due = dt.date(2026, 8, 15)
    assert {("response", "response-late", due, "R1"), ("plan", "plan-late", due, "R2"), ("plan", "plan-due", due, "R3"),
            ("recommendation", "action-due", dt.date(2026, 11, 15), "R2")} <= told  # fmt: skip
    assert not any(reference == "R4" for *_, reference in told)
    # the owner who is an officer is told, else the head of the unit that was looked at
    assert recipients == {"ann@unit.example.org", "head@unit.example.org"}


def test_faults_of_recommendations_are_told_with_what_to_do(office: Database, tmp_path: Path) -> None:
    rows = [
        {"reference": "R1", "text": "Do."},
        {"reference": "R2", "text": "Do.", "report": "IA-404"},
        {"reference": "R3", "text": "Do.", "report": REPORT, "evaluation": "E1"},
        {"reference": "R4", "text": "Do.", "report": REPORT, "status": "open", "done_on": "2025-01-01"},
        {"reference": "R5", "text": "Do.", "report": REPORT, "plan_on": "2999-01-01"},
        {"reference": "R6", "text": "Do.", "report": REPORT, "response": "rejected", "status": "done"},
    ]
    faults = load(office, tmp_path, "recommendations", rows).faults
    assert [(fault.row, fault.rule) for fault in faults] == [
        (2, "required"), (3, "oversight-report.unknown"), (4, "recommendation.two-sources"),
        (5, "recommendation.done"), (6, "recommendation.future-date"), (7, "recommendation.rejected"),
    ]  # fmt: skip
    with office.write("tests") as session, pytest.raises(InvalidInput) as refused:
        body = {"reference": "S", "overseer": "donor-assessment", "title": "S", "issued_on": "2999-01-01",
                "scale_min": "1", "scale_max": "4", "scores": [{"section": "1", "aspect": "A", "score": "5"}],
                "unit": "XX", "partner": "XX"}  # fmt: skip
        create_oversight_report(session, LOCAL, OversightReportBody.model_validate(body), today=TODAY)
    assert [fault.rule for fault in refused.value.faults] == [
        "unit.unknown", "partner.unknown", "oversight-report.future-date", "score.outside-scale",
    ]  # fmt: skip


def test_a_scorecard_keeps_41_scores_and_9_totals_and_tells_which_totals_are_judgements(
    office: Database, tmp_path: Path
) -> None:
    for name in ("oversight-reports", "assessment-scores"):
        (path,) = demo.PORTFOLIO.glob(f"??-{name}.csv")
        assert import_table(office, LOCAL, kind(name), path, today=TODAY).faults == []
    table = report(office, "assessments")
    assert table.totals == {"items": 41, "aspects": 9, "judgements": 1}
    totals = {row["section"]: row for row in table.rows if row["item"] is None}
    assert {section: (row["NLD-2021"], row["mean_of_items"]) for section, row in totals.items()} == {
        "4.1": ("4", "3.67"), "4.2": ("3", "3.50"), "4.3": ("3", "3.00"), "4.4": ("3", "3.00"), "4.5": ("4", "4.00"),
        "4.6": ("3", "3.00"), "4.7": ("3", "3.20"), "4.8": ("3", "3.00"), "4.9": ("3", "3.20"),
    }  # fmt: skip
    assert [section for section, row in totals.items() if row["total_is"] == "a judgement"] == ["4.2"]
    # a later scorecard of the series stands beside it
    series = "Scorecard of the Netherlands"
    later = {"reference": "NLD-2025", "overseer": "donor-assessment", "title": "2025", "issued_on": "2025-12-31",
             "series": series}  # fmt: skip
    load(office, tmp_path, "oversight-reports", [later])
    aspect = str(totals["4.2"]["aspect"])
    scores = [{"report": "NLD-2025", "section": "4.2", "aspect": aspect, "item": "", "score": "3.5"},
              {"report": "NLD-2025", "section": "4.2", "aspect": aspect, "item": "Nieuw", "score": "4"}]  # fmt: skip
    assert load(office, tmp_path, "assessment-scores", scores).created == 2
    compared = report(office, "assessments", series=series)
    rows = {(row["section"], row["item"]): row for row in compared.rows}
    assert len(compared.rows) == 51
    assert [rows["4.2", None][name] for name in ("NLD-2021", "NLD-2025", "change", "total_is")] == [
        "3", "3.5", "0.5", "a judgement",
    ]  # fmt: skip
    assert rows["4.2", "Nieuw"]["NLD-2021"] is None
    with pytest.raises(InvalidInput) as refused:
        report(office, "assessments", series="None such")
    assert [fault.rule for fault in refused.value.faults] == ["series.unknown"]
