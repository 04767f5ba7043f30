"""The one door through which XML comes in.

A source is read in blocks, cut at the boundaries of its records (activities or organisations) and handed out record by
record, so memory depends on the largest record and never on the file. What could harm is refused while it streams by:
document type definitions (and with them entities), foreign encodings that do not decode, and anything beyond
:class:`Limits`. Nothing is ever fetched.

A source that cannot be read further raises :class:`SourceFault` with the line where reading stopped; what stands
before that line has been delivered by then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, NoReturn, cast

from lxml import etree

from iati.complaints import in_namespace
from iati.impostors import told_by_root
from iati.source_scan import Extra, Fragment, Scan, parts_of, pass_prolog
from iati.source_text import SourceFault, Window, utf8_blocks
from iati.source_tree import Limits, Namespaces, check_limits, parse_wrapped, start_tag_end

__all__ = [
    "RECORDS",
    "Document",
    "Extra",
    "Fragment",
    "Limits",
    "SourceFault",
    "namespace_fault",
    "open_document",
    "parse_fragment",
    "parse_record",
    "refuse_namespace",
]

#: The record element of each kind of file.
RECORDS: Mapping[str, str] = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}

FileType = Literal["iati-activities", "iati-organisations"]

_NAME_END = re.compile(rb"[\s/>]")


class Document:
    """An opened source: the root's facts, and its records as an iterator that can be walked once.

    Iterating yields :class:`Fragment` in the order of the source; :meth:`parts` yields what stands between them too.
    Both raise :class:`SourceFault` where the source stops being readable. Holds one record at a time.
    """

    file_type: FileType
    version: str | None  #: the root's ``version`` as written
    attributes: Mapping[str, str]  #: the root's attributes, namespaced ones as ``{uri}name``
    nsmap: Mapping[str | None, str]  #: the root's namespace declarations
    start: etree._Element  #: the root without its content, which also knows its attributes' prefixes
    encoding: str  #: encoding of the source, as declared or told from its first bytes
    line: int  #: line of the root's start tag
    namespace_fault: (
        str | None
    )  #: why no program finds the elements of a root that is in a namespace; None: it is in none

    def __init__(
        self, *, root: etree._Element, line: int, encoding: str, scan: Scan, stream: BinaryIO, owned: bool
    ) -> None:
        self.file_type = cast("FileType", str(root.tag).rpartition("}")[2])
        self.attributes = {str(name): str(value) for name, value in root.attrib.items()}
        self.nsmap = cast("Mapping[str | None, str]", root.nsmap)
        self.start = root
        self.namespace_fault = namespace_fault(root)
        self.version = None if self.namespace_fault else self.attributes.get("version")
        self.encoding = encoding
        self.line = line
        self._scan = scan
        self._stream = stream
        self._owned = owned

    def __iter__(self) -> Iterator[Fragment]:
        return (part for part in self.parts() if isinstance(part, Fragment))

    def parts(self) -> Iterator[Fragment | Extra]:
        """Records and what stands between them, in order. Closes the source when it ends or fails."""
        try:
            yield from parts_of(self._scan)
        finally:
            self.close()

    def close(self) -> None:
        """Close the source if this document opened it."""
        if self._owned:
            self._stream.close()

    def __enter__(self) -> Document:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_document(
    source: Path | bytes | BinaryIO,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    *,
    any_namespace: bool = False,
) -> Document:
    """Open a source and read as far as its root's start tag.

    Raises SourceFault with rule 0.1.1 (not readable as XML), 0.2.1 (readable, but its root is not an IATI root; the
    whole source is read first, because not being XML outweighs it), or 0.6.1 (its root is in a namespace).
    ``any_namespace``: a root in a namespace is opened all the same, to tell all that is wrong with it.
    """
    stream: BinaryIO
    if isinstance(source, bytes):
        stream, owned = BytesIO(source), True
    elif isinstance(source, Path):
        stream, owned = source.open("rb"), True
    else:
        stream, owned = source, False
    try:
        document = _open(stream, owned=owned, limits=limits)
        if document.namespace_fault and not any_namespace:
            raise SourceFault(document.namespace_fault, document.line, rule="0.6.1")
        return document
    except BaseException:
        if owned:
            stream.close()
        raise


def _open(stream: BinaryIO, *, owned: bool, limits: Limits) -> Document:
    encoding, blocks = utf8_blocks(stream, limits.file_bytes)
    window = Window(blocks)
    pass_prolog(window, limits)
    line = window.line
    tag = window.take(start_tag_end(window, 0, limits.tag_bytes))
    name = _NAME_END.split(tag[1:-1], 1)[0]
    empty = tag.endswith(b"/>")
    root = parse_wrapped(b"", tag if empty else tag + b"</" + name + b">", b"", line)
    if len(root.attrib) > limits.attributes:
        raise SourceFault(f"The root has more than {limits.attributes} attributes.", line)
    local = str(root.tag).rpartition("}")[2]
    scan = Scan(
        window=window,
        root=b"" if empty else name,
        record=RECORDS.get(local, "").encode(),
        interrupts=re.compile(rb"<(?:[!?]|/?%b|%b)" % (re.escape(name), RECORDS.get(local, "").encode())),
        spaces=Namespaces.of(root),
        limits=limits,
    )
    if local not in RECORDS:
        _refuse_root(scan, name.decode(), line)
    return Document(root=root, line=line, encoding=encoding, scan=scan, stream=stream, owned=owned)


def _refuse_root(scan: Scan, name: str, line: int) -> NoReturn:
    other = told_by_root(name)
    try:
        for _part in parts_of(scan):
            continue
    except SourceFault as fault:
        raise (SourceFault(other, line) if other else fault) from None
    message = f"The root element is <{name}>. An IATI file begins with <iati-activities> or <iati-organisations>."
    raise SourceFault(f"{message} {other}" if other else message, line, rule="0.2.1")


def namespace_fault(element: etree._Element) -> str | None:
    """Why no program finds an element of IATI that is in a namespace; None when it is in none."""
    uri, _, name = str(element.tag).rpartition("}")
    return in_namespace(name, uri[1:], element.prefix) if uri else None


def parse_record(fragment: Fragment, limits: Limits = Limits()) -> etree._Element:  # noqa: B008 - frozen
    """The fragment as the tree of a record of the standard.

    Raises SourceFault with rule 0.1.1 (not well formed) or 0.3.1 (in a namespace, where no program finds it).
    """
    element = parse_fragment(fragment, limits)
    refuse_namespace(element, fragment)
    return element


def refuse_namespace(record: etree._Element, fragment: Fragment) -> None:
    """Raises SourceFault (0.3.1) for the tree of a record that is in a namespace, where no program finds it."""
    fault = namespace_fault(record)
    if fault:
        raise SourceFault(fault, fragment.line, rule="0.3.1")


def parse_fragment(fragment: Fragment, limits: Limits = Limits()) -> etree._Element:  # noqa: B008 - frozen
    """The fragment as a tree, comments left out. Raises SourceFault (0.1.1) with the line of the source."""
    element = parse_wrapped(b"", fragment.xml, b"", fragment.line)
    check_limits(element, fragment.xml, limits, fragment.line)
    return element
