"""From the model to XML.

``write_activity`` and ``write_organisation`` give one record as text; :class:`ActivitiesFile` and
:class:`OrganisationsFile` stream records into a binary file, one at a time. The order of everything is the standard's,
so the same model always gives the same bytes.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Generic, Self, TypeVar

from iati import markup
from iati.generated import writer as generated
from iati.generated.writer import NONE_READY, Ready
from iati.markup import UnwritableText
from iati.model import Activity, Organisation, Transaction
from iati.standard import ACTIVITIES, ORGANISATIONS, VERSION, Element
from iati.standard.names import child_field

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "ActivitiesFile",
    "OrganisationsFile",
    "RecordsWriter",
    "UnwritableText",
    "write_activity",
    "write_element",
    "write_organisation",
    "write_transaction",
]

AnyRecord = TypeVar("AnyRecord", bound=Activity | Organisation)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write_activity(activity: Activity, *, indent: bool = True, ready: Ready = NONE_READY) -> str:
    """One activity as XML, from ``<iati-activity`` to its end tag, without a line end.

    With ``indent`` every element has a line of its own, indented as inside a file; without it there is no white space
    between elements. ``ready``: children that are XML already, as :func:`write_element` gives it, by list of the
    activity; they stand behind those that the list holds. Raises UnwritableText, which names the place, for a text that
    XML cannot hold.
    """
    parts: list[str] = []
    try:
        generated.write_activity(activity, ACTIVITIES.record.name, "\n  " if indent else "", parts, ready)
    except UnwritableText as error:
        raise _placed(error, activity, ACTIVITIES.record) from error
    return "".join(parts).lstrip()


def write_transaction(transaction: Transaction) -> str:
    """A transaction as it stands in an activity that is written with indents, its line break before it.

    Raises UnwritableText, which names no place, for a text that XML cannot hold.
    """
    return write_element(transaction, "transaction", "\n    ")


def write_element(element: object, name: str, pad: str) -> str:
    """An element of the model under a name. ``pad``: the line break and blanks before it; none: without white space.

    Raises UnwritableText, which names no place, for a text that XML cannot hold.
    """
    parts: list[str] = []
    generated.WRITERS[type(element)](element, name, pad, parts)
    return "".join(parts)


def write_organisation(organisation: Organisation, *, indent: bool = True) -> str:
    """One organisation as XML; see :func:`write_activity`."""
    parts: list[str] = []
    try:
        generated.write_organisation(organisation, ORGANISATIONS.record.name, "\n  " if indent else "", parts)
    except UnwritableText as error:
        raise _placed(error, organisation, ORGANISATIONS.record) from error
    return "".join(parts).lstrip()


class RecordsWriter(ABC, Generic[AnyRecord]):
    """Streams records into a binary file; a context manager that begins and ends the document.

    Holds one record at a time.
    """

    _root: Element

    def __init__(
        self,
        stream: BinaryIO,
        *,
        version: str | None = VERSION,
        generated_datetime: str | None = None,
        attributes: Iterable[tuple[str, str]] = (),
        indent: bool = True,
    ) -> None:
        """``attributes`` are further ones of the root by their names as written, such as ``("xmlns:x", "http://…")``.

        Without a version the root has none, which no valid file may lack.
        """
        self._stream = stream
        own = [] if version is None else [("version", version)]
        if generated_datetime is not None:
            own.append(("generated-datetime", generated_datetime))
        self._attributes = (*own, *attributes)
        self._declared = {pair for pair in self._attributes if pair[0].startswith("xmlns:")}
        self._indent = indent

    def __enter__(self) -> Self:
        start = markup.foreign_attributes(self._attributes)
        self._stream.write(f"{_DECLARATION}<{self._root.name}{start}>".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            line = "\n" if self._indent else ""
            self._stream.write(f"{line}</{self._root.name}>\n".encode())

    def write(self, record: AnyRecord) -> None:
        """Append one record. Namespaces that the root declares are not declared again."""
        if record.foreign_attributes:
            kept = tuple(pair for pair in record.foreign_attributes if pair not in self._declared)
            if kept != record.foreign_attributes:
                record = replace(record, foreign_attributes=kept)
        self.write_fragment(self._fragment(record))

    def write_fragment(self, xml: str | bytes) -> None:
        """Append one record that is XML already, as :func:`write_activity` gives it."""
        data = xml.encode() if isinstance(xml, str) else xml
        self._stream.write(b"\n  " + data if self._indent else data)

    def write_foreign(self, xml: str) -> None:
        """Append an element of another namespace, for which the standard has room after the last record."""
        self.write_fragment(markup.foreign_element(xml))

    @abstractmethod
    def _fragment(self, record: AnyRecord) -> str:
        """The record as XML."""


class ActivitiesFile(RecordsWriter[Activity]):
    """``with ActivitiesFile(stream) as file: file.write(activity)``."""

    _root = ACTIVITIES.root

    def _fragment(self, record: Activity) -> str:
        return write_activity(record, indent=self._indent)


class OrganisationsFile(RecordsWriter[Organisation]):
    """``with OrganisationsFile(stream) as file: file.write(organisation)``."""

    _root = ORGANISATIONS.root

    def _fragment(self, record: Organisation) -> str:
        return write_organisation(record, indent=self._indent)


def _placed(error: UnwritableText, record: Activity | Organisation, element: Element) -> UnwritableText:
    """The error with the first place that causes it: the record is gone through again, which only errors pay for."""
    for place, value in _texts(record, element, element.name):
        try:
            markup.text(value)
        except UnwritableText as found:
            return UnwritableText(found.reason, place)
    return UnwritableText(error.reason, element.name)


def _texts(node: "DataclassInstance", element: Element, place: str) -> Iterator[tuple[str, str]]:
    """Every text of a record with its place, such as ``iati-activity/transaction[2]/value/text``."""
    children = {child_field(child): child for child in element.shape.elements}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, str):
            yield f"{place}/{each.name}", value
        elif isinstance(value, tuple):
            for item in value:
                yield f"{place}/{each.name}", "".join(item)
        elif isinstance(value, list):
            for at, item in enumerate(value, start=1):
                yield from _texts(item, children[each.name], f"{place}/{children[each.name].name}[{at}]")
        elif value is not None:
            yield from _texts(value, children[each.name], f"{place}/{children[each.name].name}")
