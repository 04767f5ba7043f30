"""The record of an import: begun, kept up with each batch, taken up when it was interrupted, finished.

The counts of a run are written in the transactions of its batches, so they always tell what is stored. A run that was
killed, stopped or failed is unfinished; the next import of the same file by the same actor is the same run: it goes on
behind what is stored and ends with the counts of both.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from sqlmodel import Session

from app.db.base import utc_now
from app.db.engine import Database
from app.errors import Conflict, StorageFailed
from app.publishing.importing import queries
from app.publishing.importing.account import FileReport, Source
from app.publishing.importing.queries import StoredRun

_KIND = "iati"
_STORED, _ASKED = "stored", "asked"


class TakenOver(Conflict):
    """Another import of the same file goes on with the run; what this one was about to store is not stored."""

    title = "Another import is at this file"


@dataclass(kw_only=True, slots=True)
class RunRecord:
    """A run that is under way."""

    database: Database
    key: int
    actor: str
    #: what the import was asked to do beyond reading: mend, overwrite, whole
    asked: list[str]
    #: activities of the file that are stored, as far as this import knows
    stored: int = 0
    #: activities at the beginning of the rest of the file that an interrupted import has stored
    ahead: int = 0
    #: the counts up to there
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def begin(cls, database: Database, source: Source, report: FileReport) -> "RunRecord":
        """Begins a run, or takes an unfinished one of the same file up: one that was asked for in the same way."""
        asked = [name for name in ("mend", "overwrite", "whole") if getattr(source, name)]
        with database.write(source.actor) as session:
            the_file = (_KIND, source.name, source.sha256, source.actor)
            run = queries.unfinished_run(session, *the_file)
            if run is not None and run.counts.get(_ASKED, []) != asked:
                queries.set_run(session, run.id, outcome="failed", finished_at=utc_now())
                run = None
            if run is None:
                counts: queries.RunCounts = {_STORED: 0, _ASKED: asked}
                run = StoredRun(queries.begin_run(session, *the_file, counts), "running", counts)
            else:
                report.taken_up = _stored(run)
                queries.set_run(session, run.id, outcome="running", finished_at=None)
            stored = _stored(run)
            return cls(
                database=database,
                key=run.id,
                actor=source.actor,
                asked=asked,
                stored=stored,
                ahead=stored,
                counts={name: n for name, n in run.counts.items() if isinstance(n, int) and name != _STORED},
            )

    def passed(self, count: int) -> Counter[str] | None:
        """Notes that stored activities were read again; the counts, when these were the last of them."""
        self.ahead -= count
        return None if self.ahead else Counter(self.counts)

    def _hold(self, session: Session) -> None:
        run = queries.held_run(session, self.key)
        if run.outcome != "running" or _stored(run) != self.stored:
            raise TakenOver(
                "Another import of the same file is under way, or has ended: nothing is stored twice. "
                "Wait for its end; import the file again if that did not complete it."
            )

    @contextmanager
    def batch(self, opened: AbstractContextManager[Session], count: int, report: FileReport) -> Iterator[Session]:
        """The transaction in which a batch is stored, and in the record how far the file is stored with it.

        :raises TakenOver: when another import has gone on with the run.
        """
        with opened as session:
            self._hold(session)
            yield session
            counts = {**report.counts, _STORED: self.stored + count, _ASKED: self.asked}
            queries.set_run(session, self.key, counts=counts)
        self.stored += count

    def finish(self, report: FileReport) -> None:
        """The run came to its end."""
        with self.database.write(self.actor) as session:
            self._hold(session)
            queries.set_run(session, self.key, outcome="done", finished_at=utc_now(), counts=dict(report.counts))

    def fail(self) -> None:
        """The run was stopped or failed; its counts stay those of what is stored."""
        try:
            with self.database.write(self.actor) as session:
                queries.set_run(session, self.key, outcome="failed", finished_at=utc_now())
        except StorageFailed:
            return


def _stored(run: StoredRun) -> int:
    """How many activities of its file a run has stored."""
    stored = run.counts.get(_STORED, 0)
    return stored if isinstance(stored, int) else 0
