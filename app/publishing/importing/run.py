"""An import from its first file to its last: batches that are stored whole or not at all."""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypeAlias, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from app.db.audit import append_events
from app.db.engine import Database, in_batches
from app.domain.access import Actor, Right
from app.pace import breathe, without_searches
from app.publishing.importing import queries as store
from app.publishing.importing.account import FileReport, ImportFault, ImportReport, Source
from app.publishing.importing.known import update_known
from app.publishing.importing.new import Incoming, ReadBefore, insert_new, name_all
from app.publishing.importing.organisation_record import store_organisations
from app.publishing.importing.queries_marks import marked
from app.publishing.importing.reader import Activities, told_by_rules
from app.publishing.importing.record import RunRecord, TakenOver
from iati.lexical import LexicalError, parse_datetime
from iati.source import Document, Limits, SourceFault, open_document
from iati.standard import VERSION
from iati.upgrade import UPGRADABLE
from iati.validator import iter_findings

Item = TypeVar("Item")
#: an activity that a file has
Met: TypeAlias = Incoming | ReadBefore

#: opens the transaction in which so many activities are stored
Opened = Callable[[int], AbstractContextManager[Session]]

log = logging.getLogger("earmark.imports")

#: activities that are stored together: three times as many take a tenth more memory, and a tenth less time
BATCH = 64

#: called with (activities read so far, how many there are: 0, since nobody knows)
Progress = Callable[[int, int], None]


class _UndoError(Exception):
    """Ends a transaction of which nothing is to stay."""


class Importer:
    """One import.

    ``mend``: repairs that cannot be wrong are made; ``overwrite``: what was changed here since gives way to the files,
    and so does what a newer file said; ``whole``: what a file lacks of an activity is gone, also where other files told
    it; ``max_bytes``: the largest file that is read.
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
        whole: bool = False,
        max_bytes: int = 2 * 1024**3,
        progress: Progress | None = None,
    ) -> None:
        actor.require(Right.PUBLISH)
        self._database = database
        self._actor = actor
        self._as_of = as_of
        self._dry_run = dry_run
        self._mend = mend
        self._overwrite, self._whole = overwrite, whole
        #: where each record of this import was met first: (which of the files, its name, line)
        self._met: dict[tuple[str, str], tuple[int, str, int]] = {}
        #: the lines of records that this file tells, and one before it told too
        self._again: dict[str, int] = {}
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
            with self._database.write(self._actor.name) as session, in_batches(session):
                self._only = session
                report.files = [self._file(path) for path in files]
                raise _UndoError
        except _UndoError:
            return report
        finally:
            self._only = None

    @contextmanager
    def _batch(self, report: FileReport, run: RunRecord | None, count: int) -> Iterator[Session]:
        """A transaction of its own, in the record of the run; in a dry run all share one that is never committed."""
        if run is None:
            assert self._only is not None  # noqa: S101 - only a dry run has no record
            with self._only.begin_nested():
                yield self._only
            return
        with run.batch(self._database.write(self._actor.name), count, report) as session, in_batches(session):
            yield session

    def _marked(self, identifiers: Collection[str]) -> Mapping[str, str]:
        """Digests of the texts that records are known to say; asked while nothing is stored.

        A dry run sees what it would have stored.
        """
        with self._reading() as session:
            return marked(session, identifiers)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        """What is stored; in a dry run what it would have stored as well."""
        if self._only is not None:
            yield self._only
            return
        with self._database.read() as session:
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
            allowed = ", ".join((*UPGRADABLE, VERSION))
            message = f"The file is of version {document.version}. Publish it as one of {allowed}."
            if not document.version:
                message = f"The file names no version. Publish it as one of {allowed}."
            elif (version := document.version.strip()) in (*UPGRADABLE, VERSION):
                message = f'Blanks stand beside the version of the file: write version="{version}" in its root.'
            self._unreadable(report, document.line, "0.6.1", message)
            return report
        self._files += 1
        self._again.clear()
        source = Source(
            name=path.name,
            sha256=report.sha256,
            as_of=self._as_of,
            actor=self._actor.name,
            generated_at=_generated(document),
            overwrite=self._overwrite,
            whole=self._whole,
            mend=self._mend,
            type=document.file_type,
        )
        run = None if self._dry_run else RunRecord.begin(self._database, source, report)
        activities = None
        try:
            with document:
                if document.file_type == "iati-activities":
                    activities = Activities(document, report, mend=self._mend, as_of=self._as_of, marked=self._marked)
                    self._activities(activities, source, report, run)
                    self._tell_capitals(source, report)
                else:
                    self._organisations(document, source, report, run)
        except TakenOver:
            raise
        except BaseException:
            if run is not None:
                run.fail()
            raise
        if not report.broken and not report.counts["activities_read"] + report.counts["organisation_files_read"]:
            message = "The file holds no activity: nothing was imported."
            if document.file_type != "iati-activities":
                message = "The file holds no organisation: nothing was imported."
            self._unreadable(report, document.line, "earmark.import.nothing", message)
        if run is not None:
            run.finish(report)
        # what the rules of the standard say about what was stored; it stays stored
        report.faults += activities.told_by_rules() if activities is not None else self._rules(path)
        return report

    def _rules(self, path: Path) -> list[ImportFault]:
        """What the rules say about a file of organisations."""
        return told_by_rules(iter_findings(path, as_of=self._as_of, limits=self._limits))

    def _activities(self, activities: Iterable[Met], source: Source, report: FileReport, run: RunRecord | None) -> None:
        for batch in _batches(activities, BATCH):
            for each in batch:
                elsewhere = self._elsewhere(source, each.identifier, each.line)
                if isinstance(each, Incoming):
                    each.elsewhere = elsewhere
            self._store(self._told(batch, source, report, run), source, report, partial(self._batch, report, run))
            self._done += len(batch)
            batch.clear()
            breathe()
            self._progress(self._done, 0)

    def _told(self, batch: list[Met], source: Source, report: FileReport, run: RunRecord | None) -> list[Met]:
        """Tells again what was found in activities that were stored before the run was interrupted.

        They are looked at as in a dry run and counted as they were then; the others are given back.
        """
        if run is None or not (stored := batch[: run.ahead]):
            return batch
        counts = report.counts.copy()
        self._store(stored, source, report, self._undone)
        report.counts = run.passed(len(stored)) or counts
        return batch[len(stored) :]

    @contextmanager
    def _undone(self, _count: int) -> Iterator[Session]:
        """A transaction of which nothing stays."""
        with suppress(_UndoError), self._database.write(self._actor.name) as session, in_batches(session):
            yield session
            raise _UndoError

    def _organisations(self, document: Document, source: Source, report: FileReport, run: RunRecord | None) -> None:
        known = run is not None and run.ahead > 0
        with self._undone(1) if known else self._batch(report, run, 1) as session:
            store_organisations(session, document, source, report, elsewhere=partial(self._elsewhere, source))
        if run is not None and known:
            report.counts = run.passed(1) or report.counts

    def _elsewhere(self, source: Source, identifier: str, line: int) -> str:
        """Where another file of this import has a record too; empty: nowhere."""
        number, name, first = self._met.setdefault((source.type, identifier), (self._files, source.name, line))
        if number == self._files:
            return ""
        self._again.setdefault(identifier, line)
        return f"{name} (line {first})"

    def _tell_capitals(self, source: Source, report: FileReport) -> None:
        """Tells own activities of the file that many who read both take for one that was here before."""
        with self._reading() as session:
            others = store.in_other_capitals(session)
        told: list[tuple[int, str]] = []
        for identifier in others:
            number, _, line = self._met.get((source.type, identifier), (0, "", 0))
            if number == self._files:
                told.append((line, identifier))
            elif identifier in self._again:
                told.append((self._again[identifier], identifier))
        for line, identifier in sorted(told):
            message = (
                f"There is an activity {others[identifier]} here, from which this one differs in capital letters "
                "alone: they are kept as two. If they are one, write the identifier in the file as it is here, and "
                "archive this one."
            )
            report.faults.append(
                ImportFault(
                    activity=identifier,
                    line=line,
                    rule="earmark.import.other-capitals",
                    severity="warning",
                    message=message,
                )
            )

    def _store(self, batch: list[Met], source: Source, report: FileReport, opened: Opened) -> None:
        """Stores a batch; when the database refuses it, one by one, so that only the culprit is left out."""
        if not batch:
            return
        mark = report.mark()
        try:
            with opened(len(batch)) as session:
                store_batch(session, batch, source, report)
        except OperationalError:
            raise
        except DBAPIError as error:
            report.take_back(mark)
            if len(batch) == 1:
                report.no_draft(batch[0].findings if isinstance(batch[0], Incoming) else None)
                log.error("the database refused the activity %s", batch[0].identifier, exc_info=error)
                report.refuse(
                    batch[0].identifier,
                    batch[0].line,
                    "earmark.import.refused",
                    "The database refused this activity, and nothing of it was stored. The log tells why: show it to "
                    "who runs the program.",
                )
                with opened(1):  # nothing is stored, but the record of the run goes on behind it
                    return
            for incoming in batch:
                self._store([incoming], source, report, opened)

    @staticmethod
    def _unreadable(report: FileReport, line: int | None, rule: str, message: str) -> None:
        report.broken = True
        report.faults.append(ImportFault(activity=None, line=line, rule=rule, severity="critical", message=message))


def store_batch(session: Session, met: list[Met], source: Source, report: FileReport) -> None:
    """Stores new activities and updates known ones."""
    met = _without_former(session, met, report)
    batch = [each for each in met if isinstance(each, Incoming)]
    known = store.known_projects(session, [each.identifier for each in batch])
    organisations, changes = name_all(session, batch, report)
    append_events(session, source.actor, changes)
    if len(met) > len(batch):
        report.counts["activities_unchanged"] += len(met) - len(batch)
    insert_new(session, [each for each in batch if each.identifier not in known], source, report, organisations)
    update_known(
        session,
        [(each, known[each.identifier]) for each in batch if each.identifier in known],
        source,
        report,
        organisations,
    )


def _without_former(session: Session, batch: list[Met], report: FileReport) -> list[Met]:
    """An older file may call an activity by a name that it has given up: it is not taken for another activity."""
    former = store.former_identifiers(session, [each.identifier for each in batch])
    for each in batch:
        if each.identifier in former:
            report.no_draft(each.findings if isinstance(each, Incoming) else None)
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
