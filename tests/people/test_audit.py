"""Whoever tampers with the trail in the database is found out."""

import pytest
from sqlalchemy import text

from app.db.engine import Database
from app.db.organisation import Unit
from app.people import audit, queries

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
