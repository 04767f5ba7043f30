"""The public address as the downloader sees it, and whether it took the file."""

import hashlib
import http.server
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.publishing.registering.network import Network
from iati.registry.arrival import Index, read_index
from iati.registry.preflight import LARGE, LARGEST, Preflight, content_findings, hashes, preflight
from iati.registry.wire import RegistryFault
from tests.stand_ins.registry import File, StandIn

BODY = b'<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03"></iati-activities>\n'
HEADERS = {"ETag": '"1"', "Last-Modified": "Wed, 25 Nov 2026 10:00:00 GMT", "Content-Type": "application/xml"}


def looked(network: Network, stand_in: StandIn, file: File, *, sha256: str = "") -> Preflight:
    stand_in.files["a.xml"] = file
    return preflight(network, f"{stand_in.url}/files/a.xml", "activity", sha256=sha256)


def test_good_file_passes_and_its_own_hash_is_told(network: Network, stand_in: StandIn) -> None:
    digest = hashlib.sha256(BODY).hexdigest()
    found = looked(network, stand_in, File(BODY, HEADERS), sha256=digest)
    assert (found.passes, found.findings, found.sha256, found.etag) == (True, (), digest, '"1"')


@pytest.mark.parametrize(
    ("file", "rule", "words"),
    [
        (File(b"", status=404), "status", "there is no such file"),
        (File(b"", status=401), "status", "asks for a login"),
        (File(b"", status=503), "status", "is out of order"),
        (File(BODY, HEADERS, status=203), "status", "must answer with status 200 exactly"),
        (File(BODY, HEADERS, head_status=405), "status", "does not answer HEAD"),
        (File(BODY, HEADERS, head_headers={**HEADERS, "ETag": '"2"'}), "etag", "HEAD and GET give different ETags"),
        (File(BODY, HEADERS, head_headers={}), "last-modified", "different Last-Modified"),
        (File(b"<!DOCTYPE html><html>Log in</html>", HEADERS), "content", "serves a web page instead of the file"),
        (File(b"<iati-organisations/>", HEADERS), "type", "serves one of the other kind (iati-organisations)"),
        (File(b"\xef\xbb\xbf" + BODY, HEADERS), "byte-order-mark", "begins with a byte-order mark"),
        (File(b"", {"Location": "/files/a.xml"}, status=302), "answer", "redirects without end"),
    ],
)
def test_what_keeps_the_downloader_away_is_told(
    network: Network, stand_in: StandIn, file: File, rule: str, words: str
) -> None:
    found = looked(network, stand_in, file)
    assert not found.passes
    assert any(each.rule == rule and words in each.words for each in found.findings), found.findings


def test_old_copy_is_told_and_missing_headers_are_a_warning(network: Network, stand_in: StandIn) -> None:
    found = looked(network, stand_in, File(BODY), sha256="0" * 64)
    assert [(each.rule, each.severity) for each in found.findings] == [("headers", "warning"), ("copy", "error")]


def test_redirect_to_the_file_is_followed(network: Network, stand_in: StandIn) -> None:
    stand_in.files["real.xml"] = File(BODY, HEADERS)
    found = looked(network, stand_in, File(b"", {"Location": "/files/real.xml"}, status=301))
    assert (found.passes, found.final_url) == (True, f"{stand_in.url}/files/real.xml")


def test_address_that_nobody_answers_and_inner_address_are_told(stand_in: StandIn) -> None:
    with Network(allow_private=False) as guarded:
        found = preflight(guarded, f"{stand_in.url}/files/a.xml", "activity")
    assert "lies in an inner network, where the downloader cannot reach it" in found.findings[0].words
    with Network(allow_private=True) as way:
        assert "cannot be reached" in preflight(way, "https://127.0.0.1:9/a.xml", "activity").findings[0].words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE iati-activities><iati-activities/>", "has a DOCTYPE"),
        (b'<?xml version="1.0"?><?xml-stylesheet href="a"?><iati-activities/>', "stylesheet instruction"),
        (b'<i:iati-activities xmlns:i="x"/>', "has a prefix"),
        (b"<!-- a > b --><iati-activities/>", "such as a > in a comment"),
        (b"", "an empty file"),
        (b"<!--" + b"x" * 6000 + b"--><iati-activities/>", "within its first 6,000 characters"),
        (b"\xff\xfe<\x00", "byte-order mark"),
        (b"<iati-activities>\xe9", "not written in UTF-8"),
        (b"<rss/>", "does not begin with iati-activities"),
    ],
)
def test_content_that_the_downloader_refuses_is_told(body: bytes, words: str) -> None:
    assert [words in each.words for each in content_findings(body, "activity")] == [True]


def test_comments_and_line_breaks_before_the_root_are_fine() -> None:
    body = b'<?xml version="1.0"?>\n<!-- made\nby hand -->\n\n<!-- twice -->\n<iati-activities\n version="2.03"/>'
    assert list(content_findings(body, "activity")) == []


def test_large_files_are_warned_of_and_larger_ones_refused() -> None:
    start = b"<iati-activities>"
    assert [each.severity for each in content_findings(start + b" " * LARGE, "activity")] == ["warning"]
    assert [each.severity for each in content_findings(start + b" " * LARGEST, "activity")] == ["error"]


def test_hash_without_the_moment_of_generation() -> None:
    first = b'<iati-activities version="2.03" generated-datetime="2026-11-25T10:00:00Z"><a/></iati-activities>'
    second = first.replace(b"10:00:00", b"11:00:00")
    assert hashes(first, "0" * 40)[0] == hashlib.sha1(first).hexdigest()
    assert hashes(first, "")[0] != hashes(second, "")[0]
    assert hashes(first, "")[1] == hashes(second, "")[1]


def test_arrival_is_what_the_index_says(network: Network, stand_in: StandIn) -> None:
    address = f"{stand_in.url}/files/a.xml"
    stand_in.files["a.xml"] = File(BODY, HEADERS)

    def state(body: bytes = BODY, url: str = address) -> tuple[str, str]:
        index = read_index(network, f"{stand_in.url}/index/datasets-full.json")
        told = index.arrival("own-activities", url, body)
        return told.state, told.words

    assert state()[0] == "unknown"
    stand_in.add(short_name="own-activities", url=address)
    stand_in.poll()
    assert state()[0] == "arrived"
    assert state(BODY + b" ")[0] == "waiting"
    assert state(url="https://data.example.org/new.xml")[0] == "other-address"
    stand_in.files["a.xml"] = File(b"", status=503)
    stand_in.poll()
    failing = state(BODY + b" ")
    assert failing[0] == "failing"
    assert "HTTP status 503" in failing[1]
    assert "drops it after 72 hours" in failing[1]
    stand_in.order("html", "/index")
    with pytest.raises(RegistryFault, match="web page"):
        state()


def test_index_of_the_older_form_is_read() -> None:
    index = Index({"own-a": {"source_url": "https://a", "hash": hashlib.sha1(BODY).hexdigest()}})
    assert index.arrival("own-a", "https://a", BODY).state == "arrived"


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """The address of a file on a server whose certificate nobody vouches for."""
    if (program := shutil.which("openssl")) is None:
        pytest.skip("openssl, which makes the certificate, is not on this machine")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=elsewhere.example.org", "-keyout", str(key), "-out", str(certificate)]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}/a.xml"
    server.shutdown()
    server.server_close()


def test_wrong_certificate_is_told(network: Network, untrusted: str) -> None:
    found = preflight(network, untrusted, "activity")
    (finding,) = found.findings
    assert "has a certificate that is wrong or has ended: the downloader takes nothing from there." in finding.words
