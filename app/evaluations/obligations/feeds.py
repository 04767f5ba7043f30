"""Routes of calendar feeds: made, closed, read."""

import hashlib
import secrets
from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.alerts import CalendarFeed
from app.db.base import key, utc_now
from app.db.lookups import row_by
from app.db.organisation import Officer, Unit
from app.domain.access import Actor, Right
from app.errors import Conflict, Fault, InvalidInput, NotFound
from app.evaluations.obligations import queries
from app.evaluations.obligations.schemas import FeedIn, FeedOut, FeedPage, FeedShownOut
from app.http.access import Administrator, Evaluator
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.router import CREATES, LISTS, api_router, problems
from app.http.sessions import Address, Reading, Writing
from app.http.versions import etag, single

feeds = api_router("/calendar-feeds", "calendar feeds")


@feeds.get(
    "",
    summary="List calendar feeds, and who made them",
    response_model=ListOf[FeedShownOut],
    responses=LISTS,
)
def list_feeds(
    request: Request, _actor: Administrator, session: Reading, query: Annotated[FeedPage, Query()]
) -> Response:
    return page(session, queries.FEEDS, query).response(request)


@feeds.post(
    "",
    summary="Make a calendar feed of an officer or a unit",
    description="The address carries a secret and is shown once.",
    status_code=201,
    response_model=FeedOut,
    responses=CREATES,
)
def create_feed(request: Request, body: FeedIn, actor: Evaluator, session: Writing, address: Address) -> Response:
    feed, token = make(session, actor, body)
    url = f"{address}/calendar/{token}.ics"
    return single(request, {"id": feed.id, "url": url}, tag=etag(key(feed), 1), status=201)


def make(session: Session, actor: Actor, body: FeedIn) -> tuple[CalendarFeed, str]:
    """A new calendar feed, and the secret of its address, which is kept nowhere."""
    actor.require(Right.EVALUATE)
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
    return feed, token


@feeds.delete(
    "/{feed_id}", summary="Close a calendar feed", status_code=204, response_class=Response, responses=problems(404)
)
def close_feed(feed_id: Id, actor: Evaluator, session: Writing) -> Response:
    close(session, actor, feed_id)
    return Response(status_code=204)


def close(session: Session, actor: Actor, feed_id: int) -> None:
    """Ends a calendar feed; ``NotFound`` when there is none, ``Conflict`` when it was closed."""
    actor.require(Right.EVALUATE)
    feed = session.get(CalendarFeed, feed_id)
    if feed is None:
        raise NotFound(f"There is no calendar feed {feed_id}.")
    officer = None if feed.officer_id is None else session.get(Officer, feed.officer_id)
    actor.require_unit(officer.unit_id if officer else feed.unit_id)
    if feed.revoked_at is not None:
        raise Conflict("The calendar feed is closed already.")
    feed.revoked_at = utc_now()
    session.flush()
