"""What a release changes in public, told record by record; the lines wait on disk."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from hashlib import sha256
from pathlib import Path

from app.publishing.releasing import words
from app.publishing.releasing.differing import Differs
from app.publishing.releasing.queries import Line
from app.publishing.releasing.records import RecordEntry
from iati.source import RECORDS, Fragment, parse_record

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
        record = parse_record(Fragment(xml, 1, 0))
        title = words.title_of(record)
        what = "organisation file " if record.tag == RECORDS["iati-organisations"] else ""
        self._put("change", code, "new", f"{what}published for the first time{f': {title}' if title else ''}")

    def changed(self, code: str, found: Differs, *, must_accept: bool) -> None:
        """A record with another content. ``must_accept``: what goes from it has to be accepted."""
        if not found.said:
            return
        self.counts["changed"] += 1
        self._put("change", code, "changed", "; ".join(found.said))
        if must_accept:
            for each in found.vanished:
                self.vanishing += 1
                self._put("vanishing", code, each.what, each.words)

    def further(self, code: str, found: Differs) -> None:
        """A further record of the same identifier that is public: what only it says has to be accepted."""
        for each in found.vanished:
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
