"""The state of an obligation on a day, and which evaluation satisfies it."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from app.domain.evaluation.facts import EvaluationFacts, Obligation
from app.domain.evaluation.records import Standing
from app.domain.evaluation.terms import EvaluationStatus, Kind, State
from app.domain.periods import add_months

#: An interim evaluation stands for the new mid-term unless its midpoint lies more than so many months after it.
INTERIM_SERVES_MONTHS = 12


def serving_kinds(kind: Kind, or_kinds: Iterable[Kind] = ()) -> frozenset[Kind]:
    """The kinds of evaluation that may satisfy an obligation: no other one needs to be looked at."""
    return frozenset({kind, *or_kinds, *((Kind.INTERIM,) if kind is Kind.MID_TERM else ())})


def satisfies(evaluation: EvaluationFacts, obligation: Obligation) -> bool:
    """Whether an evaluation, once done, fulfils an obligation: right kind, at least as independent.

    An interim evaluation serves a mid-term whose due date is at most twelve months after its completion (as planned,
    while it is under way). A review that names its year serves that year only; otherwise the window decides. What was
    completed before the change that made the obligation, and before its window, belongs to its predecessor.
    """
    if evaluation.status is EvaluationStatus.CANCELLED or not evaluation.independence.satisfies(
        obligation.independence
    ):
        return False
    if evaluation.kind is Kind.INTERIM and obligation.kind is Kind.MID_TERM:
        finished = evaluation.completed_on or evaluation.planned_end
        return finished is None or obligation.due <= add_months(finished, INTERIM_SERVES_MONTHS)
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


def best_evaluation(
    obligation: Obligation, evaluations: Iterable[EvaluationFacts], as_of: date
) -> EvaluationFacts | None:
    """The evaluation that tells the state: a done one before one under way before a planned one."""
    fitting = [evaluation for evaluation in evaluations if satisfies(evaluation, obligation)]
    return min(fitting, key=lambda evaluation: (_progress(evaluation, as_of), evaluation.id), default=None)


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


def state_of(standing: Standing, evaluations: Collection[EvaluationFacts], as_of: date) -> State:
    """The state on a day, from what is kept and the evaluations that cover the project.

    Superseded and lapsed are final; done beats waived, since the work exists; what is not done after its late date is
    overdue, planned or under way or not.
    """
    if standing.superseded_by is not None:
        return State.SUPERSEDED
    if standing.lapsed_because is not None:
        return State.LAPSED
    obligation = with_reschedule(standing, as_of)
    evaluation = best_evaluation(obligation, evaluations, as_of)
    if evaluation is not None and evaluation.is_done(as_of):
        return State.DONE
    if standing.waiver is not None and standing.waiver.approved_on <= as_of:
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
