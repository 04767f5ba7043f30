"""What was read once is read again after something was stored in the tables that it was read from, by whomever."""

import datetime as dt
import random
import re
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, func, insert, select, text, update
from sqlmodel import Session

from app.config import Settings
from app.db.base import table
from app.db.bulk import Bound, add_rows, change_rows
from app.db.engine import Database, open_database
from app.db.organisation import Unit
from app.db.pages import SignInAttempt
from app.db.partners import Organisation
from app.db.tables import metadata
from app.db.unchanged import IDENTIFIERS, OF_IDENTIFIERS, PARTS, known, named
from migrations.stamped import stamp

#: tables that change all the time and on which no figure stands: who is signed in, what was sent, what jobs and imports
#: did, and the trail. What reads one of them is not remembered
UNSTAMPED = {
    "alert_events", "alerts", "audit_archives", "audit_events", "audit_seals", "calendar_events", "calendar_feeds",
    "calendar_shown", "fragments", "idempotency_keys", "import_marks", "import_runs", "job_runs", "leases",
    "message_alerts", "messages", "passwords", "public_files", "registry_calls", "release_files", "release_lines",
    "release_outcomes", "saved_views", "sessions", "sign_in_attempts", "sign_in_links", "subscriptions",
    "table_import_lines", "table_imports", "table_upload_pieces", "table_uploads", "tokens", "users",
}  # fmt: skip


def another(database: Database) -> Database:
    """Another process, as good as: it shares nothing with this one."""
    return open_database(Settings(database_url=database.engine.url.render_as_string(hide_password=False)))


def test_what_was_read_stands_until_somebody_stores_something_of_it(database: Database) -> None:
    read: list[int] = []

    def units(store: Database) -> int:
        with store.read() as session:
            return known(session, "units", count)

    def count(session: Session) -> int:
        read.append(session.scalar(select(func.count()).select_from(table(Unit))) or 0)
        return read[-1]

    assert [units(database) for _ in range(3)] == [0, 0, 0]
    assert len(read) == 1
    # by a connection of the same process, which may be the very one that read
    with database.write("tests") as session:
        session.add(Unit(code="A", name="A"))
    assert [units(database) for _ in range(2)] == [1, 1]
    other = another(database)
    with other.write("tests") as session:
        session.add(Unit(code="B", name="B"))
        session.flush()
        assert units(database) == 1, "what is not stored yet is seen by nobody else"
        assert known(session, "units", count) == 2, "but by who stores it"
    assert units(database) == 2
    # what was taken back has changed nothing; and what stayed of a transaction that took some back has
    try:
        with database.write("tests") as session:
            session.add(Unit(code="C", name="C"))
            session.flush()
            raise RuntimeError
    except RuntimeError:
        pass
    assert units(database) == 2
    with other.write("tests") as session:
        with session.begin_nested() as part:
            session.add(Unit(code="C", name="C"))
            session.flush()
            part.rollback()
        session.add(Unit(code="D", name="D"))
    assert units(database) == 3
    # what is stored elsewhere leaves it alone
    times = len(read)
    with other.write("tests") as session:
        session.add(SignInAttempt(subject="name:ann"))
        session.add(Organisation(name="Own", name_key="own"))
    assert (units(database), len(read)) == (3, times)
    # a snapshot that is older than the newest change sees, and keeps, only what was before
    with database.read() as old:
        assert count(old) == 3
        with database.write("tests") as session:
            session.add(Unit(code="E", name="E"))
        assert known(old, "units", count) == 3
    assert units(database) == 4
    # statements of our own, of one row or of all
    for changed, statement in ((4, "UPDATE units SET name = 'Same'"), (0, "DELETE FROM units")):
        with other.write("tests") as session:
            times = len(read)
            session.execute(text(statement))
        assert (units(database), len(read)) == (changed, times + 1)
    other.dispose()


def by_object(session: Session) -> None:
    session.get_one(Unit, 1).name = "New"


def by_statement(session: Session) -> None:
    session.execute(insert(table(Unit)).values(**plain("N")))


def by_many_statements(session: Session) -> None:
    session.connection().execute(insert(table(Unit)), [plain("N"), plain("M")])


def by_many_changes(session: Session) -> None:
    change_rows(session, Unit, [{"row_id": 1, "name": "New"}, {"row_id": 2, "name": "New"}])


def by_rows(session: Session) -> None:
    first = plain("N")
    add_rows(session, Unit, list(first), [tuple(plain(f"N{number}").values()) for number in range(80)])


def by_deletion(session: Session) -> None:
    session.execute(text("DELETE FROM units WHERE id = 2"))


def by_a_key_given_again(session: Session) -> None:
    session.execute(
        text("INSERT INTO units (code, name, created_at, updated_at, version) "
             "SELECT code, name, created_at, updated_at, version FROM units WHERE id = 1 "
             "ON CONFLICT (code) DO UPDATE SET name = 'New'")
    )  # fmt: skip


def after_a_part_taken_back(session: Session) -> None:
    with session.begin_nested() as part:
        session.execute(update(table(Unit)).values(name="Gone"))
        part.rollback()
    with session.begin_nested():
        session.execute(update(table(Unit)).values(name="New"))


def before_a_part_taken_back(session: Session) -> None:
    session.execute(update(table(Unit)).values(name="New"))
    with session.begin_nested() as part:
        session.execute(update(table(Unit)).values(name="Gone"))
        part.rollback()


NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
WRITERS = (
    by_object, by_statement, by_many_statements, by_many_changes, by_rows, by_deletion, by_a_key_given_again,
    after_a_part_taken_back, before_a_part_taken_back,
)  # fmt: skip


def plain(code: str) -> dict[str, Bound]:
    """The values of a unit."""
    return {"code": code, "name": "N", "created_at": NOW, "updated_at": NOW, "version": 1}


def names(session: Session) -> list[str]:
    return list(session.scalars(select(table(Unit).c.name).order_by(table(Unit).c.id)))


@pytest.fixture
def two_units(database: Database) -> Callable[[], list[str]]:
    """Stores two units; gives what tells their names, as remembered, and compares with what stands there."""
    with database.write("tests") as session:
        session.add_all([Unit(code="A", name="A"), Unit(code="B", name="B")])

    def remembered() -> list[str]:
        with database.read() as session:
            found = known(session, "names", names)
            assert found == names(session)
            return found

    assert remembered() == ["A", "B"]
    return remembered


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_every_kind_of_write_is_noticed(
    database: Database, two_units: Callable[[], list[str]], write: Callable[[Session], None]
) -> None:
    other = another(database)
    with other.write("tests") as session:
        write(session)
    other.dispose()
    assert two_units() != ["A", "B"]


def test_who_knows_nothing_of_earmark_is_noticed_too(database: Database, two_units: Callable[[], list[str]]) -> None:
    """A shell of SQLite, with nothing set that Earmark sets; PostgreSQL without a session of ours."""
    for name in ("New", "Newer"):
        if database.is_sqlite:
            with closing(sqlite3.connect(str(database.engine.url.database))) as shell, shell:
                shell.execute("UPDATE units SET name = ? WHERE id = 1", (name,))
        else:
            with database.engine.connect() as plain_connection:
                plain_connection.exec_driver_sql(f"UPDATE units SET name = '{name}' WHERE id = 1")
                plain_connection.commit()
        assert two_units() == [name, "B"]


def test_what_goes_with_its_owner_is_noted_as_if_it_went_alone(database: Database) -> None:
    def number() -> int:
        with database.engine.connect() as reading:
            return int(reading.exec_driver_sql("SELECT sum(n) FROM stamps WHERE kind = 'desks'").scalar_one())

    with database.write("tests") as session:
        session.add(Unit(code="A", name="A"))
        session.flush()
        session.execute(text("CREATE TABLE desks (unit_id bigint REFERENCES units (id) ON DELETE CASCADE)"))
        with Operations.context(MigrationContext.configure(session.connection())):
            stamp("desks")
    noted = [number()]
    for statement in ("INSERT INTO desks SELECT id FROM units", "DELETE FROM units"):
        with database.write("tests") as session:
            session.execute(text(statement))
        noted.append(number())
    assert len(set(noted)) == 3


def test_what_stands_on_something_remembered_falls_with_it_and_what_nobody_notes_is_read_anew(
    database: Database,
) -> None:
    with database.write("tests") as session:
        session.add(Unit(code="A", name="A"))

    def both(session: Session) -> tuple[str, int]:
        others = session.scalar(select(func.count()).select_from(table(Organisation))) or 0
        # that it is at hand in the session that asks makes it no less a part of the answer
        return known(session, "name", lambda fresh: fresh.get_one(Unit, 1).name), others

    def asked() -> tuple[str, int]:
        with database.read() as session:
            assert session.get_one(Unit, 1)
            return known(session, "both", both)

    tried = table(SignInAttempt).c

    def attempts() -> int:
        with database.read() as session:
            return known(session, "attempts", lambda fresh: fresh.scalar(select(func.count(tried.id))) or 0)

    assert (asked(), attempts()) == (("A", 0), 0)
    for row in (Organisation(name="O", name_key="o"), SignInAttempt(subject="name:ann")):
        with database.write("tests") as session:
            session.add(row)
    assert (asked(), attempts()) == (("A", 1), 1)
    with database.write("tests") as session:
        session.get_one(Unit, 1).name = "B"
    assert asked() == ("B", 1)


def test_what_is_remembered_is_what_is_read_anew_while_several_write_at_once(database: Database) -> None:
    """Writers take their notes back, fold them and overtake each other; no snapshot gets the figure of another."""
    chance = random.Random(7)
    plans = [[(chance.random() < 0.5, chance.random() < 0.3) for _ in range(12)] for _ in range(2)]
    stores = [another(database) for _ in plans]

    def write(store: Database, name: str, plan: list[tuple[bool, bool]]) -> None:
        for number, (of_units, taken_back) in enumerate(plan):
            code = f"{name}{number}"
            row = Unit(code=code, name="N") if of_units else Organisation(name=code, name_key=code)
            with store.write("tests") as session:
                part = session.begin_nested()
                session.add(row)
                session.flush()
                if taken_back:
                    part.rollback()

    writers = [
        threading.Thread(target=write, args=(store, f"W{place}", plan))
        for place, (store, plan) in enumerate(zip(stores, plans, strict=True))
    ]
    for each in writers:
        each.start()
    while any(each.is_alive() for each in writers):
        assert_told_truly(database)
    for each in writers:
        each.join()
    assert_told_truly(database)
    for store in stores:
        store.dispose()


def assert_told_truly(database: Database) -> None:
    with database.read() as session:
        for column in (table(Unit).c.code, table(Organisation).c.name):

            def names(reading: Session, column: Column[str] = column) -> tuple[str, ...]:
                return tuple(reading.scalars(select(column).order_by(column)))

            assert known(session, column.name, names) == names(session)


@pytest.mark.parametrize(
    ("statement", "stands_on"),
    [
        ("SELECT projects.id, units.version AS version FROM projects JOIN units", {"projects.figures", "units"}),
        ("SELECT count(p.id) * 2 AS title FROM projects AS p", {"projects.figures"}),
        ("SELECT projects.id, projects.title AS title FROM projects", {"projects.words"}),
        ("SELECT p.title FROM projects AS p", {"projects.words"}),
        ('SELECT p."note" FROM projects p', {"projects.words"}),
        ("SELECT title FROM projects", {"projects.words"}),
        ("SELECT sum(projects.version) AS title FROM projects", {"projects"}),
        ("SELECT * FROM projects", {"projects"}),
    ],
)
def test_a_statement_stands_on_the_part_of_projects_that_it_names(statement: str, stands_on: set[str]) -> None:
    assert named(statement) == stands_on


def test_changes_of_every_table_are_noted_unless_no_figure_stands_on_it(database: Database) -> None:
    """A migration that adds a table, or on SQLite makes one anew, stamps it; see ``migrations/stamped.py``."""
    with database.read() as session:
        kinds = set(session.scalars(text("SELECT kind FROM stamps WHERE kind NOT LIKE 'portion %'")))
        assert kinds == {
            *(metadata.tables.keys() - UNSTAMPED),
            *(part for parts in PARTS.values() for part, _ in parts),
            IDENTIFIERS,
        }
        if database.is_sqlite:
            listed = text("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_stamped_%'")
        else:
            listed = text("SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger "
                          "WHERE tgname LIKE '%_stamped'")  # fmt: skip
        # without what they do
        triggers = [(row[0], row[1].partition(" BEGIN ")[0]) for row in session.execute(listed)]
    assert {name for name, _ in triggers} == metadata.tables.keys() - UNSTAMPED
    for name in metadata.tables.keys() - UNSTAMPED:
        told = " ".join(told for each, told in triggers if each == name)
        assert all(re.search(rf"\b{event}\b(?! OF)", told) for event in ("INSERT", "UPDATE", "DELETE")), name
    for name, parts in PARTS.items():
        listed_of = {frozenset(re.split(" ON | OR ", told.partition("UPDATE OF ")[2])[0].split(", "))
                     for each, told in triggers if each == name and "UPDATE OF" in told}  # fmt: skip
        columns = {column.name for column in metadata.tables[name].columns}
        assert listed_of == {OF_IDENTIFIERS, *(frozenset(columns - left_out) for _, left_out in parts)}, (
            "stamp the new column of the parts too"
        )
