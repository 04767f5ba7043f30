"""Rules of change for recommendations of every overseer, and for the actions on them. None of them commits."""

import datetime as dt
from typing import Literal

from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.evaluations import Evaluation, Recommendation, RecommendationAction
from app.db.oversight import OversightReport
from app.db.put import Put, assign
from app.db.sides import units_of_follow_up, units_of_recommendation, units_of_report
from app.domain.access import Actor, Right
from app.domain.evaluation.followup import response_due
from app.domain.evaluation.oversight import DEADLINES, deadline
from app.domain.evaluation.policy import RESPONSE_WEEKS
from app.domain.terms import RecommendationResponse, RecommendationStatus
from app.errors import Conflict, Fault, InvalidInput
from app.evaluations import queries, queries_oversight
from app.evaluations.policies.rulebook import InUse, in_use
from app.evaluations.schemas import ActionIn, RecommendationActionIn, RecommendationIn
from app.inputs import FaultList, Input, Sent, sent

#: columns of the row; its evaluation or report is found by the reference
_SAID = tuple(name for name in RecommendationIn.model_fields if name not in ("evaluation", "report"))
_FOLLOWED = ("evaluation_id", "report_id", *_SAID)
_ALWAYS = ("reference", "text", "status")
_DONE = (RecommendationStatus.DONE, RecommendationStatus.VERIFIED)
#: days that cannot lie ahead
_PAST = {
    "response_on": "The day of the response lies in the future.",
    "plan_on": "The day of the plan lies in the future.",
    "done_on": "The day on which it was done lies in the future.",
    "verified_on": "The day on which it was verified lies in the future.",
    "found_outstanding_on": "The day on which it was found outstanding lies in the future.",
}


def create_recommendation(
    session: Session, actor: Actor, body: RecommendationIn, *, today: dt.date, pointer: str = ""
) -> Recommendation:
    """A new recommendation.

    :raises Conflict: when the reference exists already.
    """
    if queries.recommendation_by_reference(session, body.reference) is not None:
        raise _taken(body.reference, pointer)
    recommendation = Recommendation(reference=body.reference, text=body.text)
    _store_recommendation(session, actor, recommendation, body, today=today, pointer=pointer)
    return recommendation


def update_recommendation(
    session: Session, actor: Actor, recommendation: Recommendation, body: Input, *, today: dt.date, pointer: str = ""
) -> bool:
    """Changes what the body (a ``RecommendationPatch``) sets; tells whether anything differed."""
    reference = sent(body).get("reference")
    if reference not in (None, recommendation.reference) and queries.recommendation_by_reference(session, reference):
        raise _taken(reference, pointer)
    return _store_recommendation(session, actor, recommendation, body, today=today, pointer=pointer)


def put_recommendation(
    session: Session, actor: Actor, body: RecommendationIn, *, today: dt.date, pointer: str = ""
) -> Put[Recommendation]:
    """Creates the recommendation of this reference, or changes what differs; one put off to no day is remarked."""
    recommendation = queries.recommendation_by_reference(session, body.reference)
    outcome: Literal["created", "updated", "unchanged"] = "created"
    if recommendation is None:
        recommendation = create_recommendation(session, actor, body, today=today, pointer=pointer)
    else:
        changed = _store_recommendation(session, actor, recommendation, body, today=today, pointer=pointer)
        outcome = "updated" if changed else "unchanged"
    return Put(recommendation, outcome, _put_off(session, recommendation, pointer))


def _put_off(session: Session, row: Recommendation, pointer: str) -> tuple[Fault, ...]:
    """What is deferred has a day of its own; without one that of its report counts, if that has any."""
    put_off = row.response is RecommendationResponse.DEFERRED or row.status is RecommendationStatus.DEFERRED
    usual: dt.date | None = None
    if put_off and row.report_id is not None:
        report = session.get_one(OversightReport, row.report_id)
        usual = _usual_day(report)
    if not put_off or row.due_on != usual:
        return ()
    message = "It is put off, and no day says until when: give due_on."
    if usual is not None:
        message = f"It is put off, and no day says until when: give due_on, or {usual} counts as for all of its report."
    return (Fault(pointer=f"{pointer}/due_on", rule="recommendation.deferred-to-no-day", message=message),)


def archive_recommendation(session: Session, actor: Actor, recommendation: Recommendation) -> None:
    """Takes a recommendation out of use."""
    require_change(session, actor, recommendation)
    archiving.archive(session, recommendation)


def restore_recommendation(session: Session, actor: Actor, recommendation: Recommendation) -> None:
    require_change(session, actor, recommendation)
    archiving.restore(session, recommendation)
    if recommendation.evaluation_id is not None:
        # policies may have changed meanwhile
        set_days(session, session.get_one(Evaluation, recommendation.evaluation_id), recommendation)


def _store_recommendation(
    session: Session,
    actor: Actor,
    recommendation: Recommendation,
    body: Input,
    *,
    today: dt.date,
    pointer: str,
) -> bool:
    actor.require(Right.EVALUATE)
    given = {name: value for name, value in sent(body).items() if value is not None or name not in _ALWAYS}
    found = FaultList(pointer)
    is_new = recommendation.id is None
    if not is_new:
        require_change(session, actor, recommendation)
    _place(session, actor, given, found)
    after = Recommendation(**{name: getattr(recommendation, name) for name in _FOLLOWED} | given)
    if after.evaluation_id is None and after.report_id is None and not found.found:
        found.add("evaluation", "required", "Name the evaluation, or the report of another overseer, it comes from.")
    _check(recommendation, after, given, found, actor=actor, today=today)
    found.refuse()
    changed = assign(recommendation, {name: getattr(after, name) for name in _FOLLOWED})
    session.add(recommendation)
    session.flush()
    if changed or is_new:
        if recommendation.evaluation_id is not None:
            set_days(session, session.get_one(Evaluation, recommendation.evaluation_id), recommendation)
        else:
            set_days_of_report(session, session.get_one(OversightReport, recommendation.report_id), recommendation)
        session.flush()
    return changed


def require_source(session: Session, actor: Actor, source: Evaluation | OversightReport) -> None:
    """Raises ``NotAllowed`` for who may not record what an evaluation or report recommends."""
    actor.require(Right.EVALUATE)
    if isinstance(source, OversightReport):
        actor.require_unit(*units_of_report(source))
    else:
        actor.require_unit(*units_of_follow_up(session, [key(source)])[key(source)])


def _place(session: Session, actor: Actor, given: Sent, found: FaultList) -> None:
    """Finds the evaluation or the report; the one that is named takes the place of the other."""
    evaluation_ref, report_ref = given.pop("evaluation", None), given.pop("report", None)
    if evaluation_ref is not None and report_ref is not None:
        message = "It comes from an evaluation or from the report of another overseer: name one of them."
        found.add("report", "recommendation.two-sources", message)
        return
    if evaluation_ref is not None:
        evaluation = queries.evaluation_by_reference(session, evaluation_ref)
        if evaluation is None:
            found.add("evaluation", "evaluation.unknown", f"There is no evaluation {evaluation_ref}.")
            return
        require_source(session, actor, evaluation)
        given |= {"evaluation_id": evaluation.id, "report_id": None}
    if report_ref is not None:
        report = queries_oversight.report_by_reference(session, report_ref)
        if report is None:
            message = f"There is no report {report_ref}: load it first (earmark import csv oversight-reports)."
            found.add("report", "oversight-report.unknown", message)
            return
        require_source(session, actor, report)
        given |= {"report_id": report.id, "evaluation_id": None}


def _check(
    before: Recommendation, after: Recommendation, given: Sent, found: FaultList, *, actor: Actor, today: dt.date
) -> None:
    if after.response_on is not None and after.response is None:
        said = "Say what was answered on that day: accepted, partly, rejected or deferred."
        found.add("response", "required", said)
    for name, message in _PAST.items():
        day: dt.date | None = getattr(after, name)
        if day is not None and day > today:
            found.add(name, "recommendation.future-date", message)
    if after.status is RecommendationStatus.VERIFIED:
        after.verified_by = given.get("verified_by", before.verified_by or actor.name)
        after.verified_on = given.get("verified_on", before.verified_on or today)
    became_done = after.status in _DONE and before.status not in _DONE
    if became_done and before.id is not None and "done_on" not in given:
        after.done_on = before.done_on or after.verified_on or today
    if after.done_on is not None and after.status not in _DONE:
        if "done_on" in given and given["done_on"] is not None:
            message = "What was done on that day has the status done or verified: correct one of them."
            found.add("done_on", "recommendation.done", message)
        else:
            # it is open again
            after.done_on = None
    rejected = after.response is RecommendationResponse.REJECTED
    if rejected and after.status in (*_DONE, RecommendationStatus.DEFERRED) and given.get("status") is not None:
        found.add("status", "recommendation.rejected", "It was rejected, so that nothing is done about it or put off.")


def set_days(session: Session, evaluation: Evaluation, one: Recommendation | None = None) -> None:
    """The day until which management answers: so many weeks after the report was accepted."""
    rows = queries.recommendations_of(session, key(evaluation)) if one is None else [one]
    if not rows:
        return
    day = None if evaluation.completed_on is None else _answered_by(in_use(session), evaluation.completed_on)
    for each in rows:
        # what moved here from an audit has no day for a plan any more
        assign(each, {"plan_due_on": None} | ({} if day is None else {"response_due_on": day}))


def _answered_by(used: InUse, accepted_on: dt.date) -> dt.date:
    """So many weeks after a report was accepted, by the policy of that day."""
    policy = used.rulebook.on(accepted_on).policy_on(accepted_on)
    return response_due(accepted_on, policy.response_weeks if policy else RESPONSE_WEEKS)


def follow_policies(session: Session) -> None:
    """Days until which management answers, where the policies in use give others than those that were set."""
    kept = queries.days_of_response(session)
    used = in_use(session)
    days = {accepted_on: _answered_by(used, accepted_on) for accepted_on in {each.accepted_on for each in kept}}
    for each in kept:
        if each.response_due_on != (day := days[each.accepted_on]):
            session.get_one(Recommendation, each.id).response_due_on = day
    session.flush()


def _usual_day(report: OversightReport) -> dt.date | None:
    """The day until which what a report recommends is addressed, where none was agreed."""
    return deadline(report.issued_on, DEADLINES[report.overseer].addressed)


def set_days_of_report(session: Session, report: OversightReport, one: Recommendation | None = None) -> None:
    """The days until which management answers, plans, and addresses what it takes on, where none was agreed."""
    asked = DEADLINES[report.overseer]
    days = {
        "response_due_on": deadline(report.issued_on, asked.response),
        "plan_due_on": deadline(report.issued_on, asked.plan),
    }
    for each in queries_oversight.recommendations_of_report(session, key(report)) if one is None else [one]:
        agreed = {} if each.due_on is not None else {"due_on": _usual_day(report)}
        assign(each, days | agreed)


def create_action(
    session: Session, actor: Actor, recommendation: Recommendation, body: ActionIn
) -> RecommendationAction:
    """A new action on a recommendation."""
    require_change(session, actor, recommendation)
    action = RecommendationAction(recommendation_id=key(recommendation), **body.model_dump())
    session.add(action)
    session.flush()
    return action


def update_action(session: Session, actor: Actor, action: RecommendationAction, body: Input) -> bool:
    """Changes what the body (an ``ActionPatch``) sets."""
    require_change(session, actor, session.get_one(Recommendation, action.recommendation_id))
    values = {name: value for name, value in sent(body).items() if value is not None or name != "text"}
    changed = assign(action, values)
    session.flush()
    return changed


def archive_action(session: Session, actor: Actor, action: RecommendationAction) -> None:
    require_change(session, actor, session.get_one(Recommendation, action.recommendation_id))
    archiving.archive(session, action)


def restore_action(session: Session, actor: Actor, action: RecommendationAction) -> None:
    require_change(session, actor, session.get_one(Recommendation, action.recommendation_id))
    archiving.restore(session, action)


def require_change(session: Session, actor: Actor, recommendation: Recommendation) -> None:
    """Raises ``NotAllowed`` for who may not change it or its actions."""
    actor.require(Right.EVALUATE)
    actor.require_unit(*units_of_recommendation(session, recommendation))


def put_action(
    session: Session, actor: Actor, body: RecommendationActionIn, *, pointer: str = ""
) -> Put[RecommendationAction]:
    """An action by recommendation and text; ``InvalidInput`` for a recommendation that is not known."""
    found = FaultList(pointer)
    recommendation = queries.recommendation_by_reference(session, body.recommendation)
    if recommendation is None:
        message = f"There is no recommendation {body.recommendation}."
        found.add("recommendation", "recommendation.unknown", message)
        raise InvalidInput(found.found)
    standing = queries.find_action(session, key(recommendation), body.text)
    if standing is None:
        action = ActionIn(text=body.text, owner=body.owner, due_on=body.due_on, done_on=body.done_on)
        return Put(create_action(session, actor, recommendation, action), "created")
    require_change(session, actor, recommendation)
    changed = assign(standing, {name: value for name, value in sent(body).items() if name != "recommendation"})
    session.flush()
    return Put(standing, "updated" if changed else "unchanged")


def _taken(reference: str, pointer: str) -> Conflict:
    message = f"There is a recommendation {reference} already."
    return Conflict(message, [Fault(pointer=f"{pointer}/reference", rule="unique", message=message)])
