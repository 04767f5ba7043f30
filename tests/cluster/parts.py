"""The servers that an organisation runs beside Earmark, from programs that exist: standby, pooler, proxy, bucket."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
from obstore.store import S3Store

from tests.postgres import PostgresServer

#: seconds until a server that does not answer counts as not coming
PATIENCE = 120.0

#: what a pooler's socket is named after
_NUMBER = 6432


def wait_for(dsn: str, query: str = "SELECT true") -> None:
    """Until a server answers the query with true."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
                if connection.execute(query.encode()).fetchone() == (True,):
                    return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            raise TimeoutError(f"{dsn} never answered {query}")
        time.sleep(0.05)


class StandbyServer:
    """A hot standby of a running server, in a folder beside its data; use as a context manager."""

    def __init__(self, primary: PostgresServer, name: str = "standby") -> None:
        self.primary = primary
        self.data = primary.home / name
        self.sockets = primary.home / f"{name}-socket"

    def __enter__(self) -> "StandbyServer":
        self.sockets.mkdir()
        if self.primary.user:
            shutil.chown(self.sockets, self.primary.user)
        self.primary.run(
            "pg_basebackup", "-D", str(self.data), "-d", self.primary.dsn("postgres"),
            "-R", "-X", "stream", "-c", "fast", "-N",
        )  # fmt: skip
        self.process = self.primary.start(
            self.data, self.sockets, "-c", "hot_standby_feedback=on",
            "-c", "fsync=on", "-c", "synchronous_commit=on",
        )  # fmt: skip
        wait_for(self.dsn("postgres"), "SELECT pg_is_in_recovery()")
        return self

    def __exit__(self, *_: object) -> None:
        # it waits for nobody who is connected
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)

    def dsn(self, database: str) -> str:
        return f"host={self.sockets} user=earmark dbname={database}"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://earmark@/{database}?host={self.sockets}"

    def pause(self) -> None:
        """The copy falls behind from here on."""
        self._ask("SELECT pg_wal_replay_pause()")
        wait_for(self.dsn("postgres"), "SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def go_on(self) -> None:
        self._ask("SELECT pg_wal_replay_resume()")

    def promote(self) -> None:
        """The copy becomes a primary."""
        self._ask("SELECT pg_promote(false)")
        wait_for(self.dsn("postgres"), "SELECT NOT pg_is_in_recovery()")

    def _ask(self, query: str) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(query.encode())


class Past:
    """A base backup and an archive of what is written after it, as the handbook tells; use as a context manager."""

    POINT = "before-the-drill"

    def __init__(self, primary: PostgresServer) -> None:
        self.primary = primary
        self.data = primary.home / "base"
        self.sockets = primary.home / "past-socket"
        self._running: subprocess.Popen[bytes] | None = None

    @staticmethod
    def settings(archive: Path) -> tuple[str, ...]:
        """Arguments of a server that archives what it writes."""
        return ("-c", "archive_mode=on", "-c", f"archive_command=cp %p {archive}/%f")

    def keep(self) -> None:
        """Makes the base backup, and names this moment."""
        self.primary.run(
            "pg_basebackup", "-D", str(self.data), "-d", self.primary.dsn("postgres"), "-X", "fetch", "-c", "fast", "-N"
        )
        with psycopg.connect(self.primary.dsn("postgres"), autocommit=True) as connection:
            query = f"SELECT pg_walfile_name(pg_create_restore_point('{self.POINT}'))"
            row = connection.execute(query.encode()).fetchone()
            assert row is not None
            connection.execute("SELECT pg_switch_wal()")
        wait_for(self.primary.dsn("postgres"), f"SELECT last_archived_wal >= '{row[0]}' FROM pg_stat_archiver")

    def go_back(self, archive: Path) -> None:
        """Starts a server that is as things were in that moment."""
        self.sockets.mkdir()
        (self.data / "recovery.signal").touch()
        for each in (self.sockets, self.data / "recovery.signal"):
            if self.primary.user:
                shutil.chown(each, self.primary.user)
        self._running = self.primary.start(
            self.data, self.sockets, "-c", f"restore_command=cp {archive}/%f %p", "-c",
            f"recovery_target_name={self.POINT}", "-c", "recovery_target_action=promote", "-c",
            "synchronous_standby_names=", "-c", "archive_mode=off",
        )  # fmt: skip
        wait_for(self.dsn("postgres"), "SELECT NOT pg_is_in_recovery()")

    def dsn(self, database: str) -> str:
        return f"host={self.sockets} user=earmark dbname={database}"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://earmark@/{database}?host={self.sockets}"

    def __enter__(self) -> "Past":
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            self._running.send_signal(signal.SIGINT)
            self._running.wait(PATIENCE)


class Pooler:
    """PgBouncer in transaction mode before a server, with the settings that ``earmark deploy pgbouncer`` prints."""

    def __init__(self, folder: Path, host: str | Path, settings: str, *, user: str | None, port: int = 5432) -> None:
        """``host``: folder of the server's socket, or its address; ``settings``: the file as it is printed.

        ``user``: whose process it is, where this one may choose: it refuses to run as root.
        """
        self.user = user
        self.folder = folder
        folder.mkdir()
        users = folder / "users.txt"
        users.write_text("".join(f'"{name}" ""\n' for name in ("earmark", "earmark_service")), encoding="utf-8")
        lines = []
        for line in settings.splitlines():
            name = line.partition("=")[0].strip()
            ours = {
                "*": f"* = host={host} port={port}",
                # a socket in a folder of its own: a free port may be another's by the time it is asked for
                "listen_addr": "listen_addr =",
                "listen_port": f"listen_port = {_NUMBER}",
                "auth_type": "auth_type = trust",
                "auth_file": f"auth_file = {users}",
                "unix_socket_dir": f"unix_socket_dir = {folder}",
                "logfile": f"logfile = {folder / 'pgbouncer.log'}",
                "pidfile": f"pidfile = {folder / 'pgbouncer.pid'}",
            }
            lines.append(ours.get(name, line))
        self.file = folder / "pgbouncer.ini"
        self._lines = lines
        self._write()

    def _write(self) -> None:
        self.file.write_text("\n".join(self._lines), encoding="utf-8")

    def lead_to(self, host: str | Path, port: int = 5432) -> None:
        """To another server from here on, as after a failover."""
        self._lines = [f"* = host={host} port={port}" if line.startswith("* =") else line for line in self._lines]
        self._write()
        self.process.send_signal(signal.SIGHUP)

    def __enter__(self) -> "Pooler":
        self.start()
        return self

    def start(self) -> None:
        if self.user:
            shutil.chown(self.folder, self.user)
        self.process = subprocess.Popen(
            [shutil.which("pgbouncer") or "pgbouncer", "-q", str(self.file)], user=self.user, cwd=self.folder
        )
        wait_for(self.dsn("postgres"))

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)

    def dsn(self, database: str) -> str:
        return f"host={self.folder} port={_NUMBER} user=earmark dbname={database}"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://earmark@/{database}?host={self.folder}&port={_NUMBER}"


def free_port() -> int:
    """A port that nothing listens on at this moment; for the drill, where nobody else takes ports."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Process:
    """A program that may be killed and started again; what it says goes to a file."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.command = command
        self.environment = environment
        self.log = log

    def start(self) -> None:
        with self.log.open("ab") as log:
            # a group of its own, so that what it started goes with it
            self.process = subprocess.Popen(
                self.command, env=dict(self.environment), stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, number: int) -> None:
        """Sends a signal to all of it, and waits for its end."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait(PATIENCE)


class Proxy:
    """nginx before the web processes, with the settings that ``earmark deploy nginx`` prints, without HTTPS."""

    def __init__(self, folder: Path, settings: str, ports: Sequence[int]) -> None:
        folder.mkdir()
        self.port = free_port()
        lines = [line for line in settings.splitlines() if "ssl" not in line]
        first = next(number for number, line in enumerate(lines) if "server 127.0.0.1" in line)
        kept = lines[first].partition("max_fails")[2]
        lines = [line for line in lines if "server 127.0.0.1" not in line]
        lines[first:first] = [f"    server 127.0.0.1:{port} max_fails{kept}" for port in ports]
        place = next(number for number, line in enumerate(lines) if "server_name" in line)
        lines.insert(place, f"    listen 127.0.0.1:{self.port};")
        (folder / "earmark.conf").write_text("\n".join(lines), encoding="utf-8")
        main = folder / "nginx.conf"
        main.write_text(
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
            "events { worker_connections 1024; }\n"
            f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; "
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; "
            f"include {folder}/earmark.conf; }}\n",
            encoding="utf-8",
        )
        self._running = Process(["nginx", "-p", str(folder), "-c", str(main)], os.environ, folder / "nginx.log")

    def __enter__(self) -> "Proxy":
        self._running.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.kill(signal.SIGTERM)


class Bucket:
    """A real S3-compatible server that checks signatures, with one empty bucket; use as a context manager."""

    KEY, SECRET, NAME = "key-of-the-drill", "secret-of-the-drill", "published"

    def __init__(self, folder: Path) -> None:
        (folder / self.NAME).mkdir(parents=True)
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        keys = {"NANIO_ACCESS_KEY": self.KEY, "NANIO_SECRET_KEY": self.SECRET}
        command = [
            sys.executable, "-m", "nanio", "serve", "--data-dir", str(folder), "--host", "127.0.0.1",
            "--port", str(port), "--log-level", "error", "--no-access-log",
        ]  # fmt: skip
        self._running = Process(command, os.environ | keys, folder.parent / f"{folder.name}.log")

    def __enter__(self) -> "Bucket":
        self._running.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.kill(signal.SIGTERM)

    def settings(self, prefix: str) -> dict[str, str]:
        """What the service is told of it."""
        return {
            "EARMARK_PUBLIC_FILES": f"s3://{self.NAME}/{prefix}",
            "EARMARK_PUBLIC_FILES_URL": f"{self.address}/{self.NAME}/{prefix}",
            "EARMARK_BUCKET_ENDPOINT": self.address,
            "EARMARK_BUCKET_KEY": self.KEY,
            "EARMARK_BUCKET_SECRET": self.SECRET,
        }

    def store(self, prefix: str) -> S3Store:
        """It as a client sees it."""
        return S3Store(
            self.NAME, prefix=prefix, endpoint=self.address, region="us-east-1", access_key_id=self.KEY,
            secret_access_key=self.SECRET, client_options={"allow_http": True},
        )  # fmt: skip
