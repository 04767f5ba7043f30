"""``/assistance-types``."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.spending import AssistanceType
from app.errors import NotFound
from app.http import lists
from app.http.access import Administrator
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Writing
from app.http.versions import IfMatch, etag, locked, single
from app.spending import assistance, queries
from app.spending.assistance import AssistanceTypeIn, AssistanceTypeOut, AssistanceTypePage

assistance_types = api_router("/assistance-types", "transactions")


def _type(request: Request, session: Session, type_id: int, *, status: int = 200) -> Response:
    item = lists.one(session, queries.ASSISTANCE_TYPES, queries.ASSISTANCE_TYPES.key == type_id)
    if item is None:
        raise NotFound(f"There is no type of assistance {type_id}.")
    return single(request, item, tag=etag(type_id, item["version"]), status=status)


@assistance_types.get("", summary="List types of assistance", response_model=ListOf[AssistanceTypeOut], responses=LISTS)
def list_assistance_types(
    request: Request, session: Reading, query: Annotated[AssistanceTypePage, Query()]
) -> Response:
    return page(session, queries.ASSISTANCE_TYPES, query).response(request)


@assistance_types.get(
    "/{type_id}", summary="Show a type of assistance", response_model=AssistanceTypeOut, responses=GETS
)
def get_assistance_type(request: Request, type_id: Id, session: Reading) -> Response:
    return _type(request, session, type_id)


@assistance_types.post(
    "",
    summary="Set a type of assistance; one of that code is changed",
    status_code=201,
    response_model=AssistanceTypeOut,
    responses=CREATES,
)
def set_assistance_type(
    request: Request, body: AssistanceTypeIn, actor: Administrator, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        put = assistance.put_assistance_type(session, actor, body)
        return _type(request, session, key(put.row), status=201)

    return once.answer(session, work)


@assistance_types.delete(
    "/{type_id}", summary="Archive a type of assistance", response_model=AssistanceTypeOut, responses=CHANGES
)
def archive_assistance_type(
    request: Request, type_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, AssistanceType, type_id, if_match, name="type of assistance")
    assistance.archive_assistance_type(session, actor, row)
    return _type(request, session, type_id)


@assistance_types.post(
    "/{type_id}/restore", summary="Restore a type of assistance", response_model=AssistanceTypeOut, responses=CHANGES
)
def restore_assistance_type(
    request: Request, type_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, AssistanceType, type_id, if_match, name="type of assistance")
    assistance.restore_assistance_type(session, actor, row)
    return _type(request, session, type_id)
