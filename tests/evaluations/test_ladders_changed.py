"""Another ladder of a policy counts from the next alert run on, for projects and for what the institution owes."""

from app.config import Settings
from app.db.engine import Database
from app.domain.access import LOCAL
from app.evaluations.policies.service import put_policy
from app.evaluations.policies.shipped import shipped_text
from app.jobs.runner import run_job
from app.jobs.timetable import job
from tests.evaluations.test_institution import YEARLY, ruled
from tests.evaluations.world import World, day

EARLIER = "    - {rung: begin, months_before: 24, ask: Begin.}\n"


def recorded(world: World, settings: Settings, on: str, project: str) -> list[str]:
    found = run_job(world.database, settings, job("evaluation-alerts"), day(on)).content["recorded"]
    return [one["rung"] for one in found if one["project"] == project]


def test_an_earlier_step_of_a_duty_of_the_institution_is_recorded(database: Database, settings: Settings) -> None:
    world = ruled(database, YEARLY)
    # the review of the unit falls due on 2027-12-31, and its first step a year before
    assert recorded(world, settings, "2026-01-15", "unit UNIT") == []
    text = f"{YEARLY}ladders:\n  high-level:\n{EARLIER}"
    with database.write("tests") as session:
        put_policy(session, LOCAL, text, today=day("2026-01-16"), activation_on=day("2025-01-01"))
    assert recorded(world, settings, "2026-01-17", "unit UNIT") == ["begin"]
    assert recorded(world, settings, "2026-01-18", "unit UNIT") == []


def test_so_it_is_for_a_project(database: Database, settings: Settings) -> None:
    world = ruled(database, shipped_text("default"))
    world.project("P1", "2024-03-01", "2027-12-31", "400000")
    assert recorded(world, settings, "2026-01-15", "P1") == []
    text = shipped_text("default").replace("  final:\n", f"  final:\n{EARLIER}", 1)
    with database.write("tests") as session:
        put_policy(session, LOCAL, text, today=day("2026-01-16"), activation_on=day("2025-01-01"))
    assert recorded(world, settings, "2026-01-17", "P1") == ["begin"]
    assert recorded(world, settings, "2026-01-18", "P1") == []
