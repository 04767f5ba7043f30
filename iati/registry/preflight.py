"""Looks at the public address of a file as the downloader of the registry does, before it is registered and later."""

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from iati.registry.dataset import FileType
from iati.registry.wire import Request, Response, Transport, Unanswered

HEAD_SECONDS = 10.0
GET_SECONDS = 25.0
#: the registry's validator refuses larger files
LARGEST = 60 * 1024 * 1024
#: staff of the registry ask for smaller ones
LARGE = 20_000_000
_LOOKED_AT = 6000

#: what the file must begin with, once line breaks are taken out
_GATE = re.compile(r"(<\?xml[^>]*>)?\s*(<!--[^>]*-->\s*)*\s*<iati-(activities|organisations)")
_ROOTS: Mapping[str, FileType] = {"activities": "activity", "organisations": "organisation"}
_GENERATED = re.compile(rb"""\sgenerated-datetime\s*=\s*("[^"]*"|'[^']*')""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something about the address: an error keeps the downloader from taking the file, a warning does not."""

    rule: str
    severity: Literal["error", "warning"]
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Preflight:
    """What the downloader would see."""

    url: str
    findings: tuple[Finding, ...]
    #: address that answered in the end; empty: none did
    final_url: str = ""
    size: int | None = None
    sha256: str = ""
    etag: str = ""
    last_modified: str = ""
    #: the content, for those who compare it further; it does not show
    body: bytes = field(default=b"", repr=False)

    @property
    def passes(self) -> bool:
        return not any(finding.severity == "error" for finding in self.findings)

    def as_dict(self) -> dict[str, object]:
        return {
            "url": self.url,
            "passes": self.passes,
            "final_url": self.final_url,
            "size": self.size,
            "sha256": self.sha256,
            "etag": self.etag,
            "last_modified": self.last_modified,
            "findings": [
                {"rule": each.rule, "severity": each.severity, "message": each.words} for each in self.findings
            ],
        }


def preflight(transport: Transport, url: str, file_type: FileType, *, sha256: str = "") -> Preflight:
    """Asks for the file twice, as the downloader does: HEAD in ten seconds, GET in 25.

    ``sha256`` is that of the file which should lie there; empty: any will do.
    """
    head = _ask(transport, "HEAD", url, HEAD_SECONDS)
    got = _ask(transport, "GET", url, GET_SECONDS)
    findings: list[Finding] = []
    if isinstance(got, Unanswered):
        if got.trouble == "too-large":
            words = f"The file is larger than {LARGEST // 1024 // 1024} MiB, which the registry refuses: split it."
            return Preflight(url=url, findings=(_error("size", words),))
        return Preflight(url=url, findings=(_error("answer", _unreachable(url, "GET", got)),))
    if isinstance(head, Unanswered):
        findings.append(_error("answer", _unreachable(url, "HEAD", head)))
    else:
        findings += _status(head, "HEAD")
    findings += _status(got, "GET")
    if got.status == 200:
        findings += content_findings(got.body, file_type, page="html" in got.header("content-type"))
        if not isinstance(head, Unanswered) and head.status == 200:
            findings += _headers(head, got)
        if sha256 and hashlib.sha256(got.body).hexdigest() != sha256 and not _is_page(got.body):
            findings.append(
                _error("copy", "The address serves another file than the published one: an old copy, or a cache.")
            )
    if urlsplit(url).scheme == "https" and urlsplit(got.url or url).scheme == "http":
        findings.append(_error("redirect", f"The address leads on to {got.url}, which is not encrypted."))
    return Preflight(
        url=url,
        findings=tuple(findings),
        final_url=got.url or url,
        size=len(got.body),
        sha256=hashlib.sha256(got.body).hexdigest(),
        etag=got.header("etag"),
        last_modified=got.header("last-modified"),
        body=got.body,
    )


def _ask(transport: Transport, method: str, url: str, seconds: float) -> Response | Unanswered:
    request = Request(
        method=method,
        url=url,
        # the same for both: an answer that was packed may have another ETag
        headers={"Accept": "*/*", "Accept-Encoding": "gzip"},
        timeout=seconds,
        follow_redirects=True,
        repeatable=True,
        most_bytes=LARGEST,
        purpose="look at the public address",
    )
    try:
        return transport.send(request)
    except Unanswered as error:
        return error


def _error(rule: str, words: str) -> Finding:
    return Finding(rule=rule, severity="error", words=words)


def _warning(rule: str, words: str) -> Finding:
    return Finding(rule=rule, severity="warning", words=words)


def _unreachable(url: str, method: str, error: Unanswered) -> str:
    host = urlsplit(url).netloc
    match error.trouble:
        case "timeout":
            seconds = HEAD_SECONDS if method == "HEAD" else GET_SECONDS
            return f"{host} does not answer {method} within {seconds:.0f} seconds, which is all the downloader waits."
        case "certificate":
            return f"{host} has a certificate that is wrong or has ended: the downloader takes nothing from there."
        case "not-https":
            return f"{host} does not speak https, as the address says it does: the downloader takes nothing from there."
        case "inner":
            return f"{host} lies in an inner network, where the downloader cannot reach it."
        case _:
            return f"{host} cannot be reached ({error.words}): nor can the downloader."


def _status(response: Response, method: str) -> Iterator[Finding]:
    if response.status == 200:
        return
    match response.status:
        case 401 | 403:
            words = "asks for a login: the file must be open to everybody"
        case 404 | 410:
            words = "says that there is no such file"
        case 405 | 501 if method == "HEAD":
            words = "does not answer HEAD, with which the downloader asks whether the file changed"
        case status if 300 <= status < 400:
            words = "leads round in circles, or on to nothing"
        case status if status >= 500:
            words = "is out of order"
        case _:
            words = "must answer with status 200 exactly"
    yield _error("status", f"The address {words} ({method} gave {response.status}).")


def _headers(head: Response, got: Response) -> Iterator[Finding]:
    if head.header("etag") != got.header("etag"):
        yield _error("etag", "HEAD and GET give different ETags: the downloader cannot tell whether the file changed.")
    if head.header("last-modified") != got.header("last-modified"):
        yield _error(
            "last-modified",
            "HEAD and GET give different Last-Modified: the downloader cannot tell whether the file changed.",
        )
    if not got.header("etag") and not got.header("last-modified"):
        yield _warning("headers", "Neither ETag nor Last-Modified: a change is noticed after a day only.")
    modified = got.header("last-modified")
    if modified and not re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", modified):
        yield _warning(
            "last-modified", f"Last-Modified is written in a form that the downloader does not read: {modified}"
        )


def content_findings(body: bytes, file_type: FileType, *, page: bool = False) -> Iterator[Finding]:
    """What the downloader and the registry's validator would say of a file. ``page``: it came as a web page."""
    if len(body) > LARGEST:
        size = f"{LARGEST // 1024 // 1024} MiB"
        yield _error("size", f"The file is larger than {size}, which the registry refuses: split it.")
    elif len(body) > LARGE:
        yield _warning("size", f"The file has {len(body) / 1e6:.0f} MB; staff of the registry ask for 20 at most.")
    if body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield _error("byte-order-mark", "The file begins with a byte-order mark: write it as UTF-8 without one.")
        return
    try:
        start = body.decode("utf-8")[:_LOOKED_AT]
    except UnicodeDecodeError:
        yield _error("encoding", "The file is not written in UTF-8.")
        return
    found = _GATE.match(start.replace("\n", "").replace("\r", ""))
    if found is None:
        yield _error("content", _why_refused(start, page=page or _is_page(body)))
    elif _ROOTS[found[3]] != file_type:
        yield _error(
            "type", f"An {file_type} file is declared, and the address serves one of the other kind (iati-{found[3]})."
        )


def _is_page(body: bytes) -> bool:
    start = body[:2000].lower()
    return b"<html" in start or b"<!doctype html" in start


def _why_refused(start: str, *, page: bool) -> str:
    if page:
        return "The address serves a web page instead of the file: a login page, or a notice of the server."
    if not start.strip():
        return "The address serves an empty file."
    if "<!DOCTYPE" in start:
        return "The file has a DOCTYPE, with which the downloader refuses it."
    if "<?xml-stylesheet" in start:
        return "The file has a stylesheet instruction before its root, with which the downloader refuses it."
    if re.search(r"<[\w.-]+:iati-(activities|organisations)", start):
        return "The root element has a prefix, with which the downloader refuses the file."
    if re.search(r"<iati-(activities|organisations)", start):
        return "Something before the root element makes the downloader refuse the file, such as a > in a comment."
    return "The file does not begin with iati-activities or iati-organisations within its first 6,000 characters."


def hashes(body: bytes, like: str) -> tuple[str, str]:
    """The hash of a file with and without its ``generated-datetime``, of the kind that ``like`` has by its length."""
    kind = {32: "md5", 40: "sha1", 128: "sha512"}.get(len(like), "sha256")
    start = _GENERATED.sub(b"", body[:_LOOKED_AT], count=1) + body[_LOOKED_AT:]
    return (
        hashlib.new(kind, body, usedforsecurity=False).hexdigest(),
        hashlib.new(kind, start, usedforsecurity=False).hexdigest(),
    )
