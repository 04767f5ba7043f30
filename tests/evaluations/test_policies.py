"""Policies as files: checked, loaded, in use; and what they would change."""

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.evaluations import EvaluationPolicy
from app.domain.access import LOCAL
from app.errors import Conflict, InvalidInput
from app.evaluations.policies.rulebook import in_use
from app.evaluations.policies.service import (
    check_policy,
    compare,
    effect_as_dict,
    policy_named,
    put_policy,
    retire_policy,
)
from app.evaluations.policies.shipped import shipped_text
from tests import portfolio
from tests.evaluations.world import World, day
from tests.portfolio import TODAY

OWN = """\
policy: own
title: Own policy
in_force: {from: 2026-01-01}
source: board
confidence: stated
rules:
  - id: all
    require: {kind: final, independence: independent}
    source: board
    confidence: stated
"""


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_without_a_policy_nobody_owes_anything(database: Database) -> None:
    world = World(database, policies=False)
    world.project(start="2025-01-01", end="2026-12-31")
    assert (world.owed(), world.due(within=40_000)) == ([], [])
    with database.read() as session:
        assert in_use(session).policies == {}
    world.policy(OWN.replace("from: 2026-01-01", "from: 2020-01-01"))
    with database.read() as session:
        assert sorted(in_use(session).policies) == ["own"]
    assert world.owed() == ["final independent 2026-12-31"]


def test_a_policy_ends_whole_or_with_a_last_day(world: World) -> None:
    world.project("OLD", start="2024-01-01", end="2027-12-31", budget="100000")
    world.project("NEW", start="2026-03-01", end="2027-12-31", budget="100000")

    def retire(last_day: str | None) -> None:
        with world.database.write("tests") as session:
            until = None if last_day is None else day(last_day)
            retire_policy(session, LOCAL, policy_named(session, "default"), last_day=until)

    def states() -> dict[str, str]:
        return {row.project: row.state for row in world.due(within=1000)}

    assert states() == {"OLD": "upcoming", "NEW": "upcoming"}
    retire("2025-12-31")
    assert states() == {"OLD": "upcoming", "NEW": "cannot-tell"}
    with pytest.raises(InvalidInput, match="1 fault"):
        retire("2005-11-30")
    with world.database.write("tests") as session:
        put_policy(session, LOCAL, shipped_text("default"), today=TODAY)
    assert states() == {"OLD": "upcoming", "NEW": "upcoming"}
    retire(None)
    assert states() == {"OLD": "cannot-tell", "NEW": "cannot-tell"}
    with pytest.raises(Conflict, match="retired already"):
        retire(None)


def test_own_policy_rules_what_is_signed_from_its_day_on(world: World) -> None:
    world.project("OLD", start="2025-12-31", end="2026-12-30", budget="100000")
    world.project("NEW", start="2026-01-01", end="2026-12-31", budget="100000")
    world.policy(OWN)
    assert {row.project: row.independence for row in world.due(within=400)} == {"OLD": "self", "NEW": "independent"}
    with world.database.read() as session:
        assert sorted(in_use(session).policies) == ["default", "ilo-2002", "own"]


def test_same_text_again_changes_nothing_and_another_becomes_the_next_sequence(world: World) -> None:
    outcomes = []
    for text in (OWN, OWN, OWN.replace("independent", "internal")):
        with world.database.write("tests") as session:
            put = put_policy(session, LOCAL, text, today=TODAY)
            outcomes.append((put.outcome, put.row.sequence))
    assert outcomes == [("created", 1), ("unchanged", 1), ("updated", 2)]


def test_retired_policy_gives_way_to_the_one_before_it(world: World) -> None:
    world.project(start="2026-01-01", end="2026-12-31", budget="100000")
    world.policy(OWN)
    assert world.owed() == ["final independent 2026-12-31"]
    with world.database.write("tests") as session:
        own = session.scalars(select(EvaluationPolicy).where(EvaluationPolicy.code == "own")).one()
        own.retired = True
    with world.database.read() as session:
        assert "own" not in in_use(session).policies


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (OWN.replace("kind: final", "kind: finale"), "policy.value"),
        (OWN.replace("source: board\n    confidence", "confidence"), "policy.missing-field"),
        (OWN.replace("{kind: final, independence: independent}",
                     "{kind: final, window: {opens: 3, due: 0, late: 3}}"), "policy.window-order"),
        (OWN.replace("{kind: final, independence: independent}",
                     "{kind: final, window: {opens: -90, due: 0, late: 3}}"), "policy.window-far"),
        (OWN.replace("    require", "    when: {budget: {currency: XXQ, over: 5}}\n    require"), "policy.currency"),
        (OWN.replace("from: 2026-01-01", "from: 2026-01-01, to: 2025-01-01"), "policy.in-force"),
        (OWN.replace("title: Own policy\n", "title: Own policy\nowner: NOBODY\n"), "policy.unknown-owner"),
        ("policy: [", "policy.not-yaml"),
    ],
)  # fmt: skip
def test_policy_with_a_fault_is_refused_with_its_rule(world: World, text: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as refused, world.database.write("tests") as session:
        put_policy(session, LOCAL, text, today=TODAY)
    assert rule in {fault.rule for fault in refused.value.faults}
    with world.database.read() as session:
        assert "own" not in in_use(session).policies


def test_check_tells_of_gaps_overlaps_and_of_policies_in_force_beside_it(world: World) -> None:
    rules = """\
  - id: low
    when: {budget: {currency: USD, under: 100}}
    require: {kind: mid-term}
    source: board
    confidence: stated
  - id: high
    when: {budget: {currency: USD, over: 200}}
    require: {kind: mid-term}
    source: board
    confidence: stated
"""
    with world.database.read() as session:
        checked = check_policy(session, OWN + rules)
    assert checked.policy is not None
    found = {finding.rule: finding.line for finding in checked.findings}
    assert found["policy.band-gap"] == 16
    assert "policy.overlap" in found


def test_compare_lists_every_project_that_would_owe_otherwise_and_no_other(world: World) -> None:
    world.project("SMALL", start="2026-01-01", end="2027-12-31", budget="100000")
    world.project("LARGE", start="2026-01-01", end="2027-12-31", budget="2000000")
    world.project("ENDED", start="2020-01-01", end="2021-12-31", budget="100000")
    with world.database.read() as session:
        policy = check_policy(session, OWN.replace("2026-01-01", "2030-01-01")).policy
        assert policy is not None
        found = [effect_as_dict(one) for one in compare(session, policy, TODAY)]
    assert [(one["project"], one["on_loading"]) for one in found] == [("SMALL", False)]
    ((change,),) = [one["changed"] for one in found]
    assert (change["from"]["independence"], change["to"]["independence"]) == ("self", "independent")
    assert change["to"]["rules"] == ["own/all"]


def test_compare_tells_what_loading_the_policy_changes(world: World) -> None:
    world.project("EARLIER", start="2025-12-31", end="2027-12-31", budget="100000")
    world.project("SINCE", start="2026-01-01", end="2027-12-31", budget="100000")
    with world.database.read() as session:
        policy = check_policy(session, OWN).policy
        assert policy is not None
        told = {one.difference.project: one.on_loading for one in compare(session, policy, TODAY)}
    assert told == {"EARLIER": False, "SINCE": True}
    before = {row.project: row.independence for row in world.due(within=1000)}
    world.policy(OWN)
    after = {row.project: row.independence for row in world.due(within=1000)}
    assert {project for project in after if after[project] != before[project]} == {"SINCE"}


def test_a_policy_rules_by_its_days_whenever_it_was_loaded(world: World) -> None:
    world.project(start="2026-01-01", end="2026-06-30", budget="100000")
    only_large = OWN.replace("  - id: all\n", "  - id: all\n    when: {budget: {currency: USD, over: 1000000}}\n")
    world.policy(only_large)
    assert world.owed() == []
    world.policy(OWN)
    assert world.owed() == ["final independent 2026-06-30"]
    world.refresh()
    assert world.owed() == ["final independent 2026-06-30"]


def test_clause_is_tried_beside_everything_else(world: World) -> None:
    project = world.project(start="2026-01-01", end="2027-12-31", budget="100000")
    with world.database.write("tests") as session:
        row = portfolio.partner(session, "SWE")
        agreement = portfolio.agreement(session, "A", row.id or 0)
        portfolio.share(session, agreement.id or 0, project)
    clause = OWN.replace("policy: own", "policy: swedish\nowner: SWE").replace("kind: final", "kind: ex-post")
    with world.database.read() as session:
        policy = check_policy(session, clause).policy
        assert policy is not None
        (effect,) = compare(session, policy, TODAY)
    difference = effect.difference
    assert [one.kind.value for one in difference.added] == ["ex-post"]
    assert difference.removed == difference.changed == ()
    assert not effect.on_loading, "what was signed before the clause is not ruled by it"


def test_every_shipped_policy_can_be_loaded_after_the_others(world: World) -> None:
    for name in ("example-undp", "example-gef", "example-fao", "example-unodc", "example-iom-development-fund"):
        world.policy(shipped_text(name))
    with world.database.read() as session:
        assert len(in_use(session).policies) == 7
