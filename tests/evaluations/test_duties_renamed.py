"""What is told of a duty of the institution stays with it when what it is about, or it itself, gets another code."""

from sqlalchemy import select

from app.config import Settings
from app.db.base import table, utc_now
from app.db.engine import Database
from app.db.evaluations import Evaluation, Obligation, StrategyMilestone
from app.db.former_keys import mend_keys
from app.db.lookups import row_by
from app.db.organisation import Unit
from app.db.pages import SavedView
from app.db.people import AuditEvent, User
from app.db.projects import Project
from app.db.renamed import OF_PROJECTS, called_otherwise
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.evaluations.milestones import put_milestone, update_milestone
from app.evaluations.obligations.calendars import feed
from app.evaluations.obligations.events import numbered
from app.evaluations.obligations.institution import untold
from app.evaluations.obligations.schemas import RescheduleIn, WaiverIn
from app.evaluations.obligations.service import reschedule, waive
from app.evaluations.policies.service import put_policy
from app.evaluations.schemas_milestones import MilestoneIn, MilestonePatch
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.people.service import create_user
from app.projects.schemas import ProjectPatch
from app.projects.service import update_project
from tests import portfolio
from tests.evaluations.test_institution import YEARLY, evaluated, ruled, states
from tests.evaluations.world import World, day

FUNDS = """
policy: own-funds
title: Funds
in_force: {from: 2024-07-01}
source: Decision of the board
confidence: stated
duties:
  - id: fund
    title: Evaluation of the fund
    obliges: fund
    require: {kind: thematic, independence: internal}
    every: year
    source: decision 1
    confidence: stated
"""

SAID = {"reason": "Covered by the review of the strategy.", "approver": "Director"}
_own = table(Obligation).c


def called(world: World, before: str, after: str) -> None:
    with world.database.write("tests") as session:
        row = row_by(session, Project, "code", before)
        assert row is not None
        update_project(session, LOCAL, row, ProjectPatch.model_validate({"code": after}), today=world.today)


def kept(world: World) -> list[tuple[str, str, str]]:
    with world.database.read() as session:
        statement = select(_own.key, _own.subject, _own.status).where(_own.project_id.is_(None))
        return [(row.key, row.subject, row.status) for row in session.execute(statement.order_by(_own.due_on))]


def test_a_pool_that_is_called_otherwise_keeps_what_was_waived_moved_told_and_evaluated(
    database: Database, settings: Settings
) -> None:
    world = ruled(database, FUNDS)
    with database.write("tests") as session:
        unit = row_by(session, Unit, "code", "UNIT")
        portfolio.pool(session, "RBSA/26", planned_start="2024-01-01", planned_end="2028-12-31", unit="UNIT")
    evaluated(world, "F-1", scope="fund", subject="RBSA/26", status="final", completed_on="2026-12-20")
    as_of = "2027-11-15"
    assert states(world.due(as_of, within=200)) == [
        ("fund RBSA/26", "thematic", "2025-12-31", "overdue"),
        ("fund RBSA/26", "thematic", "2027-12-31", "window-open"),
    ]

    def duty(due: str) -> Obligation:
        return session.scalars(select(Obligation).where(_own.due_on == day(due))).one()

    with database.write("tests") as session:
        waive(session, LOCAL, duty("2025-12-31"), WaiverIn.model_validate(SAID), today=day(as_of))
        moved = RescheduleIn.model_validate({**SAID, "due_on": "2028-03-31"})
        reschedule(session, LOCAL, duty("2028-12-31"), moved, today=day(as_of))
    assert run_job(database, settings, job("evaluation-alerts"), day(as_of)).content["recorded"]

    def shown() -> list[tuple[str, int]]:
        assert unit is not None
        with database.read() as session:
            entries = feed(session, day(as_of), unit_id=unit.id)
        return sorted((one.uid, one.entry.cancelled) for one in numbered(database, entries, host="example.org"))

    before, uids = kept(world), shown()

    called(world, "RBSA/26", "CORE/27")

    after = states(world.due(as_of, within=500))
    assert after == [("fund CORE/27", "thematic", "2027-12-31", "window-open"),
                     ("fund CORE/27", "thematic", "2028-03-31", "upcoming")]  # fmt: skip
    assert kept(world) == [(key.replace("RBSA/26", "CORE/27"), "CORE/27", status) for key, _, status in before]
    assert run_job(database, settings, job("evaluation-alerts"), day(as_of)).content["recorded"] == []
    assert shown() == uids
    with database.read() as session:
        assert session.scalars(select(table(Evaluation).c.subject)).all() == ["CORE/27"]


def test_codes_may_be_given_on_in_a_row(database: Database) -> None:
    world = ruled(database, FUNDS)
    with database.write("tests") as session:
        for code in ("A", "B"):
            portfolio.pool(session, code, planned_start="2024-01-01", planned_end="2025-12-31")
    world.due("2025-11-15")
    with database.write("tests") as session:
        waive(session, LOCAL, session.scalars(select(Obligation).where(_own.subject == "A")).one(),
              WaiverIn.model_validate(SAID), today=day("2025-11-15"))  # fmt: skip
    for before, after in (("A", "C"), ("B", "A"), ("C", "B")):
        called(world, before, after)
    assert states(world.due("2025-11-15")) == [("fund A", "thematic", "2025-12-31", "window-open")]
    assert len(kept(world)) == 2


def test_a_policy_that_names_a_flagship_by_its_former_code_is_told_and_finds_it_again(database: Database) -> None:
    text = FUNDS.replace("obliges: fund\n", "obliges: flagship\n    codes: [BIG]\n")
    world = ruled(database, text)
    world.project("BIG", start="2024-01-01", end="2025-12-31")
    world.due("2025-11-15")
    with database.write("tests") as session:
        waive(session, LOCAL, session.scalars(select(Obligation).where(_own.subject == "BIG")).one(),
              WaiverIn.model_validate(SAID), today=day("2025-11-15"))  # fmt: skip

    called(world, "BIG", "LARGE")
    assert [row for row in states(world.due("2025-11-15")) if "flagship" in row[0]] == []
    with database.read() as session:
        (told,) = untold(session, day("2025-11-15"))
    assert "load the policy with that one" in told
    with database.write("tests") as session:
        put_policy(session, LOCAL, text.replace("BIG", "LARGE"), today=day("2026-01-01"),
                   activation_on=day("2026-01-01"))  # fmt: skip
    assert [row for row in states(world.due("2025-11-15")) if "flagship" in row[0]] == []
    ((key, subject, status),) = kept(world)
    assert (key, subject, status) == ("own-funds/fund/flagship:LARGE/2025/1", "LARGE", "open")


def test_a_milestone_that_is_called_otherwise_keeps_its_duty(database: Database) -> None:
    world = ruled(database, YEARLY)
    body = {"strategy": "2024-2027", "code": "M1", "title": "Half of it", "due_on": "2026-12-31", "unit": "UNIT"}
    with database.write("tests") as session:
        put_milestone(session, LOCAL, MilestoneIn.model_validate(body), today=world.today)
    world.due("2027-01-15")
    with database.write("tests") as session:
        held = session.scalars(select(Obligation).where(_own.kind == "milestone")).one()
        waive(session, LOCAL, held, WaiverIn.model_validate(SAID), today=day("2027-01-15"))
        row = session.scalars(select(StrategyMilestone)).one()
        changed = MilestonePatch.model_validate({"strategy": "2024-2028", "code": "M-1"})
        update_milestone(session, LOCAL, row, changed, today=world.today)
    assert [row for row in states(world.due("2027-01-15")) if row[1] == "milestone"] == []
    assert [key for key, *_ in kept(world) if key.startswith("milestone")] == ["milestone/2024-2028/M-1"]


def test_a_unit_whose_code_is_mended_keeps_its_duties(database: Database) -> None:
    world = ruled(database, YEARLY.replace("    codes: [UNIT]\n", ""))
    with database.write("tests") as session:
        unit = row_by(session, Unit, "code", "UNIT")
        assert unit is not None
        unit.code = "UN\u00adIT"
    world.due("2027-01-15")
    with database.write("tests") as session:
        held = session.scalars(select(Obligation).where(_own.subject_kind == "unit")).first()
        assert held is not None
        waive(session, LOCAL, held, WaiverIn.model_validate(SAID), today=day("2027-01-15"))
    before = kept(world)
    with database.write("tests") as session:
        assert [each.seen for each in mend_keys(session)] == ["UNIT"]
    world.due("2027-01-15")
    assert kept(world) == [(key.replace("\u00ad", ""), about.replace("\u00ad", ""), how) for key, about, how in before]


def test_lists_that_were_kept_and_archived_evaluations_follow_a_new_code(database: Database) -> None:
    world = ruled(database, FUNDS)
    with database.write("tests") as session:
        portfolio.pool(session, "RBSA/26", planned_start="2024-01-01", planned_end="2028-12-31")
    evaluated(world, "F-1", scope="fund", subject="RBSA/26", status="final", completed_on="2026-12-20")
    kept_lists = {
        ("evaluations", "by project"): "project=RBSA%2F26&status=final&q=RBSA%2F26",
        ("projects", "by unit"): "unit=RBSA%2F26",
        ("projects", "by code"): "code=RBSA/26",
    }
    with database.write("tests") as session:
        create_user(session, LOCAL, "olga", Role.OFFICER)
        session.flush()
        (user,) = session.scalars(select(table(User).c.id)).all()
        for (page, name), query in kept_lists.items():
            session.add(SavedView(user_id=user, name=name, page=page, query=query))
        session.scalars(select(Evaluation)).one().archived_at = utc_now()

    called(world, "RBSA/26", "CORE/27")

    with database.read() as session:
        views = {(each.page, each.name): each.query for each in session.scalars(select(SavedView))}
        archived = session.scalars(select(Evaluation)).one()
        told = session.scalars(select(AuditEvent).where(table(AuditEvent).c.entity == "evaluations")).all()[-1]
    assert views == {
        # what is sought in texts, and what is another kind of record, stays
        ("evaluations", "by project"): "project=CORE%2F27&status=final&q=RBSA%2F26",
        ("projects", "by unit"): "unit=RBSA%2F26",
        ("projects", "by code"): "code=CORE%2F27",
    }
    assert (archived.subject, archived.archived_at is not None) == ("CORE/27", True)
    assert (told.before, told.after) == ({"subject": "RBSA/26"}, {"subject": "CORE/27"})


def test_a_duty_whose_new_key_is_taken_keeps_both_its_key_and_whom_it_is_about(database: Database) -> None:
    world = ruled(database, FUNDS)
    with database.write("tests") as session:
        for code in ("A", "B"):
            portfolio.pool(session, code, planned_start="2024-01-01", planned_end="2025-12-31")
    world.due("2025-11-15")
    before = sorted(kept(world))
    with database.write("tests") as session:
        # as a restore leaves it that brought the records of A in under both codes
        called_otherwise(session, OF_PROJECTS, "A", "B")
    assert sorted(kept(world)) == before
