"""``/iati/``: what is published, for everybody: no login, one strong ETag for GET and HEAD, streamed from the store."""

import datetime as dt
import re
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse
from sqlmodel import Session
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response

from app.errors import NotFound, StorageFailed
from app.http.problems import problem, request_id_of
from app.http.router import problems
from app.http.routing import Router
from app.http.sessions import Address, SettingsOf, public_reading
from app.publishing.releasing import queries, shown
from app.publishing.releasing.store import FileStore
from app.publishing.releasing.targets import XML

router = Router(prefix="/iati", tags=["published"])

Dataset = Annotated[str, Path(max_length=200, pattern=r"^[a-z0-9_-]+$", description="Name of the dataset.")]
Public = Annotated[Session, Depends(public_reading, scope="function")]

#: everybody may keep it, and has to ask whether it still is so: the registry's downloader must never get an old one
_CACHING = "public, no-cache"
_LISTS = {"Cache-Control": _CACHING}


@router.head("/", name="published_page_head", include_in_schema=False)
@router.get("/", summary="What is published, as a page", response_class=HTMLResponse)
def published_page(session: Public) -> Response:
    policy = {**_LISTS, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return HTMLResponse(shown.page(queries.public_files(session)), headers=policy)


@router.head("/datasets.json", name="published_datasets_head", include_in_schema=False)
@router.get("/datasets.json", summary="What is published")
def published_datasets(session: Public, address: Address, settings: SettingsOf) -> JSONResponse:
    where = settings.files_address if settings.public_files_url or settings.public_url else f"{address}/iati"
    return JSONResponse(shown.datasets(queries.public_files(session), where), headers=_LISTS)


@router.head("/{dataset}.xml", name="published_file_head", include_in_schema=False)
@router.get(
    "/{dataset}.xml",
    summary="A published file",
    response_class=FileResponse,
    responses={
        200: {"content": {XML: {}}, "description": "The whole file; gzip where the caller takes that"},
        206: {"content": {XML: {}}, "description": "The part of it that was asked for"},
        410: {"description": "It was published and has been withdrawn", "content": problems(404)[404]["content"]},
        **problems(304, 404, 412, 422, 503),
    },
)
def published_file(request: Request, dataset: Dataset, session: Public, settings: SettingsOf) -> Response:
    row = queries.public_file(session, dataset)
    if row is None:
        raise NotFound(f"There is no published file {dataset}: /iati/ lists those there are.")
    if row.sha256 is None or row.size is None:
        detail = f"{dataset} was published, and was withdrawn on {row.changed_at.date()}."
        return problem(request_id_of(request), 410, kind="withdrawn", title="Withdrawn", detail=detail)
    store = FileStore(settings.file_store)
    path, tag = store.path(row.sha256), f'"{row.sha256}"'
    packed, packed_tag = store.packed(row.sha256), f'"{row.sha256}-gzip"'
    headers = {
        "Vary": "Accept-Encoding",
        "Cache-Control": _CACHING,
        "Last-Modified": format_datetime(row.changed_at.astimezone(dt.UTC), usegmt=True),
    }
    if packed.exists() and wants_gzip(request.headers, tag, packed_tag):
        path, tag = packed, packed_tag
        headers["Content-Encoding"] = "gzip"
    headers["ETag"] = tag
    if (status := precondition(request.headers, headers["ETag"], row.changed_at)) is not None:
        kept = {name: value for name, value in headers.items() if name != "Content-Encoding"}
        return Response(None, status, kept)
    try:
        found = path.stat()
    except OSError as error:
        raise StorageFailed(f"The bytes of {dataset} are not at hand at this moment: try again later.") from error
    _say_range(request, found.st_size)
    return FileResponse(path, headers=headers, media_type=XML, stat_result=found)


def _say_range(request: Request, size: int) -> None:
    """Leaves of the part that is asked for what the response can make sense of: the response reads it from there."""
    asked = _joined(request.headers, "range")
    if asked is None:
        return
    told = asked_range(asked, size) if request.method == "GET" else None
    others = [(name, value) for name, value in request.scope["headers"] if name != b"range"]
    request.scope["headers"] = others if told is None else [*others, (b"range", told.encode())]


_RANGES = re.compile(r"bytes=[ \t,]*(?:(?:\d{1,18}-\d{0,18}|-\d{1,18})[ \t]*(?:,[ \t]*|$))+", re.IGNORECASE | re.ASCII)


def asked_range(asked: str, size: int) -> str | None:
    """The parts of a file of so many bytes that are asked for and there; all of them when none is.

    None: it is a range of nothing that is known here, and the whole file is the answer.
    """
    if not _RANGES.fullmatch(asked):
        return None
    parts = [(first, last) for first, last in re.findall(r"(\d*)-(\d*)", asked)]
    if any(first and last and int(first) > int(last) for first, last in parts):
        return None
    there = [part for part in parts if (int(part[0]) < size if part[0] else int(part[1]) > 0)]
    return "bytes=" + ",".join(f"{first}-{last}" for first, last in there or parts)


def takes_gzip(accepted: str | None) -> bool:
    """Whether a caller takes gzip, and likes it no less than the plain bytes.

    One that refuses the plain bytes and says nothing of gzip gets gzip: there is nothing else.
    """
    weights: dict[str, float] = {}
    for part in (accepted or "").split(","):
        coding, *parameters = (word.strip().lower() for word in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        if coding:
            weights["gzip" if coding == "x-gzip" else coding] = weight
    plain = weights.get("identity")
    gzip = weights.get("gzip", weights.get("*", 1.0 if plain == 0 else 0.0))
    return gzip > 0 and gzip >= (plain or 0.0)


def wants_gzip(headers: Headers, tag: str, packed_tag: str) -> bool:
    """Whether the packed bytes are sent: to those who take them and do not ask about the plain ones by their ``tag``.

    So whoever holds the plain bytes is told that they are current, or gets the rest of them.
    """
    if not takes_gzip(_joined(headers, "accept-encoding")):
        return False
    held = [_joined(headers, name) or "" for name in ("if-none-match", "if-match", "if-range")]
    names_plain, names_packed = (any(_names(each, known, weak=True) for each in held) for known in (tag, packed_tag))
    return names_packed or not names_plain


def _joined(headers: Headers, name: str) -> str | None:
    """A header that may come in several lines, as one."""
    return ", ".join(headers.getlist(name)) or None


def precondition(headers: Headers, tag: str, changed_at: dt.datetime) -> int | None:
    """304 or 412 when that is the answer to a conditional request; None: send the file."""
    if (wanted := _joined(headers, "if-match")) is not None:
        if not _names(wanted, tag, weak=False):
            return 412
    elif (since := _moment(headers.get("if-unmodified-since"))) is not None and changed_at > since:
        return 412
    if (known := _joined(headers, "if-none-match")) is not None:
        return 304 if _names(known, tag, weak=True) else None
    since = _moment(headers.get("if-modified-since"))
    return 304 if since is not None and changed_at <= since else None


def _names(header: str, tag: str, *, weak: bool) -> bool:
    """Whether a list of tags holds this one; ``weak``: a weak tag of the same text counts."""
    tags = [each.strip() for each in header.split(",")]
    return "*" in tags or any((each.removeprefix("W/") if weak else each) == tag for each in tags)


def _moment(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
