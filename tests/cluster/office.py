"""The office of the drill: every server and process, how each is started, and what must hold at the end."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from email import message_from_bytes
from pathlib import Path

import httpx
import psycopg
from aiosmtpd.controller import Controller

from app.deploy import text_of
from tests.cluster.parts import PATIENCE, Pooler, Process, Proxy, StandbyServer, free_port
from tests.cluster.writing import DATASET, write_tables
from tests.postgres import PostgresServer, binaries

__all__ = ["DATASET", "Office"]

NAME = "drill"
WEB, WORKERS = 3, 2
IDENTIFIER = "XM-DAC-41302"


_WAITING = "SELECT count(*) FROM messages WHERE state IN ('waiting', 'sending') AND recipient <> ''"


class Mailbox:
    """What the mail server took."""

    def __init__(self) -> None:
        self.numbers: Counter[str] = Counter()

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        content = getattr(envelope, "content", b"")
        self.numbers[str(message_from_bytes(content)["Message-ID"])] += 1
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
        self.primary = started.enter_context(PostgresServer(found, settings=durable))
        self.primary.create(NAME)
        self._roles()
        self.standby = started.enter_context(StandbyServer(self.primary))
        self._ask(self.primary.dsn("postgres"), "ALTER SYSTEM SET synchronous_standby_names = '*'")
        self._ask(self.primary.dsn("postgres"), "SELECT pg_reload_conf()")
        pooler = Pooler(self.primary.home / "pooler", self.primary.home, text_of("pgbouncer"), user=self.primary.user)
        self.pooler = started.enter_context(pooler)
        ports = [free_port() for _ in range(WEB)]
        self.proxy = Proxy(self.folder / "proxy", text_of("nginx"), ports)
        self.address = f"http://127.0.0.1:{self.proxy.port}"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("EARMARK_")} | {
            "EARMARK_DATABASE_URL": self._as("earmark_service", self.pooler.url(NAME)),
            "EARMARK_DATABASE_POOLER": "true",
            "EARMARK_REPLICA_URL": self._as("earmark_service", self.standby.url(NAME)),
            "EARMARK_DATA_DIR": str(self.folder / "data"),
            "EARMARK_RELEASE_STORE": str(self.folder / "store"),
            "EARMARK_PUBLIC_URL": self.address,
            "EARMARK_SMTP_HOST": "127.0.0.1",
            "EARMARK_SMTP_PORT": str(self.mail.port),
            "EARMARK_SMTP_SECURITY": "none",
            # it is past the hours of the daily jobs there, so that they begin when a worker is up
            "EARMARK_TIMEZONE": _where_it_is_noon(),
        }
        self._fill()
        self.web = [self._process(f"web-{n}", "serve", "--port", str(port)) for n, port in enumerate(ports)]
        for each in self.web:
            each.start()
            started.callback(each.kill, signal.SIGTERM)
        started.enter_context(self.proxy)
        self._until_ready()
        self.workers = [self._process(f"worker-{n}", "jobs", "serve") for n in range(WORKERS)]
        for each in self.workers:
            each.start()
            started.callback(each.kill, signal.SIGTERM)

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
        """Prepares, approves and publishes a release, again and again until it is out, as a person would."""
        for words in (("release", "prepare"), ("release", "approve", "1"), ("release", "publish", "1")):
            for _ in range(20):
                done = self.earmark(*words)
                if done.returncode == 0 or "published already" in done.stderr:
                    break
                time.sleep(2)
            last = (done.stdout + done.stderr).strip().splitlines()
            self.released.append(f"{' '.join(words)}: {last[-1] if last else done.returncode}")

    def fail_over(self) -> None:
        """The primary is gone for good; its standby takes its place."""
        self.primary.process.send_signal(signal.SIGKILL)
        self.primary.process.wait()
        self.standby.promote()
        self.pooler.lead_to(self.standby.sockets)

    def settle(self) -> None:
        """Until no message waits."""
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            waiting = self._count(
                "SELECT count(*) FROM messages WHERE state IN ('waiting', 'sending') AND recipient <> ''"
            )
            running = self._count("SELECT count(*) FROM job_runs WHERE job = 'alerts' AND outcome = 'done'")
            if running and not waiting:
                return
            time.sleep(2)

    def _count(self, query: str) -> int:
        found = self._ask(self.standby.dsn(NAME), query)[0][0]
        assert isinstance(found, int)
        return found

    # what must hold

    def faults(self, acknowledged: Sequence[str]) -> list[str]:
        """What was lost or doubled of the documents that were acknowledged, and of alerts."""
        found: list[str] = []
        rows = self._ask(
            self.standby.dsn(NAME),
            "SELECT document, count(*) FROM ledger_entries WHERE document LIKE 'DRILL-%' GROUP BY 1",
        )
        stored = {str(document): int(str(number)) for document, number in rows}
        found += [f"{each} was acknowledged and is not there" for each in acknowledged if each not in stored]
        found += [f"{document} is there {number} times" for document, number in stored.items() if number > 1]
        told_twice = self._count(
            "SELECT count(*) FROM (SELECT 1 FROM message_alerts a JOIN messages m ON m.id = a.message_pk "
            "WHERE m.state = 'sent' AND a.left_out = '' GROUP BY a.alert_id, a.channel, a.recipient, a.purpose "
            "HAVING count(*) > 1) AS twice"
        )
        if told_twice:
            found.append(f"{told_twice} alerts were told twice")
        untold = self._count(
            "SELECT count(*) FROM messages WHERE state IN ('waiting', 'sending', 'failed') AND recipient <> ''"
        )
        if untold:
            found.append(f"{untold} messages were not sent")
        lost = self._count("SELECT count(*) FROM messages WHERE state = 'sent'") - len(self.mailbox.numbers)
        if lost > 0:
            found.append(f"{lost} messages are said to be sent that the mail server never saw")
        checked = self.earmark("db", "check", url=self._as("earmark_owner", self.standby.url(NAME)))
        if checked.returncode:
            found.append(f"earmark db check: {checked.stdout[-500:]}{checked.stderr[-500:]}")
        return found

    def told(self) -> list[str]:
        """The account of the office."""
        twice = sum(1 for number in self.mailbox.numbers.values() if number > 1)
        alerts = self._count("SELECT count(*) FROM alerts")
        return [
            f"alerts:             {alerts:,} recorded",
            f"messages:           {len(self.mailbox.numbers):,} arrived, {twice} of them twice under one number",
            *(f"release:            {each}" for each in self.released),
        ]


def _where_it_is_noon() -> str:
    """The zone in which it is between noon and one o'clock."""
    offset = 12 - dt.datetime.now(dt.UTC).hour
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"
