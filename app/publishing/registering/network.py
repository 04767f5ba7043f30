"""The way to registries, providers of sign-ins, and public addresses: over the one module for what goes out.

Of each call it is recorded what was asked of whom, what came back and how long it took; never headers, bodies, or what
stands behind a question mark.
"""

import datetime as dt
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from app.db.base import utc_now
from app.http import outbound
from iati.registry.wire import Request, Response, Trouble, Unanswered

#: seconds within which a connection stands; it is tried several times, within less than a lease lasts
_CONNECTED = 10.0
#: seconds within which an answer has come to its end
_LONGEST = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A request that went out, as it is kept."""

    at: dt.datetime
    method: str
    #: without query
    url: str
    purpose: str
    #: None: no answer came
    status: int | None
    #: why none came
    error: str | None
    milliseconds: int


def unrecorded(_call: Call) -> None:
    """For those who keep no record of calls."""


class Network:
    """A transport for ``iati.registry`` whose connections are guarded.

    ``beneath`` takes the place of the network. Answers are read up to the size that a request allows.
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        record: Callable[[Call], None] = unrecorded,
        beneath: httpx.BaseTransport | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._record = record
        self._beneath = beneath
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop_connections()

    def drop_connections(self) -> None:
        if self._client is not None:
            with suppress(httpx.HTTPError, OSError):
                self._client.close()
            self._client = None

    def send(self, request: Request) -> Response:
        """Sends a request, and has it recorded.

        :raises Unanswered: when no answer came, or one that is too large.
        """
        at, began = utc_now(), time.monotonic()
        status, error = None, None
        try:
            response = self._send(request)
            status = response.status
        except Unanswered as failure:
            error = failure.words
            raise
        finally:
            self._record(
                Call(
                    at=at,
                    method=request.method,
                    url=request.url.partition("?")[0],
                    purpose=request.purpose,
                    status=status,
                    error=error,
                    milliseconds=round((time.monotonic() - began) * 1000),
                )
            )
        return response

    def _send(self, request: Request) -> Response:
        try:
            return self._answered(request)
        except outbound.InnerAddress as error:
            raise Unanswered(str(error), trouble="inner") from error
        except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unanswered("no connection in time", trouble="timeout") from error
        except httpx.TimeoutException as error:
            words = f"no answer within {request.timeout:g} seconds"
            raise Unanswered(words, trouble="timeout", may_have_arrived=True) from error
        except httpx.ConnectError as error:
            raise Unanswered(outbound.in_words(error), trouble=_trouble(error)) from error
        except httpx.TooManyRedirects as error:
            raise Unanswered("redirects without end", trouble="other") from error
        except httpx.LocalProtocolError as error:
            raise Unanswered(str(error), trouble="other") from error
        except UnicodeEncodeError:
            # it carries the whole header along, secret and all
            raise Unanswered(outbound.UNSENDABLE, trouble="other") from None
        except httpx.HTTPError as error:
            words = outbound.in_words(error)
            raise Unanswered(words, trouble="dropped", may_have_arrived=True) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Unanswered(f"not an address: {error}", trouble="no-address") from error

    def _answered(self, request: Request) -> Response:
        if self._client is None:
            self._client = outbound.client(
                timeout=_CONNECTED, allow_private=self._allow_private, retried=True, transport=self._beneath
            )
        with self._client.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body or None,
            timeout=httpx.Timeout(request.timeout, connect=min(_CONNECTED, request.timeout)),
            follow_redirects=request.follow_redirects,
            extensions={"repeatable": request.repeatable},
        ) as answer:
            until = time.monotonic() + max(_LONGEST, request.timeout)
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if time.monotonic() > until:
                    raise Unanswered("the answer trickles", trouble="timeout", may_have_arrived=True)
                if len(body) > request.most_bytes:
                    words = f"more than {request.most_bytes // 1024 // 1024} MiB"
                    raise Unanswered(words, trouble="too-large", may_have_arrived=True)
            return Response(
                status=answer.status_code,
                headers={name.lower(): value for name, value in answer.headers.items()},
                body=bytes(body),
                url=str(answer.url),
            )


#: what is said of an answer that is no TLS at all; other failures of a handshake may be of a server that speaks it
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "RECORD LAYER FAILURE", "PACKET_LENGTH")


def _trouble(error: httpx.ConnectError) -> Trouble:
    words = str(error)
    if "CERTIFICATE" in words.upper():
        return "certificate"
    if any(sign in words.upper() for sign in _NO_TLS):
        return "not-https"
    return "no-address" if "has no address" in words or "Name or service" in words else "refused"
