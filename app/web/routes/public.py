"""``/public``: what is published, for everybody: no sign-in, no cookie, nothing that the published files do not say."""

import hashlib
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from app.config import Settings
from app.errors import NotFound
from app.http.routing import Router
from app.http.sessions import public_reading
from app.http.state import settings_of
from app.http.versions import is_known
from app.language import i18n
from app.publishing.releasing import queries as releasing
from app.publishing.releasing.queries import PublicRow
from app.publishing.releasing.store import FileStore
from app.publishing.world import index, queries, record
from app.publishing.world.queries import Wanted
from app.sheets import MEDIA_TYPES, csv_pieces
from app.web.page import HEADERS
from app.web.rendering import render
from app.web.views import linked
from app.web.views import public as views

#: browsers and proxies may keep a page for as long
_CACHING = "public, max-age=300"
_DATA = i18n.mark("These are the very files that registries know, in the format of IATI 2.03.")


class PublicRoute(APIRoute):
    """A route whose pages everybody may keep; there are none where the setting says so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            if not settings_of(request).public_pages:
                raise NotFound("There are no public pages here.")
            try:
                response = await handle(request)
            except _NotReady:
                response = await run_in_threadpool(_not_ready, request)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return shown


router = Router(include_in_schema=False, route_class=PublicRoute)


class _NotReady(Exception):
    """The index of what is published is still being made."""


@dataclass(kw_only=True)
class PublicPage:
    """A request for a public page."""

    request: Request
    session: Session
    settings: Settings
    words: i18n.Words
    #: what is public now
    files: list[PublicRow]

    @property
    def language(self) -> str:
        return self.words.language

    @contextmanager
    def index(self) -> Iterator[sqlite3.Connection | None]:
        """The index of what is published; None: nothing is."""
        files = [each for each in releasing.files_in_public(self.session) if each.file_type == "iati-activities"]
        if not files:
            yield None
            return
        path = index.ready(FileStore(self.settings.file_store), files)
        if path is None:
            raise _NotReady
        with index.opened(path) as found:
            yield found

    @property
    def address(self) -> str:
        """The address of the service, as people reach it."""
        return self.settings.public_url.rstrip("/") or str(self.request.base_url).rstrip("/")

    def show(self, template: str, **view: object) -> Response:
        """The page, with an ETag: who has it already is told so."""
        return _kept(self.request, _page(self.request, self.words, template, view))


def public_page(request: Request, template: str, view: dict[str, object]) -> Response:
    """A page in the layout of the public pages, for whoever asks without a session."""
    return _kept(request, _page(request, _words(request), template, view))


def _kept(request: Request, response: HTMLResponse) -> Response:
    """The page with an ETag, so that everybody may keep it; who has it already is told so."""
    tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _CACHING, "Vary": "Accept-Language"}
    if is_known(request, tag):
        return Response(None, 304, headers)
    response.headers.update(headers)
    return response


def _words(request: Request) -> i18n.Words:
    """The language in the address, else the one that the browser asks for: no cookie, so that pages can be kept."""
    chosen = request.query_params.get("lang", "")
    asked = i18n.asked_for(request.headers.get("accept-language", ""))
    return i18n.words(chosen if chosen in i18n.LANGUAGES else asked)


def _page(
    request: Request, words: i18n.Words, template: str, view: dict[str, object], *, status: int = 200
) -> HTMLResponse:
    chosen = request.query_params.get("lang", "")

    def to(path: str, **parameters: str) -> str:
        """An address of a public page that keeps the language somebody chose."""
        kept = {name: value for name, value in parameters.items() if value}
        kept |= {"lang": chosen} if chosen in i18n.LANGUAGES else {}
        return f"{path}?{urlencode(kept)}" if kept else path

    here = {name: value for name, value in request.query_params.items() if name != "lang"}
    layout: dict[str, object] = {
        "path": request.url.path,
        "to": to,
        "languages_here": {code: f"{request.url.path}?{urlencode({**here, 'lang': code})}" for code in i18n.LANGUAGES},
    }
    return HTMLResponse(render(words.language, template, layout | view), status)


def _not_ready(request: Request) -> Response:
    page = _page(request, _words(request), "public/waiting.html", {}, status=503)
    page.headers["Retry-After"] = "30"
    page.headers["Cache-Control"] = "no-store"
    return page


def _public(request: Request, session: Annotated[Session, Depends(public_reading, scope="function")]) -> PublicPage:
    return PublicPage(
        request=request,
        session=session,
        settings=settings_of(request),
        words=_words(request),
        files=[row for row in releasing.public_files(session) if row.file_id is not None],
    )


Public = Annotated[PublicPage, Depends(_public, scope="function")]


@router.get("/public")
def front(page: Public) -> Response:
    """Where the money comes from, who does what, where, and how far it is."""
    with page.index() as found:
        view = None if found is None else views.front(found, page.words)
    return page.show(
        "public/front.html",
        view=view,
        files=page.files,
        linked="" if view is None else linked.of_front(view, page.address),
    )


@router.get("/public/projects")
def list_published(page: Public) -> Response:
    """Published activities that fit, in the order of their identifiers."""
    asked = page.request.query_params
    wanted = Wanted(**{name: asked.get(name, "").strip()[:200] for name in views.FILTERS})
    after = asked.get("after", "")
    with page.index() as found:
        view = None
        if found is not None:
            view = views.listed(found, page.words, wanted, int(after) if after.isdecimal() and len(after) < 9 else -1)
    return page.show("public/projects.html", view=view, wanted=wanted)


@router.get("/public/projects/{identifier:path}")
def published(page: Public, identifier: str) -> Response:
    """One activity as it was published."""
    with page.index() as found:
        where = None if found is None else queries.find(found, identifier)
    if where is None:
        return _unknown(page)
    with FileStore(page.settings.file_store).open(where.file) as stream:
        stream.seek(where.start)
        activity = record.read(stream.read(where.length))
    dataset = next((row for row in page.files if row.sha256 == where.file), None)
    view = views.activity(activity, page.words)
    here = f"{page.address}/public/projects/{quote(identifier)}"
    return page.show(
        "public/project.html", view=view, dataset=dataset, linked=linked.of_activity(view, here, page.language)
    )


@router.get("/public/partners")
def list_funders(page: Public) -> Response:
    with page.index() as found:
        listed = [] if found is None else queries.partners(found, page.language)
    return page.show("public/partners.html", listed=listed)


@router.get("/public/partners/{key:path}")
def funder(page: Public, key: str) -> Response:
    """A funding organisation: what it gave, and for which activities."""
    with page.index() as found:
        named = [] if found is None else queries.partners(found, page.language, key)
        if found is None or not named:
            return _unknown(page)
        view = views.funder(found, page.words, named[0])
    return page.show("public/partner.html", view=view)


@router.get("/public/data")
def data(page: Public) -> Response:
    """The files, for programs."""
    name, told = page.words.gettext("Published activities"), page.words.gettext(_DATA)
    return page.show(
        "public/data.html", files=page.files, told=_DATA, linked=linked.of_data(page.files, name, told, page.address)
    )


@router.get("/public/data/activities.csv")
def data_activities(page: Public) -> Response:
    """The list of published activities as a table."""
    with page.index() as found:
        rows = [] if found is None else list(queries.lines(found, Wanted(), page.language, most=None))
    columns = ("identifier", "title", "status", "starts", "ends", "updated")
    cells = ([row.identifier, row.title, row.status, row.starts, row.ends, row.updated] for row in rows)
    return Response(
        b"".join(csv_pieces(columns, cells)),
        media_type=MEDIA_TYPES["csv"],
        headers={"Cache-Control": _CACHING, "Content-Disposition": 'attachment; filename="activities.csv"'},
    )


def _unknown(page: PublicPage) -> Response:
    return _page(page.request, page.words, "public/unknown.html", {}, status=404)


robots = Router(include_in_schema=False)


@robots.get("/robots.txt")
def robots_txt(request: Request) -> PlainTextResponse:
    """Search engines may look at what is public, and at nothing else."""
    public = "Allow: /public\nAllow: /help\n" if settings_of(request).public_pages else ""
    return PlainTextResponse(
        f"User-agent: *\n{public}Allow: /iati/\nAllow: /static/\nDisallow: /\n", headers={"Cache-Control": _CACHING}
    )
