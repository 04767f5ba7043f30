"""Thousands of files validated: every core busy, one line of JSON for each file, and on again after a kill.

:func:`validate_file` does one file and is a plain function of plain values, so that any scheduler can map it over a
cluster; :func:`validate_corpus` does so over the processes of one machine.

A line holds counts by rule with the first place of each, never every finding, so that a report of everything that the
world publishes stays small. ``python -m iati validate FILE --format json`` tells every finding of one file.
"""

from __future__ import annotations

import json
import os
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, NotRequired, Protocol, TypedDict

from iati.findings import Severity
from iati.processes import workers
from iati.validator.output import Collected
from iati.validator.stream import Options, hinted

#: Bytes from which a file is shared out among all processes, one such file at a time.
LARGE = 32 << 20
#: Files handed to each process ahead of time.
_AHEAD = 4


class RuleCount(TypedDict):
    """What one rule found in one file."""

    rule: str
    severity: Severity
    count: int
    activity: str  #: of the first place
    path: str
    line: int
    message: str


class FileReport(TypedDict):
    """What is said about one file: a line of the report."""

    file: str
    size: int  #: in bytes
    modified: int  #: when the file was last changed, in nanoseconds since 1970
    as_of: str
    file_type: str | None
    version: str | None
    valid: bool
    summary: dict[Severity, int]
    rules: list[RuleCount]  #: in the order in which they were met
    failed: NotRequired[str]  #: why nothing could be told; then the file counts as not valid


@dataclass(frozen=True, slots=True)
class Known:
    """What makes a file the one that a line of a report speaks of."""

    file: str
    size: int
    modified: int
    as_of: str

    @classmethod
    def of(cls, path: Path, as_of: date) -> Known:
        """The file as it is now.

        :raises OSError: when it is not there.
        """
        facts = path.stat()
        return cls(str(path), facts.st_size, facts.st_mtime_ns, as_of.isoformat())


def validate_file(path: str | os.PathLike[str], *, as_of: date, jobs: int = 1) -> FileReport:
    """The report of one file. A file that cannot be opened gets one that says so.

    >>> validate_file("activities.xml", as_of=date(2026, 11, 20))["summary"]["error"]
    """
    path = Path(path)
    try:
        known = Known.of(path, as_of)
        with path.open("rb") as source:
            return _validated(known, source, Options(as_of=as_of, jobs=jobs))
    except OSError as error:
        return failed(_now(path, as_of), f"It cannot be opened ({error.strerror or error}).")


def _validated(known: Known, source: BinaryIO, options: Options) -> FileReport:
    for stream in hinted(source, options):
        collected = Collected(stream)
        if stream.misled:
            collected.close()
    try:
        summary = collected.summary()
        counts: Counter[bytes] = Counter()
        first: dict[bytes, bytes] = {}
        for line in collected.lines():
            # what comes before the activity is the same for every finding of a rule
            rule = line.partition(b', "activity": ')[0]
            counts[rule] += 1
            if rule not in first:
                first[rule] = line
    finally:
        collected.close()
    return FileReport(
        file=known.file, size=known.size, modified=known.modified, as_of=known.as_of,
        file_type=stream.file_type, version=stream.version, valid=not summary["critical"], summary=summary,
        rules=[_counted(json.loads(line), counts[rule]) for rule, line in first.items()],
    )  # fmt: skip


def _counted(finding: RuleCount, count: int) -> RuleCount:
    return RuleCount(
        rule=finding["rule"], severity=finding["severity"], count=count, activity=finding["activity"],
        path=finding["path"], line=finding["line"], message=finding["message"],
    )  # fmt: skip


def failed(known: Known, reason: str) -> FileReport:
    """The report of a file about which nothing can be told."""
    return FileReport(
        file=known.file, size=known.size, modified=known.modified, as_of=known.as_of, file_type=None, version=None,
        valid=False, summary={"critical": 0, "error": 0, "warning": 0, "advisory": 0}, rules=[], failed=reason,
    )  # fmt: skip


def files_below(paths: Iterable[Path]) -> list[Path]:
    """The files that are named, and every ``.xml`` file below the folders that are, by name; none of them twice."""
    found: dict[Path, None] = {}
    for path in paths:
        for each in sorted(path.rglob("*.xml")) if path.is_dir() else [path]:
            found[each] = None
    return list(found)


class ValidatesFile(Protocol):
    """What :func:`validate_file` does; a name in a module, so that other processes find it."""

    def __call__(self, path: str | os.PathLike[str], *, as_of: date, jobs: int = 1) -> FileReport: ...


def validate_corpus(
    files: Sequence[Path], *, as_of: date, jobs: int, one: ValidatesFile = validate_file
) -> Iterator[FileReport]:
    """The report of each file as soon as it is known, in no stated order.

    Files of more than :data:`LARGE` bytes come first, one by one, each shared out among all processes; the others go
    to a process each, the larger first, so that no process is left alone with a large one at the end. A process that
    dies over a file (memory ran out, say) costs that file's report, which says so, and no other.
    """
    sizes = {path: _now(path, as_of).size for path in files}
    by_size = sorted(files, key=lambda path: (-sizes[path], str(path)))
    if jobs > 1:
        for path in (path for path in by_size if sizes[path] > LARGE):
            yield one(path, as_of=as_of, jobs=jobs)
        by_size = [path for path in by_size if sizes[path] <= LARGE]
    if jobs <= 1:
        for path in by_size:
            yield one(path, as_of=as_of)
        return
    waiting = by_size
    while waiting:
        suspects, waiting = yield from _in_pool(waiting, as_of, one, jobs=jobs, ahead=_AHEAD)
        while suspects:
            # one of these ended its process; one at a time it is known which
            guilty, suspects = yield from _in_pool(suspects, as_of, one, jobs=1, ahead=1)
            for path in guilty:
                yield failed(_now(path, as_of), "The process that validated it died; is there enough memory?")


def _in_pool(
    files: Sequence[Path], as_of: date, one: ValidatesFile, *, jobs: int, ahead: int
) -> Generator[FileReport, None, tuple[list[Path], list[Path]]]:
    """Reports as they come. Returns, where a process died, the files that were under way and those not begun."""
    waiting = deque(files)
    under_way: dict[Future[FileReport], Path] = {}
    with workers(jobs) as pool:
        try:
            while waiting or under_way:
                while waiting and len(under_way) < jobs * ahead:
                    under_way[pool.submit(one, waiting[0], as_of=as_of)] = waiting[0]
                    waiting.popleft()
                for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                    report = done.result()
                    del under_way[done]
                    yield report
        except BrokenProcessPool:
            return [*under_way.values()], [*waiting]
    return [], []


def _now(path: Path, as_of: date) -> Known:
    try:
        return Known.of(path, as_of)
    except OSError:
        return Known(str(path), -1, -1, as_of.isoformat())


class ReportFile:
    """A report on disk, a line of JSON for each file, that can be gone on with after a kill."""

    def __init__(self, path: Path, files: Sequence[Path], *, as_of: date, resume: bool) -> None:
        """Opens the report about these files; :attr:`left` are those it says nothing about yet.

        :raises FileExistsError: when it is there and is not to be gone on with.
        :raises ValueError: when it is there and is no such report.
        """
        self.path = path
        #: whether a line tells of errors, critical findings or a file about which nothing is known
        self.grave = False
        now = {str(each): _now(each, as_of) for each in files}
        told: set[str] = set()
        if resume and path.exists():
            told = self._take_up(now)
        else:
            path.open("xb").close()
        self.left = [each for each in files if str(each) not in told]
        self._out = path.open("ab")

    def _take_up(self, now: Mapping[str, Known]) -> set[str]:
        """Reads what is there; the files of this run that it tells of. A last line that was cut off goes, and so do
        lines about another state of a file, and about files of which nothing could be told."""
        told: set[str] = set()
        kept = []
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.endswith(b"\n"):
                    break
                try:
                    report: FileReport = json.loads(line)
                    known = Known(report["file"], report["size"], report["modified"], report["as_of"])
                    grave = is_grave(report)
                except (ValueError, KeyError, TypeError) as error:
                    raise ValueError(f"line {number} is not a line of such a report") from error
                if "failed" in report or now.get(known.file, known) != known:
                    continue
                kept.append(line)
                if known.file in now:
                    told.add(known.file)
                    self.grave = self.grave or grave
        whole = b"".join(kept)
        if len(whole) != self.path.stat().st_size:
            part = self.path.with_name(self.path.name + ".part")
            part.write_bytes(whole)
            part.replace(self.path)
        return told

    def add(self, report: FileReport) -> None:
        """Writes one line, whole, before the next file is waited for."""
        self._out.write(json.dumps(report).encode() + b"\n")
        self._out.flush()
        self.grave = self.grave or is_grave(report)

    def close(self) -> None:
        """To the disk."""
        os.fsync(self._out.fileno())
        self._out.close()


def is_grave(report: FileReport) -> bool:
    """Whether a file has errors or critical findings, or nothing could be told about it."""
    return "failed" in report or bool(report["summary"]["critical"] or report["summary"]["error"])
