from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.revisions import LifeCycle, Revision, replay
from app.domain.terms import Stage


def decided(known_on: str, value: str | None, sequence: int, recorded: str | None = None) -> Revision:
    moment = datetime.fromisoformat(recorded).replace(tzinfo=UTC) if recorded else None
    return Revision(
        field="planned_end",
        sequence=sequence,
        known_on=date.fromisoformat(known_on),
        value=value,
        recorded_at=moment,
    )


HISTORY = (
    decided("2024-01-01", "2025-12-31", 1, "2024-01-02"),
    decided("2024-06-01", "2026-12-31", 2, "2024-06-02"),
    # a decision of March that nobody recorded before July
    decided("2024-03-01", "2026-06-30", 3, "2024-07-01"),
    decided("2024-09-01", None, 4, "2024-09-02"),
)


@pytest.mark.parametrize(
    ("as_of", "value"),
    [("2024-02-29", "2025-12-31"), ("2024-03-01", "2026-06-30"), ("2024-06-01", "2026-12-31"), ("2024-09-01", None)],
)
def test_the_newest_decision_known_on_a_day_counts(as_of: str, value: str | None) -> None:
    assert replay(HISTORY, as_of=date.fromisoformat(as_of)) == {"planned_end": value}


def test_before_the_first_decision_the_field_is_absent() -> None:
    assert replay(HISTORY, as_of=date(2023, 12, 31)) == {}


def test_as_recorded_leaves_out_what_was_written_down_later() -> None:
    recorded = datetime(2024, 6, 30, tzinfo=UTC)
    assert replay(HISTORY, as_of=date(2024, 5, 1), recorded_at=recorded) == {"planned_end": "2025-12-31"}


def test_of_two_decisions_on_one_day_the_one_recorded_last_counts() -> None:
    rows = [decided("2024-01-01", "b", 2), decided("2024-01-01", "a", 1)]
    assert replay(rows) == {"planned_end": "b"}


revisions = st.builds(
    Revision,
    field=st.sampled_from(["planned_end", "total_budget"]),
    sequence=st.integers(1, 1000),
    known_on=st.dates(),
    value=st.one_of(st.none(), st.text(max_size=3)),
)


@settings(deadline=None)
@given(st.lists(revisions, unique_by=lambda one: (one.field, one.sequence)), st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows: list[Revision], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert replay(shuffled) == replay(rows)


CLOSED = LifeCycle(
    stage=Stage.CLOSED,
    planned_start=date(2019, 1, 1),
    planned_end=date(2022, 12, 31),
    actual_start=date(2019, 2, 1),
    actual_end=date(2023, 3, 31),
)


def test_what_has_happened_by_the_day_stands_as_it_is() -> None:
    assert CLOSED.as_of(date(2023, 3, 31)) is CLOSED
    assert LifeCycle(stage=Stage.CLOSED).as_of(date(2020, 1, 1)) == LifeCycle(stage=Stage.CLOSED)


def test_an_end_that_lies_ahead_is_a_plan_and_the_project_goes_on() -> None:
    assert CLOSED.as_of(date(2022, 2, 1)) == replace(CLOSED, stage=Stage.IMPLEMENTATION, actual_end=None)


def test_a_plan_that_had_passed_is_replaced_by_the_end_that_came() -> None:
    later = replace(CLOSED, stage=Stage.IMPLEMENTATION, planned_end=date(2023, 3, 31), actual_end=None)
    assert CLOSED.as_of(date(2023, 1, 1)) == later
    assert replace(CLOSED, planned_end=None).as_of(date(2020, 1, 1)).planned_end == date(2023, 3, 31)


def test_a_project_whose_start_lies_ahead_is_in_the_pipeline() -> None:
    before = CLOSED.as_of(date(2019, 1, 31))
    assert (before.stage, before.planned_start, before.actual_start) == (Stage.PIPELINE, date(2019, 2, 1), None)


@pytest.mark.parametrize("stage", [Stage.CANCELLED, Stage.SUSPENDED, None])
def test_other_stages_stay_whatever_lies_ahead(stage: Stage | None) -> None:
    assert replace(CLOSED, stage=stage).as_of(date(2019, 1, 1)).stage is stage
