"""The files of a release while they are written: one for each publisher and part, split where they grow too large.

Each is written with an empty moment, which is filled in at the end, when its newest content is known. Holds no more
than the open files' buffers. What is finished goes into the store while the next one is written.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.domain.datasets import Part, dataset_name, told_apart
from app.errors import StorageFailed
from app.publishing.releasing.records import Placed, RecordEntry
from app.publishing.releasing.store import FileStore
from iati.lexical import LexicalError, format_datetime, parse_datetime
from iati.writer import ActivitiesFile, OrganisationsFile

#: bytes of a file that wait to be written
_BUFFER = 1 << 16
#: bytes that are copied together
_BLOCK = 1 << 18
#: what stands before each record
_BETWEEN = b"\n  "
_EMPTY = "0000-00-00T00:00:00Z"
_ATTRIBUTE = f' generated-datetime="{_EMPTY}"'.encode()


def _writer(file_type: str, stream: BinaryIO) -> ActivitiesFile | OrganisationsFile:
    """A file that is begun."""
    if file_type == "iati-activities":
        return ActivitiesFile(stream, generated_datetime=_EMPTY).__enter__()
    return OrganisationsFile(stream, generated_datetime=_EMPTY).__enter__()


@dataclass(frozen=True, kw_only=True, slots=True)
class Released:
    """A finished file of a release."""

    dataset: str
    file_type: str
    reporting_org: str
    part: str
    records: int
    size: int
    sha256: str
    records_sha256: str
    content_at: dt.datetime | None


class _Copied(NamedTuple):
    """Bytes of a file in the store."""

    digest: str
    start: int
    length: int


@dataclass(kw_only=True, slots=True)
class _Open:
    """A file that is being written."""

    dataset: str
    part: Part
    path: Path
    stream: BinaryIO
    writer: ActivitiesFile | OrganisationsFile
    records: BinaryIO
    #: bytes that are written
    size: int
    count: int = 0
    newest: dt.datetime | None = None
    #: records in a row that are still to be copied from the file that they were in before
    waiting: _Copied | None = None


@dataclass(kw_only=True, slots=True)
class _Group:
    """The files of one part of one publisher's portfolio."""

    reporting_org: str
    publisher: str
    part: Part
    file_type: str
    number: int = 0
    current: _Open | None = None
    done: list[Future[Released]] = field(default_factory=list)


#: the moment of a dataset as it is public now; None: it is not, or has none
MomentBefore = Callable[[str], dt.datetime | None]


class ReleaseWriter:
    """Writes records into the files they belong to."""

    def __init__(self, store: FileStore, folder: Path, *, max_bytes: int, before: MomentBefore) -> None:
        self._store = store
        self._folder = folder
        self._max_bytes = max_bytes
        self._before = before
        self._groups: dict[tuple[str, str, str], _Group] = {}
        #: what is copied, on its way
        self._block = memoryview(bytearray(_BLOCK))
        #: whose a dataset is: a file never holds records of two publishers
        self._publishers: dict[str, str] = {}
        #: takes finished files into the store; None: there is nothing to take
        self._taking: ThreadPoolExecutor | None = None
        #: the file that was handed over last
        self._last: Future[Released] | None = None
        #: datasets with a single record that is larger than a file may be
        self.oversized: list[str] = []

    def add(
        self,
        xml: bytes,
        *,
        identifier: str,
        project_id: int | None,
        code: str,
        content: str,
        stamp: str | None,
        reporting_org: str,
        publisher: str,
        part: Part,
        file_type: str = "iati-activities",
    ) -> None:
        """Appends a record. ``publisher``: how its publisher's datasets are called.

        Raises StorageFailed when what is to be copied is gone meanwhile.
        """
        current = self._room(self._group(reporting_org, publisher, part, file_type), len(xml))
        self._copy_now(current)
        current.writer.write_fragment(xml)
        start = current.size + len(_BETWEEN)
        line = RecordEntry(identifier, project_id, code, content, stamp, start, len(xml)).as_line()
        _count(current, line, start + len(xml), stamp)

    def copy(self, records: Iterable[Placed], *, reporting_org: str, publisher: str, part: Part) -> None:
        """Appends activities that are in files of the store, as they are there.

        Raises StorageFailed when what is to be copied is gone meanwhile.
        """
        group = self._group(reporting_org, publisher, part, "iati-activities")
        for record in records:
            entry = record.entry
            current = self._room(group, entry.length)
            self._copy_later(current, _Copied(str(record.place), entry.start, entry.length))
            start = current.size + len(_BETWEEN)
            _count(current, record.line_at(start), start + entry.length, entry.stamp)

    def _group(self, reporting_org: str, publisher: str, part: Part, file_type: str) -> _Group:
        key = (file_type, reporting_org, part.name)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(
                reporting_org=reporting_org, publisher=publisher, part=part, file_type=file_type
            )
        return group

    def _room(self, group: _Group, length: int) -> _Open:
        """The file that takes so many more bytes."""
        current = group.current
        if current is not None and current.size + length + 64 > self._max_bytes:
            self._finish(group)
            current = None
        if current is None:
            current = self._begin(group)
        if length > self._max_bytes:
            self.oversized.append(current.dataset)
        return current

    def _copy_later(self, current: _Open, record: _Copied) -> None:
        """Puts a record to those that are to be copied; what follows one another in a file is copied in one go."""
        waiting = current.waiting
        if (
            waiting is not None
            and waiting.digest == record.digest
            and waiting.start + waiting.length + len(_BETWEEN) == record.start
        ):
            length = waiting.length + len(_BETWEEN) + record.length
            current.waiting = _Copied(waiting.digest, waiting.start, length)
        else:
            self._copy_now(current)
            current.waiting = record

    def _copy_now(self, current: _Open) -> None:
        """Copies what waits to be copied."""
        waiting, current.waiting = current.waiting, None
        if waiting is None:
            return
        current.stream.write(_BETWEEN)
        left = waiting.length
        with self._store.open(waiting.digest) as source:
            source.seek(waiting.start)
            while left and (count := source.readinto(self._block[:left])):
                current.stream.write(self._block[:count])
                left -= count
        if left:
            raise StorageFailed(f"{self._store.path(waiting.digest)} became shorter while it was read: prepare again.")

    def _begin(self, group: _Group) -> _Open:
        group.number += 1
        dataset = dataset_name(group.publisher, group.part, group.number)
        if self._publishers.setdefault(dataset, group.reporting_org) != group.reporting_org:
            dataset = dataset_name(told_apart(group.reporting_org), group.part, group.number)
        path = self._folder / f"{dataset}.xml"
        stream = path.open("w+b", buffering=_BUFFER)
        writer = _writer(group.file_type, stream)
        group.current = _Open(
            dataset=dataset,
            part=group.part,
            path=path,
            stream=stream,
            writer=writer,
            size=stream.tell(),
            records=path.with_suffix(".records").open("w+b"),
        )
        return group.current

    def _finish(self, group: _Group) -> None:
        """Ends the current file; it is taken into the store beside what follows."""
        current = group.current
        if current is None:
            return
        if self._last is not None:
            # no more than one waits, with its buffers, and what fails is told soon; this one is closed then
            self._last.result()
        self._copy_now(current)
        group.current = None
        before = self._before(current.dataset)
        if current.newest is not None and before is not None and before > current.newest:
            # what was newest is gone: a file never claims to be older than the one it takes the place of
            current.newest = before
        words = current.part.words if group.number == 1 else f"{current.part.words}, file {group.number}"
        if self._taking is None:
            self._taking = ThreadPoolExecutor(1)
        self._last = self._taking.submit(self._taken, current, group, words)
        group.done.append(self._last)

    def _taken(self, current: _Open, group: _Group, words: str) -> Released:
        """A finished file, whole and in the store; runs beside the writing of others."""
        with current.stream, current.records:
            current.writer.__exit__(None, None, None)
            _fill_in(current.stream, current.newest)
        kept = self._store.take(current.path)
        records = self._store.take(current.path.with_suffix(".records"))
        return Released(
            dataset=current.dataset,
            file_type=group.file_type,
            reporting_org=group.reporting_org,
            part=words,
            records=current.count,
            size=kept.size,
            sha256=kept.sha256,
            records_sha256=records.sha256,
            content_at=current.newest,
        )

    def settle(self) -> None:
        """Waits until every finished file is in the store, so that this process has no thread for it any more."""
        if self._taking is not None:
            self._taking.shutdown()
            self._taking = None

    def close(self) -> None:
        """Lets go of what was not finished."""
        self.settle()
        for group in self._groups.values():
            if group.current is not None:
                group.current.stream.close()
                group.current.records.close()
                group.current = None

    def finish(self) -> list[Released]:
        """Ends all files; gives them by the names of their datasets."""
        for group in self._groups.values():
            self._finish(group)
        files = [file.result() for group in self._groups.values() for file in group.done]
        self.settle()
        return sorted(files, key=_dataset)


def _count(current: _Open, line: bytes, size: int, stamp: str | None) -> None:
    """Counts a record that is appended. ``line``: what the file's list says of it. ``size``: of the file with it."""
    current.size = size
    current.records.write(line)
    current.count += 1
    moment = _moment(stamp)
    if moment is not None and (current.newest is None or moment > current.newest):
        current.newest = moment


def _dataset(file: Released) -> str:
    return file.dataset


@lru_cache(maxsize=4096)
def _moment(stamp: str | None) -> dt.datetime | None:
    """What a ``last-updated-datetime`` says, to the second, in UTC; None when it cannot be read."""
    try:
        moment = parse_datetime(stamp)
    except LexicalError:
        return None
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    try:
        return aware.astimezone(dt.UTC).replace(microsecond=0)
    except OverflowError:
        return None


def _fill_in(stream: BinaryIO, moment: dt.datetime | None) -> None:
    """Writes the moment into its place; where no record says when it changed, there is white space instead."""
    stream.seek(0)
    place = stream.read(400).index(_ATTRIBUTE)
    written = b"" if moment is None else f' generated-datetime="{format_datetime(moment)}"'.encode()
    stream.seek(place)
    stream.write(written.ljust(len(_ATTRIBUTE)))
