"""The file store: bytes under their SHA-256, in a folder that all processes of the service share.

What is in it never changes: the same bytes have the same name, and a file appears whole or not at all. So a release is
frozen by naming what it holds, and a reader who has a file open keeps it whatever is published meanwhile.
"""

import datetime as dt
import gzip
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedIOBase, BufferedReader
from pathlib import Path

from app.atomic import in_words, sync_names
from app.errors import StorageFailed

_BLOCK = 1 << 20
#: bytes that are summed up in one go. Between two of them a thread waits for its turn, up to five milliseconds: in
#: small blocks, a file that is looked at beside other work would take that for each
_SUMMED = 1 << 22
_PART = ".part"
#: digits of a digest
_DIGITS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A file in the store."""

    sha256: str
    #: bytes
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Older:
    """A file in the store, as it is found there."""

    path: Path
    digest: str
    #: bytes
    size: int


def _digest(stream: BufferedIOBase) -> str:
    """SHA-256 of all that follows."""
    found, block = sha256(), memoryview(bytearray(_SUMMED))
    while count := stream.readinto(block):
        found.update(block[:count])
    return found.hexdigest()


class FileStore:
    """A folder of files named by their content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where the bytes of a digest are, or would be."""
        return self.folder / digest[:2] / digest

    def packed(self, digest: str) -> Path:
        """The same bytes compressed with gzip, made by :meth:`pack`."""
        return self.folder / digest[:2] / f"{digest}.gz"

    def holds(self, digest: str, size: int) -> bool:
        """Whether a file of that size is there."""
        with suppress(OSError):
            return self.path(digest).stat().st_size == size
        return False

    def verified(self, digest: str, size: int | None = None) -> bool:
        """Whether the file is there with exactly these bytes; reads all of it, unless its size is another already."""
        if size is not None and not self.holds(digest, size):
            return False
        try:
            with self.path(digest).open("rb") as stream:
                return _digest(stream) == digest
        except OSError:
            # it may not be read, or the disk is broken
            return False

    @contextmanager
    def working(self) -> Iterator[Path]:
        """A folder for files that are still being written; gone afterwards. What killed processes left goes as well.

        Raises StorageFailed when the store cannot be written to, or is full.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._clear()
            with tempfile.TemporaryDirectory(prefix=f"work-{os.getpid()}-", suffix=_PART, dir=self.folder) as name:
                yield Path(name)
        except OSError as error:
            raise StorageFailed(in_words(error, Path(error.filename or self.folder))) from error

    def older_than(self, moment: dt.datetime) -> Iterator[Older]:
        """The files of the store that were written before a moment, packed ones too."""
        for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/*")):
            digest = path.name.removesuffix(".gz")
            found = path.stat()
            if len(digest) == _DIGITS and found.st_mtime < moment.timestamp():
                yield Older(path=path, digest=digest, size=found.st_size)

    def _clear(self) -> None:
        """Takes away working folders of processes of this machine that are no more."""
        for left in self.folder.glob(f"work-*{_PART}"):
            number = left.name.split("-")[1]
            if number.isdigit() and int(number) != os.getpid() and not Path(f"/proc/{number}").exists():
                shutil.rmtree(left, ignore_errors=True)

    def take(self, path: Path) -> Kept:
        """Moves a finished file into the store; what was damaged there is whole again (not its compressed form)."""
        with path.open("rb") as stream:
            digest = _digest(stream)
            size = os.fstat(stream.fileno()).st_size
            os.fsync(stream.fileno())
        target = self.path(digest)
        target.parent.mkdir(exist_ok=True)
        path.chmod(0o644)
        path.replace(target)
        sync_names(target.parent)
        return Kept(sha256=digest, size=size)

    def packed_whole(self, digest: str) -> bool:
        """Whether the compressed form is there and gives exactly the bytes of the digest; reads all of it."""
        found = sha256()
        try:
            with gzip.open(self.packed(digest)) as stream:
                while block := stream.read(_BLOCK):
                    found.update(block)
        except (OSError, EOFError, zlib.error):
            return False
        return found.hexdigest() == digest

    def pack(self, digest: str) -> None:
        """Makes the compressed form of a file, if it is not there whole. The same bytes always give the same bytes."""
        if self.packed_whole(digest):
            return
        target = self.packed(digest)
        with self.working() as folder:
            part = folder / "packed"
            with self.path(digest).open("rb") as source, part.open("wb") as sink:
                with gzip.GzipFile(filename="", fileobj=sink, mode="wb", compresslevel=6, mtime=0) as packed:
                    shutil.copyfileobj(source, packed, _BLOCK)
                sink.flush()
                os.fsync(sink.fileno())
            part.chmod(0o644)
            part.replace(target)

    def open(self, digest: str, *, verified: bool = False) -> BufferedReader:
        """The bytes of a digest; ``verified``: all of them are looked at first.

        Raises StorageFailed when they are not there, or others are.
        """
        try:
            stream = self.path(digest).open("rb")
        except OSError as error:
            raise StorageFailed(
                f"The file store {self.folder} does not hold {digest[:12]}…: bring the folder back from a backup, or "
                "set EARMARK_RELEASE_STORE to where it is."
            ) from error
        if verified:
            if _digest(stream) != digest:
                stream.close()
                raise StorageFailed(f"{self.path(digest)} was damaged: bring it back from a backup of the file store.")
            stream.seek(0)
        return stream
