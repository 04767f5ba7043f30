"""Every group of pages, one line each, and the page that is shown where there is none."""

import re
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from app.web import failures, navigation, static_files
from app.web.page import dressed
from app.web.routes import (
    account,
    agreements,
    alerts,
    books,
    codes,
    corrections,
    delivery,
    delivery_notes,
    encumbrances,
    evaluations,
    followup,
    handbook,
    health,
    history,
    home,
    lessons,
    milestones,
    oversight,
    partners,
    people,
    policies,
    project,
    projects,
    provider,
    public,
    publish,
    records,
    reports,
    results,
    risks,
    sign_in,
    spreadsheets,
    views,
)
from app.web.session import SessionEnded, visitor_of

ROUTERS: tuple[APIRouter, ...] = (
    static_files.router,
    home.router,
    sign_in.router,
    provider.router,
    projects.router,
    project.router,
    corrections.router,
    records.router,
    history.router,
    people.router,
    account.router,
    books.router,
    codes.router,
    delivery.router,
    delivery_notes.router,
    encumbrances.router,
    evaluations.router,
    followup.router,
    policies.router,
    partners.router,
    agreements.router,
    views.router,
    spreadsheets.router,
    reports.router,
    public.router,
    handbook.router,
    health.router,
    public.robots,
    publish.router,
    alerts.router,
    results.router,
    risks.router,
    lessons.router,
    milestones.router,
    oversight.router,
)

navigation.use_pages(
    route.path_regex
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ())
)

#: what programs ask for: their failures stay problem+json
_FOR_PROGRAMS = ("/api/", "/docs", "/openapi", "/health", "/metrics", "/calendar", "/static/")


def wants_page(request: Request) -> bool:
    """Whether whoever asks for what is not there is a person with a browser."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_FOR_PROGRAMS)


def cleaned(request: Request) -> Request:
    """The request as if its address held only what can be read: its page has links to where it is itself."""
    path = re.sub("[\\0\N{REPLACEMENT CHARACTER}]", "", request.scope["path"])
    return Request({**request.scope, "path": path, "raw_path": quote(path).encode(), "query_string": b""})


def failed(request: Request, error: Exception) -> Response:
    """The page for an address that leads nowhere, with the ways of whoever is signed in."""
    try:
        with request.app.state.database.read() as session:
            request.state.visitor = visitor_of(request, session)
    except SessionEnded:
        request.state.visitor = None
    return dressed(request, failures.page_of(request, error))
