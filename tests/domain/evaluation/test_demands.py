"""What partners' clauses, other conditions and peers' policies demand, and what is to be set aside for it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.evaluation.facts import ProjectFacts
from app.domain.evaluation.policy import Condition, Policy, Window
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Independence, Kind, Mode
from app.domain.money import Money
from app.domain.periods import add_months
from tests.domain.evaluation.cases import (
    BEFORE_BOTH,
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

# Clauses


def clause(*rules: object, **values: object) -> Policy:
    return policy("clause-nl", *rules, owner="NL", **values)  # type: ignore[arg-type]


NL = (signed("NL", "2024-01-15"),)


def test_a_clause_adds_what_the_policy_does_not_ask() -> None:
    book = Rulebook.of([DEFAULT, clause(rule("mid", Kind.MID_TERM, Independence.SELF))])
    facts = project("2024-03-01", "2025-02-28", 10)
    assert in_short(assessed(facts, book)) == ["final self 2025-02-28"]
    funded = assessed(replace(facts, funding=NL), book)
    assert in_short(funded) == ["mid-term self 2024-08-30", "final self 2025-02-28"]
    assert funded.clauses == ("clause-nl",)


@pytest.mark.parametrize(
    ("demanded", "expected"),
    [("self", "independent"), ("internal", "independent"), ("independent", "independent"), ("external", "external")],
)
def test_the_stronger_of_policy_and_clause_counts(demanded: str, expected: str) -> None:
    book = Rulebook.of([DEFAULT, clause(rule("final", Kind.FINAL, Independence(demanded)))])
    (final,) = assessed(project("2024-03-01", "2025-02-28", 2_000_000, funding=NL), book).obligations
    assert final.independence == expected
    assert final.rules == ("default/large-final", "clause-nl/final")


def test_the_earlier_dates_of_policy_and_clause_count() -> None:
    earlier = rule("final", Kind.FINAL, Independence.SELF, window=Window(opens=-9, due=-2, late=6))
    book = Rulebook.of([DEFAULT, clause(earlier)])
    (final,) = assessed(project("2024-03-01", "2025-02-28", 10, funding=NL), book).obligations
    assert (final.opens, final.due, final.late) == (day("2024-05-28"), day("2024-12-28"), day("2025-05-28"))


def test_the_clause_is_the_one_in_force_when_that_partner_signed() -> None:
    old = clause(rule("mid", Kind.MID_TERM), in_force_to=day("2023-12-31"))
    book = Rulebook.of([DEFAULT, old])
    assert assessed(project("2024-03-01", "2025-02-28", 10, funding=NL), book).clauses == ()
    earlier = (*NL, signed("NL", "2023-06-01"))
    assert assessed(project("2024-03-01", "2025-02-28", 10, funding=earlier), book).clauses == ("clause-nl",)


def test_the_clause_of_a_partner_who_only_pledged_counts_from_the_projects_day() -> None:
    book = Rulebook.of([DEFAULT, clause(rule("mid", Kind.MID_TERM))])
    facts = project("2024-03-01", "2025-02-28", 10, funding=(signed("NL", None),))
    assert assessed(facts, book).clauses == ("clause-nl",)


def test_a_clause_counts_even_where_no_policy_covers_the_project() -> None:
    book = Rulebook.of([DEFAULT, clause(rule("final", Kind.FINAL, Independence.EXTERNAL))])
    found = assessed(replace(BEFORE_BOTH, funding=(signed("NL", "2002-10-31"),)), book)
    assert in_short(found) == ["final external 2004-01-31", "? None"]


kinds = st.sampled_from([Kind.EVALUABILITY, Kind.ANNUAL_REVIEW, Kind.MID_TERM, Kind.FINAL, Kind.EX_POST])
independences = st.sampled_from(list(Independence))


@settings(deadline=None)
@given(
    budget=st.one_of(st.none(), st.integers(0, 10_000_000)),
    months=st.one_of(st.none(), st.integers(1, 90)),
    demands=st.lists(st.tuples(kinds, independences), max_size=4),
    agreed=st.one_of(st.none(), st.booleans()),
    start=st.sampled_from(["2003-01-31", "2024-02-29"]),
)
def test_a_clause_can_only_add(
    budget: int | None,
    months: int | None,
    demands: list[tuple[Kind, Independence]],
    agreed: bool | None,
    start: str,
) -> None:
    end = None if months is None else add_months(day(start), months).isoformat()
    facts = project(start, end, budget, mid_term_agreed=agreed, funding=(signed("NL", start),))
    demanded = clause(*(rule(f"r{place}", kind, strength) for place, (kind, strength) in enumerate(demands)))
    without = assessed(facts)
    united = assessed(facts, Rulebook.of([ILO_2002, DEFAULT, demanded]))
    taken_over = {place for one in united.obligations for place in one.merged_reviews}
    owed = {one.key: one for one in united.obligations}
    for one in without.obligations:
        if one.kind is Kind.ANNUAL_REVIEW and one.ordinal in taken_over:
            continue
        assert owed[one.key].independence.satisfies(one.independence)
        assert owed[one.key].due <= one.due
    for unknown in without.cannot_tell:
        assert unknown.kind in {one.kind for one in (*united.cannot_tell, *united.obligations)}


def test_selective_rules_make_no_obligation() -> None:
    book = Rulebook.of([policy("p", rule("x", Kind.EX_POST, mode=Mode.SELECTIVE), rule("f", Kind.FINAL))])
    assert in_short(assessed(project("2024-03-01", "2025-02-28", 10), book)) == ["final self 2025-02-28"]


# Other conditions


@pytest.mark.parametrize(
    ("condition", "facts", "owed"),
    [
        (Condition(pilot=True), {"pilot": True}, True),
        (Condition(pilot=True), {"pilot": False}, False),
        (Condition(pilot=False), {"pilot": False}, True),
        (Condition(phase_at_least=2), {"phase": 2}, True),
        (Condition(phase_at_least=2), {"phase": 1}, False),
        (Condition(phase_at_least=2), {"phase": None}, None),
        (Condition(funding=frozenset({"rbsa"})), {"funding": (signed("NL", "2024-01-01", "rbsa"),)}, True),
        (Condition(funding=frozenset({"rbsa"})), {"funding": (signed("NL", "2024-01-01", "project"),)}, False),
    ],
)
def test_pilot_phase_and_source_of_funds_are_conditions(
    condition: Condition, facts: dict[str, object], owed: bool | None
) -> None:
    book = Rulebook.of([policy("p", replace(rule("r", Kind.FINAL), condition=condition))])
    found = assessed(project("2024-03-01", "2025-02-28", 10, **facts), book)
    assert bool(found.obligations) is (owed is True)
    assert bool(found.cannot_tell) is (owed is None)


# Peers


def undp(budget: int, spent: int = 0) -> list[str]:
    facts = project("2024-01-01", "2026-12-31", budget, actual_expenditure=figure(spent, "2024-06-30"))
    return in_short(assessed(facts, Rulebook.of([policy_named("example-undp")])))


def test_undp_asks_both_over_5_million_and_either_from_3_million() -> None:
    both = ["mid-term independent 2025-07-01", "final independent 2026-12-31"]
    assert undp(5_000_001) == undp(4_000_000, spent=5_000_001) == both
    assert undp(5_000_000) == undp(3_000_000) == ["final independent 2026-12-31"]
    assert undp(2_999_999) == []


def test_either_may_be_a_mid_term_unless_another_rule_insists_on_the_final() -> None:
    undp_policy = policy_named("example-undp")
    facts = project("2024-01-01", "2026-12-31", 4_000_000, actual_expenditure=figure(0, "2024-06-30"), funding=NL)
    (either,) = assessed(facts, Rulebook.of([undp_policy])).obligations
    assert either.or_kinds == (Kind.MID_TERM,)
    assert "a mid-term would do instead" in either.reason
    (insisted,) = assessed(facts, Rulebook.of([undp_policy, clause(rule("final", Kind.FINAL))])).obligations
    assert insisted.or_kinds == ()


@pytest.mark.parametrize(
    ("name", "facts", "owed"),
    [
        (
            "example-gef",
            project("2024-01-01", "2026-12-31", 2_000_001),
            ["mid-term internal 2025-07-01", "final independent 2027-06-30"],
        ),
        ("example-gef", project("2024-01-01", "2026-12-31", 2_000_000), ["final independent 2027-06-30"]),
        ("example-fao", project("2024-01-01", "2026-12-31", 6_200_000), []),
        ("example-fao", project("2024-01-01", "2026-12-31", 6_200_001), ["final independent 2026-12-31"]),
        ("example-unodc", project("2024-01-01", "2027-12-30", 1), []),
        (
            "example-unodc",
            project("2024-01-01", "2027-12-31", 1),
            ["mid-term independent 2025-12-31", "final independent 2027-12-31"],
        ),
        ("example-iom-development-fund", project("2024-01-01", "2026-12-31", 1), ["ex-post internal 2027-12-31"]),
    ],
)
def test_the_peers_rules_at_their_limits(name: str, facts: ProjectFacts, owed: list[str]) -> None:
    assert in_short(assessed(facts, Rulebook.of([policy_named(name)]))) == owed


def test_unodc_opens_the_final_eight_months_before_the_end_and_iom_looks_back_after_six() -> None:
    final = assessed(project("2024-01-01", "2027-12-31", 1), Rulebook.of([policy_named("example-unodc")]))
    assert final.obligations[-1].opens == day("2027-04-30")
    (ex_post,) = assessed(
        project("2024-01-01", "2026-12-31", 1), Rulebook.of([policy_named("example-iom-development-fund")])
    ).obligations
    assert (ex_post.opens, ex_post.late) == (day("2027-06-30"), day("2027-12-31"))


# The reserve


@pytest.mark.parametrize(
    ("reserve", "found"), [(None, True), ("19999.99", True), ("20000", False), ("20000.01", False)]
)
def test_the_share_of_the_budget_to_set_aside_is_asked_for(reserve: str | None, found: bool) -> None:
    held = None if reserve is None else Money(Decimal(reserve), "USD")
    facts = project("2024-03-01", "2025-02-28", 1_000_000, evaluation_reserve=held)
    rules = {finding.rule: finding.message for finding in assessed(facts).findings}
    assert ("project.evaluation-reserve" in rules) is found
    if found:
        assert "2 % of the budget aside for evaluation (US$ 20,000)" in rules["project.evaluation-reserve"]


def test_a_reserve_in_a_currency_without_rate_is_told() -> None:
    facts = project("2024-03-01", "2025-02-28", 1_000_000, evaluation_reserve=Money(Decimal(20000), "EUR"))
    (finding,) = assessed(facts).findings
    assert "no rate of EUR on or before 2024-03-01" in finding.message


def test_nothing_is_asked_to_be_set_aside_when_the_project_has_ended() -> None:
    facts = project("2024-03-01", "2025-02-28", 1_000_000, actual_end=day("2025-02-28"))
    assert assessed(facts).findings == ()
