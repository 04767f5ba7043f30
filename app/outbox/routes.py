"""The record of deliveries."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.http.access import Administrator
from app.http.lists import ListOf, page
from app.http.router import LISTS, api_router
from app.http.sessions import Reading
from app.outbox import queries
from app.outbox.schemas import MessageOut, MessagePage

messages = api_router("/messages", "alerts")


@messages.get("", summary="List messages and what became of them", response_model=ListOf[MessageOut], responses=LISTS)
def list_messages(
    request: Request, _actor: Administrator, session: Reading, query: Annotated[MessagePage, Query()]
) -> Response:
    return page(session, queries.MESSAGES, query).response(request)
