"""How often a token may call the API: above that 429 with the time to wait, and on every answer what is left.

Counts are kept by the library ``limits``: in the memory of each process, so that several processes together allow as
many times more; or in a store that they share (``EARMARK_API_RATE_STORE``, such as ``redis://localhost``).
"""

import math
import time

from limits import RateLimitItem, parse
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import UsageError
from app.http.access import token_hash
from app.http.problems import problem

_API = "/api/"


def rate(written: str) -> RateLimitItem | None:
    """A rate such as ``6000/minute``; None where there is none. ``ValueError`` for what is no rate."""
    return parse(written) if written else None


class Limiter:
    """Refuses calls of a token, or without one of an address, that come too often. A failing store refuses nobody."""

    def __init__(self, app: ASGIApp, *, allowed: RateLimitItem | None, store: str) -> None:
        self.app = app
        self.allowed = allowed
        try:
            self.counts = FixedWindowRateLimiter(storage_from_string(store))
        except (ConfigurationError, ImportError) as error:
            raise UsageError(f"EARMARK_API_RATE_STORE: {error}") from error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.allowed is None or not scope["path"].startswith(_API):
            await self.app(scope, receive, send)
            return
        caller = _caller(scope)
        permitted = self.counts.hit(self.allowed, caller)
        window = self.counts.get_window_stats(self.allowed, caller)
        wait = max(1, math.ceil(window.reset_time - time.time()))
        told = {
            "ratelimit-limit": str(self.allowed.amount),
            "ratelimit-remaining": str(window.remaining),
            "ratelimit-reset": str(wait),
        }
        if not permitted:
            refusal = problem(
                scope["state"]["request_id"],
                429,
                kind="too-many-requests",
                title="Too many requests",
                detail=f"More than {self.allowed} came with this token: wait {wait} seconds.",
                headers={"Retry-After": str(wait), **told},
            )
            await refusal(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in told.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sending)


def _caller(scope: Scope) -> str:
    """Who calls, without what is secret: the hash of the token, else the address."""
    kind, _, token = (Headers(scope=scope).get("authorization") or "").partition(" ")
    if kind.lower() == "bearer" and token:
        return token_hash(token)
    client = scope.get("client")
    return str(client[0]) if client else ""
