"""What becomes of a project's obligations when its facts change. Each test tells the story of one project."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.evaluation.changes import reconcile
from app.domain.evaluation.facts import EvaluationFacts, ProjectFacts
from app.domain.evaluation.records import (
    BecameInterim,
    Changes,
    Created,
    Lapsed,
    Reschedule,
    Restated,
    Standing,
    Superseded,
    Waiver,
)
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.states import state_of, with_reschedule
from app.domain.evaluation.terms import EvaluationStatus, Independence, Kind, Stage, State
from app.domain.periods import add_months
from tests.domain.evaluation.cases import (
    BOOK,
    DEFAULT,
    assessed,
    day,
    evaluation,
    figure,
    policy,
    project,
    rule,
    signed,
)

S = EvaluationStatus


@dataclass
class Portfolio:
    """Keeps obligations the way a database would: rows are added, closed and pointed at, never removed."""

    facts: ProjectFacts
    book: Rulebook = BOOK
    evaluations: list[EvaluationFacts] = field(default_factory=list)
    rows: dict[int, Standing] = field(default_factory=dict)

    def recompute(self, as_of: str | date, cause: str | date | None = None, because: str = "") -> Changes:
        today = as_of if isinstance(as_of, date) else day(as_of)
        caused = day(cause) if isinstance(cause, str) else cause
        changes = reconcile(
            self.rows.values(),
            assessed(self.facts, self.book),
            self.facts,
            self.evaluations,
            as_of=today,
            cause_date=caused,
            because=because,
        )
        for change in changes.changes:
            match change:
                case Created(obligation=new):
                    self._add(Standing(id=0, obligation=new))
                case Superseded(id=number, successor=new):
                    self.rows[number] = replace(
                        self.rows[number], superseded_by=self._add(Standing(id=0, obligation=new))
                    )
                case Restated(id=number, obligation=new):
                    self.rows[number] = replace(self.rows[number], obligation=new)
                case Lapsed(id=number, reason=reason, at_end=end):
                    self.rows[number] = replace(self.rows[number], lapsed_because=reason, lapsed_at_end=end)
                case BecameInterim(evaluation=number):
                    self.evaluations = [
                        replace(one, kind=Kind.INTERIM) if one.id == number else one for one in self.evaluations
                    ]
        return changes

    def revise(self, as_of: str, cause: str | None = None, because: str = "", **facts: Any) -> Changes:
        self.facts = replace(self.facts, **facts)
        return self.recompute(as_of, cause or as_of, because)

    def current(self, kind: Kind, ordinal: int = 0) -> Standing | None:
        found = [
            row
            for row in self.rows.values()
            if row.is_current and (row.obligation.kind, row.obligation.ordinal) == (kind, ordinal)
        ]
        assert len(found) < 2
        return found[0] if found else None

    def due(self, kind: Kind, ordinal: int = 0) -> str | None:
        found = self.current(kind, ordinal)
        return None if found is None else found.obligation.due.isoformat()

    def states(self, as_of: str) -> dict[int, State]:
        return {number: state_of(row, self.evaluations, day(as_of)) for number, row in self.rows.items()}

    def _add(self, standing: Standing) -> int:
        number = len(self.rows) + 1
        self.rows[number] = replace(standing, id=number)
        return number


def three_years(budget: int = 3_000_000, **facts: Any) -> Portfolio:
    """2024-03-01 to 2027-02-28: mid-term (1) due 2025-08-30, final (2) due 2027-02-28."""
    portfolio = Portfolio(project("2024-03-01", "2027-02-28", budget, **facts))
    assert len(portfolio.recompute("2024-03-01").changes) == len(portfolio.rows)
    return portfolio


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


def under_way(finished: str | None, planned_end: str = "2025-07-31") -> Portfolio:
    """The mid-term is in the field when the end moves by three years, to a midpoint of 2027-03-01."""
    portfolio = three_years()
    portfolio.evaluations = [
        evaluation(Kind.MID_TERM, S.FIELD_WORK, Independence.INTERNAL, planned_end=day(planned_end))
    ]
    changes = portfolio.revise("2025-06-15", planned_end=day("2030-02-28"))
    assert any(isinstance(change, BecameInterim) and change.evaluation == 1 for change in changes.changes)
    if finished:
        done = replace(portfolio.evaluations[0], status=S.FINAL, completed_on=day(finished))
        portfolio.evaluations = [done]
    return portfolio


def test_a_mid_term_under_way_when_the_end_moves_becomes_interim() -> None:
    portfolio = under_way(finished=None)
    assert portfolio.evaluations[0].kind is Kind.INTERIM
    assert portfolio.rows[1].superseded_by is not None
    assert portfolio.due(Kind.MID_TERM) == "2027-03-01"


@pytest.mark.parametrize(("finished", "state"), [("2026-03-01", State.DONE), ("2026-02-28", State.UPCOMING)])
def test_the_interim_stands_for_the_new_mid_term_unless_that_is_over_twelve_months_away(
    finished: str, state: State
) -> None:
    portfolio = under_way(finished)
    mid_term = portfolio.current(Kind.MID_TERM)
    assert mid_term is not None
    assert portfolio.states("2026-03-01")[mid_term.id] is state
    assert not portfolio.recompute("2026-03-01")


def test_a_mid_term_done_before_the_end_moves_stays_done() -> None:
    portfolio = three_years()
    portfolio.evaluations = [evaluation(Kind.MID_TERM, S.FINAL, Independence.INTERNAL, completed_on=day("2025-06-10"))]
    portfolio.revise("2025-06-15", planned_end=day("2030-02-28"))
    assert portfolio.due(Kind.MID_TERM) == "2025-08-30"
    assert portfolio.states("2025-06-15")[1] is State.DONE


def test_a_waived_obligation_stays_waived_and_visible() -> None:
    portfolio = three_years()
    waiver = Waiver(reason="r", approved_by="a", approved_on=day("2024-06-01"))
    portfolio.rows[1] = replace(portfolio.rows[1], waiver=waiver)
    portfolio.revise("2024-12-01", revised_budget=figure(100, "2024-12-01"))
    assert portfolio.states("2024-12-01")[1] is State.WAIVED


def test_a_waived_obligation_does_not_move() -> None:
    portfolio = three_years()
    waiver = Waiver(reason="r", approved_by="a", approved_on=day("2024-06-01"))
    portfolio.rows[1] = replace(portfolio.rows[1], waiver=waiver)
    portfolio.revise("2024-12-01", planned_end=day("2028-02-29"))
    assert portfolio.due(Kind.MID_TERM) == "2025-08-30"


def test_a_rescheduled_mid_term_moves_no_further_back_than_the_decision() -> None:
    portfolio = three_years(6_000_000)
    reschedule = Reschedule(due=day("2026-01-31"), reason="r", approved_by="a", approved_on=day("2025-08-01"))
    number = portfolio.current(Kind.MID_TERM).id  # type: ignore[union-attr]
    portfolio.rows[number] = replace(portfolio.rows[number], reschedule=reschedule)
    portfolio.revise("2025-12-01", planned_end=day("2026-12-31"))
    assert portfolio.due(Kind.MID_TERM) == "2025-12-01"


def test_a_policy_that_asks_for_an_earlier_response_restates_the_obligation() -> None:
    portfolio = three_years()
    portfolio.book = Rulebook.of([replace(DEFAULT, response_weeks=4)])
    changes = portfolio.recompute("2025-01-01")
    assert [type(change) for change in changes.changes] == [Restated, Restated]
    assert {row.obligation.response_weeks for row in portfolio.rows.values()} == {4}
    assert not portfolio.recompute("2025-01-01")


def test_what_was_done_is_not_asked_for_again_when_the_budget_grows() -> None:
    portfolio = three_years(900_000)
    portfolio.evaluations = [evaluation(Kind.FINAL, S.FINAL, Independence.INTERNAL, completed_on=day("2027-01-15"))]
    portfolio.revise("2027-02-01", revised_budget=figure(2_000_000, "2027-02-01"))
    assert portfolio.states("2027-02-01")[1] is State.DONE
    assert portfolio.due(Kind.FINAL) == "2027-02-28"


def test_a_project_closed_without_an_end_date_and_reopened_gets_its_mid_term_back() -> None:
    portfolio = three_years()
    portfolio.revise("2025-03-01", stage=Stage.CLOSED)
    assert portfolio.rows[1].lapsed_because == "the project is closed before it was begun"
    assert portfolio.due(Kind.FINAL) == "2027-02-28"
    assert "project.ended-without-date" in {finding.rule for finding in assessed(portfolio.facts).findings}
    portfolio.revise("2025-03-02", stage=Stage.IMPLEMENTATION)
    assert portfolio.due(Kind.MID_TERM) == "2025-08-30"


def test_a_first_computation_asks_nothing_ahead_of_a_project_that_is_over() -> None:
    portfolio = Portfolio(project("2024-03-01", "2027-02-28", 3_000_000, stage=Stage.CLOSED))
    portfolio.recompute("2025-03-01")
    assert (portfolio.due(Kind.MID_TERM), portfolio.due(Kind.FINAL)) == (None, "2027-02-28")
    assert not portfolio.recompute("2025-03-02")


def test_an_interim_done_before_another_extension_gives_way_when_the_midpoint_moves_too_far() -> None:
    portfolio = under_way(finished="2026-03-01")
    portfolio.revise("2026-04-01", planned_end=day("2030-03-31"))
    mid_term = portfolio.current(Kind.MID_TERM)
    assert mid_term is not None
    assert mid_term.obligation.due == day("2027-03-16")
    assert portfolio.states("2026-04-01")[mid_term.id] is State.UPCOMING
    assert not portfolio.recompute("2026-04-02")


def test_a_partner_who_joins_with_a_clause_adds_to_what_is_owed() -> None:
    clause = policy("clause-nl", rule("final", Kind.FINAL, Independence.EXTERNAL), owner="NL")
    portfolio = Portfolio(project("2024-03-01", "2027-02-28", 3_000_000), Rulebook.of([DEFAULT, clause]))
    portfolio.recompute("2024-03-01")
    portfolio.revise("2025-01-01", funding=(signed("NL", "2025-01-01"),))
    final = portfolio.current(Kind.FINAL)
    assert final is not None
    assert final.obligation.independence is Independence.EXTERNAL
    assert "clause-nl/final" in final.obligation.rules


def test_what_cannot_be_told_any_more_stays_as_it_was() -> None:
    portfolio = three_years()
    assert not portfolio.revise("2024-06-01", planned_end=None)
    assert portfolio.due(Kind.FINAL) == "2027-02-28"


def test_obligations_of_a_project_cancelled_before_it_started_lapse() -> None:
    portfolio = three_years()
    portfolio.revise("2024-04-01", stage=Stage.CANCELLED)
    reasons = {row.lapsed_because for row in portfolio.rows.values()}
    assert reasons == {"the project was cancelled before it started"}


def test_a_review_that_comes_near_a_mid_term_lapses_into_it() -> None:
    portfolio = Portfolio(project("2003-01-01", "2006-07-01", 100, mid_term_agreed=True))
    portfolio.recompute("2003-01-01")
    assert portfolio.due(Kind.ANNUAL_REVIEW, 2) == "2004-12-31"
    portfolio.revise("2003-06-01", planned_end=day("2006-07-02"))
    lapsed = [row.lapsed_because for row in portfolio.rows.values() if row.lapsed_because]
    assert lapsed == ["merged into the mid-term of 2004-10-01"]


def test_what_was_under_way_when_the_project_closed_stays_though_somebody_stronger_is_demanded() -> None:
    portfolio = three_years()
    portfolio.evaluations = [
        evaluation(Kind.MID_TERM, S.FIELD_WORK, Independence.INTERNAL, planned_end=day("2025-09-30"))
    ]
    mid_term = portfolio.current(Kind.MID_TERM)
    portfolio.book = Rulebook.of([*BOOK.own, CLAUSE])
    portfolio.revise("2025-06-15", actual_end=day("2025-06-10"), funding=(signed("NL", "2024-03-01"),))
    assert portfolio.current(Kind.MID_TERM) == mid_term
    assert mid_term is not None
    assert portfolio.states("2025-06-15")[mid_term.id] is State.UNDER_WAY
    assert not portfolio.recompute("2025-06-15", "2025-06-15")
    assert not portfolio.recompute("2025-07-01")


CLAUSE = policy("clause-nl", rule("mid", Kind.MID_TERM, Independence.EXTERNAL), owner="NL")
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
            elif row.obligation.kind is not Kind.FINAL and with_reschedule(row, today).due < today:
                successor = portfolio.rows[number].superseded_by
                assert successor is None or portfolio.rows[successor].obligation.due == row.obligation.due
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
    assert new.due >= min([decided, *(with_reschedule(one, today).due for one in predecessors)], default=decided)
