"""At least one independent evaluation in the cycle: whichever it is, and the final as long as none is done."""

import csv
import re
from typing import Any

import pytest
from sqlmodel import Session

from app.db.engine import Database
from app.domain.evaluation.policy import OF_THE_CYCLE
from app.domain.evaluation.terms import Kind
from app.evaluations.obligations.queries_due import in_batches
from app.evaluations.obligations.rows import OwedRow
from app.evaluations.obligations.views import views
from app.evaluations.policies.dump import dump_policy
from app.evaluations.policies.load import load_policy
from app.reports.evaluations import EVALUATIONS
from app.reports.frame import Request
from tests.domain.evaluation.cases import ILO_2002
from tests.evaluations.world import World
from tests.reference import needs_reference, reference


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def owed(world: World, as_of: str) -> list[str]:
    return [f"{world.noun(row)} {row.independence} {row.state} {row.due}" for row in world.due(as_of, within=40_000)]


def reason(world: World, as_of: str) -> str:
    (found,) = [row.reason for row in world.due(as_of, within=40_000) if row.kind == "final"]
    return found


def two_years(world: World, budget: str, *done: str) -> None:
    """A project of 2003 and 2004, with evaluations done, each as "kind independence day"."""
    evaluated(world, "2003-01-01", "2004-12-31", budget, *done)


def evaluated(world: World, start: str, end: str, budget: str, *done: str, **values: str) -> None:
    project = world.project("P1", start, end, budget, mid_term_agreed=False, **values)
    world.signed(project, start)
    for number, text in enumerate(done, 1):
        kind, independence, on = text.split()
        world.done(f"E{number}", on, kind=kind, independence=independence)


def test_an_independent_mid_term_leaves_the_final_to_the_project_itself(world: World) -> None:
    two_years(world, "400000", "mid-term independent 2004-01-31")
    assert owed(world, "2004-06-30") == ["final self window-open 2004-12-31"]
    assert "at least one independent evaluation in the cycle: mid-term E1 was done on 2004-01-31" in reason(
        world, "2004-06-30"
    )
    assert reason(world, "2004-06-30").startswith("final, self: runs 2003-01-01")
    assert owed(world, "2004-01-30")[-1] == "final independent upcoming 2004-12-31", "it was not done yet"


def test_as_long_as_none_is_done_the_final_has_to_be_independent(world: World) -> None:
    two_years(world, "400000", "mid-term self 2004-01-31")
    assert owed(world, "2004-06-30") == ["final independent window-open 2004-12-31"]
    assert "at least one independent evaluation in the cycle, and none is done or under way" in reason(
        world, "2004-06-30"
    )


def test_nothing_is_owed_once_one_was_independent_and_the_final_is_done(world: World) -> None:
    two_years(world, "400000", "mid-term independent 2004-01-31", "final self 2004-12-31")
    assert owed(world, "2006-01-01") == []


def test_nothing_is_owed_when_the_final_was_the_independent_one(world: World) -> None:
    two_years(world, "400000", "mid-term self 2004-01-31", "final independent 2004-12-31")
    assert owed(world, "2006-01-01") == []


def test_a_final_too_weak_is_named_in_the_reason(world: World) -> None:
    two_years(world, "400000", "mid-term self 2004-01-31", "final self 2004-12-31")
    assert owed(world, "2006-01-01") == ["final independent overdue 2004-12-31"]
    assert reason(world, "2006-01-01").endswith("; self done on 2004-12-31 (E2); independent asked")


def test_a_budget_of_the_limit_itself_asks_nobody_from_outside(world: World) -> None:
    two_years(world, "350000", "mid-term self 2004-01-31", "final self 2004-12-31")
    assert owed(world, "2006-01-01") == []


def test_a_short_project_owes_its_one_independent_evaluation(world: World) -> None:
    evaluated(world, "2003-01-01", "2004-04-30", "350001", "final self 2004-04-30")
    assert owed(world, "2006-01-01") == ["final independent overdue 2004-04-30"]


def test_a_project_begun_before_the_rules_is_ruled_by_them_from_their_day_on(world: World) -> None:
    evaluated(world, "2001-02-01", "2004-06-30", "900000")
    assert owed(world, "2005-01-01") == [
        "annual-review 2 self overdue 2003-01-31",
        "annual-review 3 self overdue 2004-01-31",
        "final independent overdue 2004-06-30",
    ]
    assert [row.state for row in world.due("2002-10-31")] == ["cannot-tell"]


@pytest.mark.parametrize("over", [{"status": "closed"}, {"status": "closed", "actual_end": "2004-06-30"}])
def test_a_record_that_says_closed_without_a_day_takes_nothing_away_that_was_due_before_its_end(
    world: World, over: dict[str, str]
) -> None:
    evaluated(world, "2001-02-01", "2004-06-30", "900000", **over)
    assert owed(world, "2005-01-01") == [
        "annual-review 2 self overdue 2003-01-31",
        "annual-review 3 self overdue 2004-01-31",
        "final independent overdue 2004-06-30",
    ]


def test_one_that_is_under_way_will_be_the_one_unless_it_is_given_up(world: World) -> None:
    two_years(world, "400000")
    world.evaluation("E1", kind="mid-term", status="field-work", started_on="2004-01-10")
    assert owed(world, "2004-06-30")[-1] == "final self window-open 2004-12-31"
    assert "mid-term E1 is under way" in reason(world, "2004-06-30")
    world.evaluation("E1", kind="mid-term", status="cancelled", cancelled_on="2004-09-01")
    assert owed(world, "2004-06-30")[-1] == "final self window-open 2004-12-31"
    assert owed(world, "2004-09-01")[-1] == "final independent window-open 2004-12-31"


def test_a_policy_names_the_kinds_that_can_be_the_one() -> None:
    text = RULE.format("[mid-term, final]")
    policy = load_policy(text).policy
    assert policy is not None
    assert policy.rules[0].requirement.once_in_cycle == (Kind.MID_TERM, Kind.FINAL)
    for one in (policy, ILO_2002):
        assert load_policy(dump_policy(one)).policy == one
    (shipped,) = [rule.requirement for rule in ILO_2002.rules if rule.id == "independent-over-350k"]
    assert shipped.once_in_cycle == OF_THE_CYCLE
    assert Kind.EX_POST not in OF_THE_CYCLE


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[mid-term, yearly]", "'yearly' is not a kind"),
        ("perhaps", "expected true or false"),
        ("true", "not how independent"),
    ],
)
def test_a_policy_that_does_not_say_who_can_be_the_one_is_refused(text: str, told: str) -> None:
    policy = RULE.format(text)
    loaded = load_policy(policy if told[0] != "n" else policy.replace("independence: independent, ", ""))
    assert [finding.message for finding in loaded.findings if told in finding.message]


RULE = """\
policy: once
title: Once
source: board
confidence: stated
rules:
  - id: one
    require: {{kind: final, independence: independent, once_in_cycle: {}}}
    source: board
    confidence: stated
"""


def said(expected: str, rows: list[Any]) -> bool:
    """Whether a due list says what a case of the reference file expects, in its words."""
    overdue = [row for row in rows if row.state == "overdue" and row.independence == "independent"]
    if expected.startswith("nothing overdue"):
        return not [row for row in rows if row.state == "overdue"]
    if expected == "one independent evaluation overdue":
        return len(overdue) == 1
    final = next(row for row in rows if row.kind == "final")
    if found := re.match(r"final due (\S+),", expected):
        asked = "self" if "self suffices" in expected else "independent"
        return (str(final.due), final.independence) == (found[1], asked)
    kinds = {row.kind for row in rows if row.state != "cannot-tell"}
    return kinds == {"annual-review", "final"} and final.independence == "independent"


@pytest.mark.reference
@needs_reference
def test_every_case_of_the_reference_file_comes_out(world: World) -> None:
    path = reference("facts", "evaluation_independent_once.csv")
    assert path is not None
    with path.open(encoding="utf-8", newline="") as stream:
        cases = list(csv.DictReader(stream))
    assert len(cases) == 9
    for case in cases:
        code = case["case"]
        project = world.project(code, case["start"], case["end"], case["budget_usd"])
        world.signed(project, case["signed_on"], partner=f"DONOR-{code}")
        done = case["done"].replace('"independent internal"', "independent")
        for number, text in enumerate(done.split("; ") if done != "none" else [], 1):
            kind, independence, on = text.split()
            world.done(f"{code}-{number}", on, code, kind, independence)
    for case in cases:
        rows = [row for row in world.due(case["as_of"], within=4000) if row.project == case["case"]]
        assert said(case["expected"], rows), case


@pytest.mark.parametrize(
    ("on", "kind", "told"),
    [
        ("2004-06-15", "mid-term", []),
        ("2004-11-30", "mid-term", []),
        ("2003-03-01", "mid-term", ["mid-term"]),
        ("2004-06-15", "annual-review", ["mid-term"]),
    ],
)
def test_nobody_needs_to_know_of_a_mid_term_that_was_done_near_its_day(
    world: World, on: str, kind: str, told: list[str]
) -> None:
    world.project(start="2003-01-01", end="2004-12-31", budget="350000")
    world.decide("P1", "planned_end", "2004-02-01", "2005-12-31")
    assert [row.kind for row in world.due("2004-05-01") if row.state == "cannot-tell"] == ["mid-term"]
    world.done("MT", on, kind=kind)
    for day_ in ("2006-02-01", "2005-01-31"):
        assert [row.kind for row in world.due(day_) if row.state == "cannot-tell"] == told
        assert [row.kind for row in world.due(day_, refreshed=False) if row.state == "cannot-tell"] == told


def test_a_rate_or_a_budget_is_not_missed_once_an_independent_evaluation_of_the_cycle_was_done(world: World) -> None:
    for code, values in (("GBP", {"currency": "GBP", "budget": "280000"}), ("NONE", {"budget": None})):
        project = world.project(code, "2003-01-01", "2004-12-31", mid_term_agreed=False, **values)
        world.signed(project, "2003-01-01", partner=f"OF-{code}")
    world.done("MT", "2004-01-15", "GBP|NONE", kind="mid-term", independence="independent")
    for on, expected in (
        ("2003-12-31", [("upcoming", "self"), ("cannot-tell", None)]),
        ("2004-06-30", [("window-open", "self")]),
    ):
        for refreshed in (True, False):
            for code in ("GBP", "NONE"):
                rows = world.due(on, within=40_000, refreshed=refreshed)
                finals = [row for row in rows if row.project == code and row.kind == "final"]
                assert [(row.state, row.independence) for row in finals] == expected, (code, on)
    with world.database.read() as session:
        rows = [one for one in views(session, in_order(session), world.today) if one.row.key.startswith("?")]
    assert {(one.row.project, one.state, one.reference) for one in rows} == {
        ("GBP", "lapsed", "MT"),
        ("NONE", "lapsed", "MT"),
    }


def test_a_weaker_evaluation_leaves_a_missing_budget_missed(world: World) -> None:
    world.signed(world.project("P1", "2003-01-01", "2004-12-31", None, mid_term_agreed=False), "2003-01-01")
    world.done("MT", "2004-01-15", kind="mid-term", independence="internal")
    assert [row.state for row in world.due("2004-06-30") if row.kind == "final"] == ["window-open", "cannot-tell"]


def test_a_mid_term_that_was_done_is_shown_as_done_though_nobody_can_tell_whether_it_was_owed(world: World) -> None:
    world.project(start="2003-01-01", end="2005-12-31", budget="350000")
    world.done("MT", "2004-06-15", kind="mid-term")
    world.refresh()
    with world.database.read() as session:
        rows = [one for one in views(session, in_order(session), world.today) if one.row.key == "?mid-term"]
    assert [(one.state, one.reference, one.is_open) for one in rows] == [("done", "MT", False)]
    request = Request(
        period="2003..2006", as_of=world.today, recorded_at=None, by=("kind",), currency="USD", variant=None
    )
    with world.database.read() as session:
        covered = {row["kind"]: (row["required"], row["done"]) for row in EVALUATIONS.compute(session, request).rows}
    # none of those that are known to be required
    assert covered["final"] == (1, 0)
    assert covered.get("mid-term", (0, 0)) == (0, 0)


def in_order(session: Session) -> list[OwedRow]:
    """All that is kept of projects."""
    return [row for rows in in_batches(session) for row in rows]
