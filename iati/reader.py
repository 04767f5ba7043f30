"""From XML to the model, record by record.

``read_activities`` and ``read_organisations`` open a file and give an iterator of :class:`Record`. What is wrong with
a record is a list of faults beside it; one bad record never stops the rest. Whether a file follows the standard is the
validator's question; the reader reports only what the model cannot hold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Generic, Self, TypeVar

from lxml import etree

from iati.batches import batches
from iati.generated import reader as generated
from iati.markup import attribute_names, expose_declarations, serialise
from iati.model import Activity, Organisation
from iati.reading import Element, Fault, Reading
from iati.source import Document, Extra, Fragment, Limits, SourceFault, open_document, parse_fragment, refuse_namespace

__all__ = [
    "Fault",
    "Record",
    "RecordsFile",
    "Root",
    "open_records",
    "parse_activity",
    "parse_organisation",
    "read_activities",
    "read_organisations",
]

AnyRecord = TypeVar("AnyRecord", bound=Activity | Organisation)


@dataclass(frozen=True, kw_only=True, slots=True)
class Root:
    """The document element of a file, without its content."""

    #: ``iati-activities`` or ``iati-organisations``
    name: str
    #: version of the standard as written; None when absent
    version: str | None
    #: all attributes but the version as (name as written, value): namespace declarations first, then in their order
    attributes: tuple[tuple[str, str], ...]
    #: line of the start tag, from 1
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Record(Generic[AnyRecord]):
    """One activity or organisation of a file, or what is left of one that cannot be read."""

    #: None when the record is not well-formed XML or not an element of the standard
    model: AnyRecord | None
    #: position among the records of the file, from 0
    index: int
    #: line of the source on which it begins, from 1
    line: int
    faults: tuple[Fault, ...] = ()


class RecordsFile(Generic[AnyRecord]):
    """An open file: its root, its records as an iterator that can be walked once, then what stood beside them.

    A file that breaks off gives a last record without a model whose fault tells where. Holds one record at a time; some
    dozen where they are watched.
    """

    def __init__(
        self,
        document: Document,
        read: Callable[[Element, Reading], AnyRecord],
        *,
        watch: Callable[[Sequence[Fragment], Sequence[etree._Element]], None] | None = None,
    ) -> None:
        """``watch`` sees records as they were parsed, before they are read, as far as all of the file is well formed;
        it changes nothing.
        """
        self._document = document
        self._read = read
        self._watch = watch
        #: whether a record, or what follows it, is not well formed
        self.broken = False
        self.root = _root(document)
        #: foreign elements of the root that have been passed so far; in most files they come after all records
        self.foreign: tuple[str, ...] = ()
        #: what was wrong beside the records, known once all records are read
        self.faults: tuple[Fault, ...] = ()

    def __iter__(self) -> Iterator[Record[AnyRecord]]:
        index = 0
        try:
            for batch in self._batches():
                if isinstance(batch, Extra):
                    self._beside(batch)
                    continue
                yield from self._records(batch)
                index = batch[-1].index + 1
        except SourceFault as fault:
            self.broken = True
            yield Record(model=None, index=index, line=fault.line, faults=(_told(fault),))

    def _batches(self) -> Iterator[list[Fragment] | Extra]:
        """Some dozen records together where each goes through several kinds of work; where they are only read, one by
        one, since a tree that was parsed just now is read faster than one that others followed."""
        parts = self._document.parts()
        if self._watch is not None:
            return batches(parts)
        return (part if isinstance(part, Extra) else [part] for part in parts)

    def _records(self, fragments: list[Fragment]) -> list[Record[AnyRecord]]:
        """Parses, shows and reads the records of a batch, one after the other each time."""
        parsed: list[etree._Element | SourceFault] = []
        well_formed: list[etree._Element] = []
        for fragment in fragments:
            try:
                tree = parse_fragment(fragment)
            except SourceFault as fault:
                self.broken = True
                parsed.append(fault)
                continue
            parsed.append(tree)
            if not self.broken:
                well_formed.append(tree)
        if self._watch is not None:
            self._watch(fragments[: len(well_formed)], well_formed)
        return [self._record(fragment, tree) for fragment, tree in zip(fragments, parsed, strict=True)]

    def _record(self, fragment: Fragment, tree: etree._Element | SourceFault) -> Record[AnyRecord]:
        try:
            if isinstance(tree, SourceFault):
                raise tree
            refuse_namespace(tree, fragment)
        except SourceFault as fault:
            return Record(model=None, index=fragment.index, line=fragment.line, faults=(_told(fault),))
        reading = Reading(fragment.xml)
        model = _model(tree, fragment.xml, self._document.nsmap, self._read, reading)
        faults: tuple[Fault, ...] = ()
        if reading.troubles or reading.moved:
            place = f"/{self.root.name}/{tree.tag}[{fragment.index + 1}]"
            lost = [_fault(element, message, fragment, place, lossy=True) for element, message in reading.troubles]
            moved = [_fault(element, message, fragment, place, lossy=False) for element, message in reading.moved]
            faults = tuple(sorted(lost + moved, key=lambda fault: fault.line))
        return Record(model=model, index=fragment.index, line=fragment.line, faults=faults)

    def _beside(self, extra: Extra) -> None:
        if extra.kind == "instruction":
            return
        if extra.kind == "text":
            self.faults += (Fault(message="text between records; it is left out", line=extra.line),)
            return
        tree = parse_fragment(Fragment(extra.xml, extra.line, 0))
        if not str(tree.tag).startswith("{"):
            message = f"the element <{tree.tag}> is not in the standard here; it is left out"
            self.faults += (Fault(message=message, line=extra.line, path=f"/{self.root.name}/{tree.tag}"),)
            return
        self.foreign += (serialise(tree),)

    def close(self) -> None:
        """Close the source, if it was opened here."""
        self._document.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_records(
    source: Path | bytes | BinaryIO, limits: Limits | None = None
) -> "RecordsFile[Activity] | RecordsFile[Organisation]":
    """Open a file of either kind. Raises SourceFault when it is not XML or not an IATI file."""
    document = open_document(source, limits or Limits())
    if document.file_type == "iati-activities":
        return RecordsFile(document, generated.read_activity)
    return RecordsFile(document, generated.read_organisation)


def read_activities(source: Path | bytes | BinaryIO, limits: Limits | None = None) -> RecordsFile[Activity]:
    """Open an activities file. Raises SourceFault when it is not XML or another kind of file."""
    return RecordsFile(_of_kind(source, limits, "iati-activities"), generated.read_activity)


def read_organisations(source: Path | bytes | BinaryIO, limits: Limits | None = None) -> RecordsFile[Organisation]:
    """Open an organisation file. Raises SourceFault when it is not XML or another kind of file."""
    return RecordsFile(_of_kind(source, limits, "iati-organisations"), generated.read_organisation)


def _of_kind(source: Path | bytes | BinaryIO, limits: Limits | None, wanted: str) -> Document:
    document = open_document(source, limits or Limits())
    if document.file_type != wanted:
        document.close()
        raise SourceFault(f"The root element is <{document.file_type}>; <{wanted}> was expected.", document.line)
    return document


def parse_activity(xml: bytes) -> Activity:
    """One activity from its XML, such as :func:`iati.writer.write_activity` gives.

    What the standard does not know is left out. Raises SourceFault when the XML is not well formed or no activity.
    """
    return _parse(xml, "iati-activity", generated.read_activity)


def parse_organisation(xml: bytes) -> Organisation:
    """One organisation from its XML; see :func:`parse_activity`."""
    return _parse(xml, "iati-organisation", generated.read_organisation)


def _parse(xml: bytes, name: str, read: Callable[[Element, Reading], AnyRecord]) -> AnyRecord:
    tree = parse_fragment(Fragment(xml, 1, 0))
    if tree.tag != name:
        raise SourceFault(f"The element is <{tree.tag}>; <{name}> was expected.", 1)
    return _model(tree, xml, {}, read, Reading(xml))


def _model(
    tree: etree._Element,
    xml: bytes,
    inherited: Mapping[str | None, str],
    read: Callable[[Element, Reading], AnyRecord],
    reading: Reading,
) -> AnyRecord:
    """Read a record; the namespaces that it declares, or uses of those it inherits, become attributes of it."""
    declared: list[tuple[str, str]] = []
    if tree.nsmap:
        for prefix, uri in tree.nsmap.items():
            # An empty default namespace may be declared, but says nothing on an element of the standard.
            if prefix and (inherited.get(prefix) != uri or f"{prefix}:".encode() in xml):
                declared.append((f"xmlns:{prefix}", uri))
    if xml.count(b"xmlns") > len(tree.nsmap):
        expose_declarations(tree)
    model = read(tree, reading)  # type: ignore[arg-type]
    if declared:
        model.foreign_attributes = tuple(sorted((*model.foreign_attributes, *declared)))
    return model


def _fault(element: Element, message: str, fragment: Fragment, place: str, *, lossy: bool) -> Fault:
    node: etree._Element = element  # type: ignore[assignment]
    path = node.getroottree().getpath(node)
    inside = path.partition("/")[2].partition("/")[2]
    where = f"{place}/{inside}" if inside else place
    return Fault(message=message, line=fragment.line_of(node), path=where, lossy=lossy)


def _told(fault: SourceFault) -> Fault:
    return Fault(message=fault.message, line=fault.line, rule=fault.rule)


def _root(document: Document) -> Root:
    start = document.start
    declared = [(f"xmlns:{prefix}" if prefix else "xmlns", uri) for prefix, uri in document.nsmap.items() if uri]
    named = zip(attribute_names(start), (str(value) for value in start.values()), strict=True)
    return Root(
        name=document.file_type,
        version=document.version,
        attributes=(*declared, *(pair for pair in named if pair[0] != "version")),
        line=document.line,
    )
