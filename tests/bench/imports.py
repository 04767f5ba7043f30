"""Import of published files: activities a second on one core, and memory at one and at several times the size."""

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

from app.config import Settings
from app.db import schema
from app.db.engine import open_database
from tests.bench.figures import Context, Figure, run_process
from tests.bench.portfolio_file import write

COUNT = 4_000
TIMES = 4

#: the peak of this program alone: the system's account of a process also counts what it was forked from
PEAK = """
import re, resource
from pathlib import Path
def peak_memory():
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
"""
#: run in a process of its own, so that its memory and processor time are the import's alone
_IMPORT = """
import sys, time
from datetime import date
from pathlib import Path
from app.config import Settings
from app.db.engine import open_database
from app.domain.access import LOCAL
from app.publishing.service import import_files
database = open_database(Settings(database_url=sys.argv[1]))
started = time.process_time()
report = import_files(database, [Path(sys.argv[2])], LOCAL, as_of=date(2026, 11, 20))
print(time.process_time() - started, peak_memory(), report.files[0].counts["activities_read"])
"""


def fill(url: str, path: Path) -> tuple[float, float, int]:
    """Imports a file in a process of its own: seconds of processor time, peak memory in MiB, activities."""
    run = run_process(sys.executable, "-c", PEAK + _IMPORT, url, str(path))
    seconds, peak, count = run.output.split()
    return float(seconds), float(peak), int(count)


def prepare(url: str) -> None:
    """Makes the tables."""
    database = open_database(Settings(database_url=url))
    schema.migrate(database)
    database.dispose()


def bench(context: Context) -> Iterator[Figure]:
    """Speed of a first import and of an unchanged second one; memory at one and at four times the size."""
    small = write(context.folder / "small.xml", COUNT)
    large = write(context.folder / "large.xml", COUNT * TIMES, first=COUNT + 1)
    size = f"{COUNT:,} activities of 20 transactions, {small.stat().st_size / 2**20:.0f} MB"
    for name, url in context.database_urls().items():
        prepare(url)
        seconds, peak, count = fill(url, small)
        again, _peak, _count = fill(url, small)
        _seconds, more, _count = fill(url, large)
        yield Figure(name=f"import, {name}", value=count / seconds, unit="activities/s", size=size, aim="≥ 400")
        yield Figure(
            name=f"import again, unchanged, {name}", value=count / again, unit="activities/s", size=size, aim="≥ 1200"
        )
        yield Figure(
            name=f"peak memory of an import {TIMES} times the size, {name}",
            value=more,
            unit="MiB",
            size=f"{COUNT * TIMES:,} activities",
            baseline=f"{peak:.0f} MiB for {COUNT:,}",
            aim=f"≤ {peak * 1.2:.0f}",
        )


def today() -> dt.date:
    """The day of the benches: a fixed one, so that every run does the same."""
    return dt.date(2026, 11, 20)
