"""``/views``: lists as people want to see them again, in the pages and by programs."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic_core import to_json

from app.domain.access import Actor
from app.errors import NotAllowed
from app.http.access import CurrentActor
from app.http.lists import ListOf, page, whole
from app.http.router import LISTS, LOOKS, api_router
from app.http.sessions import Reading, Writing
from app.people import queries_views
from app.people import views as service
from app.people.schemas_views import ViewOut, ViewPage, ViewsIn, ViewsOut

views = api_router("/views", "users")


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotAllowed("Only people keep views.")
    return actor.user_id


@views.get("", summary="List saved views", response_model=ListOf[ViewOut], responses=LISTS)
def list_views(
    request: Request, session: Reading, actor: CurrentActor, query: Annotated[ViewPage, Query()]
) -> Response:
    """One's own, and those that are shared with one's unit."""
    seen = queries_views.visible(_person(actor), actor.unit_id)
    return page(session, queries_views.VIEWS, query, seen, scope=f"views:{actor.user_id}").response(request)


@views.put("", summary="Set one's own views of a list", response_model=ViewsOut, responses=LOOKS)
def set_views(body: ViewsIn, actor: CurrentActor, session: Writing) -> Response:
    """What is not named is removed. A view is the query of the list's address, which stays the truth."""
    mine = queries_views.visible(_person(actor), None)
    service.put_views(session, actor, body.page, body.items)
    kept = whole(session, queries_views.VIEWS, mine, queries_views.VIEWS.filters["page"](body.page))
    return Response(to_json({"page": body.page, "items": kept}), media_type="application/json")
