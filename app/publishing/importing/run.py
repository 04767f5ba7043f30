"""An import from its first file to its last: batches that are stored whole or not at all."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from app.db.audit import append_events
from app.db.base import utc_now
from app.db.engine import Database, modest_memory
from app.db.publishing import ImportRun
from app.domain.access import Actor, Right
from app.errors import StorageFailed
from app.publishing.importing import queries as store
from app.publishing.importing.account import FileReport, ImportFault, ImportReport, Source
from app.publishing.importing.known import update_known
from app.publishing.importing.new import Incoming, insert_new, name_all
from app.publishing.importing.organisation_record import store_organisations
from app.publishing.importing.reader import Activities
from app.publishing.pace import breathe, without_searches
from iati.lexical import LexicalError, parse_datetime
from iati.source import Document, Limits, SourceFault, open_document
from iati.standard import VERSION
from iati.upgrade import UPGRADABLE
from iati.validator import iter_findings

Item = TypeVar("Item")

#: activities that are stored together
BATCH = 200

#: called with (activities read so far, how many there are: 0, since nobody knows)
Progress = Callable[[int, int], None]


class _UndoError(Exception):
    """Ends the transaction of a dry run."""


class Importer:
    """One import.

    ``mend``: repairs that cannot be wrong are made; ``overwrite``: what was changed here since gives way to the files,
    and so does what a newer file said; ``max_bytes``: the largest file that is read.
    """

    def __init__(
        self,
        database: Database,
        actor: Actor,
        *,
        as_of: dt.date,
        dry_run: bool = False,
        mend: bool = False,
        overwrite: bool = False,
        max_bytes: int = 2 * 1024**3,
        progress: Progress | None = None,
    ) -> None:
        actor.require(Right.PUBLISH)
        self._database = database
        self._actor = actor
        self._as_of = as_of
        self._dry_run = dry_run
        self._mend = mend
        self._overwrite = overwrite
        #: where each record of this import was met first: (which of the files, its name, line)
        self._met: dict[tuple[str, str], tuple[int, str, int]] = {}
        self._files = 0
        self._limits = Limits(file_bytes=max_bytes)
        self._progress = progress or (lambda _done, _total: None)
        self._only: Session | None = None
        self._done = 0

    def run(self, files: Iterable[Path]) -> ImportReport:
        """Reads the files one after the other."""
        with without_searches():
            return self._run(files)

    def _run(self, files: Iterable[Path]) -> ImportReport:
        report = ImportReport(dry_run=self._dry_run)
        if not self._dry_run:
            report.files = [self._file(path) for path in files]
            return report
        try:
            with self._database.write(self._actor.name) as session, modest_memory(session):
                self._only = session
                report.files = [self._file(path) for path in files]
                raise _UndoError
        except _UndoError:
            return report
        finally:
            self._only = None

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A transaction of its own; in a dry run all share one that is never committed."""
        if self._only is not None:
            with self._only.begin_nested():
                yield self._only
        else:
            with self._database.write(self._actor.name) as session, modest_memory(session):
                yield session

    def _file(self, path: Path) -> FileReport:
        report = FileReport(file=str(path), detailed=self._dry_run)
        try:
            report.sha256 = _digest(path)
            document = open_document(path, self._limits)
        except OSError as error:
            self._unreadable(report, None, "earmark.import.file", f"{path} cannot be read: {error.strerror}.")
            return report
        except SourceFault as fault:
            self._unreadable(report, fault.line, fault.rule, fault.message)
            return report
        report.file_type, report.version = document.file_type, document.version
        if not readable_version(document.version):
            document.close()
            claim = f"is of version {document.version}" if document.version else "names no version"
            message = f"The file {claim}. Publish it as one of {', '.join((*UPGRADABLE, VERSION))}."
            self._unreadable(report, document.line, "0.6.1", message)
            return report
        self._files += 1
        source = Source(
            name=path.name,
            sha256=report.sha256,
            as_of=self._as_of,
            actor=self._actor.name,
            generated_at=_generated(document),
            overwrite=self._overwrite,
            mend=self._mend,
            type=document.file_type,
        )
        run = self._start(source)
        try:
            with document:
                if document.file_type == "iati-activities":
                    self._activities(Activities(document, report, mend=self._mend), source, report)
                else:
                    self._organisations(document, source, report)
        except BaseException:
            self._finish(run, "failed", report)
            raise
        self._finish(run, "done", report)
        self._rules(path, report)
        return report

    def _rules(self, path: Path, report: FileReport) -> None:
        """What the rules of the standard say about what was stored; it stays stored."""
        for finding in iter_findings(path, as_of=self._as_of, limits=self._limits):
            if finding.severity in ("error", "warning"):
                report.faults.append(
                    ImportFault(
                        activity=finding.activity,
                        line=finding.line,
                        rule=finding.rule,
                        severity=finding.severity,
                        message=finding.message,
                    )
                )

    def _activities(self, activities: Iterable[Incoming], source: Source, report: FileReport) -> None:
        for batch in _batches(activities, BATCH):
            for each in batch:
                each.elsewhere = self._elsewhere(source, each.identifier, each.line)
            self._store(batch, source, report)
            self._done += len(batch)
            batch.clear()
            breathe()
            self._progress(self._done, 0)

    def _organisations(self, document: Document, source: Source, report: FileReport) -> None:
        with self._session() as session:
            store_organisations(session, document, source, report, elsewhere=partial(self._elsewhere, source))

    def _elsewhere(self, source: Source, identifier: str, line: int) -> str:
        """Where another file of this import has a record too; empty: nowhere."""
        number, name, first = self._met.setdefault((source.type, identifier), (self._files, source.name, line))
        return "" if number == self._files else f"{name} (line {first})"

    def _store(self, batch: list[Incoming], source: Source, report: FileReport) -> None:
        """Stores a batch; when the database refuses it, one by one, so that only the culprit is left out."""
        counts = report.counts.copy()
        lists: tuple[list[Any], ...] = (report.faults, report.changes, report.details, report.kept)
        lengths = [len(each) for each in lists]
        try:
            with self._session() as session:
                store_batch(session, batch, source, report)
        except OperationalError:
            raise
        except DBAPIError as error:
            report.counts = counts
            for told, length in zip(lists, lengths, strict=True):
                del told[length:]
            if len(batch) == 1:
                cause = str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
                report.refuse(
                    batch[0].identifier,
                    batch[0].line,
                    "earmark.import.refused",
                    f"The database cannot hold this activity: {cause}.",
                )
                return
            for incoming in batch:
                self._store([incoming], source, report)

    def _start(self, source: Source) -> int | None:
        if self._dry_run:
            return None
        row = {
            "kind": "iati",
            "file_name": source.name,
            "sha256": source.sha256,
            "started_at": utc_now(),
            "actor": source.actor,
            "outcome": "running",
            "counts": {},
        }
        with self._database.write(self._actor.name) as session:
            return store.add_with_keys(session, ImportRun, [row])[0]

    def _finish(self, run: int | None, outcome: str, report: FileReport) -> None:
        if run is None:
            return
        try:
            with self._database.write(self._actor.name) as session:
                store.finish_run(session, run, outcome, utc_now(), report.counts)
        except StorageFailed:
            if outcome == "done":
                raise

    @staticmethod
    def _unreadable(report: FileReport, line: int | None, rule: str, message: str) -> None:
        report.broken = True
        report.faults.append(ImportFault(activity=None, line=line, rule=rule, severity="critical", message=message))


def store_batch(session: Session, batch: list[Incoming], source: Source, report: FileReport) -> None:
    """Stores new activities and updates known ones."""
    batch = _without_former(session, batch, report)
    known = store.known_projects(session, [each.identifier for each in batch])
    organisations, changes = name_all(session, batch, report)
    append_events(session, source.actor, changes)
    insert_new(session, [each for each in batch if each.identifier not in known], source, report, organisations)
    update_known(
        session,
        [(each, known[each.identifier]) for each in batch if each.identifier in known],
        source,
        report,
        organisations,
    )


def _without_former(session: Session, batch: list[Incoming], report: FileReport) -> list[Incoming]:
    """An older file may call an activity by a name that it has given up: it is not taken for another activity."""
    former = store.former_identifiers(session, [each.identifier for each in batch])
    for each in batch:
        if each.identifier in former:
            report.refuse(
                each.identifier,
                each.line,
                "earmark.import.former-identifier",
                f"This was the identifier of an activity that is called {former[each.identifier]} now; it was not "
                "changed. Import a file with its present identifier.",
            )
    return [each for each in batch if each.identifier not in former]


def readable_version(version: str | None) -> bool:
    """Whether a file of a version can be imported; a word such as the "xx" of templates stands for the present one."""
    if version in (*UPGRADABLE, VERSION):
        return True
    return bool(version and version.strip()) and not any(character.isdigit() for character in version or "")


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _generated(document: Document) -> dt.datetime | None:
    """When the file says that it was made; None where it does not say so in a way that can be read."""
    try:
        moment = parse_datetime(document.attributes.get("generated-datetime", ""))
    except LexicalError:
        return None
    return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
