from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.evaluation.alerts import (
    AlertFacts,
    Attention,
    RungKey,
    attention,
    may_alert,
    rungs_due,
    rungs_towards,
)
from app.domain.evaluation.policy import LADDERS, Rung
from app.domain.evaluation.terms import Kind, Stage, State
from tests.domain.evaluation.cases import day, obligation

FINAL = obligation(due="2027-02-28")
LADDER = LADDERS[Kind.FINAL]
REACHED = {
    "plan-and-budget": "2026-02-28",
    "terms-of-reference": "2026-06-28",
    "team": "2026-08-28",
    "field-work": "2026-10-28",
    "draft": "2026-11-28",
    "report": "2027-02-28",
}


@pytest.mark.parametrize(("name", "reached"), REACHED.items())
def test_each_rung_fires_on_its_day_and_not_before(name: str, reached: str) -> None:
    before = {key.rung for key in (one.key for one in rungs_due(FINAL, LADDER, day(reached) - timedelta(days=1), ()))}
    on_the_day = rungs_due(FINAL, LADDER, day(reached), ())
    assert name not in before
    assert on_the_day[-1].rung.name == name
    assert on_the_day[-1].rung_date == day(reached)


def test_a_rung_fires_once_per_due_date() -> None:
    first = rungs_due(FINAL, LADDER, day("2026-03-15"), ())
    recorded = {one.key for one in first}
    assert recorded == {RungKey("plan-and-budget", day("2027-02-28"))}
    assert rungs_due(FINAL, LADDER, day("2026-03-15"), recorded) == ()
    moved = replace(FINAL, due=day("2027-03-10"))
    assert [one.key for one in rungs_due(moved, LADDER, day("2026-03-15"), recorded)] == [
        RungKey("plan-and-budget", day("2027-03-10"))
    ]


def test_when_several_have_passed_all_are_recorded_and_the_newest_is_told() -> None:
    found = rungs_due(FINAL, LADDER, day("2026-09-01"), ())
    assert [(one.rung.name, one.told) for one in found] == [
        ("plan-and-budget", False),
        ("terms-of-reference", False),
        ("team", True),
    ]


def test_an_older_rung_found_late_is_recorded_but_not_told_after_a_newer_one() -> None:
    recorded = {RungKey("team", FINAL.due)}
    found = rungs_due(FINAL, LADDER, day("2026-09-01"), recorded)
    assert [(one.rung.name, one.told) for one in found] == [("plan-and-budget", False), ("terms-of-reference", False)]


def test_what_was_reached_before_the_activation_is_recorded_but_not_told() -> None:
    first_run = rungs_due(FINAL, LADDER, day("2026-10-28"), (), activation_date=day("2026-10-29"))
    assert [(one.rung.name, one.told) for one in first_run] == [
        ("plan-and-budget", False),
        ("terms-of-reference", False),
        ("team", False),
        ("field-work", False),
    ]
    later = rungs_due(FINAL, LADDER, day("2026-11-28"), {one.key for one in first_run}, day("2026-10-29"))
    assert [(one.rung.name, one.told) for one in later] == [("draft", True)]


def test_a_rung_reached_on_the_day_of_activation_is_told() -> None:
    found = rungs_due(FINAL, LADDER, day("2026-10-28"), (), activation_date=day("2026-10-28"))
    assert [(one.rung.name, one.told) for one in found][-1] == ("field-work", True)


def test_a_rung_may_stand_after_the_due_date_and_other_deadlines_use_the_same_ladder() -> None:
    late = (Rung(name="reminder", months_before=-1), Rung(name="due", months_before=0))
    found = rungs_towards(day("2026-01-31"), late, day("2026-02-28"), ())
    assert [(one.rung.name, one.rung_date) for one in found] == [
        ("due", day("2026-01-31")),
        ("reminder", day("2026-02-28")),
    ]


def run(days: list[date]) -> dict[RungKey, int]:
    """How often each rung was recorded by runs on these days."""
    count: dict[RungKey, int] = {}
    for today in days:
        for one in rungs_due(FINAL, LADDER, today, count.keys(), activation_date=day("2026-01-01")):
            count[one.key] = count.get(one.key, 0) + 1
    return count


@settings(deadline=None)
@given(skipped=st.sets(st.integers(0, 499)), doubled=st.sets(st.integers(0, 499)))
def test_any_runs_record_the_same_rungs_once_as_daily_runs(skipped: set[int], doubled: set[int]) -> None:
    first = day("2026-01-01")
    every_day = [first + timedelta(days=number) for number in range(500)]
    some_days = [today for number, today in enumerate(every_day) if number not in skipped]
    some_days += [today for number, today in enumerate(every_day) if number in doubled]
    last_run = first + timedelta(days=500)
    daily, irregular = run([*every_day, last_run]), run([*sorted(some_days), last_run])
    assert daily == irregular
    assert sorted(key.rung for key in daily) == sorted(REACHED)
    assert set(daily.values()) == {1}


@settings(deadline=None)
@given(runs=st.lists(st.integers(0, 499), unique=True, min_size=1))
def test_each_run_tells_at_most_one_message_and_always_the_newest_rung(runs: list[int]) -> None:
    recorded: set[RungKey] = set()
    for number in sorted(runs):
        today = day("2026-01-01") + timedelta(days=number)
        found = rungs_due(FINAL, LADDER, today, recorded)
        told = [one for one in found if one.told]
        assert len(told) == (1 if found else 0)
        assert told == list(found[-1:])
        recorded |= {one.key for one in found}


@pytest.mark.parametrize("state", list(State))
def test_pipeline_projects_and_settled_obligations_raise_no_alerts(state: State) -> None:
    assert not may_alert(Stage.PIPELINE, state)
    assert may_alert(Stage.IMPLEMENTATION, state) is state.is_open


ALERT = AlertFacts(due=day("2027-02-28"), recorded_on=day("2026-03-01"))


def seen(alert: AlertFacts, as_of: str, state: State = State.UPCOMING, due: str = "2027-02-28") -> Attention:
    return attention(alert, state, day(due), day(as_of))


def test_an_alert_shows_and_after_two_quiet_weeks_the_unit_head_is_told_once() -> None:
    assert seen(ALERT, "2026-03-01") is Attention.SHOW
    assert seen(ALERT, "2026-03-14") is Attention.SHOW
    assert seen(ALERT, "2026-03-15") is Attention.ESCALATE
    assert seen(ALERT, "2026-08-01") is Attention.ESCALATE
    assert seen(replace(ALERT, escalated_on=day("2026-03-15")), "2026-03-16") is Attention.SHOW


def test_patience_is_the_callers() -> None:
    assert attention(ALERT, State.UPCOMING, ALERT.due, day("2026-03-08"), patience_days=7) is Attention.ESCALATE


def test_work_that_has_begun_is_not_escalated_but_a_mere_plan_is() -> None:
    assert seen(ALERT, "2026-06-01", State.UNDER_WAY) is Attention.SHOW
    assert seen(ALERT, "2026-06-01", State.PLANNED) is Attention.ESCALATE


def test_an_acknowledged_alert_is_quiet_from_that_day() -> None:
    alert = replace(ALERT, acknowledged_on=day("2026-03-10"))
    assert seen(alert, "2026-03-09") is Attention.SHOW
    assert seen(alert, "2026-03-10") is Attention.QUIET
    assert seen(alert, "2026-06-01") is Attention.QUIET


def test_a_snooze_silences_and_the_patience_begins_anew_after_it() -> None:
    alert = replace(ALERT, snoozed_until=day("2026-04-01"))
    days = ("2026-04-01", "2026-04-02", "2026-04-14", "2026-04-15")
    expected = [Attention.WAIT, Attention.SHOW, Attention.SHOW, Attention.ESCALATE]
    assert [seen(alert, text) for text in days] == expected


def test_an_alert_that_was_only_recorded_stays_quiet() -> None:
    assert seen(replace(ALERT, told=False), "2026-06-01") is Attention.QUIET


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (State.DONE, "2027-02-28"),
        (State.WAIVED, "2027-02-28"),
        (State.SUPERSEDED, "2027-02-28"),
        (State.LAPSED, "2027-02-28"),
        (State.UPCOMING, "2027-06-30"),
    ],
)
def test_an_alert_is_withdrawn_when_its_obligation_is_settled_or_rescheduled(state: State, due: str) -> None:
    assert seen(ALERT, "2026-06-01", state, due) is Attention.WITHDRAWN
