"""The elements of one part of a workbook as they come, and how a workbook is refused as a whole.

What is read is bounded by what is held of it: a workbook of 50 MB may unpack to a row of millions of cells.
"""

from collections.abc import Iterator
from typing import IO

from lxml import etree

from app.errors import Fault, InvalidInput

#: so many bytes may lie between two rows, texts or styles that are looked for: what is read of them is held at once
HELD_LIMIT = 8 * 1024**2
#: bytes of a part other than sheets and texts: its entries are kept
PART_LIMIT = 64 * 1024**2
TOO_LARGE = (
    "The workbook unpacks to far more than a table holds: copy the cells that hold the table into a new workbook, "
    "without formatted empty rows, pictures and other sheets."
)


def refused(rule: str, message: str, row: int = 1) -> InvalidInput:
    """A file that is refused as a whole."""
    return InvalidInput([Fault(row=row, rule=f"table.{rule}", message=message)])


def too_large() -> InvalidInput:
    return refused("size", TOO_LARGE)


class _Measured:
    """A part that is read as long as something that is wanted comes in time."""

    def __init__(self, stream: IO[bytes], most: int | None) -> None:
        self.stream = stream
        self.most = most
        self.held = self.read_so_far = 0

    def read(self, size: int = -1) -> bytes:
        piece = self.stream.read(size)
        self.held += len(piece)
        self.read_so_far += len(piece)
        if self.held > HELD_LIMIT or (self.most is not None and self.read_so_far > self.most):
            raise too_large()
        return piece


def elements(stream: IO[bytes], *tags: str, most: int | None = PART_LIMIT) -> Iterator[etree._Element]:
    """Elements of these local names as they end; what was passed is let go, at whatever depth it stands.

    ``most``: bytes of the whole part; None: any number, of which the caller keeps little.

    :raises InvalidInput: when one of them, what lies between two, or the part is larger than can be meant.
    """
    wanted = [f"{{*}}{tag}" for tag in tags]
    measured = _Measured(stream, most)
    for _event, element in etree.iterparse(
        measured, events=("end",), tag=wanted, resolve_entities=False, no_network=True
    ):
        measured.held = 0
        yield element
        element.clear()
        for passed in (element, *element.iterancestors()):
            parent = passed.getparent()
            while parent is not None and passed.getprevious() is not None:
                del parent[0]


def local_name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
