"""Files read record by record and written again."""

from collections.abc import Callable
from typing import Any, BinaryIO, TypeAlias

from iati.reader import RecordsFile
from iati.reading import Fault
from iati.writer import ActivitiesFile, OrganisationsFile, RecordsWriter

#: Changes a record in place before it is written; its index in the file comes with it.
Change: TypeAlias = Callable[[Any, int], None]


def copy_records(
    records: RecordsFile[Any], stream: BinaryIO, *, version: str | None = None, change: Change | None = None
) -> list[Fault]:
    """Write all that can be read, the root's attributes and foreign elements included; returns what could not.

    The version is the source's unless one is given. For a file that follows the standard the copy is the same
    canonical XML. Holds one record at a time.
    """
    faults: list[Fault] = []
    root = records.root
    kind: type[RecordsWriter[Any]] = ActivitiesFile if root.name == "iati-activities" else OrganisationsFile
    with kind(stream, version=version or root.version, attributes=root.attributes) as copy:
        written = 0
        for record in records:
            # The usual validator lets foreign elements stand between records, so they are kept there.
            for xml in records.foreign[written:]:
                copy.write_foreign(xml)
            written = len(records.foreign)
            faults.extend(record.faults)
            if record.model is not None:
                if change:
                    change(record.model, record.index)
                copy.write(record.model)
        for xml in records.foreign[written:]:
            copy.write_foreign(xml)
    return faults + list(records.faults)
