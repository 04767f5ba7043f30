"""The same dated facts give the same obligations, in whatever order they were loaded and whoever asked in between."""

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete

from app.db.base import table
from app.db.engine import Database
from app.db.evaluations import Assessed, Assessment, Obligation
from app.db.funding import Agreement
from app.db.lookups import row_by, rows_by
from app.db.projects import Project
from app.db.spending import ExchangeRate
from app.domain.access import LOCAL
from app.evaluations.obligations.calendars import calendar
from app.spending.ledger import put_transaction
from app.spending.schemas import TransactionIn
from tests.deep import seeds
from tests.evaluations.world import World, day

DAY = dt.timedelta(days=1)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def lines(world: World, as_of: str) -> list[str]:
    """What is open as of a day, as "project kind independence state due evaluation"."""
    return sorted(
        f"{row.project} {World.noun(row)} {row.independence} {row.state} {row.due} {row.evaluation or ''}".rstrip()
        for row in world.due(as_of, within=40_000)
    )


def load_history(world: World, *, asked: bool) -> None:
    """Three projects with their changes; ``asked``: somebody looked at the list before the changes were loaded."""
    world.project("S8", "2003-01-01", "2005-04-30", "100000", mid_term_agreed=False)
    world.project("S7b", "2024-01-01", "2026-12-31", "6000000")
    world.project("S7c", "2024-01-01", "2026-12-31", "6000000")
    if asked:
        world.due()
    world.evaluation(
        "E7b", "S7b", "mid-term", "independent", "final",
        planned_start="2025-05-01", planned_end="2025-07-31", started_on="2025-05-01", completed_on="2025-07-31",
    )  # fmt: skip
    world.decide("S8", "planned_end", "2004-09-01", "2005-10-31")
    world.decide("S7b", "planned_end", "2025-06-20", "2029-12-31")
    world.decide("S7c", "actual_end", "2025-05-10", "2025-05-10")


@pytest.mark.parametrize("asked", [False, True])
def test_history_loaded_later_gives_what_the_dated_facts_say(world: World, asked: bool) -> None:
    load_history(world, asked=asked)
    assert [line for line in lines(world, "2004-09-02") if line.startswith("S8")] == [
        "S8 annual-review 2 self upcoming 2004-12-31",
        "S8 final self upcoming 2005-10-31",
        "S8 mid-term self overdue 2004-03-01",
    ]
    assert [line for line in lines(world, "2026-02-01") if line.startswith("S7")] == [
        "S7b evaluability self overdue 2024-12-31",
        "S7b final independent upcoming 2029-12-31",
        "S7b mid-term independent upcoming 2026-12-31",
        "S7c evaluability self overdue 2024-12-31",
        "S7c final independent overdue 2025-05-10",
    ]
    assert [line for line in lines(world, "2025-06-21") if "S7b mid-term" in line] == [
        "S7b mid-term independent upcoming 2026-12-31"
    ]
    assert [line for line in lines(world, "2025-06-19") if "S7b mid-term" in line] == [
        "S7b mid-term independent under-way 2025-07-01 E7b"
    ]


@pytest.mark.parametrize("asked", [False, True])
def test_the_final_is_due_at_the_end_however_late_that_was_recorded(world: World, asked: bool) -> None:
    project = world.project(start="2025-03-25", end="2027-09-25", budget="700000")
    if asked:
        world.due()
    world.decide("P1", "actual_end", "2026-11-20", "2026-10-11")
    assert lines(world, "2026-11-20") == ["P1 final internal window-open 2026-10-11"]
    assert str(world.due("2026-11-20")[0].late) == "2027-01-11"
    assert str(world.obligation(project).due_on) == "2026-10-11"


@pytest.mark.parametrize("asked", [False, True])
def test_reviews_of_years_over_before_an_extension_are_not_owed(world: World, asked: bool) -> None:
    project = world.project(start="2024-06-20", end="2026-12-19", budget="100000")
    world.signed(project, "2024-06-20", partner="SWE")
    world.policy(REVIEWS)
    if asked:
        assert lines(world, "2026-11-20") == ["P1 final self window-open 2026-12-19"]
    world.decide("P1", "planned_end", "2026-11-20", "2027-12-19")
    assert lines(world, "2026-11-20") == [
        "P1 annual-review 3 self upcoming 2027-06-19",
        "P1 final self upcoming 2027-12-19",
    ]


REVIEWS = """\
policy: swedish
title: Reviews every year
owner: SWE
source: agreement
confidence: stated
rules:
  - {id: review, when: {duration_months: {over: 30}}, require: {kind: annual-review}, source: x, confidence: stated}
"""


def test_an_evaluation_is_on_a_day_what_it_was_on_that_day(world: World) -> None:
    for code in ("A", "B"):
        world.project(code, "2024-01-01", "2026-12-31", "6000000")
    dates = {"planned_start": "2025-05-01", "planned_end": "2025-07-31", "started_on": "2025-05-01"}
    world.evaluation("EA", "A", "mid-term", "independent", "field-work", **dates)
    world.evaluation("EB", "B", "mid-term", "independent", "final", completed_on="2025-07-31", **dates)
    states = {
        text: [line.split()[3] for line in lines(world, text) if "mid-term" in line]
        for text in ("2025-03-01", "2025-06-15", "2025-09-01")
    }
    assert states == {
        "2025-03-01": ["planned", "planned"],
        "2025-06-15": ["under-way", "under-way"],
        "2025-09-01": ["under-way"],
    }


def test_an_evaluation_given_up_was_planned_until_then(world: World) -> None:
    world.project(start="2024-01-01", end="2026-12-31", budget="600000")
    world.evaluation("E", status="planned")
    world.evaluation("E", status="cancelled", cancelled_on="2026-10-01")
    states = [world.states(text)["final"] for text in ("2026-09-30", "2026-10-01")]
    assert states == ["planned", "window-open"]


def test_a_change_of_status_without_a_day_is_dated_by_the_day_it_was_recorded(world: World) -> None:
    world.project(start="2024-01-01", end="2026-12-31", budget="600000")
    world.evaluation("E", status="planned")
    for status, state in (("team", "under-way"), ("final", "done")):
        world.today = day({"team": "2026-11-10", "final": "2026-11-18"}[status])
        world.evaluation("E", status=status)
        assert (state == "done") is ("final" not in world.states())
    states = [world.states(text).get("final") for text in ("2026-11-09", "2026-11-10", "2026-11-17", "2026-11-18")]
    assert states == ["planned", "under-way", "under-way", None]


def test_a_moved_date_stays_the_later_one_through_an_extension(world: World) -> None:
    project = world.project(start="2024-01-01", end="2026-12-31", budget="600000")
    world.refresh()
    world.reschedule(world.obligation(project).id or 0, "2027-04-30")
    world.decide("P1", "planned_end", "2026-11-10", "2027-02-28")
    assert lines(world, "2026-11-20") == ["P1 final internal window-open 2027-04-30"]
    assert str(world.obligation(project).due_on) == "2027-02-28"
    world.decide("P1", "planned_end", "2026-11-15", "2027-09-30")
    assert lines(world, "2026-11-20") == ["P1 final internal upcoming 2027-09-30"]


def test_a_waiver_holds_through_older_facts_learnt_later(world: World) -> None:
    project = world.project(start="2024-01-01", end="2026-12-31", budget="600000")
    world.refresh()
    world.waive(world.obligation(project).id or 0)
    world.decide("P1", "planned_end", "2026-10-01", "2027-02-28")
    assert world.owed() == []
    assert [str(row.due_on) for row in world.obligations(project) if row.status == "open"] == ["2027-02-28"]


def test_a_posting_counts_at_once_where_a_policy_looks_at_spending(world: World) -> None:
    world.project(start="2026-01-01", end="2026-12-31", budget="600000")
    world.policy(SPENDING)
    assert world.states() == {"final": "cannot-tell"}
    with world.database.write("tests") as session:
        body = TransactionIn.model_validate(
            {"document": "T1", "project": "P1", "type": "4", "date": "2026-05-01", "amount": "900", "currency": "USD"}
        )
        put_transaction(session, LOCAL, body, today=world.today)
    assert world.owed() == ["final independent 2026-12-31"]


SPENDING = """\
policy: default
title: By what was spent
in_force: {from: 2005-12-01}
source: test
confidence: stated
rules:
  - id: spent
    when: {budget: {currency: USD, basis: actual, over: 500}}
    require: {kind: final, independence: independent}
    source: test
    confidence: stated
"""


def test_of_two_evaluations_the_first_by_its_days_tells_the_state_whichever_was_recorded_first(world: World) -> None:
    dates = {"planned_start": "2026-05-01", "planned_end": "2026-12-31"}
    for code, order in (("P1", ("B", "A")), ("P2", ("A", "B"))):
        world.project(code, "2024-01-01", "2026-12-31", "600000")
        for name in order:
            more = {"planned_end": "2026-11-30"} if name == "B" else {}
            world.evaluation(f"{name}-{code}", code, independence="independent", **{**dates, **more})
    assert lines(world, "2026-11-20") == [
        "P1 final internal planned 2026-12-31 B-P1",
        "P2 final internal planned 2026-12-31 B-P2",
    ]


@pytest.mark.parametrize("order", [("early", "late"), ("late", "early")])
def test_a_final_done_again_near_a_later_end_is_not_asked_a_third_time(world: World, order: tuple[str, str]) -> None:
    project = world.project(start="2022-01-01", end="2024-12-31", budget="600000")
    for name in order:
        world.done(name, {"early": "2024-08-01", "late": "2025-02-20"}[name], independence="internal")
    world.decide("P1", "planned_end", "2025-03-01", "2025-06-30")
    assert world.states("2025-10-15").get("final") is None
    assert [row.status for row in world.obligations(project)] == ["open"], "the last of the two was in time for it"


@pytest.mark.parametrize("fields", [("planned_end", "total_budget"), ("total_budget", "planned_end")])
def test_all_that_was_decided_on_a_day_is_named_as_what_changed_a_duty(world: World, fields: tuple[str, str]) -> None:
    project = world.project(start="2024-01-01", end="2025-12-31", budget="3000000")
    for field in fields:
        value = {"planned_end": "2026-12-31", "total_budget": "600000"}[field]
        world.decide("P1", field, "2025-03-01", value, f"New {field}")
    world.refresh()
    (gone,) = [row.status_reason for row in world.obligations(project) if row.status == "superseded"]
    told = "(planned end of 2025-03-01: New planned_end; total budget of 2025-03-01: New total_budget)"
    assert gone == f"due 2026-12-31 instead of 2025-12-31, internal instead of independent {told}"


def facts_of(chance: random.Random, code: str) -> list[tuple[str, Any]]:
    """The dated changes of one project, at random: extensions, closings, budgets, signatures, evaluations."""
    start = dt.date(2022, 1, 1) + chance.randrange(600) * DAY
    end = start + chance.randrange(500, 1600) * DAY
    budget = chance.choice([300_000, 800_000, 3_000_000, 9_000_000])
    found: list[tuple[str, Any]] = [("project", (code, str(start), str(end), str(budget)))]
    days = sorted({start + chance.randrange(30, 1500) * DAY for _ in range(chance.randrange(1, 4))})
    for on in (one for one in days if one <= dt.date(2026, 11, 19)):
        match chance.randrange(4):
            case 0 | 1:
                later = max(end, on) + chance.randrange(-200, 700) * DAY
                found.append(("decide", (code, "planned_end", str(on), str(max(later, start + DAY)))))
            case 2:
                found.append(("decide", (code, "total_budget", str(on), str(chance.choice([450_000, 2_000_000])))))
            case _:
                found.append(("decide", (code, "actual_end", str(on), str(max(on - 20 * DAY, start + DAY)))))
    if chance.random() < 0.5:
        begins = start + chance.randrange(200, 700) * DAY
        dates = {"planned_start": str(begins), "planned_end": str(begins + 60 * DAY), "started_on": str(begins)}
        done = begins + 70 * DAY
        kind = chance.choice(["mid-term", "final", "annual-review"])
        if done <= dt.date(2026, 11, 19):
            found.append(("evaluation", (f"E-{code}", code, kind, "independent", "final", str(done), dates)))
        else:
            found.append(("evaluation", (f"E-{code}", code, kind, "independent", "planned", None, dates)))
    return found


def apply(world: World, what: str, values: Any) -> None:
    match what:
        case "project":
            code, start, end, budget = values
            world.project(code, start, end, budget)
        case "decide":
            code, field, on, value = values
            world.decide(code, field, on, value)
        case _:
            reference, code, kind, independence, status, done, dates = values
            given = dates if done is None else {**dates, "completed_on": done}
            if status == "planned":
                given = {name: value for name, value in given.items() if name != "started_on"}
            world.evaluation(reference, code, kind, independence, status, **given)


def kept(world: World, projects: list[int]) -> list[tuple[Any, ...]]:
    """Everything that is kept, past obligations included, without keys."""
    return [
        (project, row.key, row.independence, row.status, row.opens_on, row.due_on, row.late_on, row.reason,
         row.created_on, row.ended_on, row.status_reason, row.caused_on, row.terms)
        for project in projects
        for row in sorted(world.obligations(project), key=lambda row: (row.key, str(row.created_on), str(row.ended_on)))
    ]  # fmt: skip


def forget(world: World) -> None:
    """Has the next question replay everything into an empty table."""
    with world.database.write("tests") as session:
        for row in (Assessed, Assessment):
            session.execute(delete(table(row)))
        session.execute(table(Obligation).update().values(successor_id=None))
        session.execute(delete(table(Obligation)))


@pytest.mark.drawn
@pytest.mark.parametrize("seed", seeds(3))
def test_any_order_of_loading_and_asking_gives_one_replay_from_the_beginning(world: World, seed: int) -> None:
    chance = random.Random(seed)
    codes = [f"P{number}" for number in range(8)]
    facts = [one for code in codes for one in facts_of(chance, code)]
    first = [one for one in facts if one[0] == "project"]
    others = [one for one in facts if one[0] != "project"]
    chance.shuffle(others)
    asks: list[Callable[[], Any]] = [world.refresh, lambda: world.due("2024-06-01"), lambda: world.due("2026-01-01")]
    for what, values in [*first, *others]:
        apply(world, what, values)
        if chance.random() < 0.4:
            chance.choice(asks)()
    days = ["2023-06-01", "2024-11-05", "2025-12-31", "2026-11-20"]
    answered = {text: lines(world, text) for text in days}
    with world.database.read() as session:
        projects = [row.id or 0 for row in rows_by(session, Project, "code", codes).values()]
    stands = kept(world, sorted(projects))
    forget(world)
    assert {text: lines(world, text) for text in days} == answered
    assert kept(world, sorted(projects)) == stands


def test_alerts_stay_with_their_obligation_when_older_facts_are_learnt(world: World) -> None:
    project = world.project(start="2024-01-01", end="2026-12-31", budget="600000")
    world.decide("P1", "planned_end", "2026-06-01", "2027-06-30")
    world.refresh()
    final = world.obligation(project).id
    world.decide("P1", "planned_end", "2026-02-01", "2027-03-31")
    world.refresh()
    assert world.obligation(project).id == final
    assert [str(row.due_on) for row in world.obligations(project) if row.status == "superseded"] == [
        "2026-12-31",
        "2027-03-31",
    ]


def test_a_signature_is_the_cause_of_what_its_clause_adds(world: World) -> None:
    project = world.project(start="2024-01-01", end="2026-12-31", budget="600000")
    world.signed(project, "2023-12-01", partner="NLD")
    world.signed(project, "2025-06-01", partner="SWE")
    world.policy(REVIEWS)
    assert [row for row in world.owed() if "review" in row] == ["annual-review 2 self 2025-12-31"]
    with world.database.write("tests") as session:
        agreement = row_by(session, Agreement, "reference", f"A-SWE-{project}")
        assert agreement is not None
        agreement.signed_on = day("2024-02-01")
    assert [row for row in world.owed() if "review" in row] == [
        "annual-review 1 self 2024-12-31",
        "annual-review 2 self 2025-12-31",
    ]


def test_the_calendar_of_a_past_day_shows_what_was_known_on_it(world: World) -> None:
    world.project(start="2024-01-01", end="2026-06-30", budget="600000")
    world.decide("P1", "planned_end", "2026-03-01", "2026-12-31")
    world.evaluation("E", status="final", planned_end="2026-09-30", started_on="2026-08-01", completed_on="2026-10-15")
    world.refresh()
    shown = {}
    for text in ("2026-02-01", "2026-09-01", "2026-11-20"):
        with world.database.read() as session:
            shown[text] = [f"{row.day} {row.what} {row.state}" for row in calendar(session, 2026, day(text))]
    assert shown == {
        "2026-02-01": ["2026-06-30 obligation planned", "2026-09-30 evaluation planned"],
        "2026-09-01": ["2026-09-30 evaluation field-work", "2026-12-31 obligation under-way"],
        "2026-11-20": ["2026-10-15 evaluation final", "2026-12-31 obligation done"],
    }


@pytest.mark.parametrize("asked", [False, True])
def test_a_rate_learnt_later_counts_for_each_currency_in_which_a_budget_ever_was(world: World, asked: bool) -> None:
    world.project("P1", "2024-01-01", "2026-12-31", "900000", currency="EUR")
    world.decide("P1", "total_budget", "2025-03-01", "8000000 USD")
    world.project("P2", "2024-01-01", "2026-12-31", "800000")
    world.decide("P2", "total_budget", "2025-03-01", "900000 EUR")
    world.decide("P2", "total_budget", "2025-09-01", "700000 USD")
    if asked:
        world.due()
    with world.database.write("tests") as session:
        session.add(ExchangeRate(currency="EUR", effective_on=day("2023-01-01"), rate=Decimal("0.8"), recorded_by="t"))
    world.refresh()
    first, second = (world.obligations(world.project_id(code)) for code in ("P1", "P2"))
    assert [row.key for row in [*first, *second] if row.key.startswith("?")] == [], "each rate is known"
    assert sorted(f"{row.kind} {row.independence} {row.status} {row.created_on}" for row in second) == [
        "final independent superseded 2025-03-01",
        "final internal open 2025-09-01",
        "final internal superseded None",
        "mid-term internal open 2025-03-01",
    ]
