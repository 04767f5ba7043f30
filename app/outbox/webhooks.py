"""Messages as signed webhooks.

The receiver computes HMAC-SHA256 with the shared secret over the header ``Earmark-Timestamp``, a full stop and the
body, compares it with the ``v1=`` of ``Earmark-Signature``, and refuses old timestamps. ``Earmark-Delivery`` is the
same however often a message is sent.

The payload tells the state of the moment in which it is sent: an alert whose duty was settled meanwhile is not posted.

Addresses of this machine or an inner network are refused, unless the settings allow them: the name is resolved once,
every address it has is looked at, and the connection goes to the one that was looked at. Redirects are not followed.
"""

import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import socket
from types import TracebackType
from typing import Any, Self

import httpx

from app.config import Settings
from app.outbox.transport import Outgoing, Refused, Unavailable


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of ``Earmark-Signature``."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"


class Webhooks:
    """Posts messages to the address of the settings."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self.settings = settings
        self._client = httpx.Client(
            transport=transport, timeout=settings.webhook_timeout, follow_redirects=False, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def send(self, message: Outgoing, now: dt.datetime) -> None:
        """Posts a message.

        :raises Refused: when it can never be delivered there.
        :raises Unavailable: when it may be tried again later.
        """
        body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Earmark-Timestamp": timestamp,
            "Earmark-Signature": sign(self.settings.webhook_secret.get_secret_value(), timestamp, body),
            "Earmark-Delivery": message.number,
        }
        url, extensions = self._checked(message.recipient, headers)
        try:
            with self._client.stream("POST", url, content=body, headers=headers, extensions=extensions) as answer:
                status = answer.status_code
        except httpx.HTTPError as error:
            arrived = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            words = f"the receiver cannot be reached: {error or type(error).__name__}"
            raise Unavailable(words, may_have_arrived=arrived) from error
        if status >= 300:
            redirect = " (redirects are not followed)" if status < 400 else ""
            # a proxy that gave up waiting does not know what became of it
            arrived = status in (502, 504)
            raise Unavailable(f"the receiver answered {status}{redirect}", may_have_arrived=arrived)

    def _checked(self, address: str, headers: dict[str, str]) -> tuple[httpx.URL, dict[str, Any]]:
        """The address to connect to, with the name that the receiver goes by."""
        url = httpx.URL(address)
        if url.scheme not in ("http", "https") or not url.host:
            raise Refused(f"{address} is not an address for webhooks: it must begin with https:// or http://")
        if self.settings.webhook_allow_private:
            return url, {}
        try:
            found = socket.getaddrinfo(
                url.host, url.port or (443 if url.scheme == "https" else 80), type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise Unavailable(f"{url.host} has no address: {error}") from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        for each in addresses:
            if not each.is_global or each.is_multicast:
                raise Refused(f"{url.host} lies in an inner network ({each}): EARMARK_WEBHOOK_ALLOW_PRIVATE is not set")
        headers["Host"] = url.netloc.decode("ascii")
        return url.copy_with(host=str(addresses[0])), {"sni_hostname": url.host}
