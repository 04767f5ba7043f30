"""The state of an obligation on a day, and which evaluation satisfies it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from app.domain.evaluation.facts import CannotTell, EvaluationFacts, Obligation
from app.domain.evaluation.records import Standing
from app.domain.evaluation.terms import EvaluationStatus, Independence, Kind, State
from app.domain.periods import add_months

#: An interim evaluation stands for the new mid-term unless its midpoint lies more than so many months after it.
INTERIM_SERVES_MONTHS = 12

#: kinds of which dates that may be moved say what an evaluation stands for
_BY_DATES = frozenset({Kind.ANNUAL_REVIEW, Kind.INTERIM})


def serving_kinds(kind: Kind, or_kinds: Iterable[Kind] = (), cycle: Iterable[Kind] = ()) -> frozenset[Kind]:
    """The kinds of evaluation that may satisfy an obligation or its duty of the cycle: no other one has to be seen."""
    kinds = {kind, *or_kinds, *cycle}
    return frozenset(kinds | {Kind.INTERIM} if Kind.MID_TERM in kinds else kinds)


def satisfies(evaluation: EvaluationFacts, obligation: Obligation) -> bool:
    """Whether an evaluation as known, once done, fulfils an obligation: right kind, at least as independent.

    An interim evaluation serves a mid-term whose due date is at most twelve months after its completion (as planned,
    while it is under way). A review that names its year serves that year only; otherwise the window decides. What was
    completed before the change that made the obligation, and before its window, belongs to its predecessor.
    """
    return evaluation.independence.satisfies(obligation.independence) and _fits(evaluation, obligation)


def _fits(evaluation: EvaluationFacts, obligation: Obligation) -> bool:
    """Whether it would fulfil the obligation if it were independent enough."""
    if evaluation.status is EvaluationStatus.CANCELLED:
        return False
    if evaluation.kind is Kind.INTERIM and obligation.kind is Kind.MID_TERM:
        return _is_near_enough(evaluation.completed_on or evaluation.planned_end, obligation.due)
    done, made = evaluation.completed_on, obligation.not_before
    if done is not None and made is not None and done < made and done < obligation.opens:
        return False
    if evaluation.kind is not obligation.kind:
        return evaluation.kind in obligation.or_kinds
    if obligation.kind is Kind.ANNUAL_REVIEW:
        return _is_of_year(evaluation, obligation)
    return True


def _is_of_year(evaluation: EvaluationFacts, obligation: Obligation) -> bool:
    if evaluation.ordinal is not None:
        return evaluation.ordinal == obligation.ordinal
    day = evaluation.completed_on or evaluation.planned_end or evaluation.planned_start
    # Half a year either side of the due date, so that each review belongs to one year exactly.
    return day is not None and add_months(obligation.due, -6) < day <= add_months(obligation.due, 6)


def _is_near_enough(finished: date | None, due: date | None) -> bool:
    """Whether an evaluation of an earlier plan that was finished then still says what one due on the day would say."""
    return finished is None or due is None or due <= add_months(finished, INTERIM_SERVES_MONTHS)


def met_anyway(unknown: CannotTell, evaluations: Collection[EvaluationFacts], as_of: date) -> EvaluationFacts | None:
    """The evaluation for which nobody needs to know what cannot be told; None where somebody does.

    What may be owed was done already, no earlier than a year before its day; of reviews there is one for each year, and
    one says nothing of another. And where one evaluation of the cycle may have to be independent, one is or will be.
    """
    if unknown.if_once is not None:
        return _of_cycle(unknown.if_once.kinds, unknown.if_once.independence, evaluations, as_of)
    asked, kind = unknown.if_agreed, unknown.kind
    if asked is None or kind is None or kind is Kind.ANNUAL_REVIEW:
        return None
    known = (evaluation.known_on(as_of) for evaluation in evaluations)
    done = [
        one
        for one in known
        if one.is_done(as_of)
        and one.kind in serving_kinds(kind)
        and one.independence.satisfies(asked)
        and _is_near_enough(one.completed_on, unknown.due)
    ]
    return min(done, key=lambda one: _before(one, as_of), default=None)


def best_evaluation(
    obligation: Obligation, evaluations: Iterable[EvaluationFacts], as_of: date
) -> EvaluationFacts | None:
    """The evaluation that tells the state: a done one before one under way before a planned one, of several such the
    first by its days, whichever was recorded first."""
    known = (evaluation.known_on(as_of) for evaluation in evaluations)
    fitting = [evaluation for evaluation in known if satisfies(evaluation, obligation)]
    return min(fitting, key=lambda evaluation: _before(evaluation, as_of), default=None)


def last_done(obligation: Obligation, evaluations: Iterable[EvaluationFacts], as_of: date) -> EvaluationFacts | None:
    """Of the evaluations that fulfil the obligation the one that was done last; one without a day is the last."""
    known = (evaluation.known_on(as_of) for evaluation in evaluations)
    done = [one for one in known if one.is_done(as_of) and satisfies(one, obligation)]
    return max(done, key=lambda one: (one.completed_on or date.max, one.reference, one.id), default=None)


def _before(evaluation: EvaluationFacts, as_of: date) -> tuple[int, date, str, int]:
    """What puts evaluations in order, whatever the order in which they were recorded."""
    days = (evaluation.completed_on, evaluation.planned_end, evaluation.started_on, evaluation.planned_start)
    day = next((day for day in days if day is not None), date.max)
    return _progress(evaluation, as_of), day, evaluation.reference, evaluation.id


def as_asked(obligation: Obligation, evaluations: Iterable[EvaluationFacts], as_of: date) -> Obligation:
    """The obligation as independent as it has to be on the day, with the reason for that.

    A duty of the cycle is met by any evaluation of its kinds that is done, or will be since it is under way.
    """
    duty = obligation.cycle
    if duty is None:
        return obligation
    serves = _of_cycle(duty.kinds, obligation.independence, evaluations, as_of)
    if serves is None:
        return obligation
    before = f"{obligation.noun}, {obligation.independence}: "
    reason = f"{obligation.noun}, {duty.otherwise}: {obligation.reason.removeprefix(before)}"
    asked = f"at least one {obligation.independence} evaluation in the cycle, and none is done or under way"
    met = f"at least one {obligation.independence} evaluation in the cycle: {_in_words(serves, as_of)}"
    return replace(obligation, independence=duty.otherwise, cycle=None, reason=reason.replace(asked, met))


def _of_cycle(
    kinds: Collection[Kind], independence: Independence, evaluations: Iterable[EvaluationFacts], as_of: date
) -> EvaluationFacts | None:
    """The evaluation of the cycle that is so independent: the first one done, else one under way."""
    serving = [
        one
        for one in (evaluation.known_on(as_of) for evaluation in evaluations)
        if one.kind in kinds
        and one.status is not EvaluationStatus.CANCELLED
        and one.independence.satisfies(independence)
        and _progress(one, as_of) < 2
    ]
    return min(serving, key=lambda one: _before(one, as_of), default=None)


def done_beyond_doubt(obligation: Obligation, evaluations: Iterable[EvaluationFacts]) -> date | None:
    """The first day from which on the obligation is done, whatever is decided about it and on whatever day one asks.

    Tells it of the plain case only, an evaluation of just the kind that is asked for; None: the rules have to be asked.
    """
    if obligation.kind in _BY_DATES:
        return None
    days = [
        one.completed_on
        for one in evaluations
        if one.completed_on is not None
        and one.kind is obligation.kind
        and one.interim_since is None
        and satisfies(one, obligation)
    ]
    return min(days, default=None)


def too_weak(obligation: Obligation, evaluations: Iterable[EvaluationFacts], as_of: date) -> EvaluationFacts | None:
    """The newest evaluation that was done for this obligation and is not as independent as it asks."""
    known = (evaluation.known_on(as_of) for evaluation in evaluations)
    weak = [
        one
        for one in known
        if one.is_done(as_of) and not one.independence.satisfies(obligation.independence) and _fits(one, obligation)
    ]
    return max(weak, key=lambda one: (one.completed_on or date.min, one.reference, one.id), default=None)


def with_shortfall(obligation: Obligation, evaluations: Collection[EvaluationFacts], as_of: date) -> Obligation:
    """The obligation whose reason also names what was done for it and does not suffice."""
    weak = too_weak(obligation, evaluations, as_of)
    if weak is None:
        return obligation
    when = f" on {weak.completed_on}" if weak.completed_on else ""
    called = f" ({weak.reference})" if weak.reference else ""
    text = f"{weak.independence} done{when}{called}; {obligation.independence} asked"
    return replace(obligation, reason=f"{obligation.reason}; {text}")


def _in_words(evaluation: EvaluationFacts, as_of: date) -> str:
    called = f"{evaluation.kind} {evaluation.reference}".rstrip()
    if not evaluation.is_done(as_of):
        return f"{called} is under way"
    return f"{called} was done on {evaluation.completed_on}" if evaluation.completed_on else f"{called} is done"


def _progress(evaluation: EvaluationFacts, as_of: date) -> int:
    if evaluation.is_done(as_of):
        return 0
    return 1 if evaluation.is_under_way(as_of) else 2


def with_reschedule(standing: Standing, as_of: date) -> Obligation:
    """The obligation with the due date that counts on the day: an approved reschedule moves due and late."""
    moved = standing.reschedule
    if moved is None or moved.approved_on > as_of:
        return standing.obligation
    obligation = standing.obligation
    return replace(
        obligation,
        opens=min(obligation.opens, moved.due),
        due=moved.due,
        late=max(moved.due, add_months(moved.due, obligation.grace_months)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """An obligation on a day."""

    state: State
    #: With the due date and the independence that count on the day, and the reason for them.
    obligation: Obligation
    #: The evaluation that tells the state, as known on the day.
    evaluation: EvaluationFacts | None


def outlook(standing: Standing, evaluations: Collection[EvaluationFacts], as_of: date) -> Outlook:
    """What an obligation is on a day, from what is kept and the evaluations that cover the project."""
    obligation = as_asked(with_reschedule(standing, as_of), evaluations, as_of)
    evaluation = best_evaluation(obligation, evaluations, as_of)
    state = _state(standing, obligation, evaluation, as_of)
    if state.is_open and evaluations:
        obligation = with_shortfall(obligation, evaluations, as_of)
    return Outlook(state=state, obligation=obligation, evaluation=evaluation)


def state_of(standing: Standing, evaluations: Collection[EvaluationFacts], as_of: date) -> State:
    """The state of an obligation on a day."""
    return outlook(standing, evaluations, as_of).state


def _state(standing: Standing, obligation: Obligation, evaluation: EvaluationFacts | None, as_of: date) -> State:
    """Superseded and lapsed are final; done beats waived, since the work exists.

    What is not done after its late date is overdue, planned or under way or not.
    """
    if standing.superseded_by is not None:
        return State.SUPERSEDED
    if standing.lapsed_because is not None:
        return State.LAPSED
    if evaluation is not None and evaluation.is_done(as_of):
        return State.DONE
    if standing.waiver is not None and standing.waiver.holds_on(as_of):
        return State.WAIVED
    if as_of > obligation.late:
        return State.OVERDUE
    if evaluation is not None:
        return State.UNDER_WAY if evaluation.is_under_way(as_of) else State.PLANNED
    return State.WINDOW_OPEN if as_of >= obligation.opens else State.UPCOMING


def is_listed(standing: Standing, state: State, as_of: date, *, within_days: int = 0) -> bool:
    """Whether the due list shows an obligation: open, and its window has opened or it falls due within so many days."""
    if not state.is_open:
        return False
    obligation = with_reschedule(standing, as_of)
    return obligation.opens <= as_of or (obligation.due - as_of).days <= within_days
