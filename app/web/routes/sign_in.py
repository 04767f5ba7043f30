"""Signing in and out, the language of the pages, and, in the demo, being seen as somebody else."""

from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from app.db.base import key
from app.db.people import User
from app.errors import NotAllowed, NotFound
from app.http.state import settings_of
from app.language import i18n
from app.language.i18n import mark
from app.people.service import user_named
from app.web import session, showing
from app.web.limits import count_try
from app.web.page import PagePosting, Posted, own_path, page_router
from app.web.session import SessionEnded, require_same_site, visitor_of
from app.web.signin import oidc, passwords
from app.web.signin.once import use_link

router = page_router()

_WHY = {
    "needed": mark("Your session has ended. Sign in again to go on where you were."),
    "kept": mark("Your session had ended. What you typed is kept: sign in, and it is there again."),
    "ended": mark("Your session had ended, and what you sent was not stored. Sign in again."),
}
_USED = mark(
    "This link was used already, or is older than fifteen minutes. Ask an administrator for another one: "
    "each signs in once."
)

_WRONG = mark("This is not the name and password of anybody here. Try again, or ask an administrator for a link.")
_TOO_MANY = mark("Too many attempts were wrong. Wait a quarter of an hour, or ask an administrator for a link.")


def doors(request: Request) -> frozenset[str]:
    """How people sign in here."""
    return frozenset(request.app.state.settings.sign_in.split(","))


def sign_in_page(request: Request, *, refused: str = "", status: int = 200, name: str = "") -> Response:
    """The page with every door there is."""
    open_ = doors(request)
    settings = settings_of(request)
    query = request.query_params
    view: dict[str, object] = {
        "title": i18n.words(showing.language_of(request)).gettext("Sign in"),
        "refused": refused,
        "why": _WHY.get(query.get("why", "")),
        "to": own_path(query.get("to", "/")),
        "links": "links" in open_,
        "passwords": "passwords" in open_,
        "provider": settings.oidc_name if oidc.provider_of(settings) is not None else None,
        "name": name,
    }
    return showing.show(request, "sign_in.html", view, status=status)


def signed_in(request: Request, user_id: int, door: str, to: str, *, token: str | None = None) -> Response:
    """Starts the session, and leads to the page that was asked for, else to a form that was left behind."""
    with request.app.state.database.write("sign-in") as writing:
        started = session.start(request, writing, user_id, door, token=token)
    address = own_path(to)
    # a link that an administrator made knows nothing of the form
    response = RedirectResponse(started.left if started.left is not None and address == "/" else address, 303)
    session.set_cookie(request, response, started.secret)
    return response


@router.get("/sign-in")
def sign_in(request: Request) -> Response:
    return sign_in_page(request)


@router.get("/sign-in/once/{secret}")
def once(request: Request) -> Response:
    view: dict[str, object] = {
        "title": i18n.words(showing.language_of(request)).gettext("Sign in"),
        "to": own_path(request.query_params.get("to", "/")),
    }
    return showing.show(request, "once.html", view)


@router.post("/sign-in/once/{secret}")
def use_once(request: Request, secret: str, posted: Posted) -> Response:
    require_same_site(request)
    count_try(request)
    if "links" not in doors(request):
        raise NotFound("Links do not sign in here.")
    with request.app.state.database.write("sign-in") as writing:
        user_id = use_link(writing, secret)
    if user_id is None:
        return sign_in_page(request, refused=_USED, status=403)
    return signed_in(request, user_id, "link", dict(posted).get("to", "/"))


@router.post("/sign-in/password")
def use_password(request: Request, posted: Posted) -> Response:
    require_same_site(request)
    count_try(request)
    if "passwords" not in doors(request):
        raise NotFound("Passwords do not sign in here.")
    given = dict(posted)
    address = request.client.host if request.client else ""
    name = given.get("name", "").strip()
    try:
        user_id = passwords.check(request.app.state.database, name, given.get("password", ""), address)
    except passwords.TooManyAttempts:
        wait = int(passwords.WITHIN.total_seconds())
        page = sign_in_page(request, refused=_TOO_MANY, status=429, name=name)
        page.headers["Retry-After"] = str(wait)
        return page
    if user_id is None:
        return sign_in_page(request, refused=_WRONG, status=403, name=name)
    return signed_in(request, user_id, "password", given.get("to", "/"))


@router.post("/sign-out")
def sign_out(request: Request, posted: Posted) -> Response:
    """Ends the session; whoever came through a provider is shown the way out there: no form may lead to it."""
    del posted
    require_same_site(request)
    response: Response = RedirectResponse("/sign-in", 303)
    try:
        with request.app.state.database.read() as reading:
            visitor = visitor_of(request, reading)
    except SessionEnded:
        return response
    with request.app.state.database.write(visitor.actor.name) as writing:
        token = session.end(writing, visitor.session_id)
    provider = oidc.provider_of(settings_of(request))
    if token and provider is not None and (way := provider.farewell(token, own_address(request) + "/sign-in")):
        response = showing.show(request, "signed_out.html", {"farewell": way, "provider": provider.name})
    session.clear_cookie(request, response)
    return response


@router.post("/language")
def choose_language(request: Request, posted: Posted) -> Response:
    """Keeps the choice with the person, and with the browser for when nobody is signed in."""
    require_same_site(request)
    given = dict(posted)
    language = given.get("language", "")
    response = RedirectResponse(own_path(given.get("to", "/")), 303)
    if language not in i18n.LANGUAGES:
        return response
    response.set_cookie("earmark-language", language, max_age=31536000, path="/", httponly=True, samesite="lax")
    try:
        with request.app.state.database.read() as reading:
            visitor = visitor_of(request, reading)
    except SessionEnded:
        return response
    if visitor.language != language:
        with request.app.state.database.write(visitor.actor.name) as writing:
            person = writing.get(User, visitor.user_id)
            if person is not None:
                person.language = language
    return response


@router.post("/demo/see-as")
def see_as(page: PagePosting) -> Response:
    """In the demo, and nowhere else: the pages as another user of the example sees them."""
    if not page.settings.demo:
        raise NotAllowed("Only the demo shows the pages as somebody else.")
    with page.read() as reading:
        user = user_named(reading, page.value("name"))
    return signed_in(page.request, key(user), "demo", "/")


def own_address(request: Request) -> str:
    """The address under which the provider leads people back here."""
    return settings_of(request).public_url.rstrip("/") or str(request.base_url).rstrip("/")


def to_sign_in(back: str) -> str:
    """The address of the sign-in page that leads to ``back``."""
    return "/sign-in?" + urlencode({"to": back})
