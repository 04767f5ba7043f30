"""Where published files go beside the service itself: a folder or a bucket that the organisation serves."""

import shutil
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Protocol

from app.atomic import in_words, whole_file
from app.errors import StorageFailed, UsageError

XML = "application/xml"


class Target(Protocol):
    """A place for files. Each method raises StorageFailed with what to do when the place refuses."""

    def put(self, name: str, source: Path, media_type: str) -> None:
        """Puts a file there, whole or not at all, in the place of one of that name."""

    def remove(self, name: str) -> None:
        """Takes a file away, if it is there."""


@dataclass(frozen=True, slots=True)
class FolderTarget:
    """A folder that a web server shows."""

    folder: Path

    def put(self, name: str, source: Path, media_type: str) -> None:  # noqa: ARG002 - the web server tells the type
        path = self.folder / name
        if path.is_file() and _digest(path) == _digest(source):
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(in_words(error, self.folder)) from error
        with source.open("rb") as stream, whole_file(path) as out:
            shutil.copyfileobj(stream, out, 1 << 20)

    def remove(self, name: str) -> None:
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise StorageFailed(in_words(error, self.folder / name)) from error


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def target_of(place: str) -> Target | None:
    """The place that a setting names; None: there is none beside the service itself.

    :raises UsageError: when it is an address of a kind that is not known, or its extra is not installed.
    """
    if not place:
        return None
    if "://" not in place:
        return FolderTarget(Path(place))
    raise UsageError(f"EARMARK_PUBLIC_FILES is {place}: give a folder, or s3://BUCKET/PREFIX.")
