"""The statements that are asked most often find their rows by an index, on both databases, whatever has piled up.

A request is made as a client makes it, every statement that it sends is noted, and the database is asked how it would
go about it. One that would walk through a whole large table is named.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection, Integer, String, Table, UniqueConstraint, event
from sqlmodel import Session

from app.alerts import queries as alerts
from app.config import Settings
from app.db.base import metadata, utc_now
from app.db.bulk import take_turns
from app.db.engine import WRITE, Database, open_database
from app.db.leases import lease
from app.db.pages import SignInAttempt
from app.db.publishing import PublicFile
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.evaluations.obligations import queries_due, queries_stamps
from app.jobs.runner import run_job
from app.jobs.timetable import job
from app.outbox import queries as outbox
from app.people.audit import seal
from app.projects.documents import create_document
from app.projects.schemas import DocumentIn
from app.web.ahead import look_ahead
from tests.api import Api, TestClient
from tests.conftest import empty_copy
from tests.web import example
from tests.web.people import signed_in

#: what there is once of everything is there so often
COPIES = 1000
#: keys of copies lie so far apart
STRIDE = 1000
#: rows from which on a table is large
LARGE = 900
#: of these there are few, whatever piles up
FEW = {"setup", "leases", "evaluation_policies", "assessments", "audit_seals", "job_runs", "alembic_version"}
#: what copies have in place of what is copied: nearly everything was told long ago
OF_COPIES = {
    # what is due on a day is a small part of what will be
    ("obligations", "opens_on"): "'2030-01-01'",
    ("obligations", "due_on"): "'2030-06-30'",
    ("obligations", "look_on"): "'2029-01-01'",
    ("messages", "state"): "'sent'",
    ("audit_events", "entity_id"): "audit_events.entity_id || '-' || numbers.c",
}
DAY = example.DAY


@dataclass(kw_only=True)
class Grown:
    """A database in which everything is there some thousand times, and who asks."""

    database: Database
    settings: Settings
    api: Api
    officer: TestClient
    browser: TestClient
    #: rows by table
    sizes: dict[str, int] = field(default_factory=dict)


Ask = Callable[[Grown], object]


def get(path: str) -> Ask:
    return lambda grown: answered(grown.officer.get(path), 200)


def page(path: str) -> Ask:
    return lambda grown: answered(grown.browser.get(path), 200)


def answered(answer: object, *statuses: int) -> None:
    status = getattr(answer, "status_code", None)
    assert status in statuses, f"{status}: {getattr(answer, 'text', '')[:300]}"


def post_once(grown: Grown) -> None:
    spent = {
        "document": "EX-9", "project": "RAF/1", "type": "expenditure", "date": "2026-01-04", "amount": "1",
        "currency": "USD",
    }  # fmt: skip
    for _ in range(2):
        answered(grown.officer.post("/transactions", json=spent, headers={"Idempotency-Key": "k"}), 201)


def reading(ask: Callable[[Session], object]) -> Ask:
    def asked(grown: Grown) -> None:
        with grown.database.read() as session:
            ask(session)

    return asked


def alerts_to_tell(session: Session) -> None:
    newest = alerts.newest_alert_id(session, utc_now())
    for waiting in alerts.untold_recipients(session, newest - STRIDE):
        alerts.untold(session, [waiting.officer_id], newest - STRIDE)
    alerts.last_done(session, "alerts")


def obligations_to_look_at(session: Session) -> None:
    keys = queries_due.to_look_at(session, DAY)
    queries_due.still_to_look_at(session, DAY, keys[:20])
    alerts.recorded_alerts(session, "obligation", keys[:20])


def deliver(grown: Grown) -> None:
    now = utc_now()
    with grown.database.write("tests") as session:
        take_turns(session, "outbox")
        outbox.any_to_deliver(session, now)
        outbox.claimers(session)
        ids = outbox.claim(session, "a:1:x", now, now, ["mail"], [], 100)
        assert ids
        outbox.stands(session, ids, "a:1:x", now)
        outbox.mark_sent(session, ids, "a:1:x", now)


def hold_a_lease(grown: Grown) -> None:
    with lease(grown.database, "work", "a:1:x", patience=0) as held, grown.database.write("tests") as session:
        held.guard(session)


def seal_trail(grown: Grown) -> None:
    with grown.database.write("tests") as session:
        seal(session)


#: what is asked most often
HOTTEST: dict[str, Ask] = {
    "a page of projects": get("/projects?limit=50"),
    "projects by status": get("/projects?limit=50&status=implementation"),
    "projects of a unit": get("/projects?limit=50&unit=ROAF"),
    "a project by its code": get("/projects?code=RAF/1"),
    "one project": get("/projects/1"),
    "the page of a project": page("/projects/1"),
    "the delivery of one project": get("/reports/delivery?period=2026&project=RAF/1"),
    "revisions of a project": get("/projects/1/revisions"),
    "documents of a project": get("/projects/1/documents"),
    "the ledger of a project": get("/transactions?project=RAF/1"),
    "the ledger by document": get("/transactions?document=EX-1"),
    "allocations of a project": get("/allocations?project=RAF/1"),
    "the audit trail of a project": get("/projects/1/audit"),
    "the audit trail of a record": get("/audit-events?entity=projects&entity_id=1"),
    "a posting under a one-time key": post_once,
    "agreements of a partner": get("/agreements?partner=NLD"),
    "evaluations of a project": get("/evaluations?project=RAF/1"),
    "a public file": lambda grown: answered(grown.api.stranger().get("/iati/xx-own-activities.xml"), 404, 410),
    "obligations that alerts look at": reading(obligations_to_look_at),
    "projects of which something begins to count": reading(lambda session: queries_stamps.coming_due(session, DAY)),
    "alerts that nobody was told": reading(alerts_to_tell),
    "the due list": reading(lambda session: queries_due.due_candidates(session, DAY, DAY, None)),
    "the due list of a unit": reading(lambda session: queries_due.due_candidates(session, DAY, DAY, "ROAF")),
    "the outbox": deliver,
    "a lease": hold_a_lease,
    "the newest events sealed": seal_trail,
}

#: tables that it is right to go through as a whole, and why
WHOLE = {
    ("agreements of a partner", "agreements"): "further partners stand in a list; there are ten thousands at most",
    ("agreements of a partner", "partners"): "and so are they",
    ("the page of a project", "allocations"): "SQLite alone: it does not look into a ranking by project",
    ("the delivery of one project", "allocations"): "SQLite alone: it does not look into a ranking by project",
    ("alerts that nobody was told", "alerts"): "SQLite alone: from the end, up to the first that is old enough",
}
#: what PostgreSQL is right to read as a whole
WHOLE_ON_POSTGRESQL = {key for key, reason in WHOLE.items() if not reason.startswith("SQLite alone")}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    with empty_copy(request, request.param, tmp_path_factory.mktemp("grown")) as database:
        store: Path = tmp_path_factory.mktemp("store")
        settings = Settings(database_url="sqlite://", release_store=store, _env_file=None)  # type: ignore[call-arg]
        api = Api(settings, database)
        example.fill(api)
        with database.write("tests") as session:
            document = {
                "project": "RAF/1", "url": "https://example.org/1.pdf", "title": "Report", "category": "A07",
                "format": "application/pdf",
            }  # fmt: skip
            create_document(session, LOCAL, DocumentIn.model_validate(document))
            session.add(PublicFile(dataset="xx-own-activities", reporting_org="XX-OWN", changed_at=utc_now()))
            session.add(SignInAttempt(subject="name:ann", at=utc_now()))
        found = Grown(
            database=database, settings=settings, api=api, officer=api.client(Role.ADMIN, name="asker"),
            browser=signed_in(api, name="visitor"),
        )  # fmt: skip
        answered(found.officer.post("/units", json={"code": "X", "name": "X"}, headers={"Idempotency-Key": "u"}), 201)
        run_job(database, settings, job("evaluation-alerts"), dt.date(2026, 1, 5))
        with database.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
            multiply(connection)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        with database.engine.connect() as connection:
            for each in metadata.tables:
                found.sizes[each] = connection.exec_driver_sql(f"SELECT count(*) FROM {each}").scalar_one()
        yield found


def multiply(connection: Connection) -> None:
    """Copies every row of every table that grows, with keys moved on and unique texts made anew."""
    if connection.dialect.name == "postgresql":
        # references and guards would be looked at row by row, and copies refer to copies
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    else:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    numbers = f"WITH RECURSIVE numbers(c) AS (SELECT 1 UNION ALL SELECT c + 1 FROM numbers WHERE c < {COPIES})"
    for each in metadata.sorted_tables:
        if each.name in FEW:
            continue
        unique = unique_texts(each)
        columns = [column.name for column in each.columns]
        values = []
        for column in each.columns:
            if (given := OF_COPIES.get((each.name, column.name))) is not None:
                values.append(given)
            elif isinstance(column.type, Integer) and (column.name == "id" or moves(column.name, each)):
                values.append(f"{each.name}.{column.name} + numbers.c * {STRIDE}")
            elif column.name in unique:
                values.append(f"{each.name}.{column.name} || '-' || numbers.c")
            else:
                values.append(f'{each.name}."{column.name}"')
        names = ", ".join(f'"{name}"' for name in columns)
        ordered = f"{numbers} SELECT {', '.join(values)} FROM {each.name}, numbers"
        connection.exec_driver_sql(f"INSERT INTO {each.name} ({names}) {ordered}")


def moves(name: str, where: Table) -> bool:
    """Whether a column holds the key of a row that is copied."""
    if not name.endswith(("_id", "_pk")):
        return False
    targets = {key.column.table.name for key in where.columns[name].foreign_keys}
    return not targets & FEW


def unique_texts(where: Table) -> set[str]:
    """A text column of each unique key that holds no key of another row."""
    keys = [list(each.columns) for each in where.constraints if isinstance(each, UniqueConstraint)]
    keys += [list(each.columns) for each in where.indexes if each.unique]
    keys += [[column] for column in where.columns if column.unique]
    found = set()
    for columns in keys:
        if any(isinstance(column.type, Integer) and moves(column.name, where) for column in columns):
            continue
        texts = [column.name for column in columns if not column.foreign_keys and isinstance(column.type, String)]
        found |= set(texts[:1])
    return found


def test_the_hottest_statements_walk_through_no_large_table(grown: Grown) -> None:
    faults = []
    for name, ask in HOTTEST.items():
        try:
            told = sent(grown.database, lambda ask=ask: ask(grown))
        except AssertionError as error:
            faults.append(f"{name}: {error}"[:300])
            continue
        for statement, parameters in told:
            for walked in walks(grown, statement, parameters):
                if (name, walked) not in (WHOLE if grown.database.is_sqlite else WHOLE_ON_POSTGRESQL):
                    faults.append(f"{name}: the whole of {walked}: {' '.join(statement.split())[:1200]}")
    assert not faults, "\n\n".join(faults)


def test_what_is_counted_by_portion_begins_with_the_portions(grown: Grown) -> None:
    """SQLite alone: it takes the index of a word that half of the rows have for a better one, and looks through the
    portions for each of them, or through all projects for each portion."""
    if not grown.database.is_sqlite:
        pytest.skip("PostgreSQL knows how many rows have a word")
    # nothing is remembered of a database that was just opened
    database = open_database(Settings(database_url=str(grown.database.engine.url)))
    told = [each for each in sent(database, lambda: look_ahead(database, DAY)) if "portions" in each[0]]
    assert len(told) >= 10
    faults = []
    for statement, parameters in told:
        with database.engine.connect() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            faults += [f"{loops}: {' '.join(statement.split())[:600]}" for loops in astray(cursor.fetchall())]
    database.dispose()
    assert not faults, "\n\n".join(faults)


def astray(plan: Sequence[tuple[int, int, int, str]]) -> list[list[str]]:
    """The loops of a plan that come to the portions late, or read more than a range of rows for each of them."""
    loops: dict[int, list[str]] = {}
    for _, within, _, told in plan:
        if told.startswith(("SCAN", "SEARCH")):
            loops.setdefault(within, []).append(told)
    inner = {step for step, _, _, told in plan if told.startswith("CORRELATED")}
    late = [each for each in loops.values() if any("portions" in step for step in each[1:])]
    return late + [each for within, each in loops.items() if within in inner and not _NARROW.search(each[0])]


#: a range of rows, a single row, or those of one project
_NARROW = re.compile(r">\?|rowid=\?|project_id=\?|autoindex")


def sent(database: Database, ask: Callable[[], object]) -> list[tuple[str, object]]:
    """The statements that something sends, each once, with their parameters."""
    found: dict[str, object] = {}

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(*given: object) -> None:
        _, _, statement, parameters, _, many = given
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH|INSERT)", str(statement)):
            found.setdefault(str(statement), parameters[0] if many and isinstance(parameters, list) else parameters)

    try:
        ask()
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return list(found.items())


def walks(grown: Grown, statement: str, parameters: object) -> list[str]:
    """The large tables that a statement would go through row by row."""
    large = {name for name, rows in grown.sizes.items() if rows >= LARGE}
    with grown.database.engine.connect() as connection:
        cursor = connection.connection.cursor()
        if connection.dialect.name == "postgresql":
            # as on a disk without arms, so that some thousand rows tell what some million would
            cursor.execute("SET random_page_cost = 1.1")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            (plan,) = cursor.fetchone()
            plan = json.loads(plan) if isinstance(plan, str) else plan
            return sorted(set(sequential(plan[0]["Plan"])) & large)
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [str(row[3]) for row in cursor.fetchall()]
    names = {match[1] for step in steps if (match := re.match(r"SCAN (\w+)(?! USING)", step)) and "USING" not in step}
    aliases = dict(re.findall(r"(\w+) AS (\w+)", statement))
    real = {alias: name for name, alias in aliases.items()}
    return sorted({real.get(name, name) for name in names} & large)


def sequential(plan: dict[str, object]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield str(plan["Relation Name"])
    for below in plan.get("Plans", []):
        yield from sequential(below)
