"""Requests and answers as registries see them, and the way out that a caller brings along.

Nothing here opens a connection: whoever uses the package hands in a :class:`Transport`. Headers and bodies carry
tokens, so that neither shows when a request is printed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlsplit

#: an answer of a registry is a list of at most 500 datasets; anything larger is none
MOST_BYTES = 16 * 1024 * 1024

Trouble = Literal[
    "refused", "no-address", "inner", "certificate", "not-https", "timeout", "dropped", "too-large", "other"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is to be sent."""

    method: str
    url: str
    #: names in any case
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    #: seconds
    timeout: float = 30.0
    #: only for public addresses of files; a registry's redirect would carry the token along
    follow_redirects: bool = False
    #: it changes nothing, so that it may be sent again when no answer came
    repeatable: bool = False
    most_bytes: int = MOST_BYTES
    #: what it is for, as the record of calls shows it
    purpose: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What came back."""

    status: int
    #: names in small letters
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    #: address that answered in the end
    url: str = ""

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


class Unanswered(Exception):
    """No answer came. ``may_have_arrived``: nobody knows whether the request did."""

    def __init__(self, words: str, *, trouble: Trouble = "other", may_have_arrived: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.trouble = trouble
        self.may_have_arrived = may_have_arrived


class Transport(Protocol):
    """The way out."""

    def send(self, request: Request) -> Response:
        """Sends a request and gives its answer, whatever its status.

        :raises Unanswered: when none came.
        """
        ...

    def drop_connections(self) -> None:
        """Closes connections that are kept open: the server at their other end may have closed them unsaid."""
        ...


class Secret:
    """A text that shows nowhere: not when printed, logged, or told in an error."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def out_of(self, text: str) -> str:
        """A text that somebody else wrote, without the secret: a server may quote what it was sent."""
        return text.replace(self._text, "…") if self._text else text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


class RegistryFault(Exception):
    """A registry did not do what was asked; ``words`` tell a publisher why, and what to do.

    ``everything``: whatever else is asked would fare no better. ``unclear``: it may have been done all the same.
    ``taken``: the short name is another dataset's. ``gone``: there is no such record.
    """

    def __init__(
        self,
        words: str,
        *,
        everything: bool = False,
        unclear: bool = False,
        taken: bool = False,
        gone: bool = False,
    ) -> None:
        super().__init__(words)
        self.words = words
        self.everything = everything
        self.unclear = unclear
        self.taken = taken
        self.gone = gone


def host_of(address: str) -> str:
    """The name of a server, for sentences."""
    return urlsplit(address).netloc.rpartition("@")[2] or address


def unanswered(who: str, error: Unanswered) -> RegistryFault:
    """The sentence for a request that nobody answered."""
    return RegistryFault(
        f"{who} {_TROUBLES[error.trouble]} ({error.words}).",
        everything=error.trouble in ("refused", "no-address", "inner", "certificate", "not-https"),
        unclear=error.may_have_arrived,
    )


_TROUBLES: Mapping[Trouble, str] = {
    "refused": "cannot be reached: try again later",
    "no-address": "cannot be found: its name has no address, so look at the setting",
    "inner": "lies in an inner network, which is not allowed",
    "certificate": "has a certificate that is not valid for it, so nothing is sent there",
    "not-https": "does not speak https at this address: look at the setting, its port too",
    "timeout": "did not answer in time: try again later",
    "dropped": "closed the connection before it answered",
    "too-large": "sent more than can be an answer",
    "other": "cannot be asked",
}


def heeded(response: Response, who: str) -> Response:
    """The answer, unless it asks for a pause, in whatever form it does.

    :raises RegistryFault: when it does.
    """
    if response.status != 429:
        return response
    pause = response.header("retry-after").strip()
    after = f" in {pause} seconds" if pause.isascii() and pause.isdigit() else f" after {pause}" if pause else " later"
    raise RegistryFault(f"{who} asks for a pause: try again{after}.", everything=True)


def document(response: Response, who: str) -> Mapping[str, object]:
    """The JSON object of an answer.

    :raises RegistryFault: when the answer is a page, a redirect, or anything else.
    """
    if 300 <= response.status < 400:
        target = response.header("location") or "elsewhere"
        raise RegistryFault(
            f"{who} points to {target.partition('?')[0]}: redirects are not followed, since they would carry the "
            "sign-in along. Set the final address.",
            everything=True,
        )
    try:
        content: object = json.loads(response.body)
    except (ValueError, RecursionError):
        page = b"<html" in response.body[:2000].lower() or "html" in response.header("content-type")
        what = "a web page" if page else "something that is not JSON"
        raise RegistryFault(
            f"{who} answered with {what} (status {response.status}) instead of data: its address may be that of a "
            "website, or something in between (a proxy, a login page, maintenance) answered.",
            everything=response.status < 500,
            unclear=response.status >= 500 or response.status < 300,
        ) from None
    if not isinstance(content, dict):
        raise RegistryFault(f"{who} answered with JSON of another form than a registry's.", everything=True)
    return content


def text_of(content: object, name: str) -> str:
    """The text of a field; empty when there is none."""
    value = content.get(name) if isinstance(content, Mapping) else None
    return value if isinstance(value, str) else ""


def part_of(content: object, name: str) -> Mapping[str, object]:
    """The object of a field; empty when there is none."""
    value = content.get(name) if isinstance(content, Mapping) else None
    return value if isinstance(value, dict) else {}


def items_of(content: object, name: str) -> list[Mapping[str, object]]:
    """The objects of a list; what is none is passed over."""
    value = content.get(name) if isinstance(content, Mapping) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number_of(content: object, name: str) -> int | None:
    """The whole number of a field; None when there is none."""
    value = content.get(name) if isinstance(content, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
