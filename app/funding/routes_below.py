"""What hangs below an agreement: which projects it funds, and the payments its schedule promises."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.funding import Agreement, FundingShare, Instalment
from app.errors import NotFound
from app.funding import queries, shares
from app.funding.routes import require_agreement
from app.funding.schemas import (
    FundingShareOut,
    InstalmentOfAgreementIn,
    InstalmentOut,
    InstalmentPage,
    InstalmentPatch,
    ShareIn,
    SharePage,
    SharePatch,
)
from app.http.access import Writer
from app.http.fields import Id, IfMatch
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS_BELOW, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, held, require_version, single

below = api_router("/agreements/{agreement_id}", "agreements")


def _share(request: Request, session: Session, share_id: int, *, status: int = 200) -> Response:
    item = queries.show_share(session, share_id)
    if item is None:
        raise NotFound(f"There is no funding share {share_id}.")
    location = f"{request.url.path}/{share_id}" if status == 201 else None
    return single(request, item, tag=etag(share_id, item["version"]), status=status, location=location)


def _held_share(
    session: Session, agreement_id: int, share_id: int, if_match: str | None
) -> tuple[Agreement, FundingShare]:
    """The agreement, held first so that its shares together stay within it, and the share to change."""
    agreement = held(session, Agreement, agreement_id, name="agreement")
    share = held(session, FundingShare, share_id, name="funding share")
    if share.agreement_id != agreement_id:
        raise NotFound(f"The agreement {agreement_id} has no funding share {share_id}.")
    require_version(if_match, share_id, share.version)
    return agreement, share


@below.get(
    "/shares",
    summary="List which projects an agreement funds",
    response_model=ListOf[FundingShareOut],
    responses=LISTS_BELOW,
)
def list_shares(request: Request, agreement_id: Id, session: Reading, query: Annotated[SharePage, Query()]) -> Response:
    require_agreement(session, agreement_id)
    found = page(session, queries.SHARES, query, queries.shares_of(agreement_id), scope=str(agreement_id))
    return found.response(request)


@below.get("/shares/{share_id}", summary="Show a share", response_model=FundingShareOut, responses=GETS)
def get_share(request: Request, agreement_id: Id, share_id: Id, session: Reading) -> Response:
    share = session.get(FundingShare, share_id)
    if share is None or share.agreement_id != agreement_id:
        raise NotFound(f"The agreement {agreement_id} has no funding share {share_id}.")
    return _share(request, session, share_id)


@below.post(
    "/shares",
    summary="Fund a project from an agreement; its commitment is posted",
    status_code=201,
    response_model=FundingShareOut,
    responses=CREATES | problems(404),
)
def create_share(
    request: Request,
    agreement_id: Id,
    body: ShareIn,
    actor: Writer,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        agreement = held(session, Agreement, agreement_id, name="agreement")
        share = shares.create_share(session, actor, agreement, body, today=today)
        return _share(request, session, key(share), status=201)

    return once.answer(session, work)


@below.patch(
    "/shares/{share_id}",
    summary="Change a share; the difference is posted",
    response_model=FundingShareOut,
    responses=CHANGES,
)
def update_share(
    request: Request,
    agreement_id: Id,
    share_id: Id,
    body: SharePatch,
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    agreement, share = _held_share(session, agreement_id, share_id, if_match)
    shares.update_share(session, actor, agreement, share, body, today=today)
    return _share(request, session, share_id)


@below.delete(
    "/shares/{share_id}",
    summary="End a share; what it promised is taken back",
    response_model=FundingShareOut,
    responses=CHANGES,
)
def archive_share(
    request: Request,
    agreement_id: Id,
    share_id: Id,
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    agreement, share = _held_share(session, agreement_id, share_id, if_match)
    shares.archive_share(session, actor, agreement, share, today=today)
    return _share(request, session, share_id)


@below.post(
    "/shares/{share_id}/restore",
    summary="Bring an ended share back; what it promises is posted again",
    response_model=FundingShareOut,
    responses=CHANGES,
)
def restore_share(
    request: Request,
    agreement_id: Id,
    share_id: Id,
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    agreement, share = _held_share(session, agreement_id, share_id, if_match)
    shares.restore_share(session, actor, agreement, share, today=today)
    return _share(request, session, share_id)


def _instalment(request: Request, session: Session, instalment_id: int, *, status: int = 200) -> Response:
    item = queries.show_instalment(session, instalment_id)
    if item is None:
        raise NotFound(f"There is no instalment {instalment_id}.")
    location = f"{request.url.path}/{instalment_id}" if status == 201 else None
    return single(request, item, tag=etag(instalment_id, item["version"]), status=status, location=location)


def _held_instalment(
    session: Session, agreement_id: int, instalment_id: int, if_match: str | None
) -> tuple[Agreement, Instalment]:
    agreement = held(session, Agreement, agreement_id, name="agreement")
    instalment = held(session, Instalment, instalment_id, name="instalment")
    if instalment.agreement_id != agreement_id:
        raise NotFound(f"The agreement {agreement_id} has no instalment {instalment_id}.")
    require_version(if_match, instalment_id, instalment.version)
    return agreement, instalment


@below.get(
    "/instalments",
    summary="List the payments that an agreement's schedule promises",
    response_model=ListOf[InstalmentOut],
    responses=LISTS_BELOW,
)
def list_instalments(
    request: Request, agreement_id: Id, session: Reading, query: Annotated[InstalmentPage, Query()]
) -> Response:
    require_agreement(session, agreement_id)
    found = page(session, queries.INSTALMENTS, query, queries.instalments_of(agreement_id), scope=str(agreement_id))
    return found.response(request)


@below.get(
    "/instalments/{instalment_id}",
    summary="Show an instalment",
    response_model=InstalmentOut,
    responses=GETS,
)
def get_instalment(request: Request, agreement_id: Id, instalment_id: Id, session: Reading) -> Response:
    instalment = session.get(Instalment, instalment_id)
    if instalment is None or instalment.agreement_id != agreement_id:
        raise NotFound(f"The agreement {agreement_id} has no instalment {instalment_id}.")
    return _instalment(request, session, instalment_id)


@below.post(
    "/instalments",
    summary="Add an instalment",
    status_code=201,
    response_model=InstalmentOut,
    responses=CREATES | problems(404),
)
def create_instalment(
    request: Request,
    agreement_id: Id,
    body: InstalmentOfAgreementIn,
    actor: Writer,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        agreement = held(session, Agreement, agreement_id, name="agreement")
        instalment = shares.create_instalment(session, actor, agreement, body, today=today)
        return _instalment(request, session, key(instalment), status=201)

    return once.answer(session, work)


@below.patch(
    "/instalments/{instalment_id}",
    summary="Change an instalment",
    response_model=InstalmentOut,
    responses=CHANGES,
)
def update_instalment(
    request: Request,
    agreement_id: Id,
    instalment_id: Id,
    body: InstalmentPatch,
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    agreement, instalment = _held_instalment(session, agreement_id, instalment_id, if_match)
    shares.update_instalment(session, actor, agreement, instalment, body, today=today)
    return _instalment(request, session, instalment_id)


@below.delete(
    "/instalments/{instalment_id}",
    summary="Archive an instalment",
    response_model=InstalmentOut,
    responses=CHANGES,
)
def archive_instalment(
    request: Request,
    agreement_id: Id,
    instalment_id: Id,
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    agreement, instalment = _held_instalment(session, agreement_id, instalment_id, if_match)
    shares.archive_instalment(session, actor, agreement, instalment, today=today)
    return _instalment(request, session, instalment_id)


@below.post(
    "/instalments/{instalment_id}/restore",
    summary="Restore an instalment",
    response_model=InstalmentOut,
    responses=CHANGES,
)
def restore_instalment(
    request: Request,
    agreement_id: Id,
    instalment_id: Id,
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    agreement, instalment = _held_instalment(session, agreement_id, instalment_id, if_match)
    shares.restore_instalment(session, actor, agreement, instalment, today=today)
    return _instalment(request, session, instalment_id)
