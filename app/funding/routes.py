"""``/agreements`` with what hangs below them, and ``/presets``."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.funding import Agreement, EarmarkingPreset, FundingShare, Instalment
from app.errors import NotFound
from app.funding import presets as preset_service
from app.funding import queries, service, shares
from app.funding.schemas import (
    AgreementIn,
    AgreementOut,
    AgreementPage,
    AgreementPatch,
    AgreementRevisionOut,
    FundingShareOut,
    InstalmentBody,
    InstalmentOut,
    InstalmentPage,
    InstalmentPatch,
    PresetIn,
    PresetOut,
    PresetPage,
    PresetPatch,
    RevisionPage,
    ShareBody,
    SharePage,
    SharePatch,
)
from app.http.access import Administrator, Writer
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import IfMatch, etag, held, locked, require_version, single
from app.inputs import sent

agreements = api_router("/agreements", "agreements")
presets = api_router("/presets", "agreements")


def _agreement(request: Request, session: Session, agreement_id: int, *, status: int = 200) -> Response:
    item = queries.show_agreement(session, agreement_id)
    if item is None:
        raise NotFound(f"There is no agreement {agreement_id}.")
    location = f"{request.url.path}/{agreement_id}" if status == 201 else None
    return single(request, item, tag=etag(agreement_id, item["version"]), status=status, location=location)


def _require(session: Session, agreement_id: int) -> None:
    if session.get(Agreement, agreement_id) is None:
        raise NotFound(f"There is no agreement {agreement_id}.")


@agreements.get("", summary="List agreements", response_model=ListOf[AgreementOut], responses=LISTS)
def list_agreements(request: Request, session: Reading, query: Annotated[AgreementPage, Query()]) -> Response:
    return page(session, queries.AGREEMENTS, query).response(request)


@agreements.get("/{agreement_id}", summary="Show an agreement", response_model=AgreementOut, responses=GETS)
def get_agreement(request: Request, agreement_id: Id, session: Reading) -> Response:
    return _agreement(request, session, agreement_id)


@agreements.post("", summary="Add an agreement", status_code=201, response_model=AgreementOut, responses=CREATES)
def create_agreement(
    request: Request, body: AgreementIn, actor: Writer, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        agreement = service.create_agreement(session, actor, body, today=today)
        return _agreement(request, session, agreement.id or 0, status=201)

    return once.answer(session, work)


@agreements.patch("/{agreement_id}", summary="Change an agreement", response_model=AgreementOut, responses=CHANGES)
def update_agreement(
    request: Request,
    agreement_id: Id,
    body: AgreementPatch,  # type: ignore[valid-type]
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    agreement = locked(session, Agreement, agreement_id, if_match, name="agreement")
    service.update_agreement(session, actor, agreement, body, today=today)
    return _agreement(request, session, agreement_id)


@agreements.delete("/{agreement_id}", summary="Archive an agreement", response_model=AgreementOut, responses=CHANGES)
def archive_agreement(
    request: Request, agreement_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    service.archive_agreement(session, actor, locked(session, Agreement, agreement_id, if_match, name="agreement"))
    return _agreement(request, session, agreement_id)


@agreements.post(
    "/{agreement_id}/restore", summary="Restore an agreement", response_model=AgreementOut, responses=CHANGES
)
def restore_agreement(
    request: Request, agreement_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    service.restore_agreement(session, actor, locked(session, Agreement, agreement_id, if_match, name="agreement"))
    return _agreement(request, session, agreement_id)


@agreements.get(
    "/{agreement_id}/revisions",
    summary="List what was decided on an agreement, and when",
    response_model=ListOf[AgreementRevisionOut],
    responses=GETS,
)
def list_agreement_revisions(
    request: Request, agreement_id: Id, session: Reading, query: Annotated[RevisionPage, Query()]
) -> Response:
    _require(session, agreement_id)
    found = page(session, queries.REVISIONS, query, queries.revisions_of(agreement_id), scope=str(agreement_id))
    return found.response(request)


def _share(request: Request, session: Session, share_id: int, *, status: int = 200) -> Response:
    item = queries.show_share(session, share_id) or {}
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


@agreements.get(
    "/{agreement_id}/shares",
    summary="List which projects an agreement funds",
    response_model=ListOf[FundingShareOut],
    responses=GETS,
)
def list_shares(request: Request, agreement_id: Id, session: Reading, query: Annotated[SharePage, Query()]) -> Response:
    _require(session, agreement_id)
    found = page(session, queries.SHARES, query, queries.shares_of(agreement_id), scope=str(agreement_id))
    return found.response(request)


@agreements.get(
    "/{agreement_id}/shares/{share_id}", summary="Show a share", response_model=FundingShareOut, responses=GETS
)
def get_share(request: Request, agreement_id: Id, share_id: Id, session: Reading) -> Response:
    share = session.get(FundingShare, share_id)
    if share is None or share.agreement_id != agreement_id:
        raise NotFound(f"The agreement {agreement_id} has no funding share {share_id}.")
    return _share(request, session, share_id)


@agreements.post(
    "/{agreement_id}/shares",
    summary="Fund a project from an agreement; its commitment is posted",
    status_code=201,
    response_model=FundingShareOut,
    responses=CREATES | problems(404),
)
def create_share(
    request: Request,
    agreement_id: Id,
    body: ShareBody,  # type: ignore[valid-type]
    actor: Writer,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        agreement = held(session, Agreement, agreement_id, name="agreement")
        share = shares.create_share(session, actor, agreement, sent(body), today=today)
        return _share(request, session, share.id or 0, status=201)

    return once.answer(session, work)


@agreements.patch(
    "/{agreement_id}/shares/{share_id}",
    summary="Change a share; the difference is posted",
    response_model=FundingShareOut,
    responses=CHANGES,
)
def update_share(
    request: Request,
    agreement_id: Id,
    share_id: Id,
    body: SharePatch,  # type: ignore[valid-type]
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    agreement, share = _held_share(session, agreement_id, share_id, if_match)
    shares.update_share(session, actor, agreement, share, body, today=today)
    return _share(request, session, share_id)


@agreements.delete(
    "/{agreement_id}/shares/{share_id}",
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


@agreements.post(
    "/{agreement_id}/shares/{share_id}/restore",
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
    item = queries.show_instalment(session, instalment_id) or {}
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


@agreements.get(
    "/{agreement_id}/instalments",
    summary="List the payments that an agreement's schedule promises",
    response_model=ListOf[InstalmentOut],
    responses=GETS,
)
def list_instalments(
    request: Request, agreement_id: Id, session: Reading, query: Annotated[InstalmentPage, Query()]
) -> Response:
    _require(session, agreement_id)
    found = page(session, queries.INSTALMENTS, query, queries.instalments_of(agreement_id), scope=str(agreement_id))
    return found.response(request)


@agreements.get(
    "/{agreement_id}/instalments/{instalment_id}",
    summary="Show an instalment",
    response_model=InstalmentOut,
    responses=GETS,
)
def get_instalment(request: Request, agreement_id: Id, instalment_id: Id, session: Reading) -> Response:
    instalment = session.get(Instalment, instalment_id)
    if instalment is None or instalment.agreement_id != agreement_id:
        raise NotFound(f"The agreement {agreement_id} has no instalment {instalment_id}.")
    return _instalment(request, session, instalment_id)


@agreements.post(
    "/{agreement_id}/instalments",
    summary="Add an instalment",
    status_code=201,
    response_model=InstalmentOut,
    responses=CREATES | problems(404),
)
def create_instalment(
    request: Request,
    agreement_id: Id,
    body: InstalmentBody,  # type: ignore[valid-type]
    actor: Writer,
    once: Idempotent,
    session: Writing,
) -> Response:
    def work() -> Response:
        agreement = held(session, Agreement, agreement_id, name="agreement")
        instalment = shares.create_instalment(session, actor, agreement, sent(body))
        return _instalment(request, session, instalment.id or 0, status=201)

    return once.answer(session, work)


@agreements.patch(
    "/{agreement_id}/instalments/{instalment_id}",
    summary="Change an instalment",
    response_model=InstalmentOut,
    responses=CHANGES,
)
def update_instalment(
    request: Request,
    agreement_id: Id,
    instalment_id: Id,
    body: InstalmentPatch,  # type: ignore[valid-type]
    actor: Writer,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    agreement, instalment = _held_instalment(session, agreement_id, instalment_id, if_match)
    shares.update_instalment(session, actor, agreement, instalment, body)
    return _instalment(request, session, instalment_id)


@agreements.delete(
    "/{agreement_id}/instalments/{instalment_id}",
    summary="Archive an instalment",
    response_model=InstalmentOut,
    responses=CHANGES,
)
def archive_instalment(
    request: Request, agreement_id: Id, instalment_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    agreement, instalment = _held_instalment(session, agreement_id, instalment_id, if_match)
    shares.archive_instalment(session, actor, agreement, instalment)
    return _instalment(request, session, instalment_id)


@agreements.post(
    "/{agreement_id}/instalments/{instalment_id}/restore",
    summary="Restore an instalment",
    response_model=InstalmentOut,
    responses=CHANGES,
)
def restore_instalment(
    request: Request, agreement_id: Id, instalment_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    agreement, instalment = _held_instalment(session, agreement_id, instalment_id, if_match)
    shares.restore_instalment(session, actor, agreement, instalment)
    return _instalment(request, session, instalment_id)


def _preset(request: Request, session: Session, preset_id: int, *, status: int = 200) -> Response:
    item = queries.show_preset(session, preset_id)
    if item is None:
        raise NotFound(f"There is no preset {preset_id}.")
    location = f"{request.url.path}/{preset_id}" if status == 201 else None
    return single(request, item, tag=etag(preset_id, item["version"]), status=status, location=location)


@presets.get("", summary="List presets of earmarking", response_model=ListOf[PresetOut], responses=LISTS)
def list_presets(request: Request, session: Reading, query: Annotated[PresetPage, Query()]) -> Response:
    return page(session, queries.PRESETS, query).response(request)


@presets.get("/{preset_id}", summary="Show a preset", response_model=PresetOut, responses=GETS)
def get_preset(request: Request, preset_id: Id, session: Reading) -> Response:
    return _preset(request, session, preset_id)


@presets.post("", summary="Add a preset from a day on", status_code=201, response_model=PresetOut, responses=CREATES)
def create_preset(
    request: Request, body: PresetIn, actor: Administrator, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        preset = preset_service.create_preset(session, actor, body)
        return _preset(request, session, preset.id or 0, status=201)

    return once.answer(session, work)


@presets.patch("/{preset_id}", summary="Change a preset", response_model=PresetOut, responses=CHANGES)
def update_preset(
    request: Request,
    preset_id: Id,
    body: PresetPatch,  # type: ignore[valid-type]
    actor: Administrator,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    preset = locked(session, EarmarkingPreset, preset_id, if_match, name="preset")
    preset_service.update_preset(session, actor, preset, body)
    return _preset(request, session, preset_id)


@presets.delete("/{preset_id}", summary="Withdraw a preset", response_model=PresetOut, responses=CHANGES)
def archive_preset(
    request: Request, preset_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    preset_service.archive_preset(session, actor, locked(session, EarmarkingPreset, preset_id, if_match, name="preset"))
    return _preset(request, session, preset_id)


@presets.post(
    "/{preset_id}/restore", summary="Offer a withdrawn preset again", response_model=PresetOut, responses=CHANGES
)
def restore_preset(
    request: Request, preset_id: Id, actor: Administrator, session: Writing, if_match: IfMatch = None
) -> Response:
    preset_service.restore_preset(session, actor, locked(session, EarmarkingPreset, preset_id, if_match, name="preset"))
    return _preset(request, session, preset_id)
