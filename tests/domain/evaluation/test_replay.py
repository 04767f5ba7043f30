"""What a project owes follows from its dated facts alone."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.evaluation.facts import EvaluationFacts
from app.domain.evaluation.history import Decided, DecisionFacts, ProjectHistory, Spent, Timeline
from app.domain.evaluation.records import Reschedule, TakenBack, Waiver
from app.domain.evaluation.replay import Owed, Replayed, replay
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.states import outlook
from app.domain.evaluation.terms import Basis, EvaluationStatus, Independence, Kind, Stage, State
from app.domain.money import NO_RATES, Money
from tests.domain.evaluation.cases import BOOK, DEFAULT, day, evaluation, policy, project, rule, signed

S = EvaluationStatus
UNDATED = date(1900, 1, 1)


def history(
    start: str, end: str | None, budget: int | None, *changes: tuple[str, str, str | None], **facts: Any
) -> ProjectHistory:
    """A project whose record carries no dates, with dated changes: (field, day, value)."""
    record = {"planned_start": start, "planned_end": end, "stage": "implementation"}
    record["total_budget"] = None if budget is None else f"{budget} USD"
    revisions = [
        Decided(field=name, sequence=1, known_on=UNDATED, value=value) for name, value in record.items() if value
    ]
    for place, (name, on, value) in enumerate(changes, 2):
        revisions.append(Decided(field=name, sequence=place, known_on=day(on), value=value, reason="decided"))
    return ProjectHistory(stated=project(start, end), revisions=tuple(revisions), **facts)


def owed(found: Replayed, kind: Kind) -> list[str]:
    """The obligations of a kind in order, as "due status"."""
    return [
        f"{one.standing.obligation.due} {'open' if one.standing.is_current else 'ended ' + str(one.until)}"
        for one in found.owed
        if one.standing.obligation.kind is kind
    ]


def states(found: Replayed, as_of: str) -> dict[str, State]:
    return {
        one.standing.obligation.noun: outlook(one.standing, found.evaluations, day(as_of)).state
        for one in found.owed
        if one.standing.is_current
    }


def test_each_decision_counts_on_its_own_day() -> None:
    facts = history("2024-03-01", "2027-02-28", 3_000_000, ("planned_end", "2025-01-15", "2028-02-29"),
                    ("planned_end", "2026-02-01", "2028-08-31"))  # fmt: skip
    assert owed(replay(facts, BOOK, NO_RATES, day("2025-01-14")), Kind.MID_TERM) == ["2025-08-30 open"]
    found = replay(facts, BOOK, NO_RATES, day("2026-11-20"))
    assert owed(found, Kind.MID_TERM) == [
        "2025-08-30 ended 2025-01-15",
        "2026-03-01 ended 2026-02-01",
        "2026-06-01 open",
    ]
    assert owed(found, Kind.FINAL)[-1] == "2028-08-31 open"
    assert found.owed[0].successor == 3
    assert "planned end of 2025-01-15: decided" in found.owed[0].because


def test_an_interim_satisfies_the_mid_term_only_of_the_project_that_moved() -> None:
    mid_term = evaluation(Kind.MID_TERM, S.FINAL, started_on=day("2025-06-01"), completed_on=day("2025-09-01"))
    moved = history("2024-03-01", "2027-02-28", 3_000_000, ("planned_end", "2025-07-01", "2027-12-31"),
                    evaluations=(mid_term,))  # fmt: skip
    found = replay(moved, BOOK, NO_RATES, day("2026-11-20"))
    assert [one.interim_since for one in found.evaluations] == [day("2025-07-01")]
    assert states(found, "2026-11-20")["mid-term"] is State.DONE, "the new midpoint, 2026-01-29, is near enough"
    still = replay(history("2024-03-01", "2027-02-28", 3_000_000, evaluations=(mid_term,)), BOOK, NO_RATES, date.max)
    assert [one.interim_since for one in still.evaluations] == [None]


def decision(number: int, kind: Kind, on: str, moved_to: str | None = None) -> DecisionFacts:
    approved: dict[str, Any] = {"reason": "r", "approved_by": "a", "approved_on": day(on)}
    made = Waiver(**approved) if moved_to is None else Reschedule(due=day(moved_to), **approved)
    return DecisionFacts(id=number, kind=kind, ordinal=0, decision=made)


def test_a_moved_date_is_the_later_of_the_two_after_an_extension_and_falls_with_an_early_close() -> None:
    moved = decision(1, Kind.FINAL, "2026-09-01", "2027-06-30")
    extended = history("2024-03-01", "2027-02-28", 400_000, ("planned_end", "2026-10-01", "2027-04-30"),
                       decisions=(moved,))  # fmt: skip
    (_, last) = replay(extended, BOOK, NO_RATES, day("2026-11-20")).owed
    assert last.reschedule == moved
    assert outlook(last.standing, (), day("2026-11-20")).obligation.due == day("2027-06-30")
    assert outlook(last.standing, (), day("2026-11-20")).obligation.opens == day("2026-10-30")
    closed = history("2024-03-01", "2027-02-28", 400_000, ("actual_end", "2026-10-01", "2026-10-01"),
                     decisions=(moved,))  # fmt: skip
    (_, last) = replay(closed, BOOK, NO_RATES, day("2026-11-20")).owed
    assert last.reschedule is None


def test_a_decision_dated_before_anything_stood_concerns_what_comes_first() -> None:
    waived = decision(1, Kind.MID_TERM, "2024-06-01")
    facts = history("2024-03-01", "2027-02-28", 900_000, ("total_budget", "2024-09-01", "3000000 USD"),
                    decisions=(waived,))  # fmt: skip
    found = replay(facts, BOOK, NO_RATES, day("2026-11-20"))
    assert states(found, "2026-11-20")["mid-term"] is State.WAIVED


def test_what_a_waiver_held_still_moves_when_it_is_taken_back() -> None:
    waived = decision(1, Kind.FINAL, "2026-03-01")
    back = replace(waived, decision=TakenBack(reason="r", approved_by="a", approved_on=day("2026-09-01")))
    facts = history("2024-03-01", "2027-02-28", 400_000, ("planned_end", "2026-05-01", "2027-12-31"),
                    decisions=(waived, back))  # fmt: skip
    assert owed(replay(facts, BOOK, NO_RATES, day("2026-08-31")), Kind.FINAL) == ["2027-02-28 open"]
    found = replay(facts, BOOK, NO_RATES, day("2026-09-01"))
    assert owed(found, Kind.FINAL) == ["2027-02-28 ended 2026-09-01", "2027-12-31 open"]
    assert found.owed[0].because == "due 2027-12-31 instead of 2027-02-28 (its waiver was taken back on 2026-09-01)"
    assert states(found, "2026-09-01") == {"final": State.UPCOMING}


def test_what_was_recorded_with_a_day_begins_on_it_and_what_carries_none_with_the_first_signature() -> None:
    stated = project("2005-12-10", "2007-12-09", 100)
    record = [("planned_start", "2005-12-10"), ("planned_end", "2007-12-09"), ("stage", "implementation")]
    undated = ProjectHistory(
        stated=stated,
        revisions=tuple(Decided(field=name, sequence=1, known_on=UNDATED, value=value) for name, value in record),
        funding=(signed("NL", "2005-11-20"),),
    )
    steps, _ = Timeline(undated, BOOK, NO_RATES).walk(day("2010-01-01"))
    assert [step.since for step in steps] == [None]
    assert replay(undated, BOOK, NO_RATES, day("2010-01-01")).assessment.policy == "ilo-2002"
    dated = replace(
        undated,
        revisions=tuple(
            Decided(field=name, sequence=1, known_on=day("2005-11-01"), value=value) for name, value in record
        ),
    )
    steps, _ = Timeline(dated, BOOK, NO_RATES).walk(day("2010-01-01"))
    assert [step.since for step in steps] == [None, day("2005-11-20")]


def test_an_end_that_lay_ahead_was_a_planned_one() -> None:
    stated = replace(project("2019-01-01", "2022-12-31", 700_000), stage=Stage.CLOSED, actual_end=day("2023-03-31"))
    facts = ProjectHistory(stated=stated)
    (ahead,), reached = Timeline(facts, BOOK, NO_RATES).walk(day("2022-02-01"))
    assert (ahead.facts.stage, ahead.facts.end, ahead.facts.actual_end) == (
        Stage.IMPLEMENTATION, day("2022-12-31"), None)  # fmt: skip
    assert reached == day("2023-03-31")
    (passed,), _ = Timeline(facts, BOOK, NO_RATES).walk(day("2023-02-01"))
    assert (passed.facts.end, passed.facts.actual_end) == (day("2023-03-31"), None)
    assert owed(replay(facts, BOOK, NO_RATES, day("2022-02-01")), Kind.FINAL) == ["2022-12-31 open"]
    assert owed(replay(facts, BOOK, NO_RATES, day("2023-03-31")), Kind.FINAL) == ["2023-03-31 open"]


def test_the_next_day_on_which_a_recorded_fact_counts_is_told() -> None:
    facts = history("2024-03-01", "2027-02-28", 100, ("planned_end", "2026-12-01", "2027-12-31"))
    assert replay(facts, BOOK, NO_RATES, day("2026-11-20")).next_on == day("2026-12-01")
    assert replay(facts, BOOK, NO_RATES, day("2026-12-01")).next_on is None


@pytest.mark.parametrize(("as_of", "kinds"), [("2025-05-31", []), ("2025-06-01", ["mid-term 2025-08-30"])])
def test_spending_counts_from_the_day_on_which_it_passes_a_limit(as_of: str, kinds: list[str]) -> None:
    over = rule("spent", Kind.MID_TERM, Independence.INTERNAL, over=1000)
    assert over.condition.budget is not None
    by_spending = replace(
        over, condition=replace(over.condition, budget=replace(over.condition.budget, basis=Basis.ACTUAL))
    )
    book = Rulebook.of([policy("p", by_spending)])
    days = ["2024-06-01", "2024-12-01", "2025-06-01", "2025-07-01"]
    spending = tuple(Spent(day=day(text), money=Money(Decimal(400), "USD")) for text in days)
    facts = history("2024-03-01", "2027-02-28", 900_000, spending=spending)
    found = replay(facts, book, NO_RATES, day(as_of))
    assert [f"{one.standing.obligation.kind} {one.standing.obligation.due}" for one in found.owed] == kinds
    steps, _ = Timeline(facts, book, NO_RATES).walk(day("2026-01-01"))
    assert [step.since for step in steps] == [None, day("2024-06-01"), day("2025-06-01")]


CLAUSE = policy(
    "clause", rule("final", Kind.FINAL, Independence.EXTERNAL), rule("review", Kind.ANNUAL_REVIEW), owner="NL"
)
BOOKS = {"usual": BOOK, "with a clause": Rulebook.of([*BOOK.own, CLAUSE]), "one": Rulebook.of([replace(DEFAULT)])}
DAYS = st.dates(date(2022, 1, 1), date(2030, 12, 31))
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("planned_end"), DAYS, DAYS.map(str)),
        st.tuples(st.just("actual_end"), DAYS, st.one_of(st.none(), DAYS.map(str))),
        st.tuples(st.just("planned_start"), DAYS, st.dates(date(2022, 1, 1), date(2023, 6, 1)).map(str)),
        st.tuples(st.just("total_budget"), DAYS, st.sampled_from(["100 USD", "900000 USD", "7000000 USD"])),
        st.tuples(st.just("stage"), DAYS, st.sampled_from(["implementation", "closed", "cancelled", "pipeline"])),
    ),
    max_size=6,
)
EVALUATIONS = st.lists(
    st.builds(
        lambda kind, independence, begun, length, status: evaluation(
            kind, status, independence, started_on=begun, planned_start=begun, planned_end=begun + timedelta(days=90),
            completed_on=begun + timedelta(days=length) if status is S.FINAL else None,
            cancelled_on=begun + timedelta(days=length) if status is S.CANCELLED else None,
        ),
        st.sampled_from([Kind.MID_TERM, Kind.FINAL, Kind.ANNUAL_REVIEW]),
        st.sampled_from(list(Independence)),
        DAYS,
        st.integers(0, 300),
        st.sampled_from([S.FIELD_WORK, S.FINAL, S.CANCELLED]),
    ),
    max_size=3,
)  # fmt: skip
DECISIONS = st.lists(
    st.tuples(st.sampled_from([Kind.MID_TERM, Kind.FINAL]), DAYS, st.one_of(st.none(), DAYS)), max_size=2
)


def of_drawn(
    changes: list[Any], evaluations: list[EvaluationFacts], decisions: list[Any], signs: Any
) -> ProjectHistory:
    dated: list[tuple[str, str, str | None]] = [(name, str(on), value) for name, on, value in changes]
    return history(
        "2023-01-01", "2026-06-30", 3_000_000, *dated,
        evaluations=tuple(replace(one, id=number) for number, one in enumerate(evaluations, 1)),
        decisions=tuple(
            decision(number, kind, str(on), None if moved is None else str(moved))
            for number, (kind, on, moved) in enumerate(decisions, 1)
        ),
        funding=() if signs is None else (signed("NL", str(signs)),),
    )  # fmt: skip


def until(facts: ProjectHistory, last: date) -> ProjectHistory:
    """The facts dated by a day, as somebody who asked on it would have had them."""
    return replace(
        facts,
        revisions=tuple(one for one in facts.revisions if one.known_on <= last),
        decisions=tuple(one for one in facts.decisions if one.decision.approved_on <= last),
    )


@settings(max_examples=120, deadline=None)
@given(
    changes=CHANGES,
    evaluations=EVALUATIONS,
    decisions=DECISIONS,
    signs=st.one_of(st.none(), DAYS),
    book=st.sampled_from(list(BOOKS)),
    as_of=DAYS,
    seed=st.integers(0, 1000),
)
def test_neither_order_nor_what_is_learnt_later_changes_what_was_owed_on_a_day(
    changes: list[Any], evaluations: list[EvaluationFacts], decisions: list[Any], signs: Any, book: str, as_of: date,
    seed: int,
) -> None:  # fmt: skip
    facts = of_drawn(changes, evaluations, decisions, signs)
    found = replay(facts, BOOKS[book], NO_RATES, as_of)
    chance = random.Random(seed)
    shuffled = replace(
        facts,
        **{
            name: tuple(chance.sample(getattr(facts, name), len(getattr(facts, name))))
            for name in ("revisions", "funding", "decisions")
        },
    )
    assert replay(shuffled, BOOKS[book], NO_RATES, as_of) == found
    earlier = replay(until(facts, as_of), BOOKS[book], NO_RATES, as_of)
    assert (earlier.owed, earlier.untold, earlier.facts) == (found.owed, found.untold, found.facts)
    assert_sound(found.owed, as_of)


def assert_sound(owed: tuple[Owed, ...], as_of: date) -> None:
    """Nothing is lost from sight, of each key one stands at most, and every window is in order."""
    current = [one.standing.obligation.key for one in owed if one.standing.is_current]
    assert len(current) == len(set(current))
    for number, one in enumerate(owed, 1):
        obligation = one.standing.obligation
        assert one.standing.id == number
        assert obligation.opens <= obligation.due <= obligation.late
        assert (one.until is None) is one.standing.is_current
        if one.standing.superseded_by is not None:
            assert owed[one.standing.superseded_by - 1].standing.obligation.key == obligation.key
        if not one.standing.is_current:
            assert one.because
        if one.until is not None:
            assert one.until <= as_of
        if obligation.kind is Kind.ANNUAL_REVIEW and one.since is not None:
            assert obligation.due >= one.since
