"""Whoever tampers with the trail in the database is found out."""

import datetime as dt
import gzip
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.db.audit import Change, append_events
from app.db.base import table
from app.db.engine import Database
from app.db.organisation import Unit
from app.db.people import AuditEvent
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.people import audit, queries, trail

#: the guards against changes that the migration lays, as somebody with the file could take them away
GUARDS = {
    "sqlite": [
        f"DROP TRIGGER {table}_append_only_{event}"
        for table in ("audit_events", "audit_seals")
        for event in ("update", "delete")
    ],
    "postgresql": [f"DROP TRIGGER {table}_append_only ON {table}" for table in ("audit_events", "audit_seals")],
}


def tamper(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        for drop in GUARDS[database.engine.dialect.name]:
            connection.execute(text(drop))
        connection.execute(text(statement))


def fill(database: Database) -> None:
    """Two chains: a unit that was renamed twice, and another one."""
    with database.write("anna") as session:
        first, second = Unit(code="A", name="One"), Unit(code="B", name="Other")
        session.add_all([first, second])
    for name in ("Two", "Three"):
        with database.write("bela") as session:
            session.get_one(Unit, first.id).name = name


def verified(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(finding.rule, finding.subject) for finding in audit.verify(session)]


def sealed(database: Database) -> int:
    with database.write("seal") as session:
        made = audit.seal(session)
        return 0 if made is None else made.events


def test_those_who_write_to_the_same_chain_at_once_take_turns(database: Database) -> None:
    fill(database)
    chains, writers, rounds = ("units:1", "units:2", "told:anew"), 4, 5
    start = threading.Barrier(writers)

    def write(name: str) -> None:
        start.wait()
        for _ in range(rounds):
            with database.write(name) as session:
                changes = [Change(aggregate=chain, action="told", entity="units", entity_id="1") for chain in chains]
                append_events(session, name, changes)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, [f"officer{number}" for number in range(writers)]))
    assert verified(database) == []
    with database.read() as session:
        counted = select(AuditEvent).where(table(AuditEvent).c.action == "told")
        told = Counter(event.aggregate for event in session.scalars(counted))
    assert told == dict.fromkeys(chains, writers * rounds)


def test_a_change_of_ever_so_many_records_takes_no_memory_that_all_share(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("one writer has the whole file on SQLite")
    with database.write("anna") as session:
        session.add_all([Unit(code=f"U{number}", name="One") for number in range(300)])
        session.flush()
        for unit in session.scalars(select(Unit)):
            unit.name = "Two"
        session.flush()
        held = text("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'")
        assert session.scalar(held) == 0


@pytest.mark.parametrize("batch", [2, 2000])
def test_an_untouched_trail_is_whole_with_and_without_seals(
    database: Database, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "BATCH", batch)
    fill(database)
    assert verified(database) == []
    assert (sealed(database), sealed(database)) == (4, 0)
    with database.write("anna") as session:
        session.add(Unit(code="C", name="Third"))
    assert sealed(database) == 1
    assert verified(database) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_events SET actor = 'nobody' WHERE sequence = 2", [("audit.event-altered", "units:1")]),
        ('UPDATE audit_events SET after = \'{"name": "X"}\' WHERE sequence = 3', [("audit.event-altered", "units:1")]),
        ("DELETE FROM audit_events WHERE sequence = 2", [("audit.event-missing", "units:1")]),
    ],
)
def test_an_event_that_was_altered_or_removed_breaks_its_chain(
    database: Database, statement: str, found: list[tuple[str, str]]
) -> None:
    fill(database)
    tamper(database, statement)
    assert verified(database) == found


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM audit_events WHERE aggregate = 'units:2'", "DELETE FROM audit_events WHERE sequence = 3"],
)
def test_a_chain_that_vanished_or_lost_its_end_is_missed_by_the_seal(database: Database, statement: str) -> None:
    fill(database)
    sealed(database)
    tamper(database, statement)
    assert verified(database) == [("audit.sealed-event-missing", "seal:1")]


def test_an_event_rewritten_with_a_fitting_hash_breaks_the_seal(database: Database) -> None:
    fill(database)
    sealed(database)
    tamper(database, "UPDATE audit_events SET hash = 'fits' WHERE sequence = 3")
    assert ("audit.seal-broken", "seal:1") in verified(database)


def test_seals_are_chained(database: Database) -> None:
    for _ in range(2):
        with database.write("anna") as session:
            session.add(Unit(code=f"U{_}", name="Unit"))
        sealed(database)
    tamper(database, "DELETE FROM audit_seals WHERE id = 1")
    assert ("audit.seal-missing", "seal:2") in verified(database)


def test_old_events_lie_in_files_and_are_as_provable_there(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole life: nothing leaves that is not sealed, old and in a file; killed in between, nothing is lost."""
    kept = settings.model_copy(update={"audit_keep_years": 2})
    later = dt.date.today() + dt.timedelta(days=365 * 4)  # noqa: DTZ011 - whatever day it is, this is years after it

    def archived(day: dt.date = later) -> object:
        return run_job(database, kept, job("archive-audit"), day).content["archived"]

    def proven() -> list[str]:
        with database.read() as session:
            return [finding.rule for finding in audit.verify(session, kept.file_store)]

    def in_files() -> list[tuple[str, int]]:
        with database.read() as session:
            return [(event.aggregate, event.sequence) for event in trail.archived(session, kept.file_store)]

    fill(database)
    with database.read() as session:
        before = list(queries.events_by_chain(session))
    # not sealed; not old; told to keep all
    assert archived() == 0
    assert sealed(database) == 4
    assert archived(dt.date.today()) == 0  # noqa: DTZ011
    assert run_job(database, settings, job("archive-audit"), later).content["archived"] == 0
    # the file is written and the worker dies before it is noted
    monkeypatch.setattr(trail, "PART", 1)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(trail, "note_part", killed)
        archived()
    assert in_files() == []
    assert proven() == []
    # the newest of each chain stays: the next one follows from it
    assert archived() == 2
    assert in_files() == [("units:1", 1), ("units:1", 2)]
    assert archived() == 0
    with database.write("bela") as session:
        session.get_one(Unit, 1).name = "Four"
    assert proven() == []
    assert sealed(database) == 1
    assert archived() == 1
    with database.read() as session:
        there = list(trail.archived(session, kept.file_store))
        assert [each for each in before if each.sequence <= 3 and each.aggregate == "units:1"] == there
        files = {trail.path_of(kept.file_store, each.sha256): each for each in queries.archives(session)}
    assert {path.parent for path in files} == {kept.file_store / "audit"}
    assert len(files) == len(list((kept.file_store / "audit").iterdir())) == 3
    assert proven() == []
    # what leaves otherwise, or is altered or lost where it lies, is found out
    with pytest.raises(DBAPIError, match="appended and never changed"), database.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_events WHERE aggregate = 'units:2'"))
    path = next(iter(files))
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"One", b"Won"), mtime=0))
    assert proven() == ["audit.archive-damaged", "audit.event-altered"]
    path.unlink()
    assert proven()[:2] == ["audit.archive-damaged", "audit.sealed-event-missing"]


def killed(*_: object) -> None:
    raise KeyboardInterrupt
