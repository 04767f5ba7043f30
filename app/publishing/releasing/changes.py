"""What a release changes in public, told record by record; the lines wait on disk."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from lxml import etree

from app.publishing.releasing import words
from app.publishing.releasing.queries import Line
from app.publishing.releasing.records import RecordEntry
from iati.diff import Difference, compare_records
from iati.source import Fragment, SourceFault, parse_record

#: what a line is about that says that nobody has compared a first release with what is published already
NOT_COMPARED = "not-compared"
#: files that a line names
_NAMED = 10


class Changes:
    """Collects what changes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "changes"
        self._out = self._path.open("wb")
        #: how many records are new, changed and gone
        self.counts: Counter[str] = Counter()
        #: lines that somebody has to accept
        self.vanishing = 0
        #: why records are gone, by identifier
        self._reasons: Mapping[str, str] = {}
        #: the record that was gone last
        self._gone: str | None = None
        #: identifier → key of the project, of activities that are gone
        self.projects_gone: dict[str, int] = {}
        #: identifiers of those that are gone of which no project is known, since they were published elsewhere
        self.others_gone: list[str] = []

    def new(self, code: str, xml: bytes, *, tell: bool) -> None:
        """A record that was not public before. ``tell``: with a line of its own; not where everything is new."""
        self.counts["new"] += 1
        if not tell:
            return
        title = words.title_of(parse_record(Fragment(xml, 1, 0)))
        self._put("change", code, "new", f"published for the first time{f': {title}' if title else ''}")

    def changed(self, code: str, before: bytes, after: bytes, *, must_accept: bool) -> None:
        """A record with another content. ``must_accept``: what goes from it has to be accepted."""
        differences = _differences(before, after)
        if not differences:
            return
        self.counts["changed"] += 1
        said = words.in_words(differences, _currency(after))
        self._put("change", code, "changed", "; ".join(said))
        if must_accept:
            for each in words.vanished(differences):
                self.vanishing += 1
                self._put("vanishing", code, each.what, each.words)

    def further(self, code: str, before: bytes, after: bytes) -> None:
        """A further record of the same identifier that is public: what only it says has to be accepted."""
        lost = list(words.vanished(_differences(before, after)))
        for each in lost:
            self.vanishing += 1
            said = f"{each.words}, which another record of this identifier says"
            self._put("vanishing", code, each.what, said)

    def nameless(self, place: str) -> None:
        """A record that is public without an identifier: nothing can be compared with it."""
        self.vanishing += 1
        self._put("vanishing", "(no identifier)", "activity", f"{place} has no identifier and is not in this release")

    def gone(self, entry: RecordEntry, *, must_accept: bool) -> None:
        """A record that is not public any more. Further ones of its identifier follow it, and are told with it."""
        if entry.identifier == self._gone:
            return
        self._gone = entry.identifier
        self.counts["gone"] += 1
        if entry.project_id is not None:
            self.projects_gone[entry.identifier] = entry.project_id
        else:
            self.others_gone.append(entry.identifier)
        self._put("change", entry.code, "gone", f"no longer published ({entry.identifier})", entry.identifier)
        if must_accept:
            self.vanishing += 1
            said = f"{entry.identifier} is public now and is not in this release"
            self._put("vanishing", entry.code, "activity", said, entry.identifier)

    def files(self, before: Set[str], after: Set[str]) -> None:
        """Files that go, as after another way of splitting: somebody reads each by its address."""
        come = sorted(after - before)
        instead = f"; new are {', '.join(come[:_NAMED])}{' …' if come[_NAMED:] else ''}" if come else ""
        for dataset in sorted(before - after):
            told = f"the file goes, and whoever asks for its address is told that it was withdrawn{instead}"
            self.note(dataset, "dataset", told)

    def note(self, subject: str, what: str, sentence: str) -> None:
        """Something else to know."""
        self._put("change", subject, what, sentence)

    def explain(self, reasons: Mapping[str, str]) -> None:
        """Why records are gone, by identifier."""
        self._reasons = reasons

    def _put(self, kind: str, subject: str, what: str, sentence: str, identifier: str = "") -> None:
        self._out.write(json.dumps([kind, subject, what, sentence, identifier]).encode() + b"\n")

    def close(self) -> None:
        """Nothing more changes."""
        self._out.close()

    def digest(self) -> str:
        """What tells whether two releases say the same, once it is closed."""
        said = sha256()
        for line in self.lines():
            said.update("\0".join(line).encode() + b"\n")
        return said.hexdigest()

    def lines(self) -> Iterator[Line]:
        """All of it, once it is closed: first what has to be accepted."""
        for wanted in ("vanishing", "change"):
            with self._path.open("rb") as stream:
                for line in stream:
                    kind, subject, what, sentence, identifier = json.loads(line)
                    if kind == wanted:
                        why = self._reasons.get(identifier)
                        yield Line(
                            kind=kind, subject=subject, what=what, words=f"{sentence}: {why}" if why else sentence
                        )


#: where a child of a record begins, as records are written here
_CHILD = re.compile(rb"\n    (?=<[^/])")
_NAME = re.compile(rb"<([^\s/>]+)")


def _differences(before: bytes, after: bytes) -> tuple[Difference, ...]:
    """What differs between two records. Children that are the same byte for byte are not looked into."""
    old, new = _CHILD.split(before), _CHILD.split(after)
    if len(old) > 1 and len(new) > 1:
        old[-1], old_end = _parted(old[-1])
        new[-1], new_end = _parted(new[-1])
        same = Counter(old[1:]) & Counter(new[1:])
        left, come = _without(old[1:], same), _without(new[1:], same)
        # of each kind that differs one stays that is the same, so that it is known to be one of several
        kinds = {_kind(child) for child in (*left, *come)}
        kept = list({kind: child for child in same if (kind := _kind(child)) in kinds}.values())
        with suppress(etree.XMLSyntaxError, SourceFault):
            return compare_records(
                Fragment(b"\n".join([old[0], *kept, *left]) + old_end, 1, 0),
                Fragment(b"\n".join([new[0], *kept, *come]) + new_end, 1, 0),
                ignore_stamp=True,
            )
    return compare_records(Fragment(before, 1, 0), Fragment(after, 1, 0), ignore_stamp=True)


def _currency(xml: bytes) -> str:
    """The default currency of a record; empty: it names none."""
    start, *children = _CHILD.split(xml, 1)
    _, end = _parted(xml)
    bare = Fragment(start + end, 1, 0) if children else Fragment(xml, 1, 0)
    return str(parse_record(bare).get("default-currency", ""))


def _parted(last: bytes) -> tuple[bytes, bytes]:
    """The last child, and the end of the record."""
    place = last.rindex(b"</")
    return last[:place].rstrip(), last[place:]


def _kind(child: bytes) -> bytes:
    found = _NAME.match(child)
    return b"" if found is None else found[1]


def _without(children: list[bytes], same: Counter[bytes]) -> list[bytes]:
    """The children that are not the same, each as often as it is left."""
    crossed_out = Counter(same)
    found = []
    for child in children:
        if crossed_out[child]:
            crossed_out[child] -= 1
        else:
            found.append(child)
    return found
