"""A PostgreSQL server of the tests' own, from binaries on PATH or from a wheel; in a temporary folder, on a socket."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

import psycopg

from tests.parked import LENT, backends, close_parked


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``; None when the machine has none."""
    for name in ("initdb", "postgres"):
        if found := shutil.which(name):
            folder = Path(found).resolve().parent
            if (folder / "initdb").exists() and (folder / "postgres").exists():
                return folder
    try:
        import pgserver
    except ImportError:
        return None
    folder = Path(pgserver.__file__).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


#: bytes that have to be free in memory for a cluster to lie there
_ROOM = 2 << 30

#: settings of a server whose log of writes nobody reads: the least of it, and no pages written out in between
LEAST_LOG = (
    "-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "checkpoint_timeout=1d", "-c", "max_wal_size=1GB",
    "-c", "bgwriter_lru_maxpages=0",
)  # fmt: skip

#: the template of the databases that are lent
MIGRATED = "migrated"

#: what a test leaves as it was, or else its database serves no other: relations with their columns, triggers, functions
#: and constraints, and indexes that are short: of those that were long their pages stay, and the planner counts them
_SHAPE = """
SELECT (SELECT sum(hashtext(relname || relnatts || relchecks || relhastriggers::text)) FROM pg_class),
       (SELECT count(*) FROM pg_trigger WHERE tgenabled = 'O'),
       (SELECT count(*) FROM pg_proc),
       (SELECT count(*) FROM pg_constraint),
       (SELECT count(*) FROM pg_class
        WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace AND relpages > 16)
"""
_WITH_ROWS = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL (%s)
"""
_BEGIN_AT_ONE = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences
WHERE last_value IS NOT NULL
"""
_ROWS = "SELECT '{0}', md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {0} AS t"


def in_memory() -> Path | None:
    """A folder in memory with room for a cluster; None where there is none, or another place is asked for."""
    folder = Path("/dev/shm")
    if "TMPDIR" in os.environ or not os.access(folder, os.W_OK):
        return None
    # in some containers nothing may be run from there, and the server's programs may have to be copied
    if os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return None
    return folder if shutil.disk_usage(folder).free >= _ROOM else None


class PostgresServer:
    """A throw-away cluster without durability; use as a context manager."""

    def __init__(self, folder: Path, home: Path | None = None, *, settings: Sequence[str] = ()) -> None:
        """``home``: where it lies, by default among temporary files; ``settings``: further arguments of the server."""
        self.settings = settings
        self._numbers = count()
        #: connections that empty databases: a new one learns of all tables first
        self._held: dict[str, psycopg.Connection] = {}
        #: names of databases that were lent, came back and are empty
        self._free: list[str] = []
        #: what the template is like: its shape, and its tables with rows, each with a hash of them
        self._template: tuple[object, dict[str, object]] | None = None
        #: the rows of the template by table, as PostgreSQL writes them out
        self._rows: dict[str, bytes] = {}
        self.bin = folder
        # PostgreSQL refuses to run as root: the unprivileged account owns the folder then
        self.user = None
        if os.geteuid() == 0:
            accounts = {entry.pw_name for entry in pwd.getpwall()}
            self.user = "postgres" if "postgres" in accounts else "nobody"
        # socket paths are limited to about 100 characters, so not below pytest's folder
        self.home = Path(tempfile.mkdtemp(prefix="earmark-pg-", dir=home))
        if self.user:
            shutil.chown(self.home, self.user)
            for parent in (self.home, *self.bin.parents):
                if str(parent).startswith("/root"):
                    self.bin = self._copy_for_user()
                    break

    def _copy_for_user(self) -> Path:
        target = self.home / "pginstall"
        shutil.copytree(self.bin.parent, target, symlinks=True)
        return target / "bin"

    def __enter__(self) -> "PostgresServer":
        data = self.home / "data"
        self.run("initdb", "-D", str(data), "-U", "earmark", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.process = self.start(data, self.home, *self.settings)
        while True:
            try:
                psycopg.connect(self.dsn("postgres")).close()
            except psycopg.OperationalError:
                # it answers or it ends, however long that takes
                if self.process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return self

    def __exit__(self, *_: object) -> None:
        for connection in self._held.values():
            connection.close()
        close_parked(str(self.home))
        # at once: whoever is still connected is not waited for, and nothing of it is kept
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def start(self, data: Path, sockets: Path, *settings: str) -> "subprocess.Popen[bytes]":
        """A server process over a folder of data."""
        return subprocess.Popen(
            [
                str(self.bin / "postgres"), "-D", str(data), "-k", str(sockets), "-h", "",
                "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
                "-c", "max_connections=60", "-c", "shared_buffers=64MB", "-c", "log_min_messages=fatal",
                # plans, and with them the order of rows that nobody asked for, hang on no clock
                "-c", "autovacuum=off", *settings,
            ],
            user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.home,
        )  # fmt: skip

    def run(self, name: str, *arguments: str) -> None:
        """One of PostgreSQL's programs, as the account that owns the cluster."""
        subprocess.run(
            [str(self.bin / name), *arguments], user=self.user, check=True, capture_output=True, cwd=self.home
        )

    def dsn(self, database: str) -> str:
        return f"host={self.home} user=earmark dbname={database}"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://earmark@/{database}?host={self.home}"

    def create(self, database: str, template: str = "template0") -> str:
        """Makes a database, a copy of ``template``; returns its address."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            # copying the template's files is ten times as fast as logging every page; older servers know no other way
            strategy = "STRATEGY FILE_COPY" if connection.info.server_version >= 150000 else ""
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}" {strategy}')
        return self.url(database)

    def lend(self) -> str:
        """The name of a database with all tables and nothing in them; :meth:`take_back` is told when it has served."""
        if self._free:
            return self._free.pop()
        name = f"{LENT}{next(self._numbers)}"
        self.create(name, template=MIGRATED)
        return name

    def take_back(self, name: str) -> None:
        """Empties a database for the next one who asks, which costs a fifth of making one.

        Nothing tells it from a new one: its files are as short, its sequences begin at 1, and the planner knows as
        little of its tables. One that is otherwise after all is dropped.
        """
        try:
            empty = self._empty(name)
        except psycopg.Error:
            empty = False
        if empty:
            self._free.append(name)
        else:
            self.drop(name)

    def _empty(self, name: str) -> bool:
        """Empties a database; gives whether it is like a new one."""
        if self._template is None:
            with psycopg.connect(self.dsn(MIGRATED), autocommit=True) as template:
                self._template = self._looks(template)
                with template.cursor() as cursor:
                    for table in self._template[1]:
                        with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                            self._rows[table] = b"".join(copy)
        if name not in self._held:
            self._held[name] = psycopg.connect(self.dsn(name), autocommit=True)
        connection = self._held[name]
        connection.execute(_END_OTHERS, [backends(str(self.home), name)])
        # a test that stores anything changes some of the template's own rows too: they note that something was stored
        own = self._hashes(connection, self._rows)
        with_rows = [table for (table,) in connection.execute(_WITH_ROWS)]
        filled = [table for table in with_rows if table not in own or own[table] != self._template[1][table]]
        if filled:
            # without triggers: some of them let nothing be deleted, others note what is
            emptying = ["SET session_replication_role = replica", *(f"DELETE FROM {table}" for table in filled)]
            connection.execute("; ".join(emptying))
            connection.execute(f"VACUUM (INDEX_CLEANUP ON) {', '.join(filled)}")
            connection.execute("UPDATE pg_class SET reltuples = -1 WHERE oid = ANY (%s::regclass[])", [filled])
            with connection.cursor() as cursor:
                for table in self._rows.keys() & filled:
                    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                        copy.write(self._rows[table])
        connection.execute(_BEGIN_AT_ONE)
        return self._looks(connection) == self._template

    def _looks(self, connection: psycopg.Connection) -> tuple[object, dict[str, object]]:
        tables = [table for (table,) in connection.execute(_WITH_ROWS)]
        return connection.execute(_SHAPE).fetchone(), self._hashes(connection, tables)

    def _hashes(self, connection: psycopg.Connection, tables: Iterable[str]) -> dict[str, object]:
        statement = " UNION ALL ".join(_ROWS.format(table) for table in tables)
        return dict(connection.execute(statement).fetchall())

    def drop(self, database: str) -> None:
        if database in self._held:
            self._held.pop(database).close()
        close_parked(str(self.home), database)
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
