"""Several processes on one PostgreSQL: throughput and processor time with 1, 2 and 3 web processes, 1 and 2 workers.

Clients, web processes, PostgreSQL and the mail server share the cores of this machine, so that the shape counts and not
the height: where a second process adds less than half, the cores are used up.
"""

import datetime as dt
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.controller import Controller

from app.config import Settings
from app.db import schema
from app.db.engine import open_database
from app.jobs.runner import Job, run_job
from app.outbox.deliver import deliver
from app.outbox.notices import Notice, put
from app.work import Result
from tests.bench.figures import Context, Figure
from tests.cluster.parts import free_port
from tests.cluster.writing import write_tables

PROJECTS = 2_000
CLIENTS = 16
#: of all clients together, for each number of processes
REQUESTS = 1_600
MESSAGES, JOBS = 1_500, 200
DAY = dt.date(2026, 11, 20)

_TICK = os.sysconf("SC_CLK_TCK")


def bench(context: Context) -> Iterator[Figure]:
    if context.server is None:
        return
    url = context.server.create("processes")
    token = fill(url, context.folder)
    for number in (1, 2, 3):
        with service(url, number) as (port, process):
            ask(port, token, CLIENTS * 20)
            before = cpu(process.pid), cpu(context.server.process.pid)
            started = time.perf_counter()
            ask(port, token, REQUESTS)
            wall = time.perf_counter() - started
            web, server = cpu(process.pid) - before[0], cpu(context.server.process.pid) - before[1]
        yield Figure(
            name=f"{number} web process{'es' if number > 1 else ''}",
            value=REQUESTS / wall,
            unit="requests/s",
            size=f"{PROJECTS:,} projects, {CLIENTS} clients, one request in ten writes",
            baseline=f"processor time a request: web {web / REQUESTS * 1000:.1f} ms, "
            f"PostgreSQL {server / REQUESTS * 1000:.1f} ms",
        )
    yield from workers(url)


def workers(url: str) -> Iterator[Figure]:
    """Messages that are sent, and jobs that do nothing, by one worker and by two."""
    mail = Controller(Taking(), hostname="127.0.0.1", port=free_port())
    mail.start()
    try:
        for what, total, unit in (("deliver", MESSAGES, "messages/s"), ("jobs", JOBS, "jobs/s")):
            for number in (1, 2):
                if what == "deliver":
                    put_messages(url)
                done = together(number, what, url, str(mail.port), str(total // number))
                yield Figure(
                    name=f"{number} worker{'s' if number > 1 else ''}, {unit.partition('/')[0]}",
                    value=total / max(each.wall for each in done),
                    unit=unit,
                    size="to a mail server on this machine" if what == "deliver" else "lease, history and nothing else",
                    baseline=f"processor time each: {sum(each.cpu for each in done) / total * 1000:.1f} ms",
                )
    finally:
        mail.stop()


class Taking:
    """A mail server that takes everything."""

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        return "250 OK"


@dataclass(frozen=True, kw_only=True)
class Worked:
    """Seconds of wall clock and of processor that a worker was at it."""

    wall: float
    cpu: float


def together(number: int, *words: str) -> list[Worked]:
    """So many workers at once, which begin when all of them are ready."""
    command = [sys.executable, "-m", "tests.bench.processes", *words]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(number)
    ]
    for each in running:
        assert each.stdout is not None
        each.stdout.readline()
    for each in running:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    return [Worked(**json.loads(each.communicate()[0])) for each in running]


def work(what: str, url: str, port: str, number: str) -> None:
    """What a worker does, in its process; prints how long it took."""
    settings = Settings(
        database_url=url, smtp_host="127.0.0.1", smtp_port=int(port), smtp_security="none", _env_file=None
    )  # fmt: skip
    database = open_database(settings)
    schema.require_current(database)
    job = Job(name=f"bench-{os.getpid()}", purpose="nothing", run=lambda _work: Result(), schedule=None)
    print("ready", flush=True)
    sys.stdin.readline()
    started, before = time.perf_counter(), time.process_time()
    if what == "deliver":
        deliver(database, settings)
    else:
        for _ in range(int(number)):
            run_job(database, settings, job, DAY)
    print(json.dumps({"wall": time.perf_counter() - started, "cpu": time.process_time() - before}))


def put_messages(url: str) -> None:
    """Notices for so many people."""
    settings = Settings(database_url=url, _env_file=None)
    database = open_database(settings)
    number = time.monotonic_ns()
    with database.write("bench") as session:
        notice = Notice(event="told", key=str(number), subject="News", opening="There is news.", lines=("One line.",))
        put(session, settings, notice, [(f"p{n}@example.org", "Somebody") for n in range(MESSAGES)])
    database.dispose()


def fill(url: str, folder: Path) -> str:
    """The office of the drill, smaller; gives a token."""
    environment = {**os.environ, "EARMARK_DATABASE_URL": url, "EARMARK_DATA_DIR": str(folder / "data")}

    def earmark(*words: str) -> str:
        command = [sys.executable, "-m", "app.cli", *words]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    earmark("init", "--name", "Example", "--org-id", "XM-EX-1", "--type", "40", "--currency", "USD", "--policy", "none")
    for kind, path in write_tables(folder, PROJECTS):
        earmark("import", "csv", kind, str(path))
    earmark("user", "create", "bench", "--role", "admin")
    return earmark("token", "create", "bench").split()[-1]


@contextmanager
def service(url: str, number: int) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The service with so many processes."""
    port = free_port()
    environment = {**os.environ, "EARMARK_DATABASE_URL": url, "EARMARK_API_RATE": ""}
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(number)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while True:
            try:
                answer(http.client.HTTPConnection("127.0.0.1", port), "GET", "/health/live", "")
                break
            except OSError:
                time.sleep(0.1)
        yield port, process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def ask(port: int, token: str, requests: int) -> None:
    """Clients that share out so many requests."""
    failed: list[BaseException] = []

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            for turn in range(requests // CLIENTS):
                code = f"P/{(turn * CLIENTS + number) % PROJECTS + 1:06}"
                if turn % 10 == 0:
                    body = {
                        "document": f"B-{time.monotonic_ns()}-{number}", "project": code, "type": "expenditure",
                        "date": "2026-01-15", "amount": "12.50", "currency": "USD",
                    }  # fmt: skip
                    answer(connection, "POST", "/api/v1/transactions", token, body)
                else:
                    answer(connection, "GET", f"/api/v1/projects?{'limit=50' if turn % 2 else f'q={code}'}", token)
        except (OSError, RuntimeError) as error:
            failed.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def answer(
    connection: http.client.HTTPConnection, method: str, path: str, token: str, body: object | None = None
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, headers | ({"Content-Type": "application/json"} if content else {}))
    got = connection.getresponse()
    said = got.read()
    if got.status not in (200, 201):
        raise RuntimeError(f"{path}: {got.status} {said[:300]!r}")


def cpu(pid: int) -> float:
    """Seconds of processor that a process and all that it started have used so far (Linux)."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        number = int(path.parent.name)
        children.setdefault(int(fields[1]), []).append(number)
        # with what children that have ended had used
        used[number] = sum(int(each) for each in fields[11:15]) / _TICK
    found, waiting = 0.0, [pid]
    while waiting:
        each = waiting.pop()
        found += used.get(each, 0.0)
        waiting += children.get(each, [])
    return found


if __name__ == "__main__":
    work(*sys.argv[1:])
