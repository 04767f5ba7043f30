"""Versions of what is read and changed: strong ETags, If-None-Match, and If-Match under a row lock."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic_core import to_json
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from app.db.base import Kept
from app.errors import NotFound, PreconditionRequired, StaleVersion

KeptRow = TypeVar("KeptRow", bound=Kept)


def etag(row_id: int, *versions: int) -> str:
    """The strong ETag of a row; of several rows that are shown as one, with the version of each."""
    return f'"{row_id}-{".".join(str(version) for version in versions)}"'


def _tags(header: str) -> list[str]:
    return [tag.strip() for tag in header.split(",")]


def locked(session: Session, row_class: type[KeptRow], row_id: int, if_match: str | None, *, name: str) -> KeptRow:
    """The row to change, held until the transaction ends, if it still is the version the caller has seen.

    Of two who change the same version at once the second waits for the first, and is then refused. ``name`` is the
    word for such a row in messages ("agreement").

    :raises NotFound: when there is no such row.
    :raises PreconditionRequired: when ``if_match`` is None.
    :raises StaleVersion: when the row has changed since.
    """
    row = held(session, row_class, row_id, name=name)
    require_version(if_match, row_id, row.version)
    return row


def held(session: Session, row_class: type[KeptRow], row_id: int, *, name: str) -> KeptRow:
    """The row as it is now, held until the transaction ends; ``NotFound`` when there is none."""
    row = session.get(row_class, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no {name} {row_id}.")
    return row


def require_version(if_match: str | None, row_id: int, *versions: int) -> None:
    """Refuses a change that is not based on these versions; their rows must be held."""
    if if_match is None:
        raise PreconditionRequired
    tags = _tags(if_match)
    if "*" not in tags and etag(row_id, *versions) not in tags:
        raise StaleVersion("Somebody changed it after you read it: read it again and repeat your change.")


def single(
    request: Request,
    body: Mapping[str, object],
    *,
    tag: str,
    status: int = 200,
    location: str | None = None,
) -> Response:
    """The answer with one resource and its ETag ``tag``; 304 when the caller has this version already."""
    headers = {"ETag": tag}
    if location is not None:
        headers["Location"] = location
    return conditional(request, to_json(body), headers, status)


def conditional(request: Request, content: bytes, headers: dict[str, str], status: int = 200) -> Response:
    """``content`` with the ETag among ``headers``, or 304 without it when a GET names that ETag."""
    if is_known(request, headers["ETag"]):
        return Response(None, 304, headers)
    return Response(content, status, headers, "application/json")


def is_known(request: Request, tag: str) -> bool:
    """Whether a caller who only reads has the version of this ETag already."""
    known = request.headers.get("if-none-match")
    if request.method not in ("GET", "HEAD") or known is None:
        return False
    tags = [each.removeprefix("W/") for each in _tags(known)]
    return "*" in tags or tag in tags
