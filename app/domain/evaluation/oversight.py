"""What follows reports of every overseer: deadlines, times and shares, and scorecards whose totals are given.

Times are counted in months of a twelfth of 365.25 days. Everything is asked for as of a day: what happened later does
not count yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from app.domain.evaluation.followup import RecommendationFacts, RecommendationState, recommendation_state
from app.domain.money import WORKING
from app.domain.periods import add_months
from app.domain.terms import Overseer, RecommendationResponse, RecommendationStatus

_MONTH = Decimal("365.25") / 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadlines:
    """Months after a report within which management sees to it; None: nothing is asked by a day."""

    response: int | None = None
    #: the plan of action of the unit that was looked at
    plan: int | None = None
    #: what was accepted is addressed
    addressed: int | None = None
    #: whether a source says so; else it is taken over from the one that does
    stated: bool = False


#: Three months for the plan and six for what was accepted are stated for internal audit (source 002, B.2.2). An
#: evaluation's response follows its policy in weeks, and its actions have the days that were agreed.
DEADLINES: Mapping[Overseer, Deadlines] = {
    Overseer.EVALUATION: Deadlines(stated=True),
    Overseer.INTERNAL_AUDIT: Deadlines(response=3, plan=3, addressed=6, stated=True),
    Overseer.EXTERNAL_AUDIT: Deadlines(response=3, plan=3, addressed=6),
    Overseer.DONOR_ASSESSMENT: Deadlines(response=3, plan=3, addressed=6),
    Overseer.OTHER: Deadlines(response=3, plan=3, addressed=6),
}


def deadline(issued_on: date, months: int | None) -> date | None:
    """The last day of so many months after a report."""
    return None if months is None else add_months(issued_on, months)


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """A recommendation with the days of its steps."""

    facts: RecommendationFacts
    #: day on which the plan of action was given
    plan_on: date | None = None
    plan_due_on: date | None = None
    #: day on which a later look found that nothing was done
    found_outstanding_on: date | None = None

    def state(self, as_of: date) -> RecommendationState:
        return recommendation_state(self.facts, as_of)

    def plan_is_late(self, as_of: date) -> bool:
        """Whether the plan of action of what was taken on is missing after its day."""
        answer = self.answer(as_of)
        given = self.plan_on is not None and self.plan_on <= as_of
        if self.plan_due_on is None or given or answer in (None, RecommendationResponse.REJECTED):
            return False
        return as_of > self.plan_due_on and self.state(as_of) in _NOT_CLOSED

    def answer(self, as_of: date) -> RecommendationResponse | None:
        """What was answered by the day."""
        facts = self.facts
        return facts.response if facts.response_on is None or facts.response_on <= as_of else None

    def closed_on(self, as_of: date) -> date | None:
        """The day on which the action was done, where it is known and had come."""
        day = self.facts.done_on or self.facts.verified_on
        done = self.facts.status in (RecommendationStatus.DONE, RecommendationStatus.VERIFIED)
        return day if done and day is not None and day <= as_of else None


_CLOSED = (RecommendationState.DONE, RecommendationState.VERIFIED)
_NOT_CLOSED = (RecommendationState.OPEN, RecommendationState.OVERDUE, RecommendationState.DEFERRED)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUp:
    """Figures of a set of recommendations as of a day; None: there is nothing to divide by."""

    recommendations: int
    accepted: int
    partly: int
    rejected: int
    #: answered so, or put off later
    deferred: int
    unanswered: int
    response_overdue: int
    plan_overdue: int
    overdue: int
    months_to_answer: Decimal | None
    months_to_plan: Decimal | None
    #: done or verified
    closed: int
    months_to_close: Decimal | None
    #: of those that management took on: accepted, partly accepted or deferred
    addressed_percent: Decimal | None
    deferred_percent: Decimal | None
    #: of those taken on whose day is known and has passed, or that were addressed on a known day
    in_time: int
    in_time_percent: Decimal | None
    #: of those that were looked at again: found outstanding
    outstanding_percent: Decimal | None
    #: closed, and nobody knows on which day
    closed_without_day: int


def follow_up(recommendations: Iterable[Followed], as_of: date) -> FollowUp:
    """The figures as of a day."""
    known = [one for one in recommendations if one.facts.report_accepted_on <= as_of]
    states = [one.state(as_of) for one in known]
    answers = [one.answer(as_of) for one in known]
    taken_on = [place for place, answer in enumerate(answers) if answer not in (None, RecommendationResponse.REJECTED)]
    closed_on = [one.closed_on(as_of) for one in known]
    is_closed = [state in _CLOSED for state in states]
    judged, in_time = 0, 0
    for place in taken_on:
        due, done = known[place].facts.due_on, closed_on[place]
        if due is None or (is_closed[place] and done is None) or (not is_closed[place] and as_of <= due):
            continue
        judged += 1
        in_time += done is not None and done <= due
    deferred = [
        state is RecommendationState.DEFERRED or (not closed and _is_put_off(one.facts, answer))
        for one, state, answer, closed in zip(known, states, answers, is_closed, strict=True)
    ]
    looked = [one for one in known if _looked_at_again(one, as_of)]
    outstanding = sum(_is_outstanding(one, as_of) for one in looked)
    return FollowUp(
        recommendations=len(known),
        accepted=answers.count(RecommendationResponse.ACCEPTED),
        partly=answers.count(RecommendationResponse.PARTLY),
        rejected=answers.count(RecommendationResponse.REJECTED),
        deferred=sum(deferred),
        unanswered=answers.count(None),
        response_overdue=states.count(RecommendationState.RESPONSE_OVERDUE),
        plan_overdue=sum(one.plan_is_late(as_of) for one in known),
        overdue=states.count(RecommendationState.OVERDUE),
        months_to_answer=_mean_months(
            (one.facts.report_accepted_on, one.facts.response_on)
            for one, answer in zip(known, answers, strict=True)
            if answer is not None
        ),
        months_to_plan=_mean_months(
            (one.facts.report_accepted_on, one.plan_on)
            for one in known
            if one.plan_on is not None and one.plan_on <= as_of
        ),
        closed=sum(is_closed),
        months_to_close=_mean_months(
            (one.facts.report_accepted_on, day) for one, day in zip(known, closed_on, strict=True)
        ),
        addressed_percent=_percent(sum(is_closed[place] for place in taken_on), len(taken_on)),
        deferred_percent=_percent(sum(deferred[place] for place in taken_on), len(taken_on)),
        in_time=in_time,
        in_time_percent=_percent(in_time, judged),
        outstanding_percent=_percent(outstanding, len(looked)),
        closed_without_day=sum(closed and day is None for closed, day in zip(is_closed, closed_on, strict=True)),
    )


def _is_put_off(facts: RecommendationFacts, answer: RecommendationResponse | None) -> bool:
    return answer is not None and RecommendationResponse.DEFERRED in (answer, _as_answer(facts.status))


def _as_answer(status: RecommendationStatus) -> RecommendationResponse | None:
    return RecommendationResponse.DEFERRED if status is RecommendationStatus.DEFERRED else None


def _looked_at_again(one: Followed, as_of: date) -> bool:
    days = (one.found_outstanding_on, one.facts.verified_on)
    return any(day is not None and day <= as_of for day in days)


def _is_outstanding(one: Followed, as_of: date) -> bool:
    """Found outstanding, and not verified since."""
    found, verified = one.found_outstanding_on, one.facts.verified_on
    if found is None or found > as_of:
        return False
    return verified is None or verified > as_of or verified < found


def months_between(start: date, end: date) -> Decimal:
    """Months of a twelfth of a year between two days; none where the second lies before the first."""
    return WORKING.divide(Decimal(max(0, (end - start).days)), _MONTH)


def _mean_months(spans: Iterable[tuple[date, date | None]]) -> Decimal | None:
    months = [months_between(start, end) for start, end in spans if end is not None]
    return WORKING.divide(sum(months, Decimal(0)), Decimal(len(months))) if months else None


def _percent(part: int, whole: int) -> Decimal | None:
    return WORKING.divide(Decimal(part * 100), Decimal(whole)) if whole else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """A score of an assessment: of an item, or of a whole aspect."""

    section: str
    aspect: str
    #: None: the total of the aspect
    item: str | None
    score: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Aspect:
    """An aspect of an assessment with its total as it was given, and what its items would come to."""

    section: str
    aspect: str
    #: None: none was given
    total: Decimal | None
    items: int
    #: None: it has no items
    mean: Decimal | None

    @property
    def differs(self) -> bool:
        """Whether the total is a judgement: another figure than the mean of its items, rounded as it is."""
        if self.total is None or self.mean is None:
            return False
        exponent = self.total.as_tuple().exponent
        unit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
        return self.mean.quantize(unit, rounding=ROUND_HALF_UP) != self.total


def aspects(scores: Sequence[Score]) -> list[Aspect]:
    """The aspects of an assessment in the order of their sections' first rows."""
    found: dict[tuple[str, str], list[Score]] = {}
    for score in scores:
        found.setdefault((score.section, score.aspect), []).append(score)
    shown = []
    for (section, aspect), own in found.items():
        items = [score.score for score in own if score.item is not None]
        total = next((score.score for score in own if score.item is None), None)
        mean = WORKING.divide(sum(items, Decimal(0)), Decimal(len(items))) if items else None
        shown.append(Aspect(section=section, aspect=aspect, total=total, items=len(items), mean=mean))
    return shown
