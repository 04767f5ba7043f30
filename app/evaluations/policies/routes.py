"""Routes of evaluation policies."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session
from starlette.responses import JSONResponse

from app.db.base import key
from app.db.evaluations import EvaluationPolicy
from app.domain.findings import refused
from app.errors import NotFound
from app.evaluations import queries
from app.evaluations.policies import service
from app.evaluations.policies.queries import POLICIES
from app.evaluations.policies.schemas import (
    CheckedOut,
    ComparisonIn,
    ComparisonOut,
    PolicyIn,
    PolicyOut,
    PolicyPage,
    PolicyTextIn,
    RetirementIn,
)
from app.http.access import Administrator, Evaluator
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CREATES, GETS, LISTS, LOOKS, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, single

policies = api_router("/policies", "policies")


def _policy(request: Request, session: Session, policy_id: int, status: int = 200) -> Response:
    item = queries.show(session, POLICIES, policy_id)
    if item is None:
        raise NotFound(f"There is no policy {policy_id}.")
    location = f"{request.url.path}/{policy_id}" if status == 201 else None
    # a policy ends whole, or with a last day; all else of it stays
    last_day = () if item["valid_to"] is None else (item["valid_to"].toordinal(),)
    tag = etag(policy_id, 2 if item["retired"] else 1, *last_day)
    return single(request, item, tag=tag, status=status, location=location)


@policies.get("", summary="List policies as loaded", response_model=ListOf[PolicyOut], responses=LISTS)
def list_policies(request: Request, session: Reading, query: Annotated[PolicyPage, Query()]) -> Response:
    return page(session, POLICIES, query).response(request)


@policies.get("/{policy_id}", summary="Show a policy", response_model=PolicyOut, responses=GETS)
def get_policy(request: Request, policy_id: Id, session: Reading) -> Response:
    return _policy(request, session, policy_id)


@policies.post("/check", summary="Check the text of a policy", response_model=CheckedOut, responses=LOOKS)
def check_policy(body: PolicyTextIn, actor: Evaluator, session: Reading) -> Response:
    """Every finding, with its line, of the text by itself and beside the policies in use. Nothing is stored."""
    del actor
    checked = service.check_policy(session, body.document)
    found = {
        "policy": checked.policy.id if checked.policy else None,
        "title": checked.policy.title if checked.policy else None,
        "loadable": checked.policy is not None and not refused(checked.findings),
        "findings": [service.finding_as_dict(finding) for finding in checked.findings],
    }
    return JSONResponse(found)


@policies.post("/compare", summary="Tell what a policy would change", response_model=ComparisonOut, responses=LOOKS)
def compare_policy(body: ComparisonIn, actor: Evaluator, session: Reading, today: Today) -> Response:
    """What running projects would owe otherwise: by loading it, else if it ruled all of them. Nothing is stored."""
    del actor
    as_of = body.as_of or today
    policy = service.understood(session, body.document)
    part = service.compare_some(session, policy, as_of, after=body.after, most=body.most)
    found = {
        "policy": policy.id,
        "as_of": as_of.isoformat(),
        "looked_at": part.projects,
        "next": part.next,
        "projects": [service.effect_as_dict(effect) for effect in part.effects],
    }
    return JSONResponse(found)


@policies.post("", summary="Load a policy", status_code=201, response_model=PolicyOut, responses=CREATES)
def create_policy(
    request: Request, body: PolicyIn, actor: Administrator, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        put = service.put_policy(
            session,
            actor,
            body.document,
            today=today,
            activation_on=body.activation_on,
            decided_on=body.decided_on,
            in_retrospect=body.in_retrospect,
        )
        return _policy(request, session, key(put.row), status=201)

    return once.answer(session, work)


@policies.post(
    "/{policy_id}/retire",
    summary="Take a policy out of force, whole or from a day on",
    response_model=PolicyOut,
    responses={**CREATES, **problems(404)},
)
def retire_policy(
    request: Request,
    policy_id: Id,
    actor: Administrator,
    once: Idempotent,
    session: Writing,
    body: RetirementIn | None = None,
) -> Response:
    def work() -> Response:
        row = session.get(EvaluationPolicy, policy_id, with_for_update=True)
        if row is None:
            raise NotFound(f"There is no policy {policy_id}.")
        service.retire_policy(session, actor, row, last_day=body.last_day if body else None)
        return _policy(request, session, policy_id)

    return once.answer(session, work)
