"""What becomes of obligations when a project ends early, late, or is opened again."""

from app.domain.evaluation.records import (
    Created,
)
from app.domain.evaluation.terms import Independence, Kind, Stage, State
from tests.domain.evaluation.cases import (
    day,
    evaluation,
    project,
)
from tests.domain.evaluation.changing import Portfolio, S, three_years


def test_an_early_close_lets_an_unbegun_mid_term_lapse_and_brings_the_final_to_the_new_end() -> None:
    portfolio = three_years()
    portfolio.revise("2025-03-01", because="closed early", actual_end=day("2025-04-30"), stage=Stage.FINALISATION)
    assert portfolio.rows[1].lapsed_because == "the project ended on 2025-04-30 before it was begun (closed early)"
    assert portfolio.due(Kind.FINAL) == "2025-04-30"
    assert not portfolio.recompute("2025-03-01")
    assert not portfolio.recompute("2025-06-01")


def test_an_early_close_told_late_is_due_at_the_end_all_the_same() -> None:
    portfolio = three_years()
    portfolio.revise("2025-09-15", actual_end=day("2025-04-30"))
    final = portfolio.current(Kind.FINAL)
    assert final is not None
    assert (final.obligation.due, final.obligation.late) == (day("2025-04-30"), day("2025-07-30"))


def test_a_mid_term_beyond_the_end_lapses_even_when_the_close_is_entered_after_its_due_date() -> None:
    portfolio = three_years()
    portfolio.revise("2025-09-15", actual_end=day("2025-07-31"))
    assert portfolio.current(Kind.MID_TERM) is None


def test_a_mid_term_that_was_due_before_the_early_end_stays_overdue() -> None:
    portfolio = three_years()
    portfolio.revise("2026-01-15", actual_end=day("2025-12-31"))
    assert portfolio.due(Kind.MID_TERM) == "2025-08-30"
    assert portfolio.states("2026-01-15")[1] is State.OVERDUE


def test_a_mid_term_under_way_is_not_lost_by_an_early_close() -> None:
    portfolio = three_years()
    portfolio.evaluations = [evaluation(Kind.MID_TERM, S.FIELD_WORK, Independence.INTERNAL)]
    portfolio.revise("2025-07-01", actual_end=day("2025-09-30"))
    assert portfolio.due(Kind.MID_TERM) == "2025-08-30"
    assert portfolio.states("2025-07-01")[1] is State.UNDER_WAY
    assert portfolio.due(Kind.FINAL) == "2025-09-30"


def test_recording_the_actual_end_late_gains_no_time() -> None:
    portfolio = three_years()
    portfolio.revise("2027-06-01", actual_end=day("2027-02-20"))
    assert portfolio.due(Kind.FINAL) == "2027-02-20"


def test_shortening_below_the_elapsed_time_is_an_early_close() -> None:
    portfolio = three_years()
    portfolio.revise("2025-03-01", planned_end=day("2025-01-31"))
    assert portfolio.current(Kind.MID_TERM) is None
    assert portfolio.due(Kind.FINAL) == "2025-01-31"
    assert not portfolio.recompute("2025-03-02")


def test_shortening_that_leaves_time_moves_the_mid_term_forward_but_not_before_the_decision() -> None:
    portfolio = three_years(6_000_000)
    portfolio.revise("2025-04-01", planned_end=day("2025-12-31"))
    assert portfolio.due(Kind.MID_TERM) == "2025-04-01"  # the midpoint, 2025-01-30, had passed
    assert portfolio.due(Kind.FINAL) == "2025-12-31"
    assert not portfolio.recompute("2025-04-02")


def test_reviews_beyond_an_early_end_lapse() -> None:
    portfolio = Portfolio(project("2003-01-01", "2006-12-31", 100, mid_term_agreed=False))
    portfolio.recompute("2003-01-01")
    portfolio.revise("2004-11-01", actual_end=day("2004-11-30"))
    assert portfolio.due(Kind.ANNUAL_REVIEW, 1) == "2003-12-31"
    assert portfolio.current(Kind.ANNUAL_REVIEW, 2) is None
    assert portfolio.current(Kind.ANNUAL_REVIEW, 3) is None


def test_a_reopened_project_gets_its_mid_term_back_and_its_final_at_the_later_end() -> None:
    portfolio = three_years()
    portfolio.revise("2025-03-01", actual_end=day("2025-04-30"), stage=Stage.FINALISATION)
    changes = portfolio.revise("2025-05-15", "2025-05-10", actual_end=None, stage=Stage.IMPLEMENTATION)
    (back,) = [change for change in changes.changes if isinstance(change, Created)]
    assert back.replaces == 1
    assert portfolio.due(Kind.MID_TERM) == "2025-08-30"
    assert portfolio.due(Kind.FINAL) == "2027-02-28"
    assert portfolio.states("2025-05-15")[1] is State.LAPSED


def test_a_final_done_before_the_window_of_a_later_end_gives_way_to_a_new_one() -> None:
    portfolio = three_years()
    portfolio.evaluations = [evaluation(status=S.FINAL, completed_on=day("2027-02-01"))]
    portfolio.revise("2027-03-01", planned_end=day("2029-02-28"))
    final = portfolio.current(Kind.FINAL)
    assert final is not None
    assert (final.id, final.obligation.due) == (3, day("2029-02-28"))
    assert portfolio.states("2027-03-01")[3] is State.UPCOMING
    assert not portfolio.recompute("2027-03-02")


def test_a_final_done_inside_the_window_of_a_later_end_stays_done() -> None:
    portfolio = three_years()
    portfolio.evaluations = [evaluation(status=S.FINAL, completed_on=day("2027-02-01"))]
    assert not portfolio.revise("2027-03-01", planned_end=day("2027-06-30"))
    assert portfolio.states("2027-03-01")[2] is State.DONE
