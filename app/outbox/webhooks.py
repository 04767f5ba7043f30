"""Messages as signed webhooks.

The receiver computes HMAC-SHA256 with the shared secret over the header ``Earmark-Timestamp``, a full stop and the
body, compares it with the ``v1=`` of ``Earmark-Signature``, and refuses old timestamps. ``Earmark-Delivery`` is the
same however often a message is sent.

The payload tells the state of the moment in which it is sent: an alert whose duty was settled meanwhile is not posted.

Addresses of this machine or an inner network are refused, unless the settings allow them (``app.http.outbound``).
Redirects are not followed.
"""

import datetime as dt
import hashlib
import hmac
import json
from types import TracebackType
from typing import Self

import httpx

from app.config import Settings
from app.http import outbound
from app.outbox.transport import Outgoing, Refused, Unavailable


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of ``Earmark-Signature``."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"


class Webhooks:
    """Posts messages to the address of the settings."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self.settings = settings
        self._client = outbound.client(
            timeout=settings.webhook_timeout, allow_private=settings.webhook_allow_private, transport=transport
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
        url = _address(message.recipient)
        try:
            with self._client.stream("POST", url, content=body, headers=headers) as answer:
                status = answer.status_code
        except outbound.InnerAddress as error:
            raise Refused(f"{error}: EARMARK_WEBHOOK_ALLOW_PRIVATE is not set") from error
        except httpx.HTTPError as error:
            arrived = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            words = f"the receiver cannot be reached: {outbound.in_words(error)}"
            raise Unavailable(words, may_have_arrived=arrived) from error
        if status >= 300:
            redirect = " (redirects are not followed)" if status < 400 else ""
            # a proxy that gave up waiting does not know what became of it
            arrived = status in (502, 504)
            raise Unavailable(f"the receiver answered {status}{redirect}", may_have_arrived=arrived)


def _address(text: str) -> httpx.URL:
    url = httpx.URL(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise Refused(f"{text} is not an address for webhooks: it must begin with https:// or http://")
    return url
