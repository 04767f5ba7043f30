"""The list of a file's records: which it holds, what their content is, and where in the file each stands.

Kept in the file store beside the file, in the order of the identifiers, so that two releases are compared by walking
through both lists at once. Holds some hundred lines of each list at a time.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from heapq import heapify, heappop, heappush
from itertools import islice
from json.encoder import encode_basestring
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from app.publishing.releasing.store import FileStore

#: a text as JSON
_quoted = encode_basestring
#: lines that are read at once, which takes a third of the time of one by one
_READ = 500


class RecordEntry(NamedTuple):
    """One record of a file."""

    identifier: str
    #: key of the project; None: an organisation, or an activity of a file that was not made here
    project_id: int | None
    #: code of the project, else the identifier
    code: str
    #: SHA-256 of its XML without ``last-updated-datetime``
    content: str
    #: its ``last-updated-datetime`` as written; None: it has none
    stamp: str | None
    #: where its XML begins in the file, and its length, in bytes
    start: int
    length: int

    def as_line(self) -> bytes:
        """A list in JSON. Its parts are put together here, since there are as many lines as records."""
        identifier, project_id, code, content, stamp, start, length = self
        key = "null" if project_id is None else project_id
        said = "null" if stamp is None else _quoted(stamp)
        line = f"[{_quoted(identifier)},{key},{_quoted(code)},{_quoted(content)},{said},{start},{length}]\n"
        return line.encode()


class Placed(NamedTuple):
    """A record with the file it is in: a dataset's digest in the store, or a file outside it."""

    identifier: str
    entry: RecordEntry
    place: str | Path
    #: 0-based place of the file among those of its release
    number: int
    #: its line in the list of the file; empty: there is none
    line: bytes = b""

    def line_at(self, start: int) -> bytes:
        """Its line in the list of a file in which it begins elsewhere."""
        if not self.line:
            return self.entry._replace(start=start).as_line()
        return b"%b,%d,%d]\n" % (self.line.rsplit(b",", 2)[0], start, self.entry.length)


class ReleasedList(NamedTuple):
    """A file of a release as far as its records are asked for."""

    sha256: str
    records_sha256: str


def read_entries(stream: Iterable[bytes]) -> Iterator[RecordEntry]:
    """The entries of a list."""
    return (entry for _, entry in _lines(stream))


def _lines(stream: Iterable[bytes]) -> Iterator[tuple[bytes, RecordEntry]]:
    """The lines of a list with what they say."""
    lines = iter(stream)
    while some := list(islice(lines, _READ)):
        for line, said in zip(some, json.loads(b"[%b]" % b",".join(some)), strict=True):
            yield line, RecordEntry._make(said)


class Before:
    """What was public before, in the order of identifiers: walked along with what is rendered now.

    ``take(identifier)`` gives the record of that identifier; ``also`` are further ones of it, as files of years have
    them; what is passed over on the way is ``gone``.
    """

    def __init__(self, records: Iterator[Placed], store: FileStore, files: Iterable[ReleasedList] = ()) -> None:
        """``files``: those of the store that records may be copied from."""
        self._records = records
        self._store = store
        self._next = next(records, None)
        #: what follows the next one as far as it has been read
        self._read: deque[Placed] = deque()
        #: looks, beside what is done meanwhile, whether files of the store are there as they were put there
        self._looking = ThreadPoolExecutor(1)
        self._whole = {file.sha256: self._looking.submit(store.verified, file.sha256) for file in files}
        self._open: tuple[str | Path, BinaryIO] | None = None
        #: what :meth:`coming` gave last
        self._coming: dict[str, Placed] = {}
        #: records that were passed over since this was asked last
        self._gone: list[Placed] = []
        #: further records of the identifier that was taken last
        self._also: list[Placed] = []

    def take(self, identifier: str) -> Placed | None:
        """The record of this identifier, which must be greater than the one before; None when there is none."""
        found, self._also = None, []
        while self._next is not None and self._next.identifier <= identifier:
            if self._next.identifier == identifier and found is None:
                found = self._next
            else:
                (self._also if found is not None else self._gone).append(self._next)
            self._advance()
        return found

    def take_known(self, identifiers: Iterable[str]) -> list[Placed]:
        """The records of identifiers that :meth:`coming` gave, in their order."""
        found = [self.take(identifier) for identifier in identifiers]
        records = [record for record in found if record is not None]
        if len(records) < len(found):
            raise RuntimeError("what is known to be public is taken")
        return records

    def _advance(self) -> None:
        self._next = self._read.popleft() if self._read else next(self._records, None)

    def coming(self, last: str) -> dict[str, Placed]:
        """What is not taken yet up to an identifier, by identifier; of several records the one that is taken."""
        newest = self._read[-1] if self._read else self._next
        while newest is not None and newest.identifier <= last:
            newest = next(self._records, None)
            if newest is not None:
                self._read.append(newest)
        some = [] if self._next is None else [self._next, *self._read]
        # from behind, so that the first of several stays
        self._coming = {record[0]: record for record in reversed(some) if record[0] <= last}
        return self._coming

    def otherwise(self, identifier: str, content: str) -> bytes | None:
        """The XML of one of those that :meth:`coming` gave last, if its content is not this."""
        was = self._coming.get(identifier)
        return None if was is None or was.entry.content == content else self.xml(was)

    def whole(self, place: str | Path) -> bool:
        """Whether records can be copied from a file: it is in the store as it was put there."""
        return not isinstance(place, Path) and place in self._whole and self._whole[place].result()

    def settle(self) -> None:
        """Waits until all files are looked at, so that this process has no thread for it any more."""
        self._looking.shutdown()

    def also(self) -> list[Placed]:
        """Further records of the identifier that was taken last."""
        return self._also

    def gone(self) -> list[Placed]:
        """What was passed over and is not there any more."""
        found, self._gone = self._gone, []
        return found

    def rest(self) -> Iterator[Placed]:
        """All that follows."""
        while self._next is not None:
            yield self._next
            self._advance()

    def xml(self, record: Placed) -> bytes:
        """The XML of a record."""
        if self._open is None or self._open[0] != record.place:
            self._let_go()
            place = record.place
            self._open = (place, place.open("rb") if isinstance(place, Path) else self._store.open(place))
        stream = self._open[1]
        stream.seek(record.entry.start)
        return stream.read(record.entry.length)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file it read last, and looks at no further one."""
        self._looking.shutdown(cancel_futures=True)
        self._let_go()

    def _let_go(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None


def released(store: FileStore, files: Iterable[ReleasedList]) -> Iterator[Placed]:
    """The records of all files of a release, by identifier.

    Raises StorageFailed where a list is not there as it was put there: it says what the world has, and where it begins.
    """

    def of(number: int, file: ReleasedList) -> Iterator[Placed]:
        place = file.sha256
        with store.open(file.records_sha256, verified=True) as stream:
            for line, entry in _lines(stream):
                yield Placed(entry[0], entry, place, number, line)

    return _merged([of(number, file) for number, file in enumerate(files)])


def _merged(lists: Iterable[Iterator[Placed]]) -> Iterator[Placed]:
    """The records of several lists by identifier; mostly many of one list come before the next of another."""
    waiting = [
        (first.identifier, number, first, rest) for number, rest in enumerate(lists) if (first := next(rest, None))
    ]
    heapify(waiting)
    while waiting:
        _identifier, number, record, rest = heappop(waiting)
        if not waiting:
            yield record
            yield from rest
            return
        limit = waiting[0][:2]
        yield record
        while (following := next(rest, None)) is not None and (following.identifier, number) < limit:
            yield following
        if following is not None:
            heappush(waiting, (following.identifier, number, following, rest))
