"""An index of what is published: one SQLite file beside the published files, made from their bytes alone.

It is named by the files it was made from, so that it can neither be out of date nor hold what is withdrawn. The first
reader after a publication makes it; two that make it at once make the same.
"""

import datetime as dt
import hashlib
import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from decimal import Decimal
from pathlib import Path

from app.domain.money import EXACT, plain
from app.publishing.releasing.queries import FileRow
from app.publishing.releasing.records import read_entries
from app.publishing.releasing.store import FileStore
from app.publishing.world.record import Activity, read, said
from iati.source import SourceFault

log = logging.getLogger("earmark.publishing")

#: rises when the tables below change
_FORM = 2
#: as many activities are read while somebody waits; more are read beside
_AT_ONCE = 2000
_NAME = "world-*.sqlite"
#: of titles and names, in the order of the columns below
LANGUAGES = ("en", "fr", "es")

_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE activity (place INTEGER PRIMARY KEY, identifier TEXT UNIQUE, title_en TEXT, title_fr TEXT,
  title_es TEXT, seek TEXT, status TEXT, starts TEXT, ends TEXT, updated TEXT, reporting_en TEXT, reporting_fr TEXT,
  reporting_es TEXT, file TEXT, start INTEGER, length INTEGER);
CREATE TABLE country (code TEXT, place INTEGER, percentage TEXT);
CREATE TABLE sector (code TEXT, place INTEGER);
CREATE TABLE partner (key TEXT, name_en TEXT, name_fr TEXT, name_es TEXT, ref TEXT, place INTEGER);
CREATE TABLE money (partner TEXT, kind TEXT, year INTEGER, currency TEXT, amount TEXT);
"""
_INDEXES = """
CREATE INDEX by_country ON country (code, place);
CREATE INDEX by_sector ON sector (code, place);
CREATE INDEX by_partner ON partner (key, place);
CREATE INDEX by_money ON money (partner);
"""

_being_made: set[Path] = set()
_guard = threading.Lock()


def partner_key(ref: str, name: str) -> str:
    """What tells one funding organisation from another: its identifier, else its name."""
    return ref or " ".join(name.split()).casefold()


def path_of(store: FileStore, files: Sequence[FileRow]) -> Path:
    """Where the index of these files is, or would be."""
    told = "".join(f"{file.sha256}\n" for file in files)
    digest = hashlib.sha256(f"{_FORM}\n{told}".encode()).hexdigest()
    return store.folder / f"world-{digest[:24]}.sqlite"


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The index, to be read."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as found:
        yield found


def ready(store: FileStore, files: Sequence[FileRow]) -> Path | None:
    """The index of these files, made now if it is small; None: it is being made, and is there in a while.

    :raises StorageFailed: when the published bytes are not at hand.
    """
    path = path_of(store, files)
    if path.exists():
        return path
    if sum(file.activities for file in files) <= _AT_ONCE:
        make(store, files, path)
        return path
    with _guard:
        if path in _being_made:
            return None
        _being_made.add(path)
    _beside(store, files, path)
    return None


def _beside(store: FileStore, files: Sequence[FileRow], path: Path) -> None:
    threading.Thread(target=_make_beside, args=(store, files, path), daemon=True).start()


def _make_beside(store: FileStore, files: Sequence[FileRow], path: Path) -> None:
    try:
        make(store, files, path)
    except Exception:
        log.exception("the index of what is published could not be made")
    finally:
        with _guard:
            _being_made.discard(path)


def make(store: FileStore, files: Sequence[FileRow], path: Path) -> None:
    """Makes the index; it appears whole or not at all. Those of earlier publications go."""
    with store.working() as folder:
        made = folder / "world"
        # the inner one stores what was put when it ends
        with closing(sqlite3.connect(made)) as out, out:
            out.executescript(_TABLES)
            sums: dict[tuple[str, str, int, str], Decimal] = {}
            for place, (activity, where) in enumerate(_activities(store, files)):
                _put(out, place, activity, where)
                _add(sums, activity)
            rows = ((*key, plain(amount)) for key, amount in sums.items())
            out.executemany("INSERT INTO money VALUES (?, ?, ?, ?, ?)", rows)
            out.executescript(_INDEXES)
        made.chmod(0o644)
        made.replace(path)
    for other in store.folder.glob(_NAME):
        if other != path:
            with suppress(OSError):
                other.unlink()


def _activities(store: FileStore, files: Sequence[FileRow]) -> Iterator[tuple[Activity, tuple[str, int, int]]]:
    seen: set[str] = set()
    for file in files:
        if file.file_type != "iati-activities":
            continue
        with store.open(file.records_sha256) as listed, store.open(file.sha256) as bytes_:
            for entry in read_entries(listed):
                bytes_.seek(entry.start)
                with suppress(SourceFault):
                    activity = read(bytes_.read(entry.length))
                    if activity.identifier and activity.identifier not in seen:
                        seen.add(activity.identifier)
                        yield activity, (file.sha256, entry.start, entry.length)


def _put(out: sqlite3.Connection, place: int, activity: Activity, where: tuple[str, int, int]) -> None:
    funding = {
        partner_key(each.ref, said(each.name, "en")): (
            [said(each.name, language) or each.ref for language in LANGUAGES],
            each.ref,
        )
        for each in activity.organisations
        if each.role == "1" and (each.ref or each.name)
    }
    called = dict.fromkeys(name for names, _ in funding.values() for name in names)
    seek = " ".join([activity.identifier, *activity.title.values(), *called])
    out.execute(
        "INSERT INTO activity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            place,
            activity.identifier,
            *(said(activity.title, language) for language in LANGUAGES),
            seek.casefold(),
            activity.status,
            _iso(activity.starts),
            _iso(activity.ends),
            activity.updated,
            *(said(activity.reporting, language) for language in LANGUAGES),
            *where,
        ),
    )
    countries = {each.code: "" if each.percentage is None else str(each.percentage) for each in activity.countries}
    out.executemany("INSERT INTO country VALUES (?, ?, ?)", [(code, place, part) for code, part in countries.items()])
    sectors = {each.code[:3] for each in activity.sectors if each.vocabulary in ("1", "2")}
    out.executemany("INSERT INTO sector VALUES (?, ?)", [(code, place) for code in sorted(sectors)])
    partners = [(key, *names, ref, place) for key, (names, ref) in funding.items()]
    out.executemany("INSERT INTO partner VALUES (?, ?, ?, ?, ?, ?)", partners)


def _add(sums: dict[tuple[str, str, int, str], Decimal], activity: Activity) -> None:
    """Adds the money: to the sums of all, and what came from a partner to the partner's."""
    for each in activity.amounts:
        keys = [""]
        if each.kind in ("1", "11") and (each.provider_ref or each.provider):
            keys.append(partner_key(each.provider_ref, each.provider))
        for key in keys:
            where = (key, each.kind, each.day.year, each.currency)
            sums[where] = EXACT.add(sums.get(where, Decimal(0)), each.value)


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
