"""Random records that follow the standard, made from its description."""

from typing import Any

from hypothesis import strategies as st

import iati.model
from iati.model import Activity, Organisation
from iati.standard import ACTIVITIES, ORGANISATIONS, Element, Shape, Type
from iati.standard.names import attribute_field, child_field

#: Every record declares this prefix, so that any element inside may use it.
DECLARED = ("xmlns:x", "http://example.org/x")

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("\t\n\r <>&\"'"), max_size=12
)

VALUES: dict[Type, st.SearchStrategy[str]] = {
    Type.STRING: TEXT,
    Type.URI: st.sampled_from(["http://example.org/a?b=1&c=2", "", " urn:x ", "a/b#c"]),
    Type.NMTOKEN: st.sampled_from(["iati-identifier", " a:b ", "1.2"]),
    Type.DECIMAL: st.sampled_from(
        ["1000.10", "0", "-5.", "+.5", " 12 ", "000.000", "99999999999999999999.123456789012"]
    ),
    Type.DATE: st.sampled_from(["2024-02-29", "2024-01-01Z", "1999-12-31+05:30"]),
    Type.DATETIME: st.sampled_from(["2024-02-29T12:00:00", "2024-01-01T00:00:00.5Z", "2023-12-31T24:00:00-11:00"]),
    Type.BOOLEAN: st.sampled_from(["true", "false", "1", "0", " 1 "]),
    Type.INT: st.sampled_from(["1", "-2147483648", "+7", "007"]),
    Type.NON_NEGATIVE: st.sampled_from(["0", "12", "+1"]),
    Type.POSITIVE: st.sampled_from(["2024", " 1 ", "0001"]),
    Type.LANGUAGE: st.sampled_from(["en", "fr-CA", ""]),
}

FOREIGN_ELEMENTS = st.sampled_from(
    [
        "<x:empty/>",
        '<x:note x:kind="a&amp;b" plain="1">text<x:b> </x:b> tail &lt; end</x:note>',
        '<z:outer xmlns="urn:default" xmlns:z="urn:z"><inner z:a=""><bare xmlns="">1</bare></inner></z:outer>',
        '<only xmlns="urn:only" x:kind="&#10;&quot;"/>',
    ]
)
FOREIGN_ATTRIBUTES = st.sampled_from(
    [(), (), (("x:a", " <&> "),), (("x:a", ""), ("x:b", "\n2"), ("xml:space", "preserve"))]
)
#: Declarations may stand on any element; each with a prefix of its own, since repeated ones carry no information.
LOCAL_DECLARATIONS = st.sampled_from([(), (), ()]) | st.uuids().map(lambda key: ((f"xmlns:n{key.hex}", "urn:n"),))


_KNOWN: dict[str, st.SearchStrategy[Any]] = {}


def shaped(shape: Shape) -> st.SearchStrategy[Any]:
    """Elements of one shape."""
    if shape.name not in _KNOWN:
        _KNOWN[shape.name] = _shaped(shape)
    return _KNOWN[shape.name]


def _shaped(shape: Shape) -> st.SearchStrategy[Any]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for each in shape.attributes:
        value = VALUES[each.type]
        fields[attribute_field(each)] = value if each.required else st.none() | value
    if shape.text is not None:
        fields["text"] = VALUES[shape.text]
    for child in shape.elements:
        fields[child_field(child)] = _child(child)
    if shape.foreign_attributes:
        fields["foreign_attributes"] = st.builds(
            lambda some, more: tuple(sorted(some + more)), FOREIGN_ATTRIBUTES, LOCAL_DECLARATIONS
        )
    if shape.anything:
        fields["foreign_attributes"] = st.sampled_from([(), (("plain", "1"), ("x:a", "2"))])
        fields["foreign"] = st.sampled_from([(), ("<x:empty/> between ", "<unknown/>")])
    elif shape.allows_foreign:
        fields["foreign"] = st.lists(FOREIGN_ELEMENTS, max_size=1).map(tuple)
    made = st.builds(getattr(iati.model, shape.name), **fields)
    return made.flatmap(lambda node: _alternating(node, shape)) if shape.beside_foreign else made


def _alternating(node: Any, shape: Shape) -> st.SearchStrategy[Any]:
    """Now and then, foreign elements stand between the children of the name that they are next to."""
    assert shape.beside_foreign
    count = len(getattr(node, child_field(shape.beside_foreign)))
    least = 1 if shape.beside_foreign.required else 0
    places = st.lists(st.integers(least, count), min_size=len(node.foreign), max_size=len(node.foreign)).map(sorted)

    def place(found: list[int]) -> Any:
        node.foreign_at = tuple(found) if any(each != count for each in found) else ()
        return node

    return places.map(place)


def _child(child: Element) -> st.SearchStrategy[Any]:
    each = st.deferred(lambda: shaped(child.shape))
    if not child.repeatable:
        # One in three optional children, or whole records grow beyond what can be generated.
        return each if child.required else st.integers(0, 2).flatmap(lambda number: st.none() if number else each)
    least = 1 if child.required else 0
    return st.integers(0, 3).flatmap(lambda number: st.lists(each, min_size=least, max_size=least + (number == 0)))


def _declaring(record: Any) -> Any:
    record.foreign_attributes = tuple(sorted((*record.foreign_attributes, DECLARED)))
    return record


def activities() -> st.SearchStrategy[Activity]:
    """Activities that follow the standard."""
    made: st.SearchStrategy[Activity] = shaped(ACTIVITIES.record.shape).map(_declaring)
    return made


def organisations() -> st.SearchStrategy[Organisation]:
    """Organisations that follow the standard."""
    made: st.SearchStrategy[Organisation] = shaped(ORGANISATIONS.record.shape).map(_declaring)
    return made
