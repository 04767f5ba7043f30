"""``/framework-agreements``."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.funding import FrameworkAgreement
from app.errors import NotFound
from app.funding import frameworks as service
from app.funding.frameworks import FrameworkAgreementIn, FrameworkAgreementOut, FrameworkAgreementPage
from app.funding.queries_frameworks import FRAMEWORKS
from app.http import lists
from app.http.access import Writer
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Writing
from app.http.versions import IfMatch, etag, locked, single

frameworks = api_router("/framework-agreements", "agreements")


def _framework(request: Request, session: Session, framework_id: int, *, status: int = 200) -> Response:
    item = lists.one(session, FRAMEWORKS, FRAMEWORKS.key == framework_id)
    if item is None:
        raise NotFound(f"There is no framework agreement {framework_id}.")
    return single(request, item, tag=etag(framework_id, item["version"]), status=status)


@frameworks.get("", summary="List framework agreements", response_model=ListOf[FrameworkAgreementOut], responses=LISTS)
def list_framework_agreements(
    request: Request, session: Reading, query: Annotated[FrameworkAgreementPage, Query()]
) -> Response:
    return page(session, FRAMEWORKS, query).response(request)


@frameworks.get(
    "/{framework_id}", summary="Show a framework agreement", response_model=FrameworkAgreementOut, responses=GETS
)
def get_framework_agreement(request: Request, framework_id: Id, session: Reading) -> Response:
    return _framework(request, session, framework_id)


@frameworks.post(
    "",
    summary="Set a framework agreement; one of that code is changed",
    status_code=201,
    response_model=FrameworkAgreementOut,
    responses=CREATES,
)
def set_framework_agreement(
    request: Request, body: FrameworkAgreementIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        put = service.put_framework_agreement(session, actor, body)
        return _framework(request, session, key(put.row), status=201)

    return once.answer(session, work)


@frameworks.delete(
    "/{framework_id}", summary="Archive a framework agreement", response_model=FrameworkAgreementOut, responses=CHANGES
)
def archive_framework_agreement(
    request: Request, framework_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkAgreement, framework_id, if_match, name="framework agreement")
    service.archive_framework_agreement(session, actor, row)
    return _framework(request, session, framework_id)


@frameworks.post(
    "/{framework_id}/restore",
    summary="Restore a framework agreement",
    response_model=FrameworkAgreementOut,
    responses=CHANGES,
)
def restore_framework_agreement(
    request: Request, framework_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkAgreement, framework_id, if_match, name="framework agreement")
    service.restore_framework_agreement(session, actor, row)
    return _framework(request, session, framework_id)
