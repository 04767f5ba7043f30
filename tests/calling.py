"""How tests call the application: all requests of a process in one loop, in one thread beside the tests.

The client of Starlette makes a loop, its thread and the threads for what blocks anew for each request, and hands every
step of it over to them, which takes longer than most answers. A service has one loop for its life, as here.
"""

import asyncio
import threading
import warnings
from collections.abc import Coroutine
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.types import ASGIApp, Message, Scope

with warnings.catch_warnings():
    # it would rather have the successor of httpx, which the program does not use
    warnings.simplefilter("ignore")
    from starlette import testclient

_PORTS = {"http": 80, "https": 443}
_starting = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def _running() -> asyncio.AbstractEventLoop:
    """The loop of this process, which ends with it."""
    global _loop
    with _starting:
        if _loop is None:
            begun = threading.Event()

            async def live() -> None:
                global _loop
                _loop, ended = asyncio.get_running_loop(), asyncio.Event()

                def end(loop: asyncio.AbstractEventLoop = _loop) -> None:
                    threading.main_thread().join()
                    loop.call_soon_threadsafe(ended.set)

                threading.Thread(target=end, daemon=True).start()
                begun.set()
                await ended.wait()

            threading.Thread(target=asyncio.run, args=(live(),), daemon=True).start()
            begun.wait()
    assert _loop is not None
    return _loop


def _wait(work: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    return asyncio.run_coroutine_threadsafe(work, _running()).result()


class _Transport(httpx.BaseTransport):
    """Hands a request to the application and gives its whole answer; what it raises comes out here."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self.app, self.root_path = app, root_path

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return _wait(self._answer(request, request.read()))

    async def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        url = request.url
        scope: Scope = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": unquote(url.path),
            "raw_path": url.raw_path.partition(b"?")[0],
            "root_path": self.root_path,
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("testclient", 50000),
            "server": [url.host, url.port or _PORTS[url.scheme]],
            "state": {},
            "extensions": {"http.response.debug": {}},
        }
        asked, answered = False, asyncio.Event()
        started: list[Message] = []
        parts: list[bytes] = []

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await answered.wait()
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            match message["type"]:
                case "http.response.start":
                    assert not started, "an answer began twice"
                    started.append(message)
                case "http.response.body":
                    assert started, "an answer had a body before it began"
                    assert not answered.is_set(), "an answer went on behind its end"
                    parts.append(bytes(message.get("body", b"")))
                    if not message.get("more_body", False):
                        answered.set()

        await self.app(scope, receive, send)
        assert answered.is_set(), "an answer had no end"
        whole = httpx.ByteStream(b"".join(parts))
        return httpx.Response(started[0]["status"], headers=started[0].get("headers", []), stream=whole)


class TestClient(testclient.TestClient):
    """Starlette's client with one loop for all requests of this process."""

    __test__ = False

    def __init__(self, app: ASGIApp, *, root_path: str = "", **options: Any) -> None:
        super().__init__(app, root_path=root_path, **options)
        self._transport = _Transport(app, root_path)
