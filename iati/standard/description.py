"""The vocabulary in which the standard is described: shapes, elements, attributes, codelists.

A *shape* is what an element may hold; an *element* is one place where a shape occurs, with its name, how often it
occurs and what it means there. Everything else in the library that knows the standard (model, reader, writer, JSON
form, schema files, reference page) is generated from shapes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypedDict, Unpack


class Type(Enum):
    """The simple types that the standard uses, by their XML Schema names."""

    STRING = "string"
    URI = "anyURI"
    NMTOKEN = "NMTOKEN"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "dateTime"
    BOOLEAN = "boolean"
    INT = "int"
    NON_NEGATIVE = "nonNegativeInteger"
    POSITIVE = "positiveInteger"
    LANGUAGE = "xml:lang"


class Foreign(Enum):
    """Marks, in a sequence of children, the place where elements of other namespaces may stand."""

    HERE = "any"


FOREIGN: Final = Foreign.HERE


@dataclass(frozen=True, kw_only=True, slots=True)
class Coded:
    """The codelist that an attribute or text takes its values from, perhaps only under one vocabulary."""

    #: name of the codelist
    codelist: str
    #: value of the sibling attribute ``vocabulary`` for which the list holds; None: always
    vocabulary: str | None = None
    #: the list also holds when ``vocabulary`` is absent
    default: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One attribute of a shape."""

    name: str
    type: Type = Type.STRING
    required: bool = False
    about: str
    codes: tuple[Coded, ...] = ()
    #: declared once for the whole schema and referred to, so that it can be known outside its elements too
    shared: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What an element may hold. Its name is the name of its class in the model."""

    name: str
    #: the module of the model it goes to
    group: str
    about: str
    attributes: tuple[Attribute, ...] = ()
    #: type of the text, None where only elements may be inside
    text: Type | None = None
    #: children in their order, with FOREIGN where elements of other namespaces may stand
    children: "tuple[Element | Foreign, ...]" = ()
    #: attributes of other namespaces are allowed
    foreign_attributes: bool = True
    #: the standard forgot to say what is inside, so anything is accepted
    anything: bool = False

    @property
    def elements(self) -> "tuple[Element, ...]":
        """The children that the standard names, in their order."""
        return tuple(child for child in self.children if isinstance(child, Element))

    @property
    def holds_elements(self) -> bool:
        """Only elements may be inside, no text."""
        return self.text is None

    @property
    def allows_foreign(self) -> bool:
        """Elements of other namespaces may stand inside."""
        return self.anything or FOREIGN in self.children

    @property
    def beside_foreign(self) -> "Element | None":
        """The repeatable child before foreign ones.

        The schema puts one behind the other, but the usual validator lets the two alternate, so files do.
        """
        at = self.children.index(FOREIGN) if FOREIGN in self.children else 0
        before = self.children[at - 1] if at else None
        return before if isinstance(before, Element) and before.repeatable else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """One place where a shape occurs."""

    name: str
    shape: Shape
    about: str
    required: bool = False
    repeatable: bool = False
    #: codelists by attribute name (``text`` for the text), where they depend on the place and not on the shape
    codes: Mapping[str, tuple[Coded, ...]] = field(default_factory=dict)
    #: declared at the top of the schema, so that a document or a foreign element may hold it on its own
    top_level: bool = False
    #: the schema's name of its type, which ``xsi:type`` may mention
    type_name: str | None = None

    def codes_of(self, attribute: Attribute) -> tuple[Coded, ...]:
        """The codelists of one attribute at this place."""
        return self.codes.get(attribute.name, attribute.codes)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedType:
    """A type that the schema names; documents may mention it in ``xsi:type``."""

    name: str
    shape: Shape
    about: str
    #: the named type that it extends
    extends: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One kind of IATI file."""

    #: the document element
    root: Element
    #: the element that repeats in it: one activity or one organisation
    record: Element
    #: top-level elements of this schema file in the order of their declaration, the two above included
    top_level: tuple[Element, ...]
    named_types: tuple[NamedType, ...]


class Details(TypedDict, total=False):
    """What may be said about a place besides its name, shape and meaning."""

    #: one codelist for the attribute ``code`` (or the text), or codelists by attribute name
    codes: str | Mapping[str, tuple[Coded, ...]]
    top_level: bool
    type_name: str


def one(name: str, shape: Shape, about: str, **details: Unpack[Details]) -> Element:
    """A child that occurs exactly once."""
    return _element(name, shape, about, details, required=True, repeatable=False)


def optional(name: str, shape: Shape, about: str, **details: Unpack[Details]) -> Element:
    """A child that occurs at most once."""
    return _element(name, shape, about, details, required=False, repeatable=False)


def some(name: str, shape: Shape, about: str, **details: Unpack[Details]) -> Element:
    """A child that occurs once or more."""
    return _element(name, shape, about, details, required=True, repeatable=True)


def many(name: str, shape: Shape, about: str, **details: Unpack[Details]) -> Element:
    """A child that occurs any number of times."""
    return _element(name, shape, about, details, required=False, repeatable=True)


def _element(name: str, shape: Shape, about: str, details: Details, *, required: bool, repeatable: bool) -> Element:
    codes = details.get("codes", {})
    if isinstance(codes, str):
        codes = {"text" if shape.text else "code": codelist(codes)}
    return Element(
        name=name,
        shape=shape,
        about=about,
        required=required,
        repeatable=repeatable,
        codes=codes,
        top_level=details.get("top_level", False),
        type_name=details.get("type_name"),
    )


def attribute(
    name: str,
    about: str,
    kind: Type = Type.STRING,
    *,
    required: bool = False,
    codes: "str | tuple[Coded, ...]" = (),
    shared: bool = False,
) -> Attribute:
    """An attribute; ``codes`` may be the name of a codelist that always holds."""
    return Attribute(
        name=name,
        type=kind,
        required=required,
        about=about,
        codes=codelist(codes) if isinstance(codes, str) else codes,
        shared=shared,
    )


def codelist(name: str) -> tuple[Coded, ...]:
    """A codelist that holds whatever the vocabulary."""
    return (Coded(codelist=name),)


def by_vocabulary(*, default: str, **lists: str) -> tuple[Coded, ...]:
    """Codelists that depend on the vocabulary: ``by_vocabulary(default="Sector", v2="SectorCategory")``.

    The default is the list of vocabulary 1, which is meant when no vocabulary is named.
    """
    first = Coded(codelist=default, vocabulary="1", default=True)
    return (first, *(Coded(codelist=name, vocabulary=key.removeprefix("v")) for key, name in lists.items()))


def places(element: Element, path: str = "") -> Iterator[tuple[str, Element]]:
    """Every place below and including ``element`` as (path, element), depth first, in the standard's order."""
    here = f"{path}/{element.name}"
    yield here, element
    for child in element.shape.elements:
        yield from places(child, here)


def shapes_of(element: Element) -> Iterator[Shape]:
    """Every distinct shape below and including ``element``, inner shapes before those that hold them."""
    seen: set[str] = set()

    def visit(shape: Shape) -> Iterator[Shape]:
        if shape.name in seen:
            return
        seen.add(shape.name)
        for child in shape.elements:
            yield from visit(child.shape)
        yield shape

    yield from visit(element.shape)
