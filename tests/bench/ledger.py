"""Import of the ledger: rows a second, first and again, into a large database, and memory at ten times the size."""

import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert

from app.config import Settings
from app.db.base import table
from app.db.engine import open_database
from app.db.projects import Project
from tests import portfolio
from tests.bench.figures import Context, Figure, run_process
from tests.bench.imports import prepare
from tests.bench.reports import fill as fill_large

COUNT = 100_000
TIMES = 10
PROJECTS = 2_000
#: a large database: its projects, agreements, and rows of the ledger
LARGE, AGREEMENTS, ENTRIES = 20_000, 2_000, 240_000

#: run in a process of its own, so that its memory and time are the import's alone
_IMPORT = """
import sys, time
from datetime import date
from pathlib import Path
from app.config import Settings
from app.db.engine import open_database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.publishing.codes import code_checker
from app.tabular.registry import kind
from app.tabular.service import import_table
use_codelists(code_checker(None))
database = open_database(Settings(database_url=sys.argv[1]))
started = time.perf_counter()
report = import_table(database, LOCAL, kind("transactions"), Path(sys.argv[2]), today=date(2026, 11, 20))
assert report.faults == [], report.faults[:3]
print(time.perf_counter() - started, report.created, report.unchanged)
"""


def write(path: Path, count: int, *, first: int = 0, projects: int = PROJECTS, code: str = "P") -> Path:
    """A file of so many postings, by the day, over all projects."""
    with path.open("w", encoding="utf-8") as file:
        file.write("document,project,type,date,amount,currency,description,country,assistance\n")
        for number in range(first, first + count):
            day = f"2026-{1 + number % 10:02}-{1 + number % 28:02}"
            project = number * 7919 % projects
            file.write(f"V-{number},{code}/{project},4,{day},{number % 9973}.5,USD,Voucher {number},GH,staff\n")
    return path


def fill(url: str, path: Path) -> tuple[float, float]:
    """Seconds of an import, and MiB of its own: without the pages of a SQLite file that it looks at in place."""
    run = run_process(sys.executable, "-c", _IMPORT, url, str(path))
    seconds, _created, _unchanged = run.output.split()
    return float(seconds), run.own or run.peak


def bench(context: Context) -> Iterator[Figure]:
    small = write(context.folder / "ledger.csv", COUNT)
    large = write(context.folder / "large.csv", COUNT * TIMES, first=COUNT)
    for name, url in context.database_urls().items():
        prepare(url)
        database = open_database(Settings(database_url=url))
        with database.write("bench") as session:
            portfolio.set_up(session)
            first = portfolio.project(session, "P/0")
            columns = {
                column.name: getattr(first, column.key) for column in table(Project).columns if column.name != "id"
            }
            copies = [columns | {"code": f"P/{n}", "iati_identifier": f"XX-OWN-P-{n}"} for n in range(1, PROJECTS)]
            session.connection().execute(insert(table(Project)), copies)
        database.dispose()
        size = f"{COUNT:,} rows, {PROJECTS:,} projects"
        aim = "≥ 10000" if name == "PostgreSQL" else ""
        seconds, peak = fill(url, small)
        again, _peak = fill(url, small)
        yield Figure(name=f"ledger, {name}", value=COUNT / seconds, unit="rows/s", size=size, aim=aim)
        yield Figure(name=f"ledger again, unchanged, {name}", value=COUNT / again, unit="rows/s", size=size)
        seconds, more = fill(url, large)
        told = f"{COUNT * TIMES:,} rows"
        yield Figure(name=f"ledger, {name}", value=COUNT * TIMES / seconds, unit="rows/s", size=told, aim=aim)
        yield Figure(
            name=f"memory of a ledger {TIMES} times the size, {name}",
            value=more,
            unit="MiB",
            size=told,
            baseline=f"{peak:.0f} MiB for {COUNT:,}",
            aim=f"≤ {peak * 1.2:.0f}",
        )
    if context.server is not None:
        yield _into_a_large_one(context.folder, context.server.create("bench_large_ledger"))


def _into_a_large_one(folder: Path, url: str) -> Figure:
    """Each project is touched in each of the parts in which the file goes in."""
    prepare(url)
    database = open_database(Settings(database_url=url))
    fill_large(database, projects=LARGE, agreements=AGREEMENTS, entries=ENTRIES)
    database.dispose()
    seconds, _peak = fill(url, write(folder / "wide.csv", COUNT, projects=LARGE, code="C"))
    size = f"{COUNT:,} rows over {LARGE:,} projects, beside {ENTRIES:,} rows"
    name = "ledger, PostgreSQL, a large database"
    return Figure(name=name, value=COUNT / seconds, unit="rows/s", size=size, aim="≥ 10000")
