"""Rules of change for evaluations, their recommendations, and decisions about obligations.

``create`` refuses an existing reference, ``update`` changes what a body sets, ``put`` does either by the reference
(rows of tables). None of them commits.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.evaluations import (
    Evaluation,
    EvaluationProject,
    EvaluationRating,
    Recommendation,
    RecommendationAction,
)
from app.db.lookups import rows_by, the_setup
from app.db.projects import Project
from app.db.put import Put, assign
from app.db.sides import units_of_evaluation
from app.domain.access import Actor, Right
from app.domain.evaluation.followup import response_due
from app.domain.evaluation.policy import RESPONSE_WEEKS
from app.domain.evaluation.terms import FINISHED, UNDER_WAY, Kind
from app.domain.terms import EvaluationStatus, RecommendationStatus
from app.errors import Conflict, Fault
from app.evaluations import queries
from app.evaluations.obligations.queries_store import look_again
from app.evaluations.policies.rulebook import in_use
from app.evaluations.schemas import ActionIn, EvaluationIn, RecommendationIn
from app.inputs import FaultList, Input, sent

_REQUIRED = ("reference", "kind", "independence", "projects", "status")


def create_evaluation(
    session: Session, actor: Actor, body: EvaluationIn, *, today: dt.date, pointer: str = ""
) -> Evaluation:
    """A new evaluation.

    :raises Conflict: when the reference exists already.
    """
    if queries.evaluation_by_reference(session, body.reference) is not None:
        raise _taken("evaluation", body.reference, pointer)
    evaluation = Evaluation(
        reference=body.reference,
        kind=body.kind.value,
        independence=body.independence.value,
        status=body.status,
    )
    _store(session, actor, evaluation, sent(body), today=today, pointer=pointer)
    return evaluation


def update_evaluation(
    session: Session, actor: Actor, evaluation: Evaluation, body: Input, *, today: dt.date, pointer: str = ""
) -> bool:
    """Changes what the body (an ``EvaluationPatch``) sets; tells whether anything differed."""
    values = sent(body)
    reference = values.get("reference")
    if reference not in (None, evaluation.reference) and queries.evaluation_by_reference(session, reference):
        raise _taken("evaluation", reference, pointer)
    return _store(session, actor, evaluation, values, today=today, pointer=pointer)


def put_evaluation(
    session: Session, actor: Actor, body: EvaluationIn, *, today: dt.date, pointer: str = ""
) -> Put[Evaluation]:
    """Creates the evaluation of this reference, or changes what differs."""
    evaluation = queries.evaluation_by_reference(session, body.reference)
    if evaluation is None:
        return Put(create_evaluation(session, actor, body, today=today, pointer=pointer), "created")
    if evaluation.recorded_kind is not None and evaluation.recorded_kind == body.kind.value:
        # it was recorded as a mid-term, and became interim when the project's end moved
        body = body.model_copy(update={"kind": Kind.INTERIM})
    changed = _store(session, actor, evaluation, sent(body), today=today, pointer=pointer)
    return Put(evaluation, "updated" if changed else "unchanged")


def archive_evaluation(session: Session, actor: Actor, evaluation: Evaluation) -> None:
    """Takes an evaluation out of use: it no longer fulfils anything."""
    _keep(session, actor, evaluation, archiving.archive)


def restore_evaluation(session: Session, actor: Actor, evaluation: Evaluation) -> None:
    """Brings an archived evaluation back: it fulfils again what it did."""
    _keep(session, actor, evaluation, archiving.restore)


def _keep(
    session: Session, actor: Actor, evaluation: Evaluation, change: Callable[[Session, Evaluation], None]
) -> None:
    actor.require(Right.EVALUATE)
    actor.require_unit(*units_of_evaluation(session, key(evaluation)))
    change(session, evaluation)
    look_again(session, (row.project_id for row in queries.covered(session, key(evaluation))))


def _store(
    session: Session, actor: Actor, evaluation: Evaluation, values: dict[str, Any], *, today: dt.date, pointer: str
) -> bool:
    actor.require(Right.EVALUATE)
    values = {name: value for name, value in values.items() if value is not None or name not in _REQUIRED}
    if evaluation.id is not None:
        actor.require_unit(*units_of_evaluation(session, evaluation.id))
    found = FaultList(pointer)
    projects = _projects(session, values.pop("projects", None), found, scope=values.get("scope") or evaluation.scope)
    if projects is not None and not found.found:
        actor.require_unit(*(project.unit_id for project in projects))
    rated = values.pop("ratings", None)
    _complete(session, evaluation, values)
    _date_status(evaluation, values, today)
    _check(evaluation, values, rated or [], found, today)
    found.refuse()
    is_new = evaluation.id is None
    if values.get("kind", evaluation.kind) != evaluation.kind:
        evaluation.recorded_kind = None
    changed = assign(evaluation, values)
    session.add(evaluation)
    session.flush()
    before = {row.project_id for row in queries.covered(session, key(evaluation))}
    below = False
    if projects is not None:
        below = _cover(session, evaluation, {key(project) for project in projects})
    if rated is not None:
        below = _rate(session, evaluation, {one.criterion: one for one in rated}) or below
    if below and not is_new:
        # what hangs below the row is shown as part of it
        evaluation.version += 1
    changed = changed or below
    if changed or is_new:
        after = {key(project) for project in projects} if projects is not None else set()
        look_again(session, before | after)
        _set_response_days(session, evaluation)
    session.flush()
    return changed


def _projects(session: Session, codes: list[str] | None, found: FaultList, *, scope: str) -> list[Project] | None:
    if codes is None:
        return None
    known = rows_by(session, Project, "code", codes)
    for place, code in enumerate(codes):
        if code not in known:
            found.add(f"projects/{place}", "project.unknown", f"There is no project {code}.")
    if not codes and scope == "project":
        found.add("projects", "evaluation.no-project", "Name the projects it covers.")
    return [known[code] for code in dict.fromkeys(codes) if code in known]


def _complete(session: Session, evaluation: Evaluation, values: dict[str, Any]) -> None:
    """Fills in what goes without saying."""
    for name in ("scope", "published"):
        if name in values and values[name] is None:
            del values[name]
    if "evaluators" in values and values["evaluators"] is None:
        values["evaluators"] = []
    if values.get("budget", evaluation.budget) is None:
        values["currency"] = None
    elif values.get("currency", evaluation.currency) is None:
        values["currency"] = the_setup(session).currency
    for name in ("kind", "independence"):
        if name in values:
            values[name] = values[name].value


def _date_status(evaluation: Evaluation, values: dict[str, Any], today: dt.date) -> None:
    """Dates a change of status by the day it is recorded on, where no day says since when it holds.

    So a past day shows what the evaluation was on it. A new record without days has always been as it says, unless its
    plan lies ahead.
    """

    def after(name: str) -> Any:
        return values.get(name, getattr(evaluation, name))

    status, before = after("status"), None if evaluation.id is None else evaluation.status
    if status is before or (status in UNDER_WAY and before in UNDER_WAY):
        return
    since, done = evaluation.status_since, after("completed_on")
    if before in UNDER_WAY and since is not None and after("started_on") is None and (done is None or since <= done):
        values["started_on"] = since
    if before is EvaluationStatus.CANCELLED:
        values["cancelled_on"] = None
    if status in FINISHED:
        is_dated = done is not None or before in FINISHED
    elif status is EvaluationStatus.CANCELLED:
        is_dated = after("cancelled_on") is not None
    else:
        is_dated = status is EvaluationStatus.PLANNED or after("started_on") is not None
    planned = after("planned_start")
    lies_ahead = status in UNDER_WAY and planned is not None and planned > today
    values["status_since"] = today if not is_dated and (before is not None or lies_ahead) else None


def _check(evaluation: Evaluation, values: dict[str, Any], rated: list[Any], found: FaultList, today: dt.date) -> None:
    def after(name: str) -> Any:
        return values.get(name, getattr(evaluation, name))

    if values.get("budget", evaluation.budget) != evaluation.budget:
        found.ask_thousands("budget", values["budget"], after("currency"))
    starts, ends, done = after("planned_start"), after("planned_end"), after("completed_on")
    if starts is not None and ends is not None and ends < starts:
        found.add("planned_end", "dates-in-order", f"It would end on {ends}, before it starts on {starts}.")
    if done is not None and done > today:
        found.add("completed_on", "evaluation.future-date", f"{done} lies in the future: it is not completed yet.")
    if done is not None and after("status") not in FINISHED | {EvaluationStatus.CANCELLED}:
        message = "A report was accepted on that day, so that the status is final or disclosed: correct one of them."
        found.add("completed_on", "evaluation.completed", message)
    given_up = after("cancelled_on")
    if given_up is not None and given_up > today:
        found.add("cancelled_on", "evaluation.future-date", f"{given_up} lies in the future: it is not given up yet.")
    if given_up is not None and after("status") is not EvaluationStatus.CANCELLED:
        message = "It was given up on that day, so that the status is cancelled: correct one of them."
        found.add("cancelled_on", "evaluation.cancelled", message)
    if after("started_on") is not None and done is not None and done < after("started_on"):
        found.add("completed_on", "dates-in-order", "It would be completed before it began.")
    if after("scope") == "country" and after("country") is None:
        found.add("country", "required", "Name the country that is evaluated.")
    criteria = [one.criterion for one in rated]
    for name in sorted({name for name in criteria if criteria.count(name) > 1}):
        found.add("ratings", "rating.twice", f"{name} is rated twice.")


def _cover(session: Session, evaluation: Evaluation, wanted: set[int]) -> bool:
    standing = {row.project_id: row for row in queries.covered(session, key(evaluation))}
    for project_id in wanted - standing.keys():
        session.add(EvaluationProject(evaluation_id=key(evaluation), project_id=project_id))
    for project_id in standing.keys() - wanted:
        session.delete(standing[project_id])
    if wanted == standing.keys():
        return False
    session.flush()
    return True


def _rate(session: Session, evaluation: Evaluation, wanted: dict[str, Any]) -> bool:
    standing = {row.criterion: row for row in queries.ratings(session, key(evaluation))}
    changed = False
    for criterion, rating in wanted.items():
        row = standing.get(criterion)
        if row is None:
            row = EvaluationRating(evaluation_id=key(evaluation), criterion=criterion, rating=rating.rating)
            session.add(row)
            changed = True
        changed = assign(row, {"rating": rating.rating, "comment": rating.comment}) or changed
    for criterion in standing.keys() - wanted.keys():
        session.delete(standing[criterion])
        changed = True
    session.flush()
    return changed


def create_recommendation(
    session: Session, actor: Actor, body: RecommendationIn, *, today: dt.date, pointer: str = ""
) -> Recommendation:
    """A new recommendation.

    :raises Conflict: when the reference exists already.
    """
    if queries.recommendation_by_reference(session, body.reference) is not None:
        raise _taken("recommendation", body.reference, pointer)
    recommendation = Recommendation(reference=body.reference, evaluation_id=0, text=body.text)
    _store_recommendation(session, actor, recommendation, sent(body), today=today, pointer=pointer)
    return recommendation


def update_recommendation(
    session: Session, actor: Actor, recommendation: Recommendation, body: Input, *, today: dt.date, pointer: str = ""
) -> bool:
    """Changes what the body (a ``RecommendationPatch``) sets; tells whether anything differed."""
    values = sent(body)
    reference = values.get("reference")
    if reference not in (None, recommendation.reference) and queries.recommendation_by_reference(session, reference):
        raise _taken("recommendation", reference, pointer)
    return _store_recommendation(session, actor, recommendation, values, today=today, pointer=pointer)


def put_recommendation(
    session: Session, actor: Actor, body: RecommendationIn, *, today: dt.date, pointer: str = ""
) -> Put[Recommendation]:
    """Creates the recommendation of this reference, or changes what differs."""
    recommendation = queries.recommendation_by_reference(session, body.reference)
    if recommendation is None:
        return Put(create_recommendation(session, actor, body, today=today, pointer=pointer), "created")
    changed = _store_recommendation(session, actor, recommendation, sent(body), today=today, pointer=pointer)
    return Put(recommendation, "updated" if changed else "unchanged")


def archive_recommendation(session: Session, actor: Actor, recommendation: Recommendation) -> None:
    """Takes a recommendation out of use."""
    _may_follow_up(session, actor, recommendation)
    archiving.archive(session, recommendation)


def restore_recommendation(session: Session, actor: Actor, recommendation: Recommendation) -> None:
    _may_follow_up(session, actor, recommendation)
    archiving.restore(session, recommendation)


def _store_recommendation(
    session: Session,
    actor: Actor,
    recommendation: Recommendation,
    values: dict[str, Any],
    *,
    today: dt.date,
    pointer: str,
) -> bool:
    actor.require(Right.EVALUATE)
    always = ("reference", "evaluation", "text", "status")
    values = {name: value for name, value in values.items() if value is not None or name not in always}
    found = FaultList(pointer)
    if recommendation.evaluation_id:
        actor.require_unit(*units_of_evaluation(session, recommendation.evaluation_id))
    reference = values.pop("evaluation", None)
    if reference is not None:
        evaluation = queries.evaluation_by_reference(session, reference)
        if evaluation is None:
            found.add("evaluation", "evaluation.unknown", f"There is no evaluation {reference}.")
        else:
            actor.require_unit(*units_of_evaluation(session, key(evaluation)))
            values["evaluation_id"] = evaluation.id

    def after(name: str) -> Any:
        return values.get(name, getattr(recommendation, name))

    if after("response_on") is not None and after("response") is None:
        found.add("response", "required", "Say what was answered on that day: accepted, partly or rejected.")
    if after("response_on") is not None and after("response_on") > today:
        found.add("response_on", "recommendation.future-date", "The day of the response lies in the future.")
    if after("status") is RecommendationStatus.VERIFIED:
        values.setdefault("verified_by", recommendation.verified_by or actor.name)
        values.setdefault("verified_on", recommendation.verified_on or today)
    found.refuse()
    changed = assign(recommendation, values)
    session.add(recommendation)
    session.flush()
    if changed and "evaluation_id" in values:
        _set_response_days(session, session.get_one(Evaluation, recommendation.evaluation_id))
        session.flush()
    return changed


def _set_response_days(session: Session, evaluation: Evaluation) -> None:
    """The day until which management answers: so many weeks after the report was accepted."""
    if evaluation.completed_on is None:
        return
    policy = in_use(session).rulebook.policy_on(evaluation.completed_on)
    day = response_due(evaluation.completed_on, policy.response_weeks if policy else RESPONSE_WEEKS)
    for recommendation in queries.recommendations_of(session, key(evaluation)):
        if recommendation.response_due_on != day:
            recommendation.response_due_on = day


def create_action(
    session: Session, actor: Actor, recommendation: Recommendation, body: ActionIn
) -> RecommendationAction:
    """A new action on a recommendation."""
    _may_follow_up(session, actor, recommendation)
    action = RecommendationAction(recommendation_id=key(recommendation), **body.model_dump())
    session.add(action)
    session.flush()
    return action


def update_action(session: Session, actor: Actor, action: RecommendationAction, body: Input) -> bool:
    """Changes what the body (an ``ActionPatch``) sets."""
    _may_follow_up(session, actor, session.get_one(Recommendation, action.recommendation_id))
    values = {name: value for name, value in sent(body).items() if value is not None or name != "text"}
    changed = assign(action, values)
    session.flush()
    return changed


def archive_action(session: Session, actor: Actor, action: RecommendationAction) -> None:
    _may_follow_up(session, actor, session.get_one(Recommendation, action.recommendation_id))
    archiving.archive(session, action)


def restore_action(session: Session, actor: Actor, action: RecommendationAction) -> None:
    _may_follow_up(session, actor, session.get_one(Recommendation, action.recommendation_id))
    archiving.restore(session, action)


def _may_follow_up(session: Session, actor: Actor, recommendation: Recommendation) -> None:
    actor.require(Right.EVALUATE)
    actor.require_unit(*units_of_evaluation(session, recommendation.evaluation_id))


def _taken(noun: str, reference: str, pointer: str) -> Conflict:
    message = f"There is a{'n' if noun[0] in 'aeiou' else ''} {noun} {reference} already."
    return Conflict(message, [Fault(pointer=f"{pointer}/reference", rule="unique", message=message)])
