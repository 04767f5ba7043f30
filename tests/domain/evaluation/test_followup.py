from dataclasses import replace

import pytest

from app.domain.evaluation.followup import (
    RecommendationFacts,
    RecommendationState,
    age_band,
    age_days,
    recommendation_state,
    response_due,
)
from app.domain.terms import RecommendationResponse, RecommendationStatus
from tests.domain.evaluation.cases import day

NEW = RecommendationFacts(report_accepted_on=day("2026-01-05"))
ACCEPTED = replace(
    NEW, response=RecommendationResponse.ACCEPTED, response_on=day("2026-02-01"), due_on=day("2026-06-30")
)


def test_the_response_is_due_six_weeks_after_the_accepted_report() -> None:
    assert response_due(day("2026-01-05")) == day("2026-02-16")
    assert response_due(day("2026-01-05"), weeks=4) == day("2026-02-02")


@pytest.mark.parametrize(
    ("facts", "as_of", "state"),
    [
        (NEW, "2026-02-16", RecommendationState.AWAITING_RESPONSE),
        (NEW, "2026-02-17", RecommendationState.RESPONSE_OVERDUE),
        (ACCEPTED, "2026-01-31", RecommendationState.AWAITING_RESPONSE),
        (ACCEPTED, "2026-06-30", RecommendationState.OPEN),
        (ACCEPTED, "2026-07-01", RecommendationState.OVERDUE),
        (replace(ACCEPTED, due_on=None), "2030-01-01", RecommendationState.OPEN),
        (replace(ACCEPTED, response=RecommendationResponse.PARTLY), "2026-07-01", RecommendationState.OVERDUE),
        (replace(ACCEPTED, response=RecommendationResponse.REJECTED), "2026-07-01", RecommendationState.REJECTED),
        (replace(ACCEPTED, status=RecommendationStatus.IN_PROGRESS), "2026-06-30", RecommendationState.OPEN),
        (replace(ACCEPTED, status=RecommendationStatus.DONE), "2026-07-01", RecommendationState.DONE),
        (replace(NEW, status=RecommendationStatus.DROPPED), "2026-07-01", RecommendationState.DROPPED),
        (replace(ACCEPTED, status=RecommendationStatus.VERIFIED), "2026-07-01", RecommendationState.VERIFIED),
    ],
)
def test_the_state_of_a_recommendation_on_a_day(
    facts: RecommendationFacts, as_of: str, state: RecommendationState
) -> None:
    assert recommendation_state(facts, day(as_of)) is state


@pytest.mark.parametrize(
    ("as_of", "days", "band"),
    [
        ("2026-01-04", 0, "up to 3 months"),
        ("2026-04-05", 90, "up to 3 months"),
        ("2026-04-06", 91, "3 to 6 months"),
        ("2026-07-04", 180, "3 to 6 months"),
        ("2026-07-05", 181, "6 to 12 months"),
        ("2027-01-05", 365, "6 to 12 months"),
        ("2027-01-06", 366, "over 12 months"),
    ],
)
def test_recommendations_age_in_bands(as_of: str, days: int, band: str) -> None:
    assert (age_days(NEW, day(as_of)), age_band(NEW, day(as_of))) == (days, band)
