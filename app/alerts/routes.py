"""Routes of alerts: what was told to whom, acknowledged, silenced."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.alerts import queries as alerts_queries
from app.alerts.noting import acknowledge, snooze
from app.alerts.schemas import AcknowledgeIn, AlertOut, AlertPage, SnoozeIn
from app.errors import NotFound
from app.evaluations import queries
from app.http.access import Evaluator
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CREATES, GETS, LISTS, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, single

alerts = api_router("/alerts", "alerts")


def _alert(request: Request, session: Session, alert_id: int) -> Response:
    item = queries.show(session, alerts_queries.ALERTS, alert_id)
    if item is None:
        raise NotFound(f"There is no alert {alert_id}.")
    return single(request, item, tag=etag(alert_id, len(alerts_queries.events_of(session, alert_id))))


@alerts.get("", summary="List alerts", response_model=ListOf[AlertOut], responses=LISTS)
def list_alerts(request: Request, session: Reading, query: Annotated[AlertPage, Query()]) -> Response:
    return page(session, alerts_queries.ALERTS, query).response(request)


@alerts.get("/{alert_id}", summary="Show an alert", response_model=AlertOut, responses=GETS)
def get_alert(request: Request, alert_id: Id, session: Reading) -> Response:
    return _alert(request, session, alert_id)


@alerts.post(
    "/{alert_id}/acknowledge",
    summary="Say that somebody acts on an alert",
    response_model=AlertOut,
    responses={**CREATES, **problems(404)},
)
def acknowledge_alert(
    request: Request, alert_id: Id, body: AcknowledgeIn, actor: Evaluator, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        acknowledge(session, actor, alert_id, reason=body.reason or "")
        return _alert(request, session, alert_id)

    return once.answer(session, work)


@alerts.post(
    "/{alert_id}/snooze",
    summary="Be reminded of an alert later",
    response_model=AlertOut,
    responses={**CREATES, **problems(404)},
)
def snooze_alert(
    request: Request,
    alert_id: Id,
    body: SnoozeIn,
    actor: Evaluator,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        snooze(session, actor, alert_id, until=body.until, reason=body.reason or "", today=today)
        return _alert(request, session, alert_id)

    return once.answer(session, work)
