"""The office of the drill: every server and process, how each is started, and what must hold at the end."""

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx
import psycopg
from aiosmtpd.controller import Controller

from app.deploy import text_of
from tests.cluster.parts import PATIENCE, Bucket, Past, Pooler, Process, Proxy, StandbyServer, free_port
from tests.cluster.writing import DATASET, write_tables
from tests.postgres import PostgresServer, binaries

__all__ = ["DATASET", "Office"]

NAME = "drill"
WEB, WORKERS = 3, 2
IDENTIFIER = "XM-DAC-41302"


#: where published files lie in the bucket
PREFIX = "iati"
#: seconds without any progress after which nothing more is waited for
STUCK = 240.0


class Mailbox:
    """What the mail server took: the mails that came under each Message-ID."""

    def __init__(self) -> None:
        self.mails: dict[str, list[EmailMessage]] = defaultdict(list)

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        mail = message_from_bytes(getattr(envelope, "content", b""), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails[str(mail["Message-ID"])].append(mail)
        return "250 OK"


class Office:
    """Everything; use as a context manager."""

    def __init__(self, folder: Path, *, projects: int) -> None:
        self.folder = folder
        self.projects = projects
        self.mailbox = Mailbox()
        self.released: list[str] = []

    def code(self, number: int) -> str:
        """The code of one of its projects."""
        return f"P/{number % self.projects + 1:06}"

    def __enter__(self) -> "Office":
        with ExitStack() as started:
            self._start(started)
            self._started = started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._started.close()

    def _start(self, started: ExitStack) -> None:
        found = binaries()
        assert found is not None
        self.mail = Controller(self.mailbox, hostname="127.0.0.1", port=free_port())
        self.mail.start()
        started.callback(self.mail.stop)
        durable = ("-c", "synchronous_commit=on", "-c", "fsync=on")
        self.primary = PostgresServer(found)
        self.archive = self.primary.home / "archive"
        self.archive.mkdir()
        if self.primary.user:
            shutil.chown(self.archive, self.primary.user)
        self.primary.settings = (*durable, *Past.settings(self.archive))
        started.enter_context(self.primary)
        self.leading: PostgresServer | StandbyServer = self.primary
        self.primary.create(NAME)
        self._roles()
        self.standby = started.enter_context(StandbyServer(self.primary))
        self._ask(self.primary.dsn("postgres"), "ALTER SYSTEM SET synchronous_standby_names = '*'")
        self._ask(self.primary.dsn("postgres"), "SELECT pg_reload_conf()")
        pooler = Pooler(self.primary.home / "pooler", self.primary.home, text_of("pgbouncer"), user=self.primary.user)
        self.pooler = started.enter_context(pooler)
        ports = [free_port() for _ in range(WEB)]
        self.bucket = started.enter_context(Bucket(self.folder / "bucket"))
        self.proxy = Proxy(self.folder / "proxy", text_of("nginx"), ports)
        self.address = f"http://127.0.0.1:{self.proxy.port}"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("EARMARK_")} | {
            "EARMARK_DATABASE_URL": self._as("earmark_service", self.pooler.url(NAME)),
            "EARMARK_DATABASE_POOLER": "true",
            "EARMARK_REPLICA_URL": self._as("earmark_service", self.standby.url(NAME)),
            "EARMARK_DATA_DIR": str(self.folder / "data"),
            "EARMARK_RELEASE_STORE": str(self.folder / "store"),
            "EARMARK_RELEASE_MAX_MB": "60",
            "EARMARK_PUBLIC_URL": self.address,
            **self.bucket.settings(PREFIX),
            "EARMARK_SMTP_HOST": "127.0.0.1",
            "EARMARK_SMTP_PORT": str(self.mail.port),
            "EARMARK_SMTP_SECURITY": "none",
            # it is past the hours of the daily jobs there, so that they begin when a worker is up
            "EARMARK_TIMEZONE": _where_it_is_noon(),
        }
        self._fill()
        self.past = started.enter_context(Past(self.primary))
        self.past.keep()
        self.web = [self._process(f"web-{n}", "serve", "--port", str(port)) for n, port in enumerate(ports)]
        for each in self.web:
            each.start()
            started.callback(each.kill, signal.SIGTERM)
        started.enter_context(self.proxy)
        self._until_ready()
        # they begin with the work of the day as soon as they are started
        self.workers = [self._process(f"worker-{n}", "jobs", "serve") for n in range(WORKERS)]

    # what it is made of

    def _as(self, role: str, url: str) -> str:
        return url.replace("//earmark@", f"//{role}@")

    def _ask(self, dsn: str, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(dsn, autocommit=True) as connection:
            asked = connection.execute(query.encode())
            return asked.fetchall() if asked.description else []

    def _roles(self) -> None:
        self._ask(self.primary.dsn(NAME), text_of("postgresql"))

    def _process(self, name: str, *words: str) -> Process:
        command = [sys.executable, "-m", "app.cli", *words]
        return Process(command, self.environment, self.folder / f"{name}.log")

    def earmark(self, *words: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
        """One command of the office."""
        environment = self.environment | ({"EARMARK_DATABASE_URL": url} if url else {})
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=environment, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def _must(self, *words: str, url: str | None = None) -> str:
        done = self.earmark(*words, url=url)
        if done.returncode:
            raise RuntimeError(f"earmark {' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout.strip()

    def _fill(self) -> None:
        self._must("db", "upgrade", url=self._as("earmark_owner", self.primary.url(NAME)))
        self._roles()
        self._must(
            "init", "--name", "International Labour Organization", "--org-id", IDENTIFIER, "--type", "40",
            "--currency", "USD", "--policy", "start",
        )  # fmt: skip
        for kind, path in write_tables(self.folder, self.projects):
            self._must("import", "csv", kind, str(path))
        self._must("user", "create", "drill", "--role", "admin")
        self.token = self._must("token", "create", "drill").split()[-1]
        for words in (("prepare",), ("approve", "1"), ("publish", "1")):
            self._must("release", *words)

    def _until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"{self.address}/health/ready", timeout=5, trust_env=False).raise_for_status()
            except httpx.HTTPError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    # what happens to it

    def release(self) -> None:
        """Prepares, approves and publishes the second release, again and again until it is out, as a person would."""
        for words in (("release", "prepare"), ("release", "approve", "2"), ("release", "publish", "2")):
            for _ in range(20):
                done = self.earmark(*words)
                if done.returncode == 0 or "published already" in done.stderr:
                    break
                time.sleep(2)
            last = (done.stdout + done.stderr).strip().splitlines()
            self.released.append(f"{' '.join(words)}: {last[-1] if last else done.returncode}")

    def kill_at_work(self) -> Process:
        """Starts the workers, and kills the one that has the alerts of the day in hand while it is at them."""
        for each in self.workers:
            each.start()
            self._started.callback(each.kill, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            rows = self.ask("SELECT worker FROM job_runs WHERE job = 'alerts' AND outcome = 'running'")
            numbers = {str(worker).split(":")[1] for (worker,) in rows}
            for each in self.workers:
                if str(each.process.pid) in numbers:
                    each.kill(signal.SIGKILL)
                    return each
            time.sleep(0.02)
        raise TimeoutError("no worker began with the alerts")

    def fail_over(self) -> None:
        """The primary is gone for good; its standby takes its place."""
        self.primary.process.send_signal(signal.SIGKILL)
        self.primary.process.wait()
        self.standby.promote()
        self.leading = self.standby
        self.pooler.lead_to(self.standby.sockets)

    def settle(self) -> None:
        """Until the work of the day is done and no message waits, or for a long while nothing has moved."""
        seen, moved = (-1, -1, -1), time.monotonic()
        while time.monotonic() - moved < STUCK:
            waiting = self.count("messages WHERE state IN ('waiting', 'sending') AND recipient <> ''")
            done = self.count("job_runs WHERE job = 'alerts' AND outcome = 'done'")
            if done and not waiting:
                return
            now = (waiting, done, self.count("alerts"))
            if now != seen:
                seen, moved = now, time.monotonic()
            time.sleep(1)

    def go_back(self) -> tuple[int, int, str]:
        """Goes back to before the clients came: how many projects and documents there were, and what a check says."""
        self.past.go_back(self.archive)
        dsn = self.past.dsn(NAME)
        numbers = [
            int(str(self._ask(dsn, query)[0][0]))
            for query in (
                "SELECT count(*) FROM projects",
                "SELECT count(*) FROM ledger_entries WHERE document LIKE 'DRILL-%'",
            )
        ]
        checked = self.earmark("db", "check", url=self._as("earmark_owner", self.past.url(NAME)))
        return numbers[0], numbers[1], checked.stdout[-500:] if checked.returncode else ""

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """What the database that leads answers."""
        return self._ask(self.leading.dsn(NAME), query)

    def count(self, what: str) -> int:
        """Rows of a table, with or without a condition."""
        found = self.ask(f"SELECT count(*) FROM {what}")[0][0]
        assert isinstance(found, int)
        return found

    def url_of(self, role: str) -> str:
        """The address of the database that leads, for a role."""
        return self._as(role, self.leading.url(NAME))


def _where_it_is_noon() -> str:
    """The zone in which it is between noon and one o'clock."""
    offset = 12 - dt.datetime.now(dt.UTC).hour
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"
