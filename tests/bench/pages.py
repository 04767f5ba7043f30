"""Processor time of pages with the example portfolio and at 20,000 and 100,000 projects, and their statements.

Of a large portfolio also the first look of a process, and the first after a change: what was remembered of it and stood
on that holds no more.
"""

import datetime as dt
import io
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from decimal import Decimal
from itertools import count

from sqlalchemy import insert

from app import clock
from app.config import Settings
from app.db import schema
from app.db.base import table
from app.db.engine import WRITE, Database, open_database
from app.db.people import User
from app.db.projects import Project
from app.db.spending import Allocation, LedgerEntry
from app.demo import ORGANISATION, flag_evaluations, load_portfolio
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import AllocationKind, Role
from app.domain.values import use_value_types
from app.founding import found, start_texts
from app.main import create_app
from app.pace import Apart
from app.publishing.codes import code_checker, meant_code, type_checker
from app.web import ahead
from app.web.navigation import WAYS
from app.web.signin.once import make_link
from tests.api import TestClient
from tests.bench import evaluations
from tests.bench.figures import Context, Figure
from tests.queries import count_queries
from tests.web.people import AS_BROWSER, FROM_HERE

SIZES = (20_000, 100_000)
PAGES = ("/", "/projects", "/projects/77", "/projects/77/money",
         "/projects/77/evaluations", "/delivery", "/evaluations", "/partners", "/dashboard", "/admin",
         "/agreements?q=nowhere")  # fmt: skip
#: of a large portfolio those that gather figures of all of it
GATHERING = ("/", "/projects", "/delivery", "/evaluations", "/evaluations/coverage", "/dashboard/years")
#: a text that every project has, and one that none has: all of them are looked through
SOUGHT, IN_VAIN = "/projects?q=project&status=implementation", "/projects?q=nowhere"
#: what the ways of the header lead to, and pages of records
OF_EXAMPLE = (
    *dict.fromkeys(address for way in WAYS for address in (way.address, *way.leads_too)),
    "/projects/1", "/projects/1/money", "/delivery?by=project&unit=ROAF", "/evaluations/coverage", "/dashboard/years",
    "/partners/1", "/partners/1/briefing", "/agreements", "/agreements/1", "/reports/agreements-due",
)  # fmt: skip
#: milliseconds of the processor, with the example portfolio and with a large one
BOUND_OF_EXAMPLE, BOUND = "≤ 25", "≤ 200"
#: so often is a page of the example looked at; the quickest look is told, for others disturb
LOOKS = 5


def bench(context: Context) -> Iterator[Figure]:
    database = open_database(Settings(database_url=f"sqlite:///{context.folder / 'pages.sqlite'}"))
    example(database)
    browser = signed_in(database)
    for page in OF_EXAMPLE:
        yield looked_at(database, browser, page, "the example portfolio", BOUND_OF_EXAMPLE, looks=LOOKS)
    database.dispose()
    for projects in SIZES:
        for name, url in context.database_urls().items():
            database = open_database(Settings(database_url=url))
            fill(database, projects)
            size = f"{projects:,} projects, {name}"
            # duties are computed once, and not by each process
            signed_in(database)
            database.dispose()
            database = open_database(Settings(database_url=url))
            yield counted_ahead(database, size)
            # as the service does: a search for cycles among all that is remembered would fall upon any of the looks
            apart = Apart()
            apart.renew()
            browser = signed_in(database)
            for page in (*GATHERING, SOUGHT, IN_VAIN):
                yield begun(browser, page, size)
            for page in (*PAGES, SOUGHT):
                yield looked_at(database, browser, page, size, BOUND)
            # far from each other
            keys = (1 + number * 997 % projects for number in count())
            for page in (*GATHERING, SOUGHT):
                yield from first_looks(database, browser, page, size, keys)
            apart.end()
            database.dispose()


def counted_ahead(database: Database, size: str) -> Figure:
    """What a process does before anybody asks."""
    ahead.prepare()
    started = time.process_time()
    ahead.look_ahead(database, clock.today(Settings()))
    busy = time.process_time() - started
    return Figure(name="figures counted ahead, as a process begins", value=round(busy, 1), unit="s", size=size)


def begun(browser: TestClient, page: str, size: str) -> Figure:
    """The first look at a page in a process that has looked ahead."""
    busy, _ = busy_with(browser, page)
    return Figure(name=f"page {page}, first look of a process", value=round(busy), unit="ms", size=size, aim=BOUND)


def first_looks(database: Database, browser: TestClient, page: str, size: str, keys: Iterator[int]) -> Iterator[Figure]:
    """The look after a change of each kind, of one of these projects: who looks has looked at the page before."""
    for told, changed in CHANGES.items():
        browser.get(page)
        busy = []
        # what has never been read since the process began is read at the first of the looks
        for _ in range(CHANGED):
            changed(database, next(keys))
            busy.append(busy_with(browser, page)[0])
        name = f"page {page}, first look after {told}"
        told_beside = f"the first time {busy[0]:.0f} ms"
        yield Figure(name=name, value=round(min(busy)), unit="ms", size=size, baseline=told_beside, aim=BOUND)


def signed_in(database: Database) -> TestClient:
    browser = TestClient(create_app(Settings(database_url="sqlite://"), database), headers=AS_BROWSER | FROM_HERE)
    with database.write("bench") as session:
        link = make_link(session, LOCAL, "admin")
    browser.post(link)
    return browser


def looked_at(database: Database, browser: TestClient, page: str, size: str, bound: str, *, looks: int = 1) -> Figure:
    """A page once to warm what is kept, and then as often as told."""
    browser.get(page)
    with count_queries(database) as statements:
        _, length = busy_with(browser, page)
    busy = min(busy_with(browser, page)[0] for _ in range(looks))
    told = f"{len(statements)} statements, {length / 1000:.0f} KB"
    return Figure(name=f"page {page}", value=round(busy), unit="ms", size=size, baseline=told, aim=bound)


def busy_with(browser: TestClient, page: str) -> tuple[float, int]:
    """Milliseconds of the processor, and the length of the answer."""
    started = time.process_time()
    answer = browser.get(page)
    busy = time.process_time() - started
    assert answer.status_code == 200, page
    return busy * 1000, len(answer.content)


def rename(database: Database, key: int) -> None:
    """Somebody gives a project another title."""
    with database.write("bench") as session:
        project = session.get_one(Project, key)
        project.title = f"{project.title}, renamed"


def post(database: Database, key: int) -> None:
    """Somebody records an expenditure of a project."""
    with database.write("bench") as session:
        session.add(
            LedgerEntry(project_id=key, document=f"N-{key}", type="4", date=dt.date(2026, 3, 15), amount=Decimal(10),
                        currency="USD")
        )  # fmt: skip


def allocate(database: Database, key: int) -> None:
    """Somebody decides again what a project has this year."""
    with database.write("bench") as session:
        session.add(
            Allocation(project_id=key, period_start=dt.date(2026, 1, 1), period_end=dt.date(2026, 12, 31), source="RB",
                       kind=AllocationKind.REVISED, decided_on=dt.date(2026, 2, 1), amount=Decimal(900 + key),
                       currency="USD")
        )  # fmt: skip


def redate(database: Database, key: int) -> None:
    """Somebody moves the end of a project, from which its duties follow."""
    with database.write("bench") as session:
        project = session.get_one(Project, key)
        project.planned_end = (project.planned_end or dt.date(2026, 12, 31)) + dt.timedelta(days=40)


#: what somebody stores between two looks
CHANGES = {"another title": rename, "a posting": post, "an allocation": allocate, "new dates": redate}
#: so often is each looked at; the quickest look is told, for others disturb
CHANGED = 3


def example(database: Database) -> None:
    """The example portfolio, as ``make demo`` loads it."""
    schema.migrate(database)
    use_codelists(code_checker(Settings().data_dir), meant_code)
    use_value_types(type_checker())
    with database.write("bench") as session:
        found(session, LOCAL, ORGANISATION, start_texts())
        session.add(User(name="admin", role=Role.ADMIN))
    today = dt.datetime.now(dt.UTC).date()
    with redirect_stdout(io.StringIO()):
        load_portfolio(database, today)
        flag_evaluations(database, Settings(), today)


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
