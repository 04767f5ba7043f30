"""Identifiers told from the bytes of a file before it is read, to save work.

Most references lead to an activity of the same file, often further down. Who has seen the identifiers beforehand need
not prepare a finding for each of those references only to drop it later. The look is quick, not exact: it does not know
comments or sections. So whoever relies on a hint has to find the identifier confirmed by the end of the file, or start
again without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20
#: Longer identifiers are not hinted at.
_OVERLAP = 1 << 10
_IDENTIFIER = re.compile(rb"<iati-identifier(?:\s[^<>]*)?>([^<&]+)</iati-identifier")


def identifier_hints(source: Path | bytes | BinaryIO) -> frozenset[str]:
    """Identifiers of activities that the source seems to hold; none where it can be read only once."""
    if isinstance(source, bytes):
        return frozenset(_identifiers(iter([source])))
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return frozenset(_identifiers(_blocks(stream)))
    if not source.seekable():
        return frozenset()
    start = source.tell()
    try:
        return frozenset(_identifiers(_blocks(source)))
    finally:
        source.seek(start)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(_BLOCK):
        yield rest + block
        rest = block[-_OVERLAP:]


def _identifiers(blocks: Iterator[bytes]) -> Iterator[str]:
    for block in blocks:
        for found in _IDENTIFIER.findall(block):
            try:
                yield found.decode()
            except UnicodeDecodeError:
                continue
