"""Whatever is typed into any form and refused comes back in its field, with the fault at it."""

import secrets
from urllib.parse import quote_plus

from lxml import html

from app.domain.terms import Role
from tests.api import Api, TestClient
from tests.crawl.walking import Form, walk
from tests.web import example
from tests.web.people import signed_in

#: what ends the session or changes who is seen
_LEFT = ("/sign-", "/language", "/demo/", "/account/sessions")
_MARK = "Zwbq"
_TEXTS = ".//input[not(@type) or @type='text' or @type='search'][@name] | .//textarea[@name]"
#: how it is sent, and what of it is to be seen again
BAD = {
    "a control character": (f"{_MARK}%07b", _MARK),
    "half of a character": (f"{_MARK}%ED%A0%80b", _MARK),
    "10 KB": (_MARK + "x" * 10_240, _MARK + "x" * 10_240),
}


def _forms(client: TestClient) -> list[tuple[Form, set[str]]]:
    """Every form of the small portfolio that has something to type into, with the names of those fields."""
    found = []
    for form in walk(client, records=1).forms.values():
        if form.action.startswith(_LEFT):
            continue
        page = html.fromstring(client.get(form.page).text)
        names = {
            str(each.get("name"))
            for one in page.xpath("//form[@method='post']")
            if (one.get("action") or form.page) == form.action
            for each in one.xpath(_TEXTS)
        }
        if names:
            found.append((form, names))
    return found


def _sent(client: TestClient, form: Form, names: set[str], text: str) -> tuple[int, str]:
    # each time somebody opened the form anew
    hidden = {"_once": secrets.token_urlsafe(8)}
    pairs = {name: text if name in names else quote_plus(value) for name, value in form.fields} | hidden
    if form.several_parts:
        raw = {name: value.replace("%07", "\x07") for name, value in pairs.items()}
        answer = client.post(form.action, data=raw, files={"file": ("table.csv", b"code\nA\n")})
    else:
        body = "&".join(f"{quote_plus(name)}={value}" for name, value in pairs.items()).encode("ascii")
        answer = client.post(form.action, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code < 500, form.action
    return answer.status_code, answer.text


def test_what_was_typed_comes_back_with_the_fault_at_its_field(light_api: Api) -> None:
    example.fill(light_api)
    client = signed_in(light_api, Role.ADMIN, name="olga")
    every = _forms(client)
    assert len(every) > 25
    lost = []
    for form, names in every:
        for how, (sent, seen) in BAD.items():
            status, text = _sent(client, form, names, sent)
            if status != 422:
                continue
            page = html.fromstring(text)
            for name in names:
                there = [each.get("value") or each.text or "" for each in page.xpath("//*[@name=$name]", name=name)]
                if not any(seen in value for value in there):
                    lost.append((form.action, how, name))
            if 'aria-invalid="true"' not in text.partition("<main")[2]:
                lost.append((form.action, how, "no field has the fault"))
    assert lost == [], lost
