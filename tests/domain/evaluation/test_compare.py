from dataclasses import replace
from datetime import date

from app.domain.evaluation.compare import Difference, difference, is_asked
from app.domain.evaluation.facts import ProjectFacts
from app.domain.evaluation.obligations import assess
from app.domain.evaluation.policy import Policy
from app.domain.evaluation.rulebook import Rulebook
from app.domain.evaluation.terms import Independence, Kind
from app.domain.money import NO_RATES, Rates
from tests.domain.evaluation.cases import BOOK, DEFAULT, ILO_2002, day, policy, project, rule

TODAY = day("2026-11-20")
SMALL = project("2024-03-01", "2027-02-28", 400_000)
LARGE = replace(project("2024-03-01", "2027-02-28", 3_000_000), project="L")


def compare(
    first: Policy | Rulebook, second: Policy | Rulebook, projects: list[ProjectFacts], rates: Rates, as_of: date
) -> list[Difference]:
    """What the second says differently of projects of which anything is asked; a policy as if it ruled all."""
    before, after = (
        one if isinstance(one, Rulebook) else Rulebook.of([replace(one, in_force_from=None, in_force_to=None)])
        for one in (first, second)
    )
    found = (difference(assess(each, before, rates), assess(each, after, rates)) for each in projects if
             is_asked(each, as_of))  # fmt: skip
    return [one for one in found if one is not None]


def test_a_policy_compared_with_itself_changes_nothing() -> None:
    assert list(compare(DEFAULT, DEFAULT, [SMALL, LARGE], NO_RATES, TODAY)) == []
    assert list(compare(BOOK, BOOK, [SMALL, LARGE], NO_RATES, TODAY)) == []


def test_what_would_be_added_removed_and_changed_is_listed_per_project() -> None:
    stricter = policy("new", rule("final", Kind.FINAL, Independence.EXTERNAL), rule("x", Kind.EX_POST))
    small, large = compare(DEFAULT, stricter, [SMALL, LARGE], NO_RATES, TODAY)
    assert (small.project, large.project) == ("P", "L")
    assert [one.kind for one in small.added] == [Kind.EX_POST]
    assert [(was.independence, now.independence) for was, now in small.changed] == [("self", "external")]
    assert (small.removed, small.no_longer_known, small.now_known) == ((), (), ())
    assert [one.kind for one in large.removed] == [Kind.MID_TERM]


def test_a_policy_is_tried_on_todays_portfolio_whatever_its_dates() -> None:
    (found,) = compare(DEFAULT, ILO_2002, [replace(SMALL, mid_term_agreed=False)], NO_RATES, TODAY)
    assert [one.kind for one in found.added] == [Kind.ANNUAL_REVIEW, Kind.ANNUAL_REVIEW]


def test_what_could_no_longer_or_now_be_told_is_listed() -> None:
    (found,) = compare(DEFAULT, ILO_2002, [SMALL], NO_RATES, TODAY)
    assert [one.kind for one in found.no_longer_known] == [Kind.MID_TERM]
    (back,) = compare(ILO_2002, DEFAULT, [SMALL], NO_RATES, TODAY)
    assert [one.kind for one in back.now_known] == [Kind.MID_TERM]


def test_a_rulebook_counts_as_its_dates_say() -> None:
    future = replace(DEFAULT, id="future", rules=(rule("final", Kind.FINAL),), in_force_from=day("2027-01-01"))
    assert list(compare(BOOK, Rulebook.of([*BOOK.own, future]), [SMALL, LARGE], NO_RATES, TODAY)) == []


def test_projects_that_have_ended_are_left_out() -> None:
    stricter = policy("new", rule("final", Kind.FINAL, Independence.EXTERNAL))
    ended = replace(SMALL, actual_end=day("2026-11-19"))
    ends_today = replace(SMALL, actual_end=TODAY)
    assert list(compare(DEFAULT, stricter, [ended], NO_RATES, TODAY)) == []
    assert len(list(compare(DEFAULT, stricter, [ends_today], NO_RATES, TODAY))) == 1
