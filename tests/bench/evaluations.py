"""Evaluations of 100,000 projects: the due list, recomputation, the nightly run, digests of 2,000 officers."""

import datetime as dt
import json
import multiprocessing
import os
import random
import smtplib
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from email.message import EmailMessage
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from app.config import Settings
from app.db import schema
from app.db.alerts import Message
from app.db.base import table
from app.db.engine import WRITE, Database, open_database
from app.db.evaluations import Evaluation, EvaluationProject, Obligation
from app.db.funding import Agreement, FundingShare
from app.db.organisation import Officer, Setup, Unit
from app.db.partners import Organisation, Partner
from app.db.projects import Project, ProjectRevision
from app.domain.periods import add_months
from app.domain.terms import AgreementStatus, EvaluationStatus, PartnerCategory, Stage
from app.evaluations.policies.shipped import shipped_text
from tests.bench.figures import Context, Figure, ProcessRun, line, run_process
from tests.portfolio import choose_policies

PROJECTS, OFFICERS = 100_000, 2_000
#: alerts are of today or later, since what was entered today was not known before
AS_OF = dt.datetime.now(dt.UTC).date()
_UNDATED = dt.date(1900, 1, 1)


def bench(context: Context) -> Iterator[Figure]:
    others = context.database_urls()
    for name, url in context.database_urls().items():
        for figure in bench_evaluations(url, others[name]):
            yield replace(figure, name=f"{figure.name}, {name}")


def bench_evaluations(url: str, other: str, *, projects: int = PROJECTS) -> Iterator[Figure]:
    """Fills an empty database, and another one with a fifth, and measures whole processes from their start."""
    database = open_database(Settings(database_url=url))
    fill(database, projects)
    first = _due(url)
    due = _due(url)
    with database.read() as session:
        obligations = session.scalar(select(func.count()).select_from(table(Obligation))) or 0
    size = f"{projects:,} projects, {obligations:,} obligations"

    def seconds(name: str, run: ProcessRun, aim: str = "", told: str = "") -> Figure:
        account = f"processor {run.cpu:.1f} s, peak {run.peak:.0f} MiB ({run.own:.0f} without pages of files)"
        return Figure(name=name, value=run.wall, unit="s", size=size, baseline=told or account, aim=aim)

    yield seconds("first computation of all obligations", first)
    listed = len(json.loads(due.output))
    yield seconds("evaluations due, nothing changed", due, "≤ 3", f"{listed:,} listed, processor {due.cpu:.1f} s")
    with mail_server() as port:
        mail = {"EARMARK_SMTP_HOST": "127.0.0.1", "EARMARK_SMTP_PORT": str(port), "EARMARK_SMTP_SECURITY": "none"}
        alerted = _alert(url, AS_OF, **mail)
        told = json.loads(alerted.output)
        yield seconds(f"first alert run, {len(told['recorded']):,} rungs, {told['messages']:,} messages sent", alerted)
        delivered, sending = _resend(database, url, mail)
        plain = _send_plainly(port, delivered)
    yield Figure(
        name=f"digests to {delivered:,} officers, over a bare loop",
        value=sending / plain,
        unit="×",
        baseline=f"ours {sending:.1f} s, the bare loop {plain:.1f} s",
        aim="≤ 2",
    )
    tomorrow = AS_OF + dt.timedelta(days=1)
    yield seconds("alert run of the next night", _alert(url, tomorrow))
    yield seconds("nightly run with nothing to send", _alert(url, tomorrow), "≤ 5")
    changed = _load_policy(url, 450_000)
    yield seconds("recomputation after a policy change", changed, "≤ 60")
    database.dispose()
    fifth = _recomputation_of(other, projects // 5)
    yield Figure(
        name="memory of a recomputation, without pages of files",
        value=changed.own,
        unit="MiB",
        size=size,
        baseline=f"{fifth.own:.0f} MiB for {projects // 5:,} projects",
        aim=f"≤ {fifth.own * 1.3:.0f}",
    )


def _recomputation_of(url: str, projects: int) -> ProcessRun:
    database = open_database(Settings(database_url=url))
    fill(database, projects)
    database.dispose()
    _due(url)
    return _load_policy(url, 450_000)


def _due(url: str) -> ProcessRun:
    return earmark(url, "evaluations", "due", "--as-of", str(AS_OF), "--format", "json")


def _alert(url: str, as_of: dt.date, **environment: str) -> ProcessRun:
    return earmark(url, "jobs", "run", "evaluation-alerts", "--as-of", str(as_of), "--format", "json", **environment)


def earmark(url: str, *words: str, **environment: str) -> ProcessRun:
    """Runs a command in a process of its own, start of the interpreter included."""
    command = (sys.executable, "-m", "app.cli", *words)
    return run_process(*command, environment={"EARMARK_DATABASE_URL": url, **environment})


def _load_policy(url: str, limit: int) -> ProcessRun:
    """Loads a policy whose lowest band ends elsewhere, so that every project is judged anew."""
    text = shipped_text("default").replace("500000", str(limit))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "policy.yaml"
        file.write_text(text, encoding="utf-8")
        return earmark(url, "evaluations", "policy", "load", str(file), "--as-of", str(AS_OF))


def _resend(database: Database, url: str, mail: dict[str, str]) -> tuple[int, float]:
    """Puts every mail back into the outbox and delivers them; their number and the seconds it took."""
    with database.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        connection.execute(
            table(Message).update().values(state="waiting", next_attempt_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        )
        count = connection.scalar(select(func.count()).select_from(table(Message))) or 0
    idle = earmark(url, "jobs", "run", "tidy", **mail)
    run = earmark(url, "jobs", "run", "deliver-outbox", **mail)
    return count, max(0.01, run.wall - idle.wall)


def _send_plainly(port: int, count: int) -> float:
    """Seconds that the bare library takes to hand over as many mails."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "earmark@localhost", "officer@example.org", "Evaluations"
    mail.set_content("A step to take.\n" * 20)
    mail.add_alternative("<p>A step to take.</p>" * 20, subtype="html")
    started = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(count):
            server.send_message(mail)
    return time.perf_counter() - started


def _serve_mail(port: "multiprocessing.Queue[int]", stop: Event) -> None:
    from aiosmtpd.controller import Controller

    class Sink:
        async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
            return "250 taken"

    class OnAnyPort(Controller):
        def _trigger_server(self) -> None:
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    controller = OnAnyPort(Sink(), hostname="127.0.0.1", port=0)
    controller.start()
    port.put(controller.port)
    stop.wait()
    controller.stop()


@contextmanager
def mail_server() -> Iterator[int]:
    """A mail server in a process of its own that takes everything; its port."""
    spawning = multiprocessing.get_context("spawn")
    port: Any = spawning.Queue()
    stop = spawning.Event()
    process = spawning.Process(target=_serve_mail, args=(port, stop), daemon=True)
    process.start()
    try:
        yield port.get(timeout=30)
    finally:
        stop.set()
        process.join(10)


def fill(database: Database, projects: int) -> None:
    """A portfolio of fifteen years; of a hundred evaluations of what has ended ninety-seven are done."""
    schema.migrate(database)
    with database.write("bench") as session:
        choose_policies(session)
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    kept = {"version": 1, "created_at": now, "updated_at": now}
    chance = random.Random(1)

    with database.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():

        def put(row: type, rows: list[dict[str, Any]]) -> None:
            if rows:
                connection.execute(insert(table(row)), rows)

        put(
            Organisation,
            [
                {
                    "id": key,
                    "identifier": f"XX-{key}",
                    "name": f"Org {key}",
                    "name_key": f"org {key}",
                    "name_translations": [],
                    "former_identifiers": [],
                    **kept,
                }
                for key in range(1, 42)
            ],
        )
        put(
            Setup,
            [
                {
                    "id": 1,
                    "organisation_id": 1,
                    "currency": "USD",
                    "language": "en",
                    "languages": ["en"],
                    "fiscal_year_start": 1,
                    "biennium_starts_even": True,
                    "approval_by_second_person": False,
                }
            ],
        )
        put(
            Partner,
            [
                {
                    "id": key,
                    "code": f"PARTNER{key}",
                    "organisation_id": key + 1,
                    "screening": "not-required",
                    "category": PartnerCategory.GOVERNMENT,
                    "framework_themes": [],
                    **kept,
                }
                for key in range(1, 41)
            ],
        )
        put(
            Unit,
            [
                {
                    "id": key,
                    "code": f"U{key}",
                    "name": f"Unit {key}",
                    "head": f"Head {key}",
                    "head_email": f"head{key}@example.org",
                    **kept,
                }
                for key in range(1, 51)
            ],
        )
        put(
            Officer,
            [
                {
                    "id": key,
                    "code": f"o{key}",
                    "name": f"Officer {key}",
                    "email": f"o{key}@example.org",
                    "unit_id": key % 50 + 1,
                    **kept,
                }
                for key in range(1, OFFICERS + 1)
            ],
        )
        for start in range(1, projects + 1, 5000):
            _fill_batch(put, range(start, min(start + 5000, projects + 1)), chance, kept, now)
        if not database.is_sqlite:
            for name in ("projects", "agreements", "evaluations", "officers", "units", "partners", "organisations"):
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
                )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _fill_batch(put: Any, keys: range, chance: random.Random, kept: dict[str, Any], now: dt.datetime) -> None:
    rows: dict[type, list[dict[str, Any]]] = {
        row: [] for row in (Project, ProjectRevision, Agreement, FundingShare, Evaluation, EvaluationProject)
    }
    for key in keys:
        start = dt.date(2012, 1, 1) + dt.timedelta(days=chance.randrange(15 * 365))
        end = add_months(start, chance.randrange(12, 61)) - dt.timedelta(days=1)
        low, high = chance.choices([(50, 499), (500, 1000), (1001, 5000), (5001, 40_000)], [30, 20, 35, 15])[0]
        budget = Decimal(chance.randrange(low, high + 1) * 1000)
        ended = end < AS_OF - dt.timedelta(days=120)
        rows[Project].append(
            {"id": key, "grain": "project", "code": f"P/{key:06}", "iati_identifier": f"XX-1-P-{key:06}",
             "identifier_frozen": False, "former_identifiers": [], "origin": "own", "reporting_org_id": 1,
             "title": f"Project {key}", "title_translations": [], "description_translations": [],
             "stage": Stage.CLOSED if ended else Stage.IMPLEMENTATION, "planned_start": start, "planned_end": end,
             "actual_start": start, "actual_end": end if ended else None, "total_budget": budget,
             "budget_currency": "USD", "unit_id": key % 50 + 1, "officer_id": key % OFFICERS + 1, "pilot": False,
             "south_south": False, "content_version": 1, **kept}
        )  # fmt: skip
        for field, value in (("planned_start", start), ("planned_end", end), ("total_budget", f"{budget} USD")):
            rows[ProjectRevision].append(
                {"project_id": key, "field": field, "sequence": 1, "known_on": _UNDATED, "value": str(value),
                 "reason": "Stated", "recorded_at": now, "recorded_by": "bench"}
            )  # fmt: skip
        rows[Agreement].append(
            {"id": key, "reference": f"A-{key}", "partner_id": key % 40 + 1, "title": f"Agreement {key}",
             "preset": "project", "status": AgreementStatus.SIGNED, "signed_on": start, "currency": "USD",
             "amount": budget, "gross": True, "mobilised_locally": False,
             "modality": "I", "category": 4, "origin": "own", **kept}
        )  # fmt: skip
        rows[FundingShare].append({"agreement_id": key, "project_id": key, "percent": Decimal(100), **kept})
        for place, (kind, due) in enumerate((("mid-term", start + (end - start) // 2), ("final", end))):
            if due < AS_OF - dt.timedelta(days=60) and chance.random() < 0.97 and (kind == "final" or budget > 10**6):
                number = key * 2 + place
                rows[Evaluation].append(
                    {"id": number, "reference": f"EV-{number}", "kind": kind, "independence": "independent",
                     "status": EvaluationStatus.FINAL, "completed_on": due, "evaluators": [], "scope": "project",
                     "published": False, **kept}
                )  # fmt: skip
                rows[EvaluationProject].append({"evaluation_id": number, "project_id": key})
    for row, values in rows.items():
        put(row, values)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        count = int(os.environ.get("EARMARK_BENCH_PROJECTS", PROJECTS))
        for each in bench_evaluations(f"sqlite:///{place}/bench.db", f"sqlite:///{place}/other.db", projects=count):
            print(line(each), flush=True)
