"""``/account``: as whom I am here, in which language, and with which browsers, tokens and calendars."""

from sqlmodel import Session
from starlette.responses import Response

from app.db.base import utc_now
from app.db.pages import WebSession
from app.domain.access import RIGHTS, Right
from app.errors import NotFound
from app.evaluations.obligations import feeds
from app.evaluations.obligations.queries import FEEDS
from app.evaluations.obligations.schemas import FeedIn, FeedPage
from app.http.fields import Id
from app.http.lists import page as page_of
from app.people.queries import TOKENS
from app.people.schemas import TokenPage
from app.web import queries, session
from app.web.page import PagePosting, PageReading, page_router

router = page_router()


@router.get("/account")
def account(page: PageReading) -> Response:
    tokens = page_of(page.session, TOKENS, TokenPage(user=page.actor.name, limit=200))
    listed = page_of(page.session, FEEDS, FeedPage(limit=200, recorded_by=page.actor.name))
    return page.show(
        "account/account.html",
        title=page.t("Your account"),
        rights=sorted(RIGHTS[page.actor.role]),
        sessions=queries.sessions_of(page.session, page.visitor.user_id, utc_now()),
        tokens=tokens.items,
        feeds=listed.items,
        may_feed=page.may(Right.EVALUATE) and bool(page.visitor.officer or page.visitor.unit),
    )


@router.post("/account/sessions/{session_id}/end")
def end_session(page: PagePosting, session_id: Id) -> Response:
    with page.write() as writing:
        _own(writing, page.visitor.user_id, session_id)
        session.end(writing, session_id)
        return page.go("/account", writing, page.t("That browser is signed out."))


@router.post("/account/sessions/end")
def end_others(page: PagePosting) -> Response:
    with page.write() as writing:
        queries.end_sessions(writing, page.visitor.user_id, except_id=page.visitor.session_id)
        return page.go("/account", writing, page.t("Every other browser is signed out."))


def _own(writing: Session, user_id: int, session_id: int) -> None:
    found = writing.get(WebSession, session_id)
    if found is None or found.user_id != user_id:
        raise NotFound("You have no such session.")


@router.post("/account/feeds")
def make_feed(page: PagePosting) -> Response:
    """A calendar of the officer or unit that the person is or belongs to."""
    with page.write() as writing:
        body = FeedIn(officer=page.visitor.officer, unit=None if page.visitor.officer else page.visitor.unit)
        _, token = feeds.make(writing, page.actor, body)
        address = str(page.request.base_url).rstrip("/") if not page.settings.public_url else page.settings.address
        told = page.t(
            "Subscribe to this address in your calendar; it is shown this once: %(address)s",
            address=f"{address}/calendar/{token}.ics",
        )
        return page.go("/account", writing, told)


@router.post("/account/feeds/{feed_id}/close")
def close_feed(page: PagePosting, feed_id: Id) -> Response:
    with page.write() as writing:
        feeds.close(writing, page.actor, feed_id)
        return page.go("/account", writing, page.t("The calendar is closed."))
