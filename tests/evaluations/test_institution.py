"""Duties of the institution: due, planned, done, late, waived, in the due list, the calendar, coverage and alerts."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.config import Settings
from app.db.alerts import Message
from app.db.base import table
from app.db.engine import Database
from app.db.evaluations import Obligation
from app.db.organisation import Unit
from app.domain.access import LOCAL
from app.errors import InvalidInput
from app.evaluations.milestones import put_milestone
from app.evaluations.obligations.calendars import calendar, feed, of_due_rows
from app.evaluations.obligations.due import DueRow
from app.evaluations.obligations.events import numbered, render
from app.evaluations.obligations.schemas import RescheduleIn, WaiverIn
from app.evaluations.obligations.service import reschedule, take_back, waive
from app.evaluations.policies.load import load_policy
from app.evaluations.policies.service import policy_named, put_policy, retire_policy
from app.evaluations.policies.shipped import shipped_text
from app.evaluations.schemas import EvaluationIn
from app.evaluations.schemas_milestones import MilestoneIn
from app.evaluations.service import put_evaluation
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.reports.service import run
from app.results.programmes import CountryProgrammeIn, put_programme
from tests import portfolio
from tests.evaluations.world import World, day

YEARLY = """
policy: own-duties
title: Duties
in_force: {from: 2024-07-01}
source: Decision of the board
confidence: stated
duties:
  - id: thematic
    title: Thematic evaluation to the committee
    obliges: organisation
    require: {kind: thematic, independence: independent}
    every: year
    due: 11-30
    source: decision 1
    confidence: stated
  - id: unit-review
    title: Review of the unit
    obliges: unit
    codes: [UNIT]
    require: {kind: high-level, independence: internal}
    every: biennium
    source: decision 2
    confidence: stated
"""


def ruled(database: Database, *texts: str) -> World:
    """An organisation whose duties are those of these policies, and no project's."""
    world = World(database, today=day("2027-06-30"), policies=False)
    with database.write("tests") as session:
        for text in texts:
            put_policy(session, LOCAL, text, today=day("2026-01-01"), activation_on=day("2026-01-01"))
    return world


def states(rows: list[DueRow]) -> list[tuple[str, str | None, str, str]]:
    return [(row.subject or row.project, row.kind, str(row.due), row.state) for row in rows]


def thematic(world: World, as_of: str, within: int = 0) -> list[tuple[str, str]]:
    return [(str(row.due), row.state) for row in world.due(as_of, within=within) if row.kind == "thematic"]


def evaluated(world: World, reference: str, **values: object) -> None:
    body = {"reference": reference, "kind": "thematic", "independence": "independent",
            "scope": "theme", "subject": "HIV and work", "status": "planned", **values}  # fmt: skip
    with world.database.write("tests") as session:
        put_evaluation(session, LOCAL, EvaluationIn.model_validate(body), today=world.today)


def coverage(world: World, as_of: str, period: str, *by: str) -> list[dict[str, object]]:
    with world.database.read() as session:
        return [dict(row) for row in run(session, "evaluations", period=period, as_of=day(as_of), by=by).rows]


def test_a_yearly_thematic_evaluation_is_upcoming_due_overdue_planned_and_done(database: Database) -> None:
    world = ruled(database, YEARLY)
    # the first whole year that begins while the policy is in force
    assert thematic(world, "2025-05-29") == []
    assert thematic(world, "2025-05-29", within=400) == [("2025-11-30", "upcoming")]
    assert thematic(world, "2025-05-30") == [("2025-11-30", "window-open")]
    assert thematic(world, "2026-03-01") == [("2025-11-30", "overdue")]
    (row,) = [row for row in world.due("2026-03-01") if row.kind == "thematic"]
    assert (row.as_dict()["project"], row.subject, row.independence) == (None, "organisation", "independent")
    assert row.reason == (
        "thematic, independent: Thematic evaluation to the committee; one each year of the organisation; "
        "2025 from 2025-01-01 to 2025-12-31; rule own-duties/thematic"
    )
    # a weaker one does not do; what is planned says so; a late report closes the earliest year that has none
    evaluated(world, "T-0", independence="self", status="final", completed_on="2025-10-01")
    evaluated(world, "T-1", planned_end="2026-09-30")
    assert thematic(world, "2026-06-01") == [("2025-11-30", "overdue"), ("2026-11-30", "planned")]
    evaluated(world, "T-1", status="final", completed_on="2026-09-15")
    assert thematic(world, "2026-12-31") == [("2025-11-30", "overdue")]
    evaluated(world, "T-2", status="final", completed_on="2026-10-20")
    assert thematic(world, "2026-12-31") == []
    # on a day of the past it stands as it was known
    assert thematic(world, "2026-03-01") == [("2025-11-30", "overdue")]
    with database.read() as session:
        rows = [row for row in calendar(session, 2026, day("2026-12-31")) if row.what == "obligation"]
    assert [(row.day, row.project, row.kind, row.state, row.reference, row.who) for row in rows] == [
        (day("2026-11-30"), "organisation", "thematic", "done", "T-1", None),
    ]  # fmt: skip
    assert coverage(world, "2026-12-31", "2025..2027", "obliged", "year") == [
        {"obliged": "organisation", "year": year, "required": 1, "done": done, "planned": 0, "overdue": 0, "waived": 0,
         "cannot_tell": 0} for year, done in (("2025", 1), ("2026", 1), ("2027", 0))
    ] + [{"obliged": "unit", "year": "2027", "required": 1, "done": 0, "planned": 0, "overdue": 0, "waived": 0,
          "cannot_tell": 0}]  # fmt: skip


def test_it_is_waived_and_moved_and_told_like_the_duty_of_a_project(database: Database, settings: Settings) -> None:
    world = ruled(database, YEARLY)
    world.due("2026-06-01")
    own = table(Obligation).c

    def held(due: str) -> Obligation:
        return session.scalars(select(Obligation).where(own.kind == "thematic", own.due_on == day(due))).one()

    said = {"reason": "Covered by the review of the strategy.", "approver": "Director"}
    with database.write("tests") as session:
        waive(session, LOCAL, held("2025-11-30"), WaiverIn.model_validate(said), today=day("2026-06-01"))
        moved = RescheduleIn.model_validate({**said, "due_on": "2027-03-31"})
        reschedule(session, LOCAL, held("2026-11-30"), moved, today=day("2026-06-01"))
    assert thematic(world, "2026-06-01") == [("2027-03-31", "window-open")]
    assert [row["waived"] for row in coverage(world, "2026-06-01", "2025", "kind")] == [1]
    with database.write("tests") as session:
        take_back(session, LOCAL, held("2025-11-30"), WaiverIn.model_validate(said), today=day("2026-06-02"))
    assert thematic(world, "2026-06-02")[0] == ("2025-11-30", "overdue")
    # the review of the unit is told to its head, each step once
    first = run_job(database, settings, job("evaluation-alerts"), day("2027-01-05")).content
    told = [one for one in first["recorded"] if one["project"] == "unit UNIT"]
    assert [one["rung"] for one in told] == ["plan-and-budget"]
    assert run_job(database, settings, job("evaluation-alerts"), day("2027-01-05")).content["recorded"] == []
    with database.read() as session:
        mails = {message.recipient: message.payload for message in session.scalars(select(Message))}
    texts = [line["text"] for line in mails["head@unit.example.org"]["lines"]]
    assert any("high-level evaluation (internal) of the unit UNIT is due on 31 Dec 2027." in text for text in texts)


def test_calendars_show_it_and_see_it_move_and_end(database: Database) -> None:
    world = ruled(database, YEARLY)
    listed = of_due_rows(world.due("2026-06-01", within=600))
    assert [(one.project, one.unit, one.summary) for one in listed if one.day.year == 2026] == [
        ("", None, "Thematic evaluation to the committee: due (window-open)")
    ]

    def shown(as_of: str) -> list[tuple[str, int, bool]]:
        """What the unit's calendar shows: day, number of the change, and whether it is cancelled."""
        with database.read() as session:
            (unit,) = session.scalars(select(table(Unit).c.id).where(table(Unit).c.code == "UNIT"))
            entries = feed(session, day(as_of), unit_id=unit)
        events = numbered(database, entries, host="example.org")
        assert render(events, name="Due") == render(numbered(database, entries, host="example.org"), name="Due")
        assert b"UID:institution.own-duties-unit-review-unit-UNIT-" in render(events, name="Due")
        return [(str(one.entry.day), one.sequence, one.entry.cancelled) for one in events if one.entry.day.year < 2029]

    assert shown("2026-06-01") == [("2027-12-31", 0, False)]
    said = {"reason": "Elections.", "approver": "Director", "due_on": "2028-03-31"}
    with database.write("tests") as session:
        own = table(Obligation).c
        review = session.scalars(select(Obligation).where(own.subject == "UNIT", own.due_on == day("2027-12-31"))).one()
        reschedule(session, LOCAL, review, RescheduleIn.model_validate(said), today=day("2026-06-02"))
    assert shown("2026-06-02") == [("2028-03-31", 1, False)]
    with database.write("tests") as session:
        retire_policy(session, LOCAL, policy_named(session, "own-duties"), last_day=None)
    world.due("2026-06-03")
    assert shown("2026-06-03") == [("2028-03-31", 2, True)]


def test_programmes_funds_and_high_level_evaluations_are_owed_as_the_example_says(
    database: Database, tmp_path: Path
) -> None:
    world = ruled(database, shipped_text("example-institution"))
    with database.write("tests") as session:
        portfolio.pool(session, "RBSA", planned_start="2026-01-01", planned_end="2027-12-31")
        for code, ends in (("KEN101", "2026-12-31"), ("UGA101", None)):
            body = {"code": code, "title": code, "country": code[:2], "starts_on": "2023-01-01", "ends_on": ends}
            put_programme(session, LOCAL, CountryProgrammeIn.model_validate(body))
    rows = world.due("2026-12-01", within=400)
    assert states(rows) == [
        ("organisation", "thematic", "2026-11-30", "window-open"),
        ("country-programme KEN101", "country-programme", "2026-12-31", "window-open"),
        *[("organisation", "high-level", "2026-12-31", "window-open")] * 3,
        ("organisation", "thematic", "2027-11-30", "upcoming"),
        ("fund RBSA", "thematic", "2027-12-31", "upcoming"),
        *[("organisation", "high-level", "2027-12-31", "upcoming")] * 3,
    ]
    # of a programme without its last day it cannot be told, and the report says so
    with database.read() as session:
        remarks = run(session, "evaluations", period="2026", as_of=day("2026-12-01")).remarks
    assert remarks == (
        "example-institution/country-programmes: the country-programme UGA101 lacks its first or last day.",
    )
    # one evaluation counts once for each rule, and an independent one is not external
    evaluated(world, "H-1", kind="high-level", scope="country-programme", subject="KEN101", status="final",
              completed_on="2026-06-01")  # fmt: skip
    evaluated(world, "F-1", kind="thematic", scope="fund", subject="RBSA", status="final", completed_on="2027-02-01")
    assert states(world.due("2026-12-01")) == [
        ("organisation", "thematic", "2026-11-30", "window-open"),
        *[("organisation", "high-level", "2026-12-31", "window-open")] * 2,
    ]
    assert [row.state for row in world.due("2028-05-01") if row.subject == "fund RBSA"] == ["overdue"]
    evaluated(world, "F-1", kind="thematic", independence="external", scope="fund", subject="RBSA", status="final",
              completed_on="2027-02-01")  # fmt: skip
    assert [row for row in world.due("2028-05-01") if row.subject == "fund RBSA"] == []


def test_nineteen_milestones_of_a_strategy_were_achieved_as_it_was_printed(database: Database) -> None:
    world = ruled(database)
    with database.write("tests") as session:
        for number, result in enumerate(["fully"] * 13 + ["partly"] * 5 + ["not"], start=1):
            body = {"strategy": "Evaluation strategy 2018-21", "code": str(number), "title": f"Milestone {number}",
                    "due_on": "2021-06-30", "result": result, "reported_on": "2021-12-31"}  # fmt: skip
            put_milestone(session, LOCAL, MilestoneIn.model_validate(body), today=world.today)
    assert len(world.due("2021-12-30")) == 19
    assert states(world.due("2021-12-31")) == [("organisation", "milestone", "2021-06-30", "overdue")]
    (row,) = coverage(world, "2021-12-31", "2020-21", "kind")
    assert (row["kind"], row["required"], row["done"], row["overdue"]) == ("milestone", 19, 18, 1)
    with database.read() as session:
        told = run(session, "evaluations", period="2020-21", as_of=day("2021-12-31"), variant="milestones")
        before = run(session, "evaluations", period="2020-21", as_of=day("2021-06-30"), variant="milestones")
    assert told.totals == {
        "milestones": 19, "fully": 13, "partly": 5, "not_achieved": 1, "not_told": 0, "ahead": 0,
        "fully_percent": "68.42", "fully_or_partly_percent": "94.74",
    }  # fmt: skip
    assert (before.totals["ahead"], before.rows[0]["strategy"]) == (19, "Evaluation strategy 2018-21")
    with database.write("tests") as session, pytest.raises(InvalidInput) as refused:
        body = {"strategy": "S", "code": "1", "title": "T", "due_on": "2027-01-01", "result": "fully"}
        put_milestone(session, LOCAL, MilestoneIn.model_validate(body), today=world.today)
    assert [fault.rule for fault in refused.value.faults] == ["milestone.result-and-day"]


def test_faults_of_duties_are_told_with_their_lines() -> None:
    text = """
policy: wrong
title: Wrong
source: s
confidence: stated
rules:
  - {id: r, require: {kind: thematic}, source: s, confidence: stated}
duties:
  - {id: a, title: A, obliges: theme, require: {kind: thematic}, source: s, confidence: stated}
  - {id: b, title: B, obliges: unit, require: {kind: high-level}, every: cycle, source: s, confidence: stated}
  - {id: b, title: B, obliges: organisation, codes: [X], require: {kind: milestone}, times: 0, source: s,
     confidence: stated}
"""
    found = load_policy(text)
    assert found.policy is None
    assert {(finding.rule, finding.line) for finding in found.findings} == {
        ("policy.kind", 7), ("policy.in-force", None), ("policy.codes", 9), ("policy.every", 10),
        ("policy.id-twice", 11), ("policy.times", 11), ("policy.codes", 11), ("policy.kind", 11),
    }  # fmt: skip
