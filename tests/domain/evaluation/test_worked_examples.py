"""The worked examples of the field's rules, date by date, and the nine cases of the 2002 framework."""

from datetime import timedelta

import pytest
import yaml

from app.domain.evaluation.policy import LADDERS, WINDOWS, Window
from app.domain.evaluation.terms import Independence, Kind
from app.domain.periods import add_months
from tests.domain.evaluation.cases import DEFAULT, assessed, day, in_short, project
from tests.reference import needs_reference, reference


@pytest.mark.parametrize(
    ("end", "budget", "owed"),
    [
        ("2004-06-29", "350000", ["final self 2004-06-29"]),
        ("2004-06-30", "350000", ["mid-term self 2003-10-01", "final self 2004-06-30"]),
        ("2004-06-29", "350000.01", ["final independent 2004-06-29"]),
        ("2004-06-30", "350000.01", ["mid-term self 2003-10-01", "final independent 2004-06-30"]),
        ("2005-06-30", "350000", ["mid-term self 2004-03-31", "final self 2005-06-30"]),
        (
            "2005-07-01",
            "350000",
            [
                "annual-review1 self 2003-12-31",
                "annual-review2 self 2004-12-31",
                "final self 2005-07-01",
                "? mid-term",
            ],
        ),
    ],
)
def test_policy_of_2002_from_1_january_2003(end: str, budget: str, owed: list[str]) -> None:
    assert in_short(assessed(project("2003-01-01", end, budget))) == owed


def test_policy_of_2002_with_a_mid_term_that_was_agreed_or_not() -> None:
    agreed = assessed(project("2003-01-01", "2005-07-01", 350000, mid_term_agreed=True))
    assert in_short(agreed) == [
        "annual-review1 self 2003-12-31",
        "mid-term self 2004-04-01",
        "annual-review2 self 2004-12-31",
        "final self 2005-07-01",
    ]
    assert "the evaluation plan foresees a mid-term" in agreed.obligations[1].reason
    refused = assessed(project("2003-01-01", "2005-07-01", 350000, mid_term_agreed=False))
    assert [one for one in in_short(refused) if "mid-term" in one] == []


def test_what_the_plan_says_about_a_mid_term_is_named_as_missing() -> None:
    (unknown,) = assessed(project("2003-01-01", "2005-07-01", 350000)).cannot_tell
    assert unknown.kind is Kind.MID_TERM
    assert unknown.missing == ("whether the evaluation plan foresees a mid-term",)
    assert unknown.due == day("2004-04-01")
    assert unknown.rules == ("ilo-2002/long-mid-term",)


@pytest.mark.parametrize(
    ("budget", "owed"),
    [
        ("0.01", ["final self 2027-02-28"]),
        ("499999.99", ["final self 2027-02-28"]),
        ("500000", ["final internal 2027-02-28"]),
        ("1000000", ["final internal 2027-02-28"]),
        ("1000000.01", ["mid-term internal 2025-08-30", "final independent 2027-02-28"]),
        ("5000000", ["mid-term internal 2025-08-30", "final independent 2027-02-28"]),
        (
            "5000000.01",
            ["evaluability self 2025-02-28", "mid-term independent 2025-08-30", "final independent 2027-02-28"],
        ),
    ],
)
def test_default_policy_over_36_months(budget: str, owed: list[str]) -> None:
    assert in_short(assessed(project("2024-03-01", "2027-02-28", budget))) == owed


def test_default_policy_asks_no_mid_term_of_exactly_30_months() -> None:
    assert in_short(assessed(project("2025-01-01", "2027-06-30", 3_000_000))) == ["final independent 2027-06-30"]
    a_day_more = assessed(project("2025-01-01", "2027-07-01", 3_000_000))
    assert in_short(a_day_more) == ["mid-term internal 2026-04-01", "final independent 2027-07-01"]


def test_windows_stand_around_the_dates() -> None:
    mid_term, final = assessed(project("2024-03-01", "2027-02-28", 3_000_000)).obligations
    assert (mid_term.opens, mid_term.late) == (day("2025-05-30"), day("2025-11-30"))
    assert (final.opens, final.late) == (day("2026-08-28"), day("2027-05-28"))
    assert WINDOWS[Kind.FINAL] == Window(opens=-6, due=0, late=3)
    assert WINDOWS[Kind.MID_TERM] == Window(opens=-3, due=0, late=3)


def test_the_usual_ladders_are_those_of_the_default_policy() -> None:
    assert [rung.months_before for rung in LADDERS[Kind.FINAL]] == [12, 8, 6, 4, 3, 0]
    assert [rung.months_before for rung in LADDERS[Kind.MID_TERM]] == [6, 4, 2, 0]
    assert DEFAULT.ladder(Kind.FINAL) == LADDERS[Kind.FINAL]
    assert DEFAULT.ladder(Kind.MID_TERM) == LADDERS[Kind.MID_TERM]


def test_the_reason_says_it_in_words_and_numbers() -> None:
    (final,) = assessed(project("2025-01-01", "2027-01-31", "1500000")).obligations
    assert final.reason == (
        "final, independent: budget US$ 1.5 m (original 2025-01-01) is over US$ 1 m and at most US$ 5 m; "
        "ends 2027-01-31; rule default/large-final"
    )


#: How the cases of the framework name what a project owes, from the obligations computed here.
NAMES = {Kind.ANNUAL_REVIEW: "annual_review", Kind.FINAL: "final_evaluation"}


def case_names(case: dict[str, object]) -> set[str]:
    start = day("2003-01-01")
    months = int(str(case["duration_months"]))
    end = add_months(start, months) - timedelta(days=1)
    facts = project("2003-01-01", end.isoformat(), str(case["budget_usd"]), mid_term_agreed=bool(case["plan_mid_term"]))
    found = assessed(facts)
    assert found.cannot_tell == ()
    names = set()
    for one in found.obligations:
        mid_term = "mid_term_review" if months > 30 else "mid_term_evaluation"
        names.add(mid_term if one.kind is Kind.MID_TERM else NAMES[one.kind])
        if one.independence is Independence.INDEPENDENT:
            names.add("independent_evaluation")
    return names


CASES: list[dict[str, object]] = [
    {"duration_months": 12, "budget_usd": 200000, "plan_mid_term": False, "expected": "final"},
    {"duration_months": 17, "budget_usd": 350000, "plan_mid_term": False, "expected": "final"},
    {"duration_months": 17, "budget_usd": 350001, "plan_mid_term": False, "expected": "final independent"},
    {"duration_months": 18, "budget_usd": 350000, "plan_mid_term": False, "expected": "mid-term final"},
    {"duration_months": 24, "budget_usd": 1000000, "plan_mid_term": False, "expected": "mid-term final independent"},
    {"duration_months": 30, "budget_usd": 300000, "plan_mid_term": False, "expected": "mid-term final"},
    {"duration_months": 31, "budget_usd": 300000, "plan_mid_term": False, "expected": "review final"},
    {
        "duration_months": 48,
        "budget_usd": 5500000,
        "plan_mid_term": True,
        "expected": "review mid-term-review final independent",
    },
    {"duration_months": 60, "budget_usd": 94000000, "plan_mid_term": False, "expected": "review final independent"},
]
WORDS = {
    "final": "final_evaluation",
    "independent": "independent_evaluation",
    "mid-term": "mid_term_evaluation",
    "mid-term-review": "mid_term_review",
    "review": "annual_review",
}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['duration_months']} months" for case in CASES])
def test_case_of_the_2002_framework(case: dict[str, object]) -> None:
    assert case_names(case) == {WORDS[word] for word in str(case["expected"]).split()}


@pytest.mark.reference
@needs_reference
def test_every_case_of_the_reference_file_comes_out() -> None:
    path = reference("facts", "evaluation_rules_2002.yaml")
    assert path is not None
    cases = yaml.safe_load(path.read_text(encoding="utf-8"))["test_cases"]
    assert len(cases) == 9
    assert [case_names(case) for case in cases] == [set(case["expected"]) for case in cases]
