"""What an organisation publishes already, elsewhere: read from addresses, folders or files to be compared with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from app.errors import Fault, InvalidInput
from app.http import outbound
from app.publishing.exporting.fragments import content_hash
from app.publishing.releasing.records import Placed, RecordEntry
from iati.source import SourceFault, open_document, parse_record

#: as the downloader of the registry waits
_PATIENCE = 25.0
_IDENTIFIERS = {"iati-activities": "iati-identifier", "iati-organisations": "organisation-identifier"}


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveFile:
    """A file that is public now."""

    path: Path
    #: where it was said to be: an address, or its path
    source: str


def fetched(
    sources: Sequence[str],
    folder: Path,
    *,
    max_bytes: int,
    allow_private: bool,
    transport: httpx.BaseTransport | None = None,
) -> list[LiveFile]:
    """The files that are meant: those of folders, files themselves, and addresses brought into ``folder``.

    ``allow_private``: whether files of this machine and addresses of the inner network may be read.

    :raises InvalidInput: naming every source that cannot be read.
    """
    found: list[LiveFile] = []
    faults: list[Fault] = []
    for number, source in enumerate(sources):
        pointer = f"/live/{number}"
        if source.startswith(("http://", "https://")):
            path = folder / f"live-{number}.xml"
            with outbound.client(
                timeout=_PATIENCE, allow_private=allow_private, follow_redirects=True, transport=transport
            ) as client:
                reason = _download(source, path, max_bytes, client)
            if reason:
                faults.append(Fault(pointer=pointer, rule="release.live-unreachable", message=f"{source} {reason}"))
            found.append(LiveFile(path=path, source=source))
        elif not allow_private:
            message = "Give an address that begins with https:// or http://: files of the server are not read."
            faults.append(Fault(pointer=pointer, rule="release.live-unknown", message=message))
        elif (path := Path(source)).is_dir():
            inside = sorted(path.glob("*.xml"))
            if not inside:
                message = f"The folder {source} holds no file whose name ends in .xml."
                faults.append(Fault(pointer=pointer, rule="release.live-empty", message=message))
            found.extend(LiveFile(path=each, source=str(each)) for each in inside)
        elif path.is_file():
            found.append(LiveFile(path=path, source=source))
        else:
            message = f"{source} is neither an address that begins with https:// nor a file or folder here."
            faults.append(Fault(pointer=pointer, rule="release.live-unknown", message=message))
    if faults:
        raise InvalidInput(faults)
    return found


def _download(address: str, path: Path, max_bytes: int, client: httpx.Client) -> str:
    """Brings a file here; gives why that was not possible, in words that follow its address."""
    try:
        with client.stream("GET", address) as response, path.open("wb") as stream:
            if response.status_code != 200:
                return f"answers {response.status_code}: give the address under which your file is public now."
            size = 0
            for block in response.iter_bytes():
                size += len(block)
                if size > max_bytes:
                    return f"is larger than {max_bytes:,} bytes: set EARMARK_MAX_IMPORT_FILE to read it."
                stream.write(block)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"cannot be read ({outbound.in_words(error)}): check the address, or give the file itself."
    return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Nameless:
    """A record without an identifier, which nothing can be compared with."""

    source: str
    #: 1-based line in its file
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Live:
    """The records of one kind that are public now."""

    #: by identifier; one that stands in several files comes as often
    records: Iterator[Placed]
    nameless: list[Nameless]


def live_records(files: Sequence[LiveFile], folder: Path, file_type: str) -> Live:
    """The records of one kind in these files. Keeps some hundred bytes for each.

    :raises InvalidInput: when a file cannot be read as IATI.
    """
    shelf = folder / f"shelf-{file_type}"
    entries: list[RecordEntry] = []
    nameless: list[Nameless] = []
    with shelf.open("wb") as stream:
        for file in files:
            _put(file, file_type, stream, entries, nameless)
    entries.sort(key=lambda entry: entry.identifier)
    return Live(records=(Placed(entry.identifier, entry, shelf, 0) for entry in entries), nameless=nameless)


def _put(file: LiveFile, file_type: str, shelf: BinaryIO, entries: list[RecordEntry], nameless: list[Nameless]) -> None:
    try:
        with open_document(file.path) as document:
            if document.file_type != file_type:
                return
            for fragment in document:
                element = parse_record(fragment)
                identifier = " ".join((element.findtext(_IDENTIFIERS[file_type]) or "").split())
                if not identifier:
                    nameless.append(Nameless(source=file.source, line=fragment.line))
                    continue
                stamp = element.get("last-updated-datetime")
                entries.append(
                    RecordEntry(
                        identifier,
                        None,
                        identifier,
                        content_hash(fragment.xml.decode()),
                        None if stamp is None else str(stamp),
                        shelf.tell(),
                        len(fragment.xml),
                    )
                )
                shelf.write(fragment.xml)
    except SourceFault as fault:
        message = f"{file.source} cannot be read as IATI (line {fault.line}): {fault.message}"
        raise InvalidInput([Fault(pointer="/live", rule="release.live-unreadable", message=message)]) from fault
