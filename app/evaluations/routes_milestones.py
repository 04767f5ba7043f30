"""``/milestones`` of evaluation strategies."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.evaluations import StrategyMilestone
from app.errors import NotFound
from app.evaluations import milestones as service
from app.evaluations.queries_milestones import MILESTONES
from app.evaluations.schemas_milestones import MilestoneIn, MilestoneOut, MilestonePage, MilestonePatch
from app.http import lists
from app.http.access import Evaluator
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Today, Writing
from app.http.versions import IfMatch, etag, locked, single

milestones = api_router("/milestones", "evaluations")


def _milestone(request: Request, session: Session, milestone_id: int, *, status: int = 200) -> Response:
    item = lists.one(session, MILESTONES, MILESTONES.key == milestone_id)
    if item is None:
        raise NotFound(f"There is no milestone {milestone_id}.")
    location = f"{request.url.path}/{milestone_id}" if status == 201 else None
    return single(request, item, tag=etag(milestone_id, item["version"]), status=status, location=location)


@milestones.get("", summary="List milestones", response_model=ListOf[MilestoneOut], responses=LISTS)
def list_milestones(request: Request, session: Reading, query: Annotated[MilestonePage, Query()]) -> Response:
    return page(session, MILESTONES, query).response(request)


@milestones.get("/{milestone_id}", summary="Show a milestone", response_model=MilestoneOut, responses=GETS)
def get_milestone(request: Request, milestone_id: Id, session: Reading) -> Response:
    return _milestone(request, session, milestone_id)


@milestones.post("", summary="Add a milestone", status_code=201, response_model=MilestoneOut, responses=CREATES)
def create_milestone(
    request: Request, body: MilestoneIn, actor: Evaluator, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        row = service.create_milestone(session, actor, body, today=today)
        return _milestone(request, session, key(row), status=201)

    return once.answer(session, work)


@milestones.patch("/{milestone_id}", summary="Change a milestone", response_model=MilestoneOut, responses=CHANGES)
def update_milestone(
    request: Request,
    milestone_id: Id,
    body: MilestonePatch,
    actor: Evaluator,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    row = locked(session, StrategyMilestone, milestone_id, if_match, name="milestone")
    service.update_milestone(session, actor, row, body, today=today)
    return _milestone(request, session, milestone_id)


@milestones.delete("/{milestone_id}", summary="Archive a milestone", response_model=MilestoneOut, responses=CHANGES)
def archive_milestone(
    request: Request, milestone_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, StrategyMilestone, milestone_id, if_match, name="milestone")
    service.archive_milestone(session, actor, row)
    return _milestone(request, session, milestone_id)


@milestones.post(
    "/{milestone_id}/restore", summary="Restore a milestone", response_model=MilestoneOut, responses=CHANGES
)
def restore_milestone(
    request: Request, milestone_id: Id, actor: Evaluator, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, StrategyMilestone, milestone_id, if_match, name="milestone")
    service.restore_milestone(session, actor, row)
    return _milestone(request, session, milestone_id)
