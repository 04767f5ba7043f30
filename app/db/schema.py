"""The state of the tables: brought up to date, taken back, compared with what the program expects.

Alembic is imported where it works, since every command asks for the state and hardly any changes it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

import migrations
from app.db.engine import Database, storage_faults
from app.db.tables import metadata
from app.errors import Conflict, NotSetUp, StorageFailed

if TYPE_CHECKING:
    from alembic.config import Config


_FOLDER = Path(migrations.__file__).parent


def config(connection: Connection | None = None) -> "Config":
    """Where Alembic finds the migrations, and the connection that they run on."""
    from alembic.config import Config

    found = Config()
    found.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    found.attributes["connection"] = connection
    return found


def head() -> str:
    """The revision that this program expects: the last file of migrations, which are named by date and revision."""
    return max(file.stem for file in (_FOLDER / "versions").glob("v*.py")).removeprefix("v")


def current(database: Database) -> str | None:
    """The revision of the database; None for an empty one."""
    with storage_faults(), database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def is_ahead(found: str | None) -> bool:
    """Whether tables are of a newer program. They serve this one too: a release first adds, a later one takes away."""
    return found is not None and found > head()


#: seconds that a migration waits for a table that is in use; whoever comes after it waits as long
WAITS = 5.0


def migrate(database: Database, revision: str = "head", *, down: bool = False, waits: float = WAITS) -> None:
    """Brings the tables to a revision, forward or back; all of it or nothing.

    A migration that waits for a table holds up everybody who asks for it after that. So on PostgreSQL it waits
    ``waits`` seconds at most and then changes nothing. Raises ``StorageFailed``, which tells who has what in use, and
    ``Conflict`` for tables of a newer program.

    On SQLite tables are rebuilt by copying, so foreign keys are off outside the transaction and checked before it ends.
    """
    from alembic import command

    if is_ahead(found := current(database)):
        raise Conflict(_of_newer(found))
    with storage_faults(), database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with told_apart(database, waits), connection.begin():
                if not database.is_sqlite:
                    # a migration whose process was killed may still be ending on the server; and two do not mix
                    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('earmark:migrate'))"))
                    connection.execute(text(f"SET LOCAL lock_timeout = {round(waits * 1000)}"))
                (command.downgrade if down else command.upgrade)(config(connection), revision)
                if database.is_sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).fetchall()):
                    raise AssertionError(f"a migration broke references: {broken[:3]}")
        finally:
            if isinstance(driver, sqlite3.Connection):
                driver.execute("PRAGMA foreign_keys=ON")


#: transactions of others in this database and the tables that they have in use, the oldest first
_IN_USE = text("""
    SELECT a.pid, a.usename AS name, coalesce(a.state, '') AS state, coalesce(a.query, '') AS query,
           coalesce(round(extract(epoch FROM now() - a.xact_start))::text, 'some') AS seconds,
           string_agg(DISTINCT c.relname, ', ') AS tables
    FROM pg_locks l
    JOIN pg_stat_activity a ON a.pid = l.pid
    JOIN pg_class c ON c.oid = l.relation AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    WHERE l.granted AND a.datname = current_database() AND a.pid <> pg_backend_pid()
    GROUP BY a.pid, a.usename, a.state, a.query, a.xact_start
    ORDER BY a.xact_start
    LIMIT 5
""")


@contextmanager
def told_apart(database: Database, waits: float) -> Iterator[None]:
    """A migration that waited in vain tells for whom."""
    try:
        yield
    except OperationalError as error:
        if "lock timeout" not in str(error.orig):
            raise
        with database.engine.connect() as connection:
            users = [
                f"{row.name} (process {row.pid}) has had {row.tables} in use for {row.seconds} s: "
                f"{row.state}, {' '.join(row.query.split())[:120]}"
                for row in connection.execute(_IN_USE)
            ]
        found = ". ".join(users) or "It is free by now"
        raise StorageFailed(
            f"The tables are in use, and nothing was changed after {waits:g} s of waiting: more holds up everybody "
            f"else. {found}. Run `earmark db upgrade` again; what never ends is ended with "
            "SELECT pg_terminate_backend(PROCESS)."
        ) from error


def differences(database: Database) -> list[str]:
    """What in the database differs from the tables of this program; empty when nothing does."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with storage_faults(), database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_of_records})
        found = context.get_current_revision()
        if found != head():
            if found is None:
                return ["there are no tables yet: run `earmark db upgrade`"]
            if is_ahead(found):
                return [_of_newer(found)]
            return [f"the tables are at revision {found}, this program needs {head()}: run `earmark db upgrade`"]
        return [_in_words(difference) for difference in compare_metadata(context, metadata)]


def _is_of_records(name: str | None, kind: str, _parents: object) -> bool:
    """Whether it is among the tables of the program; the notes of :mod:`app.db.unchanged` are the database's own."""
    return kind != "table" or name != "stamps"


def _of_newer(found: str | None) -> str:
    return f"the tables are of a newer version of Earmark ({found}; this one has {head()}): do this with that version"


def _in_words(difference: object) -> str:
    """One difference that Alembic found: what would have to be done to which table, column or index."""
    if isinstance(difference, list):
        return "; ".join(_in_words(each) for each in difference)
    what, *rest = difference if isinstance(difference, tuple) else (str(difference),)
    names = [each if isinstance(each, str) else getattr(each, "name", None) for each in rest]
    return f"the tables are not those of this program: {' '.join([what.replace('_', ' '), *filter(None, names)])}"


def damages(database: Database) -> list[str]:
    """What the database itself finds wrong with its file and references; empty when nothing is."""
    if not database.is_sqlite:
        return []  # PostgreSQL keeps references at all times and checks its pages when it reads them
    with storage_faults(), database.engine.connect() as connection:
        integrity = [row[0] for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
        broken = [
            f"{row[0]}: row {row[1]} refers to a row of {row[2]} that is not there"
            for row in connection.execute(text("PRAGMA foreign_key_check"))
        ]
    return integrity + broken


def require_current(database: Database, *, exactly: bool = False) -> None:
    """Refuses to work on tables that are missing or old; ``exactly``: or newer, for what has to know every table.

    :raises NotSetUp: when they are missing or old.
    :raises Conflict: when they are newer than may be.
    """
    found = current(database)
    if is_ahead(found):
        if exactly:
            raise Conflict(_of_newer(found))
    elif found != head():
        raise NotSetUp(
            "The database has no tables yet: run `earmark init`."
            if found is None
            else "The tables are of an older version of Earmark: run `earmark db upgrade`."
        )
