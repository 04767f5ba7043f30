"""What a quick look at the bytes of a file tells beforehand, to save work.

Whether a reference leads to an activity of the same file is certain only when all of the file has been read. Who has
seen the identifiers before need not keep every reference until then. The look is quick, not exact: it does not know
comments or sections. So whoever relies on it has to watch whether it was right, and start again without if not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20
#: Longer identifiers are not hinted at.
_OVERLAP = 1 << 10
_OTHER = re.compile(rb"<other-identifier\s[^<]*")
_REF = re.compile(rb"""\sref\s*=\s*["']([^<"']*)""")
#: What follows the name in an identifier's start tag.
_IDENTIFIER = re.compile(rb"(?:\s[^<>]*)?>([^<]+)</iati-identifier")


@dataclass(frozen=True, slots=True)
class Hints:
    """What a file seems to hold."""

    identifiers: frozenset[str]  #: of its activities
    former: frozenset[str]  #: identifiers that its activities may have had before


def look_ahead(source: Path | bytes | BinaryIO) -> Hints | None:
    """Hints about a source; None where it can be read only once, or no identifier was seen."""
    if isinstance(source, bytes):
        return _hints(iter([source]))
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return _hints(_blocks(stream))
    if not source.seekable():
        return None
    start = source.tell()
    try:
        return _hints(_blocks(source))
    finally:
        source.seek(start)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(_BLOCK):
        yield rest + block
        rest = block[-_OVERLAP:]


def _hints(blocks: Iterator[bytes]) -> Hints | None:
    identifiers: set[str] = set()
    former: set[str] = set()
    for block in blocks:
        if b"<other-identifier" in block:
            for tag in _OTHER.findall(block):
                former.update(map(_text, _REF.findall(tag)))
        # Splitting finds the tags several times faster than the pattern would.
        for piece in block.split(b"<iati-identifier")[1:]:
            if found := _IDENTIFIER.match(piece):
                identifiers.add(_text(found[1]))
    return Hints(frozenset(identifiers), frozenset(former)) if identifiers else None


def _text(found: bytes) -> str:
    text = found.decode(errors="ignore")
    if "&" not in text:
        return text
    from html import unescape

    return unescape(text)
