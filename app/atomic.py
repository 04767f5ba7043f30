"""A file that appears whole or not at all."""

import errno
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from app.errors import StorageFailed

if sys.platform != "win32":
    import fcntl

_PART = ".part"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A binary stream; what is written takes the place of ``path`` when the block ends without an exception.

    A device or a pipe is written to as it is, and a link stays a link. What a killed process has left of the same file
    is taken away. Raises StorageFailed when the disk is full, or the folder is missing or cannot be written to; the old
    file then stays.
    """
    temporary: Path | None = None
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                yield stream
            return
        _clear(target)
        handle, temporary = _part(target)
        with os.fdopen(handle, "wb", buffering=1 << 20) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            # while the lock is held: a part that nobody holds is taken for one that was left behind
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(target)
        temporary = None
        sync_names(target.parent)
    except OSError as error:
        raise StorageFailed(in_words(error, path)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def sync_names(folder: Path) -> None:
    """Makes new names in a folder last through a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _part(target: Path) -> tuple[int, Path]:
    """A new part of the file, held by this process as long as it is open."""
    while True:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=_PART, dir=target.parent)
        if _hold(handle) is not False and os.fstat(handle).st_nlink:
            return handle, Path(name)
        # another process came between and took it for one that was left behind
        os.close(handle)


def _clear(target: Path) -> None:
    """Takes away the parts of the file that no process holds any more."""
    made_here = re.compile(re.escape(f".{target.name}.") + r"[a-z0-9_]{8}" + re.escape(_PART))
    for left in target.parent.iterdir():
        if made_here.fullmatch(left.name) and not left.is_symlink():
            with suppress(OSError):  # somebody else's, or gone meanwhile
                handle = os.open(left, os.O_RDWR)
                try:
                    if _hold(handle):
                        left.unlink(missing_ok=True)
                finally:
                    os.close(handle)


def _hold(handle: int) -> bool | None:
    """Takes the lock of an open file, which ends with its process.

    False: another process has it. None: there are no locks here (some systems, some network folders), so nobody can
    tell what is held, and nothing is cleared.
    """
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EAGAIN, errno.EACCES) else None
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def in_words(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: {path} was not written. Free some space and try again."
    if isinstance(error, FileNotFoundError):
        return f"{path} cannot be written: there is no folder {path.parent}."
    return f"{path} cannot be written: {error.strerror or error}."
