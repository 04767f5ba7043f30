from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.evaluation.checks import check_policies, check_policy
from app.domain.evaluation.policy import Band, BudgetBand, Condition, Policy, Rule, Rung, Window
from app.domain.evaluation.terms import Kind, Mode
from app.domain.findings import Severity, refused
from app.evaluations.policies.shipped import shipped
from tests.domain.evaluation.cases import BOOK, day, policy, policy_named, rule

FINAL = rule("final", Kind.FINAL)


def budget(name: str, currency: str = "USD", **limits: object) -> Rule:
    band = Band(**{key: Decimal(value) if isinstance(value, int) else value for key, value in limits.items()})  # type: ignore[arg-type]
    return replace(FINAL, id=name, condition=Condition(budget=BudgetBand(band=band, currency=currency)))


def months(name: str, lower: int, upper: int, kind: Kind = Kind.FINAL) -> Rule:
    band = Band(lower=Decimal(lower), upper=Decimal(upper))
    return replace(rule(name, kind), condition=Condition(months=band))


def rules_found(one: Policy) -> list[str]:
    return [finding.rule for finding in check_policy(one)]


@pytest.mark.parametrize("name", shipped())
def test_no_shipped_policy_has_a_fault(name: str) -> None:
    assert check_policy(policy_named(name)) == ()


def test_the_shipped_policies_in_force_follow_one_another_without_gap() -> None:
    assert check_policies(BOOK.own) == ()
    assert len(BOOK.own) == 2


@pytest.mark.parametrize(
    ("faulty", "expected"),
    [
        (policy("p"), "policy.no-rules"),
        (policy("p", FINAL, in_force_from=day("2024-01-02"), in_force_to=day("2024-01-01")), "policy.in-force"),
        (policy("p", FINAL, reserve_percent=Decimal("100.1")), "policy.reserve"),
        (policy("p", FINAL, reserve_percent=Decimal(-1)), "policy.reserve"),
        (policy("p", FINAL, response_weeks=0), "policy.response-weeks"),
        (policy("p", FINAL, merge_review_months=-1), "policy.merge-months"),
        (policy("p", FINAL, windows={Kind.FINAL: Window(opens=1, due=0, late=3)}), "policy.window-order"),
        (policy("p", FINAL, windows={Kind.FINAL: Window(opens=-6, due=0, late=-1)}), "policy.window-order"),
        (policy("p", rule("r", Kind.FINAL, window=Window(opens=1, due=0, late=3))), "policy.window-order"),
        (policy("p", rule("r", Kind.FINAL, response_weeks=0)), "policy.response-weeks"),
        (policy("p", rule("r", Kind.FINAL, or_kinds=(Kind.FINAL,))), "policy.or-itself"),
        (policy("p", rule("r", Kind.INTERIM)), "policy.interim-demanded"),
        (policy("p", replace(FINAL, valid_from=day("2024-01-02"), valid_to=day("2024-01-01"))), "policy.rule-validity"),
        (policy("p", budget("b", "DOL", lower=1)), "policy.currency"),
        (policy("p", budget("b", lower=5, upper=4)), "policy.band-empty"),
        (policy("p", budget("b", lower=5, lower_is="over", upper=5)), "policy.band-empty"),
        (policy("p", budget("b")), "policy.band-open"),
        (policy("p", budget("b", lower=-1)), "policy.band-negative"),
        (
            policy(
                "p", FINAL, ladders={Kind.FINAL: (Rung(name="a", months_before=3), Rung(name="a", months_before=1))}
            ),
            "policy.rung-twice",
        ),
    ],
)
def test_a_fault_that_makes_a_policy_useless_refuses_it(faulty: Policy, expected: str) -> None:
    found = check_policy(faulty)
    assert [finding.rule for finding in found] == [expected]
    assert refused(found)
    assert found[0].subject == "p"


@pytest.mark.parametrize(
    ("doubtful", "expected"),
    [
        (
            policy("p", replace(FINAL, valid_from=day("2025-01-01")), in_force_to=day("2024-12-31")),
            "policy.rule-never-in-force",
        ),
        (
            policy("p", replace(FINAL, valid_to=day("2023-12-31")), in_force_from=day("2024-01-01")),
            "policy.rule-never-in-force",
        ),
        (
            policy(
                "p", FINAL, ladders={Kind.FINAL: (Rung(name="a", months_before=3), Rung(name="b", months_before=3))}
            ),
            "policy.rung-same-month",
        ),
        (
            policy(
                "p",
                FINAL,
                windows={Kind.FINAL: Window(opens=-6, due=0, late=3)},
                ladders={Kind.FINAL: (Rung(name="a", months_before=-4),)},
            ),
            "policy.rung-after-late",
        ),
        (policy("p", replace(FINAL, condition=Condition(funding=frozenset({"gift"})))), "policy.preset-unknown"),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(doubtful: Policy, expected: str) -> None:
    found = check_policy(doubtful)
    assert [(finding.rule, finding.severity) for finding in found] == [(expected, Severity.WARNING)]


def test_two_rules_of_one_id_are_told_at_both() -> None:
    assert rules_found(policy("p", rule("r", Kind.FINAL), rule("r", Kind.MID_TERM))) == ["policy.rule-id-twice"] * 2


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"upper": 5, "upper_is": "under"}, {"lower": 5}, []),
        ({"upper": 5}, {"lower": 5, "lower_is": "over"}, []),
        ({"upper": 5, "upper_is": "under"}, {"lower": 5, "lower_is": "over"}, ["policy.band-gap"]),
        ({"upper": 5}, {"lower": 6}, ["policy.band-gap"]),
        ({"upper": 5}, {"lower": 5}, ["policy.band-overlap"]),
        ({"upper": 6}, {"lower": 5}, ["policy.band-overlap"]),
        ({"lower": 1}, {"lower": 5}, ["policy.band-overlap"]),
        ({"upper": 5}, {"upper": 6}, ["policy.band-overlap"]),
    ],
)
def test_bands_of_one_kind_should_meet_and_not_overlap(
    first: dict[str, object], second: dict[str, object], expected: list[str]
) -> None:
    assert rules_found(policy("p", budget("one", **first), budget("two", **second))) == expected
    assert rules_found(policy("p", budget("two", **second), budget("one", **first))) == expected


def test_bands_of_different_kinds_currencies_and_conditions_have_nothing_to_do_with_one_another() -> None:
    overlapping = policy(
        "p",
        months("a", 1, 20),
        months("b", 10, 30, Kind.MID_TERM),
        budget("c", lower=1),
        budget("d", "EUR", lower=2),
        replace(budget("e", lower=3), requirement=replace(FINAL.requirement, mode=Mode.SELECTIVE)),
    )
    assert check_policy(overlapping) == ()


def test_a_gap_says_where_and_between_which_rules() -> None:
    (finding,) = check_policy(policy("p", months("short", 1, 18), replace(months("long", 24, 60), line=12)))
    assert (finding.pointer, finding.line) == ("/rules/long", 12)
    assert "between rule short and this one lies a gap, from 18 to 24" in finding.message


def test_policies_of_one_owner_should_follow_one_another() -> None:
    first = policy("first", FINAL, in_force_to=day("2023-12-31"))
    late = policy("late", FINAL, in_force_from=day("2024-02-01"))
    early = policy("early", FINAL, in_force_from=day("2023-12-31"))
    (gap,) = check_policies([late, first])
    assert (gap.rule, gap.subject) == ("policy.gap", "late")
    assert "from 2024-01-01 to 2024-01-31" in gap.message
    (overlap,) = check_policies([first, early])
    assert overlap.message == "from 2023-12-31 on it is in force beside first: end that one on 2023-12-30"
    next_day = policy("next", FINAL, in_force_from=day("2024-01-01"))
    assert check_policies([next_day, first]) == ()


def test_clauses_may_have_gaps_and_every_partner_has_its_own() -> None:
    first = policy("first", FINAL, owner="NL", in_force_to=day("2023-12-31"))
    later = policy("later", FINAL, owner="NL", in_force_from=day("2025-01-01"))
    other = policy("other", FINAL, owner="SE")
    assert check_policies([first, later, other]) == ()


def test_the_same_id_twice_is_refused() -> None:
    found = check_policies([policy("p", FINAL), policy("p", FINAL, owner="NL")])
    assert [finding.rule for finding in found] == ["policy.id-twice"]
