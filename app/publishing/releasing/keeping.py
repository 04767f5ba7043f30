"""What of the file store is needed: looked for before it is missed, and taken away once nobody can ask for it again.

Needed are the bytes of everything that is public, and of each release with which something was done within the time
that releases are kept. What an older release held that is neither is gone then; its record stays.
"""

import datetime as dt
from dataclasses import dataclass

from app.config import Settings
from app.db.base import utc_now
from app.db.engine import Database
from app.db.leases import LeaseHeld
from app.errors import StorageFailed
from app.publishing.releasing import queries_keeping as queries
from app.publishing.releasing.store import FileStore
from app.publishing.releasing.turns import one_at_a_time


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleared:
    """What was taken away from the store."""

    files: int = 0
    bytes: int = 0
    #: somebody was preparing or publishing, so that nothing was touched
    busy: bool = False


def clear(database: Database, settings: Settings, worker: str) -> Cleared:
    """Takes away what nobody can ask for again; files that are younger than releases are kept stay in any case."""
    since = utc_now() - dt.timedelta(days=settings.release_keep_days)
    files = size = 0
    try:
        with one_at_a_time(database, worker) as held:
            with database.read() as session:
                needed = queries.needed(session, since)
            for kept in FileStore(settings.file_store).older_than(since):
                if kept.digest not in needed:
                    held.renew()
                    kept.path.unlink(missing_ok=True)
                    files, size = files + 1, size + kept.size
    except LeaseHeld:
        return Cleared(busy=True)
    return Cleared(files=files, bytes=size)


def missing(database: Database, settings: Settings) -> list[str]:
    """What the store ought to hold and does not, in words: files that are public or wait to be. Reads all of them.

    A compressed copy that is damaged is made anew from the file itself, and told.
    """
    store = FileStore(settings.file_store)
    with database.read() as session:
        wanted = queries.wanted(session)
    faults = []
    for each in wanted:
        named = f"{each.dataset} of release {each.release}"
        if not store.verified(each.sha256, each.size):
            faults.append(
                f"{named}: the file store {store.folder} does not hold it as it was made. "
                f"Bring the folder back from its copy{', or its readers get nothing' if each.public else ''}."
            )
        elif store.packed(each.sha256).exists() and not store.packed_whole(each.sha256):
            faults.append(f"{named}: {_packed_again(store, each.sha256)}")
    return faults


def _packed_again(store: FileStore, digest: str) -> str:
    """Makes a damaged compressed copy anew; tells what came of it."""
    told = f"its compressed copy in the file store {store.folder} was damaged"
    try:
        store.pack(digest)
    except StorageFailed:
        name = store.packed(digest).name
        return f"{told}, and the folder cannot be written to: take {name} away, and readers get the file itself."
    return f"{told}, and was made anew from the file. Look after the disk."
