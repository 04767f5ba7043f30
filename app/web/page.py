"""What a route of a page is given, and how it answers.

``PageReading`` brings one snapshot of the database, ``PagePosting`` what a form sends; both bring the person. Routes
call the services that the API calls, and give a view to a template. Whatever goes wrong becomes a page in words
(:mod:`app.web.failures`).
"""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, TypeVar
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app import clock
from app.config import Settings
from app.db.engine import Database
from app.db.pages import WebSession
from app.domain.access import Actor, Right
from app.domain.told import Told
from app.errors import Conflict, Fault, InvalidInput, NotAllowed, step
from app.http.lists import repeated
from app.http.routing import Router
from app.http.state import database_of, settings_of
from app.inputs import faults, holdable
from app.language import i18n
from app.sentences import SENTENCES
from app.web import failures
from app.web.naming import Named
from app.web.navigation import has_page
from app.web.sealed import sealed
from app.web.session import (
    SessionEnded,
    Visitor,
    cookie_name,
    keep_form,
    note_seen,
    require_same_site,
    visitor_of,
)
from app.web.showing import language_of, show
from app.web.typed import lost

#: headers of every page
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}

Query = TypeVar("Query", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """A step on the way to a page. ``label`` is shown as it is: translate it before."""

    label: str
    address: str


@dataclass(kw_only=True)
class Page:
    """A request for a page, with the person who makes it."""

    request: Request
    database: Database
    settings: Settings
    visitor: Visitor
    words: i18n.Words
    today: dt.date

    @property
    def actor(self) -> Actor:
        return self.visitor.actor

    @property
    def named(self) -> Named:
        """The names of the codes on the page; a page that is read knows them."""
        return Named(session=None, words=self.words, today=self.today)

    def t(self, message: str, **values: object) -> str:
        """The message in the person's language, with ``%(name)s`` filled in."""
        text = self.words.gettext(message)
        return text % values if values else text

    def may(self, right: Right) -> bool:
        return self.actor.may(right)

    def show(self, template: str, *, status: int = 200, crumbs: Sequence[Crumb] = (), **view: object) -> HTMLResponse:
        """The page of a template. ``view`` are the names the template uses beside those of the layout."""
        return show(self.request, template, view | {"crumbs": crumbs, "named": self.named}, status=status)

    def go(self, address: str, session: Session, told: str | None = None) -> RedirectResponse:
        """Leads on after a change. ``told`` is shown there once; ``session`` is the one that writes."""
        if (row := session.get(WebSession, self.visitor.session_id)) is not None:
            secret = self.request.cookies.get(cookie_name(self.request))
            row.flash = sealed(told, secret) if told is not None and secret is not None else None
            if row.kept_path == self.request.url.path:
                row.kept_path, row.kept_form = None, None
            session.flush()
        return RedirectResponse(address, 303)

    def query(self, model: type[Query], *, own: Sequence[str] = ()) -> tuple[Query, dict[str, list[str]]]:
        """The query of the address as the list of the API takes it, and whole for links. ``own`` are for the page.

        Fields of a filter that were left empty count as left out.

        :raises InvalidInput: with a fault for each parameter that does not fit.
        """
        given: dict[str, list[str]] = {}
        for name, value in self.request.query_params.multi_items():
            if value.strip():
                given.setdefault(name, []).append(value)
        several = repeated(model)
        values = {name: texts if name in several else texts[-1] for name, texts in given.items() if name not in own}
        try:
            return model.model_validate(values), given
        except ValidationError as error:
            raise InvalidInput(faults(error, within="/query")) from error


@dataclass(kw_only=True)
class ReadingPage(Page):
    """A page that is read: ``session`` sees one snapshot of everything."""

    session: Session

    def offers(self, require: Callable[[], object]) -> bool:
        """Whether a page offers to change a record: ``require`` is what the service asks before it stores."""
        try:
            require()
        except (NotAllowed, Conflict, InvalidInput):
            return False
        return True

    @cached_property
    def named(self) -> Named:
        return Named(session=self.session, words=self.words, today=self.today)


@dataclass(kw_only=True)
class PostingPage(Page):
    """A form that was sent. Nothing is held open: what changes goes through :meth:`write`, once."""

    #: name and value of every field, in the order of the form
    posted: list[tuple[str, str]] = field(default_factory=list)
    #: files that were sent, by their field
    files: dict[str, UploadFile] = field(default_factory=dict)

    def write(self) -> AbstractContextManager[Session]:
        """One transaction in the person's name, committed when the block ends without an exception."""
        return self.database.write(self.actor.name, seconds=self.settings.statement_seconds)

    def read(self) -> AbstractContextManager[Session]:
        return self.database.read(seconds=self.settings.statement_seconds)

    def typed(self, name: str) -> str:
        """The last value of a field as it was sent; empty when the form has none."""
        return next((value for key, value in reversed(self.posted) if key == name), "")

    def values(self, **most: int | None) -> dict[str, str]:
        """The last values of several fields, each with the characters that it may have; None: as many as it has.

        :raises InvalidInput: with the faults of all of them.
        """
        found, refused = {}, []
        for name, limit in most.items():
            try:
                found[name] = self.value(name, most=limit)
            except InvalidInput as error:
                refused += error.faults
        if refused:
            raise InvalidInput(refused)
        return found

    def value(self, name: str, *, most: int | None = None) -> str:
        """The last value of a field; empty when the form has none. ``most``: the characters that it may have.

        :raises InvalidInput: for a character that neither XML nor databases can hold, or half of one, and for a text
            that is too long: nothing of it is cut off unseen.
        """
        found = self.typed(name)
        if most is not None and len(found) > most:
            told = Told(SENTENCES["string_too_long"], max_length=most)
            raise InvalidInput([Fault(pointer=step(name), rule="string_too_long", message=told)])
        if broken := list(lost(step(name), found)):
            raise InvalidInput(broken)
        try:
            return holdable(found)
        except ValueError as error:
            raise InvalidInput([Fault(pointer=step(name), rule="text.character", message=str(error))]) from error


def _page_parts(request: Request, visitor: Visitor) -> dict[str, object]:
    settings = settings_of(request)
    request.state.visitor = visitor
    return {
        "request": request,
        "database": database_of(request),
        "settings": settings,
        "visitor": visitor,
        "words": i18n.words(language_of(request)),
        "today": clock.today(settings),
    }


def _reading(request: Request) -> Iterator[ReadingPage]:
    with database_of(request).read(seconds=settings_of(request).statement_seconds) as session:
        visitor = visitor_of(request, session)
        visitor.actor.require(Right.READ)
        yield ReadingPage(session=session, **_page_parts(request, visitor))  # type: ignore[arg-type]


async def posted_form(request: Request) -> AsyncIterator[list[tuple[str, str]]]:
    """The texts of a form that was sent; its files stand in ``request.state.files``."""
    form = await request.form(max_fields=20_000, max_files=10)
    pairs = [(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)]
    request.state.posted = pairs
    request.state.files = {name: value for name, value in form.multi_items() if isinstance(value, UploadFile)}
    try:
        yield pairs
    finally:
        await form.close()


Posted = Annotated[list[tuple[str, str]], Depends(posted_form)]


def _posting(request: Request, posted: Posted) -> PostingPage:
    require_same_site(request)
    with database_of(request).read() as session:
        visitor = visitor_of(request, session)
    return PostingPage(posted=posted, files=request.state.files, **_page_parts(request, visitor))  # type: ignore[arg-type]


#: for routes that show: ``page: PageReading``
PageReading = Annotated[ReadingPage, Depends(_reading, scope="function")]
#: for routes that take a form: ``page: PagePosting``
PagePosting = Annotated[PostingPage, Depends(_posting)]


class PageRoute(APIRoute):
    """A route whose answers carry the headers of pages, and whose failures are pages in words."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                response = await handle(request)
            except SessionEnded as ended:
                response = await run_in_threadpool(_sign_in_first, request, ended)
            except Exception as error:  # noqa: BLE001  the page of failures logs what it does not know
                response = await run_in_threadpool(failures.page_of, request, error)
            return dressed(request, response)

        return shown


def dressed(request: Request, response: Response) -> Response:
    """The answer with the headers of pages; notes afterwards that the session is in use."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is not None and visitor.stale and response.background is None and request.method == "GET":
        response.background = BackgroundTask(note_seen, database_of(request), visitor)
    return response


def _sign_in_first(request: Request, ended: SessionEnded) -> Response:
    """Leads to the sign-in page, and back afterwards; what was typed into a form is kept meanwhile."""
    back = request.url.path
    if request.method == "GET":
        back += f"?{request.url.query}" if request.url.query else ""
        told = "needed" if request.cookies else "first"
    elif not has_page(back):
        # a button: its page is where it stands
        back, told = _sent_from(request), "ended"
    else:
        # a file would have to be chosen again
        with_file = any(file.filename for file in getattr(request.state, "files", {}).values())
        posted = getattr(request.state, "posted", [])
        kept = not with_file and keep_form(request, database_of(request), posted)
        told = "kept" if kept else "ended"
    del ended
    return RedirectResponse("/sign-in?" + urlencode({"to": back, "why": told}), 303)


def _sent_from(request: Request) -> str:
    """The page of ours on which the form stood, as browsers tell it; the start page where they do not."""
    told = urlsplit(request.headers.get("referer", ""))
    if told.netloc != request.headers.get("host") or not has_page(told.path):
        return "/"
    return own_path(told.path + (f"?{told.query}" if told.query else ""))


def own_path(text: str) -> str:
    """A path of this service to go to; the start page for whatever leads elsewhere."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or any(ord(sign) < 33 for sign in text):
        return "/"
    return text


def page_router() -> APIRouter:
    """A router of pages: not part of the API's description."""
    return Router(include_in_schema=False, route_class=PageRoute)
