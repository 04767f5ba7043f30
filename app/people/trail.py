"""Old events of the audit trail in files: written before they leave the database, read back and proven at any time.

A file holds events as JSON lines, compressed, in the order of their keys; its row in the database holds its SHA-256.
Seals go on covering the events, wherever they lie, and each chain goes on from its newest event, which stays. Killed
at any point, the job finds all as it was, or done: the same events give the same file, and they leave the database in
the transaction that notes it.
"""

import datetime as dt
import gzip
import heapq
import json
from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import file_digest
from itertools import chain
from pathlib import Path

from sqlmodel import Session

from app.atomic import sync_names, whole_file
from app.db.audit import Change, event_hash
from app.db.people import AuditArchive
from app.people import queries
from app.people.queries import ChainedEvent

#: events in a file; they leave the database in one transaction
PART = 250_000

#: the folder in the file store
FOLDER = "audit"


def cut(today: dt.date, years: int) -> dt.datetime:
    """The moment before which events are old: the beginning of a year, so that there is a file a year and not a day."""
    return dt.datetime(today.year - years, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Events that are in a file and still in the database."""

    row: AuditArchive
    #: their keys
    ids: "array[int]"


def write_part(session: Session, store: Path, before: dt.datetime) -> Part | None:
    """Writes the oldest sealed events into a file; None when there are none.

    Nothing has left the database yet: see :func:`note_part`. Raises StorageFailed when the store cannot be written to.
    """
    sealed = queries.seal_before(session, before)
    if sealed is None:
        return None
    events = queries.to_archive(session, sealed.last_event_id, PART)
    first = next(events, None)
    if first is None:
        return None
    folder = store / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"writing-{first.id}.jsonl.gz"
    ids = array("q")
    with (
        whole_file(part) as stream,
        gzip.GzipFile(filename="", fileobj=stream, mode="wb", compresslevel=6, mtime=0) as out,
    ):
        for event in chain([first], events):
            out.write(as_line(event).encode() + b"\n")
            ids.append(event.id)
    with part.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    size = part.stat().st_size
    part.replace(path_of(store, digest))
    # before its events leave the database
    sync_names(folder)
    row = AuditArchive(first_event_id=ids[0], last_event_id=ids[-1], events=len(ids), size=size, sha256=digest)
    return Part(row=row, ids=ids)


def note_part(session: Session, part: Part) -> None:
    """Notes a file, and takes its events out of the database, in the transaction of ``session``."""
    # first: the database lets no event go that no file is noted for
    session.add(part.row)
    session.flush()
    queries.remove_events(session, part.ids)


def path_of(store: Path, digest: str) -> Path:
    """Where the file with these bytes lies."""
    return store / FOLDER / f"{digest}.jsonl.gz"


def damaged(session: Session, store: Path) -> list[str]:
    """The files that are missing, or are not as they were written, in words."""
    found = []
    for each in queries.archives(session):
        path = path_of(store, each.sha256)
        if not path.is_file():
            what = "is missing"
        else:
            with path.open("rb") as stream:
                if file_digest(stream, "sha256").hexdigest() == each.sha256:
                    continue
            what = "is not as it was written"
        found.append(f"{path} with {each.events} old events of the audit trail {what}: bring it back from a backup.")
    return found


def archived(session: Session, store: Path) -> Iterator[ChainedEvent]:
    """Every event that lies in files which are there, by key. Holds one of each file."""
    paths = [path_of(store, each.sha256) for each in queries.archives(session)]
    yield from heapq.merge(*(_read(path) for path in paths if path.is_file()), key=lambda event: event.id)


def rehashed(event: ChainedEvent) -> str:
    """The hash that follows from what an event says."""
    change = Change(
        aggregate=event.aggregate,
        action=event.action,
        entity=event.entity,
        entity_id=event.entity_id,
        before=event.before,
        after=event.after,
    )
    return event_hash(event.previous_hash, event.sequence, event.at, event.actor, change)


def as_line(event: ChainedEvent) -> str:
    """An event as one line of JSON."""
    content = asdict(event) | {"at": event.at.astimezone(dt.UTC).isoformat(timespec="microseconds")}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _read(path: Path) -> Iterator[ChainedEvent]:
    with gzip.open(path, "rb") as stream:
        for line in stream:
            content = json.loads(line)
            yield ChainedEvent(**content | {"at": dt.datetime.fromisoformat(content["at"])})
