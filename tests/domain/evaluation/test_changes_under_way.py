"""What was begun, done, waived or merged stays so, whatever changes afterwards."""

from dataclasses import replace

import pytest

from app.domain.evaluation.records import (
    Reschedule,
    Restated,
    Waiver,
)
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Independence, Kind, Stage, State
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
from tests.domain.evaluation.changing import CLAUSE, Portfolio, S, three_years, under_way


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
