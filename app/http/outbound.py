"""Requests that go out: one place for what all of them must keep to.

Addresses of this machine or an inner network are refused, unless that is allowed: each name is resolved once, every
address it has is looked at, and the connection goes to one that was looked at, on each hop of a redirect anew. Proxies
and passwords that lie in the environment are not used, redirects are followed only where a caller asks for it, and
nothing waits for ever. What only asks is asked again when an answer may come later; what changes something never is:
whoever sent it has to find out first what became of it.
"""

import datetime as dt
import ipaddress
import logging
import re
import socket
import ssl
from collections.abc import Collection
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import cache

import httpx
import stamina
from stamina import instrumentation

from app.db.base import utc_now

log = logging.getLogger("earmark.outbound")

#: answers after which another attempt may fare better
_LATER = frozenset({429, 500, 502, 503, 504})
_ATTEMPTS = 3
#: a server that asks for a longer pause is not waited for
_LONGEST_PAUSE = 20.0


#: why nothing was sent: of a key that was copied with a line break, say
UNSENDABLE = "a key, secret or other setting holds characters that no request may have: copy it again"


#: what systems and libraries put round their words: numbers of errors, names of routines, places in their source
_TECHNICAL = re.compile(r"\[(?:Errno -?\d+|WinError \d+|[A-Z0-9]+(?:: \w+)?)\]\s*|\s*\(_ssl\.c:\d+\)|_ssl\.c:\d+:\s*")


def in_words(error: Exception) -> str:
    """What went wrong, for people: without what is for programmers; of an error without words its name."""
    if isinstance(error, httpx.InvalidURL):
        return "it is no address"
    return _TECHNICAL.sub("", str(error)) or type(error).__name__


class InnerAddress(httpx.RequestError):
    """The address leads into this machine or an inner network; nothing was sent."""


class Guarded(httpx.BaseTransport):
    """Connects to addresses of the open internet only.

    ``allow_private`` lets everything pass; ``trusted`` names hosts that may lie inside, since a person named them.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        trusted: Collection[str] = (),
        beneath: httpx.BaseTransport | None = None,
    ) -> None:
        self._open = allow_private
        self._trusted = frozenset(trusted)
        self._beneath = beneath if beneath is not None else httpx.HTTPTransport(verify=_certificates())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request.

        :raises InnerAddress: when its host has an address that is not open to the world.
        :raises httpx.ConnectError: when its host has none.
        :raises httpx.LocalProtocolError: when a header is none; it does not tell what stands in it.
        """
        guarded = request if self._open or request.url.host in self._trusted else _pinned(request)
        try:
            return self._beneath.handle_request(guarded)
        except httpx.LocalProtocolError:
            # its words would show the header, and so the token in it
            raise httpx.LocalProtocolError(UNSENDABLE, request=request) from None

    def close(self) -> None:
        self._beneath.close()


@cache
def _certificates() -> ssl.SSLContext:
    """Whose certificates are believed: read once, since that takes longer than a request."""
    return httpx.create_ssl_context()


def _pinned(request: httpx.Request) -> httpx.Request:
    """The request to the address that was looked at, under the name that the server goes by."""
    url = request.url
    try:
        found = socket.getaddrinfo(
            url.host, url.port or (443 if url.scheme == "https" else 80), type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise httpx.ConnectError(f"{url.host} has no address: {in_words(error)}", request=request) from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for each in addresses:
        if not each.is_global or each.is_multicast:
            raise InnerAddress(f"{url.host} lies in an inner network ({each})", request=request)
    headers = request.headers.copy()
    headers["Host"] = url.netloc.decode("ascii")
    return httpx.Request(
        request.method,
        url.copy_with(host=str(addresses[0])),
        headers=headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": url.host},
    )


class _Again(Exception):
    """An answer that tells to come back, after some seconds where it says so."""

    def __init__(self, status: int, seconds: float | None) -> None:
        super().__init__(f"answered {status}")
        self.seconds = seconds


def _another_attempt(error: Exception) -> bool | float | dt.timedelta:
    """Whether to try again, or after how many seconds."""
    if isinstance(error, _Again):
        return True if error.seconds is None else error.seconds
    if "CERTIFICATE" in str(error):
        return False
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ReadError | httpx.RemoteProtocolError)


class Retried(httpx.BaseTransport):
    """Repeats requests that change nothing, a few times after growing pauses: GET, HEAD, and what is marked so.

    Retries are logged by their number and reason, without addresses, headers or bodies.
    """

    def __init__(self, beneath: httpx.BaseTransport) -> None:
        self._beneath = beneath

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method not in ("GET", "HEAD") and not request.extensions.get("repeatable"):
            return self._beneath.handle_request(request)
        tries = stamina.retry_context(
            on=_another_attempt, attempts=_ATTEMPTS, timeout=None, wait_initial=0.3, wait_max=5.0
        )
        answer = None
        # the last attempt's answer stands, whatever it is
        with suppress(_Again):
            for attempt in tries:
                with attempt:
                    if answer is not None:
                        answer.close()
                    answer = self._beneath.handle_request(request)
                    pause = _asked_pause(answer.headers.get("Retry-After", ""))
                    if answer.status_code in _LATER and (pause is None or pause <= _LONGEST_PAUSE):
                        raise _Again(answer.status_code, pause)
        if answer is None:
            raise RuntimeError("no attempt was made")
        return answer

    def close(self) -> None:
        self._beneath.close()


def _tell(details: instrumentation.RetryDetails) -> None:
    """No warning: whoever waits ends with a message of its own."""
    failed = type(details.caused_by).__name__
    log.info("attempt %d failed (%s); the next one in %.1f seconds", details.retry_num, failed, details.wait_for)


instrumentation.set_on_retry_hooks([_tell])


def _asked_pause(text: str) -> float | None:
    """The seconds of a ``Retry-After``, which may name a moment instead; None where it names none."""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max((moment - utc_now()).total_seconds(), 0.0) if moment.tzinfo else None


def client(
    *,
    timeout: float,
    allow_private: bool = False,
    follow_redirects: bool = False,
    retried: bool = False,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """A client whose connections are guarded. ``transport`` takes the place of the network beneath the guard.

    ``retried``: what changes nothing is repeated after a passing failure.
    """
    guarded = Guarded(allow_private=allow_private, beneath=transport)
    return httpx.Client(
        transport=Retried(guarded) if retried else guarded,
        timeout=timeout,
        follow_redirects=follow_redirects,
        trust_env=False,
    )
