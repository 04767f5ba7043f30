"""Errors as answers: problem+json (RFC 9457) with every fault and its place, whatever went wrong."""

import logging
import re
from collections.abc import Mapping, Sequence

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.db.engine import storage_message
from app.errors import Conflict, EarmarkError, Fault, InvalidInput, NotAuthenticated, NotSetUp, StorageFailed
from app.inputs import fault_of, without_echoes

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger("earmark.http")


class FaultOut(BaseModel):
    """One fault in a request."""

    pointer: str = Field(description="JSON pointer into the body; `/query/…`, `/path/…` or `/header/…` for the rest")
    rule: str = Field(description="stable id of the rule that is broken")
    message: str = Field(description="what is wrong, and what to do")


class Problem(BaseModel):
    """What went wrong (RFC 9457), with every fault that was found."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:earmark:problem:invalid-input",
                    "title": "The input has faults",
                    "status": 422,
                    "detail": "1 fault in the input",
                    "errors": [{"pointer": "/partner", "rule": "partner.unknown", "message": "There is no partner X."}],
                    "request_id": "5f0c1d9f3b7a4e21",
                }
            ]
        }
    )

    type: str = Field(description="stable id of the kind of problem")
    title: str
    status: int
    detail: str
    errors: list[FaultOut]
    request_id: str = Field(description="stands in the log beside what happened")


def problem(
    request_id: str,
    status: int,
    *,
    kind: str,
    title: str,
    detail: str,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that tells a problem. ``kind`` is the end of its stable id."""
    body = {
        "type": f"urn:earmark:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [fault.as_dict() for fault in faults],
        "request_id": request_id,
    }
    return Response(to_json(body), status, dict(headers or {}), MEDIA_TYPE)


def request_id_of(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _kebab(name: str) -> str:
    return _CAMEL.sub("-", name).lower()


def tell(request: Request, error: EarmarkError, table: Mapping[type[EarmarkError], int]) -> Response:
    """The answer to one of Earmark's own errors; ``table`` gives the status of each class."""
    kind = next(cls for cls in type(error).__mro__ if issubclass(cls, EarmarkError) and cls in table)
    status, headers = table[kind], {}
    match error:
        case NotAuthenticated():
            headers["WWW-Authenticate"] = 'Bearer realm="earmark"'
        case StorageFailed() if "disk is full" in error.message:
            status = 507
        case StorageFailed() | NotSetUp():
            headers["Retry-After"] = "5"
    if status >= 500:
        log.error("%s", error.message, extra={"request_id": request_id_of(request)})
    return problem(
        request_id_of(request),
        status,
        kind=_kebab(kind.__name__),
        title=kind.title,
        detail=error.message,
        faults=getattr(error, "faults", ()),
        headers=headers,
    )


#: places of a request by the first word of pydantic's location; the body's pointers have no prefix
_PLACES = {"body": "", "query": "/query", "path": "/path", "header": "/header", "cookie": "/cookie"}


_TITLES = {
    400: "The request cannot be read",
    404: "Not found",
    405: "This method is not possible here",
    413: "The body is too large",
    415: "This media type is not understood",
}


def tell_http(request: Request, error: HTTPException) -> Response:
    """The answer to what the router itself refuses: unknown path, wrong method, unreadable or too large body."""
    title = _TITLES.get(error.status_code, "The request was refused")
    return problem(
        request_id_of(request),
        error.status_code,
        kind=f"http-{error.status_code}",
        title=title,
        detail=str(error.detail),
        headers=error.headers,
    )


def invalid_request(error: RequestValidationError) -> InvalidInput:
    """What pydantic found in a request, whose locations begin with the part of the request."""
    faults = []
    for found in without_echoes(error.errors()):
        part, *location = found["loc"] or ("body",)
        faults.append(fault_of(found, location, within=_PLACES.get(str(part), "")))
    return InvalidInput(faults)


_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")
_SQLITE_CHECK = re.compile(r"CHECK constraint failed: (?:ck_)?(\w+)")
_POSTGRES_KEY = re.compile(r"Key \((.+?)\)=")


def integrity_conflict(error: IntegrityError) -> Conflict:
    """What the database refused, with the field named where it says one."""
    cause = str(error.orig)
    diagnosis = getattr(error.orig, "diag", None)
    detail = getattr(diagnosis, "message_detail", None) or ""
    constraint = getattr(diagnosis, "constraint_name", None) or ""
    if found := _SQLITE_UNIQUE.search(cause):
        fields = [part.strip().rpartition(".")[2] for part in found[1].split(",")]
    elif constraint.startswith(("uq_", "ix_")) and (found := _POSTGRES_KEY.search(detail)):
        fields = [part.strip() for part in found[1].split(",")]
    else:
        fields = []
    if fields:
        field = ", ".join(fields)
        message = f"Another record already has this {field}."
        if len(fields) > 1:
            message = f"Another record already has these values together: {field}."
        return Conflict(message, [Fault(pointer=f"/{name}", rule="unique", message=message) for name in fields])
    if "FOREIGN KEY" in cause or constraint.startswith("fk_"):
        return Conflict("Another record refers to this one, or the one it names is gone.")
    if found := _SQLITE_CHECK.search(cause):
        constraint = found[1]
    rule = constraint.removeprefix("ck_").replace("_", " ")
    return Conflict(f"The values contradict a rule of the database ({rule or 'unnamed'}).")


def database_error(error: DataError | ProgrammingError) -> EarmarkError:
    """A value that the database cannot hold is a fault of the input; missing tables are a matter of set-up."""
    if isinstance(error, DataError):
        reason = str(error.orig).strip().splitlines()[0]
        fault = Fault(pointer="", rule="not-storable", message=f"A value cannot be stored: {reason}.")
        return InvalidInput([fault])
    if "does not exist" in str(error.orig):
        return NotSetUp(storage_message(error))
    raise error
