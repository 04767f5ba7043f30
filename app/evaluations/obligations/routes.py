"""Routes of what is owed: ``/obligations``, ``/policies``, ``/alerts``, and calendar feeds."""

import datetime as dt
import hashlib
from typing import Annotated

from fastapi import Depends, Query, Request, Response
from sqlmodel import Session

from app.db.evaluations import Obligation
from app.domain.access import Right
from app.errors import NotFound
from app.evaluations.obligations import queries as obligations_queries
from app.evaluations.obligations import service
from app.evaluations.obligations.fresh import fresh
from app.evaluations.obligations.schemas import (
    ObligationOut,
    ObligationPage,
    RescheduleIn,
    WaiverIn,
)
from app.evaluations.obligations.shown import shown_by_id
from app.http.access import CurrentActor, Evaluator
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CREATES, GETS, LISTS, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.state import database_of
from app.http.versions import single

obligations = api_router("/obligations", "obligations")


def _fresh(request: Request, actor: CurrentActor, today: Today) -> None:
    """Brings obligations in line with whatever changed, before somebody who may read them does."""
    actor.require(Right.READ)
    fresh(database_of(request), today)


#: a route with this shows obligations as the present facts make them
FRESH = [Depends(_fresh)]


def _obligation(request: Request, session: Session, obligation_id: int, today: dt.date, status: int = 200) -> Response:
    shown = shown_by_id(session, [obligation_id], today)
    if not shown:
        raise NotFound(f"There is no obligation {obligation_id}.")
    content = shown[0]
    digest = hashlib.sha256(repr(content).encode()).hexdigest()[:16]
    return single(request, content, tag=f'"{obligation_id}-{digest}"', status=status)


@obligations.get(
    "", summary="List obligations", response_model=ListOf[ObligationOut], responses=LISTS, dependencies=FRESH
)
def list_obligations(
    request: Request, session: Reading, today: Today, query: Annotated[ObligationPage, Query()]
) -> Response:
    found = page(session, obligations_queries.OBLIGATIONS, query)
    found.items = shown_by_id(session, [item["id"] for item in found.items], today)
    return found.response(request)


@obligations.get(
    "/{obligation_id}",
    summary="Show an obligation",
    response_model=ObligationOut,
    responses=GETS,
    dependencies=FRESH,
)
def get_obligation(request: Request, obligation_id: Id, session: Reading, today: Today) -> Response:
    return _obligation(request, session, obligation_id, today)


@obligations.post(
    "/{obligation_id}/waive",
    summary="Waive an obligation, with reason and approver",
    response_model=ObligationOut,
    responses={**CREATES, **problems(404)},
)
def waive(
    request: Request,
    obligation_id: Id,
    body: WaiverIn,
    actor: Evaluator,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        service.waive(session, actor, _held(session, obligation_id), body, today=today)
        return _obligation(request, session, obligation_id, today)

    return once.answer(session, work)


@obligations.post(
    "/{obligation_id}/take-back-waiver",
    summary="Take a waiver back, with reason and approver: the evaluation is owed again",
    response_model=ObligationOut,
    responses={**CREATES, **problems(404)},
)
def take_back_waiver(
    request: Request,
    obligation_id: Id,
    body: WaiverIn,
    actor: Evaluator,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        service.take_back(session, actor, _held(session, obligation_id), body, today=today)
        return _obligation(request, session, obligation_id, today)

    return once.answer(session, work)


@obligations.post(
    "/{obligation_id}/reschedule",
    summary="Move the due date of an obligation, with reason and approver",
    response_model=ObligationOut,
    responses={**CREATES, **problems(404)},
)
def reschedule(
    request: Request,
    obligation_id: Id,
    body: RescheduleIn,
    actor: Evaluator,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        service.reschedule(session, actor, _held(session, obligation_id), body, today=today)
        return _obligation(request, session, obligation_id, today)

    return once.answer(session, work)


def _held(session: Session, obligation_id: int) -> Obligation:
    row = session.get(Obligation, obligation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no obligation {obligation_id}.")
    return row
