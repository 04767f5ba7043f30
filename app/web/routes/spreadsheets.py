"""``/spreadsheets``: tables out and in, checked before anything is stored, with faults marked in the workbook."""

import secrets
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from app.db.base import key
from app.errors import Conflict, Fault, InvalidInput, NotFound, UsageError
from app.http.fields import Id
from app.http.lists import Listed
from app.http.lists import page as page_of
from app.language.i18n import mark
from app.sheets import MEDIA_TYPES
from app.tabular.kinds import Kind
from app.tabular.registry import KINDS
from app.tabular.settings import FileSettings, said
from app.tabular.uploads import queries, service, workbooks
from app.tabular.uploads.schemas import UploadOut, UploadPage
from app.tabular.uploads.working import work_off
from app.web.filling import once_of
from app.web.page import Crumb, Page, PagePosting, PageReading, PostingPage, page_router
from app.web.views import sheets

router = page_router()

#: characters of a field beside the file
_LONGEST = 200
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024
#: what is said of a file beyond its language, by the fields of the form
_SAID = ("hidden_rows", "sheet", "header_row", "encoding")


@router.get("/spreadsheets")
def show_spreadsheets(page: PageReading) -> Response:
    listed = page_of(page.session, queries.UPLOADS, UploadPage(limit=10))
    kind = page.request.query_params.get("kind", "")
    return _start(page, {"kind": kind}, listed)


def _start(page: Page, typed: dict[str, str], recent: Listed, faults: Sequence[Fault] = ()) -> Response:
    """The page that offers every table, and takes one in; ``typed`` is what was chosen in the form."""
    return page.show(
        "spreadsheets/start.html",
        status=422 if faults else 200,
        groups=sheets.groups(),
        typed=dict.fromkeys(_SAID, "") | {"written": sheets.usual(page.words)} | typed,
        again=sheets.sample_again(typed.get("written", "")),
        sample=sheets.sample_of(page.words),
        faults=[(fault.column, sheets.for_pages(fault.message, page.words)) for fault in faults],
        summary=[sheets.told_above(fault, page.words) for fault in faults],
        may_hand_in=service.may_hand_in(page.actor),
        most=page.settings.max_upload,
        once=secrets.token_urlsafe(16),
        recent=recent.items,
    )


@router.get("/spreadsheets/filled")
def send_filled(page: PageReading) -> Response:
    """All rows of a kind as a workbook with the columns of its import."""
    kind = _asked(page)
    file = _spooled()
    workbooks.filled(page.session, kind, file, page.t("Columns"), [page.t("Column"), page.t("Meaning")])
    return _sent(file, f"{kind.name}.xlsx")


@router.get("/spreadsheets/empty")
def send_empty(page: PageReading) -> Response:
    """A workbook to fill: the columns of a kind, and what each means."""
    kind = _asked(page)
    file = _spooled()
    heads = [page.t("Column"), page.t("Meaning"), page.t("Example")]
    workbooks.empty(kind, file, page.t("Columns"), heads)
    return _sent(file, f"{kind.name}-empty.xlsx")


def _asked(page: Page) -> Kind:
    name = page.request.query_params.get("kind", "")
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise NotFound(mark("There is no such kind of table: choose one on the page of spreadsheets."))


def _spooled() -> IO[bytes]:
    # more than this goes to disk until it is sent
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)


def _sent(file: IO[bytes], name: str) -> Response:
    file.seek(0)
    return StreamingResponse(
        _pieces(file),
        media_type=MEDIA_TYPES["xlsx"],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        background=BackgroundTask(file.close),
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


@router.post("/spreadsheets")
def hand_in(page: PagePosting) -> Response:
    service.require_hand_in(page.actor)
    typed = {name: page.typed(name) for name in ("kind", "written", *_SAID)}
    try:
        _require_plain(page, typed)
        settings = _settings(page, typed)
        file = page.files.get("file")
        if file is None or not file.filename:
            raise InvalidInput([Fault(pointer="/file", rule="required", message=mark("Choose the file to hand in."))])

        def keep() -> Response:
            file.file.seek(0)
            upload = service.receive(
                session, page.actor, kind=typed["kind"], file=file.filename or "", content=file.file, written=settings
            )
            return page.go(f"/spreadsheets/imports/{key(upload)}", session)

        with page.write() as session:
            answer = once_of(page).answer(session, keep)
    except InvalidInput as refused:
        with page.read() as reading:
            listed = page_of(reading, queries.UPLOADS, UploadPage(limit=10))
        return _start(page, typed, listed, refused.faults)
    return _and_work(page, answer)


def _require_plain(page: PostingPage, names: Iterable[str]) -> None:
    """:raises InvalidInput: with a fault for each field that holds what no field here can hold."""
    faults = []
    for name in names:
        try:
            page.value(name, most=_LONGEST)
        except InvalidInput as refused:
            faults += refused.faults
    if faults:
        raise InvalidInput(faults)


def _and_work(page: PostingPage, answer: Response) -> Response:
    """The answer goes out first; the work behind it goes on whether or not anybody still looks."""
    answer.background = BackgroundTask(work_off, page.database, page.today)
    return answer


def _settings(page: Page, typed: dict[str, str]) -> FileSettings:
    """What the form says about the file.

    :raises InvalidInput: naming the field.
    """
    chosen = sheets.chosen(typed["written"], page.words)
    row = typed["header_row"].strip()
    if row and not (row.isdecimal() and 0 < int(row) < 1_000_000):
        told = "Write the number of the row that names the columns."
        raise InvalidInput([Fault(pointer="/header_row", rule="table.header-row", message=told)])
    try:
        found = said(
            hidden_rows=typed["hidden_rows"] if typed["hidden_rows"] in ("read", "skip") else None,
            sheet=typed["sheet"].strip() or None,
            encoding=typed["encoding"].strip() or None,
            header_row=int(row) if row else None,
        )
    except UsageError as error:
        told = "There is no such encoding: write utf-8, utf-16, windows-1252 or another one."
        raise InvalidInput([Fault(pointer="/encoding", rule="table.encoding", message=told)]) from error
    return found if chosen is None else found.filled_from(chosen)


@router.get("/spreadsheets/imports")
def list_imports(page: PageReading) -> Response:
    query, given = page.query(UploadPage)
    counted = query.model_copy(update={"count": True})
    listed = page_of(page.session, queries.UPLOADS, counted)
    if query.format != "json":
        return listed.file()
    return page.show("spreadsheets/list.html", listed=listed, query=given, crumbs=[_crumb(page)])


@router.get("/spreadsheets/imports/{upload_id}")
def show_import(page: PageReading, upload_id: Id) -> Response:
    upload = service.upload_of(page.session, upload_id)
    found = service.shown(page.session, upload)
    kind = service.kind_named(upload.kind)
    start = _whole(page, "from")
    records = _whole(page, "record")
    report = found.report
    return page.show(
        "spreadsheets/import.html",
        found=found,
        report=report,
        faults=sheets.fault_lines(report.faults[start : start + sheets.SHOWN], page.words),
        findings=sheets.fault_lines(report.findings[: sheets.SHOWN], page.words),
        records=sheets.record_lines(kind, report.records[records : records + sheets.SHOWN], page.words),
        readings=sheets.readings(kind, report.understood, page.words),
        start=start,
        first_record=records,
        shown=sheets.SHOWN,
        kept=queries.has_file(page.session, upload_id),
        may_store=service.may_hand_in(page.actor),
        typed=(typed := _said_again(page, found, upload.written)),
        again=sheets.sample_again(typed["written"]),
        sample=sheets.sample_of(page.words),
        most=page.settings.max_upload,
        once=secrets.token_urlsafe(16),
        crumbs=[_crumb(page), Crumb(label=page.t("Tables handed in"), address="/spreadsheets/imports")],
    )


def _said_again(page: Page, found: UploadOut, written: dict[str, object]) -> dict[str, str]:
    """What was said about the file, for the mended one."""
    return {
        "kind": found.kind,
        "written": sheets.chosen_again(written, page.words),
        **{name: str(written.get(name, "")) for name in _SAID},
    }


def _whole(page: Page, name: str) -> int:
    """A place in a list, from the address."""
    text = page.request.query_params.get(name, "")[:9]
    return int(text) if text.isascii() and text.isdigit() else 0


@router.get("/spreadsheets/imports/{upload_id}/marked")
def send_marked(page: PageReading, upload_id: Id) -> Response:
    """The table as it was handed in, with its faults marked."""
    upload = service.upload_of(page.session, upload_id)
    report = service.report_of(upload)
    if not report.faults or not report.readable:
        raise Conflict(mark("There are no cells to mark in this table."))
    told = [each.model_copy(update={"message": sheets.for_pages(each.message, page.words)}) for each in report.faults]
    heads = [page.t("Row"), page.t("Column"), page.t("As typed"), page.t("What to do")]
    file = _spooled()
    with tempfile.NamedTemporaryFile(suffix=Path(upload.file).suffix.lower()[:8]) as sent:
        service.write_file(page.session, upload_id, sent)
        workbooks.marked(
            Path(sent.name),
            service.kind_named(upload.kind),
            service.settings_of(upload),
            told,
            file,
            listed=page.t("Faults"),
            head=heads,
        )
    return _sent(file, f"{upload.kind}-marked.xlsx")


@router.post("/spreadsheets/imports/{upload_id}/store")
def store_import(page: PagePosting, upload_id: Id) -> Response:
    with page.write() as session:
        service.order(session, page.actor, upload_id, row_wise=page.value("row_wise") == "yes")
        answer = page.go(f"/spreadsheets/imports/{upload_id}", session)
    return _and_work(page, answer)


@router.post("/spreadsheets/imports/{upload_id}/repeat")
def repeat_import(page: PagePosting, upload_id: Id) -> Response:
    with page.write() as session:
        service.repeat(session, page.actor, upload_id)
        answer = page.go(f"/spreadsheets/imports/{upload_id}", session)
    return _and_work(page, answer)


def _crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Spreadsheets"), address="/spreadsheets")
