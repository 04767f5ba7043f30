"""Below ``/partners``: checks on protection from abuse."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.partners import Partner, ProtectionCheck
from app.errors import NotFound
from app.http import lists
from app.http.access import Writer
from app.http.fields import Id, IfMatch
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS_BELOW, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, held, locked, single
from app.inputs import FaultList
from app.partners import protection, queries
from app.partners.protection import ProtectionCheckOfPartnerIn, ProtectionCheckOut, ProtectionCheckPage

below = api_router("/partners/{partner_id}/protection-checks", "partners")


def _check(request: Request, session: Session, partner_id: int, check_id: int, *, status: int = 200) -> Response:
    own = queries.checks_of(partner_id)
    item = lists.one(session, queries.PROTECTION_CHECKS, queries.PROTECTION_CHECKS.key == check_id, own)
    if item is None:
        raise NotFound(f"The partner {partner_id} has no check {check_id}.")
    return single(request, item, tag=etag(check_id, item["version"]), status=status)


@below.get(
    "",
    summary="List checks of a partner on protection from abuse",
    response_model=ListOf[ProtectionCheckOut],
    responses=LISTS_BELOW,
)
def list_protection_checks(
    request: Request, partner_id: Id, session: Reading, query: Annotated[ProtectionCheckPage, Query()]
) -> Response:
    if session.get(Partner, partner_id) is None:
        raise NotFound(f"There is no partner {partner_id}.")
    found = page(session, queries.PROTECTION_CHECKS, query, queries.checks_of(partner_id), scope=str(partner_id))
    return found.response(request)


@below.get("/{check_id}", summary="Show a check", response_model=ProtectionCheckOut, responses=GETS)
def get_protection_check(request: Request, partner_id: Id, check_id: Id, session: Reading) -> Response:
    return _check(request, session, partner_id, check_id)


@below.post(
    "",
    summary="Enter what a check on protection from abuse came to; one of that day is changed",
    status_code=201,
    response_model=ProtectionCheckOut,
    responses=CREATES | problems(404),
)
def set_protection_check(
    request: Request,
    partner_id: Id,
    body: ProtectionCheckOfPartnerIn,
    actor: Writer,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        partner = held(session, Partner, partner_id, name="partner")
        put = protection.set_protection_check(session, actor, partner, body, FaultList(), today=today)
        return _check(request, session, partner_id, key(put.row), status=201)

    return once.answer(session, work)


@below.delete("/{check_id}", summary="Take a check away", response_model=ProtectionCheckOut, responses=CHANGES)
def archive_protection_check(
    request: Request, partner_id: Id, check_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, ProtectionCheck, check_id, if_match, name="check")
    if row.partner_id != partner_id:
        raise NotFound(f"The partner {partner_id} has no check {check_id}.")
    protection.archive_protection_check(session, actor, row)
    return _check(request, session, partner_id, check_id)


@below.post("/{check_id}/restore", summary="Restore a check", response_model=ProtectionCheckOut, responses=CHANGES)
def restore_protection_check(
    request: Request, partner_id: Id, check_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, ProtectionCheck, check_id, if_match, name="check")
    if row.partner_id != partner_id:
        raise NotFound(f"The partner {partner_id} has no check {check_id}.")
    protection.restore_protection_check(session, actor, row)
    return _check(request, session, partner_id, check_id)
