"""Who is here: the cookie of a browser, the session it stands for, and whether a request came from our own pages.

A session is a row; the cookie holds 256 random bits and nothing else. It ends after eight hours without a request, at
the latest after seven days, when the person is archived, or when somebody ends it.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from sqlmodel import Session
from starlette.datastructures import URL
from starlette.responses import Response

from app.db.base import utc_now
from app.db.engine import Database
from app.db.pages import WebSession
from app.domain.access import Actor
from app.errors import NotAllowed, NotAuthenticated, StorageFailed
from app.http.access import token_hash
from app.language.i18n import mark
from app.web import queries
from app.web.sealed import opened

IDLE = dt.timedelta(hours=8)
LONGEST = dt.timedelta(days=7)
#: the cookie outlives the session: by it what was typed when the session had ended is kept for its person
_COOKIE = LONGEST + dt.timedelta(days=1)
#: requests that come closer together than this are not noted one by one
_NOTED = dt.timedelta(minutes=5)
#: what a lost form may hold, in characters, to be kept
_KEPT_SIZE = 400_000
_AGENT_SIZE = 300


class SessionEnded(NotAuthenticated):
    """Nobody is signed in with this browser, or no longer."""

    title = "Please sign in"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """The person in front of the page."""

    actor: Actor
    session_id: int
    user_id: int
    #: codes of the person's unit, and of the officer the person is
    unit: str | None
    officer: str | None
    #: chosen language of the pages; None: as the browser asks
    language: str | None
    #: a sentence to show once, and as the database keeps it
    flash: str | None
    kept_flash: str | None
    organisation: str | None
    #: the session has to be noted as in use
    stale: bool


def cookie_name(request: Request) -> str:
    """``__Host-`` ties the cookie to this very host and to https; browsers take it over nothing else."""
    return "__Host-earmark" if secure(request) else "earmark"


def secure(request: Request) -> bool:
    """Whether people reach the pages over https."""
    configured: str = request.app.state.settings.public_url
    return request.url.scheme == "https" or configured.startswith("https://")


def visitor_of(request: Request, session: Session) -> Visitor:
    """The person whose session the cookie stands for.

    :raises SessionEnded: when there is none, or it has ended.
    """
    secret = request.cookies.get(cookie_name(request))
    found = queries.holder(session, token_hash(secret)) if secret else None
    now = utc_now()
    if found is None:
        raise SessionEnded("Sign in to see this page.")
    if found.ended_at is not None or found.expires_at <= now or found.seen_at + IDLE <= now:
        raise SessionEnded("Your session has ended. Sign in again to go on.")
    if found.archived_at is not None:
        raise SessionEnded("This user may no longer sign in: ask an administrator.")
    request.state.actor = found.name
    return Visitor(
        actor=Actor(name=found.name, role=found.role, unit_id=found.unit_id, user_id=found.user_id),
        session_id=found.session_id,
        user_id=found.user_id,
        unit=found.unit,
        officer=found.officer,
        language=found.language,
        flash=opened(found.flash, secret) if found.flash and secret else None,
        kept_flash=found.flash,
        organisation=found.organisation,
        stale=found.seen_at + _NOTED <= now or found.flash is not None,
    )


def note_seen(database: Database, visitor: Visitor) -> None:
    """Notes that the session is in use; runs after the answer went out, and gives way to whoever is writing."""
    try:
        with database.write(visitor.actor.name) as session:
            queries.see(session, visitor.session_id, utc_now(), shown=visitor.kept_flash)
    except StorageFailed:
        return


@dataclass(frozen=True, kw_only=True)
class Started:
    """A session that has begun."""

    #: what the cookie holds
    secret: str
    #: the page of a form that the person left behind when the session before ended
    left: str | None


def start(request: Request, session: Session, user_id: int, door: str, *, token: str | None = None) -> Started:
    """A new session of the person. Whatever this browser had before ends.

    What was typed into a form when the session before ended goes over to the new one, if it is the same person.
    """
    kept: WebSession | None = None
    if before := request.cookies.get(cookie_name(request)):
        kept = queries.session_row(session, token_hash(before))
    secret = secrets.token_urlsafe(32)
    now = utc_now()
    started = WebSession(
        user_id=user_id,
        hash=token_hash(secret),
        door=door,
        agent=request.headers.get("user-agent", "")[:_AGENT_SIZE],
        started_at=now,
        seen_at=now,
        expires_at=now + LONGEST,
        provider_token=token,
    )
    if kept is not None:
        if kept.user_id == user_id:
            started.kept_path, started.kept_form = kept.kept_path, kept.kept_form
        kept.kept_path, kept.kept_form = None, None
        kept.ended_at = kept.ended_at or now
    session.add(started)
    session.flush()
    return Started(secret=secret, left=started.kept_path)


def end(session: Session, session_id: int) -> str | None:
    """Ends a session, from now on. Gives what its provider wants to see to end its own, and forgets it."""
    row = session.get(WebSession, session_id)
    if row is None:
        return None
    row.ended_at = row.ended_at or utc_now()
    token, row.provider_token = row.provider_token, None
    session.flush()
    return token


def keep_form(request: Request, database: Database, form: list[tuple[str, str]]) -> bool:
    """Keeps what was sent after the session had ended, for when the person is back; tells whether it could be."""
    secret = request.cookies.get(cookie_name(request))
    if not secret or sum(len(name) + len(value) for name, value in form) > _KEPT_SIZE:
        return False
    with database.write("sign-in") as session:
        row = queries.session_row(session, token_hash(secret))
        if row is None:
            return False
        row.kept_path = request.url.path
        row.kept_form = [[name, value] for name, value in form]
    return True


def take_kept(session: Session, visitor: Visitor, url: URL) -> list[tuple[str, str]] | None:
    """What the person had typed into the form of this page before the session ended, if anything; an address with a
    suggestion begins a form anew."""
    row = session.get(WebSession, visitor.session_id)
    if row is None or url.query or row.kept_path != url.path or row.kept_form is None:
        return None
    return [(name, value) for name, value in row.kept_form]


def set_cookie(request: Request, response: Response, secret: str) -> None:
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(_COOKIE.total_seconds()),
        path="/",
        httponly=True,
        secure=secure(request),
        samesite="lax",
    )


def clear_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(cookie_name(request), path="/", httponly=True, secure=secure(request), samesite="lax")


def require_same_site(request: Request) -> None:
    """Refuses a change that another site's page asks for in the name of whoever is signed in here.

    Browsers say where a request comes from in ``Sec-Fetch-Site``; older ones in ``Origin``. What says neither is no
    browser, and carries no cookie that it did not choose to send.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site in ("same-origin", "none"):
            return
    else:
        origin = request.headers.get("origin")
        if origin is None or urlsplit(origin).netloc == request.headers.get("host"):
            return
    raise NotAllowed(mark("This form was sent from another site. Open the page here, and send it again."))
