"""Records of a source a few at a time.

What is done with a record takes many kinds of work: parsing, schema, rules, reading. Each goes through much program and
many tables, and is half as fast again where it is done for several records before the next one begins.
"""

from __future__ import annotations

from collections.abc import Iterator

from iati.source_scan import Extra, Fragment
from iati.source_text import SourceFault

#: Text of the records that are held together: a few dozen of the usual size.
BATCH_BYTES = 1 << 17


def batches(parts: Iterator[Fragment | Extra], size: int = BATCH_BYTES) -> Iterator[list[Fragment] | Extra]:
    """Records in batches of at least so many bytes; what is no record by itself. A fault comes after the records
    before it."""
    batch: list[Fragment] = []
    held = 0
    fault: SourceFault | None = None
    while True:
        try:
            part = next(parts, None)
        except SourceFault as found:
            fault, part = found, None
        if batch and (part is None or isinstance(part, Extra) or held > size):
            yield batch
            batch, held = [], 0
        if part is None:
            break
        if isinstance(part, Extra):
            yield part
        else:
            batch.append(part)
            held += len(part.xml)
    if fault:
        raise fault
