"""``/imports``: tables that go in over HTTP, by the rules of ``earmark import csv``.

A program sends a table of a kind and has its account in the answer. What a person hands in is checked first and stored
when somebody says so; what came of it stays.
"""

import base64
import binascii
import hashlib
import io
import json
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import Query, Request
from pydantic_core import to_json
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.responses import Response

from app.db.uploads import TableUpload
from app.errors import Conflict, Fault, InvalidInput, NotAllowed
from app.http.access import Evaluator
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CREATES, GETS, LISTS, api_router, problems
from app.http.sessions import DatabaseOf, Reading, Today, Writing
from app.http.versions import single
from app.sheets import MEDIA_TYPES
from app.tabular.mapping.load import load_mapping
from app.tabular.registry import kind_shown
from app.tabular.service import TableReport, import_table
from app.tabular.uploads import queries, service, workbooks
from app.tabular.uploads.schemas import (
    ImportQuery,
    StoreIn,
    TableReportOut,
    UploadIn,
    UploadLine,
    UploadOut,
    UploadPage,
)
from app.tabular.uploads.sent import BODY, Sent
from app.tabular.uploads.working import work_off

imports = api_router("/imports", "tables")

#: names of the sheet of faults and of its columns
FAULTS_SHEET, FAULTS_HEAD = "Faults", ("Row", "Column", "As typed", "What to do")


@imports.get("", summary="List tables handed in", response_model=ListOf[UploadLine], responses=LISTS)
def list_imports(request: Request, session: Reading, query: Annotated[UploadPage, Query()]) -> Response:
    return page(session, queries.UPLOADS, query).response(request)


@imports.get("/{import_id}", summary="Show what came of a table", response_model=UploadOut, responses=GETS)
def get_import(request: Request, import_id: Id, session: Reading) -> Response:
    return _shown(request, session, service.upload_of(session, import_id))


@imports.get(
    "/{import_id}/marked",
    summary="Send a table with its faults marked",
    response_class=Response,
    responses=GETS | problems(409) | {200: {"content": {MEDIA_TYPES["xlsx"]: {}}}},
)
def get_marked(import_id: Id, session: Reading) -> Response:
    """The table as a workbook: every faulty cell is coloured and says what to do."""
    content = io.BytesIO()
    upload = service.upload_of(session, import_id)
    found = service.report_of(upload)
    if not found.faults or not found.readable:
        raise Conflict("There are no cells to mark in this table.")
    with tempfile.NamedTemporaryFile(suffix=Path(upload.file).suffix.lower()[:8]) as sent:
        service.write_file(session, import_id, sent)
        kind, written = service.kind_named(upload.kind), service.settings_of(upload)
        workbooks.marked(Path(sent.name), kind, written, found.faults, content, listed=FAULTS_SHEET, head=FAULTS_HEAD)
    headers = {"Content-Disposition": f'attachment; filename="{upload.kind}-marked.xlsx"'}
    return Response(content.getvalue(), media_type=MEDIA_TYPES["xlsx"], headers=headers)


@imports.post("", summary="Hand a table in", status_code=201, response_model=UploadOut, responses=CREATES)
def create_import(
    request: Request,
    body: UploadIn,
    actor: Evaluator,
    once: Idempotent,
    session: Writing,
    database: DatabaseOf,
    today: Today,
) -> Response:
    """Keeps a table and has it checked; nothing of it is stored before `store` is called."""

    def work() -> Response:
        upload = service.receive(
            session, actor, kind=body.kind, file=body.file, content=_content(body), written=body.settings()
        )
        return _shown(request, session, upload, status=201)

    answer = once.answer(session, work)
    answer.background = BackgroundTask(work_off, database, today)
    return answer


@imports.post(
    "/{import_id}/store",
    summary="Store a checked table",
    response_model=UploadOut,
    responses={**CREATES, **problems(404)},
)
def store_import(
    request: Request,
    import_id: Id,
    body: StoreIn,
    actor: Evaluator,
    once: Idempotent,
    session: Writing,
    database: DatabaseOf,
    today: Today,
) -> Response:
    """Stores all of it in one transaction, in the name of whoever says so, if it still changes what was shown."""

    def work() -> Response:
        return _shown(request, session, service.order(session, actor, import_id, row_wise=body.row_wise))

    answer = once.answer(session, work)
    answer.background = BackgroundTask(work_off, database, today)
    return answer


@imports.post(
    "/{import_id}/check",
    summary="Have a table checked again",
    response_model=UploadOut,
    responses=problems(404, 409),
)
def check_import(
    request: Request,
    import_id: Id,
    actor: Evaluator,
    once: Idempotent,
    session: Writing,
    database: DatabaseOf,
    today: Today,
) -> Response:
    """After an interruption or a failure, or because what is stored has changed since."""
    answer = once.answer(session, lambda: _shown(request, session, service.repeat(session, actor, import_id)))
    answer.background = BackgroundTask(work_off, database, today)
    return answer


@imports.post(
    "/{kind}",
    summary="Import a table; `ledger` is the table of transactions",
    response_model=TableReportOut,
    responses=problems(400, 404, 413, 415),
    openapi_extra={"requestBody": BODY},
)
def import_file(
    kind: str,
    actor: Evaluator,
    database: DatabaseOf,
    today: Today,
    query: Annotated[ImportQuery, Query()],
    sent: Sent,
) -> Response:
    """All rows or none, unless row by row is asked for. Rows are matched by their key, such as the document, so that
    the same file sent twice changes nothing. A dry run gives the account with all faults; an import that is refused
    gives them as those of any other request, each with its row and column."""
    wanted = kind_shown(kind)
    report = import_table(
        database,
        actor,
        wanted,
        sent.path,
        today=today,
        dry_run=query.dry_run,
        row_wise=query.row_wise,
        settings=query.settings(),
        mapping=None if sent.mapping is None else load_mapping(sent.mapping, wanted),
        source=query.source,
        release_vanished=query.release_vanished,
        file=query.file_name or sent.name or "the file that was sent",
    )
    _refuse(report, stays=query.row_wise or query.dry_run)
    return Response(to_json(report.as_dict()), media_type="application/json")


def _shown(request: Request, session: Session, upload: TableUpload, *, status: int = 200) -> Response:
    item = service.shown(session, upload)
    content = item.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
    return single(request, content, tag=f'"{digest}"', status=status)


def _content(body: UploadIn) -> io.BytesIO:
    try:
        return io.BytesIO(base64.b64decode(body.content, validate=True))
    except (binascii.Error, ValueError) as error:
        told = "Write the bytes of the file in Base64."
        raise InvalidInput([Fault(pointer="/content", rule="base64", message=told)]) from error


def _refuse(report: TableReport, *, stays: bool) -> None:
    """Nothing was stored: every fault, as those of any other request."""
    if not report.faults or stays:
        return
    if barred := next((fault for fault in report.faults if fault.rule == NotAllowed.__name__.lower()), None):
        raise NotAllowed(f"{barred.place.capitalize()}: {barred.message}")
    raise InvalidInput([_placed(fault) for fault in report.faults])


def _placed(fault: Fault) -> Fault:
    """The fault of a row with its place in the sentence and as a pointer: ``/rows/3/amount``."""
    if fault.row is None:
        return fault
    pointer = f"/rows/{fault.row}{'/' + fault.column if fault.column else ''}"
    return Fault(pointer=pointer, rule=fault.rule, message=f"{fault.place.capitalize()}: {fault.message}")
