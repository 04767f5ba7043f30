"""Two files compared by meaning, without holding either.

Records whose bytes are the same are crossed out first by their digests. Of the others a digest of their meaning is
kept with their identifier; those that have changed are read a second time, one pair at a time. Memory grows by some
hundred bytes for each record, whatever the records hold.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import BinaryIO

from iati.diff.elements import Difference, compare_records
from iati.diff.meaning import defaults_differ, foreign_meaning, node_of, stated_defaults
from iati.source import Extra, Fragment, open_document, parse_fragment, parse_record
from iati.unreadable import Source, reading

#: The moment a file was written says nothing about what it tells.
_NOT_COMPARED = frozenset({"generated-datetime"})
#: Characters that are quoted of what stands between records.
_SAMPLE = 500
_IDENTIFIERS = {"iati-activities": "iati-identifier", "iati-organisations": "organisation-identifier"}


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record of one of the two files."""

    identifier: str  #: empty when the record has none
    line: int  #: on which it begins


@dataclass(frozen=True, kw_only=True)
class ChangedRecord:
    """A record that both files have, with what differs in it."""

    identifier: str
    old_line: int
    new_line: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two files."""

    file_type: str
    version: str | None
    records: int


@dataclass(frozen=True, kw_only=True)
class RootDifference:
    """A difference outside the records: an attribute of the root, the kind of file, or an element between records."""

    what: str
    old: str | None
    new: str | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What two files have in common and what not. The details of changed records are read when they are asked for."""

    old: Side
    new: Side
    root: tuple[RootDifference, ...]
    added: tuple[Record, ...]  #: in the order of the new file
    removed: tuple[Record, ...]  #: in the order of the old file
    unchanged: int
    #: changed records as (identifier, index in the old file, index in the new one), in the order of the new file
    _pairs: tuple[tuple[str, int, int], ...]
    _sources: tuple[Source, Source]
    _ignore_stamp: bool

    @property
    def same(self) -> bool:
        """Whether the two files mean the same."""
        return not (self.root or self.added or self.removed or self._pairs)

    @property
    def changed(self) -> int:
        """The number of records that both files have and that differ."""
        return len(self._pairs)

    def changed_records(self) -> Iterator[ChangedRecord]:
        """The changed records in the order of the new file. Holds one pair at a time; reads both files again."""
        wanted = {old for _, old, _ in self._pairs}
        partners = {new: (identifier, old) for identifier, old, new in self._pairs}
        with tempfile.TemporaryFile() as file:
            shelf = _Shelf(file)
            with reading(self._sources[0]), open_document(self._sources[0]) as document:
                for fragment in document:
                    if fragment.index in wanted:
                        shelf.put(fragment)
            with reading(self._sources[1]), open_document(self._sources[1]) as document:
                for fragment in document:
                    if fragment.index in partners:
                        identifier, index = partners[fragment.index]
                        before = shelf.get(index)
                        yield ChangedRecord(
                            identifier=identifier,
                            old_line=before.line,
                            new_line=fragment.line,
                            differences=compare_records(before, fragment, ignore_stamp=self._ignore_stamp),
                        )


class _Shelf:
    """Records put aside on disk, to be taken in any order."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[int, tuple[int, int, int]] = {}

    def put(self, fragment: Fragment) -> None:
        self._places[fragment.index] = (self._file.tell(), len(fragment.xml), fragment.line)
        self._file.write(fragment.xml)

    def get(self, index: int) -> Fragment:
        start, length, line = self._places[index]
        self._file.seek(start)
        return Fragment(self._file.read(length), line, index)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Root:
    """What is remembered of a file apart from its records."""

    side: Side
    attributes: Mapping[str, str]
    #: meaning of what stands between records → how often it does, with a sample of it
    extras: Counter[bytes]
    samples: Mapping[bytes, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is remembered of a record that was not crossed out."""

    index: int
    line: int
    identifier: str
    meaning: bytes
    defaults: tuple[str | None, ...]

    def same(self, other: _Entry) -> bool:
        return self.meaning == other.meaning and not defaults_differ(self.defaults, other.defaults)


def compare(old: Source, new: Source, *, ignore_stamp: bool = False) -> Comparison:
    """Compare two files by meaning. ``ignore_stamp``: a record whose time of update alone moved counts as unchanged.

    Records are paired by their identifier; among records that share one, those that mean the same are paired first and
    the rest in their order. Raises UnreadableError for a file that cannot be read to its end.
    """
    old_root, old_digests = _survey(old)
    new_root, new_digests = _survey(new)
    common = Counter(old_digests) & Counter(new_digests)
    gone = _remaining(old, old_digests, common, ignore_stamp=ignore_stamp)
    come = _remaining(new, new_digests, common, ignore_stamp=ignore_stamp)
    changed, removed, added = _match(gone, come)
    return Comparison(
        old=old_root.side,
        new=new_root.side,
        root=tuple(_root_differences(old_root, new_root)),
        added=tuple(Record(identifier=entry.identifier, line=entry.line) for entry in added),
        removed=tuple(Record(identifier=entry.identifier, line=entry.line) for entry in removed),
        unchanged=len(new_digests) - len(added) - len(changed),
        _pairs=tuple(sorted(((a.identifier, a.index, b.index) for a, b in changed), key=lambda pair: pair[2])),
        _sources=(old, new),
        _ignore_stamp=ignore_stamp,
    )


def _survey(source: Source) -> tuple[_Root, list[bytes]]:
    """The file's root, and a digest of each record's bytes in their order."""
    digests: list[bytes] = []
    extras: Counter[bytes] = Counter()
    samples: dict[bytes, str] = {}
    with reading(source), open_document(source) as document:
        for part in document.parts():
            if isinstance(part, Fragment):
                digests.append(_digest(part.xml))
            elif part.kind != "instruction":
                meaning = _digest(_extra(part).encode())
                extras[meaning] += 1
                samples.setdefault(meaning, part.xml.decode()[:_SAMPLE])
        attributes = {name: value for name, value in document.attributes.items() if name not in _NOT_COMPARED}
        side = Side(file_type=document.file_type, version=document.version, records=len(digests))
    return _Root(side=side, attributes=attributes, extras=extras, samples=samples), digests


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()


def _extra(part: Extra) -> str:
    if part.kind == "element":
        return foreign_meaning(parse_fragment(Fragment(part.xml, part.line, 0)))
    return " ".join(part.xml.decode().split())


def _remaining(source: Source, digests: list[bytes], common: Counter[bytes], *, ignore_stamp: bool) -> list[_Entry]:
    """The records that the other file does not have byte for byte, in their order."""
    crossed_out = Counter(common)
    entries: list[_Entry] = []
    if len(digests) == common.total():
        return entries
    with reading(source), open_document(source) as document:
        tag = _IDENTIFIERS[document.file_type]
        for fragment in document:
            digest = digests[fragment.index]
            if crossed_out[digest]:
                crossed_out[digest] -= 1
                continue
            record = parse_record(fragment)
            meaning = node_of(record, ignore_stamp=ignore_stamp).meaning
            entries.append(
                _Entry(
                    fragment.index,
                    fragment.line,
                    " ".join((record.findtext(tag) or "").split()),
                    _digest(meaning.encode()),
                    stated_defaults(record),
                )
            )
    return entries


def _match(gone: list[_Entry], come: list[_Entry]) -> tuple[list[tuple[_Entry, _Entry]], list[_Entry], list[_Entry]]:
    """Changed pairs, removed and added records; pairs that mean the same are left out."""
    alike: dict[tuple[str, bytes], list[_Entry]] = defaultdict(list)
    for entry in reversed(come):
        alike[entry.identifier, entry.meaning].append(entry)
    left: list[_Entry] = []
    unchanged: set[int] = set()
    for entry in gone:
        candidates = alike[entry.identifier, entry.meaning]
        at = next((at for at in reversed(range(len(candidates))) if entry.same(candidates[at])), None)
        if at is None:
            left.append(entry)
        else:
            unchanged.add(candidates.pop(at).index)
    namesakes: dict[str, deque[_Entry]] = defaultdict(deque)
    for entry in come:
        if entry.index not in unchanged:
            namesakes[entry.identifier].append(entry)
    changed: list[tuple[_Entry, _Entry]] = []
    removed: list[_Entry] = []
    for entry in left:
        if entry.identifier and namesakes[entry.identifier]:
            changed.append((entry, namesakes[entry.identifier].popleft()))
        else:
            removed.append(entry)
    added = sorted((entry for entries in namesakes.values() for entry in entries), key=lambda entry: entry.index)
    return changed, removed, added


def _root_differences(old: _Root, new: _Root) -> Iterator[RootDifference]:
    if old.side.file_type != new.side.file_type:
        yield RootDifference(what="file type", old=old.side.file_type, new=new.side.file_type)
    for name in sorted(old.attributes.keys() | new.attributes.keys()):
        before, after = old.attributes.get(name), new.attributes.get(name)
        if (before or "").split() != (after or "").split():
            yield RootDifference(what=f"@{name}", old=before, new=after)
    for meaning, count in (old.extras - new.extras).items():
        yield from [RootDifference(what="between records", old=old.samples[meaning], new=None)] * count
    for meaning, count in (new.extras - old.extras).items():
        yield from [RootDifference(what="between records", old=None, new=new.samples[meaning])] * count
