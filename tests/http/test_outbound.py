"""What goes out goes to the open internet only, and is repeated only where that changes nothing."""

import datetime as dt
import http.server
import logging
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import stamina

from app.errors import InvalidInput
from app.http import outbound
from app.publishing.codes import update

OPEN, INNER = "93.184.216.34", "10.0.0.7"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Names and the addresses they have; anything else has none."""
    known: dict[str, str] = {}

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host not in known:
            raise OSError("unknown name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (known[host], port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def _no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


def test_each_hop_of_a_redirect_is_looked_at(names: dict[str, str]) -> None:
    names |= {"open.example.org": OPEN, "inner.example.org": INNER}
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://inner.example.org/secret"})

    with (
        outbound.client(timeout=5, follow_redirects=True, transport=httpx.MockTransport(answer)) as client,
        pytest.raises(outbound.InnerAddress, match=r"inner\.example\.org lies in an inner network"),
    ):
        client.get("https://open.example.org/list")
    assert asked == [f"https://{OPEN}/list"]


def test_redirects_are_left_alone_and_the_environment_names_no_proxy(
    names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names["open.example.org"] = OPEN
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    answer = httpx.Response(302, headers={"Location": "https://open.example.org/elsewhere"})
    with outbound.client(timeout=5, transport=httpx.MockTransport(lambda _: answer)) as client:
        assert client.get("https://open.example.org/").status_code == 302


def test_nobody_else_in_the_program_opens_connections() -> None:
    root = Path(outbound.__file__).parents[2]
    opens = re.compile(
        r"httpx\.(Async)?(Client|HTTPTransport|get|post|put|patch|delete|head|request|stream)\(|urlopen\("
    )
    found = {
        str(path.relative_to(root))
        for path in (root / "app").rglob("*.py")
        if opens.search(path.read_text(encoding="utf-8"))
    }
    # the command that starts the service asks it, on this machine, whether it answers
    assert found == {"app/http/outbound.py", "app/cli/server.py"}


def test_name_without_an_address_is_told(names: dict[str, str]) -> None:
    with outbound.client(timeout=5) as client, pytest.raises(httpx.ConnectError, match=r"no\.example\.org has no add"):
        client.get("https://no.example.org/")


@pytest.mark.usefixtures("_no_pauses")
@pytest.mark.parametrize(("method", "times"), [("GET", 3), ("HEAD", 3), ("POST", 1), ("PATCH", 1), ("DELETE", 1)])
def test_only_what_changes_nothing_is_repeated(method: str, times: int, caplog: pytest.LogCaptureFixture) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(503, headers={"Retry-After": "Mon, 01 Jan 99999999999999999 00:00:00 GMT"})

    caplog.set_level(logging.INFO)
    with httpx.Client(transport=outbound.Retried(httpx.MockTransport(answer))) as client:
        assert client.request(method, "https://example.org/").status_code == 503
    assert asked == [method] * times
    told = [
        (each.levelno, "example.org" in each.getMessage()) for each in caplog.records if each.name == "earmark.outbound"
    ]
    assert told == [(logging.INFO, False)] * (times - 1)  # no warning before the outcome, and no address


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "Connection refused"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (
            httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: expired (_ssl.c:1006)"),
            "certificate verify failed: expired",
        ),
        (httpx.ConnectTimeout("_ssl.c:989: The handshake operation timed out"), "The handshake operation timed out"),
        (httpx.ReadError(""), "ReadError"),
        (httpx.InvalidURL("Invalid IPv6 address: '[tbd]'"), "it is no address"),
    ],
)
def test_what_went_wrong_is_told_without_numbers_of_errors(error: Exception, words: str) -> None:
    assert outbound.in_words(error) == words


@pytest.mark.usefixtures("_no_pauses")
def test_second_attempt_counts_and_a_wrong_certificate_is_not_tried_twice() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/certificate":
            raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
        if len(asked) == 1:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return httpx.Response(200)

    with httpx.Client(transport=outbound.Retried(httpx.MockTransport(answer))) as client:
        assert client.get("https://example.org/list").status_code == 200
        with pytest.raises(httpx.ConnectError):
            client.get("https://example.org/certificate")
    assert asked == ["/list", "/list", "/certificate"]


@pytest.mark.parametrize("pause", ["3600", "Fri, 01 Jan 2999 00:00:00 GMT"])
def test_server_that_asks_for_a_long_pause_is_not_waited_for(pause: str) -> None:
    answer = httpx.Response(503, headers={"Retry-After": pause})
    with httpx.Client(transport=outbound.Retried(httpx.MockTransport(lambda _: answer))) as client:
        assert client.get("https://example.org/").status_code == 503


class Redirecting(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302)
        port = self.headers["Host"].rpartition(":")[2]
        self.send_header("Location", f"http://127.0.0.1:{port}/inner.xml")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


def test_codelists_may_lie_where_a_person_says_and_not_where_a_redirect_leads(tmp_path: Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(InvalidInput) as refused:
            update(f"http://localhost:{server.server_address[1]}/Sector.xml", tmp_path, today=dt.date(2026, 1, 1))
        server.shutdown()
    assert "127.0.0.1 lies in an inner network" in refused.value.faults[0].message
