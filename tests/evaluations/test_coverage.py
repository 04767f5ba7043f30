"""The report on coverage counts each obligation once in the total, by every dimension."""

import pytest

from app.db.engine import Database
from app.reports.frame import ReportTable
from app.reports.service import freshen, run
from tests.evaluations.world import World


@pytest.fixture
def world(database: Database) -> World:
    world = World(database)
    for place, code in enumerate(("DONE", "PLANNED", "OVERDUE", "WAIVED", "AHEAD")):
        end = "2026-12-31" if code in ("PLANNED", "AHEAD") else f"2026-0{place + 1}-15"
        world.project(code, start="2025-01-01", end=end, budget="2000000")
    world.project("UNKNOWN", start="2025-01-01", end="2026-06-30", budget=None)
    world.done("E1", "2026-01-20", projects="DONE", independence="independent")
    world.evaluation("E2", projects="PLANNED", planned_end="2026-12-20")
    world.refresh()
    for row in world.due():
        if row.project == "WAIVED":
            world.waive(row.obligation or 0)
    return world


def report(world: World, *by: str, period: str = "2026") -> ReportTable:
    freshen(world.database, "evaluations", world.today)
    with world.database.read() as session:
        return run(session, "evaluations", period=period, as_of=world.today, by=by)


def test_each_state_is_counted_in_its_column(world: World) -> None:
    found = report(world, "unit")
    assert found.columns == ("unit", "required", "done", "planned", "overdue", "waived", "cannot_tell")
    counts = {"required": 5, "done": 1, "planned": 1, "overdue": 1, "waived": 1, "cannot_tell": 1}
    assert found.rows == ({"unit": "UNIT", **counts},)
    assert found.totals == counts


def test_kinds_of_what_cannot_be_told_stand_beside(world: World) -> None:
    rows = {row["kind"]: row for row in report(world, "kind").rows}
    assert (rows["final"]["required"], rows["final"]["cannot_tell"]) == (5, 1)


def test_project_of_two_partners_counts_for_both_and_once_in_the_total(world: World) -> None:
    world.signed(world.project("BOTH", start="2026-01-01", end="2026-10-31"), "2025-12-01", partner="NLD")
    (project,) = [row for row in world.due() if row.project == "BOTH"]
    world.signed(world.obligation_project(project.obligation or 0), "2025-12-02", partner="SWE")
    found = report(world, "partner")
    assert {row["partner"]: row["required"] for row in found.rows} == {"": 5, "NLD": 1, "SWE": 1}
    assert found.totals["required"] == 6


def test_only_what_falls_due_in_the_period_counts(world: World) -> None:
    assert report(world, period="2026-01").totals["required"] == 1
    assert report(world, period="2031").totals["required"] == 0
    rows = report(world, "year", period="2020-01-01..2030-12-31").rows
    assert [row["year"] for row in rows if row["required"]] == ["2026"]


def test_report_follows_the_facts_without_being_asked_to(world: World) -> None:
    before = report(world).totals["required"]
    world.project("NEW", start="2026-01-01", end="2026-10-31")
    assert report(world).totals["required"] == int(str(before)) + 1
