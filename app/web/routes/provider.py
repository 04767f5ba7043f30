"""Signing in through the OpenID provider of the office: the way there, and what comes back."""

import logging
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from app.db.base import key
from app.errors import NotFound
from app.http.problems import request_id_of
from app.http.state import database_of, settings_of
from app.language.i18n import mark
from app.people import provider as accounts
from app.web import session, showing
from app.web.limits import count_try
from app.web.page import own_path, page_router
from app.web.routes.sign_in import own_address, signed_in
from app.web.signin import mapping, oidc
from app.web.signin.accounts import account_of, address_looked_at, given_to

router = page_router()
log = logging.getLogger("earmark.web")

_BACK = "/sign-in/provider/back"
#: what the sign-in page calls a provider that has no name of its own
_NAME = mark("your organisation's account")


@dataclass(frozen=True, kw_only=True)
class _Refusal:
    message: str
    advice: str
    status: int = 403


_ASK = mark("Show this page to an administrator of Earmark.")
_REFUSALS = {
    "denied": _Refusal(
        message=mark("The sign-in was broken off: your account was not shown to Earmark."),
        advice=mark("Sign in again and agree to it, or ask whoever looks after your account."),
    ),
    "not-begun": _Refusal(
        message=mark("This sign-in was not begun in this browser, or more than ten minutes ago."),
        advice=mark("Begin again on the sign-in page, and allow cookies for it."),
    ),
    "untrue": _Refusal(
        message=mark("What came back from the sign-in service could not be proven to be about you, here and now."),
        advice=mark("Begin again on the sign-in page. If it happens again, tell an administrator of Earmark."),
    ),
    "unreachable": _Refusal(
        message=mark("The sign-in service cannot be reached, or does not answer as it should."),
        advice=mark("Try again in some minutes, or ask an administrator of Earmark for a link that signs you in."),
        status=503,
    ),
    "role": _Refusal(
        message=mark("Your account is known, but no role in Earmark belongs to it."),
        advice=mark("Ask for one of the groups that may use Earmark, and show this page to who gives it."),
    ),
    "groups-elsewhere": _Refusal(
        message=mark("Your account has so many groups that the sign-in service names none of them."),
        advice=mark("Ask whoever looks after the accounts to give roles to Earmark in place of groups."),
    ),
    "unit": _Refusal(
        message=mark("You may use Earmark as an officer, but no unit belongs to your account."), advice=_ASK
    ),
    "several-units": _Refusal(message=mark("Several units belong to your account; Earmark needs one."), advice=_ASK),
    "unknown-unit": _Refusal(message=mark("The unit that belongs to your account is not in use here."), advice=_ASK),
    "no-name": _Refusal(
        message=mark("Your account has no name that is free here: somebody else has it already."), advice=_ASK
    ),
    "no-address": _Refusal(
        message=mark("Somebody has your name here already, and no verified mail address tells whether that is you."),
        advice=mark("Ask whoever looks after your account to have its mail address sent and verified."),
    ),
    "archived": _Refusal(
        message=mark("You may no longer use Earmark."),
        advice=mark("If this is a mistake, an administrator of Earmark can bring your user back."),
    ),
}


@router.get("/sign-in/provider")
def begin(request: Request) -> Response:
    """Leads to the provider. A link and no form: browsers apply ``form-action`` to where a form leads on to."""
    count_try(request)
    provider = _provider(request)
    try:
        begun, address = provider.begin(own_path(request.query_params.get("to", "/")), own_address(request) + _BACK)
    except oidc.Unreachable as error:
        return _refused(request, "unreachable", why=error)
    response = RedirectResponse(address, 303)
    response.set_cookie(
        _cookie(request),
        begun.packed(),
        max_age=oidc.BEGUN_FOR,
        path="/",
        httponly=True,
        secure=session.secure(request),
        samesite="lax",
    )
    return response


@router.get(_BACK)
def back(request: Request) -> Response:
    """Takes the provider's answer. Whatever it is, the sign-in that began is over."""
    count_try(request)
    provider = _provider(request)
    response = _answered(request, provider)
    response.delete_cookie(_cookie(request), path="/", httponly=True, secure=session.secure(request), samesite="lax")
    return response


def _answered(request: Request, provider: oidc.Provider) -> Response:
    query = request.query_params
    begun = oidc.begun_of(request.cookies.get(_cookie(request)), query.get("state"))
    if begun is None:
        return _refused(request, "not-begun")
    try:
        provider.check_sender(query.get("iss"))
        if error := query.get("error"):
            return _refused(request, "denied" if error == "access_denied" else "unreachable", why=error[:100])
        person = provider.finish(begun, query.get("code", ""), own_address(request) + _BACK)
    except oidc.Unreachable as error:
        return _refused(request, "unreachable", why=error)
    except oidc.Untrue as error:
        return _refused(request, "untrue", why=error)
    settings = settings_of(request)
    given = given_to(settings, person.claims)
    if given.role is None or given.missing is not None:
        return _refused(request, given.missing or "role", person=person, looked=given.looked)
    standing = accounts.Standing(role=given.role, unit=given.unit, unit_told=bool(settings.oidc_unit_claim))
    try:
        with database_of(request).write(accounts.BY_PROVIDER.name) as writing:
            user = accounts.sign_in(writing, account_of(settings, person.subject, person.claims), standing)
            user_id = key(user)
    except accounts.Refused as refused:
        looked = address_looked_at(person.claims) if refused.why == "no-address" else given.looked
        return _refused(request, refused.why, person=person, looked=looked)
    return signed_in(request, user_id, "provider", begun.to, token=person.id_token)


def _provider(request: Request) -> oidc.Provider:
    provider = oidc.provider_of(settings_of(request))
    if provider is None:
        raise NotFound("Nobody signs in through a provider here.")
    return provider


def _refused(
    request: Request,
    reason: str,
    *,
    why: object = None,
    person: oidc.Person | None = None,
    looked: tuple[mapping.Looked, ...] = (),
) -> Response:
    """The page of a refusal. ``why`` goes to the log only; a ``person`` can sign out at the provider."""
    log.warning("sign-in refused: %s (%s)", reason, why, extra={"request_id": request_id_of(request)})
    refusal = _REFUSALS[reason]
    way = _provider(request).farewell(person.id_token, own_address(request) + "/sign-in") if person else None
    view: dict[str, object] = {
        "message": refusal.message,
        "advice": refusal.advice,
        "looked": looked,
        "farewell": way,
        "provider": settings_of(request).oidc_name,
    }
    return showing.show(request, "refused.html", view, status=refusal.status)


def _cookie(request: Request) -> str:
    return "__Host-earmark-sign-in" if session.secure(request) else "earmark-sign-in"
