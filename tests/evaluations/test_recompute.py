"""Obligations follow the facts, whoever changes them; what is unchanged keeps its identity, and nothing is lost."""

import datetime as dt
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text, update

from app.db.base import table, utc_now
from app.db.engine import Database
from app.db.evaluations import Assessment, Evaluation, Obligation
from app.db.funding import Agreement
from app.db.projects import Project
from app.db.spending import ExchangeRate
from app.domain.evaluation.history import Timeline
from app.domain.evaluation.obligations import assess
from app.domain.money import Rates
from app.errors import InvalidInput
from app.evaluations.obligations import queries_store as store
from app.evaluations.obligations import recompute
from app.evaluations.obligations.facts import load
from app.evaluations.obligations.recompute import refresh
from app.evaluations.policies.rulebook import in_use
from tests.deep import seeds
from tests.evaluations.world import World, day
from tests.queries import count_queries


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_nothing_changed_means_nothing_is_touched(world: World) -> None:
    world.project()
    assert (world.refresh().projects, world.refresh().projects) == (1, 0)
    with world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(table(Assessment))) == 1


def test_quiet_refresh_costs_four_statements_however_many_projects_there_are(world: World) -> None:
    for number in range(3):
        world.project(f"P{number}")
    world.refresh()
    with count_queries(world.database) as seen:
        world.refresh()
    assert len(seen) <= 5


def test_extension_supersedes_the_final_and_leaves_a_mid_term_that_has_passed(world: World) -> None:
    project = world.project(start="2024-01-01", end="2026-12-31", budget="2000000")
    world.refresh("2025-01-01")
    before = {row.kind: row.id for row in world.obligations(project)}
    world.decide("P1", "planned_end", "2026-08-10", "2027-12-31", reason="Floods.")
    world.refresh("2026-08-10")
    rows = {row.id: row for row in world.obligations(project)}
    final = rows[before["final"]]
    assert final.status == "superseded"
    assert "planned end of 2026-08-10: Floods." in final.status_reason
    successor = rows[final.successor_id]
    assert (successor.kind, str(successor.due_on), successor.status) == ("final", "2027-12-31", "open")
    assert rows[before["mid-term"]].status == "open", "its due date had passed: it never moves"


def test_change_that_demands_nothing_else_keeps_every_identity(world: World) -> None:
    project = world.project(start="2024-01-01", end="2026-12-31", budget="2000000")
    world.refresh()
    before = [(row.id, row.status) for row in world.obligations(project)]
    world.decide("P1", "total_budget", "2026-10-01", "2100000")
    world.decide("P1", "officer", "2026-10-01", "ofc")
    assert world.refresh().changed == 1, "the reason in words is newer"
    assert [(row.id, row.status) for row in world.obligations(project)] == before
    assert "US$ 2.1 m (revised 2026-10-01)" in world.obligation(project).reason


def test_mid_term_under_way_becomes_interim_when_the_end_moves(world: World) -> None:
    project = world.project(start="2025-06-01", end="2028-05-31", budget="2000000")
    world.refresh("2026-09-01")
    evaluation = world.evaluation("E1", kind="mid-term", independence="internal", status="field-work",
                                  planned_end="2026-12-15")  # fmt: skip
    world.decide("P1", "planned_end", "2026-11-01", "2028-11-30")
    world.refresh()
    with world.database.read() as session:
        assert session.get_one(Evaluation, evaluation).kind == "interim"
    new = world.obligation(project, "mid-term")
    assert str(new.due_on) == "2027-03-02"
    rows = {row.kind: row for row in world.due(within=4000)}
    assert (rows["mid-term"].state, rows["mid-term"].evaluation) == ("under-way", "E1")
    assert world.refresh().changed == 0


def test_early_close_lets_the_mid_term_lapse_and_brings_the_final_forward(world: World) -> None:
    project = world.project(start="2026-01-01", end="2029-12-31", budget="2000000")
    world.refresh("2026-02-01")
    world.decide("P1", "actual_end", "2026-10-31", "2026-10-31", reason="The partner withdrew.")
    world.refresh()
    rows = {row.kind: row for row in world.obligations(project) if row.status == "lapsed"}
    assert "mid-term" in rows
    assert rows["mid-term"].status_reason.startswith("the project ended on 2026-10-31")
    assert str(world.obligation(project).due_on) == "2026-10-31"


def test_a_changed_policy_does_not_judge_in_retrospect_unless_that_is_asked_for(world: World) -> None:
    """What ruled on a past day rules on it still; a correction is said to be one."""
    world.project(start="2025-01-01", end="2029-12-31", budget="2000000", decided_on="2024-11-01")
    finals = CLAUSE.replace("owner: SWE\n", "").replace("swedish", "default").replace("ex-post", "final")
    before = {"mid-term": "upcoming", "final": "upcoming"}
    assert world.states() == before
    world.policy(finals, decided_on=day("2026-06-01"))
    (row,) = world.due(within=40_000)
    assert (row.kind, row.independence) == ("final", "external")
    (lapsed,) = [one for one in world.obligations(world.project_id("P1")) if one.kind == "mid-term"]
    assert (lapsed.status, "the evaluation policy was changed on 2026-06-01" in lapsed.status_reason) == (
        "lapsed",
        True,
    )
    assert world.states("2026-05-31") == before
    assert world.refresh().changed == 0

    with pytest.raises(InvalidInput) as told:
        world.policy(finals + "\n", decided_on=world.today + dt.timedelta(days=1))
    assert "lies in the future" in told.value.faults[0].message
    world.policy(finals, in_retrospect=True)
    assert world.states("2026-05-31") == {"final": "upcoming"}


@pytest.mark.parametrize("change", ["signature", "agreement", "partner clause", "rates", "policy", "pilot"])
def test_every_sort_of_change_is_noticed_without_being_told(world: World, change: str) -> None:
    project = world.project(start="2006-01-01", end="2007-12-31", budget="400000", currency="EUR",
                            decided_on="2005-12-15")  # fmt: skip
    with world.database.write("tests") as session:
        session.add(ExchangeRate(currency="EUR", effective_on=day("2005-01-01"), rate=Decimal("0.8")))
    before = world.owed()
    assert before == ["final internal 2007-12-31"]
    match change:
        case "signature":
            world.signed(project, "2005-11-30")
        case "agreement":
            world.signed(project, "2006-01-01")
            assert world.owed() == before
            with world.database.write("tests") as session:
                session.scalars(select(Agreement)).one().signed_on = day("2005-11-30")
        case "partner clause":
            world.signed(project, "2006-01-01", partner="SWE")
            world.policy(CLAUSE)
        case "rates":
            with world.database.write("tests") as session:
                session.add(ExchangeRate(currency="EUR", effective_on=day("2005-12-15"), rate=Decimal("0.1")))
        case "policy":
            world.policy(CLAUSE.replace("owner: SWE\n", "").replace("swedish", "default"))
        case _:
            pilots_only = CLAUSE.replace("owner: SWE\n", "").replace("swedish", "default")
            world.policy(pilots_only.replace("require:", "when: {pilot: true}\n    require:"), in_retrospect=True)
            assert world.owed() == []
            with world.database.write("tests") as session:
                session.get_one(Project, project).pilot = True
            assert world.owed() == ["ex-post external 2008-12-31"], "what carries no date was always so"
    assert world.owed() != before


CLAUSE = """\
policy: swedish
title: Clause
owner: SWE
source: framework agreement
confidence: stated
rules:
  - id: after
    require: {kind: ex-post, independence: external}
    source: article 9
    confidence: stated
"""


def test_clause_of_a_partner_only_adds(world: World) -> None:
    project = world.project(start="2025-01-01", end="2026-12-31", budget="600000")
    world.signed(project, "2025-01-01", partner="SWE")
    world.policy(CLAUSE)
    assert world.owed() == ["final internal 2026-12-31", "ex-post external 2027-12-31"]
    world.done("E1", "2026-11-01", independence="independent")
    assert [row.kind for row in world.due(within=4000)] == ["ex-post"]
    world.done("E2", "2026-11-02", kind="ex-post", independence="independent")
    assert [row.kind for row in world.due(within=4000)] == ["ex-post"], "only outsiders satisfy it"


def test_decision_dated_ahead_counts_from_its_day_on(world: World) -> None:
    project = world.project(start="2025-01-01", end="2026-12-31", budget="600000")
    world.refresh("2026-03-01")
    world.today = day("2027-01-01")
    world.decide("P1", "planned_end", "2026-10-01", "2027-06-30")
    world.refresh("2026-09-30")
    assert str(world.obligation(project).due_on) == "2026-12-31"
    world.refresh("2026-10-01")
    assert str(world.obligation(project).due_on) == "2027-06-30"


def test_a_day_that_brings_what_was_known_before_judges_that_project_alone_and_compares_no_stamps(world: World) -> None:
    for number in range(3):
        world.project(f"P{number}", start="2024-01-01", end="2026-12-31", budget="2000000")
    archived = world.project("P9", start="2024-01-01", end="2026-12-31", budget="2000000")
    for code in ("P1", "P9"):
        world.decide(code, "planned_end", "2026-09-10", "2027-12-31", reason="Floods.")
    world.refresh("2026-09-01")
    with world.database.write("tests") as session:
        session.get_one(Project, archived).archived_at = utc_now()
    world.refresh("2026-09-02")
    with count_queries(world.database) as seen:
        assert world.refresh("2026-09-10").projects == 1
    assert not [statement for statement in seen if "done_stamp !=" in statement]
    with count_queries(world.database) as seen:
        assert world.refresh("2026-09-11").projects == 0
    assert len(seen) <= 5


def test_missing_end_date_is_listed_until_it_is_known(world: World) -> None:
    project = world.project(start="2025-01-01", end=None, budget="600000")
    assert world.states() == {"final": "cannot-tell"}
    world.decide("P1", "planned_end", "2026-10-01", "2026-12-31")
    assert world.states() == {"final": "window-open"}
    kept = {row.key: row.status for row in world.obligations(project)}
    assert kept == {"?final": "lapsed", "final": "open"}


def test_waived_obligation_survives_recomputation(world: World) -> None:
    project = world.project(start="2025-01-01", end="2026-12-31", budget="600000")
    world.refresh()
    kept = world.obligation(project).id
    world.waive(kept or 0)
    world.decide("P1", "total_budget", "2026-11-10", "650000")
    world.refresh()
    assert world.obligation(project).id == kept
    assert world.states() == {}


def test_row_changed_behind_the_versions_back_is_found_by_the_thorough_run(world: World) -> None:
    project = world.project(start="2025-01-01", end="2026-12-31", budget="600000")
    world.refresh()
    with world.database.write("tests") as session:
        session.execute(
            update(table(Project)).where(table(Project).c.id == project).values(planned_end=day("2027-12-31"))
        )
    assert world.refresh().projects == 0
    assert refresh(world.database, world.today, thorough=True).changed == 1
    assert str(world.obligation(project).due_on) == "2027-12-31"


@pytest.mark.drawn
@pytest.mark.parametrize("seed", seeds(2))
def test_whatever_was_edited_in_whatever_order_what_stands_is_what_the_facts_demand(world: World, seed: int) -> None:
    chance = random.Random(seed)
    projects = {}
    for number in range(6):
        start = dt.date(2026, 4, 1) + dt.timedelta(days=chance.randrange(200))
        end, budget = str(start.replace(year=2030)), str(chance.choice([400_000, 800_000, 3_000_000, 9_000_000]))
        projects[f"P{number}"] = world.project(f"P{number}", start=str(start), end=end, budget=budget)
    for _ in range(25):
        code = chance.choice(sorted(projects))
        if chance.random() < 0.6:
            end = dt.date(2029, 1, 1) + dt.timedelta(days=chance.randrange(1500))
            world.decide(code, "planned_end", "2026-11-20", str(end), reason=str(chance.random()))
        else:
            budget = chance.choice(["450000", "900000", "2500000", "12000000"])
            world.decide(code, "total_budget", "2026-11-20", budget, reason=str(chance.random()))
        if chance.random() < 0.4:
            world.refresh()
    world.refresh()
    with world.database.read() as session:
        used, rates = in_use(session), Rates.of([])
        loaded = list(load(session, list(projects.values()), world.today, rates, spending=False))
    for one in loaded:
        facts = Timeline(one.history, used.rulebook, rates).facts_on(world.today)
        demanded = {(o.kind.value, o.due) for o in assess(facts, used.rulebook, rates).obligations}
        standing = {(row.kind, row.due_on) for row in world.obligations(one.id) if row.status == "open"}
        # windows had not opened yet, so that nothing survives that is no longer demanded
        assert standing == demanded, facts.project
    for project in projects.values():
        for row in world.obligations(project):
            assert row.status != "superseded" or row.successor_id is not None
            assert row.status == "open" or row.status_reason


def test_interrupted_recomputation_is_taken_up_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        world.project(f"P{number}", start="2025-01-01", end="2026-12-31")
    monkeypatch.setattr(recompute, "BATCH", 2)
    done = []

    def stop(count: int, _all: int) -> None:
        done.append(count)
        if len(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh(world.database, world.today, progress=stop)
    assert done == [2, 4]
    assert len(world.due()) == 5
    assert world.refresh().projects == 0


def test_recomputations_that_end_at_once_settle_what_was_done_in_turn(world: World) -> None:
    if world.database.engine.dialect.name != "postgresql":
        pytest.skip("one writer has the whole file on SQLite")
    world.project()
    world.refresh()
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with ThreadPoolExecutor(2) as pool:
        with world.database.write("anna") as session:
            session.execute(update(table(Assessment)).values(watermark="older"))
        with world.database.write("anna") as session:
            store.take_turns(session)
            ended = [pool.submit(refresh, world.database, world.today) for _ in range(2)]
            while session.scalar(waiting) != len(ended):
                assert not any(each.done() for each in ended), "they wait for their turn"
        assert [each.result().changed for each in ended] == [0, 0]


def test_two_recomputations_at_once_make_each_obligation_once(world: World) -> None:
    for number in range(30):
        world.project(f"P{number}", start="2024-01-01", end="2026-12-31", budget="9000000")
    barrier, faults = threading.Barrier(3), []

    def run() -> None:
        barrier.wait()
        try:
            refresh(world.database, world.today)
        except Exception as error:  # noqa: BLE001
            faults.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(table(Obligation))) == 90
    assert world.refresh().projects == 0
