"""Validations written out as they go: JSON for programs, text for people.

What a report begins with, its verdict and its counts, is known only at the end of the file. Until then the findings are
kept in a spool that moves from memory to a temporary file when it grows, so that memory does not follow the file.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from io import BytesIO
from json.encoder import encode_basestring_ascii as quoted
from typing import IO, BinaryIO, Final

from iati.findings import SEVERITIES, Severity, json_head, json_tail
from iati.validator.rules import RULES
from iati.validator.stream import KIND, Named, Options, Stream, former_row, hinted

#: Findings held in memory, in bytes of JSON; more go to a temporary file.
_IN_MEMORY = 4 << 20
_BLOCK = 1 << 18
_HEADS = [json_head(rule.id, rule.severity, rule.category) for rule in RULES]


class _Spool:
    """Lines of ASCII text, kept in order."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._size = 0
        self._file: IO[bytes] = BytesIO()

    def add(self, line: str) -> None:
        self._held.append(line)
        self._size += len(line)
        if self._size > _BLOCK:
            self._flush()

    def _flush(self) -> None:
        self._file.write("".join(self._held).encode("ascii"))
        self._held, self._size = [], 0
        if isinstance(self._file, BytesIO) and self._file.tell() > _IN_MEMORY:
            from tempfile import TemporaryFile

            moved = TemporaryFile()  # noqa: SIM115 - closed with the spool
            moved.write(self._file.getvalue())
            self._file = moved

    def lines(self) -> Iterator[bytes]:
        self._flush()
        self._file.seek(0)
        return iter(self._file)

    def pieces(self) -> Iterator[bytes]:
        """All of it, cut anywhere."""
        self._flush()
        self._file.seek(0)
        while piece := self._file.read(_BLOCK):
            yield piece

    def close(self) -> None:
        self._file.close()


class Collected:
    """The findings of one file as lines of JSON, complete once all of it has streamed by.

    A finding that stands only if a reference leads nowhere is kept with the reference, a tab, in front of it.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._spool = _Spool()
        self._counts = [0] * len(RULES)
        self._pending = False
        counts, add = self._counts, self._spool.add
        for names, rows in stream.batches():
            quoted_names = [quoted(name) for name in names]
            for row in rows:
                rule, path, line, message, reference = row
                text = f"{_HEADS[rule]}{quoted_names[KIND[rule]]}{json_tail(path, line, message)}\n"
                if reference is None:
                    counts[rule] += 1
                    add(text)
                else:
                    self._pending = True
                    add(f"{quoted(reference)}\t{rule}\t{text}")
        if stream.fatal:
            self._spool.close()
            self._spool = _Spool()
            self._counts = [0] * len(RULES)
            self._pending = False
            for named in stream.fatal:
                self._counts[named.row.rule] += 1
                self._spool.add(named.finding().to_json() + "\n")

    def summary(self) -> dict[Severity, int]:
        """Findings by severity."""
        counts = list(self._counts)
        if self._pending:
            for number, _line in self._judged():
                if number is not None:
                    counts[number] += 1
        found = dict.fromkeys(SEVERITIES, 0)
        for rule, count in zip(RULES, counts, strict=True):
            found[rule.severity] += count
        return found

    def lines(self) -> Iterator[bytes]:
        """The findings that stand, each a JSON object and a line end."""
        if not self._pending:
            return self._spool.lines()
        return (line for _number, line in self._judged())

    def pieces(self) -> Iterator[bytes]:
        """The same as `lines`, in larger pieces that are cut anywhere."""
        return self.lines() if self._pending else self._spool.pieces()

    def _judged(self) -> Iterator[tuple[int | None, bytes]]:
        """Lines that stand, with the rule's number for those that were in doubt until now."""
        for line in self._spool.lines():
            if line.startswith(b"{"):
                yield None, line
                continue
            quoted_reference, number, text = line.split(b"\t", 2)
            reference = json.loads(quoted_reference)
            if not self.stream.leads_nowhere(reference):
                continue
            yield int(number), text
            now = self.stream.now_called(reference)
            if now is not None:
                found = json.loads(text)
                late = Named(found["activity"], former_row(found["path"], found["line"], reference, now))
                yield late.row.rule, late.finding().to_json().encode("ascii") + b"\n"

    def close(self) -> None:
        self._spool.close()


class Writer(ABC):
    """Writes the reports of several files to a stream of bytes."""

    _before = b""
    _after = b""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def begin(self) -> None:
        """Write what comes before the first report."""
        self._out.write(self._before)

    def end(self) -> None:
        """Write what comes after the last report."""
        self._out.write(self._after)
        self._out.flush()

    def file(self, name: str, source: BinaryIO, options: Options) -> bool:
        """Validate a file and write its report; whether it has critical findings or errors."""
        for stream in hinted(source, options):
            collected = Collected(stream)
            if stream.misled:
                collected.close()
        try:
            summary = collected.summary()
            self._report(name, collected, summary)
        finally:
            collected.close()
        return bool(summary["critical"] or summary["error"])

    @abstractmethod
    def _report(self, name: str, collected: Collected, summary: Mapping[Severity, int]) -> None: ...


class JsonWriter(Writer):
    """A list of objects, one for each file."""

    _before = b"["
    _after = b"]\n"
    _first = True

    def _report(self, name: str, collected: Collected, summary: Mapping[Severity, int]) -> None:
        head = {
            "file": name,
            "file_type": collected.stream.file_type,
            "version": collected.stream.version,
            "valid": not summary["critical"],
            "summary": summary,
        }
        opening = json.dumps(head)[:-1] + ', "findings": ['
        self._out.write((opening if self._first else ",\n" + opening).encode())
        self._first = False
        # Findings hold no line ends of their own, so theirs can be told and replaced. The last one is held back.
        separator, held = b"\n ", b""
        for piece in collected.pieces():
            text = held + piece.replace(b"\n", b",\n ")
            self._out.write(separator)
            separator, held = b"", text[-3:]
            self._out.write(text[:-3])
        self._out.write(held.removesuffix(b",\n ") + b"]}")


class TextWriter(Writer):
    """For each file its verdict, and its findings under the activities they belong to."""

    def _report(self, name: str, collected: Collected, summary: Mapping[Severity, int]) -> None:
        claims = (collected.stream.file_type, collected.stream.version)
        what = " ".join(each for each in claims if each) or "not recognised"
        verdict = "not valid" if summary["critical"] else "valid"
        counts = ", ".join(f"{count} {severity}" for severity, count in summary.items() if count) or "nothing to say"
        self._line(f"{name} ({what}): {verdict}; {counts}")
        activity = None
        for line in collected.lines():
            finding = json.loads(line)
            if finding["activity"] != activity:
                activity = finding["activity"]
                self._line(f"  {' '.join(activity.split())}")
            place = f"line {finding['line']}"
            self._line(f"    {place:<12}{finding['severity']:<10}{finding['rule']:<9} {finding['message']}")
            self._line(f"    {'':<32}at {finding['path']}")

    def _line(self, text: str) -> None:
        self._out.write(text.encode("utf-8", errors="backslashreplace") + b"\n")


#: The forms in which reports can be written.
FORMATS: Final[Mapping[str, type[Writer]]] = {"json": JsonWriter, "text": TextWriter}
