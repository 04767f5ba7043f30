"""``/results`` (logframes of projects) and ``/framework-items`` (the organisation's results framework)."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.projects import Project
from app.db.results import FrameworkItem, Result
from app.domain.results import told
from app.errors import Fault, InvalidInput, NotFound
from app.http.access import Writer
from app.http.fields import Id, IfMatch, remarks_shown
from app.http.lists import ListOf, Shown, one, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Writing
from app.http.versions import etag, locked, single
from app.results import items, logframe, queries, service
from app.results.schemas import (
    MEASURES,
    RESULT_TYPES,
    FrameworkIn,
    FrameworkNewOut,
    FrameworkOut,
    FrameworkPage,
    FrameworkPatch,
    FullResultPatch,
    NewResult,
    ResultOut,
    ResultPage,
    word_of,
)

results = api_router("/results", "results")
framework = api_router("/framework-items", "results")


@results.get("", summary="List results", response_model=ListOf[ResultOut], responses=LISTS)
def list_results(request: Request, session: Reading, query: Annotated[ResultPage, Query()]) -> Response:
    found = page(session, queries.RESULTS, query)
    with_indicators(session, found.items)
    return found.response(request)


@results.get("/{result_id}", summary="Show a result", response_model=ResultOut, responses=GETS)
def get_result(request: Request, result_id: Id, session: Reading) -> Response:
    return _result(request, session, result_id)


@results.post("", summary="Add a result", status_code=201, response_model=ResultOut, responses=CREATES)
def create_result(request: Request, body: NewResult, actor: Writer, once: Idempotent, session: Writing) -> Response:
    def work() -> Response:
        project = queries.find_project(session, body.project)
        if project is None:
            message = f"There is no project {body.project}."
            raise InvalidInput([Fault(pointer="/project", rule="project.unknown", message=message)])
        row = service.create_result(session, actor, project, body)
        return _result(request, session, key(row), status=201)

    return once.answer(session, work)


@results.patch("/{result_id}", summary="Change a result", response_model=ResultOut, responses=CHANGES)
def update_result(
    request: Request,
    result_id: Id,
    body: FullResultPatch,
    actor: Writer,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    row = locked(session, Result, result_id, if_match, name="result")
    service.update_result(session, actor, session.get_one(Project, row.project_id), row, body)
    return _result(request, session, result_id)


@results.delete("/{result_id}", summary="Archive a result", response_model=ResultOut, responses=CHANGES)
def archive_result(
    request: Request, result_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, Result, result_id, if_match, name="result")
    service.archive_result(session, actor, session.get_one(Project, row.project_id), row)
    return _result(request, session, result_id)


@results.post("/{result_id}/restore", summary="Restore a result", response_model=ResultOut, responses=CHANGES)
def restore_result(
    request: Request, result_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, Result, result_id, if_match, name="result")
    service.restore_result(session, actor, session.get_one(Project, row.project_id), row)
    return _result(request, session, result_id)


def _result(request: Request, session: Session, result_id: int, *, status: int = 200) -> Response:
    item = one(session, queries.RESULTS, queries.RESULTS.key == result_id)
    if item is None:
        raise NotFound(f"There is no result {result_id}.")
    with_indicators(session, [item])
    location = f"{request.url.path}/{result_id}" if status == 201 else None
    return single(request, item, tag=etag(result_id, item["version"]), status=status, location=location)


def with_indicators(session: Session, items: list[Shown]) -> None:
    """Puts the indicators below each result, in four statements."""
    loaded = logframe.load(session, [item["id"] for item in items])
    for item in items:
        item["type"] = word_of(RESULT_TYPES, item["type"])
        item["indicators"] = [_indicator(indicator) for indicator in loaded[item["id"]]]


def _indicator(indicator: logframe.LoadedIndicator) -> Shown:
    row = indicator.row
    baseline = indicator.baselines[0] if indicator.baselines else None
    return {
        "id": row.id,
        "indicator": row.title,
        "measure": word_of(MEASURES, row.measure),
        "ascending": row.ascending,
        "baseline": baseline
        and {
            "year": baseline.year,
            "value": told(row.measure, baseline.value, baseline.comment),
            "comment": baseline.comment,
        },
        "periods": [
            {
                "period_start": period.row.starts_on,
                "period_end": period.row.ends_on,
                "target": _value(row.measure, period, "target"),
                "actual": _value(row.measure, period, "actual"),
            }
            for period in indicator.periods
        ],
    }


def _value(measure: str, period: logframe.LoadedPeriod, kind: str) -> str | None:
    row = period.value(kind)
    return told(measure, row.value, row.comment) if row else None


@framework.get("", summary="List framework items", response_model=ListOf[FrameworkOut], responses=LISTS)
def list_framework(request: Request, session: Reading, query: Annotated[FrameworkPage, Query()]) -> Response:
    return page(session, queries.FRAMEWORK, query).response(request)


@framework.get("/{item_id}", summary="Show a framework item", response_model=FrameworkOut, responses=GETS)
def get_framework(request: Request, item_id: Id, session: Reading) -> Response:
    return _item(request, session, item_id)


@framework.post("", summary="Add a framework item", status_code=201, response_model=FrameworkNewOut, responses=CREATES)
def create_framework(
    request: Request, body: FrameworkIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        row = items.create_framework(session, actor, body)
        return _item(request, session, key(row), status=201, told=items.remarks_on_new(session, row))

    return once.answer(session, work)


@framework.patch("/{item_id}", summary="Change a framework item", response_model=FrameworkOut, responses=CHANGES)
def update_framework(
    request: Request,
    item_id: Id,
    body: FrameworkPatch,
    actor: Writer,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    row = locked(session, FrameworkItem, item_id, if_match, name="framework item")
    items.update_framework(session, actor, row, body)
    return _item(request, session, item_id)


@framework.delete("/{item_id}", summary="Archive a framework item", response_model=FrameworkOut, responses=CHANGES)
def archive_framework(
    request: Request, item_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkItem, item_id, if_match, name="framework item")
    items.archive_framework(session, actor, row)
    return _item(request, session, item_id)


@framework.post(
    "/{item_id}/restore", summary="Restore a framework item", response_model=FrameworkOut, responses=CHANGES
)
def restore_framework(
    request: Request, item_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, FrameworkItem, item_id, if_match, name="framework item")
    items.restore_framework(session, actor, row)
    return _item(request, session, item_id)


def _item(
    request: Request, session: Session, item_id: int, *, status: int = 200, told: Iterable[Fault] | None = None
) -> Response:
    """The answer with one item. ``told``: what is remarked of a new one."""
    item = one(session, queries.FRAMEWORK, queries.FRAMEWORK.key == item_id)
    if item is None:
        raise NotFound(f"There is no framework item {item_id}.")
    if told is not None:
        item["remarks"] = remarks_shown(told)
    location = f"{request.url.path}/{item_id}" if status == 201 else None
    return single(request, item, tag=etag(item_id, item["version"]), status=status, location=location)
