"""``/delivery-targets``, ``/indicator-targets`` and ``/delivery-notes``: all are appended and never change."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.errors import NotFound
from app.http.access import Writer
from app.http.fields import Id
from app.http.lists import Listing, ListOf, Shown, one, page
from app.http.once import Idempotent
from app.http.router import CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, single
from app.spending.control import put_indicator_target
from app.spending.control import put_note as append_note
from app.spending.control import put_target as append_target
from app.spending.control_schemas import (
    DeliveryNoteIn,
    DeliveryNoteOut,
    DeliveryNotePage,
    IndicatorTargetIn,
    IndicatorTargetOut,
    IndicatorTargetPage,
    TargetIn,
    TargetOut,
    TargetPage,
)
from app.spending.queries_control import INDICATOR_TARGETS, NOTES, TARGETS

targets = api_router("/delivery-targets", "delivery targets")
indicators = api_router("/indicator-targets", "indicator targets")
notes = api_router("/delivery-notes", "delivery notes")


@targets.get("", summary="List targets of delivery", response_model=ListOf[TargetOut], responses=LISTS)
def list_targets(request: Request, session: Reading, query: Annotated[TargetPage, Query()]) -> Response:
    return page(session, TARGETS, query).response(request)


@targets.get("/{target_id}", summary="Show a target of delivery", response_model=TargetOut, responses=GETS)
def get_target(request: Request, target_id: Id, session: Reading) -> Response:
    return single(request, _item(session, TARGETS, target_id, "target"), tag=etag(target_id, 1))


@targets.post("", summary="Record a target of delivery", status_code=201, response_model=TargetOut, responses=CREATES)
def create_target(
    request: Request, body: TargetIn, actor: Writer, once: Idempotent, today: Today, session: Writing
) -> Response:
    def work() -> Response:
        row = append_target(session, actor, body, today=today).row
        return _appended(request, session, TARGETS, key(row), "target")

    return once.answer(session, work)


@indicators.get("", summary="List targets of indicators", response_model=ListOf[IndicatorTargetOut], responses=LISTS)
def list_indicator_targets(
    request: Request, session: Reading, query: Annotated[IndicatorTargetPage, Query()]
) -> Response:
    return page(session, INDICATOR_TARGETS, query).response(request)


@indicators.get(
    "/{target_id}", summary="Show a target of an indicator", response_model=IndicatorTargetOut, responses=GETS
)
def get_indicator_target(request: Request, target_id: Id, session: Reading) -> Response:
    return single(request, _item(session, INDICATOR_TARGETS, target_id, "target"), tag=etag(target_id, 1))


@indicators.post(
    "",
    summary="Record a target of an indicator",
    status_code=201,
    response_model=IndicatorTargetOut,
    responses=CREATES,
)
def create_indicator_target(
    request: Request, body: IndicatorTargetIn, actor: Writer, once: Idempotent, today: Today, session: Writing
) -> Response:
    def work() -> Response:
        row = put_indicator_target(session, actor, body, today=today).row
        return _appended(request, session, INDICATOR_TARGETS, key(row), "target")

    return once.answer(session, work)


@notes.get("", summary="List notes on delivery", response_model=ListOf[DeliveryNoteOut], responses=LISTS)
def list_notes(request: Request, session: Reading, query: Annotated[DeliveryNotePage, Query()]) -> Response:
    return page(session, NOTES, query).response(request)


@notes.get("/{note_id}", summary="Show a note on delivery", response_model=DeliveryNoteOut, responses=GETS)
def get_note(request: Request, note_id: Id, session: Reading) -> Response:
    return single(request, _item(session, NOTES, note_id, "note"), tag=etag(note_id, 1))


@notes.post("", summary="Record a note on delivery", status_code=201, response_model=DeliveryNoteOut, responses=CREATES)
def create_note(
    request: Request, body: DeliveryNoteIn, actor: Writer, once: Idempotent, today: Today, session: Writing
) -> Response:
    def work() -> Response:
        row = append_note(session, actor, body, today=today).row
        return _appended(request, session, NOTES, key(row), "note")

    return once.answer(session, work)


def _item(session: Session, listing: Listing, row_id: int, name: str) -> Shown:
    if (item := one(session, listing, listing.key == row_id)) is None:
        raise NotFound(f"There is no {name} {row_id}.")
    return item


def _appended(request: Request, session: Session, listing: Listing, row_id: int, name: str) -> Response:
    item = _item(session, listing, row_id, name)
    return single(request, item, tag=etag(row_id, 1), status=201, location=f"{request.url.path}/{row_id}")
