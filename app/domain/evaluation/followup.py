"""What follows a report: the management response, the actions, their age."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.evaluation.policy import RESPONSE_WEEKS
from app.domain.terms import RecommendationResponse, RecommendationStatus


class RecommendationState(StrEnum):
    """State of a recommendation on a day."""

    AWAITING_RESPONSE = "awaiting-response"
    RESPONSE_OVERDUE = "response-overdue"
    REJECTED = "rejected"
    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    VERIFIED = "verified"
    #: Given up; stays visible.
    DROPPED = "dropped"


#: States of the action that say all there is to say, whatever was answered.
_SETTLED = {
    RecommendationStatus.VERIFIED: RecommendationState.VERIFIED,
    RecommendationStatus.DONE: RecommendationState.DONE,
    RecommendationStatus.DROPPED: RecommendationState.DROPPED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RecommendationFacts:
    """A recommendation as known on a day."""

    #: Day the report was accepted.
    report_accepted_on: date
    response: RecommendationResponse | None = None
    response_on: date | None = None
    #: Due date of the agreed action.
    due_on: date | None = None
    status: RecommendationStatus = RecommendationStatus.OPEN


def response_due(report_accepted_on: date, weeks: int = RESPONSE_WEEKS) -> date:
    """Last day for the management response: so many weeks after the report was accepted."""
    return report_accepted_on + timedelta(weeks=weeks)


def recommendation_state(
    facts: RecommendationFacts, as_of: date, *, weeks: int = RESPONSE_WEEKS
) -> RecommendationState:
    """The state on a day; a response given later than the day does not count yet."""
    if facts.status in _SETTLED:
        return _SETTLED[facts.status]
    answered = facts.response is not None and (facts.response_on is None or facts.response_on <= as_of)
    if not answered:
        late = as_of > response_due(facts.report_accepted_on, weeks)
        return RecommendationState.RESPONSE_OVERDUE if late else RecommendationState.AWAITING_RESPONSE
    if facts.response is RecommendationResponse.REJECTED:
        return RecommendationState.REJECTED
    late = facts.due_on is not None and as_of > facts.due_on
    return RecommendationState.OVERDUE if late else RecommendationState.OPEN


#: Upper limits in days of the bands in which open recommendations are counted by age; the last band is open.
AGE_BANDS = ((90, "up to 3 months"), (180, "3 to 6 months"), (365, "6 to 12 months"))
OLDEST_BAND = "over 12 months"


def age_days(facts: RecommendationFacts, as_of: date) -> int:
    """Days since the report was accepted; 0 before it."""
    return max(0, (as_of - facts.report_accepted_on).days)


def age_band(facts: RecommendationFacts, as_of: date) -> str:
    """The band of a recommendation's age."""
    days = age_days(facts, as_of)
    return next((name for limit, name in AGE_BANDS if days <= limit), OLDEST_BAND)
