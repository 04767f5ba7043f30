from dataclasses import replace

import pytest

from app.domain.evaluation.facts import EvaluationFacts
from app.domain.evaluation.records import Reschedule, Standing, Waiver
from app.domain.evaluation.states import best_evaluation, is_listed, satisfies, serving_kinds, state_of, with_reschedule
from app.domain.evaluation.terms import EvaluationStatus, Independence, Kind, State
from tests.domain.evaluation.cases import day, evaluation, obligation

# opens 2025-03-30, due 2025-06-30, late 2025-09-30
STANDING = Standing(id=1, obligation=obligation())
S = EvaluationStatus


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2025-03-29", State.UPCOMING),
        ("2025-03-30", State.WINDOW_OPEN),
        ("2025-06-30", State.WINDOW_OPEN),
        ("2025-07-01", State.WINDOW_OPEN),
        ("2025-09-30", State.WINDOW_OPEN),
        ("2025-10-01", State.OVERDUE),
    ],
)
def test_without_evaluation_the_dates_decide(as_of: str, expected: State) -> None:
    assert state_of(STANDING, [], day(as_of)) is expected


@pytest.mark.parametrize(
    ("status", "in_time", "too_late"),
    [
        (S.PLANNED, State.PLANNED, State.OVERDUE),
        (S.TERMS_OF_REFERENCE, State.UNDER_WAY, State.OVERDUE),
        (S.TEAM, State.UNDER_WAY, State.OVERDUE),
        (S.FIELD_WORK, State.UNDER_WAY, State.OVERDUE),
        (S.DRAFT, State.UNDER_WAY, State.OVERDUE),
        (S.FINAL, State.DONE, State.DONE),
        (S.DISCLOSED, State.DONE, State.DONE),
        (S.CANCELLED, State.UPCOMING, State.OVERDUE),
    ],
)
def test_a_fitting_evaluation_decides_until_the_late_date(
    status: EvaluationStatus, in_time: State, too_late: State
) -> None:
    fitting = evaluation(status=status)
    assert state_of(STANDING, [fitting], day("2025-01-01")) is in_time
    assert state_of(STANDING, [fitting], day("2025-10-01")) is too_late


def test_a_cancelled_evaluation_is_neither_done_nor_under_way() -> None:
    cancelled = evaluation(status=S.CANCELLED, completed_on=day("2025-01-01"))
    assert not cancelled.is_done(day("2026-01-01"))
    assert not cancelled.is_under_way(day("2026-01-01"))


def test_on_a_day_before_its_completion_an_evaluation_was_not_done_yet() -> None:
    done = evaluation(status=S.FINAL, completed_on=day("2025-05-10"), planned_start=day("2025-04-01"))
    states = {text: state_of(STANDING, [done], day(text)) for text in ("2025-03-31", "2025-04-01", "2025-05-10")}
    assert list(states.values()) == [State.PLANNED, State.UNDER_WAY, State.DONE]


@pytest.mark.parametrize(
    ("done", "demanded", "enough"),
    [
        ("self", "self", True),
        ("self", "internal", False),
        ("internal", "self", True),
        ("internal", "independent", False),
        ("independent", "internal", True),
        ("external", "independent", True),
        ("independent", "external", False),
        ("external", "external", True),
    ],
)
def test_stronger_satisfies_weaker_of_the_same_kind(done: str, demanded: str, enough: bool) -> None:
    owed = obligation(independence=Independence(demanded))
    assert satisfies(evaluation(independence=Independence(done)), owed) is enough


@pytest.mark.parametrize("demanded", Kind)
@pytest.mark.parametrize("alternatives", [(), (Kind.EX_POST,)])
def test_only_the_kinds_that_serve_ever_satisfy(demanded: Kind, alternatives: tuple[Kind, ...]) -> None:
    owed = obligation(demanded, or_kinds=alternatives)
    done = [evaluation(kind, S.FINAL, Independence.EXTERNAL, completed_on=owed.due) for kind in Kind]
    assert {one.kind for one in done if satisfies(one, owed)} == serving_kinds(demanded, alternatives)


def test_another_kind_satisfies_only_where_it_would_do_instead() -> None:
    mid_term = evaluation(Kind.MID_TERM)
    assert not satisfies(mid_term, obligation())
    assert satisfies(mid_term, obligation(or_kinds=(Kind.MID_TERM,)))


def test_of_several_evaluations_the_furthest_tells_the_state() -> None:
    planned, under_way = evaluation(number=1), evaluation(number=2, status=S.TEAM)
    done = evaluation(number=3, status=S.FINAL, completed_on=day("2025-06-01"))
    best = [
        best_evaluation(obligation(), [planned, under_way, done], day(text)) for text in ("2025-05-01", "2025-06-01")
    ]
    assert [one.id if one else None for one in best] == [2, 3]
    assert best_evaluation(obligation(), [evaluation(independence=Independence.SELF)], day("2025-05-01")) is None


@pytest.mark.parametrize(
    ("facts", "year"),
    [
        ({"ordinal": 2}, [2]),
        ({"completed_on": day("2004-01-15"), "status": S.FINAL}, [1]),
        ({"completed_on": day("2004-06-30"), "status": S.FINAL}, [1]),
        ({"completed_on": day("2004-07-01"), "status": S.FINAL}, [2]),
        ({"planned_end": day("2004-12-01")}, [2]),
        ({"planned_start": day("2003-11-01")}, [1]),
        ({}, []),
    ],
)
def test_a_review_belongs_to_one_year(facts: dict[str, object], year: list[int]) -> None:
    review = EvaluationFacts(
        **{"id": 1, "kind": Kind.ANNUAL_REVIEW, "independence": Independence.SELF, "status": S.PLANNED, **facts}  # type: ignore[arg-type]
    )
    owed = [
        obligation(Kind.ANNUAL_REVIEW, f"{2002 + k}-12-31", ordinal=k, independence=Independence.SELF)
        for k in (1, 2, 3)
    ]
    assert [one.ordinal for one in owed if satisfies(review, one)] == year


@pytest.mark.parametrize(("midpoint", "serves"), [("2025-01-31", True), ("2026-01-31", True), ("2026-02-01", False)])
def test_an_interim_serves_a_mid_term_up_to_twelve_months_after_it(midpoint: str, serves: bool) -> None:
    interim = evaluation(Kind.INTERIM, S.FINAL, completed_on=day("2025-01-31"))
    assert satisfies(interim, obligation(Kind.MID_TERM, midpoint)) is serves
    still_planned = evaluation(Kind.INTERIM, S.TEAM, planned_end=day("2025-01-31"))
    assert satisfies(still_planned, obligation(Kind.MID_TERM, midpoint)) is serves
    assert satisfies(evaluation(Kind.INTERIM, S.TEAM), obligation(Kind.MID_TERM, midpoint))
    assert not satisfies(interim, obligation(Kind.FINAL, midpoint))


def test_what_was_done_before_a_change_and_before_the_window_does_not_serve_the_successor() -> None:
    old = evaluation(status=S.FINAL, completed_on=day("2023-05-01"))
    assert satisfies(old, obligation())
    assert not satisfies(old, obligation(not_before=day("2024-01-01")))
    in_window = evaluation(status=S.FINAL, completed_on=day("2025-04-01"))
    assert satisfies(in_window, obligation(not_before=day("2025-05-01")))


WAIVER = Waiver(reason="evaluated with its programme", approved_by="Head of evaluation", approved_on=day("2025-05-01"))


def test_a_waiver_counts_from_its_approval_and_a_done_evaluation_counts_more() -> None:
    waived = replace(STANDING, waiver=WAIVER)
    assert state_of(waived, [], day("2025-04-30")) is State.WINDOW_OPEN
    assert state_of(waived, [], day("2025-05-01")) is State.WAIVED
    assert state_of(waived, [], day("2030-01-01")) is State.WAIVED
    assert state_of(waived, [evaluation(status=S.FINAL)], day("2025-05-01")) is State.DONE


def test_superseded_and_lapsed_stay_so() -> None:
    done = [evaluation(status=S.FINAL)]
    assert state_of(replace(STANDING, superseded_by=2), done, day("2030-01-01")) is State.SUPERSEDED
    assert state_of(replace(STANDING, lapsed_because="ended early"), done, day("2030-01-01")) is State.LAPSED


def test_an_approved_reschedule_moves_due_and_late() -> None:
    moved = replace(
        STANDING,
        reschedule=Reschedule(
            due=day("2025-12-31"), reason="floods", approved_by="Head of evaluation", approved_on=day("2025-09-01")
        ),
    )
    assert with_reschedule(moved, day("2025-08-31")) == STANDING.obligation
    later = with_reschedule(moved, day("2025-09-01"))
    assert (later.opens, later.due, later.late) == (day("2025-03-30"), day("2025-12-31"), day("2026-03-31"))
    assert state_of(moved, [], day("2025-10-01")) is State.WINDOW_OPEN
    assert state_of(moved, [], day("2026-04-01")) is State.OVERDUE


@pytest.mark.parametrize(
    ("as_of", "within", "listed"),
    [
        ("2025-03-29", 0, False),
        ("2025-03-30", 0, True),
        ("2025-03-01", 120, False),
        ("2025-03-02", 120, True),
        ("2025-12-31", 0, True),
    ],
)
def test_the_due_list_shows_open_windows_and_what_falls_due_soon(as_of: str, within: int, listed: bool) -> None:
    state = state_of(STANDING, [], day(as_of))
    assert is_listed(STANDING, state, day(as_of), within_days=within) is listed


def test_what_is_settled_is_not_on_the_due_list() -> None:
    settled = [state for state in State if not state.is_open]
    assert settled == [State.DONE, State.WAIVED, State.SUPERSEDED, State.LAPSED]
    assert not any(is_listed(STANDING, state, day("2025-07-01")) for state in settled)


def test_one_cluster_evaluation_satisfies_the_obligations_of_every_project_it_covers() -> None:
    cluster = evaluation(status=S.DISCLOSED, independence=Independence.EXTERNAL, completed_on=day("2025-05-31"))
    covered = [replace(STANDING, obligation=obligation(project=code, due=due)) for code, due in CLUSTER.items()]
    assert [state_of(one, [cluster], day("2025-06-30")) for one in covered] == [State.DONE] * 3


CLUSTER = {"A": "2025-04-30", "B": "2025-06-30", "C": "2025-09-30"}
