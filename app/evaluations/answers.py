"""Evaluations and recommendations as they are shown: with what hangs below them, and how they stand on a day."""

import datetime as dt

from sqlmodel import Session

from app.domain.evaluation.followup import RecommendationFacts, RecommendationState, age_days, recommendation_state
from app.domain.terms import RecommendationStatus
from app.errors import NotFound
from app.evaluations import queries
from app.http.lists import Shown


def with_parts(session: Session, items: list[Shown]) -> list[Shown]:
    """Evaluations with the codes of their projects and their ratings; two statements, however many there are."""
    projects, ratings = queries.below_evaluations(session, [item["id"] for item in items])
    for item in items:
        item["projects"], item["ratings"] = projects[item["id"]], ratings[item["id"]]
    return items


def with_state(items: list[Shown], today: dt.date) -> list[Shown]:
    """Recommendations with their state and age of the day."""
    for item in items:
        accepted_on = item.pop("accepted_on")
        if accepted_on is None:
            # the report is not accepted yet, so that nothing runs
            settled = item["status"] in (RecommendationStatus.DONE, RecommendationStatus.VERIFIED)
            item["state"] = item["status"].value if settled else RecommendationState.AWAITING_RESPONSE.value
            item["age_days"] = None
            continue
        facts = RecommendationFacts(
            report_accepted_on=accepted_on,
            response=item["response"],
            response_on=item["response_on"],
            response_due_on=item["response_due_on"],
            due_on=item["due_on"],
            status=item["status"],
            done_on=item["done_on"],
            verified_on=item["verified_on"],
        )
        item["state"] = recommendation_state(facts, today).value
        item["age_days"] = age_days(facts, today)
    return items


def one_evaluation(session: Session, evaluation_id: int) -> Shown:
    """The evaluation as it is shown. Its ETag counts its version.

    :raises NotFound: when there is none.
    """
    item = queries.show(session, queries.EVALUATIONS, evaluation_id)
    if item is None:
        raise NotFound(f"There is no evaluation {evaluation_id}.")
    return with_parts(session, [item])[0]


def one_recommendation(session: Session, recommendation_id: int, today: dt.date) -> Shown:
    """The recommendation as it stands on a day.

    :raises NotFound: when there is none.
    """
    item = queries.show(session, queries.RECOMMENDATIONS, recommendation_id)
    if item is None:
        raise NotFound(f"There is no recommendation {recommendation_id}.")
    return with_state([item], today)[0]
