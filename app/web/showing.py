"""A template in the layout, for whoever asks: signed in or not."""

import datetime as dt

from fastapi import Request
from starlette.responses import HTMLResponse

from app import clock
from app.domain.access import Right
from app.language import i18n
from app.web import navigation
from app.web.rendering import render
from app.web.session import Visitor


def language_of(request: Request) -> str:
    """Language of the answer: the person's choice, else what this browser chose or asks for."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    for chosen in (visitor.language if visitor else None, request.cookies.get("earmark-language")):
        if chosen in i18n.LANGUAGES:
            return str(chosen)
    return i18n.asked_for(request.headers.get("accept-language", ""))


def today(request: Request) -> dt.date:
    """Today, in the organisation's time zone."""
    return clock.today(request.app.state.settings)


def show(request: Request, template: str, view: dict[str, object], *, status: int = 200) -> HTMLResponse:
    """A page in the layout, for whoever asks: signed in or not."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    layout: dict[str, object] = {
        "visitor": visitor,
        "navigation": navigation.items(visitor.actor, request.url.path) if visitor else (),
        "path": request.url.path,
        "address": str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
        "flash": visitor.flash if visitor and request.method == "GET" else None,
        "today": today(request),
        "demo": request.app.state.settings.demo,
        "Right": Right,
    }
    return HTMLResponse(render(language_of(request), template, layout | {"crumbs": ()} | view), status)
