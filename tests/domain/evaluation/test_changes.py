"""What becomes of a project's obligations when its facts change. Each test tells the story of one project."""

from datetime import timedelta

import pytest

from app.domain.evaluation.records import (
    Lapsed,
    Restated,
    Superseded,
)
from app.domain.evaluation.terms import Independence, Kind, State
from tests.domain.evaluation.cases import (
    day,
    figure,
    project,
)
from tests.domain.evaluation.changing import Portfolio, three_years


def test_a_first_computation_takes_the_past_as_it_is() -> None:
    portfolio = Portfolio(project("2003-01-01", "2004-06-30", 350_000))
    portfolio.recompute("2026-11-20")
    assert (portfolio.due(Kind.MID_TERM), portfolio.due(Kind.FINAL)) == ("2003-10-01", "2004-06-30")
    assert set(portfolio.states("2026-11-20").values()) == {State.OVERDUE}


def test_without_a_change_every_obligation_keeps_its_identity() -> None:
    portfolio = three_years()
    again = portfolio.recompute("2026-01-01")
    assert not again
    assert again.kept == (1, 2)


def test_a_new_budget_in_the_same_band_only_restates_the_reason() -> None:
    portfolio = three_years()
    changes = portfolio.revise("2024-06-01", revised_budget=figure(3_500_000, "2024-06-01"))
    assert [type(change) for change in changes.changes] == [Restated, Restated]
    assert list(portfolio.rows) == [1, 2]
    assert "US$ 3.5 m (revised 2024-06-01)" in portfolio.rows[2].obligation.reason


def test_an_extension_moves_the_final_and_the_predecessor_points_to_it() -> None:
    portfolio = three_years()
    changes = portfolio.revise("2026-01-15", because="extension approved", planned_end=day("2027-08-31"))
    (moved,) = changes.changes
    assert isinstance(moved, Superseded)
    assert moved.reason == "due 2027-08-31 instead of 2027-02-28 (extension approved)"
    assert portfolio.rows[2].superseded_by == 3
    assert portfolio.due(Kind.FINAL) == "2027-08-31"
    assert portfolio.states("2026-01-15")[2] is State.SUPERSEDED


def test_a_mid_term_still_ahead_moves_to_the_new_midpoint() -> None:
    portfolio = three_years()
    portfolio.revise("2024-12-01", planned_end=day("2028-02-29"))
    assert portfolio.due(Kind.MID_TERM) == "2026-03-01"
    assert portfolio.rows[1].superseded_by is not None


@pytest.mark.parametrize(("as_of", "moves"), [("2025-08-30", True), ("2025-08-31", False)])
def test_a_mid_term_whose_due_date_has_passed_never_moves(as_of: str, moves: bool) -> None:
    portfolio = three_years()
    portfolio.revise(as_of, planned_end=day("2028-02-29"))
    assert (portfolio.due(Kind.MID_TERM) != "2025-08-30") is moves
    assert portfolio.due(Kind.FINAL) == "2028-02-29"


def test_a_review_whose_due_date_has_passed_never_moves_and_later_ones_do() -> None:
    portfolio = Portfolio(project("2003-01-01", "2005-12-31", 100, mid_term_agreed=False))
    portfolio.recompute("2003-01-01")
    portfolio.revise("2004-06-01", actual_start=day("2003-03-01"))
    assert portfolio.due(Kind.ANNUAL_REVIEW, 1) == "2003-12-31"
    assert portfolio.due(Kind.ANNUAL_REVIEW, 2) == "2005-02-28"


def test_a_mid_term_whose_window_is_open_survives_a_smaller_budget() -> None:
    portfolio = three_years()
    changes = portfolio.revise("2025-05-30", revised_budget=figure(900_000, "2025-05-30"))
    assert portfolio.due(Kind.MID_TERM) == "2025-08-30"
    assert 1 in changes.kept
    assert portfolio.rows[2].superseded_by is not None  # the final, not open yet, becomes internal
    final = portfolio.current(Kind.FINAL)
    assert final is not None
    assert final.obligation.independence is Independence.INTERNAL


def test_a_mid_term_whose_window_is_not_open_lapses_with_a_smaller_budget_and_stays_visible() -> None:
    portfolio = three_years()
    changes = portfolio.revise("2025-05-29", because="budget revised", revised_budget=figure(900_000, "2025-05-29"))
    assert portfolio.current(Kind.MID_TERM) is None
    assert portfolio.rows[1].lapsed_because == "no rule demands it any more (budget revised)"
    assert portfolio.states("2025-05-29")[1] is State.LAPSED
    assert [change.id for change in changes.changes if isinstance(change, Lapsed)] == [1]


def test_an_open_final_never_becomes_weaker() -> None:
    portfolio = three_years()
    portfolio.revise("2026-09-01", revised_budget=figure(900_000, "2026-09-01"))
    final = portfolio.current(Kind.FINAL)
    assert final is not None
    assert (final.id, final.obligation.independence) == (2, Independence.INDEPENDENT)


def test_an_open_final_that_moves_a_little_stays_as_strong() -> None:
    portfolio = three_years()
    portfolio.revise("2026-09-15", planned_end=day("2027-03-10"), revised_budget=figure(900_000, "2026-09-15"))
    final = portfolio.current(Kind.FINAL)
    assert final is not None
    assert (final.obligation.due, final.obligation.independence) == (day("2027-03-10"), Independence.INDEPENDENT)
    assert "stays independent, since its window had opened" in final.obligation.reason
    assert not portfolio.recompute("2026-09-16")


def test_a_larger_budget_makes_the_final_stronger_under_a_new_identity() -> None:
    portfolio = three_years(900_000)
    changes = portfolio.revise("2026-12-01", revised_budget=figure(6_200_000, "2026-12-01"))
    final = portfolio.current(Kind.FINAL)
    assert final is not None
    assert (final.obligation.independence, final.obligation.due) == (Independence.INDEPENDENT, day("2027-02-28"))
    (moved,) = [change for change in changes.changes if isinstance(change, Superseded)]
    assert moved.reason == "independent instead of internal"


@pytest.mark.parametrize(
    ("decided", "due", "late"),
    [("2025-06-01", "2025-08-30", "2025-11-30"), ("2026-01-10", "2026-01-10", "2026-04-10")],
)
def test_a_new_mid_term_never_falls_due_before_its_cause(decided: str, due: str, late: str) -> None:
    portfolio = three_years(900_000)
    assert portfolio.due(Kind.MID_TERM) is None
    portfolio.revise(decided, revised_budget=figure(3_000_000, decided))
    mid_term = portfolio.current(Kind.MID_TERM)
    assert mid_term is not None
    assert (mid_term.obligation.due, mid_term.obligation.late) == (day(due), day(late))
    assert not portfolio.recompute(day(decided) + timedelta(days=40))


def test_an_assessment_of_the_first_year_demanded_after_that_year_is_not_owed() -> None:
    portfolio = three_years()
    portfolio.revise("2026-01-10", revised_budget=figure(6_000_000, "2026-01-10"))
    assert portfolio.current(Kind.EVALUABILITY) is None


def test_an_assessment_of_the_first_year_demanded_within_it_is_owed() -> None:
    portfolio = three_years()
    portfolio.revise("2024-06-10", revised_budget=figure(6_000_000, "2024-06-10"))
    assert portfolio.due(Kind.EVALUABILITY) == "2025-02-28"


@pytest.mark.parametrize(("decided", "owed"), [("2026-08-27", True), ("2026-08-28", False)])
def test_a_mid_term_newly_demanded_within_the_window_of_the_final_is_not_owed(decided: str, owed: bool) -> None:
    portfolio = three_years(900_000)
    portfolio.revise(decided, revised_budget=figure(3_000_000, decided))
    assert (portfolio.due(Kind.MID_TERM) == decided) is owed


def test_reviews_of_years_over_before_the_extension_are_not_owed() -> None:
    portfolio = Portfolio(project("2003-01-01", "2005-06-30", 100, mid_term_agreed=False))
    portfolio.recompute("2003-01-01")
    portfolio.revise("2005-03-01", planned_end=day("2006-12-31"))
    reviews = {row.obligation.ordinal: row.obligation.due for row in portfolio.rows.values() if row.obligation.ordinal}
    assert reviews == {3: day("2005-12-31")}


def test_a_review_that_falls_on_the_day_of_the_decision_is_owed() -> None:
    portfolio = Portfolio(project("2003-01-01", "2005-06-30", 100, mid_term_agreed=False))
    portfolio.recompute("2003-01-01")
    portfolio.revise("2004-12-31", planned_end=day("2006-12-31"))
    assert portfolio.due(Kind.ANNUAL_REVIEW, 2) == "2004-12-31"


def test_reviews_that_a_new_start_moves_into_the_past_lapse_and_do_not_pile_up() -> None:
    portfolio = Portfolio(project("2003-09-01", "2007-06-30", 100, mid_term_agreed=False))
    portfolio.recompute("2003-09-01")
    portfolio.revise("2004-08-01", actual_start=day("2003-01-01"))
    assert portfolio.rows[1].lapsed_because == "its day would have been 2003-12-31, which has passed"
    assert portfolio.due(Kind.ANNUAL_REVIEW, 1) is None
    assert portfolio.due(Kind.ANNUAL_REVIEW, 2) == "2004-12-31"


def test_a_review_near_the_mid_term_that_stands_merges_into_it_though_that_one_did_not_move() -> None:
    portfolio = Portfolio(project("2003-01-01", "2005-04-30", 100, mid_term_agreed=False))
    portfolio.recompute("2003-01-01")
    assert portfolio.due(Kind.MID_TERM) == "2004-03-01"
    portfolio.revise("2003-11-20", planned_end=day("2005-10-31"))
    assert portfolio.due(Kind.MID_TERM) is None, "its window had not opened, and no rule demands it"
    assert portfolio.due(Kind.ANNUAL_REVIEW, 1) == "2003-12-31"
    portfolio = Portfolio(project("2003-01-01", "2005-04-30", 100, mid_term_agreed=False))
    portfolio.recompute("2003-01-01")
    portfolio.revise("2003-12-20", planned_end=day("2005-10-31"))
    assert portfolio.due(Kind.MID_TERM) == "2004-03-01", "its window had opened"
    assert portfolio.due(Kind.ANNUAL_REVIEW, 1) is None, "it lies within three months of the mid-term"
    assert portfolio.due(Kind.ANNUAL_REVIEW, 2) == "2004-12-31"


def test_a_review_near_the_midpoint_is_owed_where_the_mid_term_stands_elsewhere() -> None:
    portfolio = Portfolio(project("2003-01-01", "2006-12-31", 100, mid_term_agreed=True))
    portfolio.recompute("2003-01-01")
    assert (portfolio.due(Kind.MID_TERM), portfolio.due(Kind.ANNUAL_REVIEW, 2)) == ("2004-12-31", None)
    portfolio.revise("2005-02-01", planned_end=day("2009-12-31"))
    assert portfolio.due(Kind.MID_TERM) == "2004-12-31", "its day had passed"
    assert portfolio.due(Kind.ANNUAL_REVIEW, 2) is None
    assert [portfolio.due(Kind.ANNUAL_REVIEW, k) for k in (3, 4, 5, 6)] == [f"{2002 + k}-12-31" for k in (3, 4, 5, 6)]


def test_a_mid_term_whose_day_has_passed_keeps_its_date_and_becomes_as_independent_as_the_band_asks() -> None:
    portfolio = three_years()
    portfolio.revise("2025-10-01", revised_budget=figure(6_000_000, "2025-10-01"))
    mid_term = portfolio.current(Kind.MID_TERM)
    assert mid_term is not None
    assert (mid_term.obligation.due, mid_term.obligation.independence) == (day("2025-08-30"), Independence.INDEPENDENT)
    assert portfolio.rows[1].superseded_by == mid_term.id
    assert not portfolio.recompute("2025-10-02", "2025-10-02")
