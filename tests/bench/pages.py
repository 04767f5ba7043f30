"""Processor time of pages at 20,000 and 100,000 projects, and how many statements each makes."""

import datetime as dt
import time
from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import insert

from app.config import Settings
from app.db.base import table
from app.db.engine import WRITE, Database, open_database
from app.db.people import User
from app.db.spending import Allocation, LedgerEntry
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.main import create_app
from app.web.signin.once import make_link
from tests.api import TestClient
from tests.bench import evaluations
from tests.bench.figures import Context, Figure
from tests.queries import count_queries
from tests.web.people import AS_BROWSER, FROM_HERE

SIZES = (20_000, 100_000)
PAGES = ("/", "/projects", "/projects?q=project&status=implementation", "/projects/77", "/projects/77/money",
         "/projects/77/evaluations", "/delivery", "/evaluations", "/partners", "/dashboard", "/admin")  # fmt: skip
#: milliseconds of the processor
BOUND = "≤ 200"


def bench(context: Context) -> Iterator[Figure]:
    for projects in SIZES:
        url = f"sqlite:///{context.folder / f'pages{projects}.sqlite'}"
        database = open_database(Settings(database_url=url))
        fill(database, projects)
        yield from measured(database, projects)
        database.dispose()


def measured(database: Database, projects: int) -> Iterator[Figure]:
    """Each page once to warm what is kept, and once more."""
    service = create_app(Settings(database_url="sqlite://"), database)
    browser = TestClient(service, headers=AS_BROWSER | FROM_HERE)
    with database.write("bench") as session:
        link = make_link(session, LOCAL, "admin")
    browser.post(link)
    for page in PAGES:
        browser.get(page)
        with count_queries(database) as statements:
            started = time.process_time()
            answer = browser.get(page)
            busy = time.process_time() - started
        assert answer.status_code == 200, page
        yield Figure(
            name=f"page {page}",
            value=round(busy * 1000),
            unit="ms",
            size=f"{projects:,} projects, SQLite",
            baseline=f"{len(statements)} statements, {len(answer.content) / 1000:.0f} KB",
            aim=BOUND,
        )


def fill(database: Database, projects: int) -> None:
    """The portfolio of the bench of evaluations, with three years of allocations and four postings each."""
    evaluations.fill(database, projects)
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    recorded = {"recorded_at": now, "recorded_by": "bench"}
    with database.write("bench") as session:
        session.add(User(name="admin", role=Role.ADMIN))
    with database.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        for start in range(1, projects + 1, 5000):
            keys = range(start, min(start + 5000, projects + 1))
            connection.execute(insert(table(Allocation)), [
                {
                    "project_id": key, "period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31),
                    "source": "RB", "kind": "original", "decided_on": dt.date(year - 1, 12, 1),
                    "amount": Decimal(1000 + key % 900), "currency": "USD", "outcome": "", "country": "", "line": 0,
                    "reason": "", "withdrawn": False, **recorded,
                }
                for key in keys for year in (2024, 2025, 2026)
            ])  # fmt: skip
            connection.execute(insert(table(LedgerEntry)), [
                {
                    "project_id": key, "document": f"D-{key}-{number}", "type": "4",
                    "date": dt.date(2025 + number % 2, 1 + number * 3, 15), "amount": Decimal(100 + key % 300),
                    "currency": "USD", "internal": False, "entry_kind": "posting", "reason": "", **recorded,
                }
                for key in keys for number in range(4)
            ])  # fmt: skip
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
