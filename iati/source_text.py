"""From the bytes of a source to UTF-8 text in a movable window."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from iati.impostors import told_by_first_bytes

_BLOCK = 1 << 16
#: No pattern that is searched for matches more bytes; a match may reach this far over the place it must begin before.
_LONGEST_MARKUP = 64

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: How "<?" begins in encodings that are not supersets of ASCII, without a byte-order mark.
_FIRST_BYTES = (
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
)
_DECLARED = re.compile(rb"""\A\s*<\?xml\s[^>]*?\sencoding\s*=\s*(["'])([A-Za-z][A-Za-z0-9._-]*)\1""")
_DECLARATION = re.compile(rb"""\A<\?xml(\s[^>]*?)\?>""")
_DECLARATION_CONTENT = re.compile(
    rb"""\A\s+version\s*=\s*(["'])1\.[0-9]*\1"""
    rb"""(\s+encoding\s*=\s*(["'])[A-Za-z][A-Za-z0-9._-]*\3)?"""
    rb"""(\s+standalone\s*=\s*(["'])(yes|no)\5)?\s*\Z"""
)
#: Encodings in which XML is met, all of them supersets of ASCII; the rest of what Python can decode is no text.
_ENCODINGS = re.compile(
    r"(iso-?8859-?\d+|latin-?\d+|windows-?125\d|cp-?(125\d|437|85\d|866|932)|(us-)?ascii|koi8-[ru]|shift[-_]?jis|"
    r"euc[-_]?(jp|kr)|gb2312|gbk|gb18030|big5(-?hkscs)?|mac[-_]?roman|macintosh|tis-?620)",
    re.IGNORECASE,
)


# not frozen: a context manager that an exception passes through sets its traceback
@dataclass(unsafe_hash=True)
class SourceFault(Exception):
    """Why a source cannot be read further. ``rule`` is the official id, ``line`` counts from 1."""

    message: str  #: a sentence that says what to do
    line: int
    rule: str = "0.1.1"

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


def utf8_blocks(stream: BinaryIO, limit: int) -> tuple[str, Iterator[bytes]]:
    """The name of the source's encoding, and its text as UTF-8 blocks without byte-order mark and XML declaration.

    Raises SourceFault at once for a file that is no text and for an encoding that is not known, and from the iterator
    for bytes that are not in the encoding and for a source larger than ``limit`` bytes.
    """
    head = stream.read(_BLOCK)
    while len(head) < _BLOCK and (more := stream.read(_BLOCK - len(head))):
        head += more
    if not head:
        raise SourceFault("The file is empty.", 1)
    if other := told_by_first_bytes(head):
        raise SourceFault(other, 1)
    raw = _raw_blocks(stream, head, limit)
    for mark, name in _BOMS:
        if head.startswith(mark):
            blocks = _skip(raw, len(mark)) if name == "utf-8" else _decoded(raw, name)
            return name, _without_declaration(blocks)
    for first, name in _FIRST_BYTES:
        if head.startswith(first):
            return name, _without_declaration(_decoded(raw, name))
    declared = _DECLARED.match(head)
    encoding = declared[2].decode("ascii") if declared else "utf-8"
    if encoding.lower().replace("_", "-") in {"utf-8", "utf8"}:
        return "utf-8", _without_declaration(raw)
    if encoding.lower().startswith(("utf-16", "utf-32", "utf16", "utf32", "ucs")):
        raise SourceFault(f"The file declares the encoding {encoding} but is not written in it.", 1)
    if not _ENCODINGS.fullmatch(encoding):
        raise SourceFault(f"The encoding {encoding} is not known. Save the file as UTF-8.", 1)
    return encoding.lower(), _without_declaration(_decoded(raw, encoding))


def _raw_blocks(stream: BinaryIO, head: bytes, limit: int) -> Iterator[bytes]:
    size, block, line = 0, head, 1
    while block:
        size += len(block)
        if size > limit:
            raise SourceFault(f"The file is larger than {limit} bytes. Split it into several files.", line)
        line += block.count(b"\n")
        yield block
        block = stream.read(_BLOCK)


def _skip(blocks: Iterator[bytes], count: int) -> Iterator[bytes]:
    yield next(blocks)[count:]
    yield from blocks


def _decoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    line = 1
    ended = False
    while not ended:
        block = next(blocks, None)
        ended = block is None
        try:
            text = decoder.decode(block or b"", final=ended)
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(encoding, errors="ignore")
            yield good.encode()
            raise SourceFault(
                f"The file holds bytes that are no text in {encoding}. Save it as UTF-8.", line + good.count("\n")
            ) from error
        line += text.count("\n")
        yield text.encode()


def _without_declaration(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Take the XML declaration away, which speaks of an encoding that no longer applies, but keep its lines."""
    first = next(blocks, b"")
    declaration = _DECLARATION.match(first)
    if declaration:
        if not _DECLARATION_CONTENT.match(declaration[1]):
            raise SourceFault("The XML declaration in the first line is not well formed.", 1)
        first = b"\n" * declaration[0].count(b"\n") + first[declaration.end() :]
    elif first.startswith(b"<?xml") and first[5:6] in b" \t\r\n?":
        raise SourceFault("The XML declaration in the first line is not closed.", 1)
    yield first
    yield from blocks


class Window:
    """A view on text that moves forward. Offsets count from where the window stands.

    Holds what lies between its place and as far as it was asked to look, plus one block.
    """

    __slots__ = ("_at", "_blocks", "_ended", "_text", "line")

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._text = b""
        self._at = 0
        self._ended = False
        self.line = 1  #: line of the source at which the window stands

    def _more(self) -> bool:
        """Bring in as much text as is held already (at least a block), so that growing costs linear time."""
        held = [self._text[self._at :]]
        wanted = max(len(held[0]), 1)
        while wanted > 0:
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
                break
            held.append(block)
            wanted -= len(block)
        grown = len(held) > 1
        self._text, self._at = b"".join(held), 0
        return grown

    def find(self, needle: bytes, start: int = 0, *, limit: int) -> int:
        """The offset of a needle, -1 when the text ends or more than ``limit`` bytes are held without it."""
        while True:
            found = self._text.find(needle, self._at + start)
            if found >= 0:
                return found - self._at
            if self._ended or self.size() > limit:
                return -1
            start = max(start, self.size() - len(needle) + 1)
            self._more()

    def search(self, pattern: re.Pattern[bytes], start: int, stop: int) -> int:
        """The offset of a match that begins between two offsets, or -1; looks at held text only."""
        found = pattern.search(self._text, self._at + start, self._at + stop + _LONGEST_MARKUP)
        return found.start() - self._at if found and found.start() - self._at < stop else -1

    def match(self, pattern: re.Pattern[bytes], start: int, limit: int) -> int:
        """The offset after a match that begins at an offset, -1 if there is none within ``limit`` bytes."""
        while True:
            found = pattern.match(self._text, self._at + start)
            if found:
                return found.end() - self._at
            if self._ended or self.size() - start > limit:
                return -1
            self._more()

    def at_text(self, text: bytes, offset: int = 0) -> bool:
        """Whether a text stands at an offset."""
        while self.size() < offset + len(text) and not self._ended:
            self._more()
        return self._text.startswith(text, self._at + offset)

    def at_name(self, name: bytes, ends: bytes, offset: int = 0) -> bool:
        """Whether a name stands at an offset, ended by one of the bytes ``ends``."""
        after = offset + len(name)
        if not self.at_text(name, offset):
            return False
        while self.size() <= after and not self._ended:
            self._more()
        return self.size() > after and self._text[self._at + after] in ends

    def size(self) -> int:
        """Bytes held from here on."""
        return len(self._text) - self._at

    def peek(self, end: int) -> bytes:
        """The text up to an offset, without moving."""
        return self._text[self._at : self._at + end]

    def lines(self, start: int, end: int) -> int:
        """Line ends between two offsets."""
        return self._text.count(b"\n", self._at + start, self._at + end)

    def take(self, end: int) -> bytes:
        """The text up to an offset; the window moves there."""
        taken = self._text[self._at : self._at + end]
        self._at += end
        self.line += taken.count(b"\n")
        return taken

    def rest(self) -> bytes:
        """What is held from here on; the window moves to its end."""
        return self.take(self.size())

    def last_line(self) -> int:
        """The line on which the held text ends."""
        return self.line + self.lines(0, self.size())
