"""The due list, from the database: every band, boundary and state, and looking from other days."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from app.db.base import table
from app.db.engine import Database
from app.db.projects import Project
from app.db.spending import ExchangeRate
from app.evaluations.obligations.due import due
from tests import portfolio
from tests.evaluations.world import World, day
from tests.queries import count_queries


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.mark.parametrize(
    ("budget", "owed"),
    [
        ("499999.99", ["final self 2027-02-28"]),
        ("500000", ["final internal 2027-02-28"]),
        ("1000000", ["final internal 2027-02-28"]),
        ("1000000.01", ["mid-term internal 2025-08-30", "final independent 2027-02-28"]),
        ("5000000", ["mid-term internal 2025-08-30", "final independent 2027-02-28"]),
        (
            "5000000.01",
            ["evaluability self 2025-02-28", "mid-term independent 2025-08-30", "final independent 2027-02-28"],
        ),
    ],
)
def test_bands_of_the_shipped_policy_hold_to_the_cent(world: World, budget: str, owed: list[str]) -> None:
    world.project(start="2024-03-01", end="2027-02-28", budget=budget)
    assert world.owed() == owed


@pytest.mark.parametrize(
    ("end", "budget", "owed"),
    [
        ("2004-06-29", "350000", ["final self 2004-06-29"]),
        ("2004-06-30", "350000", ["mid-term self 2003-10-01", "final self 2004-06-30"]),
        ("2004-06-29", "350000.01", ["final independent 2004-06-29"]),
        ("2005-06-30", "350000", ["mid-term self 2004-03-31", "final self 2005-06-30"]),
    ],
)
def test_projects_signed_in_2003_follow_the_rules_of_2002(world: World, end: str, budget: str, owed: list[str]) -> None:
    project = world.project(start="2003-01-01", end=end, budget=budget)
    world.signed(project, "2003-01-01")
    assert world.owed() == owed


def test_long_project_of_2003_owes_reviews_and_its_mid_term_cannot_be_told(world: World) -> None:
    world.project(start="2003-01-01", end="2005-07-01", budget="350000")
    rows = world.due(within=40_000)
    assert [(world.noun(row), str(row.due), row.state) for row in rows] == [
        ("annual-review 1", "2003-12-31", "overdue"),
        ("mid-term", "2004-04-01", "cannot-tell"),
        ("annual-review 2", "2004-12-31", "overdue"),
        ("final", "2005-07-01", "overdue"),
    ]
    assert "whether the evaluation plan foresees a mid-term" in (rows[1].missing or "")


def test_mid_term_that_was_agreed_takes_the_near_review_over(world: World) -> None:
    world.project(start="2003-01-01", end="2005-07-01", budget="350000", mid_term_agreed=True)
    assert "mid-term self 2004-04-01" in world.owed()


def test_the_signature_and_not_the_start_decides_on_the_policy(world: World) -> None:
    project = world.project(start="2006-01-01", end="2007-12-31", budget="400000")
    world.signed(project, "2005-11-30")
    assert world.owed() == ["mid-term self 2006-12-31", "final independent 2007-12-31"]


def test_budget_is_judged_in_dollars_by_the_rate_of_its_decision(world: World) -> None:
    world.project(start="2024-03-01", end="2026-02-28", budget="450000", currency="EUR", decided_on="2024-02-01")
    assert {row.missing for row in world.due()} == {"rate of EUR on 2024-02-01"}
    with world.database.write("tests") as session:
        session.add(ExchangeRate(currency="EUR", effective_on=day("2024-01-15"), rate=Decimal("0.8")))
        session.add(ExchangeRate(currency="EUR", effective_on=day("2024-02-02"), rate=Decimal("1.2")))
    (row,) = world.due()
    assert row.independence == "internal"
    assert "EUR 450,000 = US$ 562,500" in row.reason


@pytest.mark.parametrize(("left_out", "missing"), [("end", "end date"), ("budget", "budget"), ("start", "start date")])
def test_what_lacks_a_fact_is_listed_with_what_is_missing(world: World, left_out: str, missing: str) -> None:
    world.project(**{left_out: None})
    assert {row.state for row in world.due()} == {"cannot-tell"}
    assert any(missing in (row.missing or "") for row in world.due())
    assert all(row.as_dict()["state"] == "cannot-tell" and row.reason for row in world.due())


def test_states_follow_the_day(world: World) -> None:
    project = world.project(start="2025-01-01", end="2026-06-30", budget="600000")
    for as_of, state in [
        ("2025-12-29", "upcoming"),
        ("2025-12-30", "window-open"),
        ("2026-06-30", "window-open"),
        ("2026-09-30", "window-open"),
        ("2026-10-01", "overdue"),
    ]:
        assert world.states(as_of) == {"final": state}, as_of
    assert [row.project for row in world.due("2025-12-29")] == []
    assert [row.project for row in world.due("2025-12-29", within=183)] == ["P1"]
    assert [row.project for row in world.due("2025-12-29", within=182)] == []
    world.evaluation("E1", independence="internal", planned_end="2026-08-01")
    assert world.states("2026-09-30") == {"final": "planned"}
    assert world.states("2026-10-01") == {"final": "overdue"}, "late, even if planned"
    world.evaluation("E1", independence="internal", status="field-work")
    assert world.states("2026-09-30") == {"final": "planned"}, "it was under way by the day it was recorded"
    world.evaluation("E1", independence="internal", status="final", completed_on="2026-09-15")
    assert world.states("2026-09-14") == {"final": "planned"}, "when it began is not known"
    assert world.states("2026-09-15") == {}
    assert world.obligation(project).status == "open", "what is done stands, and shows as done"


def test_self_evaluation_does_not_do_where_an_internal_one_is_demanded(world: World) -> None:
    project = world.project(start="2025-01-01", end="2026-04-30", budget="500000")
    world.done("E1", "2026-05-12", independence="self")
    assert world.states() == {"final": "overdue"}
    world.done("E2", "2026-05-13", independence="external")
    assert world.states() == {}
    assert world.states("2026-05-12") == {"final": "planned"}, "done from its day on, and not before"
    assert str(world.obligation(project).done_on) == "2026-05-13"
    with world.database.write("tests") as session:
        session.execute(text("UPDATE obligations SET done_on = '2026-01-01'"))
        session.execute(text("UPDATE assessed_projects SET done_stamp = NULL"))
        session.execute(text("UPDATE assessments SET watermark = substr(watermark, 6)"))
    assert world.states("2026-05-12") == {"final": "planned"}, "as a version left it that does not know of the day"
    world.evaluation("E2", independence="internal", status="cancelled")
    assert world.states() == {"final": "overdue"}, "what is done no more comes back"


def test_one_cluster_evaluation_settles_the_finals_of_all_its_projects(world: World) -> None:
    for code in ("P1", "P2", "P3"):
        world.project(code, start="2025-01-01", end="2026-06-30", budget="2000000")
    world.done("E1", "2026-06-01", projects="P1|P3", independence="independent")
    assert {row.project: row.state for row in world.due()} == {"P2": "overdue"}


def test_evaluation_of_then_settles_an_old_obligation_in_a_portfolio_loaded_today(world: World) -> None:
    project = world.project(start="2003-01-01", end="2004-06-30", budget="200000", status="closed")
    world.signed(project, "2003-01-01")
    world.done("E1", "2003-11-01", kind="mid-term")
    world.done("E2", "2004-07-15")
    assert world.due() == []


def test_waived_obligation_leaves_the_list_and_stays_visible(world: World) -> None:
    project = world.project(start="2025-01-01", end="2026-06-30")
    assert world.states() == {"final": "overdue"}
    world.waive(world.obligation(project).id or 0, on="2026-11-01")
    assert world.states("2026-10-31") == {"final": "overdue"}
    assert world.states("2026-11-01") == {}
    assert world.obligation(project).status == "open"


def test_rescheduled_obligation_is_due_on_its_new_day_and_says_so(world: World) -> None:
    project = world.project(start="2025-01-01", end="2026-06-30")
    world.refresh()
    world.reschedule(world.obligation(project).id or 0, to="2027-01-31")
    (row,) = world.due()
    assert (str(row.due), str(row.late), row.state) == ("2027-01-31", "2027-04-30", "window-open")
    assert row.rescheduled == "from 2026-06-30 by Chief: Later."


def test_pipeline_project_owes_and_a_project_cancelled_before_it_began_does_not(world: World) -> None:
    world.project("P1", start="2026-12-01", end="2027-11-30", status="pipeline")
    world.project("P2", start="2026-12-01", end="2027-11-30", status="cancelled")
    assert {row.project for row in world.due(within=400)} == {"P1"}


def test_archived_project_is_not_listed(world: World) -> None:
    project = world.project(start="2025-01-01", end="2026-06-30")
    assert len(world.due()) == 1
    with world.database.write("tests") as session:
        row = session.get_one(Project, project)
        row.archived_at = row.created_at
    assert world.due() == []


def test_only_projects_of_a_unit_when_asked(world: World) -> None:
    world.project("P1", start="2025-01-01", end="2026-06-30")
    with world.database.write("tests") as session:
        portfolio.unit(session, "OTHER")
    world.project("P2", start="2025-01-01", end="2026-06-30", unit="OTHER", officer=None)
    world.refresh()
    with world.database.read() as session:
        assert [row.project for row in due(session, world.today, unit="OTHER")] == ["P2"]


def test_looking_from_a_day_before_a_decision_shows_what_was_known_then(world: World) -> None:
    world.project(start="2024-01-01", end="2025-12-31", budget="600000")
    world.decide("P1", "planned_end", "2025-11-10", "2026-12-31")
    assert [str(row.due) for row in world.due(within=4000)] == ["2026-12-31"]
    assert [str(row.due) for row in world.due("2025-11-09", within=4000)] == ["2025-12-31"]
    assert [str(row.due) for row in world.due("2025-11-10", within=4000)] == ["2026-12-31"]


def test_looking_from_a_day_before_a_signature_judges_by_the_start(world: World) -> None:
    project = world.project(start="2006-01-01", end="2007-12-31", budget="400000")
    world.signed(project, "2005-11-30")
    assert world.owed() == ["mid-term self 2006-12-31", "final independent 2007-12-31"]
    rows = world.due("2005-11-29", within=4000)
    assert [(row.kind, row.independence) for row in rows] == [("final", "self")]


def test_decisions_about_an_obligation_count_when_looking_from_another_day(world: World) -> None:
    project = world.project(start="2024-01-01", end="2025-12-31", budget="600000")
    world.refresh("2025-06-01")
    world.waive(world.obligation(project).id or 0, on="2025-10-01")
    world.decide("P1", "total_budget", "2026-01-10", "700000")
    world.refresh()
    assert world.states("2025-11-01") == {}


def test_the_due_list_is_json_as_agreed(world: World) -> None:
    world.project(start="2025-01-01", end="2026-12-31", budget="2000000")
    world.evaluation("E1", planned_end="2026-12-20")
    (row,) = [one.as_dict() for one in world.due()]
    assert row.pop("obligation") > 0
    assert row == {
        "project": "P1",
        "kind": "final",
        "independence": "independent",
        "state": "planned",
        "window_opens": "2026-06-30",
        "due": "2026-12-31",
        "late": "2027-03-31",
        "reason": row["reason"],
        "rules": ["default/large-final"],
        "officer": "ofc",
        "evaluation": "E1",
        "unit": "UNIT",
    }
    assert "budget US$ 2 m (original" in row["reason"]
    assert "over US$ 1 m and at most US$ 5 m; ends 2026-12-31; rule default/large-final" in row["reason"]


def test_the_due_list_costs_the_same_statements_for_one_project_and_for_forty(world: World) -> None:
    world.project("P0", start="2025-01-01", end="2026-06-30")
    counts = []
    for more in (1, 40):
        for number in range(more):
            world.project(f"P-{more}-{number}", start="2025-01-01", end="2026-06-30")
        world.refresh()
        with count_queries(world.database) as seen:
            rows = world.due(refreshed=False)
        counts.append(len(seen))
    assert len(rows) == 42
    assert counts[0] == counts[1]


def test_grains_other_than_projects_owe_nothing(world: World) -> None:
    with world.database.write("tests") as session:
        portfolio.pool(session, "RBSA", starts_on="2020-01-01", ends_on="2021-12-31")
    assert world.due(within=4000) == []
    with world.database.read() as session:
        assert session.execute(table(Project).select()).first() is not None


def test_on_a_past_day_an_end_that_lay_ahead_was_the_planned_one(world: World) -> None:
    world.project(start="2019-01-01", end="2022-12-31", budget="700000", status="closed", actual_end="2023-03-31")
    assert [str(row.due) for row in world.due("2022-02-01", within=4000)] == ["2022-12-31"]
    assert [str(row.due) for row in world.due("2023-03-31", within=4000)] == ["2023-03-31"]
    assert [str(row.due) for row in world.due(within=4000)] == ["2023-03-31"]
