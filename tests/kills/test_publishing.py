"""Publishing killed at any moment while readers fetch: no file is ever broken or missing, no dataset is there twice."""

import os
import random
import signal
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import stamina

from app.config import Settings
from app.db.engine import Database
from app.db.projects import Project
from app.domain.codes import use_codelists
from iati.registry import preflight
from tests.api import service
from tests.kills import child
from tests.portfolio import known
from tests.processes import forking
from tests.publishing.own import PUBLISHER
from tests.publishing.registering.conftest import registered_at
from tests.publishing.releasing.office import Office
from tests.serving import served
from tests.stand_ins.registry import StandIn
from tests.waiting import until

ACTIVITIES = "xm-dac-41302-activities"
#: how often publishing is killed; a long run is asked for through the environment
KILLS = int(os.environ.get("EARMARK_KILLS", "0")) or 1
_READERS = 20 if KILLS > 1 else 2
#: seconds between two looks of a reader: so many of them leave the others some of the machine
_BETWEEN = 2 if KILLS > 1 else 0.05


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(identifier=PUBLISHER, org="xm-dac-41302") as registry, stamina.set_testing(True, attempts=3, cap=True):
        yield registry


@pytest.fixture
def office(
    settings: Settings, database: Database, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    use_codelists(known)
    # twenty readers and a busy machine may keep an address waiting for longer than a downloader waits
    monkeypatch.setattr(preflight, "HEAD_SECONDS", 600.0)
    monkeypatch.setattr(preflight, "GET_SECONDS", 600.0)
    settings = settings.model_copy(update=registered_at(stand_in))
    with served(service(settings, database)) as address:
        yield Office(settings.model_copy(update={"public_url": address}), database)


class Readers:
    """Fetch the public file over and over, and keep what was wrong with it."""

    def __init__(self, address: str, count: int) -> None:
        self.address = address
        self.faults: list[str] = []
        self.fetched = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(count)]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        # a connection of its own each time: one that is kept may be closed by the server while nobody looks
        with httpx.Client(timeout=None, limits=httpx.Limits(max_keepalive_connections=0)) as client:
            while not self._over.wait(_BETWEEN):
                got = client.get(self.address)
                self.fetched += 1
                body = got.content
                if got.status_code != 200 or not body.endswith(b"</iati-activities>\n"):
                    self.faults.append(f"{got.status_code}, {len(body)} bytes")
                elif got.headers["etag"].strip('"')[:32] not in sha256(body).hexdigest():
                    self.faults.append(f"bytes of another ETag: {got.headers['etag']}")


@pytest.mark.kills
@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"] if KILLS > 1 else ["sqlite"], indirect=True)
def test_killed_publishing_is_completed_and_readers_always_get_a_whole_file(
    office: Office, stand_in: StandIn, tmp_path: Path
) -> None:
    answer = tmp_path / "answer"

    def died(last: int | None) -> bool:
        """Publishes in a process of its own, which dies at that point; whether it did."""
        process = forking.Process(target=child.publishing, args=(office.settings, last, str(answer)))
        process.start()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        return process.exitcode != 0

    office.prepare()
    office.approve()
    assert not died(None)
    points = int(answer.read_text(encoding="utf-8"))
    chance, killed, switched, number = random.Random(KILLS), 0, 0, 0
    with Readers(f"{office.settings.address}/iati/{ACTIVITIES}.xml", _READERS) as readers:
        # a later run may have fewer points than the first one, and so be over before it dies
        while killed < KILLS and number < 2 * KILLS:
            number += 1
            office.change(Project, office.project.id, title=f"Title {number}")
            office.prepare()
            office.approve()
            killed += died(chance.randint(1, points))
            switched += f"Title {number}".encode() in httpx.get(readers.address, timeout=None).content
            done = office.publish()
            assert not done.failed, done.outcomes
            assert office.publish().nothing
            assert len(stand_in.of(ACTIVITIES)) == len(stand_in.datasets) - 1 == 1
            assert f"Title {number}".encode() in httpx.get(readers.address, timeout=None).content
            assert readers.faults == []
            if number % 10 == 0:
                print(f"{killed} of {number} runs were killed so far; {readers.fetched} files read")
        until(lambda: readers.fetched or readers.faults)
    assert readers.faults == []
    assert killed
    print(
        f"{killed} of {number} runs were killed, {switched} past the switch; {readers.fetched} files read by "
        f"{_READERS}, {len(readers.faults)} broken; {len(stand_in.datasets)} datasets"
    )
