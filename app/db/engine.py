"""Engines for the two databases and the session boundary.

Work goes through ``Database.read()`` (one snapshot) or ``Database.write()`` (one transaction, committed once, before
the answer is sent). Mail and remote calls never happen inside either.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from app.config import Settings
from app.db import tables  # noqa: F401  every table is known before the first session
from app.db.base import ROWS_AT_ONCE, ZONE
from app.db.by_keys import by_keys
from app.db.changelog import ChangeLog, Judge
from app.db.meant import ask_meant
from app.db.standby import Standby
from app.db.types import DecimalSum, compare_decimals
from app.domain.told import Told
from app.errors import InvalidInput, StorageFailed, UsageError

if TYPE_CHECKING:
    import psycopg

WRITE = "earmark_write"

SECONDS = "earmark_seconds"
_UTC = ZoneInfo("UTC")


class Database:
    """An engine with the two kinds of session that Earmark knows."""

    def __init__(self, engine: Engine, standby: Standby | None = None, *, zone: ZoneInfo = _UTC) -> None:
        self.engine = engine
        #: by which it is told on which day something was recorded
        self.zone = zone
        #: a copy of the database that long reading is done from; None: there is none
        self.standby = standby
        #: see :data:`app.db.changelog.Judge`
        self.judge: Judge | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def place(self) -> Told:
        """What a person calls this database: its file, or its name and server. Holds no password."""
        url = self.engine.url
        if self.is_sqlite:
            return (
                Told("the file %(path)s", path=str(Path(url.database).absolute())) if url.database else Told("memory")
            )
        server = url.host or Told("this machine")
        return Told("the PostgreSQL database %(name)s on %(server)s", name=url.database or "", server=server)

    @contextmanager
    def read(self, *, aside: bool = False, seconds: float = 0) -> Iterator[Session]:
        """A session that sees one snapshot of everything and never writes.

        ``aside``: long reading, such as a report, is done from the standby where there is one; the snapshot holds
        all that was stored when it was asked for. ``seconds``: PostgreSQL ends a statement that takes longer.
        """
        options: dict[str, object] = {SECONDS: seconds}
        if not self.is_sqlite:
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with storage_faults():
            engine = self.standby.engine_for(self.engine) if aside and self.standby else self.engine
            yield from _snapshot(engine, options)

    @contextmanager
    def write(self, actor: str, *, seconds: float = 0) -> Iterator[Session]:
        """A session whose transaction is committed once, when the block ends without an exception.

        ``actor`` is the name that the audit trail shows. ``seconds``: PostgreSQL ends a statement that takes longer.
        """
        with (
            storage_faults(),
            self.engine.connect().execution_options(**{WRITE: True, SECONDS: seconds}) as connection,
            Session(connection, autoflush=False, expire_on_commit=False) as session,
        ):
            ChangeLog(session, actor, self.judge)
            session.info[ZONE] = self.zone
            with session.begin():
                try:
                    yield session
                except InvalidInput as error:
                    error.faults = ask_meant(session, error.faults)
                    raise

    def dispose(self) -> None:
        self.engine.dispose()
        if self.standby:
            self.standby.engine.dispose()


def _snapshot(engine: Engine, options: Mapping[str, object]) -> Iterator[Session]:
    with engine.connect().execution_options(**options) as connection:
        with Session(connection, autoflush=False, expire_on_commit=False) as session:
            yield session
        connection.rollback()


#: bytes mapped into memory; pages kept, in KiB when negative
_MODEST = {"mmap_size": 0, "cache_size": -16384}


@contextmanager
def modest_memory(session: Session) -> Iterator[None]:
    """Inside the block a SQLite file is read through a small cache, so that memory does not follow its size."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    before = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _MODEST}
    for name, value in _MODEST.items():
        connection.exec_driver_sql(f"PRAGMA {name}={value}")
    try:
        yield
    finally:
        for name, usual in before.items():
            connection.exec_driver_sql(f"PRAGMA {name}={usual}")


@contextmanager
def in_batches(session: Session) -> Iterator[None]:
    """Inside the block some hundred records are read and written at a time, with all that hangs below them.

    A SQLite file is read through a small cache; PostgreSQL finds rows by their keys.
    """
    with modest_memory(session), by_keys(session.connection()):
        yield


#: what a sort or a table of sums may take in the server's memory before it goes to its disk
_AMPLE = "128MB"


def ample_memory(session: Session) -> None:
    """Until the end of the session's transaction PostgreSQL makes sums in memory.

    A report sums up to a million groups. What a server allows without being asked, usually 4 MB, makes it sort them on
    its disk, which takes twice as long.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL work_mem = '{_AMPLE}'")


@contextmanager
def sums_by_hashing(session: Session) -> Iterator[None]:
    """Inside the block PostgreSQL makes sums in a table of their groups, and does not sort the rows for them.

    Of expressions it guesses far too many groups, and sorts millions of rows that end in some hundreds of sums.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("SET LOCAL enable_sort = off")
    yield
    connection.exec_driver_sql("SET LOCAL enable_sort = on")


@contextmanager
def storage_faults() -> Iterator[None]:
    """A full disk, a locked file or a lost server is told in a sentence; everything was rolled back.

    What the database could not do, or a connection that broke, is no fault of the statement; all else is.
    """
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, OperationalError | InternalError) or error.connection_invalidated:
            raise StorageFailed(storage_message(error)) from error
        raise
    except PoolTimeout as error:
        message = "Too many ask at once, and no connection to the database was free: nothing was stored. Try again."
        raise StorageFailed(message) from error


def storage_message(error: DBAPIError) -> str:
    cause = str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig).strip() else type(error).__name__
    if "disk is full" in cause or "No space left" in cause:
        return "The disk is full: nothing was stored. Free some space and try again."
    if "disk I/O error" in cause:
        # what SQLite says as well of a full disk, where its log or its shared memory cannot grow
        return (
            "The disk is full or broken: nothing was stored. Free some space and try again; where there is "
            "enough of it, look at the disk."
        )
    if "locked" in cause:
        return "The database is busy with another writer: nothing was stored. Try again in a moment."
    if "lock timeout" in cause:
        return (
            "Somebody else is changing the same records, as an import does until it ends: nothing was stored. "
            "Try again when that is done."
        )
    if "deadlock" in cause:
        return (
            "Two changed the same records, each waiting for the other, and this one was stopped: nothing was stored. "
            "Try again."
        )
    if "statement timeout" in cause:
        return (
            "This took longer than the service lets one question take: nothing was stored. "
            "Ask for less at a time (a shorter period, fewer projects), or try again when less is going on."
        )
    if "conflict with recovery" in cause:
        return "The copy of the database that is read from was being brought up to date: try again."
    if "read-only transaction" in cause:
        return (
            "The database takes no changes just now, as during a failover: nothing was stored. Try again in a moment."
        )
    if cause.startswith("connection "):
        return f"The database cannot be reached, or does not let Earmark in ({cause})."
    if "no such table" in cause or "does not exist" in cause:
        return "The database has no tables yet, or old ones: run `earmark db upgrade`."
    if "unable to open database file" in cause:
        return "The database file cannot be opened: check that its folder exists and may be written to."
    return f"The database could not do this ({cause}): nothing was stored."


def open_database(settings: Settings) -> Database:
    """The database that the settings name. Makes the folder of a SQLite file, not the tables."""
    try:
        url = make_url(settings.database_url)
    except Exception as error:
        raise UsageError("EARMARK_DATABASE_URL is not a database address") from error
    match url.get_backend_name():
        case "sqlite":
            return Database(_sqlite_engine(url, settings), zone=ZoneInfo(settings.timezone))
        case "postgresql":
            engine = _postgresql_engine(url, settings)
            return Database(engine, _standby(settings), zone=ZoneInfo(settings.timezone))
    raise UsageError("EARMARK_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")


def _sqlite_engine(url: URL, settings: Settings) -> Engine:
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(
                f"The folder of the database {url.database} cannot be made: {error.strerror or error}."
            ) from error
    engine = create_engine(
        url,
        connect_args={"timeout": settings.database_busy_timeout, "check_same_thread": False},
        pool_size=20,
        insertmanyvalues_page_size=ROWS_AT_ONCE,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # the driver's own transaction handling would begin late and commit early; "begin" below does it
        connection.isolation_level = None
        connection.create_collation("decimal", compare_decimals)
        connection.create_aggregate("decimal_sum", 1, DecimalSum)  # type: ignore[arg-type]
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={int(settings.database_busy_timeout * 1000)}",
            "cache_size=-65536",
            # what a statement sets aside does not count as memory of this process, which a long import would fill
            "temp_store=FILE",
            "mmap_size=268435456",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a writer takes its place at once, so that it never fails half-way because another one came first
        writing = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _standby(settings: Settings) -> Standby | None:
    if not settings.replica_url:
        return None
    try:
        url = make_url(settings.replica_url)
    except Exception as error:
        raise UsageError("EARMARK_REPLICA_URL is not a database address") from error
    if url.get_backend_name() != "postgresql":
        raise UsageError("EARMARK_REPLICA_URL must begin with postgresql+psycopg://: only PostgreSQL has a standby")
    return Standby(_postgresql_engine(url, settings), patience=settings.replica_patience)


# A plan made once for all values cannot know that nearly every row has the status that is asked for, and may walk a
# whole table for each batch; planning anew costs about a millisecond. Compiling a plan costs up to half a second, which
# a read of a second never earns back.
_PLANNING = ("plan_cache_mode = force_custom_plan", "jit = off")


# a server that vanished without a word, with its machine or its network, is noticed within a minute and not in hours
_NOTICED = {
    "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000,
}  # fmt: skip


#: the part of the time for a statement that may go by while others change the same records: who waited for them is told
#: so, and not that too much was asked for
_FOR_OTHERS = 0.9


def _postgresql_engine(url: URL, settings: Settings) -> Engine:
    pooled = settings.database_pooler
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_pool_size,
        pool_pre_ping=True,
        # behind a pooler the next transaction may be on another connection: nothing is prepared on this one
        connect_args={"connect_timeout": 10, **_NOTICED, **({"prepare_threshold": None} if pooled else {})},
    )

    if not pooled:

        @event.listens_for(engine, "connect")
        def prepare(connection: "psycopg.Connection", _record: object) -> None:
            for each in _PLANNING:
                connection.execute(f"SET {each}".encode())
            connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # what holds for the transaction alone is right on whatever connection a pooler gives it
        local = [f"SET LOCAL {each}" for each in _PLANNING] if pooled else []
        if seconds := connection.get_execution_options().get(SECONDS):
            local.append(f"SET LOCAL statement_timeout = {round(seconds * 1000)}")
            local.append(f"SET LOCAL lock_timeout = {round(seconds * 1000 * _FOR_OTHERS)}")
        if local:
            connection.exec_driver_sql("; ".join(local))

    return engine
