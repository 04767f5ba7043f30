"""The way out of digests, for whoever got one; needs no login, since the address is known to the recipient alone."""

from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import HTMLResponse

from app.alerts import queries
from app.alerts.view_digests import view_of
from app.db.alerts import Subscription
from app.db.engine import Database
from app.errors import NotFound
from app.http.router import problems
from app.http.routing import Router
from app.http.state import database_of
from app.outbox import queries as outbox_queries
from app.outbox.templating import templates
from app.people import queries_views as views
from app.people.queries_languages import languages_of

router = Router(tags=["digests"])

Number = Annotated[str, Path(min_length=32, max_length=32, pattern=r"^[0-9a-f]+$")]

_ANSWERS = {200: {"content": {"text/html": {}}}, **problems(404, 422)}


def _message(request: Request, number: str) -> tuple[Database, outbox_queries.Addressed]:
    database = database_of(request)
    with database.read() as session:
        message = outbox_queries.message_by_number(session, number)
    if message is None or message.channel != "mail":
        raise NotFound("There is no such message.")
    return database, message


@router.get(
    "/unsubscribe/{number}",
    operation_id="ask_unsubscribe",
    summary="Ask before digests end",
    response_class=HTMLResponse,
    responses=_ANSWERS,
)
def ask(request: Request, number: Number) -> HTMLResponse:
    """A page with a button: programs that follow links must not unsubscribe anybody."""
    database, message = _message(request, number)
    return _page(database, message)


@router.post(
    "/unsubscribe/{number}",
    operation_id="unsubscribe",
    summary="End the digests to the address that got a message",
    response_class=HTMLResponse,
    responses=_ANSWERS,
)
def unsubscribe(request: Request, number: Number) -> HTMLResponse:
    """Of the list of a saved view the mails of that view end, and nothing else."""
    database, message = _message(request, number)
    address, view = message.recipient, view_of(message.thread)
    with database.write(address) as session:
        if view is not None:
            views.end_digest(session, view)
        elif address not in queries.unsubscribed(session, [address]):
            session.add(Subscription(email=address, digests=False, reason="asked for", recorded_by=address))
    return _page(database, message, ended=True)


def _page(database: Database, message: outbox_queries.Addressed, *, ended: bool = False) -> HTMLResponse:
    """In the language in which the person is written to."""
    with database.read() as session:
        language = languages_of(session, [message.recipient]).of(message.recipient).language
    filling = {"address": message.recipient, "of_list": view_of(message.thread) is not None, "ended": ended}
    return HTMLResponse(templates("app.alerts", language).get_template("unsubscribe.html").render(filling))
