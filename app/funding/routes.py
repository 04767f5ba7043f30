"""``/agreements`` and ``/presets``."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.funding import Agreement, EarmarkingPreset
from app.errors import NotFound
from app.funding import history, queries, service
from app.funding import presets as preset_service
from app.funding.schemas import (
    AgreementIn,
    AgreementOut,
    AgreementPage,
    AgreementPatch,
    AgreementRevisionOut,
    AgreementStoredOut,
    PresetIn,
    PresetOut,
    PresetPage,
    PresetPatch,
    RevisionPage,
)
from app.http.access import Administrator, Writer
from app.http.fields import Id, IfMatch, remarks_shown
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, LISTS_BELOW, api_router
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, locked, single
from app.inputs import FaultList

agreements = api_router("/agreements", "agreements")
presets = api_router("/presets", "agreements")


def _agreement(
    request: Request, session: Session, agreement_id: int, *, status: int = 200, told: FaultList | None = None
) -> Response:
    """The answer with an agreement; of one that was stored with what is remarked of it."""
    item = queries.show_agreement(session, agreement_id)
    if item is None:
        raise NotFound(f"There is no agreement {agreement_id}.")
    if told is not None:
        item["remarks"] = remarks_shown(told.found)
    location = f"{request.url.path}/{agreement_id}" if status == 201 else None
    return single(request, item, tag=etag(agreement_id, item["version"]), status=status, location=location)


def require_agreement(session: Session, agreement_id: int) -> None:
    if session.get(Agreement, agreement_id) is None:
        raise NotFound(f"There is no agreement {agreement_id}.")


@agreements.get("", summary="List agreements", response_model=ListOf[AgreementOut], responses=LISTS)
def list_agreements(request: Request, session: Reading, query: Annotated[AgreementPage, Query()]) -> Response:
    return page(session, queries.AGREEMENTS, query).response(request)


@agreements.get("/{agreement_id}", summary="Show an agreement", response_model=AgreementOut, responses=GETS)
def get_agreement(request: Request, agreement_id: Id, session: Reading) -> Response:
    return _agreement(request, session, agreement_id)


@agreements.post("", summary="Add an agreement", status_code=201, response_model=AgreementStoredOut, responses=CREATES)
def create_agreement(
    request: Request, body: AgreementIn, actor: Writer, once: Idempotent, session: Writing, today: Today
) -> Response:
    def work() -> Response:
        told = FaultList()
        agreement = service.create_agreement(session, actor, body, today=today, told=told)
        return _agreement(request, session, key(agreement), status=201, told=told)

    return once.answer(session, work)


@agreements.patch(
    "/{agreement_id}", summary="Change an agreement", response_model=AgreementStoredOut, responses=CHANGES
)
def update_agreement(
    request: Request,
    agreement_id: Id,
    body: AgreementPatch,
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    agreement = locked(session, Agreement, agreement_id, if_match, name="agreement")
    told = FaultList()
    service.update_agreement(session, actor, agreement, body, today=today, told=told)
    return _agreement(request, session, agreement_id, told=told)


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
    responses=LISTS_BELOW,
)
def list_agreement_revisions(
    request: Request, agreement_id: Id, session: Reading, query: Annotated[RevisionPage, Query()]
) -> Response:
    require_agreement(session, agreement_id)
    found = page(session, queries.REVISIONS, query, queries.revisions_of(agreement_id), scope=str(agreement_id))
    history.name_by_codes_of_now(session, found.items)
    return found.response(request)


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
        return _preset(request, session, key(preset), status=201)

    return once.answer(session, work)


@presets.patch("/{preset_id}", summary="Change a preset", response_model=PresetOut, responses=CHANGES)
def update_preset(
    request: Request,
    preset_id: Id,
    body: PresetPatch,
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
