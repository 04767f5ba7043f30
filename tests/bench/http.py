"""Reading the API with 100,000 projects stored: latency at eight clients, two workers."""

import datetime as dt
import http.client
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from sqlalchemy import insert, select
from sqlmodel import SQLModel

from app.config import Settings
from app.db import schema
from app.db.base import table
from app.db.engine import WRITE, Database, open_database
from app.db.organisation import Officer, Setup, Unit
from app.db.partners import Organisation
from app.db.projects import Classification, Project, ProjectRevision
from app.domain.access import LOCAL
from app.domain.terms import Role, Stage
from tests.bench.figures import Context, Figure

PROJECTS = 100_000
CLIENTS = 8
REQUESTS = 150


def bench(context: Context) -> Iterator[Figure]:
    for name, url in context.database_urls().items():
        database = open_database(Settings(database_url=url))
        token, ids = fill(database)
        database.dispose()
        with service(url) as port:
            floor = latencies(port, ["/health/live"], "")
            for label, paths in (
                (
                    "a page of 50 projects",
                    ["/api/v1/projects?limit=50", "/api/v1/projects?limit=50&status=implementation"],
                ),
                ("one project", [f"/api/v1/projects/{each}" for each in random.Random(1).sample(ids, 200)]),
            ):
                times = latencies(port, paths, token)
                yield Figure(
                    name=f"GET {label}, median, {name}",
                    value=statistics.median(times) * 1000,
                    unit="ms",
                    size=f"{PROJECTS:,} projects, {CLIENTS} clients, 2 workers",
                    baseline=f"p95 {statistics.quantiles(times, n=20)[18] * 1000:.1f} ms; "
                    f"an empty answer takes {statistics.median(floor) * 1000:.1f} ms",
                    aim="≤ 25",
                )


def fill(database: Database) -> tuple[str, list[int]]:
    """Stores the projects; returns a token and the keys of some of them."""
    from app.people.service import create_user, issue_token

    schema.migrate(database)
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    kept = {"version": 1, "created_at": now, "updated_at": now}

    def put(row: type[SQLModel], rows: list[dict[str, object]]) -> None:
        for start in range(0, len(rows), 5000):
            connection.execute(insert(table(row)), rows[start : start + 5000])

    with database.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        organisation = {"identifier": "XM-EX-1", "name": "Example", "name_key": "example", "type": "40"}
        put(Organisation, [{"id": 1, **organisation, "name_translations": [], "former_identifiers": [], **kept}])
        put(Setup, [{"id": 1, "organisation_id": 1, "currency": "USD", "language": "en", "languages": ["en"],
                     "fiscal_year_start": 1, "biennium_starts_even": True,
                     "approval_by_second_person": False}])  # fmt: skip
        put(Unit, [{"id": n, "code": f"U{n}", "name": f"Unit {n}", **kept} for n in range(1, 41)])
        put(Officer, [{"id": n, "code": f"o{n}", "name": f"Officer {n}", "email": f"o{n}@example.org",
                       "unit_id": n % 40 + 1, **kept} for n in range(1, 401)])  # fmt: skip
        stages = list(Stage)
        projects: list[dict[str, object]] = [
            {
                "id": n, "code": f"P/{n:06}", "iati_identifier": f"XM-EX-1-P-{n:06}", "grain": "project",
                "origin": "own", "identifier_frozen": False, "former_identifiers": [], "reporting_org_id": 1,
                "title": f"Decent work number {n}", "title_translations": [["fr", f"Travail décent {n}"]],
                "description": "What the project does " * 10, "description_translations": [],
                "stage": stages[n % 6].value, "planned_start": dt.date(2020 + n % 6, 1, 1),
                "planned_end": dt.date(2023 + n % 6, 12, 31), "total_budget": Decimal(n * 1000),
                "budget_currency": "USD", "unit_id": n % 40 + 1, "officer_id": n % 400 + 1, "pilot": False,
                "south_south": False,
                "content_version": 1, "content_changed_at": now, **kept,
            }
            for n in range(1, PROJECTS + 1)
        ]  # fmt: skip
        put(Project, projects)
        put(Classification, [
            {"project_id": n, "kind": kind, "ordinal": i, "code": code, "percentage": Decimal(50)}
            for n in range(1, PROJECTS + 1)
            for kind, codes in (("country", ("KE", "UG")), ("sector", ("16020", "11330")))
            for i, code in enumerate(codes)
        ])  # fmt: skip
        put(ProjectRevision, [
            {"project_id": n, "field": "planned_end", "sequence": 1, "known_on": dt.date(2020, 1, 1),
             "value": "2023-12-31", "reason": "First plan", "recorded_at": now, "recorded_by": "bench"}
            for n in range(1, PROJECTS + 1)
        ])  # fmt: skip
    with database.write(LOCAL.name) as session:
        create_user(session, LOCAL, "bench", Role.VIEWER)
        session.flush()
        token = issue_token(session, LOCAL, "bench", 1)
        ids = list(session.scalars(select(table(Project).c.id).limit(1000)))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return token, ids


@contextmanager
def service(url: str) -> Iterator[int]:
    """The service with two workers on a port of the loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "uvicorn", "app.main:create_app", "--factory", "--port", str(port), "--workers", "2",
        "--loop", "uvloop", "--http", "httptools", "--log-level", "error",
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, "EARMARK_DATABASE_URL": url}, start_new_session=True)
    try:
        for _ in range(300):
            try:
                get(http.client.HTTPConnection("127.0.0.1", port), "/health/live", "")
                break
            except OSError:
                time.sleep(0.1)
        _wait_until_it_rests(process.pid)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait_until_it_rests(session: int) -> None:
    """A service that has begun counts ahead what its pages show, beside what it answers: that is a figure of the pages.

    Waits until its processes have used less than a twentieth of a second within one.
    """
    before = _processor_time(session)
    for _ in range(120):
        time.sleep(1)
        now = _processor_time(session)
        if now - before < 0.05:
            return
        before = now


def _processor_time(session: int) -> float:
    """Seconds of processor time of the processes of a session, as Linux tells them; elsewhere 0."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(told[3]) == session:
            ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def get(connection: http.client.HTTPConnection, path: str, token: str) -> bytes:
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
    return body


def latencies(port: int, paths: list[str], token: str) -> list[float]:
    """Seconds of every request of all clients, after a warm-up of each."""
    found: list[float] = []
    lock = threading.Lock()

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        times = []
        for turn in range(REQUESTS + 20):
            started = time.perf_counter()
            body = get(connection, paths[(turn + number) % len(paths)], token)
            if turn >= 20:
                times.append(time.perf_counter() - started)
        json.loads(body)
        with lock:
            found.extend(times)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(found) != CLIENTS * REQUESTS:
        raise RuntimeError("a client failed")
    return found
