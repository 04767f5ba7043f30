"""What everybody gets at /iati/: whole files, one strong ETag for GET and HEAD, conditional requests, ranges, gzip."""

import gzip
import hashlib
from typing import Any

import httpx
import pytest

from app.config import Settings
from app.db.engine import Database
from app.db.projects import Project
from app.domain.codes import use_codelists
from iati.source import open_document
from tests.api import TestClient, service
from tests.portfolio import known
from tests.publishing.releasing.office import Office

NAME = "/iati/xm-dac-41302-activities.xml"
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def office(settings: Settings, database: Database) -> Office:
    use_codelists(known)
    return Office(settings, database)


@pytest.fixture
def world(office: Office) -> TestClient:
    return TestClient(service(office.settings, office.database))


def same(one: Any, other: Any) -> None:
    """No header differs; the day and the server's name come with real HTTP."""
    assert dict(one.headers) == dict(other.headers)


def test_published_file_is_served_as_downloaders_want_it(office: Office, world: TestClient) -> None:
    assert world.get(NAME).status_code == 404
    assert "Nothing is published yet" in world.get("/iati/").text
    office.release()
    got, head = world.get(NAME, headers=PLAIN), world.head(NAME, headers=PLAIN)
    assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
    same(got, head)
    assert got.headers["content-type"] == "application/xml"
    assert got.headers["etag"] == f'"{hashlib.sha256(got.content).hexdigest()}"'
    assert got.content == office.bytes_of("xm-dac-41302-activities")
    with open_document(got.content) as document:
        assert document.file_type == "iati-activities"
    packed, packed_head = (ask(NAME, headers={"Accept-Encoding": "gzip"}) for ask in (world.get, world.head))
    same(packed, packed_head)
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == got.content
    assert packed.headers["etag"] != got.headers["etag"]
    for refusing in (
        "gzip;q=0",
        "identity, gzip;q=0.5",
        "br",
        "*;q=0",
        "gzip;q=nan",
        "identity;q=0, gzip;q=0",
        ";,;q=",
    ):
        assert "content-encoding" not in world.head(NAME, headers={"Accept-Encoding": refusing}).headers, refusing
    for taking in ("gzip;q=0.001", "X-GZIP", "*", "identity;q=0", "identity;q=0, *", "br, gzip"):
        assert "content-encoding" in world.head(NAME, headers={"Accept-Encoding": taking}).headers, taking
    in_lines = httpx.Headers([("Accept-Encoding", "br"), ("Accept-Encoding", "gzip")])
    assert "content-encoding" in world.head(NAME, headers=in_lines).headers


def test_conditional_requests_and_ranges(office: Office, world: TestClient) -> None:
    office.release()
    whole = world.get(NAME, headers=PLAIN)
    tag, moment = whole.headers["etag"], whole.headers["last-modified"]
    for ask in (world.get, world.head):
        for condition in ({"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-None-Match": "*"},
                          {"If-None-Match": tag, "If-Modified-Since": "garbage"},
                          {"If-Modified-Since": moment}):  # fmt: skip
            answer = ask(NAME, headers={**PLAIN, **condition})
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag), condition
    assert world.get(NAME, headers={**PLAIN, "If-None-Match": '"x"', "If-Modified-Since": moment}).status_code == 200
    assert world.get(NAME, headers={**PLAIN, "If-Match": '"x"'}).status_code == 412
    size = len(whole.content)
    for wanted, start, end in (("bytes=0-9", 0, 10), ("bytes=10-", 10, size), ("bytes=-7", size - 7, size)):
        part = world.get(NAME, headers={**PLAIN, "Range": wanted})
        assert (part.status_code, part.content) == (206, whole.content[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    assert world.get(NAME, headers={**PLAIN, "Range": f"bytes=5-6, {size}-"}).content == whole.content[5:7]
    several = world.get(NAME, headers={**PLAIN, "Range": "bytes=0-1,5-6"})
    assert (several.status_code, several.headers["content-type"].split(";")[0]) == (206, "multipart/byteranges")
    for wanted in (f"bytes={size}-", "bytes=-0", f"bytes={size}-,-0"):
        assert world.get(NAME, headers={**PLAIN, "Range": wanted}).status_code == 416, wanted
    # what cannot be understood asks for nothing, and a HEAD has no parts
    for unknown in ("lines=1-2", "bytes=9-0", "bytes=abc", "bytes", "bytes=", f"bytes=0-{'9' * 5000}", "bytes=1_0-2"):
        assert world.get(NAME, headers={**PLAIN, "Range": unknown}).status_code == 200, unknown
    same(world.head(NAME, headers={**PLAIN, "Range": "bytes=0-9"}), whole)
    assert world.get(NAME, headers={**PLAIN, "Range": "bytes=0-9", "If-Range": '"old"'}).status_code == 200
    packed = world.get(NAME, headers={"Accept-Encoding": "gzip"})
    assert (
        world.get(NAME, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}).status_code == 304
    )
    # whoever takes both forms is told about the one it holds; packed bytes are of no use to others
    both = {"Accept-Encoding": "gzip", "If-None-Match": tag}
    assert (world.get(NAME, headers=both).status_code, world.head(NAME, headers=both).headers["etag"]) == (304, tag)
    rest = world.get(NAME, headers={"Accept-Encoding": "gzip", "Range": "bytes=9-", "If-Range": tag})
    assert (rest.status_code, rest.content) == (206, whole.content[9:])
    assert world.get(NAME, headers={**PLAIN, "If-None-Match": packed.headers["etag"]}).status_code == 200


def test_list_of_what_is_public_follows_what_is_published_and_taken_back(office: Office, world: TestClient) -> None:
    office.release()
    listed = world.get("/iati/datasets.json").json()["datasets"]
    assert [each["dataset"] for each in listed] == ["xm-dac-41302-activities", "xm-dac-41302-organisation"]
    assert listed[0]["url"] == "http://testserver/iati/xm-dac-41302-activities.xml"
    assert "xm-dac-41302-activities.xml" in world.get("/iati/").text
    before = world.head(NAME, headers=PLAIN).headers["etag"]
    office.change(Project, office.project.id, title="Another")
    office.release()
    assert world.head(NAME, headers=PLAIN).headers["etag"] != before
    office.withdraw("wrong", "xm-dac-41302-activities")
    gone = world.get(NAME)
    assert (gone.status_code, gone.json()["type"]) == (410, "urn:earmark:problem:withdrawn")
    assert len(world.get("/iati/datasets.json").json()["datasets"]) == 1


def test_packed_bytes_are_the_same_file(office: Office, world: TestClient) -> None:
    office.release()
    digest = world.head(NAME, headers=PLAIN).headers["etag"].strip('"')
    packed = office.settings.file_store / digest[:2] / f"{digest}.gz"
    assert hashlib.sha256(gzip.decompress(packed.read_bytes())).hexdigest() == digest
