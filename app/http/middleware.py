"""What surrounds every request: an id, limits on the body, headers of caution, a line in the log, a count."""

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from urllib.parse import unquote_to_bytes

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.causes import caused_by
from app.errors import Fault, InvalidInput
from app.http.metrics import Metrics
from app.http.problems import problem
from app.tracing import span

log = logging.getLogger("earmark.http")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

#: pages that show something set their own policy
_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-cache",
}


#: addresses to which files of people are sent
UPLOADS = frozenset({"/spreadsheets", "/api/v1/imports"})
#: and where the body is the table
_FILES = re.compile(r"/api/v1/imports/[a-z-]+")


#: the answer to a request that has faults, for whoever asks
Refusing = Callable[[Request, InvalidInput], Awaitable[Response]]


class Envelope:
    """The outermost layer: whatever happens inside, an answer with a request id goes out and is counted.

    ``max_body`` is in bytes; a body is measured while it is read, so a false or missing length does not help. Where
    tables are handed in, ``max_upload`` holds instead. ``refuse`` makes the answer to an address that nothing can be
    called by.
    """

    def __init__(
        self, app: ASGIApp, *, max_body: int, max_upload: int, metrics: Metrics, https: bool, refuse: Refusing
    ) -> None:
        self.app = app
        self.refuse = refuse
        self.max_body, self.max_upload = max_body, max(max_body, max_upload)
        self.metrics = metrics
        self.headers = dict(_HEADERS)
        if https:
            self.headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        with caused_by(request_id), span("request", server=True, carrier=_trace_of(scope)) as traced:
            status = await self._answer(scope, receive, send, request_id)
            traced.note(method=scope["method"], route=route_template(scope), status=status)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> int:
        """Answers, whatever happens; gives the status."""
        started = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                # what others may keep says nothing of one request, and the same to HEAD and GET
                if not headers.get("cache-control", "").startswith("public"):
                    headers["x-request-id"] = request_id
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if (fault := fault_of_address(scope)) is not None:
                refusal = await self.refuse(Request(scope, receive), InvalidInput([fault]))
                await refusal(scope, receive, sending)
            else:
                await self.app(scope, self._measured(scope, receive), sending)
        except Exception:
            log.exception("the request failed", extra={"request_id": request_id})
            if status:
                raise
            failure = problem(
                request_id,
                500,
                kind="internal",
                title="Something went wrong",
                detail="Earmark failed on this request; the log tells why beside the request id.",
            )
            await failure(scope, receive, sending)
        finally:
            self._account(scope, status, time.perf_counter() - started, request_id)
        return status

    def _request_id(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                return str(value.decode("ascii"))
        return secrets.token_hex(8)

    def _measured(self, scope: Scope, receive: Receive) -> Receive:
        """``receive`` that refuses to read on once the body is larger than allowed."""
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        most = self.max_upload if scope["path"] in UPLOADS or _FILES.fullmatch(scope["path"]) else self.max_body
        too_large = HTTPException(413, f"A body may have at most {most} bytes.")
        excessive = announced.isdigit() and int(announced[:20]) > most
        read = 0

        async def measured() -> Message:
            nonlocal read
            if excessive:
                raise too_large
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > most:
                    raise too_large
            return message

        return measured

    def _account(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        # the template, never the address itself: feeds carry their token in it
        route = route_template(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.observe(method, route, status, seconds)
        log.info(
            "%s %s %s",
            method,
            route,
            status,
            extra={
                "request_id": request_id,
                "method": method,
                "route": route,
                "status": status,
                "milliseconds": round(seconds * 1000, 2),
                "actor": scope["state"].get("actor", ""),
            },
        )


def _trace_of(scope: Scope) -> dict[str, str]:
    """The headers with which whoever asks says what trace this belongs to."""
    names = (b"traceparent", b"tracestate")
    return {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in names}


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_template(scope: Scope) -> str:
    """The path of the route with names in place of values; "unmatched" when no route was found."""
    # without the outermost of nested routers the route alone does not know the whole of its path
    route: object = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return str(getattr(route, "path", None) or "unmatched")


def fault_of_address(scope: Scope) -> Fault | None:
    """What an address holds that nothing can be called by; None: it can be looked at."""
    query: bytes = scope["query_string"]
    if "\0" in scope["path"] or b"%00" in query:
        return Fault(pointer="/path", rule="null-character", message="Addresses cannot hold a NUL character.")
    place = "/path" if _is_garbled_path(scope) else "/query" if _is_garbled(query) else None
    if place is not None:
        message = "Addresses are written in UTF-8, and what is asked for here is not: write its letters so."
        return Fault(pointer=place, rule="encoding", message=message)
    return None


def _is_garbled_path(scope: Scope) -> bool:
    """Whether the path is not UTF-8, which its decoded form tells only by a sign in place of what was lost."""
    raw: bytes | None = scope.get("raw_path")
    # not every server passes on the path as it was asked for
    return "\N{REPLACEMENT CHARACTER}" in scope["path"] and (raw is None or _is_garbled(raw))


def _is_garbled(written: bytes) -> bool:
    """Whether part of an address is not UTF-8."""
    if b"%" not in written and written.isascii():
        return False
    try:
        unquote_to_bytes(written).decode()
    except UnicodeDecodeError:
        return True
    return False
