"""``/imports``: tables that go in over HTTP, by the rules and with the account of ``earmark import csv``."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from app.domain.notation import DateOrder
from app.errors import Fault, InvalidInput, NotAllowed, NotFound
from app.http.access import Writer
from app.http.fields import Output
from app.http.router import Responses, api_router, problems
from app.http.sessions import DatabaseOf, Today
from app.sheets import MEDIA_TYPES
from app.tabular.kinds import Kind
from app.tabular.mapping.load import load_mapping
from app.tabular.registry import KINDS
from app.tabular.service import TableReport, import_table
from app.tabular.settings import said

imports = api_router("/imports", "tables")

#: what the ledger is called by those who keep it
_ALIASES = {"ledger": "transactions"}
_MULTIPART = "multipart/form-data"
_SUFFIXES = {
    "text/csv": ".csv",
    "application/octet-stream": "",
    MEDIA_TYPES["xlsx"]: ".xlsx",
    _MULTIPART: "",
}
_FILE: dict[str, object] = {"type": "string", "format": "binary"}
_BODY: dict[str, object] = {
    "required": True,
    "description": "the table (CSV or XLSX); as a form with a mapping (YAML) beside it",
    "content": {
        _MULTIPART: {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": _FILE, "mapping": _FILE},
            }
        },
        "application/octet-stream": {"schema": _FILE},
    },
}
_ANSWERS: Responses = problems(400, 404, 413, 415)


class ImportQuery(BaseModel):
    """How the file is written, and what is to come of it."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(default=False, description="tell what would happen; store nothing")
    row_wise: bool = Field(default=False, description="keep good rows; else all or none")
    release_vanished: bool = Field(
        default=False, description="of encumbrances: end today what the last file of the source had and this one lacks"
    )
    source: str | None = Field(default=None, max_length=200, description="system the file is from")
    file_name: str | None = Field(default=None, max_length=200, description="what the file is called")
    decimal: Literal[".", ",", "point", "comma"] | None = None
    grouping: Literal[".", ",", "'", " ", "point", "comma", "space", "apostrophe", "none"] | None = None
    dates: DateOrder | None = None
    encoding: str | None = Field(default=None, max_length=50, description="such as windows-1252")
    header_row: int | None = Field(default=None, ge=1, le=1000)
    sheet: str | None = Field(default=None, max_length=100)
    hidden_rows: Literal["read", "skip"] | None = None


class RowFaultOut(Output):
    row: int | None = Field(default=None, description="row of the file, whose header is row 1")
    column: str | None = None
    pointer: str | None = None
    rule: str
    message: str


class SkippedOut(Output):
    """Rows that were left out because the mapping or an option says so."""

    rows: int
    first: int
    condition: str


class ChangedRowOut(Output):
    document: str
    row: int
    change: str


class AbsentRowOut(Output):
    document: str
    project: str
    date: str
    amount: str
    currency: str


class LastFileOut(Output):
    file: str
    at: str
    by: str
    rows: int


class DifferencesOut(Output):
    """What changed since the last file of the same source; lists end at a thousand, counts do not."""

    source: str
    since: LastFileOut | None
    common: int
    new: int
    changed: int
    changes: list[ChangedRowOut]
    missing: int
    absent: list[AbsentRowOut]
    released: int = Field(description="how many of the missing ones were ended, as was asked")


class TableReportOut(Output):
    """What an import did, or would do."""

    kind: str
    file: str
    rows: int
    created: int
    updated: int
    unchanged: int
    stored: bool
    faults: list[RowFaultOut]
    findings: list[RowFaultOut]
    skipped: list[SkippedOut] = Field(default_factory=list)
    differences: DifferencesOut | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file that was sent, as long as the request lasts."""

    path: Path
    name: str
    #: the text of a mapping
    mapping: str | None


async def _upload(request: Request) -> AsyncIterator[Upload]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _SUFFIXES:
        raise HTTPException(415, f"Send the table as one of {', '.join(_SUFFIXES)}.")
    name, mapping = "", None
    if media_type == _MULTIPART:
        async with request.form(max_files=2, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                message = "The form has no file: send the table in the field file."
                raise InvalidInput([Fault(pointer="/file", rule="required", message=message)])
            name, content = file.filename or "", await file.read()
            told = form.get("mapping")
            mapping = _text(await told.read() if isinstance(told, UploadFile) else told)
    else:
        content = await request.body()
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"table{Path(name).suffix[:10] if name else _SUFFIXES[media_type]}"
        await asyncio.to_thread(path.write_bytes, content)
        yield Upload(path=path, name=Path(name).name, mapping=mapping)


def _text(mapping: bytes | str | None) -> str | None:
    if not isinstance(mapping, bytes):
        return mapping
    try:
        return mapping.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = "The mapping is not UTF-8: save it as UTF-8."
        raise InvalidInput([Fault(pointer="/mapping", rule="mapping.encoding", message=message)]) from error


@imports.post(
    "/{kind}",
    summary="Import a table; `ledger` is the table of transactions",
    response_model=TableReportOut,
    responses=_ANSWERS,
    openapi_extra={"requestBody": _BODY},
)
def import_file(
    kind: str,
    actor: Writer,
    database: DatabaseOf,
    today: Today,
    query: Annotated[ImportQuery, Query()],
    upload: Annotated[Upload, Depends(_upload)],
) -> Response:
    """All rows or none, unless row by row is asked for. Rows are matched by their key, such as the document, so that
    the same file sent twice changes nothing. A dry run gives the account with all faults; an import that is refused
    gives them as those of any other request, each with its row and column."""
    wanted = _kind(_ALIASES.get(kind, kind))
    report = import_table(
        database,
        actor,
        wanted,
        upload.path,
        today=today,
        dry_run=query.dry_run,
        row_wise=query.row_wise,
        settings=said(
            decimal=query.decimal,
            grouping=query.grouping,
            dates=query.dates,
            encoding=query.encoding,
            header_row=query.header_row,
            sheet=query.sheet,
            hidden_rows=query.hidden_rows,
        ),
        mapping=None if upload.mapping is None else load_mapping(upload.mapping, wanted),
        source=query.source,
        release_vanished=query.release_vanished,
        file=query.file_name or upload.name or "the file that was sent",
    )
    _refuse(report, stays=query.row_wise or query.dry_run)
    return Response(to_json(report.as_dict()), media_type="application/json")


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


def _kind(name: str) -> Kind:
    for each in KINDS:
        if each.name == name:
            return each
    raise NotFound(f"There is no kind {name!r} of table. Kinds: {', '.join(each.name for each in KINDS)}.")
