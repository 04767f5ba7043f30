"""``/result-records``."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.records import ResultRecord
from app.errors import NotFound
from app.http import lists
from app.http.access import Writer
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Writing
from app.http.versions import IfMatch, etag, locked, single
from app.results import records as service
from app.results.queries_records import RECORDS, with_projects
from app.results.records import ResultRecordIn, ResultRecordOut, ResultRecordPage

records = api_router("/result-records", "results")


def _record(request: Request, session: Session, record_id: int, *, status: int = 200) -> Response:
    item = lists.one(session, RECORDS, RECORDS.key == record_id)
    if item is None:
        raise NotFound(f"There is no result on record {record_id}.")
    with_projects(session, [item])
    return single(request, item, tag=etag(record_id, item["version"]), status=status)


@records.get("", summary="List results on record", response_model=ListOf[ResultRecordOut], responses=LISTS)
def list_result_records(request: Request, session: Reading, query: Annotated[ResultRecordPage, Query()]) -> Response:
    found = page(session, RECORDS, query)
    with_projects(session, found.items)
    return found.response(request)


@records.get("/{record_id}", summary="Show a result on record", response_model=ResultRecordOut, responses=GETS)
def get_result_record(request: Request, record_id: Id, session: Reading) -> Response:
    return _record(request, session, record_id)


@records.post(
    "",
    summary="Set a result on record; one of that reference is changed",
    status_code=201,
    response_model=ResultRecordOut,
    responses=CREATES,
)
def set_result_record(
    request: Request, body: ResultRecordIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        put = service.put_record(session, actor, body)
        return _record(request, session, key(put.row), status=201)

    return once.answer(session, work)


@records.delete("/{record_id}", summary="Archive a result on record", response_model=ResultRecordOut, responses=CHANGES)
def archive_result_record(
    request: Request, record_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, ResultRecord, record_id, if_match, name="result on record")
    service.archive_record(session, actor, row)
    return _record(request, session, record_id)


@records.post(
    "/{record_id}/restore",
    summary="Restore a result on record",
    response_model=ResultRecordOut,
    responses=CHANGES,
)
def restore_result_record(
    request: Request, record_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, ResultRecord, record_id, if_match, name="result on record")
    service.restore_record(session, actor, row)
    return _record(request, session, record_id)
