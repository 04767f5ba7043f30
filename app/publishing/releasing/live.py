"""What an organisation publishes already, elsewhere: read from addresses, folders or files to be compared with."""

from collections.abc import Iterator, Sequence
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


def fetched(
    sources: Sequence[str],
    folder: Path,
    *,
    max_bytes: int,
    allow_private: bool,
    transport: httpx.BaseTransport | None = None,
) -> list[Path]:
    """The files that are meant: those of folders, files themselves, and addresses brought into ``folder``.

    ``allow_private``: whether files of this machine and addresses of the inner network may be read.

    :raises InvalidInput: naming every source that cannot be read.
    """
    found: list[Path] = []
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
            found.append(path)
        elif not allow_private:
            message = "Give an address that begins with https:// or http://: files of the server are not read."
            faults.append(Fault(pointer=pointer, rule="release.live-unknown", message=message))
        elif (path := Path(source)).is_dir():
            inside = sorted(path.glob("*.xml"))
            if not inside:
                message = f"The folder {source} holds no file whose name ends in .xml."
                faults.append(Fault(pointer=pointer, rule="release.live-empty", message=message))
            found.extend(inside)
        elif path.is_file():
            found.append(path)
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
        return f"cannot be read ({error or type(error).__name__}): check the address, or give the file itself."
    return ""


def placed(files: Sequence[Path], folder: Path, file_type: str) -> Iterator[Placed]:
    """The records of one kind in these files, by identifier. Keeps some hundred bytes for each.

    :raises InvalidInput: when a file cannot be read as IATI.
    """
    shelf = folder / f"shelf-{file_type}"
    entries: list[RecordEntry] = []
    with shelf.open("wb") as stream:
        for path in files:
            _put(path, file_type, stream, entries)
    entries.sort(key=lambda entry: entry.identifier)
    return (Placed(entry.identifier, entry, shelf, 0) for entry in entries)


def _put(path: Path, file_type: str, shelf: BinaryIO, entries: list[RecordEntry]) -> None:
    try:
        with open_document(path) as document:
            if document.file_type != file_type:
                return
            for fragment in document:
                element = parse_record(fragment)
                identifier = " ".join((element.findtext(_IDENTIFIERS[file_type]) or "").split())
                if not identifier:
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
        message = f"{path.name} cannot be read as IATI (line {fault.line}): {fault.message}"
        raise InvalidInput([Fault(pointer="/live", rule="release.live-unreadable", message=message)]) from fault
