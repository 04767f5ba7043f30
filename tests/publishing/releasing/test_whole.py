"""Whoever reads a public file gets the old one or the new one, whole: while it changes, and when something fails."""

import datetime as dt
import errno
import gzip
import hashlib
import os
import threading
from pathlib import Path

import httpx
import pytest

from app.db.base import metadata
from app.db.leases import LeaseHeld, lease
from app.db.projects import Project
from app.domain.access import LOCAL
from app.errors import Conflict, NotFound, StorageFailed
from app.publishing.releasing import keeping, turns
from app.publishing.releasing import publish as publishing
from app.publishing.releasing.store import FileStore
from tests.api import service
from tests.publishing.releasing.office import Office
from tests.serving import served

ACTIVITIES = "xm-dac-41302-activities"


def test_readers_never_see_a_broken_or_missing_file(office: Office) -> None:
    office.release()
    over, faults, seen, news = threading.Event(), [], set(), threading.Condition()
    with served(service(office.settings, office.database)) as address:

        def read(number: int) -> None:
            headers = {"Accept-Encoding": "gzip" if number % 2 else "identity"}
            with httpx.Client(headers=headers, timeout=120) as client:
                while not over.is_set():
                    got = client.get(f"{address}/iati/{ACTIVITIES}.xml")
                    digest = got.headers.get("etag", "").strip('"').removesuffix("-gzip")
                    if got.status_code != 200 or hashlib.sha256(got.content).hexdigest() != digest:
                        faults.append((got.status_code, digest))
                    with news:
                        seen.add(digest)
                        news.notify_all()

        readers = [threading.Thread(target=read, args=(number,)) for number in range(6)]
        for reader in readers:
            reader.start()
        try:
            for number in range(2):
                office.change(Project, office.project.id, title=f"Title {number}")
                office.release()
                digest = hashlib.sha256(office.bytes_of(ACTIVITIES)).hexdigest()
                with news:
                    # for what hangs, not for what is slow
                    assert news.wait_for(lambda digest=digest: digest in seen or faults, timeout=600)
        finally:
            over.set()
            for reader in readers:
                reader.join()
    assert faults == []


def test_full_disk_leaves_what_is_public_and_no_release(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.release()
    before = office.bytes_of(ACTIVITIES)
    office.change(Project, office.project.id, title="Another")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageFailed, match="The disk is full"):
            office.prepare()
    assert office.shown()["number"] == 1
    assert office.bytes_of(ACTIVITIES) == before
    assert list(office.settings.file_store.glob("work-*")) == []
    assert office.prepare().made
    office.approve()
    approved = office.bytes_of(ACTIVITIES)
    damaged = FileStore(office.settings.file_store).path(hashlib.sha256(approved).hexdigest())
    damaged.write_bytes(approved.replace(b"Another", b"another"))
    assert any("prepare a new release" in row.reason for row in office.publish().outcomes)
    office.prepare()
    assert not office.publish().failed, "what was damaged is whole again"
    assert damaged.read_bytes() == approved


def test_two_at_once_one_wins_and_the_other_is_told(office: Office) -> None:
    office.prepare()
    office.approve()
    with lease(office.database, turns.NAME, "somebody else", patience=0):
        with pytest.raises(LeaseHeld, match="Somebody else is preparing or publishing"):
            office.publish()
        with pytest.raises(LeaseHeld, match="look with `earmark release list`"):
            office.prepare()
    outcomes: list[str] = []

    def go() -> None:
        try:
            outcomes.append("nothing" if office.publish(LOCAL).nothing else "published")
        except LeaseHeld:
            outcomes.append("told")

    both = [threading.Thread(target=go) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert outcomes.count("published") == 1


def test_files_also_go_into_a_folder_that_the_organisation_serves(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "web"
    office.settings = office.settings.model_copy(
        update={"public_files": str(folder), "public_files_url": "https://data.example.org/iati"}
    )
    office.release()
    assert sorted(path.name for path in folder.iterdir()) == [
        "datasets.json", "index.html", f"{ACTIVITIES}.xml", "xm-dac-41302-organisation.xml",
    ]  # fmt: skip
    assert (folder / f"{ACTIVITIES}.xml").read_bytes() == office.bytes_of(ACTIVITIES)
    assert f"https://data.example.org/iati/{ACTIVITIES}.xml" in (folder / "datasets.json").read_text()
    assert office.publish().nothing
    (folder / f"{ACTIVITIES}.xml").unlink()
    (folder / "xm-dac-41302-organisation.xml").write_text("somebody tried something")
    mended = office.publish()
    assert {(row.dataset, row.outcome) for row in mended.outcomes} == {
        (ACTIVITIES, "updated"), ("xm-dac-41302-organisation", "updated"),
    }  # fmt: skip
    assert (folder / f"{ACTIVITIES}.xml").read_bytes() == office.bytes_of(ACTIVITIES)
    office.withdraw("wrong", ACTIVITIES)
    assert not (folder / f"{ACTIVITIES}.xml").exists()
    assert ACTIVITIES not in (folder / "index.html").read_text()
    with pytest.raises(NotFound, match="Public are: xm-dac-41302-organisation"):
        office.withdraw("wrong", ACTIVITIES)
    # as a run leaves it that was killed after the switch
    (folder / f"{ACTIVITIES}.xml").write_text("still there")
    assert [(row.dataset, row.outcome) for row in office.withdraw("wrong", ACTIVITIES).outcomes] == [
        (ACTIVITIES, "withdrawn")
    ]
    assert not (folder / f"{ACTIVITIES}.xml").exists()
    # what a person took back comes back when a person names the release
    again = office.publish()
    assert (again.nothing, [(row.dataset, row.outcome) for row in again.outcomes]) == (
        True,
        [(ACTIVITIES, "withdrawn")],
    )
    assert "`earmark release publish 1` brings it back" in again.outcomes[0].reason
    assert not (folder / f"{ACTIVITIES}.xml").exists()
    assert [row.outcome for row in office.publish(number=1).outcomes] == ["published", "unchanged"]
    office.withdraw()
    with pytest.raises(Conflict, match="To bring it back name the release: `earmark release publish 1`"):
        office.publish(dry_run=True)
    office.publish(number=1)
    assert (folder / f"{ACTIVITIES}.xml").read_bytes() == office.bytes_of(ACTIVITIES)


def test_moment_of_a_change_is_later_than_the_one_before_whatever_clocks_say(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.release()
    (before,) = [row for row in office.public_rows() if row.dataset == ACTIVITIES]
    office.change(Project, office.project.id, title="Best work")
    office.prepare()
    office.approve()
    monkeypatch.setattr(publishing, "utc_now", lambda: before.changed_at - dt.timedelta(hours=1))
    office.publish()
    (after,) = [row for row in office.public_rows() if row.dataset == ACTIVITIES]
    assert after.changed_at > before.changed_at


def test_bytes_that_nobody_can_ask_for_are_taken_away_and_others_are_missed(office: Office) -> None:
    office.release()
    first = {file["sha256"] for file in office.shown()["files"] if file["dataset"] == ACTIVITIES}
    office.change(Project, office.project.id, title="Second")
    office.release()
    office.change(Project, office.project.id, title="Never published")
    office.prepare()
    never = {file["sha256"] for file in office.shown()["files"] if file["dataset"] == ACTIVITIES}
    store = FileStore(office.settings.file_store)
    assert keeping.clear(office.database, office.settings, "worker").files == 0
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    for path in store.folder.glob("??/*"):
        os.utime(path, (long_ago.timestamp(), long_ago.timestamp()))
    # young releases keep their bytes, however old these are
    assert keeping.clear(office.database, office.settings, "worker").files == 0
    with office.database.engine.begin() as connection:
        for name, columns in {
            "releases": ("created_at", "approved_at", "published_at"), "release_outcomes": ("at",)
        }.items():  # fmt: skip
            rows = metadata.tables[name]
            connection.execute(rows.update().values(dict.fromkeys(columns, long_ago)))
    with lease(office.database, turns.NAME, "somebody else", patience=0):
        assert keeping.clear(office.database, office.settings, "worker").busy
    assert keeping.clear(office.database, office.settings, "worker").files >= 3
    assert not any(store.path(digest).exists() for digest in first | never)
    assert store.path({row.dataset: row.sha256 or "" for row in office.public_rows()}[ACTIVITIES]).exists()
    (told,) = keeping.missing(office.database, office.settings)
    assert told.startswith(f"{ACTIVITIES} of release 3:")
    assert office.publish(number=2).nothing


@pytest.mark.parametrize("damage", ["cut off", "turned", "of another file"])
def test_damaged_compressed_copy_is_told_and_made_anew(office: Office, damage: str) -> None:
    office.release()
    digest = {row.dataset: row.sha256 or "" for row in office.public_rows()}[ACTIVITIES]
    store = FileStore(office.settings.file_store)
    whole = store.packed(digest).read_bytes()
    middle = len(whole) // 2
    store.packed(digest).write_bytes(
        {
            "cut off": whole[:middle],
            "turned": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "of another file": gzip.compress(b"<iati-activities/>"),
        }[damage]
    )
    (told,) = keeping.missing(office.database, office.settings)
    assert told.startswith(f"{ACTIVITIES} of release 1: its compressed copy")
    assert store.packed(digest).read_bytes() == whole
    assert keeping.missing(office.database, office.settings) == []


def test_publishing_makes_a_damaged_compressed_copy_anew(office: Office) -> None:
    office.release()
    office.withdraw()
    digest = {file["dataset"]: file["sha256"] for file in office.shown()["files"]}[ACTIVITIES]
    store = FileStore(office.settings.file_store)
    whole = store.packed(digest).read_bytes()
    store.packed(digest).write_bytes(whole[:-9])
    office.publish(number=1)
    assert store.packed(digest).read_bytes() == whole
