"""Where a command's XML goes: a file that comes into being only when it is complete, or standard output."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from iati.reading import Fault


@contextmanager
def output(target: Path | None) -> Iterator[BinaryIO]:
    """A stream to the file, or to standard output where there is none. An error leaves no half-written file."""
    if target is None:
        yield sys.stdout.buffer
        return
    target = target.resolve()
    if target.exists() and not target.is_file():
        # a device or a pipe takes what is written; a file in its place would not
        with target.open("wb") as stream:
            yield stream
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def tell_faults(source: Path, faults: Iterable[Fault]) -> None:
    """One line of standard error for each fault."""
    for fault in faults:
        place = f"{fault.path}: " if fault.path else ""
        sys.stderr.write(f"{source}:{fault.line}: {place}{fault.message}\n")
