"""Whatever changes in whatever order: the same again changes nothing, and no obligation is lost sight of."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.evaluation.records import (
    Lapsed,
    Reschedule,
    Restated,
    Standing,
    Superseded,
    Waiver,
)
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.states import with_reschedule
from app.domain.evaluation.terms import Independence, Kind, Stage
from app.domain.periods import add_months
from tests.domain.evaluation.cases import (
    BOOK,
    DEFAULT,
    day,
    evaluation,
    figure,
    project,
    signed,
)
from tests.domain.evaluation.changing import CLAUSE, Portfolio, S

revisions = st.fixed_dictionaries(
    {},
    optional={
        "planned_end": st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2031, 12, 31))),
        "actual_start": st.one_of(st.none(), st.dates(date(2023, 6, 1), date(2025, 1, 1))),
        "actual_end": st.one_of(st.none(), st.dates(date(2024, 3, 1), date(2030, 1, 1))),
        "revised_budget": st.one_of(st.none(), st.integers(0, 7_000_000).map(lambda b: figure(b, "2024-03-01"))),
        "stage": st.sampled_from(list(Stage)),
        "mid_term_agreed": st.one_of(st.none(), st.booleans()),
    },
)
begun = st.builds(
    lambda kind, status, independence, completed: evaluation(
        kind, status, independence, completed_on=completed if status is S.FINAL else None, planned_end=completed
    ),
    st.sampled_from([Kind.MID_TERM, Kind.FINAL, Kind.ANNUAL_REVIEW]),
    st.sampled_from([S.PLANNED, S.TEAM, S.FINAL, S.CANCELLED]),
    st.sampled_from(list(Independence)),
    st.dates(date(2024, 3, 1), date(2030, 1, 1)),
)

BOOKS = {
    "usual": BOOK,
    "with a clause": Rulebook.of([*BOOK.own, CLAUSE]),
    "one policy for all days": Rulebook.of([replace(DEFAULT, in_force_from=None)]),
}
books = st.sampled_from(list(BOOKS))
steps = st.tuples(
    st.integers(1, 500),  # days since the step before
    st.integers(0, 60),  # days between the decision and its record
    revisions,
    st.one_of(st.none(), st.lists(begun, max_size=2)),
    books,
    st.one_of(st.none(), st.tuples(st.sampled_from(["waiver", "reschedule"]), st.integers(-200, 400))),
)


def decide(portfolio: Portfolio, kind: str, days: int, today: date) -> None:
    """Waives or reschedules the current obligation with the lowest number."""
    row = next((row for row in portfolio.rows.values() if row.is_current), None)
    if row is None:
        return
    approved: dict[str, Any] = {"reason": "r", "approved_by": "a", "approved_on": today}
    if kind == "waiver":
        row = replace(row, waiver=Waiver(**approved))
    else:
        row = replace(row, reschedule=Reschedule(due=row.obligation.due + timedelta(days=days), **approved))
    portfolio.rows[row.id] = row


@settings(max_examples=300, deadline=None)
# a clause asks for more of a mid-term whose day has passed, and the day is the one that it would have anyhow
@example(
    start="2003-01-31",
    months=18,
    budget=0,
    stage=Stage.PIPELINE,
    history=[(106, 0, {}, None, "usual", None), (168, 1, {}, None, "with a clause", None)],
)
# the same of one that was put off by a day: the day that was agreed stays
@example(
    start="2003-01-31",
    months=18,
    budget=0,
    stage=Stage.PIPELINE,
    history=[(274, 0, {}, None, "usual", ("reschedule", 1)), (1, 0, {}, None, "with a clause", None)],
)
# and of one that was brought forward to a day that has passed
@example(
    start="2003-01-31",
    months=18,
    budget=0,
    stage=Stage.PIPELINE,
    history=[(121, 0, {"planned_end": date(2024, 1, 1)}, None, "with a clause", ("reschedule", -153))],
)
@given(
    start=st.sampled_from(["2003-01-31", "2024-03-01"]),
    months=st.integers(6, 80),
    budget=st.integers(0, 7_000_000),
    stage=st.sampled_from(list(Stage)),
    history=st.lists(steps, max_size=5),
)
def test_recomputation_is_idempotent_and_never_loses_sight_of_an_obligation(
    start: str, months: int, budget: int, stage: Stage, history: list[Any]
) -> None:
    first = day(start)
    portfolio = Portfolio(
        project(start, add_months(first, months).isoformat(), budget, stage=stage, funding=(signed("NL", start),))
    )
    portfolio.recompute(first)
    today = first
    for days, delay, facts, evaluations, book, decision in history:
        today += timedelta(days=days)
        if decision:
            decide(portfolio, *decision, today)
        if evaluations is not None:
            portfolio.evaluations = [replace(one, id=number) for number, one in enumerate(evaluations, 1)]
        before = dict(portfolio.rows)
        portfolio.book, portfolio.facts = BOOKS[book], replace(portfolio.facts, **facts)
        decided = today - timedelta(days=delay)
        changes = portfolio.recompute(today, decided)
        assert before.keys() <= portfolio.rows.keys()
        for number, row in before.items():
            if not row.is_current:
                assert portfolio.rows[number] == row
            elif row.obligation.kind is not Kind.FINAL and due_on(row, today) < today:
                successor = portfolio.rows[number].superseded_by
                assert successor is None or due_on(portfolio.rows[successor], today) == due_on(row, today)
        for number, row in portfolio.rows.items():
            if number not in before:
                assert_new(row, before, decided, today)
        touched = [change.id for change in changes.changes if isinstance(change, Superseded | Lapsed | Restated)]
        assert len(touched) == len(set(touched))
        assert portfolio.recompute(today, decided).changes == ()
        # without a cause and without anything kept it is a first computation
        assert not portfolio.rows or portfolio.recompute(today).changes == ()
        keys = [row.obligation.key for row in portfolio.rows.values() if row.is_current]
        assert len(keys) == len(set(keys))


def assert_new(row: Standing, before: dict[int, Standing], decided: date, today: date) -> None:
    """Unless it follows the end, it falls due no earlier than its cause or its predecessor; its window is in order."""
    new = row.obligation
    assert new.opens <= new.due <= new.late
    if new.kind is Kind.FINAL:
        return
    predecessors = [one for one in before.values() if one.is_current and one.obligation.key == new.key]
    assert due_on(row, today) >= min([decided, *(due_on(one, today) for one in predecessors)], default=decided)


def due_on(row: Standing, today: date) -> date:
    """The day on which it is due, the one that was agreed where it was moved."""
    return with_reschedule(row, today).due
