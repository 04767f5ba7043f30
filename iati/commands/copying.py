"""A file read record by record and written again: what ``roundtrip`` and ``upgrade`` have in common."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from iati.reader import RecordsFile, open_records
from iati.reading import Fault
from iati.source import SourceFault
from iati.writer import ActivitiesFile, OrganisationsFile, RecordsWriter

#: Changes a record before it is written: takes the record and its line, returns the record.
Change: TypeAlias = Callable[[Any, int], Any]


def copy_file(source: Path, target: Path | None, *, version: str | None = None, change: Change | None = None) -> int:
    """Copy a file and tell its faults on standard error; returns the exit status.

    The version is the source's unless one is given. Without a target the copy goes to standard output; a target comes
    into being only when the copy is complete. Holds one record at a time.
    """
    try:
        with open_records(source) as records, _output(target) as stream:
            faults = _copy(records, stream, version, change)
    except SourceFault as fault:
        faults = [Fault(message=fault.message, line=fault.line)]
    except OSError as error:
        sys.stderr.write(f"{error.filename or target}: {error.strerror}\n")
        return 2
    for each in faults:
        sys.stderr.write(f"{source}:{each.line}: {each.path + ': ' if each.path else ''}{each.message}\n")
    return 1 if faults else 0


def _copy(records: RecordsFile[Any], stream: BinaryIO, version: str | None, change: Change | None) -> list[Fault]:
    faults: list[Fault] = []
    root = records.root
    kind: type[RecordsWriter[Any]] = ActivitiesFile if root.name == "iati-activities" else OrganisationsFile
    with kind(stream, version=version or root.version, attributes=root.attributes) as copy:
        for record in records:
            faults.extend(record.faults)
            if record.model is not None:
                copy.write(change(record.model, record.line) if change else record.model)
        for xml in records.foreign:
            copy.write_foreign(xml)
    return faults + list(records.faults)


@contextmanager
def _output(target: Path | None) -> Iterator[BinaryIO]:
    if target is None:
        yield sys.stdout.buffer
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
