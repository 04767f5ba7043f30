"""Where published files go beside the service itself: a folder or a bucket that the organisation serves."""

import datetime as dt
import re
import shutil
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.atomic import in_words, whole_file
from app.config import Settings
from app.errors import StorageFailed, UsageError

if TYPE_CHECKING:
    from obstore.store import S3Config

XML = "application/xml"
#: seconds until an answer of a bucket has come, its retries included
_LONGEST = 60
#: what an object in a bucket says of its bytes
_DIGEST = "sha256"


class Target(Protocol):
    """A place for files. Each method raises StorageFailed with what to do when the place refuses."""

    def put(self, name: str, source: Path, media_type: str) -> bool:
        """Puts a file there, whole or not at all, in the place of one of that name; False: it was there already."""

    def remove(self, name: str) -> bool:
        """Takes a file away; False: it was not there."""


@dataclass(frozen=True, slots=True)
class FolderTarget:
    """A folder that a web server shows."""

    folder: Path

    def put(self, name: str, source: Path, media_type: str) -> bool:  # noqa: ARG002 - the web server tells the type
        path = self.folder / name
        try:
            if path.is_file() and _digest(path) == _digest(source):
                return False
            self.folder.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as stream, whole_file(path) as out:
                shutil.copyfileobj(stream, out, 1 << 20)
        except OSError as error:
            raise StorageFailed(in_words(error, Path(error.filename or path))) from error
        return True

    def remove(self, name: str) -> bool:
        try:
            (self.folder / name).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StorageFailed(in_words(error, self.folder / name)) from error
        return True


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


class BucketTarget:
    """A bucket of an S3-compatible server; an object there is replaced in one moment."""

    def __init__(self, place: str, settings: Settings) -> None:
        try:
            import obstore
            from obstore.store import S3Store
        except ModuleNotFoundError as error:
            raise UsageError(
                f"EARMARK_PUBLIC_FILES names a bucket ({place}), which needs one more package: "
                "install it with pip install 'earmark[bucket]'."
            ) from error
        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        self._place = place
        #: why nothing more is asked of it: it did not answer
        self._away = ""
        self._put, self._delete, self._get, self._head = obstore.put, obstore.delete, obstore.get, obstore.head
        self._faults = obstore.exceptions.BaseError
        config: S3Config = {"region": settings.bucket_region}
        if settings.bucket_endpoint:
            config["endpoint"] = settings.bucket_endpoint
        if settings.bucket_key:
            config["access_key_id"] = settings.bucket_key
            config["secret_access_key"] = settings.bucket_secret.get_secret_value()
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options={"allow_http": settings.bucket_endpoint.startswith("http://"), "timeout": f"{_LONGEST}s"},
            retry_config={"max_retries": 3, "retry_timeout": dt.timedelta(seconds=_LONGEST)},
        )

    def put(self, name: str, source: Path, media_type: str) -> bool:
        self._require_answers(name)
        digest = _digest(source)
        if self._holds(name, digest):
            return False
        attributes = {"Content-Type": media_type, "Cache-Control": "no-cache", _DIGEST: digest}
        try:
            self._put(self._store, name, source, attributes=attributes)
        except (OSError, self._faults) as error:
            raise self._failed(name, error) from error
        return True

    def _require_answers(self, name: str) -> None:
        """Nothing is asked of a bucket that did not answer: each further file would wait as long."""
        if self._away:
            raise StorageFailed(f"{name} was not tried: {self._away}")

    def _holds(self, name: str, digest: str) -> bool:
        """Whether the object is there with these bytes, as far as this key may look; the first byte is asked for."""
        try:
            found = self._get(self._store, name, options={"range": (0, 1)})
        except (OSError, self._faults) as error:
            if _unanswered(error):
                raise self._failed(name, error) from error
            return False
        return found.attributes.get(_DIGEST) == digest

    def remove(self, name: str) -> bool:
        self._require_answers(name)
        there = self._there(name)
        try:
            self._delete(self._store, name)
        except FileNotFoundError:
            return False
        except (OSError, self._faults) as error:
            raise self._failed(name, error) from error
        return there

    def _there(self, name: str) -> bool:
        """Whether there is an object; taken to be none where this key may not look."""
        try:
            self._head(self._store, name)
        except (OSError, self._faults) as error:
            if _unanswered(error):
                raise self._failed(name, error) from error
            return False
        return True

    def _failed(self, name: str, error: Exception) -> StorageFailed:
        cause = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        if _unanswered(error):
            self._away = f"{self._place} does not answer ({cause[:200]}). Publish again when it does."
            return StorageFailed(self._away)
        return StorageFailed(
            f"{self._place} did not take {name} ({cause[:200]}): check EARMARK_PUBLIC_FILES and EARMARK_BUCKET_*, then "
            "publish again."
        )


def _unanswered(error: Exception) -> bool:
    """Whether no answer came, or one that says that the server is out of order. The library tells it in words only."""
    return re.search(r"HTTP error|status code: 5\d\d", str(error)) is not None


def target_of(settings: Settings) -> Target | None:
    """The place that the settings name; None: there is none beside the service itself.

    :raises UsageError: when it is an address of a kind that is not known, or its extra is not installed.
    """
    place = settings.public_files
    if not place:
        return None
    if "://" not in place:
        return FolderTarget(Path(place))
    if place.startswith("s3://") and len(place) > len("s3://"):
        return BucketTarget(place, settings)
    raise UsageError(f"EARMARK_PUBLIC_FILES is {place}: give a folder, or s3://BUCKET/PREFIX.")
