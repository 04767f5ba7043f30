"""Signed webhooks against a receiver that takes, refuses, hangs or points elsewhere."""

import datetime as dt
import hashlib
import hmac
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.config import Settings
from app.db.alerts import Message
from app.db.base import utc_now
from app.domain.terms import DeliveryState
from app.outbox.deliver import deliver
from app.outbox.transport import Outgoing, Refused
from app.outbox.webhooks import Webhooks, sign
from tests.jobs.conftest import Jobs
from tests.waiting import until


class Receiver(http.server.ThreadingHTTPServer):
    """A receiver that keeps what it gets."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204
        self.location = ""
        self.hangs = threading.Event()
        self.let_go = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/alerts"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        if self.server.hangs.is_set():
            self.server.let_go.wait()
            return
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.let_go.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hooked(receiver: Receiver) -> dict[str, Any]:
    return {
        "webhook_url": receiver.url,
        "webhook_secret": SecretStr("s3cret"),
        "webhook_allow_private": True,
        "webhook_timeout": 600,
    }


def alerted(jobs: Jobs, hooked: dict[str, Any]) -> dict[str, int]:
    jobs.project(start="2026-01-01", end="2027-06-30", budget="600000")
    result: dict[str, int] = jobs.run("2026-06-30", **hooked)["delivery"]
    return result


def webhook(jobs: Jobs) -> Message:
    with jobs.database.read() as session:
        (found,) = [message for message in session.scalars(select(Message)) if message.channel == "webhook"]
        return found


def outgoing(address: str) -> Outgoing:
    return Outgoing(id=1, message_id="<a@b>", channel="webhook", recipient=address, subject="", thread=None, payload={},
                    attempts=0, claimed_until=utc_now(), composed_at=utc_now())  # fmt: skip


def test_alert_is_posted_signed_over_timestamp_and_body(jobs: Jobs, receiver: Receiver, hooked: dict[str, Any]) -> None:
    assert alerted(jobs, hooked)["sent"] == 1
    ((path, headers, body),) = receiver.got
    assert path == "/alerts"
    signed = hmac.new(b"s3cret", headers["Earmark-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Earmark-Signature"] == f"v1={signed}"
    content = json.loads(body)
    assert content["event"] == "alert.recorded"
    assert (content["project"], content["rung"], content["due"]) == ("P1", "plan-and-budget", "2027-06-30")


@pytest.mark.parametrize("trouble", ["500", "hang", "redirect"])
def test_trouble_is_tried_again_under_the_same_id(
    jobs: Jobs, receiver: Receiver, hooked: dict[str, Any], trouble: str
) -> None:
    match trouble:
        case "500":
            receiver.status = 500
        case "hang":
            receiver.hangs.set()
            hooked["webhook_timeout"] = 0.5
        case _:
            receiver.status, receiver.location = 302, "http://127.0.0.1:1/inner"
    assert alerted(jobs, hooked) == {"sent": 0, "postponed": 1, "failed": 0}
    assert webhook(jobs).state is DeliveryState.WAITING
    until(lambda: receiver.got)
    receiver.hangs.clear()
    receiver.status, receiver.location = 200, ""
    settings = jobs.settings.model_copy(update={**hooked, "webhook_timeout": 600})
    later = dt.timedelta(minutes=2)
    assert deliver(jobs.database, settings, clock=lambda: utc_now() + later).sent == 1
    deliveries = {headers["Earmark-Delivery"] for _, headers, _ in receiver.got}
    assert (len(receiver.got), len(deliveries)) == (2, 1)
    assert all(path == "/alerts" for path, _, _ in receiver.got), "no redirect is followed"


def test_receiver_in_an_inner_network_is_refused_for_good(
    jobs: Jobs, receiver: Receiver, hooked: dict[str, Any]
) -> None:
    assert alerted(jobs, {**hooked, "webhook_allow_private": False}) == {"sent": 0, "postponed": 0, "failed": 1}
    assert receiver.got == []
    assert "inner network" in str(webhook(jobs).error)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "::1", "fd00::1", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::ffff:127.0.0.1"],
)  # fmt: skip
def test_names_that_lead_inside_are_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, socket.SOCK_STREAM, 6, "", (address, 443))])
    settings = Settings(webhook_url="https://hooks.example.org/x", _env_file=None)  # type: ignore[call-arg]
    message = outgoing("https://hooks.example.org/x")
    with Webhooks(settings) as hooks, pytest.raises(Refused, match="inner network"):
        hooks.send(message, utc_now())


@pytest.mark.parametrize("address", ["ftp://example.org/", "file:///etc/passwd", "https://"])
def test_addresses_that_are_none_for_webhooks_are_refused(address: str) -> None:
    settings = Settings(webhook_url=address, _env_file=None)  # type: ignore[call-arg]
    message = outgoing(address)
    with Webhooks(settings) as hooks, pytest.raises(Refused, match="must begin with"):
        hooks.send(message, utc_now())


def test_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.host, request.headers["host"], request.extensions.get("sni_hostname")))
        return httpx.Response(204)

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    settings = Settings(webhook_url="https://hooks.example.org/x", _env_file=None)  # type: ignore[call-arg]
    message = outgoing("https://hooks.example.org/x")
    with Webhooks(settings, httpx.MockTransport(answer)) as hooks:
        hooks.send(message, utc_now())
    assert asked == [("93.184.216.34", "hooks.example.org", "hooks.example.org")]


def test_signature_is_the_documented_one() -> None:
    expected = hmac.new(b"key", b'1700000000.{"a":1}', hashlib.sha256).hexdigest()
    assert sign("key", "1700000000", b'{"a":1}') == f"v1={expected}"
