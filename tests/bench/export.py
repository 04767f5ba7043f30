"""Export of activities: cold and warm, imported and own ones, beside what lxml alone needs for the same bytes."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lxml import etree
from sqlalchemy import text

from app.config import Settings
from app.db.engine import Database, open_database
from app.publishing.exporting.activities_file import export_activities
from iati.source import open_document
from tests.bench.figures import Context, Figure, run_process
from tests.bench.imports import PEAK, fill, prepare, today
from tests.bench.portfolio_file import PUBLISHER, write

COUNT = 5_000
TIMES = 10
#: each speed is the best of this many tries, because other work on the machine only ever slows one down
TRIES = 3

_EXPORT = """
import sys
from datetime import date
from pathlib import Path
from app.config import Settings
from app.db.engine import open_database
from app.publishing.exporting.activities_file import export_activities
database = open_database(Settings(database_url=sys.argv[1]))
export_activities(database, Path(sys.argv[2]), as_of=date(2026, 11, 20), store=False)
print(peak_memory())
"""

#: makes what was imported look as if it had been kept here from its beginning
_OWN = (
    "UPDATE projects SET origin = 'own', iati_remainder = NULL",
    "UPDATE ledger_entries SET ordinal = NULL",
    "UPDATE allocations SET ordinal = NULL",
    """
    INSERT INTO setup (id, organisation_id, currency, language, languages, fiscal_year_start, biennium_starts_even,
        default_flow_type, default_aid_type, approval_by_second_person)
    SELECT 1, id, 'USD', 'en', '["en"]', 1, :yes, '10', 'C01', :no FROM organisations WHERE identifier = :publisher
    """,
)


def bench(context: Context) -> Iterator[Figure]:
    """Activities a second of processor time on one core; peak memory at one and at ten times the size."""
    source = write(context.folder / "activities.xml", COUNT)
    more = write(context.folder / "more.xml", COUNT * (TIMES - 1), first=COUNT + 1)
    for name, url in context.database_urls().items():
        prepare(url)
        fill(url, source)
        out = context.folder / "out.xml"
        database = open_database(Settings(database_url=url))
        yield from _speeds(name, database, out)
        one = _peak(url, out)
        fill(url, more)
        ten = _peak(url, out)
        yield Figure(
            name=f"peak memory of an export {TIMES} times the size, {name}",
            value=ten,
            unit="MiB",
            size=f"{COUNT * TIMES:,} activities",
            baseline=f"{one:.0f} MiB for {COUNT:,}",
            aim=f"≤ {one * 1.3:.0f}",
        )
        database.dispose()


def _peak(url: str, out: Path) -> float:
    """Peak memory of a cold export in MiB."""
    return float(run_process(sys.executable, "-c", PEAK + _EXPORT, url, str(out)).output)


def _speeds(name: str, database: Database, out: Path) -> list[Figure]:
    cold = _seconds(database, out, store=False)
    floor = _lxml_alone(out)
    size = f"{COUNT:,} imported activities, {out.stat().st_size / 2**20:.0f} MB"
    kept = _seconds(database, out, store=True, tries=1)
    warm = _seconds(database, out, store=True)
    _make_own(database)
    own = _seconds(database, out, store=False)
    return [
        Figure(name=f"cold export, {name}", value=COUNT / cold, unit="activities/s", size=size, aim="≥ 1500"),
        Figure(
            name=f"cold export, times what lxml needs, {name}",
            value=cold / floor,
            unit="×",
            size=size,
            baseline=f"lxml parses and serialises the same bytes, 500 activities at a time: {COUNT / floor:,.0f}/s",
            aim="≤ 4",
        ),
        Figure(name=f"cold export that keeps fragments, {name}", value=COUNT / kept, unit="activities/s", size=size),
        Figure(name=f"warm export, {name}", value=COUNT / warm, unit="activities/s", size=size),
        Figure(
            name=f"cold export of own records, {name}",
            value=COUNT / own,
            unit="activities/s",
            size=f"{COUNT:,} activities of 20 postings, {out.stat().st_size / 2**20:.0f} MB",
            aim="≥ 1500",
        ),
    ]


def _seconds(database: Database, out: Path, *, store: bool, tries: int = TRIES) -> float:
    """Seconds of processor time, best of several tries."""
    best = float("inf")
    for _ in range(tries):
        started = time.process_time()
        export_activities(database, out, as_of=today(), store=store)
        best = min(best, time.process_time() - started)
    return best


def _chunks(path: Path, size: int = 500) -> Iterator[bytes]:
    """The file in pieces of 500 activities, each a document of its own."""
    found: list[bytes] = []
    for fragment in open_document(path):
        found.append(fragment.xml)
        if len(found) == size:
            yield b"<iati-activities>" + b"".join(found) + b"</iati-activities>"
            found = []
    if found:
        yield b"<iati-activities>" + b"".join(found) + b"</iati-activities>"


def _lxml_alone(path: Path) -> float:
    chunks = list(_chunks(path))
    best = float("inf")
    for _ in range(TRIES):
        started = time.process_time()
        for chunk in chunks:
            etree.tostring(etree.fromstring(chunk))
        best = min(best, time.process_time() - started)
    return best


def _make_own(database: Database) -> None:
    with database.engine.begin() as connection:
        for statement in _OWN[:-1]:
            connection.execute(text(statement))
        values = {"yes": True, "no": False, "publisher": PUBLISHER}
        connection.execute(text(_OWN[-1]), values)
