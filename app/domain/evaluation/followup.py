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
    #: Put off, and the day until which it is put off has not passed.
    DEFERRED = "deferred"
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

    #: Day the report was accepted, or issued by its overseer.
    report_accepted_on: date
    response: RecommendationResponse | None = None
    response_on: date | None = None
    #: Last day for the response, where it is kept; else so many weeks after the report.
    response_due_on: date | None = None
    #: Due date of the agreed action.
    due_on: date | None = None
    status: RecommendationStatus = RecommendationStatus.OPEN
    #: Day on which the action was done, where it is known.
    done_on: date | None = None
    verified_on: date | None = None


def response_due(report_accepted_on: date, weeks: int = RESPONSE_WEEKS) -> date:
    """Last day for the management response: so many weeks after the report was accepted."""
    return report_accepted_on + timedelta(weeks=weeks)


def recommendation_state(
    facts: RecommendationFacts, as_of: date, *, weeks: int = RESPONSE_WEEKS
) -> RecommendationState:
    """The state on a day; what was answered, done or verified later than the day does not count yet."""
    status = _status_on(facts, as_of)
    if status in _SETTLED:
        return _SETTLED[status]
    answered = facts.response is not None and (facts.response_on is None or facts.response_on <= as_of)
    if not answered:
        late = as_of > (facts.response_due_on or response_due(facts.report_accepted_on, weeks))
        return RecommendationState.RESPONSE_OVERDUE if late else RecommendationState.AWAITING_RESPONSE
    if facts.response is RecommendationResponse.REJECTED:
        return RecommendationState.REJECTED
    if facts.due_on is not None and as_of > facts.due_on:
        return RecommendationState.OVERDUE
    deferred = facts.response is RecommendationResponse.DEFERRED or status is RecommendationStatus.DEFERRED
    return RecommendationState.DEFERRED if deferred else RecommendationState.OPEN


def _status_on(facts: RecommendationFacts, as_of: date) -> RecommendationStatus:
    """The status as the days of its steps tell it; a step without a day has always held."""
    status = facts.status
    if status is RecommendationStatus.VERIFIED and facts.verified_on is not None and facts.verified_on > as_of:
        status = RecommendationStatus.DONE
    done_on = facts.done_on or facts.verified_on
    if status is RecommendationStatus.DONE and done_on is not None and done_on > as_of:
        status = RecommendationStatus.IN_PROGRESS
    return status


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
