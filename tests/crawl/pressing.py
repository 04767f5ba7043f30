"""Sends every form that a page offers: as it stands, empty, with far too much in each field, with broken characters."""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote_plus

from httpx import Response

from tests.api import TestClient
from tests.crawl.walking import Form

#: what ends the session or changes who is seen
_LEFT = ("/sign-", "/language", "/demo/", "/account/sessions")
_LONG = "x" * 10_240
#: half of a pair of UTF-16, as UTF-8 does not allow it, and a NUL
_BROKEN = "%ED%A0%80%00"
#: how a field is filled: its value as it stands → what is sent, encoded
HOW: dict[str, Callable[[str], str]] = {
    "empty": lambda value: "",
    "10 KB in each field": lambda value: _LONG,
    "broken characters": lambda value: _BROKEN,
    "as it stands": quote_plus,
    "as it stands, again": quote_plus,
}


def press(sign_in: Callable[[], TestClient], forms: Iterable[Form]) -> Iterator[str]:
    """What goes wrong: a refusal of what the page offered, a trace, an answer that is no page."""
    client = sign_in()
    for form in forms:
        if form.action.startswith(_LEFT):
            continue
        hidden = dict(form.hidden)
        for how, fill in HOW.items():
            pairs = {name: quote_plus(hidden[name]) if name in hidden else fill(value) for name, value in form.fields}
            answer = _sent(client, form, pairs)
            if answer.is_redirect and answer.headers["location"].startswith("/sign-in"):
                client = sign_in()
            if answer.status_code >= 500 or answer.status_code in (401, 403, 405):
                yield f"{form.action} of {form.page}, {how}: {answer.status_code}"
            elif "Traceback" in answer.text:
                yield f"{form.action} of {form.page}, {how}: shows a trace"


def _sent(client: TestClient, form: Form, pairs: dict[str, str]) -> Response:
    if form.several_parts:
        return client.post(form.action, data=pairs, files={"file": ("table.csv", b"")})
    body = "&".join(f"{quote_plus(name)}={value}" for name, value in pairs.items()).encode("ascii")
    return client.post(form.action, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
