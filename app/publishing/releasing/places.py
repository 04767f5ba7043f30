"""The folder or bucket that the organisation serves agrees with what is public: looked at with every run.

What was deleted there, was never brought, or could not be taken away is put right by the next run; what stands there as
it should is left alone.
"""

from collections.abc import Callable

from app.config import Settings
from app.db.base import utc_now
from app.db.engine import Database
from app.errors import StorageFailed
from app.publishing.releasing import queries
from app.publishing.releasing.queries import PUBLIC, OutcomeRow, PublicRow
from app.publishing.releasing.shown import write_lists
from app.publishing.releasing.store import FileStore
from app.publishing.releasing.targets import XML, Target, target_of

LISTS = "datasets.json"


def agree(database: Database, settings: Settings, *, renew: Callable[[], None]) -> list[OutcomeRow]:
    """Brings the place of the settings into agreement with what is public; tells what was put right, and what failed.

    Nothing when there is no such place. Call it outside of any transaction; ``renew`` is called after each file.
    """
    target = target_of(settings)
    if target is None:
        return []
    with database.read() as session:
        public = queries.public_files(session)
    store, outcomes = FileStore(settings.file_store), []
    for row in public:
        renew()
        try:
            done = _put_right(target, store, row)
        except StorageFailed as error:
            outcomes.append(OutcomeRow(row.dataset, PUBLIC, "failed", error.message, utc_now()))
        else:
            if done:
                outcomes.append(OutcomeRow(row.dataset, PUBLIC, *done, utc_now()))
    try:
        write_lists(target, public, settings)
    except StorageFailed as error:
        outcomes.append(OutcomeRow(LISTS, PUBLIC, "failed", error.message, utc_now()))
    return outcomes


def _put_right(target: Target, store: FileStore, row: PublicRow) -> tuple[str, str] | None:
    """Outcome and reason when something was to be done."""
    name = f"{row.dataset}.xml"
    if row.sha256 is None or row.size is None:
        return ("withdrawn", "it still lay where you serve files from") if target.remove(name) else None
    if not store.holds(row.sha256, row.size):
        raise StorageFailed(
            f"The file store {store.folder} no longer holds {row.dataset}: bring the folder back from a backup, or "
            "prepare a new release."
        )
    if target.put(name, store.path(row.sha256), XML):
        return "updated", "it did not lie where you serve files from as it was published"
    return None
