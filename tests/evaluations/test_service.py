"""Evaluations, recommendations and decisions as people and tables put them in; everything wrong is told at once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db.base import table
from app.db.engine import Database
from app.db.evaluations import Assessed, Evaluation, EvaluationProject, Obligation, Recommendation
from app.db.lookups import row_by
from app.db.people import AuditEvent
from app.db.projects import Project
from app.domain.access import LOCAL, Actor
from app.domain.evaluation.terms import Kind
from app.domain.terms import Role
from app.errors import Conflict, InvalidInput, NotAllowed
from app.evaluations import service
from app.evaluations.obligations import service as obligations_service
from app.evaluations.obligations.schemas import RescheduleIn, WaiverIn
from app.evaluations.policies.service import policy_named, put_policy, retire_policy
from app.evaluations.policies.shipped import shipped_text
from app.evaluations.recommendations import put_recommendation
from app.evaluations.schemas import EvaluationIn, RecommendationIn
from tests import portfolio
from tests.evaluations.world import World, day
from tests.portfolio import TODAY


@pytest.fixture
def world(database: Database) -> World:
    world = World(database)
    for code in ("P1", "P2"):
        world.project(code, start="2025-01-01", end="2026-12-31", budget="2000000")
    return world


def body(**values: Any) -> EvaluationIn:
    return EvaluationIn.model_validate(
        {"reference": "E1", "kind": "final", "independence": "independent", "projects": ["P1"], "status": "planned",
         **values}
    )  # fmt: skip


def put(world: World, **values: Any) -> str:
    with world.database.write("tests") as session:
        return service.put_evaluation(session, LOCAL, body(**values), today=TODAY).outcome


def faults(world: World, **values: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused, world.database.write("tests") as session:
        service.put_evaluation(session, LOCAL, body(**values), today=TODAY)
    return {fault.pointer: fault.rule for fault in refused.value.faults}


def stored(world: World) -> Evaluation:
    with world.database.read() as session:
        return session.scalars(select(Evaluation)).one()


def test_second_put_of_the_same_changes_nothing_and_a_third_only_what_differs(world: World) -> None:
    ratings = [{"criterion": "relevance", "rating": 5}]
    assert put(world, ratings=ratings, budget="100") == "created"
    version = stored(world).version
    assert put(world, ratings=ratings, budget="100") == "unchanged"
    assert stored(world).version == version
    assert put(world, projects=["P1", "P2"]) == "updated"
    assert stored(world).version == version + 1
    assert put(world, projects=["P1", "P2"], ratings=[{"criterion": "relevance", "rating": 4}]) == "updated"
    assert (stored(world).budget, stored(world).currency) == (100, "USD"), "what a row leaves out stays"
    with world.database.read() as session:
        codes = session.scalars(select(EvaluationProject.project_id)).all()
    assert len(codes) == 2


def test_every_fault_of_a_row_is_told_at_once(world: World) -> None:
    assert faults(
        world,
        projects=["P1", "NO", "P2", "NEITHER"],
        planned_start="2026-12-01",
        planned_end="2026-11-01",
        completed_on="2026-11-21",
        scope="country",
        ratings=[{"criterion": "impact", "rating": 1}, {"criterion": "impact", "rating": 2}],
    ) == {
        "/projects/1": "project.unknown",
        "/projects/3": "project.unknown",
        "/planned_end": "dates-in-order",
        "/completed_on": "evaluation.completed",
        "/country": "required",
        "/ratings": "rating.twice",
    }


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"projects": []}, {"/projects": "evaluation.no-project"}),
        ({"status": "final", "completed_on": "2026-11-21"}, {"/completed_on": "evaluation.future-date"}),
        ({"status": "draft", "completed_on": "2026-11-01"}, {"/completed_on": "evaluation.completed"}),
        (
            {"status": "final", "started_on": "2026-10-01", "completed_on": "2026-09-01"},
            {"/completed_on": "dates-in-order"},
        ),
    ],
)
def test_what_contradicts_itself_is_refused(world: World, values: dict[str, Any], fault: dict[str, str]) -> None:
    assert faults(world, **values) == fault


def test_institutional_evaluation_needs_no_project(world: World) -> None:
    assert put(world, projects=[], scope="institution") == "created"


def test_reference_that_exists_is_not_created_anew(world: World) -> None:
    put(world)
    with pytest.raises(Conflict, match="There is an evaluation E1 already"), world.database.write("tests") as session:
        service.create_evaluation(session, LOCAL, body(), today=TODAY)


def test_mid_term_that_became_interim_stays_so_when_its_table_is_read_again(world: World) -> None:
    put(world, kind="mid-term")
    with world.database.write("tests") as session:
        row = session.scalars(select(Evaluation)).one()
        row.kind, row.recorded_kind = Kind.INTERIM.value, Kind.MID_TERM.value
    assert put(world, kind="mid-term") == "unchanged"
    assert stored(world).kind == "interim"


def test_changes_are_in_the_audit_trail(world: World) -> None:
    put(world)
    put(world, status="team")
    with world.database.read() as session:
        events = session.scalars(select(AuditEvent).where(table(AuditEvent).c.entity == "evaluations")).all()
    assert [event.action for event in events] == ["create", "update"]
    assert (events[1].before, events[1].after) == (
        {"status": "planned", "status_since": None},
        {"status": "team", "status_since": "2026-11-20"},
    )


def recommendation(world: World, **values: Any) -> Recommendation:
    given = {"reference": "R1", "evaluation": "E1", "text": "Do it.", **values}
    with world.database.write("tests") as session:
        return put_recommendation(session, LOCAL, RecommendationIn.model_validate(given), today=TODAY).row


def test_response_is_due_six_weeks_after_the_report_whichever_comes_first(world: World) -> None:
    put(world)
    recommendation(world)
    put(world, status="final", completed_on="2026-11-02")
    with world.database.read() as session:
        assert str(session.scalars(select(Recommendation)).one().response_due_on) == "2026-12-14"
    assert str(recommendation(world, reference="R2").response_due_on) == "2026-12-14"


def test_the_day_of_the_response_follows_the_policies_whenever_they_are_loaded(world: World) -> None:
    put(world, status="final", completed_on="2026-11-02")
    recommendation(world)
    text = shipped_text("default")
    assert "response_weeks: 6" in text

    def due() -> str:
        with world.database.read() as session:
            return str(session.scalars(select(Recommendation)).one().response_due_on)

    assert due() == "2026-12-14"
    # a version decided later does not judge a report that was accepted before
    longer = text.replace("response_weeks: 6", "response_weeks: 8")
    with world.database.write("tests") as session:
        put_policy(session, LOCAL, longer, today=TODAY, decided_on=day("2026-11-10"))
    assert due() == "2026-12-14"
    # one that corrects the former one does
    with world.database.write("tests") as session:
        put_policy(session, LOCAL, longer, today=TODAY, in_retrospect=True)
    assert due() == "2026-12-28"
    with world.database.write("tests") as session:
        retire_policy(session, LOCAL, policy_named(session, "default"))
    assert due() == "2026-12-14"
    # what is archived does not change, and comes back with the day of the policies by then
    with world.database.write("tests") as session:
        service.archive_evaluation(session, LOCAL, session.scalars(select(Evaluation)).one())
    with world.database.write("tests") as session:
        put_policy(session, LOCAL, longer, today=TODAY, in_retrospect=True)
    assert due() == "2026-12-14"
    with world.database.write("tests") as session:
        service.restore_evaluation(session, LOCAL, session.scalars(select(Evaluation)).one())
    assert due() == "2026-12-28"


def test_an_officer_answers_what_an_evaluation_of_a_theme_says_of_own_projects_alone(world: World) -> None:
    """The evaluation is the organisation's, but who else would answer it? Officers are told of it as well."""
    with world.database.write("tests") as session:
        portfolio.unit(session, "OTHER")
    world.project("P3", start="2025-01-01", end="2026-12-31", unit="OTHER")
    done = {"scope": "theme", "subject": "Gender", "status": "final", "completed_on": "2026-01-02"}
    put(world, **done, projects=["P1", "P2"])
    with world.database.read() as session:
        own = row_by(session, Project, "code", "P1")
        assert own is not None
        officer = Actor(name="bela", role=Role.OFFICER, unit_id=own.unit_id)
    accepted = {
        "reference": "R1",
        "evaluation": "E1",
        "text": "Do.",
        "response": "accepted",
        "response_on": "2026-02-01",
    }

    def answer() -> str:
        with world.database.write("tests") as session:
            return put_recommendation(session, officer, RecommendationIn.model_validate(accepted), today=TODAY).outcome

    assert answer() == "created"
    with pytest.raises(NotAllowed), world.database.write("tests") as session:
        service.put_evaluation(session, officer, body(**done, projects=["P1"]), today=TODAY)
    put(world, **done, projects=["P1", "P2", "P3"])
    accepted["response_on"] = "2026-02-02"
    with pytest.raises(NotAllowed):
        answer()


def test_verified_recommendation_says_who_verified_it_and_when(world: World) -> None:
    put(world, status="final", completed_on="2026-01-02")
    row = recommendation(world, response="accepted", response_on="2026-02-01", status="verified")
    assert (row.verified_by, row.verified_on) == ("command line", TODAY)


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"evaluation": "NO"}, "/evaluation"),
        ({"response_on": "2026-01-01"}, "/response"),
        ({"response": "accepted", "response_on": "2026-12-01"}, "/response_on"),
    ],
)
def test_recommendation_with_a_fault_is_refused(world: World, values: dict[str, Any], pointer: str) -> None:
    put(world)
    with pytest.raises(InvalidInput) as refused:
        recommendation(world, **values)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_officer_of_another_unit_may_not_touch_an_evaluation(world: World) -> None:
    put(world)
    with world.database.write("tests") as session:
        other = portfolio.unit(session, "OTHER")
    officer = Actor(name="o", role=Role.OFFICER, unit_id=other.id)
    viewer = Actor(name="v", role=Role.VIEWER)
    for actor in (officer, viewer):
        with pytest.raises(NotAllowed), world.database.write("tests") as session:
            service.put_evaluation(session, actor, body(status="team"), today=TODAY)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"scope": "unit", "subject": "own"}, ("/subject", "There is no unit own.")),
        ({"scope": "unit"}, ("/subject", "Name the unit that is evaluated.")),
        ({"scope": "fund", "subject": "POOL-OWM"}, ("/subject", "There is no fund POOL-OWM.")),
        ({"scope": "theme"}, ("/subject", "Name the theme that is evaluated.")),
    ],
)
def test_a_typing_error_of_an_officer_is_no_matter_of_rights(
    world: World, values: dict[str, Any], fault: tuple[str, str]
) -> None:
    with world.database.write("tests") as session:
        unit = portfolio.unit(session, "OWN")
        for code in ("P1", "P2"):
            row_by(session, Project, "code", code).unit_id = unit.id  # type: ignore[union-attr]
    officer = Actor(name="o", role=Role.OFFICER, unit_id=unit.id)
    for projects in (["P1"], []):
        with pytest.raises(InvalidInput) as refused, world.database.write("tests") as session:
            service.put_evaluation(session, officer, body(projects=projects, **values), today=TODAY)
        assert [(each.pointer, each.message) for each in refused.value.faults] == [fault]


def test_decision_needs_a_reason_an_approver_and_an_open_obligation(world: World) -> None:
    for missing in ("reason", "approver"):
        with pytest.raises(ValueError, match=missing):
            WaiverIn.model_validate({"reason": "x", "approver": "y", missing: "  "})
    world.refresh()
    with world.database.write("tests") as session:
        row = session.scalars(select(Obligation)).first()
        assert row is not None
        row.status, row.status_reason = "lapsed", "over"
    with pytest.raises(Conflict, match="not open but lapsed"):
        world.waive(row.id or 0)


def test_a_waiver_holds_once_and_until_it_is_taken_back(world: World) -> None:
    world.refresh()
    obligation = world.obligation(world.project_id("P1")).id or 0

    def take_back(on: str) -> None:
        world.take_back(obligation, on)

    with pytest.raises(Conflict, match="nothing to take back"):
        take_back("2026-11-10")
    world.waive(obligation, on="2026-11-05")
    with pytest.raises(Conflict, match="waived on 2026-11-05 already"):
        world.waive(obligation, on="2026-11-06")
    with pytest.raises(InvalidInput):
        take_back("2026-11-04")
    take_back("2026-11-10")
    with pytest.raises(Conflict, match="nothing to take back"):
        take_back("2026-11-11")

    def state(on: str) -> str:
        found = {row.state for row in world.due(on, within=400) if row.project == "P1"}
        return "waived" if not found else "/".join(sorted(found))

    # a past day sees what was known on it, however late anybody asks
    assert [state(on) for on in ("2026-11-04", "2026-11-05", "2026-11-09", "2026-11-10", "2026-11-20")] == [
        "window-open", "waived", "waived", "window-open", "window-open",
    ]  # fmt: skip
    world.waive(obligation, on="2026-11-15")
    assert [state(on) for on in ("2026-11-14", "2026-11-20")] == ["window-open", "waived"]
    # an extension reads the same dated facts from the beginning
    world.decide("P1", "planned_end", "2026-11-16", "2027-06-30")
    assert state("2026-11-20") == "waived"


def test_reschedule_to_the_same_day_or_decided_tomorrow_is_refused(world: World) -> None:
    world.refresh()
    with world.database.write("tests") as session:
        row = session.scalars(select(Obligation)).first()
        assert row is not None
        same = RescheduleIn.model_validate({"reason": "x", "approver": "y", "due_on": str(row.due_on)})
        with pytest.raises(Conflict, match="already"):
            obligations_service.reschedule(session, LOCAL, row, same, today=TODAY)
        ahead = WaiverIn.model_validate({"reason": "x", "approver": "y", "decided_on": "2026-11-21"})
        with pytest.raises(InvalidInput) as refused:
            obligations_service.waive(session, LOCAL, row, ahead, today=TODAY)
        assert refused.value.faults[0].pointer == "/decided_on"
        assert day("2026-11-21") > TODAY
        passed = RescheduleIn.model_validate({"reason": "x", "approver": "y", "due_on": "2024-01-01"})
        with pytest.raises(InvalidInput, match="1 fault") as refused:
            obligations_service.reschedule(session, LOCAL, row, passed, today=TODAY)
        assert refused.value.faults[0].rule == "obligation.past-day"
        waiver = WaiverIn.model_validate({"reason": "x", "approver": "y", "decided_on": "2026-11-10"})
        obligations_service.waive(session, LOCAL, row, waiver, today=TODAY)
        later = RescheduleIn.model_validate({"reason": "x", "approver": "y", "due_on": "2027-06-01"})
        with pytest.raises(Conflict, match="take that waiver back first"):
            obligations_service.reschedule(session, LOCAL, row, later, today=TODAY)
        before = later.model_copy(update={"decided_on": day("2026-11-09")})
        obligations_service.reschedule(session, LOCAL, row, before, today=TODAY)


def test_who_may_not_decide_is_told_nothing_of_what_was_decided(world: World) -> None:
    world.refresh()
    with world.database.write("tests") as session:
        other = portfolio.unit(session, "OTHER")
        row = session.scalars(select(Obligation)).first()
        assert row is not None
        waiver = WaiverIn.model_validate({"reason": "x", "approver": "y", "decided_on": "2026-11-10"})
        obligations_service.waive(session, LOCAL, row, waiver, today=TODAY)
        actors = (Actor(name="o", role=Role.OFFICER, unit_id=other.id), Actor(name="v", role=Role.VIEWER))
        # waived by now; a day that had passed, decided before the waiver; the day on which it is due
        for due_on, decided_on in (("2027-06-01", None), ("2024-01-01", "2026-11-09"), (str(row.due_on), "2026-11-09")):
            asked = {"reason": "x", "approver": "y", "due_on": due_on, "decided_on": decided_on}
            for actor in actors:
                with pytest.raises(NotAllowed):
                    moved = RescheduleIn.model_validate(asked)
                    obligations_service.reschedule(session, actor, row, moved, today=TODAY)


def test_what_looks_back_at_work_is_not_completed_before_it_began(world: World) -> None:
    start = {"status": "final", "completed_on": "2019-01-01"}
    with pytest.raises(InvalidInput) as refused:
        put(world, kind="mid-term", **start)
    assert [fault.rule for fault in refused.value.faults] == ["evaluation.before-start"]
    put(world, kind="evaluability", **start)


def test_money_for_the_evaluation_settles_the_finding_about_the_reserve(world: World) -> None:
    def findings() -> dict[str, list[str]]:
        world.refresh()
        with world.database.read() as session:
            rows = session.execute(
                select(EvaluationProject.project_id, Assessed.project_id, Assessed.findings).join_from(
                    Assessed, EvaluationProject, EvaluationProject.project_id == Assessed.project_id, isouter=True
                )
            )
            return {str(row[1]): [one["message"] for one in row[2]] for row in rows}

    put(world)
    messages = [text for texts in findings().values() for text in texts]
    assert len(messages) == 2
    assert all("asks to set 2 % of the budget aside for evaluation (US$ 40,000); none is known" in m for m in messages)
    put(world, projects=["P1", "P2"], budget="79999.99")
    assert all("is set aside" in text for texts in findings().values() for text in texts)
    put(world, budget="80000", projects=["P1", "P2"])
    assert [text for texts in findings().values() for text in texts] == []


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([{"status": "disclosed"}], "as if it had always been"),
        ([{"status": "planned"}, {"status": "final"}], f"from {TODAY} on"),
        ([{"status": "final", "completed_on": "2026-10-01"}, {"status": "disclosed"}], ""),
        ([{"status": "final"}, {"status": "disclosed"}], ""),
        ([{"status": "draft"}], ""),
    ],
)
def test_a_finished_evaluation_without_a_day_is_told(world: World, steps: list[dict[str, str]], told: str) -> None:
    for values in steps:
        with world.database.write("tests") as session:
            found = service.put_evaluation(session, LOCAL, body(**values), today=TODAY).findings
    assert [(fault.pointer, told in fault.message) for fault in found] == ([("/completed_on", True)] if told else [])


def test_what_was_done_is_neither_waived_nor_moved(world: World) -> None:
    world.refresh()
    obligation = world.obligation(world.project_id("P1")).id or 0
    world.done("EV-7", on="2026-11-10", independence="independent")
    for decide in (world.waive, lambda key, on: world.reschedule(key, "2027-06-30", on=on)):
        with pytest.raises(Conflict, match=r"^It was done by EV-7: nothing is to be decided about it\.$"):
            decide(obligation, on="2026-11-12")
    # what was decided before it was done is recorded later all the same
    world.waive(obligation, on="2026-11-05")


def test_a_slip_in_the_year_puts_nothing_off_for_good(world: World) -> None:
    world.refresh()
    obligation = world.obligation(world.project_id("P1")).id or 0
    due = world.obligation(world.project_id("P1")).due_on
    assert due is not None
    latest = due.replace(year=due.year + 10)
    for late in ("2207-06-30", str(latest + timedelta(days=1))):
        with pytest.raises(InvalidInput) as refused:
            world.reschedule(obligation, late)
        assert f"is more than ten years later than {due}: check" in refused.value.faults[0].message
    world.reschedule(obligation, str(latest))
