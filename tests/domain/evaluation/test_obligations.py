from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.evaluation.obligations import assess, bases_used
from app.domain.evaluation.policy import Band, BudgetBand, Condition, Policy
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Basis, Independence, Kind, Stage
from app.domain.money import NO_RATES, Rates
from tests.domain.evaluation.cases import (
    BEFORE_BOTH,
    BOOK,
    DEFAULT,
    ILO_2002,
    assessed,
    day,
    figure,
    in_short,
    policy,
    policy_named,
    project,
    rule,
    signed,
)

# Which policy


@pytest.mark.parametrize(
    ("signed_on", "start", "expected"),
    [
        ("2002-10-31", "2003-01-01", "ilo-2002"),
        ("2002-11-01", "2003-01-01", "ilo-2002"),
        ("2005-11-30", "2006-01-01", "ilo-2002"),
        ("2005-12-01", "2005-06-01", "default"),
        (None, "2005-06-01", "ilo-2002"),
        (None, "2005-12-01", "default"),
    ],
)
def test_the_policy_is_that_of_the_earliest_signature_else_of_the_start(
    signed_on: str | None, start: str, expected: str | None
) -> None:
    facts = project(start, "2008-01-31", 100000, funding=(signed("NL", signed_on), signed("SE", None)))
    assert assessed(facts).policy == expected


def test_of_several_signatures_the_earliest_counts() -> None:
    funding = (signed("NL", "2006-01-01"), signed("SE", "2005-11-30"))
    assert assessed(project("2006-01-01", "2008-01-31", 100000, funding=funding)).policy == "ilo-2002"


def test_a_project_no_policy_covers_is_told_and_not_forgotten() -> None:
    ended_before = project("2001-10-31", "2002-10-31", 100000)
    (unknown,) = assessed(ended_before).cannot_tell
    assert unknown.kind is None
    assert unknown.missing == ("evaluation policy in force on 2001-10-31",)


def test_a_project_begun_before_any_policy_is_ruled_by_the_first_one_from_the_day_that_comes_into_force() -> None:
    assert assessed(BEFORE_BOTH).policy == "ilo-2002"
    assert assess(BEFORE_BOTH, BOOK, NO_RATES, day("2002-10-31")).policy is None
    assert assess(BEFORE_BOTH, BOOK, NO_RATES, day("2002-11-01")).policy == "ilo-2002"
    ends_that_day = replace(BEFORE_BOTH, planned_end=day("2002-11-01"))
    assert assessed(ends_that_day).policy == "ilo-2002"


def test_between_two_policies_nothing_rules() -> None:
    book = Rulebook.of([replace(ILO_2002, in_force_to=day("2004-12-31")), DEFAULT])
    assert assessed(project("2005-06-01", "2008-01-31", 10), book).policy is None


def test_a_project_without_signature_and_start_is_told() -> None:
    (unknown,) = assessed(project(None, "2024-01-31", 100000)).cannot_tell
    assert unknown.missing == ("signature date or start date",)


def test_of_two_policies_in_force_the_newer_counts() -> None:
    newer = policy("newer", rule("r", Kind.FINAL, Independence.EXTERNAL), in_force_from=day("2020-01-01"))
    book = Rulebook.of([newer, DEFAULT])
    assert assessed(project("2021-01-01", "2021-12-31", 10), book).policy == "newer"
    assert assessed(project("2019-01-01", "2019-12-31", 10), book).policy == "default"


def test_a_rule_holds_only_while_it_is_valid() -> None:
    dated = replace(rule("dated", Kind.MID_TERM), valid_from=day("2021-01-01"), valid_to=day("2021-12-31"))
    book = Rulebook.of([policy("p", rule("final", Kind.FINAL), dated)])
    owed = {
        year: len(assessed(project(f"{year}-06-01", "2024-01-31", 10), book).obligations) for year in (2020, 2021, 2022)
    }
    assert owed == {2020: 1, 2021: 2, 2022: 1}


# What cannot be told


def test_without_end_the_final_cannot_be_told_but_the_assessment_of_the_first_year_is_owed() -> None:
    found = assessed(project("2024-03-01", None, "5000000.01"))
    assert in_short(found) == ["evaluability self 2025-02-28", "? mid-term", "? final"]
    assert {text for one in found.cannot_tell for text in one.missing} == {"end date"}


def test_a_signed_project_without_any_date_is_told_with_everything_that_is_missing() -> None:
    found = assessed(project(None, None, "5000000.01", funding=(signed("NL", "2024-01-15"),)))
    assert found.policy == "default"
    missing = {one.kind: one.missing for one in found.cannot_tell}
    assert missing == dict.fromkeys((Kind.MID_TERM, Kind.FINAL, Kind.EVALUABILITY), ("start date", "end date"))


def test_an_end_without_a_start_is_enough_for_the_final() -> None:
    found = assessed(project(None, "2025-02-28", 10, funding=(signed("NL", "2024-01-15"),)))
    assert in_short(found) == ["final self 2025-02-28"]


def test_without_budget_every_kind_a_budget_could_demand_is_listed() -> None:
    found = assessed(project("2024-03-01", "2027-02-28"))
    assert in_short(found) == ["? final", "? mid-term", "? evaluability"]
    assert found.cannot_tell[0].missing == ("budget",)
    assert found.cannot_tell[0].due == day("2027-02-28")


def test_without_budget_a_rule_that_fails_by_its_duration_is_not_listed() -> None:
    found = assessed(project("2024-03-01", "2025-02-28"))
    listed = {one.kind: one.rules for one in found.cannot_tell}
    assert listed[Kind.MID_TERM] == ("default/major-mid-term",)


def test_without_budget_the_2002_final_is_owed_and_only_its_independence_is_open() -> None:
    found = assessed(project("2003-01-01", "2004-06-29"))
    assert in_short(found) == ["final self 2004-06-29", "? final"]
    assert found.cannot_tell[0].reason.startswith("cannot tell how independent the final must be; not known: budget")


def test_without_rate_the_currency_and_day_are_named() -> None:
    euros = project("2024-03-01", "2027-02-28", original_budget=figure(900000, "2024-02-01", "EUR"))
    found = assessed(euros)
    assert found.obligations == ()
    assert {one.missing for one in found.cannot_tell} == {("rate of EUR on 2024-02-01",)}


def test_what_a_certain_rule_demands_as_strongly_is_not_listed_as_open() -> None:
    clause = policy("clause", rule("mid", Kind.MID_TERM, Independence.INDEPENDENT), owner="NL")
    facts = project("2003-01-01", "2005-07-01", 100, funding=(signed("NL", "2003-01-01"),))
    found = assessed(facts, Rulebook.of([ILO_2002, clause]))
    assert found.cannot_tell == ()
    assert "mid-term independent 2004-04-01" in in_short(found)


def test_an_end_before_the_start_leaves_everything_open_and_says_so() -> None:
    found = assessed(project("2024-03-01", "2024-02-01", "5000000.01"))
    assert found.obligations == ()
    assert {one.kind for one in found.cannot_tell} == {Kind.EVALUABILITY, Kind.MID_TERM, Kind.FINAL}
    assert "the end 2024-02-01 lies before the start 2024-03-01" in found.cannot_tell[0].reason
    assert "project.end-before-start" in {finding.rule for finding in found.findings}


def test_an_end_that_stands_for_open_is_no_end() -> None:
    found = assessed(project("2003-01-01", "9999-12-31", 100, mid_term_agreed=True))
    assert found.obligations == ()
    assert {one.kind for one in found.cannot_tell} == {Kind.ANNUAL_REVIEW, Kind.MID_TERM, Kind.FINAL}
    assert "project.end-implausible" in {finding.rule for finding in found.findings}


def test_a_budget_of_zero_falls_into_the_smallest_band_with_a_warning() -> None:
    found = assessed(project("2024-03-01", "2025-02-28", 0))
    assert in_short(found) == ["final self 2025-02-28"]
    assert "project.budget-zero" in {finding.rule for finding in found.findings}


def test_a_negative_budget_cannot_be_judged() -> None:
    found = assessed(project("2024-03-01", "2025-02-28", -5))
    assert found.obligations == ()
    assert found.cannot_tell[0].missing == ("a budget that is not negative (US$ -5)",)
    assert "project.budget-negative" in {finding.rule for finding in found.findings}


def test_a_project_cancelled_before_it_started_owes_nothing_one_cancelled_later_does() -> None:
    facts = project("2024-03-01", "2025-02-28", 10, stage=Stage.CANCELLED)
    assert in_short(assessed(facts)) == []
    started = replace(facts, actual_start=day("2024-03-01"), actual_end=day("2024-10-31"))
    assert in_short(assessed(started)) == ["final self 2024-10-31"]


def test_a_pipeline_project_has_obligations() -> None:
    assert in_short(assessed(project("2024-03-01", "2025-02-28", 10, stage=Stage.PIPELINE))) == [
        "final self 2025-02-28"
    ]


# Dates and budgets


def test_actual_dates_go_before_planned_ones() -> None:
    facts = project("2024-01-01", "2026-12-31", 3_000_000)
    moved = replace(facts, actual_start=day("2024-03-01"), actual_end=day("2027-02-28"))
    assert in_short(assessed(moved)) == ["mid-term internal 2025-08-30", "final independent 2027-02-28"]


@pytest.mark.parametrize(
    ("basis", "independence"),
    [(Basis.ORIGINAL, "self"), (Basis.REVISED, "independent"), (Basis.ACTUAL, "external")],
)
def test_a_band_looks_at_the_figure_of_its_basis(basis: Basis, independence: str) -> None:
    def at(limit: int, demanded: Independence) -> Policy:
        band = BudgetBand(band=Band(lower=Decimal(limit), upper=Decimal(limit)), currency="USD", basis=basis)
        return policy(demanded, replace(rule("r", Kind.FINAL, demanded), condition=Condition(budget=band)))

    rules = [at(1, Independence.SELF), at(2, Independence.INDEPENDENT), at(3, Independence.EXTERNAL)]
    book = Rulebook.of([policy("p", *(replace(one.rules[0], id=one.id) for one in rules))])
    facts = project("2024-01-01", "2024-12-31", 1)
    facts = replace(facts, revised_budget=figure(2, "2024-02-01"), actual_expenditure=figure(3, "2024-03-01"))
    assert in_short(assessed(facts, book)) == [f"final {independence} 2024-12-31"]


def test_the_revised_basis_is_the_original_budget_until_it_is_revised() -> None:
    facts = project("2024-01-01", "2024-12-31", 400_000)
    assert in_short(assessed(facts)) == ["final self 2024-12-31"]
    revised = replace(facts, revised_budget=figure("6200000", "2024-03-01"))
    final = assessed(revised).obligations[-1]
    assert "budget US$ 6.2 m (revised 2024-03-01) is over US$ 5 m" in final.reason


def test_actual_expenditure_that_is_not_known_is_named() -> None:
    found = assessed(project("2024-01-01", "2024-12-31", 10), Rulebook.of([policy_named("example-undp")]))
    assert {one.missing for one in found.cannot_tell} == {("actual expenditure",)}


@pytest.mark.parametrize(("rate", "independence"), [("0.90", "internal"), ("0.8999", "independent")])
def test_a_budget_is_converted_by_the_rate_of_its_decision_day(rate: str, independence: str) -> None:
    rates = Rates.of([("EUR", day("2024-01-01"), Decimal(rate)), ("EUR", day("2024-06-01"), Decimal("0.1"))])
    euros = project("2024-03-01", "2025-02-28", original_budget=figure(900000, "2024-05-31", "EUR"))
    (final,) = assessed(euros, BOOK, rates).obligations
    assert final.independence == independence
    assert "budget EUR 900,000 = US$ 1" in final.reason


def test_only_the_bases_in_use_need_to_be_loaded() -> None:
    assert bases_used(BOOK) == {Basis.REVISED}
    assert bases_used(Rulebook.of([policy_named("example-undp")])) == {Basis.REVISED, Basis.ACTUAL}


# Reviews and their merging


def test_a_review_on_the_end_merges_into_the_final() -> None:
    found = assessed(project("2003-01-01", "2005-12-31", 100, mid_term_agreed=False))
    assert in_short(found) == [
        "annual-review1 self 2003-12-31",
        "annual-review2 self 2004-12-31",
        "final self 2005-12-31",
    ]
    final = found.obligations[-1]
    assert final.merged_reviews == (3,)
    assert "annual-review 3 of 2005-12-31 merges into it" in final.reason
    assert "ilo-2002/long-annual-review" in final.rules


@pytest.mark.parametrize(
    ("end", "midpoint", "reviews"),
    [
        ("2005-07-01", "2004-04-01", [1, 2]),  # 2003-12-31 is three months and a day before
        ("2005-07-02", "2004-04-01", [1, 2]),
        ("2006-12-31", "2004-12-31", [1, 3]),  # falls on it
        ("2006-07-02", "2004-10-01", [1, 3]),  # 2004-12-31 lies before 1 October + 3
        ("2006-07-01", "2004-09-30", [1, 2, 3]),  # 2004-12-31 lies a day after 30 September + 3
    ],
)
def test_a_review_within_three_months_of_a_mid_term_merges_into_it(end: str, midpoint: str, reviews: list[int]) -> None:
    found = assessed(project("2003-01-01", end, 100, mid_term_agreed=True))
    (mid_term,) = [one for one in found.obligations if one.kind is Kind.MID_TERM]
    assert mid_term.due == day(midpoint)
    kept = [one.ordinal for one in found.obligations if one.kind is Kind.ANNUAL_REVIEW]
    assert kept == reviews


def test_what_takes_a_stronger_review_over_becomes_as_strong() -> None:
    book = Rulebook.of(
        [
            policy(
                "p",
                rule("review", Kind.ANNUAL_REVIEW, Independence.EXTERNAL),
                rule("final", Kind.FINAL, Independence.SELF),
            )
        ]
    )
    (final,) = assessed(project("2024-01-01", "2024-12-31", 1), book).obligations
    assert (final.kind, final.independence) == (Kind.FINAL, Independence.EXTERNAL)
    assert final.reason.startswith("final, external: ")


def test_reviews_are_counted_from_the_start_and_do_not_drift() -> None:
    found = assessed(project("2004-02-29", "2008-01-31", 100, mid_term_agreed=False))
    reviews = [one.due for one in found.obligations if one.kind is Kind.ANNUAL_REVIEW]
    assert reviews == [day("2005-02-27"), day("2006-02-27"), day("2007-02-27")]


@pytest.mark.parametrize(
    ("end", "owed"),
    [
        ("2025-02-28", ["mid-term independent 2024-08-30", "final independent 2025-02-28"]),
        (
            "2025-03-01",
            ["mid-term independent 2024-08-30", "evaluability self 2025-02-28", "final independent 2025-03-01"],
        ),
    ],
)
def test_the_assessment_of_the_first_year_merges_into_a_final_not_after_it(end: str, owed: list[str]) -> None:
    assert in_short(assessed(project("2024-03-01", end, "5000000.01"))) == owed
