"""Records of a release are judged in a further process where that pays: the same comes of it, and its death is told."""

import errno
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlalchemy import delete, select

from app.db.base import table
from app.db.projects import Project
from app.db.publishing import Fragment
from app.domain.datasets import WHOLE
from app.errors import StorageFailed
from app.publishing.releasing import differing, judge, judging, prepare
from app.publishing.releasing.files import ReleaseWriter
from app.publishing.releasing.store import FileStore
from iati.validator import parallel
from tests.publishing.releasing.office import Office


@pytest.fixture
def shared(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose releases are judged in a further process from the first record on."""
    monkeypatch.setattr(judging, "_WORTH", 0)
    monkeypatch.setattr(prepare, "usable_cores", lambda: 2)
    return office


def _judgements(office: Office) -> list[tuple[object, ...]]:
    """What is stored of the judgements, and then no longer."""
    fragment = table(Fragment).c
    names = ("project_id", "judged", "scored", "judged_by", "judged_from", "judged_until")
    with office.database.write("tests") as session:
        found = [
            tuple(row)
            for row in session.execute(select(*(fragment[name] for name in names)).order_by(fragment.project_id))
        ]
        session.execute(delete(Fragment))
    return found


def test_a_further_process_judges_as_this_one_does(shared: Office) -> None:
    office = shared
    one = office.settings.model_copy(update={"release_jobs": 1})
    both = office.settings
    office.settings = one
    first = office.prepare()
    alone = _judgements(office)
    assert alone
    office.settings = both
    again = office.prepare()
    assert (again.number, again.made) == (first.number, False)
    assert _judgements(office) == alone


def dies(_texts: Sequence[bytes]) -> NoReturn:
    """Ends its process, as the system does where memory runs out."""
    os._exit(1)


def test_death_of_the_further_process_is_told_and_nothing_is_prepared(
    shared: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(judge, "judged", dies)
        with pytest.raises(StorageFailed, match="EARMARK_RELEASE_JOBS=1"):
            shared.prepare()
    assert shared.prepare().number == 1


def test_where_no_further_process_may_be_made_this_one_judges(shared: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_given: object) -> NoReturn:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(judging, "workers", refused)
    assert shared.prepare().made
    assert _judgements(shared)


def test_finished_files_are_in_the_store_before_the_further_process_is_made(
    shared: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is made while threads run begins from nothing, which takes ten times as long."""
    told: list[str] = []

    def made(*_given: object) -> NoReturn:
        told.append("made")
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(judging, "workers", made)
    monkeypatch.setattr(ReleaseWriter, "settle", lambda _writer: told.append("settled"))
    assert shared.prepare().made
    assert told[:2] == ["settled", "made"]


def test_nothing_of_the_writer_runs_when_it_has_settled(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "store")
    before = threading.active_count()
    with (
        store.working() as folder,
        closing(ReleaseWriter(store, folder, max_bytes=1, before=lambda _dataset: None)) as writer,
    ):
        for number in range(3):
            writer.add(
                f"<iati-activity>{number}</iati-activity>".encode(),
                identifier=f"XX-{number}",
                project_id=number,
                code=f"P{number}",
                content=f"{number:064}",
                stamp=None,
                reporting_org="XX",
                publisher="XX",
                part=WHOLE,
            )
        assert threading.active_count() == before + 1
        writer.settle()
        assert threading.active_count() == before
        files = writer.finish()
    assert [file.records for file in files] == [1, 1, 1]
    assert all(store.verified(file.sha256, file.size) for file in files)


def test_what_changed_is_told_alike_whichever_process_compares(shared: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = shared
    office.release()
    office.change(Project, office.project.id, title="Another")
    here: list[bytes] = []

    def compared(before: bytes, after: bytes) -> differing.Differs:
        here.append(after)
        return differing.differs(before, after)

    begun: list[int] = []

    def workers(jobs: int, *given: Any) -> ProcessPoolExecutor:
        begun.append(jobs)
        return parallel.workers(jobs, *given)

    monkeypatch.setattr(prepare, "differs", compared)
    monkeypatch.setattr(judging, "workers", workers)
    first = office.prepare()
    beside = office.lines("change")
    assert begun == [1]
    assert not here, "what the further process has compared is not compared again"
    # what is judged already needs no further look, so that it is compared here; it is no other release that comes of
    # it only if it says the same word for word
    again = office.prepare()
    assert (again.number, again.made) == (first.number, False)
    assert len(here) == len(beside) == 1
