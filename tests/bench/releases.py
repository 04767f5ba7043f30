"""Releases: the first, one after a change of 1 %, memory at ten times the size, a large file to many readers."""

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import text

from app.config import Settings
from app.db.engine import Database, open_database
from app.domain.access import LOCAL
from app.domain.datasets import Split
from app.main import create_app
from app.publishing.releasing import approving
from app.publishing.releasing.prepare import prepare
from app.publishing.releasing.publish import publish
from app.publishing.releasing.wanted import Wanted
from tests.bench.figures import Context, Figure, run_process
from tests.bench.imports import fill, today
from tests.bench.imports import prepare as make_tables
from tests.bench.portfolio_file import write
from tests.serving import served

SMALL, LARGE = 5_000, 50_000
CHANGED = 100  # one activity of so many
READERS = 50
_BLOCK = 1 << 16

_RELEASE = """
import os, sys, time
from datetime import date
from pathlib import Path
from app.config import Settings
from app.db.engine import open_database
from app.domain.access import LOCAL
from app.domain.datasets import Split
from app.publishing.releasing.prepare import prepare
from app.publishing.releasing.wanted import Wanted
settings = Settings(database_url=sys.argv[1], release_store=Path(sys.argv[2]))
database = open_database(settings)
started, at = time.process_time(), time.perf_counter()
wanted = Wanted(as_of=date(2026, 11, 20), split=Split.WHOLE, max_bytes=20_000_000)
prepare(database, settings, LOCAL, wanted)
wall, beside = time.perf_counter() - at, os.times()
print(time.process_time() - started + beside.children_user + beside.children_system, wall)
"""

_EXPORT = """
import sys, time
from datetime import date
from pathlib import Path
from app.config import Settings
from app.db.engine import open_database
from app.publishing.exporting.activities_file import export_activities
database = open_database(Settings(database_url=sys.argv[1]))
at = time.perf_counter()
export_activities(database, Path(sys.argv[2]), as_of=date(2026, 11, 20), store=False)
print(time.perf_counter() - at)
"""


def bench(context: Context) -> Iterator[Figure]:
    """Activities a second of processor time, whatever process takes it, and of the clock; files split at 20 MB."""
    small = write(context.folder / "small.xml", SMALL)
    more = write(context.folder / "more.xml", LARGE - SMALL, first=SMALL + 1)
    for name, url in context.database_urls().items():
        make_tables(url)
        fill(url, small)
        settings = Settings(database_url=url, release_store=context.folder / f"store-{name}")
        database = open_database(settings)
        one = _prepared(settings).memory
        fill(url, more)
        _forget(database)
        exported, validated = _export_and_validation(url, context.folder / "whole.xml")
        first = _prepared(settings)
        ten = first.memory
        size = f"{LARGE:,} activities"
        yield Figure(
            name=f"first release, export, rules and score, {name}",
            value=LARGE / first.processor,
            unit="activities/s",
            size=size,
        )
        yield Figure(
            name=f"first release, by the clock, {name}",
            value=LARGE / first.wall,
            unit="activities/s",
            size=size,
            baseline=f"cold export {LARGE / exported:,.0f}/s, validation in one process {LARGE / validated:,.0f}/s",
            aim=f"≥ {LARGE / (exported + validated):.0f}",
        )
        yield Figure(
            name=f"peak memory of a release ten times the size, {name}",
            value=ten,
            unit="MiB",
            size=size,
            baseline=f"{one:.0f} MiB for {SMALL:,}",
            aim=f"≤ {one * 1.3:.0f}",
        )
        _publish(settings, database)
        _change(database)
        second = _prepared(settings)
        yield Figure(
            name=f"release after a change of 1 %, by the clock, {name}",
            value=LARGE / second.wall,
            unit="activities/s",
            size=size,
            baseline=f"{LARGE / second.processor:,.0f}/s of the processor",
            aim="≥ 12000",
        )
        yield _readers(settings, database, name)
        database.dispose()


@dataclass(frozen=True, kw_only=True)
class _Preparation:
    """What preparing took."""

    #: seconds of all processes together
    processor: float
    #: seconds by the clock
    wall: float
    #: the most that the process had of its own, in MiB
    memory: float


def _prepared(settings: Settings) -> _Preparation:
    """What preparing takes in a process of its own, which may start another.

    Pages of the database's file that are looked at in place are the system's, which takes them back when it needs them.
    """
    run = run_process(sys.executable, "-c", _RELEASE, settings.database_url, str(settings.file_store))
    processor, wall = map(float, run.output.split())
    return _Preparation(processor=processor, wall=wall, memory=run.own)


def _export_and_validation(url: str, out: Path) -> tuple[float, float]:
    """Seconds by the clock of a cold export of everything, which stores nothing, and of its validation in one
    process."""
    exported = float(run_process(sys.executable, "-c", _EXPORT, url, str(out)).output)
    command = (sys.executable, "-m", "iati", "validate", str(out), "--jobs", "1", "--as-of", today().isoformat())
    validated = run_process(*command).wall
    out.unlink()
    return exported, validated


def _publish(settings: Settings, database: Database) -> None:
    prepare(database, settings, LOCAL, Wanted(as_of=today(), split=Split.WHOLE, max_bytes=20_000_000))
    with database.write(LOCAL.name) as session:
        approving.approve(session, LOCAL, approving.find(session, None, hold=True))
    publish(database, settings, LOCAL)


def _forget(database: Database) -> None:
    """Takes the fragments away, so that everything is rendered anew."""
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM fragments"))


def _change(database: Database) -> None:
    """One activity of a hundred gets another title."""
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE projects SET title = title || ' (changed)', content_version = content_version + 1 "
                "WHERE id % :each = 0"
            ),
            {"each": CHANGED},
        )


def _readers(settings: Settings, database: Database, name: str) -> Figure:
    """A file of 20 MB to many clients at once: what the process takes more than before."""
    failed: list[str] = []
    with served(create_app(settings, database)) as address:
        listed = httpx.get(f"{address}/iati/datasets.json").json()["datasets"]
        largest = max(listed, key=lambda each: each["bytes"])
        before, peak = _resident(), [0.0]
        done = threading.Event()

        def watch() -> None:
            while not done.is_set():
                peak[0] = max(peak[0], _resident())
                time.sleep(0.01)

        def read() -> None:
            size = 0
            headers = {"Accept-Encoding": "identity"}
            with httpx.stream("GET", f"{address}/iati/{largest['dataset']}.xml", headers=headers, timeout=300) as got:
                for block in got.iter_raw(_BLOCK):
                    size += len(block)
            if size != largest["bytes"]:
                failed.append(f"{size} of {largest['bytes']} bytes")

        threads = [threading.Thread(target=read) for _ in range(READERS)]
        watcher = threading.Thread(target=watch)
        watcher.start()
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - started
        done.set()
        watcher.join()
    if failed:
        raise RuntimeError(f"readers got {failed[:3]}")
    megabytes = largest["bytes"] / 1e6
    return Figure(
        name=f"memory more while {READERS} clients read one file, clients included, {name}",
        value=peak[0] - before,
        unit="MiB",
        size=f"{megabytes:.0f} MB, {READERS * megabytes / seconds:,.0f} MB/s in all",
        baseline=f"buffered for each: {READERS * megabytes / 1.048576:,.0f} MiB",
        aim=f"≤ {READERS * megabytes / 10:.0f}",
    )


def _resident() -> float:
    """Memory of this process now, in MiB."""
    told = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(told[1]) * 4096 / 2**20
