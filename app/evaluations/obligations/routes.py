"""Routes of what is owed: ``/obligations``, ``/policies``, ``/alerts``, and calendar feeds."""

import datetime as dt
import hashlib
import secrets
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlmodel import Session

from app.db.alerts import Alert, AlertEvent, CalendarFeed
from app.db.base import utc_now
from app.db.engine import Database
from app.db.evaluations import EvaluationPolicy, Obligation
from app.db.lookups import row_by
from app.db.organisation import Officer, Unit
from app.db.projects import Project
from app.domain.access import Actor, Right
from app.errors import Conflict, Fault, InvalidInput, NotFound
from app.evaluations import queries, service
from app.evaluations.obligations import calendars, queries_due, queries_facts
from app.evaluations.obligations.recompute import refresh
from app.evaluations.obligations.views import views
from app.evaluations.policies.service import service as policies_service
from app.evaluations.schemas import (
    AcknowledgeIn,
    AlertOut,
    AlertPage,
    DecisionOut,
    FeedIn,
    FeedOut,
    ObligationOut,
    ObligationPage,
    PolicyIn,
    PolicyOut,
    PolicyPage,
    RescheduleIn,
    SnoozeIn,
    WaiverIn,
    obligation_fields,
)
from app.http.access import Administrator, CurrentActor, Evaluator
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CREATES, GETS, LISTS, api_router, problems
from app.http.sessions import Reading, SettingsOf, Today, Writing
from app.http.versions import conditional, etag, single

obligations = api_router("/obligations", "obligations")
policy_routes = api_router("/policies", "policies")
alerts = api_router("/alerts", "alerts")
feeds = api_router("/calendar-feeds", "calendar feeds")
#: outside ``/api/v1``: the secret address is the right to read
calendar = APIRouter(tags=["calendar feeds"])


def _fresh(request: Request, actor: CurrentActor, today: Today) -> None:
    """Brings obligations in line with whatever changed, before somebody who may read them does."""
    actor.require(Right.READ)
    refresh(cast("Database", request.app.state.database), today)


#: a route with this shows obligations as the present facts make them
FRESH = [Depends(_fresh)]


def _shown(session: Session, ids: list[int], today: dt.date) -> list[dict[str, Any]]:
    """Obligations in the order of their keys given, with state and decisions; a constant number of statements."""
    rows = queries_due.by_ids(session, ids)
    decisions: dict[int, list[dict[str, Any]]] = {key: [] for key in ids}
    for row in queries_facts.decisions(session, ids):
        shown = DecisionOut(
            kind=row.kind, reason=row.reason, approver=row.approver, decided_on=row.decided_on, due_on=row.new_due_on
        )
        decisions[row.obligation_id].append(shown.model_dump())
    found = {view.row.id: {**obligation_fields(view), "decisions": decisions[view.row.id]} for view in
             views(session, rows, today)}  # fmt: skip
    return [found[key] for key in ids if key in found]


def _obligation(request: Request, session: Session, obligation_id: int, today: dt.date, status: int = 200) -> Response:
    shown = _shown(session, [obligation_id], today)
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
    found = page(session, queries.OBLIGATIONS, query)
    found.items = _shown(session, [item["id"] for item in found.items], today)
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


def _policy(request: Request, session: Session, policy_id: int, status: int = 200) -> Response:
    item = queries.show(session, queries.POLICIES, policy_id)
    if item is None:
        raise NotFound(f"There is no policy {policy_id}.")
    location = f"{request.url.path}/{policy_id}" if status == 201 else None
    tag = etag(policy_id, 2 if item["retired"] else 1)
    return single(request, item, tag=tag, status=status, location=location)


@policy_routes.get("", summary="List policies as loaded", response_model=ListOf[PolicyOut], responses=LISTS)
def list_policies(request: Request, session: Reading, query: Annotated[PolicyPage, Query()]) -> Response:
    return page(session, queries.POLICIES, query).response(request)


@policy_routes.get("/{policy_id}", summary="Show a policy", response_model=PolicyOut, responses=GETS)
def get_policy(request: Request, policy_id: Id, session: Reading) -> Response:
    return _policy(request, session, policy_id)


@policy_routes.post("", summary="Load a policy", status_code=201, response_model=PolicyOut, responses=CREATES)
def create_policy(
    request: Request, body: PolicyIn, actor: Administrator, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        put = policies_service.put_policy(session, actor, body.document, today=today, activation_on=body.activation_on)
        return _policy(request, session, put.row.id or 0, status=201)

    return once.answer(session, work)


@policy_routes.post(
    "/{policy_id}/retire",
    summary="Take a policy out of force",
    response_model=PolicyOut,
    responses={**CREATES, **problems(404)},
)
def retire_policy(
    request: Request, policy_id: Id, actor: Administrator, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        row = session.get(EvaluationPolicy, policy_id, with_for_update=True)
        if row is None:
            raise NotFound(f"There is no policy {policy_id}.")
        policies_service.retire_policy(session, actor, row)
        return _policy(request, session, policy_id)

    return once.answer(session, work)


def _alert(request: Request, session: Session, alert_id: int) -> Response:
    item = queries.show(session, queries.ALERTS, alert_id)
    if item is None:
        raise NotFound(f"There is no alert {alert_id}.")
    return single(request, item, tag=etag(alert_id, len(queries.events_of(session, alert_id))))


@alerts.get("", summary="List alerts", response_model=ListOf[AlertOut], responses=LISTS)
def list_alerts(request: Request, session: Reading, query: Annotated[AlertPage, Query()]) -> Response:
    return page(session, queries.ALERTS, query).response(request)


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
        _note(session, actor, alert_id, "acknowledged", reason=body.reason or "")
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
        if body.until <= today:
            message = "Give a day that lies ahead."
            raise InvalidInput([Fault(pointer="/until", rule="alert.snooze", message=message)])
        _note(session, actor, alert_id, "snoozed", until=body.until, reason=body.reason or "")
        return _alert(request, session, alert_id)

    return once.answer(session, work)


def _note(
    session: Session, actor: Actor, alert_id: int, kind: str, *, until: dt.date | None = None, reason: str
) -> None:
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound(f"There is no alert {alert_id}.")
    project = None if alert.project_id is None else session.get(Project, alert.project_id)
    actor.require_unit(project.unit_id if project else None)
    session.add(AlertEvent(alert_id=alert_id, kind=kind, until=until, reason=reason, recorded_by=actor.name))
    session.flush()


@feeds.post(
    "",
    summary="Make a calendar feed of an officer or a unit",
    description="The address carries a secret and is shown once.",
    status_code=201,
    response_model=FeedOut,
    responses=CREATES,
)
def create_feed(request: Request, body: FeedIn, actor: Evaluator, session: Writing, settings: SettingsOf) -> Response:
    if (body.officer is None) == (body.unit is None):
        message = "Name either an officer or a unit."
        raise InvalidInput([Fault(pointer="/officer", rule="feed.owner", message=message)])
    officer, unit = row_by(session, Officer, "code", body.officer), row_by(session, Unit, "code", body.unit)
    if officer is None and unit is None:
        noun, code = ("officer", body.officer) if body.officer else ("unit", body.unit)
        raise InvalidInput([Fault(pointer=f"/{noun}", rule=f"{noun}.unknown", message=f"There is no {noun} {code}.")])
    actor.require_unit(officer.unit_id if officer else unit.id if unit else None)
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        officer_id=officer.id if officer else None,
        unit_id=unit.id if unit else None,
        recorded_by=actor.name,
    )
    session.add(feed)
    session.flush()
    url = f"{settings.public_url.rstrip('/')}/calendar/{token}.ics"
    return single(request, {"id": feed.id, "url": url}, tag=etag(feed.id or 0, 1), status=201)


@feeds.delete(
    "/{feed_id}", summary="Close a calendar feed", status_code=204, response_class=Response, responses=problems(404)
)
def close_feed(feed_id: Id, actor: Evaluator, session: Writing) -> Response:
    feed = session.get(CalendarFeed, feed_id)
    if feed is None:
        raise NotFound(f"There is no calendar feed {feed_id}.")
    officer = None if feed.officer_id is None else session.get(Officer, feed.officer_id)
    actor.require_unit(officer.unit_id if officer else feed.unit_id)
    if feed.revoked_at is not None:
        raise Conflict("The calendar feed is closed already.")
    feed.revoked_at = utc_now()
    session.flush()
    return Response(status_code=204)


@calendar.get(
    "/calendar/{token}.ics",
    operation_id="calendar_feed",
    summary="Due dates as iCalendar",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {}}}, **problems(304, 404, 422)},
)
def read_feed(
    request: Request, token: Annotated[str, Field(min_length=20, max_length=100)], settings: SettingsOf, today: Today
) -> Response:
    """Everything the officer or unit has to see to; needs no login, since the address is secret."""
    database = cast("Database", request.app.state.database)
    with database.read() as session:
        owner = queries.feed_owner(session, hashlib.sha256(token.encode()).hexdigest())
    if owner is None:
        raise NotFound("There is no such calendar.")
    refresh(database, today)
    with database.read() as session:
        host = calendars.host_of(settings.public_url)
        entries = calendars.feed(session, today, host, officer_id=owner.officer_id, unit_id=owner.unit_id)
    stamp = dt.datetime.combine(today, dt.time(), dt.UTC)
    content = calendars.render(entries, name=f"Evaluations due: {owner.name}", stamp=stamp)
    answer = conditional(request, content, {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'})
    if answer.status_code == 200:
        answer.headers["content-type"] = "text/calendar; charset=utf-8"
        answer.headers["cache-control"] = "private, max-age=3600"
    return answer
