"""Follows links of pages as a person would who tries each of them, and notes what a page must never be."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml import html

from tests.api import TestClient

#: what signs out, or leaves what a person sees in a browser
_LEFT = ("/sign-out", "/docs", "/openapi", "/metrics", "/health")
_SLIPS = re.compile(r">\s*None\s*<|\bundefined\b|Traceback|&lt;app\.|&lt;function")
_HOST = "http://testserver"
_HIDDEN = ".//input[@name and @type='hidden']"


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form that a page offers: where it goes, and what stands in it before anybody types."""

    page: str
    action: str
    #: with a file
    several_parts: bool
    #: names and values that nobody types
    hidden: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]


@dataclass(kw_only=True)
class Walk:
    """What was seen."""

    #: address → status and kind of content
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)
    #: address → who has a link to it
    found_on: dict[str, str] = field(default_factory=dict)
    #: address and what is wrong there
    faults: list[str] = field(default_factory=list)
    #: action → the first form that goes there
    forms: dict[str, Form] = field(default_factory=dict)

    @property
    def pages(self) -> list[str]:
        return [address for address, (_, kind) in self.seen.items() if kind == "text/html"]


def walk(client: TestClient, starts: tuple[str, ...] = ("/",), *, records: int | None = None) -> Walk:
    """Fetches every link that can be reached. ``records``: no more than so many addresses of each kind.

    Links of a list are followed once for each set of parameters: the same list with other values of its filters has
    the same links with other values. They are all fetched nevertheless.
    """
    walked = Walk()
    shapes: set[str] = set()
    pending = deque(starts)
    walked.found_on = dict.fromkeys(starts, "")
    kinds: Counter[str] = Counter()
    while pending:
        address = pending.popleft()
        answer = client.get(address)
        kind = answer.headers.get("content-type", "").partition(";")[0]
        walked.seen[address] = (answer.status_code, kind)
        if answer.status_code >= 400:
            walked.faults.append(f"{address}: {answer.status_code}, linked from {walked.found_on[address]}")
        if answer.is_redirect:
            onward = [urljoin(address, answer.headers["location"])]
        elif kind == "text/html":
            page = html.fromstring(answer.text)
            walked.faults += [f"{address}: {fault}" for fault in slips(page, answer.text)]
            for form in forms_of(page, address):
                walked.forms.setdefault(form.action, form)
            if (shape := shape_of(address)) in shapes:
                continue
            shapes.add(shape)
            onward = list(links_of(page, address))
        else:
            continue
        for link in onward:
            if link in walked.found_on:
                continue
            walked.found_on[link] = address
            kinds[kind_of(link)] += 1
            if records is None or kinds[kind_of(link)] <= records:
                pending.append(link)
    return walked


def kind_of(address: str) -> str:
    """The address without the numbers of records and the values of parameters."""
    parts = urlsplit(address)
    names = sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return re.sub(r"/\d+", "/…", parts.path) + ("?" + ",".join(names) if names else "")


def shape_of(address: str) -> str:
    """Path and names of the parameters; each further piece of a list is a page of its own."""
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    return parts.path + "?" + ",".join(sorted(name if name != "cursor" else f"{name}={value}" for name, value in query))


def links_of(page: html.HtmlElement, address: str) -> Iterator[str]:
    """Everything of this host that the page leads to, loads or asks for."""
    for name in ("href", "src", "hx-get", "formaction"):
        for link in page.xpath(f"//@{name}"):
            target = urljoin(_HOST + address, str(link)).partition("#")[0]
            if target.startswith(_HOST) and not target.removeprefix(_HOST).startswith(_LEFT):
                yield target.removeprefix(_HOST) or "/"
    for form in page.xpath("//form[not(@method) or @method='get']"):
        query = "&".join(f"{name}=" for name, _ in fields_of(form))
        yield urljoin(address, form.get("action") or address).partition("?")[0] + (f"?{query}" if query else "")


def forms_of(page: html.HtmlElement, address: str) -> Iterator[Form]:
    for form in page.xpath("//form[@method='post']"):
        yield Form(
            page=address,
            action=urljoin(address, form.get("action") or address),
            several_parts=form.get("enctype") == "multipart/form-data",
            hidden=tuple((str(each.get("name")), str(each.get("value") or "")) for each in form.xpath(_HIDDEN)),
            fields=tuple(fields_of(form)),
        )


def fields_of(form: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """Name and value of what the browser would send if nobody typed anything."""
    for each in form.xpath(".//input[@name] | .//textarea[@name] | .//select[@name]"):
        if each.tag == "select":
            chosen = each.xpath(".//option[@selected]") or each.xpath(".//option")
            yield str(each.get("name")), str(chosen[0].get("value", "")) if chosen else ""
        elif each.tag == "textarea":
            yield str(each.get("name")), each.text or ""
        elif each.get("type") not in ("checkbox", "radio", "file") or each.get("checked") is not None:
            yield str(each.get("name")), str(each.get("value") or "")


def slips(page: html.HtmlElement, text: str) -> Iterator[str]:
    """What no page may hold: leavings of a template, what the content policy refuses, other hosts, doubled names."""
    yield from (f"holds {found[0]!r}" for found in _SLIPS.finditer(text))
    yield from (f"a script of its own: {(each.text or '')[:60]}" for each in page.xpath("//script[not(@src)]")
                if each.get("type") != "application/ld+json")  # fmt: skip
    yield from (f"a style of its own: {each.tag}" for each in page.xpath("//style | //*[@style]"))
    yield from (f"loads {each}" for each in page.xpath("//script/@src | //img/@src | //link[@rel='stylesheet']/@href")
                if not str(each).startswith(("/", "data:")))  # fmt: skip
    twice = [name for name, times in Counter(page.xpath("//@id")).items() if times > 1]
    yield from (f"the id {name!r} twice" for name in twice)
    known = set(page.xpath("//@id"))
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list"):
        for named in page.xpath(f"//@{name}"):
            yield from (f"{name} names {each!r}, which is not there" for each in str(named).split()
                        if each not in known)  # fmt: skip
    yield from (f"leads to {link}, which is not there" for link in page.xpath("//a/@href")
                if str(link).startswith("#") and len(str(link)) > 1 and str(link)[1:] not in known)  # fmt: skip
    if len(page.xpath("//h1")) != 1:
        yield f"has {len(page.xpath('//h1'))} headings of the first level"
    if not page.xpath("normalize-space(//title)"):
        yield "has no title"
