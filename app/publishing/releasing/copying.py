"""The file store as one file: a tar of everything that lies in it, put back whole or refused.

Files of the store are named by their content and never change, so that a copy that is made while the service runs holds
whatever a backup of the database, made before it, refers to. What was put back stays when the same is put back again.
"""

import re
import tarfile
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO

from app.atomic import in_words, whole_file
from app.errors import Fault, InvalidInput, StorageFailed, UsageError
from app.people.trail import FOLDER
from app.publishing.releasing.store import FileStore

#: SHA-256 as it names files
_DIGEST = re.compile(r"[0-9a-f]{64}")
#: bytes that are held at a time
_BLOCK = 1 << 20


def pack(folder: Path, path: Path) -> int:
    """Writes every finished file of the store into ``path``, which appears whole or not at all; gives how many."""
    number = 0
    with whole_file(path) as stream, tarfile.open(fileobj=stream, mode="w|") as out:
        for each in sorted(folder.glob("*/*")):
            if _digest_of(each.relative_to(folder).as_posix()) and each.is_file():
                try:
                    out.add(each, each.relative_to(folder).as_posix(), recursive=False)
                except FileNotFoundError:
                    # a file that nobody needed any more, and that was taken away meanwhile
                    continue
                number += 1
    return number


def unpack(path: Path, folder: Path) -> int:
    """Puts the files of a copy into the store, each only when its bytes are those that its name says; gives how many.

    :raises InvalidInput: when the copy is damaged; what was put back by then is good and stays.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    number = 0
    store = FileStore(folder)
    try:
        with tarfile.open(path, mode="r|") as source:
            for member in source:
                digest = _digest_of(member.name)
                content = source.extractfile(member) if member.isfile() else None
                if not digest or content is None:
                    raise _damaged(f"it holds {member.name}, which is no file of a store")
                number += _put(store, member.name, digest, content)
    except (tarfile.TarError, EOFError) as error:
        raise _damaged("it is cut off, or no copy of a file store") from error
    return number


def _put(store: FileStore, name: str, digest: str, content: IO[bytes]) -> int:
    target = store.folder / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as out:
            found = sha256()
            # the packed form of a file has the name of what it unpacks to
            unpacking = _Unpacking() if name.endswith(".gz") and not name.startswith(f"{FOLDER}/") else None
            while block := content.read(_BLOCK):
                out.write(block)
                for piece in (block,) if unpacking is None else unpacking.pieces(block):
                    found.update(piece)
            if found.hexdigest() != digest or (unpacking is not None and not unpacking.whole):
                raise _damaged(f"{name} is not as it was")
    except zlib.error as error:
        raise _damaged(f"{name} is not as it was") from error
    except OSError as error:
        raise StorageFailed(in_words(error, target)) from error
    return 1


class _Unpacking:
    """A packed file as it is read, in pieces of a bounded size."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    def pieces(self, block: bytes) -> Iterator[bytes]:
        while piece := self._unpacker.decompress(block, _BLOCK):
            yield piece
            block = self._unpacker.unconsumed_tail

    @property
    def whole(self) -> bool:
        """Whether its end was there, and nothing behind it."""
        return self._unpacker.eof and not self._unpacker.unused_data


def _digest_of(name: str) -> str:
    """The digest that the name of a file of the store begins with; empty when it is none."""
    first, _, rest = name.partition("/")
    digest = rest.partition(".")[0]
    known = rest in (digest, f"{digest}.gz") and first == digest[:2]
    known |= first == FOLDER and rest == f"{digest}.jsonl.gz"
    return digest if known and _DIGEST.fullmatch(digest) else ""


def _damaged(why: str) -> InvalidInput:
    message = f"The copy of the file store cannot be put back: {why}."
    return InvalidInput([Fault(pointer="", rule="backup.unreadable", message=message)], message)
