"""``/evaluations``, ``/recommendations`` and the actions on them."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.evaluations import Evaluation, Recommendation, RecommendationAction
from app.errors import NotFound
from app.evaluations import queries, service
from app.evaluations import recommendations as follow_up
from app.evaluations.answers import one_evaluation, one_recommendation, with_parts, with_state
from app.evaluations.schemas import (
    ActionIn,
    ActionOut,
    ActionPage,
    ActionPatch,
    EvaluationIn,
    EvaluationOut,
    EvaluationPage,
    EvaluationPatch,
    EvaluationStoredOut,
    RecommendationIn,
    RecommendationOut,
    RecommendationPage,
    RecommendationPatch,
)
from app.http.access import Evaluator
from app.http.fields import Id, IfMatch, remarks_shown
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, LISTS_BELOW, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, held, locked, single
from app.inputs import FaultList

evaluations = api_router("/evaluations", "evaluations")
recommendations = api_router("/recommendations", "recommendations")


def _evaluation(
    request: Request, session: Session, evaluation_id: int, *, status: int = 200, told: FaultList | None = None
) -> Response:
    """The answer with an evaluation; of one that was stored with what is remarked of it."""
    item = one_evaluation(session, evaluation_id)
    if told is not None:
        item["remarks"] = remarks_shown(told.found)
    location = f"{request.url.path}/{evaluation_id}" if status == 201 else None
    tag = etag(evaluation_id, item["version"])
    return single(request, item, tag=tag, status=status, location=location)


@evaluations.get("", summary="List evaluations", response_model=ListOf[EvaluationOut], responses=LISTS)
def list_evaluations(request: Request, session: Reading, query: Annotated[EvaluationPage, Query()]) -> Response:
    found = page(session, queries.EVALUATIONS, query)
    found.items = with_parts(session, found.items)
    return found.response(request)


@evaluations.get("/{evaluation_id}", summary="Show an evaluation", response_model=EvaluationOut, responses=GETS)
def get_evaluation(request: Request, evaluation_id: Id, session: Reading) -> Response:
    return _evaluation(request, session, evaluation_id)


@evaluations.post(
    "", summary="Add an evaluation", status_code=201, response_model=EvaluationStoredOut, responses=CREATES
)
def create_evaluation(
    request: Request, body: EvaluationIn, actor: Evaluator, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        told = FaultList()
        evaluation = service.create_evaluation(session, actor, body, today=today, told=told)
        return _evaluation(request, session, key(evaluation), status=201, told=told)

    return once.answer(session, work)


@evaluations.patch(
    "/{evaluation_id}", summary="Change an evaluation", response_model=EvaluationStoredOut, responses=CHANGES
)
def update_evaluation(
    request: Request,
    evaluation_id: Id,
    body: EvaluationPatch,
    actor: Evaluator,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    evaluation = locked(session, Evaluation, evaluation_id, if_match, name="evaluation")
    told = FaultList()
    service.update_evaluation(session, actor, evaluation, body, today=today, told=told)
    return _evaluation(request, session, evaluation_id, told=told)


@evaluations.delete(
    "/{evaluation_id}", summary="Archive an evaluation", response_model=EvaluationOut, responses=CHANGES
)
def archive_evaluation(
    request: Request, evaluation_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    evaluation = locked(session, Evaluation, evaluation_id, if_match, name="evaluation")
    service.archive_evaluation(session, actor, evaluation)
    return _evaluation(request, session, evaluation_id)


@evaluations.post(
    "/{evaluation_id}/restore", summary="Restore an evaluation", response_model=EvaluationOut, responses=CHANGES
)
def restore_evaluation(
    request: Request, evaluation_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    evaluation = locked(session, Evaluation, evaluation_id, if_match, name="evaluation")
    service.restore_evaluation(session, actor, evaluation)
    return _evaluation(request, session, evaluation_id)


def _recommendation(
    request: Request, session: Session, recommendation_id: int, today: Today, *, status: int = 200
) -> Response:
    item = one_recommendation(session, recommendation_id, today)
    location = f"{request.url.path}/{recommendation_id}" if status == 201 else None
    tag = etag(recommendation_id, item["version"])
    return single(request, item, tag=tag, status=status, location=location)


@recommendations.get("", summary="List recommendations", response_model=ListOf[RecommendationOut], responses=LISTS)
def list_recommendations(
    request: Request, session: Reading, today: Today, query: Annotated[RecommendationPage, Query()]
) -> Response:
    found = page(session, queries.RECOMMENDATIONS, query)
    found.items = with_state(found.items, today)
    return found.response(request)


@recommendations.get(
    "/{recommendation_id}", summary="Show a recommendation", response_model=RecommendationOut, responses=GETS
)
def get_recommendation(request: Request, recommendation_id: Id, session: Reading, today: Today) -> Response:
    return _recommendation(request, session, recommendation_id, today)


@recommendations.post(
    "", summary="Add a recommendation", status_code=201, response_model=RecommendationOut, responses=CREATES
)
def create_recommendation(
    request: Request, body: RecommendationIn, actor: Evaluator, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        recommendation = follow_up.create_recommendation(session, actor, body, today=today)
        return _recommendation(request, session, key(recommendation), today, status=201)

    return once.answer(session, work)


@recommendations.patch(
    "/{recommendation_id}", summary="Change a recommendation", response_model=RecommendationOut, responses=CHANGES
)
def update_recommendation(
    request: Request,
    recommendation_id: Id,
    body: RecommendationPatch,
    actor: Evaluator,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    recommendation = locked(session, Recommendation, recommendation_id, if_match, name="recommendation")
    follow_up.update_recommendation(session, actor, recommendation, body, today=today)
    return _recommendation(request, session, recommendation_id, today)


@recommendations.delete(
    "/{recommendation_id}",
    summary="Archive a recommendation",
    response_model=RecommendationOut,
    responses=CHANGES,
)
def archive_recommendation(
    request: Request,
    recommendation_id: Id,
    actor: Evaluator,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    recommendation = locked(session, Recommendation, recommendation_id, if_match, name="recommendation")
    follow_up.archive_recommendation(session, actor, recommendation)
    return _recommendation(request, session, recommendation_id, today)


@recommendations.post(
    "/{recommendation_id}/restore",
    summary="Restore a recommendation",
    response_model=RecommendationOut,
    responses=CHANGES,
)
def restore_recommendation(
    request: Request,
    recommendation_id: Id,
    actor: Evaluator,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    recommendation = locked(session, Recommendation, recommendation_id, if_match, name="recommendation")
    follow_up.restore_recommendation(session, actor, recommendation)
    return _recommendation(request, session, recommendation_id, today)


def _action(request: Request, session: Session, action_id: int, *, status: int = 200) -> Response:
    item = queries.show(session, queries.ACTIONS, action_id)
    if item is None:
        raise NotFound(f"There is no action {action_id}.")
    location = None
    if status == 201:
        location = f"{request.url.path.rpartition('/recommendations')[0]}/recommendations/actions/{action_id}"
    return single(request, item, tag=etag(action_id, item["version"]), status=status, location=location)


@recommendations.get(
    "/{recommendation_id}/actions",
    summary="List the actions on a recommendation",
    response_model=ListOf[ActionOut],
    responses=LISTS_BELOW,
)
def list_actions(
    request: Request,
    recommendation_id: Id,
    session: Reading,
    query: Annotated[ActionPage, Query()],
) -> Response:
    if session.get(Recommendation, recommendation_id) is None:
        raise NotFound(f"There is no recommendation {recommendation_id}.")
    condition = queries.ACTIONS.filters["recommendation_id"](recommendation_id)
    return page(session, queries.ACTIONS, query, condition, scope=str(recommendation_id)).response(request)


@recommendations.post(
    "/{recommendation_id}/actions",
    summary="Add an action",
    status_code=201,
    response_model=ActionOut,
    responses={**CREATES, **problems(404)},
)
def create_action(
    request: Request, recommendation_id: Id, body: ActionIn, actor: Evaluator, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        recommendation = held(session, Recommendation, recommendation_id, name="recommendation")
        action = follow_up.create_action(session, actor, recommendation, body)
        return _action(request, session, key(action), status=201)

    return once.answer(session, work)


@recommendations.get("/actions/{action_id}", summary="Show an action", response_model=ActionOut, responses=GETS)
def get_action(request: Request, action_id: Id, session: Reading) -> Response:
    return _action(request, session, action_id)


@recommendations.patch("/actions/{action_id}", summary="Change an action", response_model=ActionOut, responses=CHANGES)
def update_action(
    request: Request,
    action_id: Id,
    body: ActionPatch,
    actor: Evaluator,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    action = locked(session, RecommendationAction, action_id, if_match, name="action")
    follow_up.update_action(session, actor, action, body)
    return _action(request, session, action_id)


@recommendations.delete(
    "/actions/{action_id}", summary="Archive an action", response_model=ActionOut, responses=CHANGES
)
def archive_action(
    request: Request, action_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    action = locked(session, RecommendationAction, action_id, if_match, name="action")
    follow_up.archive_action(session, actor, action)
    return _action(request, session, action_id)


@recommendations.post(
    "/actions/{action_id}/restore", summary="Restore an action", response_model=ActionOut, responses=CHANGES
)
def restore_action(
    request: Request, action_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    action = locked(session, RecommendationAction, action_id, if_match, name="action")
    follow_up.restore_action(session, actor, action)
    return _action(request, session, action_id)
