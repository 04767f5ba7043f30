"""``/help``: the handbook, in the layout of whoever asks, and searched within."""

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from app.errors import NotFound
from app.http.state import settings_of
from app.web import handbook, showing
from app.web.page import page_router
from app.web.routes.public import public_page
from app.web.session import SessionEnded, visitor_of

router = page_router()


@router.get("/help")
def first(request: Request) -> Response:
    asked = request.query_params.get("q", "").strip()[:200]
    return _shown(request, handbook.FIRST, asked)


@router.get("/help/{name}")
def one(request: Request, name: str) -> Response:
    if name == handbook.FIRST:
        return RedirectResponse("/help", 301)
    return _shown(request, name, "")


@router.get("/handbook")
def former() -> Response:
    return RedirectResponse("/help", 301)


@router.get("/handbook/{name}")
def former_page(name: str) -> Response:
    """As the file is called in the checkout, too."""
    found = handbook.page(name.removesuffix(".md"))
    if found is None:
        raise NotFound(f"The handbook has no page {name}.")
    return RedirectResponse("/help" if found.name == handbook.FIRST else f"/help/{found.name}", 301)


def _shown(request: Request, name: str, asked: str) -> Response:
    """The page, for whoever is signed in, and where there are public pages for everybody."""
    found = handbook.page(name)
    if found is None:
        raise NotFound(f"The handbook has no page {name}.")
    view: dict[str, object] = {"found": found, "asked": asked, "hits": handbook.search(asked) if asked else []}
    try:
        with request.app.state.database.read() as session:
            request.state.visitor = visitor_of(request, session)
    except SessionEnded:
        if not settings_of(request).public_pages:
            raise
        shown = public_page(request, "help/public.html", view)
        shown.headers["Vary"] = "Accept-Language, Cookie"
        return shown
    return showing.show(request, "help/page.html", view)
