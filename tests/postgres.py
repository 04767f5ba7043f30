"""A PostgreSQL server of the tests' own, from binaries on PATH or from a wheel; in a temporary folder, on a socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path


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


def in_memory() -> Path | None:
    """A folder in memory with room for a cluster; None where there is none, or another place is asked for."""
    folder = Path("/dev/shm")
    if "TMPDIR" in os.environ or not os.access(folder, os.W_OK):
        return None
    return folder if shutil.disk_usage(folder).free >= _ROOM else None


class PostgresServer:
    """A throw-away cluster without durability; use as a context manager."""

    def __init__(self, folder: Path, home: Path | None = None) -> None:
        """``home``: where it lies, by default among temporary files."""
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
        self._run("initdb", "-D", str(data), "-U", "earmark", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.process = subprocess.Popen(
            [
                str(self.bin / "postgres"), "-D", str(data), "-k", str(self.home), "-h", "",
                "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
                "-c", "max_connections=60", "-c", "shared_buffers=64MB", "-c", "log_min_messages=fatal",
            ],
            user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.home,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        import psycopg

        while True:
            try:
                psycopg.connect(self.dsn("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.home, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.bin / name), *arguments], user=self.user, check=True, capture_output=True, cwd=self.home
        )

    def dsn(self, database: str) -> str:
        return f"host={self.home} user=earmark dbname={database}"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://earmark@/{database}?host={self.home}"

    def create(self, database: str, template: str = "template0") -> str:
        """Makes a database, a copy of ``template``; returns its address."""
        import psycopg

        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            # copying the template's files is ten times as fast as logging every page; older servers know no other way
            strategy = "STRATEGY FILE_COPY" if connection.info.server_version >= 150000 else ""
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}" {strategy}')
        return self.url(database)

    def drop(self, database: str) -> None:
        import psycopg

        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
